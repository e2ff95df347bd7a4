/* contrib.c -- see contrib.h. Columns of the head: id, org, mask, grade, co-hosts (where the register has them), the
 * dates, the values. */
#include "figure/contrib.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/date.h"

/* ---- making ---- */

static enum rc path_sql(struct contrib *c, str text, struct path *out_path, str *out_sql, struct err *err)
{
	TRY(path_parse(c->q.m, c->reg, text, out_path, err));
	*out_sql = query_path(&c->q, out_path);
	return RC_OK;
}

static enum rc column(struct contrib *c, struct contrib_column *list, int *n, int max, str sql,
	enum expr_type type, int *out_at, struct err *err)
{
	for (int i = 0; i < *n; i++)
		if (str_eq(list[i].sql, sql)) {
			*out_at = i;
			return RC_OK;
		}
	if (*n == max)
		return FAIL(err, RC_LIMIT, "register %.*s: its figures need more than %d columns",
			STR_ARG(c->reg->id), max);
	list[*n] = (struct contrib_column){sql, type};
	*out_at = (*n)++;
	return RC_OK;
}

static enum rc date_column(
	struct contrib *c, struct contrib_figure *f, str text, int *out_at, bool main_date, struct err *err)
{
	struct path p;
	str sql;
	if (text.n == 0)
		return RC_OK;
	TRY(path_sql(c, text, &p, &sql, err));
	if (p.type != E_DATE && p.type != E_MONTH && p.type != E_INSTANT)
		return FAIL(
			err, RC_INVALID, "figure %.*s: %.*s is no date", STR_ARG(f->f->id), STR_ARG(text));
	if (main_date) {
		f->date_sql = sql;
		f->date_type = p.type;
	}
	return column(c, c->dates, &c->dates_n, CONTRIB_DATES_MAX, sql, p.type, out_at, err);
}

static enum rc value_column(struct contrib *c, str text, int *out_at, str *out_sql, struct err *err)
{
	struct path p;
	str sql;
	if (text.n == 0)
		return RC_OK;
	TRY(path_sql(c, text, &p, &sql, err));
	if (out_sql)
		*out_sql = sql;
	return column(c, c->values, &c->values_n, CONTRIB_VALUES_MAX, sql, p.type, out_at, err);
}

static const struct reg *target_of(const struct contrib *c, str text)
{
	struct path p;
	if (text.n == 0 || path_parse(c->q.m, c->reg, text, &p, NULL) != RC_OK)
		return NULL;
	return p.last ? p.last->to_reg : str_is(p.last_id, "org") ? model_reg(c->q.m, p.last_id) : NULL;
}

static enum rc condition(struct contrib *c, struct contrib_figure *f, struct err *err)
{
	if (f->f->where == NULL)
		return RC_OK;
	/* Compare canonical texts: the SQL of equal conditions differs by its parameters' numbers. */
	str text = expr_text(c->a, f->f->where);
	for (size_t i = 0; i < c->figures_n; i++) {
		const struct contrib_figure *g = &c->figures[i];
		if (g != f && g->where.n && str_eq(expr_text(c->a, g->f->where), text)) {
			f->where = g->where;
			f->bits = g->bits;
			return RC_OK;
		}
	}
	if (c->bits_n == CONTRIB_BITS_MAX)
		return FAIL(err, RC_LIMIT, "register %.*s: more than %d conditions in its figures",
			STR_ARG(c->reg->id), (int)CONTRIB_BITS_MAX);
	f->where = query_expr(&c->q, f->f->where);
	f->bits = (uint64_t)1 << c->bits_n;
	c->bit_sql[c->bits_n++] = f->where;
	return RC_OK;
}

static enum rc add_figure(struct contrib *c, struct contrib_figure *f, struct err *err)
{
	const struct figure *g = f->f;
	f->date = f->date_to = f->value = f->reference = -1;
	TRY(condition(c, f, err));
	if (g->grain == G_STOCK) {
		TRY(date_column(c, f, g->stock_from, &f->date, true, err));
		TRY(date_column(c, f, g->stock_to, &f->date_to, false, err));
	} else {
		TRY(date_column(c, f, g->on.n ? g->on : c->reg->happens, &f->date, true, err));
	}
	switch (g->grain) {
	case G_SUM:
	case G_BALANCE:
		return value_column(c, g->grain_path, &f->value, NULL, err);
	case G_LAST:
		TRY(value_column(c, g->last_per, &f->reference, &f->reference_sql, err));
		return value_column(c, g->grain_path, &f->value, NULL, err);
	case G_DISTINCT:
	case G_STOCK:
		f->reference_reg = target_of(c, g->grain_path);
		return value_column(c, g->grain_path, &f->reference, &f->reference_sql, err);
	case G_MEDIAN:
		return column(c, c->values, &c->values_n, CONTRIB_VALUES_MAX,
			g->grain_expr ? query_expr(&c->q, g->grain_expr) : STR("NULL"), E_INT, &f->value,
			err);
	case G_ROW:
	case G_RATE:
		break;
	}
	return RC_OK;
}

static void add_mask(struct contrib *c, struct buf *b)
{
	if (c->bits_n == 0)
		buf_puts(b, "0");
	for (int i = 0; i < c->bits_n; i++)
		buf_printf(b, "%sCASE WHEN %.*s THEN %llu ELSE 0 END", i ? " + " : "", STR_ARG(c->bit_sql[i]),
			1ull << i);
}

str contrib_grade(struct query *q, const struct reg *reg, int without_rules)
{
	struct buf b AUTO(buf_done) = {0};
	if (reg->grades_n == 0)
		return without_rules >= 0 ? arena_fmt(q->a, "%d", without_rules)
					  : STR("CASE WHEN r.\"source\" = 'import' THEN 1 ELSE 0 END");
	buf_puts(&b, "CASE");
	for (size_t i = 0; i < reg->grades_n; i++) {
		const struct grade_rule *g = &reg->grades[i];
		str when = g->when ? query_expr(q, g->when) : STR("1 = 1");
		buf_printf(&b, " WHEN %.*s THEN %d", STR_ARG(when), g->letter - 'A');
	}
	buf_puts(&b, " ELSE 3 END");
	return arena_str(q->a, buf_str(&b));
}

static enum rc make(struct contrib *c, struct buf *b, struct err *err)
{
	for (size_t i = 0; i < c->figures_n; i++)
		TRY(add_figure(c, &c->figures[i], err));
	if (c->reg->n_field) {
		TRY(value_column(c, c->reg->n_field->id, &c->heads, NULL, err));
		if (c->reg->person)
			TRY(value_column(c, c->reg->person->id, &c->person, NULL, err));
	}
	buf_puts(b, "SELECT r.\"id\", r.\"org\", ");
	add_mask(c, b);
	buf_puts(b, ", ");
	buf_add(b, contrib_grade(&c->q, c->reg, -1));
	if (c->cohosts) {
		struct path p;
		str sql;
		TRY(path_sql(c, c->reg->cohosts->id, &p, &sql, err));
		buf_printf(b, ", %.*s", STR_ARG(sql));
	}
	for (int i = 0; i < c->dates_n; i++)
		buf_printf(b, ", %.*s", STR_ARG(c->dates[i].sql));
	for (int i = 0; i < c->values_n; i++)
		buf_printf(b, ", %.*s", STR_ARG(c->values[i].sql));
	buf_puts(b, " ");
	return RC_OK;
}

enum rc contrib_make(struct arena *a, const struct model *m, const struct reg *reg,
	const struct figure *const *figures, size_t n, struct contrib **out, struct err *err)
{
	struct contrib *c = NEW(a, struct contrib);
	struct buf b AUTO(buf_done) = {0};
	*c = (struct contrib){.a = a, .reg = reg, .heads = -1, .person = -1, .cohosts = reg->cohosts != NULL};
	query_init(&c->q, a, m, reg, NULL);
	c->figures = NEWS(a, n + 1, struct contrib_figure);
	c->figures_n = n;
	for (size_t i = 0; i < n; i++)
		c->figures[i].f = figures[i];
	TRY(make(c, &b, err));
	buf_puts(&b, "");
	if (!buf_ok(&b))
		return FAIL(err, RC_LIMIT, "register %.*s: the query of its figures is too long",
			STR_ARG(reg->id));
	c->head = arena_str(a, buf_str(&b));
	*out = c;
	return RC_OK;
}

/* ---- forms ---- */

void contrib_form_begin(struct contrib_form *f, const struct contrib *c)
{
	*f = (struct contrib_form){.c = c, .q = c->q};
	/* What is gathered from here on is the form's alone: the shared lists may not grow in place. */
	f->q.params_cap = f->q.params_n;
	f->q.joins_cap = f->q.joins_n;
}

int contrib_form_param(struct contrib_form *f)
{
	int n = query_param_int(&f->q, 0);
	f->p[f->p_n++] = n;
	return n;
}

void contrib_form_end(struct contrib_form *f, str where, str tail)
{
	str from = query_from(&f->q);
	f->sql = arena_fmt(f->c->a, "%.*s%.*s%s%.*s%s%.*s", STR_ARG(f->c->head), STR_ARG(from),
		where.n ? " WHERE " : "", STR_ARG(where), tail.n ? " " : "", STR_ARG(tail));
}

enum rc contrib_ask(struct db *db, const struct contrib_form *f, struct stmt **out_stmt, struct err *err)
{
	TRY(db_prepare(db, f->sql.p, out_stmt, err));
	query_bind(&f->q, *out_stmt);
	return RC_OK;
}

/* ---- reading ---- */

static int32_t day_of(struct stmt *s, int column_at, enum expr_type type)
{
	int32_t day = DATE_NONE;
	if (type == E_INSTANT)
		return stmt_null(s, column_at) ? DATE_NONE : clock_day_of(stmt_i64(s, column_at));
	str t = stmt_text(s, column_at);
	if (type == E_MONTH && t.n == 7) {
		char first[10];
		memcpy(first, t.p, 7);
		memcpy(first + 7, "-01", 3);
		return date_parse((str){first, 10}, &day) ? day : DATE_NONE;
	}
	return t.n && date_parse(t, &day) ? day : DATE_NONE;
}

/* ",3,17,": those that are not the owner. */
static void read_cohosts(struct contrib_row *row, str list)
{
	while (list.n && row->holders_n < 1 + CONTRIB_COHOSTS_MAX) {
		int64_t id = 0;
		str one = str_cut(list, ',', &list);
		if (one.n && str_i64(one, &id) && id != row->org)
			row->holders[row->holders_n++] = id;
	}
}

enum rc contrib_next(
	const struct contrib *c, struct stmt *s, struct contrib_row *row, bool *out_row, struct err *err)
{
	TRY(stmt_step(s, out_row, err));
	if (!*out_row)
		return RC_OK;
	int at = 0;
	row->id = stmt_i64(s, at++);
	row->org = stmt_i64(s, at++);
	row->mask = (uint64_t)stmt_i64(s, at++);
	row->grade = (int)stmt_i64(s, at++);
	row->holders[0] = row->org;
	row->holders_n = 1;
	if (c->cohosts)
		read_cohosts(row, stmt_text(s, at++));
	for (int i = 0; i < c->dates_n; i++)
		row->day[i] = day_of(s, at++, c->dates[i].type);
	for (int i = 0; i < c->values_n; i++, at++) {
		row->has[i] = !stmt_null(s, at);
		row->value[i] = row->has[i] ? stmt_i64(s, at) : 0;
	}
	if (c->person >= 0 && !row->has[c->person] && row->grade < 2)
		row->grade = 2;
	return RC_OK;
}
