/* rows.c -- see rows.h. The WHERE narrows by condition, dates and organisations as far as an index may help; what counts
 * is then decided exactly, in C, row by row. */
#include "figure/rows.h"
#include "base/buf.h"
#include "base/clock.h"

enum { DAY_FIRST = INT32_MIN + 1, MS_PER_DAY = 86400000 };

struct walk {
	struct reader *r;
	const struct rows_ask *ask;
	const struct tree *tree;
	struct contrib *c;
	const struct contrib_figure *f;
	struct contrib_form form;
	struct buf where;
	int32_t from, to; /* dates looked at; from DAY_FIRST: no lower end */
	int from_p, to_p, orgs_p, after_p;
	const int64_t *orgs;
	size_t orgs_n;
};

static void join_and(struct walk *w)
{
	if (w->where.n)
		buf_puts(&w->where, " AND ");
}

/* Days the date columns may lie in. */
static void set_span(struct walk *w)
{
	const struct figure *f = w->ask->f;
	w->to = w->ask->p.to;
	w->from = w->ask->p.from;
	if (f->grain == G_BALANCE || f->grain == G_LAST || f->grain == G_STOCK)
		w->from = DAY_FIRST;
}

/* Which organisations' rows may count: none named when all may, or when co-hosts may bring others in. */
static void set_orgs(struct walk *w)
{
	const struct figure *f = w->ask->f;
	int32_t from = w->from;
	if (f->grain == G_STOCK)
		from = f->stock_during ? w->ask->p.from : w->ask->p.to - 1;
	w->orgs = tree_subtree_span(w->r->a, w->tree, w->ask->org, from, w->to, &w->orgs_n);
	if (w->c->cohosts || w->orgs_n == tree_size(w->tree))
		w->orgs = NULL;
	else if (w->orgs == NULL)
		w->orgs = NEW(w->r->a, int64_t); /* nobody: an empty list */
}

static void build(struct walk *w)
{
	const struct contrib_figure *f = w->f;
	contrib_form_begin(&w->form, w->c);
	buf_add(&w->where, f->where);
	if (w->from != DAY_FIRST) {
		join_and(w);
		buf_add(&w->where, f->date_sql);
		buf_printf(&w->where, " >= ?%d", w->from_p = contrib_form_param(&w->form));
	}
	join_and(w);
	buf_add(&w->where, f->date_sql);
	buf_printf(&w->where, " <= ?%d", w->to_p = contrib_form_param(&w->form));
	if (w->orgs) {
		join_and(w);
		buf_printf(&w->where, "r.\"org\" {in ?%d}", w->orgs_p = contrib_form_param(&w->form));
	}
	if (w->ask->after > 0) {
		join_and(w);
		buf_printf(&w->where, "r.\"id\" > ?%d", w->after_p = contrib_form_param(&w->form));
	}
	contrib_form_end(&w->form, buf_str(&w->where), w->ask->ordered ? STR("ORDER BY r.\"id\"") : STR(""));
}

/* Bounds as the column stores them; both inclusive and, for months, wider than the days. */
static void bind_day(struct stmt *s, int at, int32_t day, bool end, enum expr_type type)
{
	char text[DATE_TEXT_BYTES];
	if (type == E_INSTANT) {
		int64_t ms = (int64_t)day * MS_PER_DAY - (int64_t)clock_zone() * 60000;
		stmt_bind_i64(s, at, end ? ms + MS_PER_DAY - 1 : ms);
		return;
	}
	date_text(day, text);
	stmt_bind_text(s, at, (str){text, type == E_MONTH ? 7 : 10});
}

static enum rc ask(struct walk *w, struct stmt **out, struct err *err)
{
	TRY(contrib_ask(w->r->db, &w->form, out, err));
	if (w->from_p)
		bind_day(*out, w->from_p, w->from, false, w->f->date_type);
	bind_day(*out, w->to_p, w->to - 1, true, w->f->date_type);
	if (w->orgs_p)
		stmt_bind_ids(*out, w->orgs_p, w->orgs, w->orgs_n);
	if (w->after_p)
		stmt_bind_i64(*out, w->after_p, w->ask->after);
	return RC_OK;
}

/* Does a holder stand under the organisation on the day? */
static bool under(const struct walk *w, const struct contrib_row *row, int32_t day, bool *through)
{
	for (int i = 0; i < row->holders_n; i++)
		if (tree_under(w->tree, row->holders[i], w->ask->org, day)) {
			*through = i > 0;
			return true;
		}
	return false;
}

/* The first day of the period on which a stock's row counts. */
static bool in_force(const struct walk *w, const struct contrib_row *row, struct counted_row *out)
{
	const struct figure *f = w->ask->f;
	int32_t from = row->day[w->f->date], to = INT32_MAX;
	if (from == DATE_NONE)
		return false;
	if (w->f->date_to >= 0 && row->day[w->f->date_to] != DATE_NONE)
		to = row->day[w->f->date_to] + (f->stock_to_last ? 1 : 0);
	int32_t first = f->stock_during ? w->ask->p.from : w->ask->p.to - 1;
	first = from > first ? from : first;
	to = to < w->ask->p.to ? to : w->ask->p.to;
	if (first < to && under(w, row, first, &out->through_cohost)) {
		out->day = first;
		return true;
	}
	if (!f->stock_during)
		return false;
	/* Not there at first: it may have moved in with its organisation, on a day when an interval begins. */
	bool found = false;
	for (int i = 0; i < row->holders_n; i++) {
		size_t n = 0;
		const struct anc *anc = tree_ancestors(w->tree, row->holders[i], &n);
		for (size_t k = 0; k < n; k++)
			if (anc[k].org == w->ask->org && anc[k].from > first && anc[k].from < to &&
				(!found || anc[k].from < out->day)) {
				out->day = anc[k].from;
				out->through_cohost = i > 0;
				found = true;
			}
	}
	return found;
}

static bool counts(const struct walk *w, const struct contrib_row *row, struct counted_row *out)
{
	*out = (struct counted_row){.row = row};
	if (!contrib_counts(w->f, row))
		return false;
	if (w->ask->f->grain == G_STOCK)
		return in_force(w, row, out);
	out->day = row->day[w->f->date];
	return out->day != DATE_NONE && out->day >= w->from && out->day < w->to &&
	       under(w, row, out->day, &out->through_cohost);
}

static enum rc walk(struct walk *w, struct err *err)
{
	struct stmt *s;
	struct contrib_row row;
	struct counted_row counted;
	bool there;
	const struct figure *one[1] = {w->ask->f};
	TRY(contrib_make(w->r->a, w->r->city->model, w->ask->f->of, one, 1, &w->c, err));
	w->f = &w->c->figures[0];
	if (w->f->date < 0)
		return FAIL(err, RC_INVALID, "figure %.*s has no date", STR_ARG(w->ask->f->id));
	set_span(w);
	set_orgs(w);
	build(w);
	TRY(ask(w, &s, err));
	for (;;) {
		TRY(contrib_next(w->c, s, &row, &there, err));
		if (!there)
			return RC_OK;
		if (counts(w, &row, &counted) && !w->ask->visit(w->ask->user, w->c, &counted)) {
			stmt_reset(s);
			return RC_OK;
		}
	}
}

enum rc rows_walk(struct reader *r, const struct rows_ask *ask, struct err *err)
{
	struct walk w = {.r = r, .ask = ask, .tree = r->tree ? r->tree : r->city->tree};
	enum rc rc = walk(&w, err);
	buf_done(&w.where);
	return rc;
}
