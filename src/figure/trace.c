/* trace.c -- the rows behind a figure (figure.h). Same walk as the value from rows (rows.h): contributions add up to it.
 * Rows under a declared total are listed with contribution 0, marked covered; the totals themselves follow after the
 * figure's own rows, as rows of register declared_total. Cursor: a row's id; a total's id with a minus sign. */
#include "figure/rows.h"
#include "figure/totals.h"

struct tracing {
	struct reader *r;
	const struct figure *f;
	int64_t after;
	struct totals_use use;
	struct imap seen;    /* distinct: references listed already */
	struct imap winners; /* last: reference -> index in best + 1 */
	struct best {
		int32_t day;
		int64_t id;
	} * best;
	size_t best_n, best_cap;
	bool (*visit)(void *user, const struct trace_row *row);
	void *user;
	bool stopped;
};

static bool by_reference(const struct figure *f)
{
	return f->grain == G_DISTINCT || (f->grain == G_STOCK && f->grain_path.n);
}

static bool find_best(void *user, const struct contrib *c, const struct counted_row *counted)
{
	struct tracing *t = user;
	const struct contrib_figure *f = &c->figures[0];
	if (!counted->row->has[f->reference] || !counted->row->has[f->value])
		return true;
	int64_t *at = imap_at(&t->winners, (uint64_t)counted->row->value[f->reference]);
	struct best now = {counted->day, counted->row->id};
	if (*at == 0) {
		t->best = arena_grow(t->r->a, t->best, t->best_n, &t->best_cap, sizeof *t->best);
		t->best[t->best_n++] = now;
		*at = (int64_t)t->best_n;
	} else if (now.day > t->best[*at - 1].day ||
		   (now.day == t->best[*at - 1].day && now.id > t->best[*at - 1].id)) {
		t->best[*at - 1] = now;
	}
	return true;
}

static bool is_best(struct tracing *t, const struct contrib_row *row, const struct contrib_figure *f)
{
	int64_t at = 0;
	return row->has[f->reference] && imap_has(&t->winners, (uint64_t)row->value[f->reference], &at) &&
	       t->best[at - 1].id == row->id;
}

/* The weight of one row; false where it is not to be listed at all. */
static bool weigh(struct tracing *t, const struct contrib_figure *f, const struct counted_row *counted,
	struct trace_row *out)
{
	const struct contrib_row *row = counted->row;
	if (t->f->grain == G_LAST) {
		if (!is_best(t, row, f))
			return false;
		out->contribution = row->value[f->value];
	} else if (t->f->grain == G_MEDIAN) {
		if (!row->has[f->value])
			return false;
		out->contribution = row->value[f->value];
	} else if (by_reference(t->f)) {
		out->contribution = 0;
		if (!row->has[f->reference])
			return true;
		int64_t *seen = imap_at(&t->seen, (uint64_t)row->value[f->reference]);
		out->contribution = *seen ? 0 : 1;
		*seen = 1;
	} else {
		out->contribution = contrib_weight(f, row);
	}
	if (f->reference >= 0 && row->has[f->reference])
		out->reference = row->value[f->reference];
	return true;
}

static bool show(void *user, const struct contrib *c, const struct counted_row *counted)
{
	struct tracing *t = user;
	const struct contrib_row *row = counted->row;
	struct trace_row out = {.reg = c->reg,
		.id = row->id,
		.org = row->org,
		.day = counted->day,
		.grade = (char)('A' + row->grade),
		.through_cohost = counted->through_cohost};
	if (!weigh(t, &c->figures[0], counted, &out))
		return true;
	if (totals_cover(t->r, &t->use, t->f, t->use.n, row->holders, row->holders_n, counted->day)) {
		out.covered = true;
		out.contribution = 0;
	}
	if (row->id <= t->after)
		return true;
	t->stopped = !t->visit(t->user, &out);
	return !t->stopped;
}

static void put_total(
	struct tracing *t, const struct total *total, int64_t contribution, const struct figure *part)
{
	struct trace_row out = {.reg = model_reg(t->r->city->model, STR("declared_total")),
		.id = total->id,
		.org = total->org,
		.day = total->period.to - 1,
		.contribution = contribution,
		.grade = (char)('A' + total->grade),
		.part = part};
	if (t->after >= 0 || total->id > -t->after)
		t->stopped = !t->visit(t->user, &out);
}

/* A total of a part weighs what it adds to the part's rows, which are listed as they are. */
static enum rc show_totals(struct tracing *t, struct err *err)
{
	for (size_t i = 0; i < t->use.n && !t->stopped; i++) {
		const struct total *total = t->use.list[i];
		const struct figure *part = t->use.of[i] == t->f ? NULL : t->use.of[i];
		int64_t stands_for[GRADES] = {0}, value = total->value;
		if (part)
			TRY(totals_replaced(t->r, &t->use, i, stands_for, err));
		for (int g = 0; g < GRADES; g++)
			value -= stands_for[g];
		put_total(t, total, value, part);
	}
	return RC_OK;
}

static enum rc trace_rows(struct tracing *t, const struct period *p, int64_t org, struct err *err)
{
	struct rows_ask ask = {.f = t->f, .p = *p, .org = org, .ordered = true, .visit = show, .user = t};
	if (t->f->grain == G_LAST) {
		ask.visit = find_best;
		ask.ordered = false;
		TRY(rows_walk(t->r, &ask, err));
		ask.visit = show;
		ask.ordered = true;
	}
	/* Of a reference only the first row weighs: those before the cursor must be walked again. */
	if (!by_reference(t->f))
		ask.after = t->after;
	return rows_walk(t->r, &ask, err);
}

enum rc figure_trace(struct reader *r, const struct figure *f, const struct period *p, int64_t org,
	int64_t after, bool (*visit)(void *user, const struct trace_row *row), void *user, struct err *err)
{
	struct tracing t = {.r = r, .f = f, .after = after, .visit = visit, .user = user};
	struct totals all;
	if (f->grain == G_RATE)
		return FAIL(err, RC_INVALID, "%.*s is a rate: look at the rows of %.*s and of %.*s",
			STR_ARG(f->id), STR_ARG(f->rate_of->id), STR_ARG(f->rate_over->id));
	TRY(totals_load(r, p, &all, err));
	totals_pick(r, &all, f, p, org, &t.use);
	if (t.use.untellable.n)
		t.use.n = 0;
	enum rc rc = after < 0 ? RC_OK : trace_rows(&t, p, org, err);
	bool any = t.seen.n > 0;
	imap_done(&t.seen);
	imap_done(&t.winners);
	TRY(rc);
	TRY(show_totals(&t, err));
	if (by_reference(f) && t.use.whole && !any && !t.stopped)
		put_total(&t, t.use.whole, t.use.whole->value, NULL);
	return RC_OK;
}
