/* adopt.c -- see adopt.h. Two passes over a document: the first reads it as plain text (in a box) and decides, the second
 * fills it (in a box), the items' ranges standing for tags. */
#include "report/adopt.h"
#include "format/docx_box.h"
#include "report/adopt_match.h"
#include "report/template.h"

enum { ADOPT_MAX_BYTES = 64 << 20 };

const char *adopt_kind_name(enum adopt_kind kind)
{
	static const char *const names[] = {"figure", "text", "open", "kept"};
	return names[kind];
}

static bool has_any(str s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_find(s, str_of(words[i])) != SIZE_MAX)
			return true;
	return false;
}

/* Which year a blank 202x means: of what is still to come, the next. */
static str blank_year(str sentence)
{
	static const char *const coming[] = {
		"展望", "将在", "之年", "下一年", "下步", "下一步", "打算", "计划"};
	return has_any(sentence, coming, sizeof coming / sizeof *coming) ? STR("year+1") : STR("year");
}

static str year_slot(const struct adopt *ad, const struct adopt_piece *p, str sentence)
{
	if (p->blank)
		return blank_year(sentence);
	int64_t y = p->m.stated / 100;
	return y == ad->year - 1   ? STR("year")
	       : y == ad->year     ? STR("year+1")
	       : y == ad->year - 2 ? STR("year-1")
				   : STR("");
}

static struct adopt_item *add(struct adopt *ad, struct adopt_item item)
{
	ad->items = arena_grow(ad->a, ad->items, ad->n, &ad->cap, sizeof *ad->items);
	ad->items[ad->n] = item;
	return &ad->items[ad->n++];
}

/* A name that stands blank: xx市, 喜迎xx. */
static str blank_name(str text, const struct adopt_piece *p)
{
	if (!p->blank || p->unit.n > 0)
		return STR("");
	if (str_starts(str_from(text, p->at + p->n), STR("市")))
		return STR("name.city");
	return str_ends(str_head(text, p->at), STR("喜迎")) ? STR("name.theme") : STR("");
}

/* Hedges that no way of writing holds (约, 不少于) stay before the slot. */
static void leave_hedge(str text, struct adopt_piece *p)
{
	static const char *const words[] = {"不少于", "不低于", "至少", "大约", "约"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_starts(str_from(text, p->at), str_of(words[i]))) {
			p->at += strlen(words[i]);
			p->n -= strlen(words[i]);
		}
}

static void piece(struct adopt *ad, str part, size_t paragraph, str text, struct adopt_piece p)
{
	leave_hedge(text, &p);
	str sentence = lint_sentence(text, p.at, p.n);
	struct adopt_item item = {.kind = ADOPT_TEXT,
		.part = part,
		.paragraph = paragraph,
		.at = p.at,
		.n = p.n,
		.what = str_head(str_from(text, p.at), p.n),
		.sentence = sentence,
		.confidence = 99};
	if (p.m.kind == NUMERAL_YEAR) {
		item.slot = year_slot(ad, &p, sentence);
		if (item.slot.n)
			add(ad, item);
		return;
	}
	if (p.m.kind != NUMERAL_QUANTITY || p.m.hedge == HEDGE_VAGUE)
		return;
	item.slot = blank_name(text, &p);
	if (item.slot.n) {
		add(ad, item);
		return;
	}
	adopt_rank(ad, text, &p, &item);
	const struct adopt_candidate *first = &item.near[0];
	bool found = item.near_n > 0 && first->confidence >= ADOPT_CONFIDENT;
	item.confidence = item.near_n ? first->confidence : 0;
	if (item.near_n > 1 && first->confidence - item.near[1].confidence < 5)
		item.confidence = item.confidence * 3 / 4;
	item.kind = found ? ADOPT_FIGURE : ADOPT_OPEN;
	item.slot = found ? first->slot : arena_fmt(ad->a, "open.%zu", ++ad->open_n);
	/* 万元 is one way of writing: the slot prints both words. */
	if (found && (str_ends(item.slot, STR("|万元")) || str_ends(item.slot, STR("|万余元"))) &&
		str_starts(str_from(text, p.at + p.n), STR("元"))) {
		item.n += strlen("元");
		item.what = str_head(str_from(text, p.at), item.n);
	}
	add(ad, item);
}

/* “十四五” of a plan that has ended would be said of the wrong years. */
static bool plan_next(str text, size_t from, size_t *at)
{
	static const char *const plans[] = {"十三五", "十四五", "十五五", "十六五"};
	*at = SIZE_MAX;
	for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
		size_t k = str_find(str_from(text, from), str_of(plans[i]));
		if (k != SIZE_MAX && from + k < *at)
			*at = from + k;
	}
	return *at != SIZE_MAX;
}

/* 全覆盖 behind a figure of the same sentence. */
static void full(struct adopt *ad, str part, size_t paragraph, str text, size_t first, size_t at)
{
	str sentence = lint_sentence(text, at, strlen("全覆盖"));
	const struct adopt_item *of = NULL;
	for (size_t i = first; i < ad->n; i++)
		if (ad->items[i].kind == ADOPT_FIGURE && ad->items[i].at < at && ad->items[i].near_n &&
			ad->items[i].near[0].figure->full && str_eq(ad->items[i].sentence, sentence))
			of = &ad->items[i];
	if (of)
		add(ad, (struct adopt_item){.kind = ADOPT_TEXT,
				.part = part,
				.paragraph = paragraph,
				.at = at,
				.n = strlen("全覆盖"),
				.what = STR("全覆盖"),
				.sentence = sentence,
				.slot = arena_fmt(ad->a, "full %.*s", STR_ARG(of->near[0].figure->id)),
				.confidence = of->confidence});
}

static const struct adopt_range *kept_over(const struct adopt_range *kept, size_t n, size_t at, size_t end)
{
	for (size_t i = 0; i < n; i++)
		if (at < kept[i].at + kept[i].n && end > kept[i].at)
			return &kept[i];
	return NULL;
}

static void keep(struct adopt *ad, str part, size_t paragraph, str text, const struct adopt_range *k)
{
	add(ad, (struct adopt_item){.kind = ADOPT_KEPT,
			.part = part,
			.paragraph = paragraph,
			.at = k->at,
			.n = k->n,
			.what = str_head(str_from(text, k->at), k->n),
			.sentence = lint_sentence(text, k->at, k->n),
			.slot = k->slot,
			.confidence = 99});
}

static void in_order(struct adopt *ad, size_t first)
{
	for (size_t i = first + 1; i < ad->n; i++)
		for (size_t k = i; k > first && ad->items[k - 1].at > ad->items[k].at; k--) {
			struct adopt_item t = ad->items[k];
			ad->items[k] = ad->items[k - 1];
			ad->items[k - 1] = t;
		}
}

void adopt_paragraph(
	struct adopt *ad, str part, size_t paragraph, str text, const struct adopt_range *kept, size_t kept_n)
{
	struct adopt_piece p;
	size_t first = ad->n, k;
	for (size_t at = 0; adopt_next(text, at, &p); at = p.at + p.n)
		if (!kept_over(kept, kept_n, p.at, p.at + p.n))
			piece(ad, part, paragraph, text, p);
	for (size_t at = 0; plan_next(text, at, &k); at = k + strlen("十四五"))
		add(ad, (struct adopt_item){.kind = ADOPT_TEXT,
				.part = part,
				.paragraph = paragraph,
				.at = k,
				.n = strlen("十四五"),
				.what = str_head(str_from(text, k), strlen("十四五")),
				.sentence = lint_sentence(text, k, strlen("十四五")),
				.slot = STR("plan.name"),
				.confidence = 99});
	for (size_t at = 0; (k = str_find(str_from(text, at), STR("全覆盖"))) != SIZE_MAX; at += k + 9)
		if (!kept_over(kept, kept_n, at + k, at + k + 9))
			full(ad, part, paragraph, text, first, at + k);
	for (size_t i = 0; i < kept_n; i++)
		keep(ad, part, paragraph, text, &kept[i]);
	in_order(ad, first);
}

str adopt_braced(struct adopt *ad, str text, size_t first)
{
	struct buf b AUTO(buf_done) = {0};
	size_t at = 0;
	buf_init(&b, ADOPT_MAX_BYTES);
	for (size_t i = first; i < ad->n; i++) {
		const struct adopt_item *it = &ad->items[i];
		buf_add(&b, str_head(str_from(text, at), it->at - at));
		buf_printf(&b, "{{%.*s}}", STR_ARG(it->slot));
		at = it->at + it->n;
	}
	buf_add(&b, str_from(text, at));
	return arena_str(ad->a, buf_str(&b));
}

/* Reading. */

struct reading {
	struct adopt *ad;
	const char *part;
	size_t number;
	struct buf *outline; /* NULL: not asked for */
};

/* Controls of ours and slots in braces, which keep their slots; one that stands in another's is part of it. */
static size_t kept_of(struct adopt *ad, const struct docx_plain *d, struct adopt_range **out)
{
	struct adopt_range *list = NEWS(ad->a, d->pieces_n + d->text.n / 4 + 1, struct adopt_range);
	struct slot_tag tag;
	size_t n = 0;
	for (size_t i = 0; i < d->pieces_n; i++)
		for (size_t k = 0; k < d->pieces[i].controls_n; k++) {
			struct slot_tag_parts t;
			if (!template_parse(ad->a, d->pieces[i].controls[k].tag, &t) ||
				(t.kind != TAG_VALUE && t.kind != TAG_FULL))
				continue;
			struct adopt_range *last = n ? &list[n - 1] : NULL;
			if (last && last->at + last->n == d->pieces[i].at &&
				str_eq(last->slot, d->pieces[i].controls[k].tag))
				last->n += d->pieces[i].n;
			else
				list[n++] = (struct adopt_range){
					d->pieces[i].at, d->pieces[i].n, d->pieces[i].controls[k].tag};
			break;
		}
	for (size_t at = 0; slots_next(d->text, at, &tag); at = tag.at + tag.n)
		if (tag.closed && !kept_over(list, n, tag.at, tag.at + tag.n))
			list[n++] = (struct adopt_range){tag.at, tag.n, tag.inside};
	*out = list;
	return n;
}

/* 一、 （一） 1. at the head of a short paragraph without a stop make a heading; the first line is the title. */
static const char *heading(str s, bool first)
{
	static const char *const numbers[] = {"一", "二", "三", "四", "五", "六", "七", "八", "九", "十"};
	bool stop = str_ends(s, STR("。")) || s.n > 120;
	if (first && !stop && s.n < 90)
		return "# ";
	for (size_t i = 0; i < 10 && !stop; i++) {
		str n = str_of(numbers[i]);
		if (str_starts(s, n) && str_starts(str_from(s, n.n), STR("、")))
			return "## ";
		if ((str_starts(s, STR("（")) && str_starts(str_from(s, strlen("（")), n)) ||
			(str_starts(s, STR("(")) && str_starts(str_from(s, 1), n)))
			return "### ";
	}
	return "";
}

static bool visit(void *user, const struct docx_plain *d)
{
	struct reading *r = user;
	struct adopt *ad = r->ad;
	struct adopt_range *kept;
	if (r->part == NULL || strcmp(r->part, d->part) != 0)
		r->number = 0;
	r->part = d->part;
	r->number++;
	str part = str_of(d->part);
	if (str_find(part, STR("header")) != SIZE_MAX || str_find(part, STR("footer")) != SIZE_MAX)
		return true;
	if (r->outline && !str_ends(part, STR("document.xml")))
		return true;
	size_t first = ad->n, kept_n = kept_of(ad, d, &kept);
	adopt_paragraph(ad, part, r->number, d->text, kept, kept_n);
	if (r->outline && str_trim(d->text).n) {
		str text = str_trim(d->text);
		buf_printf(r->outline, "%s%s%.*s\n", r->outline->n ? "\n" : "",
			heading(text, r->outline->n == 0),
			STR_ARG(str_trim(adopt_braced(ad, d->text, first))));
	}
	return true;
}

enum rc adopt_outline(struct adopt *ad, str docx, str *out, struct err *err)
{
	struct buf b AUTO(buf_done) = {0};
	struct reading r = {.ad = ad, .outline = &b};
	buf_init(&b, ADOPT_MAX_BYTES);
	TRY(foreign_docx_plain(ad->a, docx, visit, &r, err));
	*out = arena_str(ad->a, buf_str(&b));
	return RC_OK;
}

/* Writing. */

static enum rc host_kind(
	void *user, str inside, bool closed, const struct slot_where *w, enum slot_kind *out, struct err *err)
{
	(void)user, (void)inside, (void)closed, (void)w, (void)err;
	*out = SLOT_VALUE;
	return RC_OK;
}

static enum rc host_fill(void *user, str inside, str before, str after, const struct slot_where *w,
	struct slot_fill *out, struct err *err)
{
	struct adopt *ad = user;
	(void)before, (void)after, (void)w, (void)err;
	out->text = arena_fmt(ad->a, "{{%.*s}}", STR_ARG(inside));
	struct slot_tag_parts t;
	out->tag = inside;
	bool parsed = template_parse(ad->a, inside, &t);
	for (size_t i = 0; parsed && i < ad->figures_n; i++)
		if (str_eq(t.ref.id, ad->figures[i].id))
			out->label = ad->figures[i].label;
	return RC_OK;
}

static bool host_next(void *user, const struct slot_where *w, size_t from, struct slot_tag *out)
{
	const struct adopt *ad = user;
	for (size_t i = 0; i < ad->n; i++) {
		const struct adopt_item *it = &ad->items[i];
		if (it->paragraph != w->paragraph || !str_is(it->part, w->part) || it->at < from ||
			it->kind == ADOPT_KEPT)
			continue;
		*out = (struct slot_tag){it->at, it->n, it->slot, true};
		return true;
	}
	return false;
}

enum rc adopt_docx(struct adopt *ad, str docx, str *out, struct err *err)
{
	struct reading r = {.ad = ad};
	struct slot_host host = {.user = ad, .kind = host_kind, .fill = host_fill, .next = host_next};
	struct buf b AUTO(buf_done) = {0};
	buf_init(&b, ADOPT_MAX_BYTES);
	TRY(foreign_docx_plain(ad->a, docx, visit, &r, err));
	TRY(foreign_docx_fill(ad->a, docx, &host, (str){0}, &b, err));
	*out = arena_str(ad->a, buf_str(&b));
	return RC_OK;
}
