/* lint.c -- see lint.h. Both readers bring paragraphs with their backed ranges; lint_paragraph does the rest. */
#include "report/lint.h"
#include "base/utf8.h"
#include "format/docx_box.h"
#include "report/template.h"
#include <stdlib.h>

struct backed {
	size_t from, to;
	str tag;
};

struct paragraph {
	str part, text;
	size_t number;
	struct backed *backed;
	size_t backed_n;
};

const char *lint_kind_name(enum lint_kind kind)
{
	static const char *const names[] = {"unbacked", "changed", "hedge", "universal", "outcome", "rate"};
	return names[kind];
}

static bool is_backed(const struct paragraph *p, size_t from, size_t to)
{
	for (size_t i = 0; i < p->backed_n; i++)
		if (from < p->backed[i].to && to > p->backed[i].from)
			return true;
	return false;
}

str text_between(str s, size_t at, size_t n, const char *const *stops)
{
	size_t from = 0, to = s.n;
	for (size_t i = 0; stops[i]; i++) {
		str stop = str_of(stops[i]);
		for (size_t k = at; k-- > from;)
			if (str_starts(str_from(s, k), stop)) {
				from = k + stop.n;
				break;
			}
		size_t end = str_find(str_from(s, at + n), stop);
		if (end != SIZE_MAX && at + n + end < to)
			to = at + n + end;
	}
	return str_head(str_from(s, from), to - from);
}

/* The sentence around [at, at + n): between 。；！？ and the paragraph's ends. */
str lint_sentence(str s, size_t at, size_t n)
{
	static const char *const stops[] = {"。", "；", "！", "？", ";", "\n", NULL};
	return str_trim(text_between(s, at, n, stops));
}

static struct lint_finding *add(
	struct lint *l, enum lint_kind kind, const struct paragraph *p, size_t at, size_t n)
{
	l->findings = arena_grow(l->a, l->findings, l->n, &l->cap, sizeof *l->findings);
	struct lint_finding *f = &l->findings[l->n++];
	*f = (struct lint_finding){.kind = kind,
		.part = p->part,
		.paragraph = p->number,
		.at = at,
		.n = n,
		.what = str_head(str_from(p->text, at), n),
		.sentence = lint_sentence(p->text, at, n)};
	return f;
}

/* Nearest figures. */

/* Share of the label's neighbouring pairs of characters that stand in the sentence too, in thousandths. */
int64_t lint_likeness(str label, str s)
{
	size_t n, pairs = 0, common = 0;
	for (size_t at = 0; at < label.n; at += n) {
		(void)utf8_next(str_from(label, at), &n);
		if (at + n >= label.n)
			break;
		size_t m;
		(void)utf8_next(str_from(label, at + n), &m);
		pairs++;
		common += str_find(s, str_head(str_from(label, at), n + m)) != SIZE_MAX;
	}
	return pairs ? (int64_t)(common * 1000 / pairs) : 0;
}

bool lint_same_unit(str a, str b)
{
	static const char *const persons[] = {"名", "人", "位"};
	bool pa = false, pb = false;
	for (size_t i = 0; i < sizeof persons / sizeof *persons; i++) {
		pa = pa || str_is(a, persons[i]);
		pb = pb || str_is(b, persons[i]);
	}
	return (a.n > 0 && str_eq(a, b)) || (pa && pb);
}

static int64_t score(const struct lint_figure *f, const struct numeral *m, str s)
{
	if (f->rate != m->percent)
		return 0;
	int64_t total = lint_likeness(f->label, s);
	if (numeral_agrees(m, f->value))
		total += 1500;
	if (f->rate || lint_same_unit(f->unit, m->unit))
		total += 400;
	int64_t d = f->value > m->stated ? f->value - m->stated : m->stated - f->value;
	if (m->stated > 0 && d < m->stated / 5)
		total += 300;
	return total;
}

static void nearest(const struct lint *l, const struct numeral *m, struct lint_finding *f)
{
	int64_t best[LINT_NEAR_MAX] = {0};
	for (size_t i = 0; i < l->figures_n; i++) {
		const struct lint_figure *g = &l->figures[i];
		int64_t s = score(g, m, f->sentence);
		if (s < 600)
			continue;
		size_t k = f->near_n;
		while (k > 0 && best[k - 1] < s)
			k--;
		if (k == LINT_NEAR_MAX)
			continue;
		size_t last = f->near_n < LINT_NEAR_MAX ? f->near_n++ : LINT_NEAR_MAX - 1;
		for (size_t j = last; j > k; j--) {
			f->near[j] = f->near[j - 1];
			best[j] = best[j - 1];
		}
		f->near[k] = (struct lint_near){g, numeral_agrees(m, g->value)};
		best[k] = s;
	}
}

/* A figure of nearly the same words and unit, whose value the number misses by little: contradicted, not unknown. */
static bool contradicted(const struct lint_finding *f, const struct numeral *m)
{
	if (f->near_n == 0 || f->near[0].agrees)
		return false;
	const struct lint_figure *g = f->near[0].figure;
	int64_t d = g->value > m->stated ? g->value - m->stated : m->stated - g->value;
	return lint_same_unit(g->unit, m->unit) && lint_likeness(g->label, f->sentence) >= 500 &&
	       d < m->stated / 10 + 100;
}

/* Numbers. */

static bool names_base(const struct paragraph *p, str s, const struct numeral *m)
{
	static const char *const words[] = {
		"占", "基数", "总数", "应到", "应测", "应访", "共有", "分母", "/", "／"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_find(s, str_of(words[i])) != SIZE_MAX)
			return true;
	struct numeral other;
	size_t offset = (size_t)(s.p - p->text.p);
	for (size_t at = 0; numeral_next(s, at, &other); at = other.at + other.n)
		if (other.kind == NUMERAL_QUANTITY && !other.percent && offset + other.at != m->at)
			return true;
	return false;
}

static void look_at_numbers(struct lint *l, const struct paragraph *p)
{
	struct numeral m;
	for (size_t at = 0; numeral_next(p->text, at, &m); at = m.at + m.n) {
		if (m.kind != NUMERAL_QUANTITY)
			continue;
		bool backed = is_backed(p, m.at, m.at + m.n);
		if (m.percent && !names_base(p, lint_sentence(p->text, m.at, m.n), &m))
			add(l, LINT_RATE, p, m.at, m.n);
		if (m.hedge == HEDGE_DOUBLE) {
			struct lint_finding *f = add(l, LINT_HEDGE, p, m.at, m.n);
			nearest(l, &m, f);
		} else if (!backed) {
			struct lint_finding *f = add(l, LINT_UNBACKED, p, m.at, m.n);
			nearest(l, &m, f);
			if (contradicted(f, &m))
				f->kind = LINT_HEDGE;
		}
	}
}

/* Claims. */

static void look_for(struct lint *l, const struct paragraph *p, const char *word, enum lint_kind kind)
{
	str w = str_of(word);
	for (size_t at = 0; at < p->text.n;) {
		size_t k = str_find(str_from(p->text, at), w);
		if (k == SIZE_MAX)
			return;
		if (!is_backed(p, at + k, at + k + w.n))
			add(l, kind, p, at + k, w.n);
		at += k + w.n;
	}
}

static void look_at_claims(struct lint *l, const struct paragraph *p)
{
	static const char *const universal[] = {"全覆盖", "全市", "有效缓解", "显著提高", "显著提升",
		"显著增强", "普遍提高", "有效提高", "有效提升", "明显改善", "无一遗漏", "百分之百"};
	static const char *const outcome[] = {"还增强了", "也激发了", "还在实践中", "营造了", "改善了",
		"激发了", "进一步提升", "带来了", "促进了"};
	for (size_t i = 0; i < sizeof universal / sizeof *universal; i++)
		look_for(l, p, universal[i], LINT_UNIVERSAL);
	/* 不仅 takes the whole of its sentence; other outcome words in it are not told again. */
	size_t told = 0;
	for (size_t at = 0; at < p->text.n;) {
		size_t k = str_find(str_from(p->text, at), STR("不仅"));
		if (k == SIZE_MAX)
			break;
		add(l, LINT_OUTCOME, p, at + k, strlen("不仅"));
		told++;
		at += k + strlen("不仅");
	}
	for (size_t i = 0; told == 0 && i < sizeof outcome / sizeof *outcome; i++)
		look_for(l, p, outcome[i], LINT_OUTCOME);
}

static int by_place(const void *a, const void *b)
{
	const struct lint_finding *p = a, *q = b;
	return p->at < q->at ? -1 : p->at > q->at;
}

static void lint_paragraph(struct lint *l, const struct paragraph *p)
{
	size_t first = l->n;
	look_at_numbers(l, p);
	look_at_claims(l, p);
	if (l->n > first)
		qsort(l->findings + first, l->n - first, sizeof *l->findings, by_place);
}

/* Reading. */

struct reading {
	struct lint *l;
	size_t number;
	const char *part;
	enum rc rc;
	struct err *err;
};

/* What the slot prints today, or nothing where it cannot be told. */
static str prints_now(struct lint *l, str tag)
{
	struct template_run t;
	struct buf b;
	template_init(&t, l->a, l->source, true);
	struct slot_host host = template_host(&t);
	buf_init(&b, 1 << 16);
	str text = arena_fmt(l->a, "{{%.*s}}", STR_ARG(tag)), out = {0};
	if (slots_fill_text(l->a, text, &host, false, &b, NULL) == RC_OK && t.used_n == 1)
		out = t.used[0].printed;
	buf_done(&b);
	return out;
}

static void look_at_control(struct lint *l, const struct paragraph *p, const struct backed *b)
{
	if (l->source == NULL)
		return;
	str now = prints_now(l, b->tag);
	if (now.n == 0 || str_eq(now, str_head(str_from(p->text, b->from), b->to - b->from)))
		return;
	struct lint_finding *f = add(l, LINT_CHANGED, p, b->from, b->to - b->from);
	f->slot = b->tag;
	f->prints = now;
}

/* The slot that the nearest tagged control around a piece names. */
static const struct docx_control *control_of(struct arena *a, const struct docx_plain_piece *piece)
{
	struct slot_tag_parts parts;
	for (size_t i = 0; i < piece->controls_n; i++)
		if (template_parse(a, piece->controls[i].tag, &parts) &&
			(parts.kind == TAG_VALUE || parts.kind == TAG_FULL))
			return &piece->controls[i];
	return NULL;
}

/* What stands in {{ }} of a template is a slot's. */
static void back_by_tags(struct lint *l, struct paragraph *p)
{
	struct slot_tag tag;
	size_t n = p->backed_n;
	for (size_t at = 0; slots_next(p->text, at, &tag); at = tag.at + tag.n)
		n++;
	struct backed *all = NEWS(l->a, n + 1, struct backed);
	for (size_t i = 0; i < p->backed_n; i++)
		all[i] = p->backed[i];
	for (size_t at = 0; slots_next(p->text, at, &tag); at = tag.at + tag.n)
		all[p->backed_n++] = (struct backed){tag.at, tag.at + tag.n, tag.inside};
	p->backed = all;
}

static bool visit(void *user, const struct docx_plain *d)
{
	struct reading *r = user;
	struct lint *l = r->l;
	uint32_t control = UINT32_MAX; /* of the last piece */
	if (r->part == NULL || strcmp(r->part, d->part) != 0)
		r->number = 0;
	r->part = d->part;
	struct paragraph p = {.part = str_of(d->part), .text = d->text, .number = ++r->number};
	p.backed = NEWS(l->a, d->pieces_n + 1, struct backed);
	for (size_t i = 0; i < d->pieces_n; i++) {
		const struct docx_control *c = control_of(l->a, &d->pieces[i]);
		if (c == NULL)
			continue;
		struct backed *last = p.backed_n ? &p.backed[p.backed_n - 1] : NULL;
		if (last && last->to == d->pieces[i].at && control == c->id)
			last->to += d->pieces[i].n;
		else
			p.backed[p.backed_n++] =
				(struct backed){d->pieces[i].at, d->pieces[i].at + d->pieces[i].n, c->tag};
		control = c->id;
	}
	for (size_t i = 0; i < p.backed_n; i++)
		look_at_control(l, &p, &p.backed[i]);
	back_by_tags(l, &p);
	/* heads and feet hold page numbers and document numbers, no statements */
	if (str_find(p.part, STR("header")) == SIZE_MAX && str_find(p.part, STR("footer")) == SIZE_MAX)
		lint_paragraph(l, &p);
	return true;
}

enum rc lint_docx(struct lint *l, str docx, struct err *err)
{
	struct reading r = {.l = l};
	return foreign_docx_plain(l->a, docx, visit, &r, err);
}

void lint_markdown(struct lint *l, str text)
{
	size_t number = 0;
	bool blank = true;
	while (text.n > 0) {
		str line = str_cut(text, '\n', &text);
		bool empty = str_trim(line).n == 0;
		number += !empty && blank;
		blank = empty;
		struct paragraph p = {.text = line, .number = number};
		back_by_tags(l, &p);
		lint_paragraph(l, &p);
	}
}

/* Words. */

static str near_text(struct arena *a, const struct lint_finding *f)
{
	if (f->near_n == 0)
		return str_of(tr("no figure is near it"));
	str s = {0};
	for (size_t i = 0; i < f->near_n; i++) {
		const struct lint_figure *g = f->near[i].figure;
		s = arena_fmt(a, "%.*s%s%.*s %.*s%.*s (%.*s)", STR_ARG(s), i ? "; " : "", STR_ARG(g->label),
			STR_ARG(g->printed), STR_ARG(g->unit), STR_ARG(g->id));
	}
	return arena_fmt(a, tr("near it: %.*s"), STR_ARG(s));
}

str lint_text(struct arena *a, const struct lint_finding *f)
{
	switch (f->kind) {
	case LINT_UNBACKED:
		return arena_fmt(a, tr("“%.*s” is backed by no slot; %.*s"), STR_ARG(f->what),
			STR_ARG(near_text(a, f)));
	case LINT_CHANGED:
		return arena_fmt(a, tr("“%.*s” stands in {{%.*s}}, which prints “%.*s” now"),
			STR_ARG(f->what), STR_ARG(f->slot), STR_ARG(f->prints));
	case LINT_HEDGE:
		return arena_fmt(a, tr("“%.*s” does not agree with the value; %.*s"), STR_ARG(f->what),
			STR_ARG(near_text(a, f)));
	case LINT_UNIVERSAL:
		return arena_fmt(a,
			tr("“%.*s” claims all, or an effect: back it by a rate, or say it as an aim"),
			STR_ARG(f->what));
	case LINT_OUTCOME:
		return arena_fmt(a, tr("“%.*s” tells an outcome: name its evidence, or say it as an aim"),
			STR_ARG(f->what));
	case LINT_RATE:
		return arena_fmt(a, tr("“%.*s” is a share: name its base in the sentence"), STR_ARG(f->what));
	}
	return (str){0};
}
