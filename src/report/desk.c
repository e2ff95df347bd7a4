/* desk.c -- see desk.h. A literal finding is followed through the filling by a pair of private-use characters around it, which
 * stand in the filled text where the finding does, and nowhere if its sentence fell away. */
#include "report/desk.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "report/outline.h"
#include "report/punctuate.h"
#include <stdio.h>

enum { MARK_FIRST = 0xE000, MARKS_MAX = 3000, FILL_MAX_BYTES = 1 << 22 };

static const struct {
	const char *name, *words;
	enum desk_weight weight;
	bool keep;
} kinds[DESK_KINDS] = {[DESK_GAP] = {"gap", N_("to be filled"), DESK_MUST, false},
	[DESK_FAULT] = {"fault", N_("cannot be read"), DESK_MUST, false},
	[DESK_ZERO] = {"zero", N_("zero"), DESK_MUST, true},
	[DESK_UNBACKED] = {"unbacked", N_("no record behind it"), DESK_MUST, false},
	[DESK_CONTRADICTED] = {"contradicted", N_("another number"), DESK_MUST, false},
	[DESK_CLAIM] = {"claim", N_("claims more than the numbers"), DESK_MUST, true},
	[DESK_SHARE] = {"share", N_("a share without its base"), DESK_MUST, true},
	[DESK_INSTEAD] = {"instead", N_("told otherwise"), DESK_WAIT, true},
	[DESK_SMALL] = {"small", N_("small"), DESK_WAIT, true},
	[DESK_APART] = {"apart", N_("not comparable"), DESK_WAIT, true},
	[DESK_OUTCOME] = {"outcome", N_("an outcome: its evidence?"), DESK_NOTE, true},
	[DESK_DROPPED] = {"dropped", N_("fell away"), DESK_NOTE, false}};

const char *desk_kind_name(enum desk_kind kind)
{
	return kinds[kind].name;
}

const char *desk_kind_words(enum desk_kind kind)
{
	return tr(kinds[kind].words);
}

bool desk_may_keep(enum desk_kind kind)
{
	return kinds[kind].keep;
}

/* Cutting. */

/* Blocks opened less blocks closed on a line. */
static int opens(struct arena *a, str line)
{
	struct slot_tag tag;
	struct slot_tag_parts t;
	int n = 0;
	for (size_t at = 0; slots_next(line, at, &tag); at = tag.at + tag.n) {
		if (!tag.closed || !template_parse(a, tag.inside, &t))
			continue;
		n += t.kind == TAG_IF || t.kind == TAG_IF_NOT || t.kind == TAG_EACH;
		n -= t.kind == TAG_END_IF || t.kind == TAG_END_EACH;
	}
	return n;
}

struct desk_paragraph *desk_split(struct arena *a, str body, size_t *out_n)
{
	struct desk_paragraph *list = NULL;
	size_t n = 0, cap = 0, from = SIZE_MAX, end = 0;
	int depth = 0;
	for (size_t at = 0; at <= body.n && n < DESK_PARAGRAPHS_MAX;) {
		size_t stop = str_find_byte(str_from(body, at), '\n');
		stop = stop == SIZE_MAX ? body.n : at + stop;
		str line = str_head(str_from(body, at), stop - at);
		bool blank = str_trim(line).n == 0;
		if (!blank && from == SIZE_MAX)
			from = at;
		if (!blank) {
			depth += opens(a, line);
			end = stop;
		}
		/* A heading and a remark's end are a paragraph's end as well. */
		bool heading =
			depth <= 0 && (str_starts(line, STR("#")) || str_ends(str_trim(line), STR("-->")));
		if (from != SIZE_MAX && ((blank && depth <= 0) || heading || stop >= body.n)) {
			str source = str_head(str_from(body, from), end - from);
			list = arena_grow(a, list, n, &cap, sizeof *list);
			list[n++] = (struct desk_paragraph){
				.source = source, .at = from, .remark = str_starts(source, STR("<!--"))};
			from = SIZE_MAX;
			depth = 0;
		}
		at = stop + 1;
	}
	*out_n = n;
	return list;
}

/* Findings. */

static str key_of(struct arena *a, enum desk_kind kind, str what, str sentence)
{
	str all = arena_fmt(a, "%s\x1f%.*s\x1f%.*s", kinds[kind].name, STR_ARG(what), STR_ARG(sentence));
	struct hash h = hash_sha256(all);
	return hex_str(a, h.b, (DESK_KEY_BYTES - 1) / 2);
}

static struct desk_finding *add(struct desk *d, enum desk_kind kind, size_t paragraph, str what, str sentence)
{
	d->findings = arena_grow(d->a, d->findings, d->findings_n, &d->findings_cap, sizeof *d->findings);
	struct desk_finding *f = &d->findings[d->findings_n++];
	*f = (struct desk_finding){.kind = kind,
		.weight = kinds[kind].weight,
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

static void literal(struct desk *d, size_t paragraph)
{
	struct desk_paragraph *p = &d->paragraphs[paragraph];
	struct lint l = {.a = d->a, .figures = d->figures, .figures_n = d->figures_n};
	lint_markdown(&l, p->source);
	for (size_t i = 0; i < l.n; i++) {
		const struct lint_finding *x = &l.findings[i];
		if (str_find(x->what, STR("{{")) != SIZE_MAX)
			continue;
		struct desk_finding *f = add(d, kind_of_lint(x->kind), paragraph, x->what, x->sentence);
		f->at = (size_t)(x->what.p - p->source.p);
		f->n = x->what.n;
		f->text = lint_text(d->a, x);
		f->unit = numeral_unit(str_from(p->source, f->at + f->n));
		memcpy(f->near, x->near, sizeof f->near);
		f->near_n = x->near_n;
	}
}

static void of_note(struct desk *d, size_t paragraph, const struct template_note *n)
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
	struct desk_finding *f = add(d, of[n->kind], paragraph, label, sentence);
	f->slot = n->slot;
	f->figure = ans.known ? t.ref.id : (str){0};
	f->text = n->bare;
}

/* What a condition asked for and did not get: outermost ones, outside of lists. */
static void dropped(struct desk *d, size_t paragraph)
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
			struct desk_finding *f = add(d, DESK_DROPPED, paragraph,
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

/* Filling. */

static str marked(struct desk *d, const struct desk_paragraph *p, size_t first)
{
	struct buf b AUTO(buf_done) = {0};
	size_t at = 0;
	buf_init(&b, FILL_MAX_BYTES);
	for (size_t i = first; i < d->findings_n && i - first < MARKS_MAX; i++) {
		const struct desk_finding *f = &d->findings[i];
		char code[4];
		if (f->n == 0 || f->at < at)
			continue;
		buf_add(&b, str_head(str_from(p->source, at), f->at - at));
		buf_add(&b, (str){code, utf8_put((uint32_t)(MARK_FIRST + 2 * (i - first)), code)});
		buf_add(&b, str_head(str_from(p->source, f->at), f->n));
		buf_add(&b, (str){code, utf8_put((uint32_t)(MARK_FIRST + 2 * (i - first) + 1), code)});
		at = f->at + f->n;
	}
	buf_add(&b, str_from(p->source, at));
	buf_putc(&b, '\n'); /* a row that repeats is a line */
	return arena_str(d->a, buf_str(&b));
}

struct cutting {
	struct desk *d;
	size_t first; /* finding of the paragraph */
	size_t open;  /* index + 1 of the finding that stands open */
	bool *seen;   /* by finding from first */
	struct desk_block *to;
	size_t cap;
};

static void put(struct cutting *k, const struct prose_span *s, str text)
{
	if (text.n == 0)
		return;
	k->to->spans = arena_grow(k->d->a, k->to->spans, k->to->n, &k->cap, sizeof *k->to->spans);
	k->to->spans[k->to->n++] = (struct desk_span){text, s->tag, s->label, k->open};
}

static void cut(struct cutting *k, const struct prose_span *s)
{
	size_t from = 0, n;
	for (size_t at = 0; at < s->text.n; at += n) {
		uint32_t c = utf8_next(str_from(s->text, at), &n);
		if (c < MARK_FIRST || c >= MARK_FIRST + 2 * MARKS_MAX)
			continue;
		put(k, s, str_head(str_from(s->text, from), at - from));
		from = at + n;
		size_t i = (c - MARK_FIRST) / 2;
		if (k->first + i < k->d->findings_n) {
			k->seen[i] = true;
			k->open = (c - MARK_FIRST) % 2 ? 0 : k->first + i + 1;
		}
	}
	put(k, s, str_from(s->text, from));
}

/* A table keeps its cells; marks in them are taken out. */
static void unmark(struct desk *d, const struct prose_block *b, struct cutting *k)
{
	for (size_t r = 0; r < b->rows_n; r++)
		for (size_t c = 0; c < b->rows[r].n; c++) {
			struct prose_text *t = &b->rows[r].cells[c];
			struct desk_block cell = {0};
			struct cutting own = {.d = d, .first = k->first, .seen = k->seen, .to = &cell};
			for (size_t i = 0; i < t->n; i++)
				cut(&own, &t->spans[i]);
			t->spans = NEWS(d->a, cell.n + 1, struct prose_span);
			for (t->n = 0; t->n < cell.n; t->n++)
				t->spans[t->n] = (struct prose_span){
					cell.spans[t->n].text, cell.spans[t->n].tag, cell.spans[t->n].label};
		}
}

static void blocks(
	struct desk *d, struct desk_paragraph *p, const struct prose *prose, size_t first, bool *seen)
{
	p->blocks = NEWS(d->a, prose->n + 1, struct desk_block);
	for (size_t i = 0; i < prose->n; i++) {
		struct desk_block *to = &p->blocks[p->n++];
		struct cutting k = {.d = d, .first = first, .seen = seen, .to = to};
		*to = (struct desk_block){.kind = prose->blocks[i].kind};
		if (to->kind == PROSE_TABLE) {
			to->table = &prose->blocks[i];
			unmark(d, to->table, &k);
		}
		for (size_t s = 0; to->kind != PROSE_TABLE && s < prose->blocks[i].text.n; s++)
			cut(&k, &prose->blocks[i].text.spans[s]);
	}
}

/* Literal findings whose text is not shown go; spans name the others by their new places. */
static void forget(struct desk *d, struct desk_paragraph *p, size_t first, const bool *seen)
{
	size_t literal_n = d->findings_n - first, n = 0;
	size_t *now = NEWS(d->a, literal_n + 1, size_t);
	for (size_t i = 0; i < literal_n; i++) {
		if (!seen[i])
			continue;
		now[i] = first + n + 1;
		d->findings[first + n++] = d->findings[first + i];
	}
	d->findings_n = first + n;
	for (size_t b = 0; b < p->n; b++)
		for (size_t s = 0; s < p->blocks[b].n; s++) {
			size_t *f = &p->blocks[b].spans[s].finding;
			*f = *f ? now[*f - first - 1] : 0;
		}
}

static enum rc look(struct desk *d, size_t i, struct err *err)
{
	struct desk_paragraph *p = &d->paragraphs[i];
	struct prose prose;
	struct err why = {0};
	size_t first = d->findings_n, notes = d->run.notes_n;
	if (p->remark)
		return RC_OK;
	literal(d, i);
	bool *seen = NEWS(d->a, d->findings_n - first + 1, bool);
	enum rc rc = outline_fill(d->a, marked(d, p, first), &d->run, &prose, &why);
	if (rc != RC_OK && rc != RC_INVALID) /* not open to this reader, storage: no matter of the text */
		return FAIL(err, rc, "%s", why.text);
	if (rc != RC_OK) {
		d->run.depth = 0;
		d->findings_n = first;
		struct desk_finding *f = add(d, DESK_FAULT, i, p->source, p->source);
		f->text = arena_str(d->a, str_of(why.text));
		return RC_OK;
	}
	blocks(d, p, &prose, first, seen);
	forget(d, p, first, seen);
	for (size_t k = notes; k < d->run.notes_n; k++)
		of_note(d, i, &d->run.notes[k]);
	dropped(d, i);
	return RC_OK;
}

void desk_count(struct desk *d)
{
	d->must = d->wait = 0;
	for (size_t i = 0; i < d->findings_n; i++) {
		bool kept = d->findings[i].kept.n > 0;
		d->must += !kept && d->findings[i].weight == DESK_MUST;
		d->wait += !kept && d->findings[i].weight == DESK_WAIT;
	}
}

enum rc desk_look(struct desk *d, str body, struct err *err)
{
	if (!utf8_valid(body))
		return FAIL(err, RC_INVALID, "The report's text is no UTF-8.");
	template_init(&d->run, d->a, d->source, true);
	d->paragraphs = desk_split(d->a, body, &d->n);
	for (size_t i = 0; i < d->n; i++) {
		size_t marks = 0;
		TRY(look(d, i, err));
		if (!d->paragraphs[i].remark)
			(void)punctuate(d->a, d->paragraphs[i].source, &marks);
		d->ascii_marks += marks;
	}
	desk_count(d);
	return RC_OK;
}
