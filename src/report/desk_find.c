/* desk_find.c -- what stands against a paragraph: of its words, of its slots, of what fell away. */
#include "base/hash.h"
#include "report/desk_in.h"

static str key_of(struct arena *a, enum desk_kind kind, str what, str sentence)
{
	str all = arena_fmt(a, "%s\x1f%.*s\x1f%.*s", desk_kind_name(kind), STR_ARG(what), STR_ARG(sentence));
	struct hash h = hash_sha256(all);
	return hex_str(a, h.b, (DESK_KEY_BYTES - 1) / 2);
}

struct desk_finding *desk_add(struct desk *d, enum desk_kind kind, size_t paragraph, str what, str sentence)
{
	d->findings = arena_grow(d->a, d->findings, d->findings_n, &d->findings_cap, sizeof *d->findings);
	struct desk_finding *f = &d->findings[d->findings_n++];
	*f = (struct desk_finding){.kind = kind,
		.weight = desk_kind_weight(kind),
		.paragraph = paragraph,
		.what = what,
		.key = key_of(d->a, kind, what, sentence)};
	return f;
}

static enum desk_kind kind_of_lint(enum lint_kind kind)
{
	switch (kind) {
	case LINT_HEDGE:
	case LINT_CHANGED:
		return DESK_CONTRADICTED;
	case LINT_UNIVERSAL:
		return DESK_CLAIM;
	case LINT_OUTCOME:
		return DESK_OUTCOME;
	case LINT_RATE:
		return DESK_SHARE;
	case LINT_UNBACKED:
		break;
	}
	return DESK_UNBACKED;
}

void desk_literal(struct desk *d, size_t paragraph)
{
	struct desk_paragraph *p = &d->paragraphs[paragraph];
	struct lint l = {.a = d->a, .figures = d->figures, .figures_n = d->figures_n};
	lint_markdown(&l, p->source);
	for (size_t i = 0; i < l.n; i++) {
		const struct lint_finding *x = &l.findings[i];
		if (str_find(x->what, STR("{{")) != SIZE_MAX)
			continue;
		struct desk_finding *f = desk_add(d, kind_of_lint(x->kind), paragraph, x->what, x->sentence);
		f->at = (size_t)(x->what.p - p->source.p);
		f->n = x->what.n;
		f->text = lint_text(d->a, x);
		f->unit = numeral_unit(str_from(p->source, f->at + f->n));
		memcpy(f->near, x->near, sizeof f->near);
		f->near_n = x->near_n;
	}
}

void desk_of_note(struct desk *d, size_t paragraph, const struct template_note *n)
{
	static const enum desk_kind of[] = {[NOTE_ZERO] = DESK_ZERO,
		[NOTE_BELOW_STEP] = DESK_SMALL,
		[NOTE_INSTEAD] = DESK_INSTEAD,
		[NOTE_NOT_COMPARED] = DESK_APART,
		[NOTE_GAP] = DESK_GAP};
	struct slot_tag_parts t;
	struct slot_answer ans = {0};
	bool parsed = template_parse(d->a, n->slot, &t);
	str label = n->slot;
	if (parsed && d->source->figure(d->source->user, d->a, &t.ref, &ans, NULL) == RC_OK && ans.known)
		label = tr_lang() == LANG_ZH || ans.label_en.n == 0 ? ans.label : ans.label_en;
	size_t at = str_find(d->paragraphs[paragraph].source, n->slot);
	str sentence =
		at == SIZE_MAX ? n->slot : lint_sentence(d->paragraphs[paragraph].source, at, n->slot.n);
	struct desk_finding *f = desk_add(d, of[n->kind], paragraph, label, sentence);
	f->slot = n->slot;
	f->figure = ans.known ? t.ref.id : (str){0};
	f->text = n->bare;
}

void desk_dropped(struct desk *d, size_t paragraph)
{
	str s = d->paragraphs[paragraph].source;
	struct slot_tag tag;
	struct slot_tag_parts t;
	int depth = 0, quiet = -1; /* inside of what fell away, or of a list */
	for (size_t at = 0; slots_next(s, at, &tag); at = tag.at + tag.n) {
		if (!tag.closed || !template_parse(d->a, tag.inside, &t))
			continue;
		if (t.kind == TAG_END_IF || t.kind == TAG_END_EACH) {
			depth--;
			quiet = depth <= quiet ? -1 : quiet;
			continue;
		}
		if (t.kind != TAG_IF && t.kind != TAG_IF_NOT && t.kind != TAG_EACH)
			continue;
		struct slot_answer ans = {0};
		bool asked = t.kind == TAG_IF && quiet < 0 &&
			     d->source->figure(d->source->user, d->a, &t.ref, &ans, NULL) == RC_OK &&
			     ans.known;
		bool holds = ans.told          ? ans.value != 0
			     : ans.has_instead ? ans.instead != 0
					       : ans.has_rate && ans.over > 0;
		if (asked && !holds) {
			struct desk_finding *f = desk_add(d, DESK_DROPPED, paragraph,
				tr_lang() == LANG_ZH || ans.label_en.n == 0 ? ans.label : ans.label_en,
				tag.inside);
			f->figure = t.ref.id;
			f->slot = t.ref.id;
			f->text = ans.told    ? str_of(tr("It is zero, so its sentence is left out."))
				  : ans.why.n ? arena_fmt(d->a,
							tr("It cannot be told (%.*s), so its sentence is "
							   "left out."),
							STR_ARG(ans.why))
					      : str_of(tr("It cannot be told, so its sentence is left out."));
		}
		if (quiet < 0 && ((asked && !holds) || t.kind == TAG_EACH))
			quiet = depth;
		depth++;
	}
}
