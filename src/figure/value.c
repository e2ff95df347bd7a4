/* value.c -- values of figures (figure.h), from cells where they stand there and from rows elsewhere. Both ways end in
 * the same six parts (sums.h), from which the answer is made, so that they can differ only in the parts. */
#include "figure/cells.h"
#include "figure/rows.h"
#include "figure/settled.h"
#include "figure/totals.h"
#include "figure/watch.h"
#include <stdlib.h>

struct asking {
	struct reader *r;
	struct period p;
	int64_t org;
	bool from_rows, totals_there, read;
	struct numbers *numbers; /* NULL with from_rows */
	cell_parts *cells;       /* of (org, p), by number */
	struct totals totals;
	struct settled settled;
};

/* ---- parts from rows ---- */

struct latest {
	int32_t day;
	int64_t id, value;
	int grade;
};

struct gather {
	const struct figure *f;
	int64_t *parts;
	struct imap seen; /* references, or index in latest + 1 */
	struct arena *a;
	struct latest *latest;
	int64_t *values;
	size_t n, cap;
};

static void gather_latest(struct gather *g, const struct contrib_figure *f, const struct counted_row *c)
{
	const struct contrib_row *row = c->row;
	if (!row->has[f->reference] || !row->has[f->value])
		return;
	int64_t *at = imap_at(&g->seen, (uint64_t)row->value[f->reference]);
	struct latest now = {c->day, row->id, row->value[f->value], row->grade};
	if (*at == 0) {
		g->latest = arena_grow(g->a, g->latest, g->n, &g->cap, sizeof *g->latest);
		g->latest[g->n++] = now;
		*at = (int64_t)g->n;
		return;
	}
	struct latest *was = &g->latest[*at - 1];
	if (now.day > was->day || (now.day == was->day && now.id > was->id))
		*was = now;
}

static bool gather_row(void *user, const struct contrib *c, const struct counted_row *counted)
{
	struct gather *g = user;
	const struct contrib_figure *f = &c->figures[0];
	const struct contrib_row *row = counted->row;
	if (g->f->grain == G_LAST) {
		gather_latest(g, f, counted);
		return true;
	}
	g->parts[row->grade] += contrib_weight(f, row);
	if (g->f->grain == G_MEDIAN && row->has[f->value]) {
		g->values = arena_grow(g->a, g->values, g->n, &g->cap, sizeof *g->values);
		g->values[g->n++] = row->value[f->value];
	}
	if (f->reference < 0)
		return true;
	g->parts[PART_HEADS] += contrib_heads(c, row) - 1;
	if (row->has[f->reference] && !imap_has(&g->seen, (uint64_t)row->value[f->reference], NULL)) {
		*imap_at(&g->seen, (uint64_t)row->value[f->reference]) = 1;
		g->parts[PART_REFS]++;
	}
	return true;
}

static int by_value(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
	return (a > b) - (a < b);
}

/* A median stands in PART_REFS, the number of its values in PART_HEADS; the grades are rows. */
static enum rc rows_parts(struct reader *r, const struct figure *f, const struct period *p, int64_t org,
	cell_parts parts, struct err *err)
{
	struct gather g = {.f = f, .parts = parts, .a = r->a};
	struct rows_ask ask = {.f = f, .p = *p, .org = org, .visit = gather_row, .user = &g};
	enum rc rc = rows_walk(r, &ask, err);
	imap_done(&g.seen);
	TRY(rc);
	if (f->grain == G_LAST)
		for (size_t i = 0; i < g.n; i++)
			parts[g.latest[i].grade] += g.latest[i].value;
	if (f->grain == G_MEDIAN && g.n) {
		qsort(g.values, g.n, sizeof *g.values, by_value);
		parts[PART_REFS] = g.values[(g.n - 1) / 2];
		parts[PART_HEADS] = (int64_t)g.n;
	}
	return RC_OK;
}

/* ---- parts from cells ---- */

static enum rc cells_of(
	struct reader *r, const struct period *p, int64_t org, cell_parts *cells, struct err *err)
{
	int32_t first, end;
	period_whole_months(p, &first, &end);
	if (first == end)
		return RC_OK;
	int year = period_whole_year(p);
	uint32_t low = year ? span_of_year(year) : span_of_month(first);
	return cells_read(r->db, org, low, span_of_month(end - 1), year ? span_of_year(year) : 0, cells, err);
}

/* The days of p outside its whole months. */
static enum rc ragged(struct reader *r, const struct figure *f, const struct period *p, int64_t org,
	cell_parts parts, struct err *err)
{
	int32_t first, end;
	period_whole_months(p, &first, &end);
	struct period before = {.from = p->from, .to = date_month_first(first)};
	struct period after = {.from = date_month_first(end), .to = p->to};
	if (first == end)
		return rows_parts(r, f, p, org, parts, err);
	if (before.from < before.to)
		TRY(rows_parts(r, f, &before, org, parts, err));
	if (after.from < after.to)
		TRY(rows_parts(r, f, &after, org, parts, err));
	return RC_OK;
}

static enum rc parts_of(struct asking *q, const struct figure *f, const struct period *p, int64_t org,
	cell_parts parts, struct err *err)
{
	memset(parts, 0, sizeof(cell_parts));
	int number = q->numbers && figure_in_cells(f) ? q->numbers->of[f->at] : -1;
	if (q->from_rows || number < 0 || (f->grain == G_DISTINCT && !period_whole_year(p)))
		return rows_parts(q->r, f, p, org, parts, err);
	if (org == q->org && p->from == q->p.from && p->to == q->p.to) {
		if (!q->read)
			TRY(cells_of(q->r, p, org, q->cells, err));
		q->read = true;
		memcpy(parts, q->cells[number], sizeof(cell_parts));
	} else {
		cell_parts *other = NEWS(q->r->a, FIGURE_NUMBERS_MAX, cell_parts);
		TRY(cells_of(q->r, p, org, other, err));
		memcpy(parts, other[number], sizeof(cell_parts));
	}
	return ragged(q->r, f, p, org, parts, err);
}

/* ---- answers ---- */

/* Put the declared totals, of the figure and of its parts, in the place of the rows that they cover. */
static enum rc add_totals(
	struct asking *q, const struct totals_use *use, struct figure_answer *out, struct err *err)
{
	for (size_t i = 0; i < use->n; i++) {
		const struct total *t = use->list[i];
		cell_parts under;
		if (i > 0 && use->of[i]->of->cohosts) /* a row under two totals is taken away once */
			TRY(totals_replaced(q->r, use, i, under, err));
		else
			TRY(parts_of(q, use->of[i], &t->period, t->org, under, err));
		for (int g = 0; g < GRADES; g++)
			out->grades[g] -= under[g];
		out->grades[t->grade] += t->value;
	}
	return RC_OK;
}

static void tell(struct figure_answer *out, int64_t value)
{
	out->told = true;
	out->value = value;
}

/* Rule R4: persons can be told apart only where every row has evidence A or B. */
static void tell_references(struct reader *r, const struct figure *f, const cell_parts parts,
	const struct totals_use *use, struct figure_answer *out)
{
	int64_t bare = parts[2] + parts[3], rows = bare + parts[0] + parts[1];
	if (rows == 0 && use->whole) {
		out->grades[use->whole->grade] = use->whole->value;
		tell(out, use->whole->value);
		return;
	}
	if (!f->distinct_person || bare == 0) {
		tell(out, parts[PART_REFS]);
		return;
	}
	out->why = arena_fmt(r->a,
		tr("%lld of the rows are head-counts or outside totals (grade C or D): attendances can be "
		   "told, different persons cannot"),
		(long long)bare);
	out->has_instead = true;
	out->instead = rows + parts[PART_HEADS];
	out->instead_unit = STR("人次");
}

static enum rc answer(struct asking *q, const struct figure *f, struct figure_answer *out, struct err *err);

static enum rc answer_rate(
	struct asking *q, const struct figure *f, struct figure_answer *out, struct err *err)
{
	struct figure_answer of = {0}, over = {0};
	TRY(answer(q, f->rate_of, &of, err));
	TRY(answer(q, f->rate_over, &over, err));
	out->of = of.value;
	out->over = over.value;
	out->rate_told = of.told && over.told;
	out->why = of.told ? over.why : of.why;
	out->recounting = of.recounting || over.recounting;
	return RC_OK;
}

/* Why rows in the archive keep what the figure's rows come to in this period from being told; empty: they do not. */
static str rows_away(struct asking *q, const struct figure *f, const struct period *p)
{
	int32_t first, end;
	period_whole_months(p, &first, &end);
	if (q->from_rows || q->numbers->of[f->at] < 0 || first == end ||
		(f->grain == G_DISTINCT && !period_whole_year(p)))
		return settled_why(q->r->a, &q->settled, f, p, true);
	struct period before = {.from = p->from, .to = date_month_first(first)};
	struct period after = {.from = date_month_first(end), .to = p->to};
	str why = settled_why(q->r->a, &q->settled, f, p, false);
	if (why.n == 0 && before.from < before.to)
		why = settled_why(q->r->a, &q->settled, f, &before, true);
	if (why.n == 0 && after.from < after.to)
		why = settled_why(q->r->a, &q->settled, f, &after, true);
	return why;
}

static str archived(struct asking *q, const struct figure *f, const struct totals_use *use)
{
	if (q->settled.parts_n == 0)
		return STR("");
	str why = rows_away(q, f, &q->p);
	for (size_t i = 0; i < use->n && why.n == 0; i++)
		why = use->of[i]->of->cohosts ? settled_why(q->r->a, &q->settled, f, &q->p, true)
					      : rows_away(q, use->of[i], &use->list[i]->period);
	return why;
}

static enum rc answer(struct asking *q, const struct figure *f, struct figure_answer *out, struct err *err)
{
	struct totals_use use = {0};
	cell_parts parts;
	*out = (struct figure_answer){.figure = f, .period = q->p, .org = q->org};
	if (f->grain == G_RATE)
		return answer_rate(q, f, out, err);
	out->recounting = !q->from_rows && figure_in_cells(f) && q->numbers->of[f->at] < 0;
	if (!q->totals_there)
		TRY(totals_load(q->r, &q->p, &q->totals, err));
	q->totals_there = true;
	totals_pick(q->r, &q->totals, f, &q->p, q->org, &use);
	out->why = archived(q, f, &use);
	if (out->why.n)
		return RC_OK;
	TRY(parts_of(q, f, &q->p, q->org, parts, err));
	memcpy(out->grades, parts, sizeof out->grades);
	if (use.untellable.n) {
		out->why = use.untellable;
		return RC_OK;
	}
	switch (f->grain) {
	case G_ROW:
	case G_SUM:
		TRY(add_totals(q, &use, out, err));
		tell(out, out->grades[0] + out->grades[1] + out->grades[2] + out->grades[3]);
		break;
	case G_BALANCE:
	case G_LAST:
		tell(out, parts[0] + parts[1] + parts[2] + parts[3]);
		break;
	case G_STOCK:
		if (f->grain_path.n == 0) {
			tell(out, parts[0] + parts[1] + parts[2] + parts[3]);
			break;
		}
		tell_references(q->r, f, parts, &use, out);
		break;
	case G_DISTINCT:
		tell_references(q->r, f, parts, &use, out);
		break;
	case G_MEDIAN:
		if (parts[PART_HEADS])
			tell(out, parts[PART_REFS]);
		else
			out->why = str_of(tr("no row has a value"));
		break;
	case G_RATE:
		break;
	}
	return RC_OK;
}

static enum rc answer_with(
	struct asking *q, const struct figure *f, bool companions, struct figure_answer *out, struct err *err)
{
	struct figure_answer mine;
	TRY(answer(q, f, &mine, err));
	if (companions && f->companions_n) {
		mine.companions = NEWS(q->r->a, f->companions_n, struct figure_answer);
		for (size_t i = 0; i < f->companions_n; i++)
			TRY(answer(q, f->companions[i], &mine.companions[i], err));
		mine.companions_n = f->companions_n;
	}
	*out = mine;
	return RC_OK;
}

static enum rc start(struct asking *q, struct err *err)
{
	/* Inside a batch the cells lag behind the rows: count the rows. */
	q->from_rows = q->from_rows || watch_pending(q->r->city, q->r->db);
	TRY(settled_load(q->r->a, q->r->db, q->r->city->model, &q->settled, err));
	if (q->from_rows)
		return RC_OK;
	q->cells = NEWS(q->r->a, FIGURE_NUMBERS_MAX, cell_parts);
	return numbers_load(q->r->a, q->r->db, q->r->city->model, &q->numbers, err);
}

enum rc figure_value(struct reader *r, const struct figure *f, const struct period *p, int64_t org,
	bool with_companions, struct figure_answer *out, struct err *err)
{
	return figure_values(r, &f, 1, p, org, with_companions, out, err);
}

enum rc figure_values(struct reader *r, const struct figure *const *list, size_t n, const struct period *p,
	int64_t org, bool with_companions, struct figure_answer *answers, struct err *err)
{
	struct asking q = {.r = r, .p = *p, .org = org};
	TRY(start(&q, err));
	for (size_t i = 0; i < n; i++)
		TRY(answer_with(&q, list[i], with_companions, &answers[i], err));
	return RC_OK;
}

enum rc figure_value_from_rows(struct reader *r, const struct figure *f, const struct period *p, int64_t org,
	struct figure_answer *out, struct err *err)
{
	struct asking q = {.r = r, .p = *p, .org = org, .from_rows = true};
	return answer_with(&q, f, false, out, err);
}

char figure_grade(const int64_t grades[GRADES])
{
	int best = -1;
	for (int i = 0; i < GRADES; i++)
		if (grades[i] > 0 && (best < 0 || grades[i] > grades[best]))
			best = i;
	return best < 0 ? 0 : (char)('A' + best);
}
