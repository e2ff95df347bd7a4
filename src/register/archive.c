/* archive.c -- parts, what may leave, and the closed years that the writer keeps an eye on; see archive.h. */
#include "base/clock.h"
#include "base/date.h"
#include "guard/keyfile.h"
#include "register/archive_in.h"
#include "register/plan.h"
#include "register/rule_file.h"
#include "register/schema.h"
#include <stdlib.h>

static const char RULES[] = "rules/retention.yaml";
static const char Q_PARTS[] = "SELECT id, n, at, register, state, name, year, digest FROM archive_part"
			      " ORDER BY register, year";
static const char Q_CLOSED[] = "SELECT register, year FROM archive_part ORDER BY register, year";
static const char Q_FROZEN[] =
	"SELECT 1 FROM edition WHERE period = ?1 AND org = (SELECT root_org FROM city WHERE one = 1) LIMIT 1";

enum { YEARS_MAX = 200 };

const char *archive_path(struct arena *a, const char *db_url, str name)
{
	return arena_printf(a, "%s/%.*s", keyfile_beside(a, db_url, "archive").p, STR_ARG(name));
}

enum rc archive_parts(
	struct db *db, struct arena *a, struct archive_part **out, size_t *out_n, struct err *err)
{
	struct stmt *s;
	size_t cap = 0;
	*out = NULL;
	*out_n = 0;
	TRY(db_prepare(db, Q_PARTS, &s, err));
	for (;;) {
		bool row;
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		*out = arena_grow(a, *out, *out_n, &cap, sizeof **out);
		struct archive_part *p = &(*out)[(*out_n)++];
		*p = (struct archive_part){.id = stmt_i64(s, 0),
			.rows = stmt_i64(s, 1),
			.at_ms = stmt_i64(s, 2),
			.reg = stmt_str(a, s, 3),
			.state = stmt_str(a, s, 4),
			.name = stmt_str(a, s, 5),
			.year = (int)stmt_i64(s, 6)};
		str digest = stmt_blob(s, 7);
		if (digest.n == HASH_BYTES)
			memcpy(p->digest.b, digest.p, HASH_BYTES);
	}
}

/* ---- does the register fit ---- */

struct reading {
	const struct reg *reg;
	bool found;
};

static void look(void *user, const struct path *p, bool exists)
{
	struct reading *x = user;
	for (int i = exists ? 0 : 1; i <= p->steps_n; i++)
		x->found = x->found || p->regs[i] == x->reg;
}

static bool passes(const struct model *m, const struct reg *of, str text, const struct reg *reg)
{
	struct path p;
	struct reading x = {.reg = reg};
	if (text.n && of && path_parse(m, of, text, &p, NULL) == RC_OK)
		look(&x, &p, false);
	return x.found;
}

/* Does a figure read rows of the register otherwise than as the rows that it counts? */
static bool reads(const struct model *m, const struct figure *f, const struct reg *reg)
{
	const str paths[] = {f->on, f->grain_path, f->stock_from, f->stock_to, f->last_per};
	struct reading x = {.reg = reg};
	if (f->where)
		expr_each_path(f->where, look, &x);
	if (f->grain_expr)
		expr_each_path(f->grain_expr, look, &x);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		x.found = x.found || passes(m, f->of, paths[i], reg);
	return x.found;
}

static str unfit_figure(struct arena *a, const struct model *m, const struct reg *reg)
{
	for (size_t i = 0; i < m->figures_n; i++) {
		const struct figure *f = &m->figures[i];
		bool own = f->of == reg,
		     in_cells = f->grain == G_ROW || f->grain == G_SUM || f->grain == G_DISTINCT;
		if ((own && (!in_cells || !str_eq(f->on, reg->happens))) || reads(m, f, reg))
			return arena_fmt(a, tr("figure %.*s needs its rows"), STR_ARG(f->id));
	}
	return STR("");
}

str archive_unfit(struct arena *a, const struct model *m, const struct reg *reg)
{
	if (reg->happens.n == 0)
		return str_of(tr("it has no event date"));
	for (size_t i = 0; i < reg->fields_n; i++) {
		const struct field *f = &reg->fields[i];
		if (f->type == T_FILE)
			return arena_fmt(a, tr("files hang on its rows (%.*s)"), STR_ARG(f->id));
		if (schema_has_blind(reg, f))
			return arena_fmt(a, tr("its key is sealed (%.*s)"), STR_ARG(f->id));
	}
	for (size_t i = 0; i < m->regs_n; i++)
		for (size_t k = 0; k < m->regs[i].fields_n; k++)
			if (m->regs[i].fields[k].to_reg == reg)
				return arena_fmt(a, tr("rows of %.*s lead to its rows"),
					STR_ARG(label_text(&m->regs[i].label)));
	return unfit_figure(a, m, reg);
}

/* ---- which years ---- */

static bool settled_state(const struct reg *reg, str state)
{
	bool moves = false;
	for (size_t i = 0; i < reg->moves_n; i++)
		for (size_t k = 0; k < reg->moves[i].from_n; k++)
			moves = moves || str_eq(reg->moves[i].from[k], state);
	return !moves || str_is(state, "void") || str_eq(state, reg->import_state);
}

enum rc archive_rows_of(
	struct query *q, const struct reg *reg, int year, str *out_day, str *out_from, struct err *err)
{
	struct path p;
	TRY(path_parse(q->m, reg, reg->happens, &p, err));
	*out_day = query_day(q, &p);
	int from = query_param_text(q, arena_fmt(q->a, "%04d-01-01", year)),
	    to = query_param_text(q, arena_fmt(q->a, "%04d-12-31", year));
	*out_from = arena_fmt(q->a, "%.*s WHERE %.*s BETWEEN ?%d AND ?%d", STR_ARG(query_from(q)),
		STR_ARG(*out_day), from, to);
	return RC_OK;
}

struct year_rows {
	int year;
	int64_t rows, open;
};

static enum rc count_years(struct reader *r, const struct reg *reg, int before, struct year_rows *list,
	size_t *out_n, struct err *err)
{
	struct query q;
	struct path p;
	struct stmt *s;
	*out_n = 0;
	query_init(&q, r->a, r->city->model, reg, r->city->seal);
	TRY(path_parse(q.m, reg, reg->happens, &p, err));
	str day = query_day(&q, &p);
	int to = query_param_text(&q, arena_fmt(r->a, "%04d-01-01", before));
	str sql = arena_fmt(r->a,
		"SELECT substr(%.*s, 1, 4), r.\"state\", count(*) %.*s WHERE %.*s < ?%d GROUP BY 1, 2 ORDER "
		"BY 1, 2",
		STR_ARG(day), STR_ARG(query_from(&q)), STR_ARG(day), to);
	TRY(db_prepare(r->db, sql.p, &s, err));
	query_bind(&q, s);
	for (;;) {
		bool row;
		int64_t year;
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		if (!str_i64(stmt_text(s, 0), &year))
			continue;
		if (*out_n == 0 || list[*out_n - 1].year != (int)year) {
			if (*out_n == YEARS_MAX)
				continue;
			list[(*out_n)++] = (struct year_rows){.year = (int)year};
		}
		struct year_rows *y = &list[*out_n - 1];
		y->rows += stmt_i64(s, 2);
		y->open += settled_state(reg, stmt_text(s, 1)) ? 0 : stmt_i64(s, 2);
	}
}

static enum rc frozen(struct reader *r, int year, bool *out, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(r->db, Q_FROZEN, &s, err));
	stmt_bind_text(s, 1, arena_fmt(r->a, "%04d", year));
	TRY(stmt_step(s, out, err));
	stmt_reset(s);
	return RC_OK;
}

/* A total that stands for rows of the year is measured against them: where cells cannot tell how many those are, the rows
 * must stay. */
static enum rc under_total(struct reader *r, const struct reg *reg, int year, bool *out, struct err *err)
{
	struct stmt *s;
	const struct model *m = r->city->model;
	*out = false;
	if (model_reg(m, STR("declared_total")) == NULL)
		return RC_OK;
	TRY(db_prepare(r->db,
		"SELECT \"figure_id\", \"period_from\", \"period_to\" FROM \"declared_total\" WHERE "
		"\"state\" = 'accepted'"
		" AND \"period_from\" <= ?2 AND \"period_to\" >= ?1",
		&s, err));
	stmt_bind_text(s, 1, arena_fmt(r->a, "%04d-01-01", year));
	stmt_bind_text(s, 2, arena_fmt(r->a, "%04d-12-31", year));
	for (;;) {
		bool row;
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		const struct figure *f = model_figure(m, stmt_text(s, 0));
		int32_t from, last;
		bool months = date_parse(stmt_text(s, 1), &from) && date_parse(stmt_text(s, 2), &last) &&
			      date_ymd(from).day == 1 && date_ymd(last + 1).day == 1;
		*out = *out || (f && f->of == reg && (reg->cohosts || !months));
	}
}

static enum rc judge(struct reader *r, struct archive_line *x, int64_t open, int after, struct err *err)
{
	bool is_frozen, totals;
	int now = date_ymd(clock_today()).year;
	TRY(frozen(r, x->year, &is_frozen, err));
	TRY(under_total(r, x->reg, x->year, &totals, err));
	if (x->year > now - after)
		x->why = arena_fmt(r->a, tr("it ended less than %d years ago"), after);
	else if (open > 0)
		x->why = arena_fmt(r->a, tr("%lld rows are in the middle of their moves"), (long long)open);
	else if (!is_frozen)
		x->why = str_of(tr("the city's report of that year is not frozen"));
	else if (totals)
		x->why = str_of(tr("a declared total covers single days of it, or rows with co-hosts"));
	return RC_OK;
}

struct planning {
	struct reader *r;
	const struct reg *only;
	int before, after;
	struct archive_line **out;
	size_t *n, cap;
};

static struct archive_line *add_line(struct planning *x)
{
	*x->out = arena_grow(x->r->a, *x->out, *x->n, &x->cap, sizeof **x->out);
	return &(*x->out)[(*x->n)++];
}

static enum rc plan_reg(struct planning *x, const struct reg *reg, struct err *err)
{
	struct year_rows years[YEARS_MAX];
	size_t n;
	if (x->only && x->only != reg)
		return RC_OK;
	str unfit = archive_unfit(x->r->a, x->r->city->model, reg);
	if (unfit.n) {
		*add_line(x) = (struct archive_line){.reg = reg, .why = unfit};
		return RC_OK;
	}
	TRY(count_years(x->r, reg, x->before, years, &n, err));
	for (size_t i = 0; i < n; i++) {
		struct archive_line *line = add_line(x);
		*line = (struct archive_line){.reg = reg, .year = years[i].year, .rows = years[i].rows};
		TRY(judge(x->r, line, years[i].open, x->after, err));
	}
	return RC_OK;
}

/* A part on its way is gone through to its end, whatever became of its reasons. */
static enum rc plan_unfinished(struct planning *x, struct err *err)
{
	struct archive_part *parts;
	size_t n;
	TRY(archive_parts(x->r->db, x->r->a, &parts, &n, err));
	for (size_t i = 0; i < n; i++) {
		const struct reg *reg = model_reg(x->r->city->model, parts[i].reg);
		bool under_way = str_is(parts[i].state, "leaving") || str_is(parts[i].state, "moving");
		struct archive_line *line = NULL;
		for (size_t k = 0; k < *x->n && !line; k++)
			if ((*x->out)[k].reg == reg && (*x->out)[k].year == parts[i].year)
				line = &(*x->out)[k];
		if (reg == NULL || (x->only && reg != x->only) || (!line && !under_way))
			continue;
		if (line == NULL) {
			line = add_line(x);
			*line = (struct archive_line){
				.reg = reg, .year = parts[i].year, .rows = parts[i].rows};
		}
		line->why = under_way ? STR("") : str_of(tr("rows of that year are in the archive already"));
	}
	return RC_OK;
}

enum rc archive_plan(struct reader *r, int before, const struct reg *only, struct archive_line **out,
	size_t *out_n, struct err *err)
{
	struct planning x = {.r = r, .only = only, .before = before, .after = 2, .out = out, .n = out_n};
	struct rule_file f;
	const struct yaml *map;
	int64_t after = 2;
	*out = NULL;
	*out_n = 0;
	enum rc rc = rule_file_open(&f, r->a, r->city->model, RULES, err);
	if (rc == RC_NOT_FOUND)
		return RC_OK;
	TRY(rc);
	if ((map = yaml_get(&f.root, "archive")) == NULL)
		return RC_OK;
	TRY(rule_int(&f, map, "after_years", 1, 50, &after));
	x.after = (int)after;
	const struct yaml *regs = yaml_get(map, "registers");
	for (size_t i = 0; regs && regs->kind == YAML_LIST && i < regs->n; i++) {
		const struct reg *reg = model_reg(r->city->model, regs->items[i].text);
		if (reg == NULL)
			return rule_bad(&f, &regs->items[i], "registers");
		TRY(plan_reg(&x, reg, err));
	}
	return plan_unfinished(&x, err);
}

/* ---- closed years ---- */

enum rc archive_fresh(struct city *c, struct db *db, struct err *err)
{
	struct closed_year list[YEARS_MAX * 8];
	struct stmt *s;
	size_t n = 0;
	TRY(db_prepare(db, Q_CLOSED, &s, err));
	for (;;) {
		bool row;
		TRY(stmt_step(s, &row, err));
		if (!row)
			break;
		const struct reg *reg = model_reg(c->model, stmt_text(s, 0));
		if (reg && n < sizeof list / sizeof *list)
			list[n++] = (struct closed_year){reg, (int)stmt_i64(s, 1)};
	}
	c->closed = mem_resize(c->closed, n * sizeof *list);
	if (n)
		memcpy(c->closed, list, n * sizeof *list);
	c->closed_n = n;
	c->closed_stale = false;
	return RC_OK;
}

enum rc archive_guard(struct job_ctx *c, const struct reg *reg, int64_t first, int64_t last, struct err *err)
{
	const struct city *city = job_city(c);
	struct query q;
	struct path p;
	struct stmt *s;
	bool any = false, row;
	for (size_t i = 0; i < city->closed_n; i++)
		any = any || city->closed[i].reg == reg;
	if (!any)
		return RC_OK;
	query_init(&q, c->a, city->model, reg, city->seal);
	TRY(path_parse(city->model, reg, reg->happens, &p, err));
	str day = query_day(&q, &p);
	int from = query_param_int(&q, first), to = query_param_int(&q, last);
	str sql =
		arena_fmt(c->a, "SELECT DISTINCT substr(%.*s, 1, 4) %.*s WHERE r.\"id\" BETWEEN ?%d AND ?%d",
			STR_ARG(day), STR_ARG(query_from(&q)), from, to);
	TRY(db_prepare(c->db, sql.p, &s, err));
	query_bind(&q, s);
	for (;;) {
		int64_t year = 0;
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		if (!str_i64(stmt_text(s, 0), &year))
			continue;
		for (size_t i = 0; i < city->closed_n; i++)
			if (city->closed[i].reg == reg && city->closed[i].year == year) {
				stmt_reset(s);
				return FAIL(err, RC_CONFLICT,
					"%lld of “%.*s” is closed, its rows are in the archive: “qinghe "
					"archive back” brings "
					"them back first",
					(long long)year, STR_ARG(label_text(&reg->label)));
			}
	}
}
