/* settled.c -- see settled.h. */
#include "figure/settled.h"
#include "base/date.h"
#include "figure/totals.h"

static const char Q_FIGURES[] = "SELECT part, n, figure, digest FROM archive_figure ORDER BY part, n";
static const char Q_CELLS[] = "SELECT org, span, piece, value FROM archive_cell WHERE part = ?1 AND n = ?2";
static const char Q_FIGURE_PUT[] =
	"INSERT INTO archive_figure(part, n, figure, digest) VALUES (?1, ?2, ?3, ?4)";
static const char Q_TAKE[] = "INSERT INTO archive_cell(part, n, org, span, piece, value)"
			     " SELECT ?1, ?2, org, span, part, value FROM cell"
			     " WHERE number = ?3 AND span BETWEEN ?4 AND ?5 AND value <> 0";
static const char Q_SUM[] = "SELECT CAST(SUM(value) AS BIGINT) FROM archive_cell WHERE part = ?1 AND n = ?2"
			    " AND org = ?3 AND span BETWEEN ?4 AND ?5 AND piece BETWEEN ?6 AND ?7";

enum { MONTHS = 12 };

static const struct archive_part *part_of(const struct settled *s, int64_t id)
{
	for (size_t i = 0; i < s->parts_n; i++)
		if (s->parts[i].id == id)
			return &s->parts[i];
	return NULL;
}

enum rc settled_load(
	struct arena *a, struct db *db, const struct model *m, struct settled *out, struct err *err)
{
	struct stmt *s;
	size_t cap = 0;
	*out = (struct settled){0};
	TRY(archive_parts(db, a, &out->parts, &out->parts_n, err));
	if (out->parts_n == 0)
		return RC_OK;
	TRY(db_prepare(db, Q_FIGURES, &s, err));
	for (;;) {
		bool row;
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		const struct figure *f = model_figure(m, stmt_text(s, 2));
		out->list = arena_grow(a, out->list, out->n, &cap, sizeof *out->list);
		out->list[out->n++] = (struct settled_figure){.part = part_of(out, stmt_i64(s, 0)),
			.figure = f && str_is(stmt_text(s, 3), f->digest.hex) ? f : NULL,
			.n = (int)stmt_i64(s, 1)};
	}
}

bool settled_year(const struct settled *s, const struct reg *reg, int32_t day)
{
	for (size_t i = 0; i < s->parts_n; i++) {
		const struct archive_part *p = &s->parts[i];
		bool both = str_is(p->state, "moving") || str_is(p->state, "returning");
		if (both && str_eq(p->reg, reg->id) && p->year == date_ymd(day).year)
			return true;
	}
	return false;
}

static enum rc add_one(struct db *db, const struct settled_figure *x, int number, int64_t root,
	struct sums *sums, int64_t *plain, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, Q_CELLS, &s, err));
	stmt_bind_i64(s, 1, x->part->id);
	stmt_bind_i64(s, 2, x->n);
	for (;;) {
		bool row;
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		int64_t org = stmt_i64(s, 0), value = stmt_i64(s, 3);
		int piece = (int)stmt_i64(s, 2);
		sums_add_org(sums, org, (uint32_t)stmt_i64(s, 1), number, piece, value);
		if (plain && org == root && piece < GRADES)
			plain[number] += value;
	}
}

enum rc settled_add(struct db *db, const struct settled *s, const struct numbers *numbers, const bool *only,
	int64_t root, struct sums *sums, int64_t *plain, struct err *err)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct settled_figure *x = &s->list[i];
		int number = x->figure && x->part ? numbers->of[x->figure->at] : -1;
		if (number >= 0 && (only == NULL || only[number]))
			TRY(add_one(db, x, number, root, sums, plain, err));
	}
	return RC_OK;
}

static bool meets(const struct archive_part *part, const struct period *p)
{
	return p->from < date_of(part->year + 1, 1, 1) && p->to > date_of(part->year, 1, 1);
}

static bool known(const struct settled *s, const struct archive_part *part, const struct figure *f)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->list[i].part == part && s->list[i].figure == f)
			return true;
	return false;
}

str settled_why(struct arena *a, const struct settled *s, const struct figure *f, const struct period *p,
	bool by_rows)
{
	for (size_t i = 0; i < s->parts_n; i++) {
		const struct archive_part *part = &s->parts[i];
		bool facts = !str_is(part->state, "leaving");
		if (!facts || f->of == NULL || !str_eq(part->reg, f->of->id) || !meets(part, p))
			continue;
		if (by_rows)
			return arena_fmt(a,
				tr("the rows of %d lie in the archive (%.*s), whole months and the year can "
				   "be told: “qinghe "
				   "archive back” brings them back"),
				part->year, STR_ARG(part->name));
		if (!known(s, part, f))
			return arena_fmt(a,
				tr("it is defined otherwise than when the rows of %d went into the archive "
				   "(%.*s): “qinghe "
				   "archive back” brings them back to be counted"),
				part->year, STR_ARG(part->name));
	}
	return STR("");
}

enum rc settled_take(
	struct job_ctx *c, const struct reg *reg, const struct archive_part *part, struct err *err)
{
	const struct model *m = job_city(c)->model;
	struct numbers *numbers;
	struct stmt *s;
	int n = 0;
	TRY(numbers_load(c->a, c->db, m, &numbers, err));
	for (size_t i = 0; i < m->figures_n; i++) {
		const struct figure *f = &m->figures[i];
		if (f->of != reg || !figure_in_cells(f))
			continue;
		if (numbers->of[f->at] < 0)
			return FAIL(err, RC_CONFLICT,
				"figure %.*s is being recounted: try again when it is done", STR_ARG(f->id));
		TRY(db_prepare(c->db, Q_FIGURE_PUT, &s, err));
		stmt_bind_i64(s, 1, part->id);
		stmt_bind_i64(s, 2, n);
		stmt_bind_text(s, 3, f->id);
		stmt_bind_text(s, 4, str_of(f->digest.hex));
		TRY(stmt_run(s, err));
		TRY(db_prepare(c->db, Q_TAKE, &s, err));
		stmt_bind_i64(s, 1, part->id);
		stmt_bind_i64(s, 2, n++);
		stmt_bind_i64(s, 3, numbers->of[f->at]);
		stmt_bind_i64(s, 4, span_of_year(part->year));
		stmt_bind_i64(s, 5, (int64_t)span_of_year(part->year) + MONTHS);
		TRY(stmt_run(s, err));
	}
	return RC_OK;
}

/* Of a distinct figure its references, where the period is the whole year; else what the months add up to. */
static enum rc weigh(struct reader *r, const struct settled_figure *x, const struct period *p, int64_t org,
	int64_t *out, struct err *err)
{
	struct stmt *s;
	bool row, refs = x->figure->grain == G_DISTINCT;
	int32_t first, end;
	period_whole_months(p, &first, &end);
	TRY(db_prepare(r->db, Q_SUM, &s, err));
	stmt_bind_i64(s, 1, x->part->id);
	stmt_bind_i64(s, 2, x->n);
	stmt_bind_i64(s, 3, org);
	stmt_bind_i64(s, 4, refs ? span_of_year(x->part->year) : span_of_month(first));
	stmt_bind_i64(s, 5, refs ? span_of_year(x->part->year) : span_of_month(end - 1));
	stmt_bind_i64(s, 6, refs ? PART_REFS : 0);
	stmt_bind_i64(s, 7, refs ? PART_REFS : GRADES - 1);
	TRY(stmt_step(s, &row, err));
	*out = row ? stmt_i64(s, 0) : 0;
	stmt_reset(s);
	return RC_OK;
}

/* Rows under a declared total weigh nothing, as in the trace of rows that stand. */
static enum rc less_covered(struct reader *r, const struct settled_figure *x, const struct totals_use *use,
	int64_t *value, struct err *err)
{
	for (size_t i = 0; i < use->n && x->figure->grain != G_DISTINCT; i++) {
		int64_t covered = 0;
		if (use->of[i] == x->figure && meets(x->part, &use->list[i]->period))
			TRY(weigh(r, x, &use->list[i]->period, use->list[i]->org, &covered, err));
		*value -= covered;
	}
	return RC_OK;
}

enum rc settled_lines(struct reader *r, const struct figure *f, const struct period *p, int64_t org,
	struct settled_line **out, size_t *out_n, struct err *err)
{
	struct settled s;
	struct totals all;
	struct totals_use use;
	*out_n = 0;
	*out = NULL;
	TRY(settled_load(r->a, r->db, r->city->model, &s, err));
	if (s.n == 0)
		return RC_OK;
	TRY(totals_load(r, p, &all, err));
	totals_pick(r, &all, f, p, org, &use);
	*out = NEWS(r->a, s.n + 1, struct settled_line);
	for (size_t i = 0; i < s.n; i++) {
		const struct settled_figure *x = &s.list[i];
		struct settled_line *line = &(*out)[*out_n];
		if (x->figure != f || x->part == NULL || !meets(x->part, p))
			continue;
		*line = (struct settled_line){.year = x->part->year,
			.rows = x->part->rows,
			.name = x->part->name,
			.ended = str_is(x->part->state, "ended")};
		TRY(weigh(r, x, p, org, &line->value, err));
		TRY(less_covered(r, x, &use, &line->value, err));
		(*out_n)++;
	}
	return RC_OK;
}
