/* expr_sql.c -- expressions to SQL in the portable subset: see expr.h.
 *
 * Every condition is SQL's own three-valued logic, so null never makes one true. Scopes: the base row is r with joins
 * j1, j2 ...; inside exists( ) the row is e with joins ej1, ej2 ... A reference's path is joined once a scope. All
 * literals are parameters. An instant is compared by its local date: {day (x + zone)}. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/date.h"
#include "guard/seal.h"
#include "register/expr_in.h"
#include "register/person.h"
#include "register/schema.h"
#include <assert.h>

enum { EXPR_SQL_MAX_BYTES = 4 << 20, IN_ONE_BY_ONE = 6 };

struct query_join {
	str parent, column, alias; /* alias."id" = parent."column" */
	const struct reg *to;
};

struct scope {
	struct query *q;
	const char *row, *join; /* "r", "j" or "e", "ej" */
	struct query_join **joins;
	size_t *n, *cap;
};

static struct scope base_scope(struct query *q)
{
	return (struct scope){q, "r", "j", &q->joins, &q->joins_n, &q->joins_cap};
}

void query_init(
	struct query *q, struct arena *a, const struct model *m, const struct reg *r, struct seal *seal)
{
	*q = (struct query){.a = a, .m = m, .r = r, .seal = seal, .today = DATE_NONE};
}

/* ---- parameters ---- */

static int param(struct query *q, struct query_param v)
{
	q->params = arena_grow(q->a, q->params, q->params_n, &q->params_cap, sizeof *q->params);
	q->params[q->params_n++] = v;
	return (int)q->params_n;
}

int query_param_int(struct query *q, int64_t v)
{
	return param(q, (struct query_param){.kind = PARAM_INT, .i = v});
}

int query_param_text(struct query *q, str v)
{
	return param(q, (struct query_param){.kind = PARAM_TEXT, .t = v});
}

static int param_today(struct query *q)
{
	for (size_t i = 0; i < q->params_n; i++)
		if (q->params[i].kind == PARAM_TODAY)
			return (int)i + 1;
	return param(q, (struct query_param){.kind = PARAM_TODAY});
}

static int param_blind(
	struct query *q, const struct reg *r, const struct field *f, str text, int64_t generation)
{
	struct value v;
	assert(q->seal);
	bool find = schema_blind_of(r, f) == BLIND_FIND;
	str kind = arena_fmt(q->a, "%.*s.%.*s", STR_ARG(r->id), STR_ARG(f->id));
	if (value_parse(q->a, f, text, &v, NULL) == RC_OK && v.kind == V_TEXT)
		text = v.t;
	if (find) {
		kind = str_is(f->id, "citizen_id") ? STR("id") : f->id;
		text = str_is(f->id, "name") ? person_name_clean(q->a, text) : text;
	}
	struct blind h = seal_blind_at(q->seal, generation, kind, text);
	str bytes = arena_str(q->a, (str){(const char *)h.b, BLIND_BYTES});
	return param(q, (struct query_param){.kind = PARAM_BLOB, .t = bytes});
}

void query_bind(const struct query *q, struct stmt *s)
{
	char today[DATE_TEXT_BYTES];
	for (size_t i = 0; i < q->params_n; i++) {
		const struct query_param *p = &q->params[i];
		int at = (int)i + 1;
		switch (p->kind) {
		case PARAM_INT:
			stmt_bind_i64(s, at, p->i);
			break;
		case PARAM_TEXT:
			stmt_bind_text(s, at, p->t);
			break;
		case PARAM_BLOB:
			stmt_bind_blob(s, at, p->t);
			break;
		case PARAM_TODAY:
			date_text(q->today == DATE_NONE ? clock_today() : q->today, today);
			stmt_bind_text(s, at, str_of(today));
			break;
		case PARAM_LAST_ROW:
			stmt_bind_i64(s, at, INT64_MAX);
			break;
		case PARAM_HIDDEN_ROW:
			stmt_bind_i64(s, at, 0);
			break;
		}
	}
}

enum rc query_rows(const struct query *q, struct db *db, str from, str day, size_t most,
	struct query_row **out, size_t *out_n, struct err *err)
{
	struct stmt *s;
	enum rc rc;
	size_t cap = 0;
	str sql =
		arena_fmt(q->a, "SELECT r.\"id\", %.*s %.*s ORDER BY r.\"id\"", STR_ARG(day), STR_ARG(from));
	if (most)
		sql = arena_fmt(q->a, "%.*s LIMIT %zu", STR_ARG(sql), most);
	*out = NULL;
	*out_n = 0;
	TRY(db_prepare(db, sql.p, &s, err));
	query_bind(q, s);
	while (stmt_next(s, &rc, err)) {
		*out = arena_grow(q->a, *out, *out_n, &cap, sizeof **out);
		(*out)[(*out_n)++] =
			(struct query_row){stmt_i64(s, 0), arena_str(q->a, str_head(stmt_text(s, 1), 7))};
	}
	return rc;
}

/* ---- paths ---- */

static str joined(struct scope *c, str parent, str column, const struct reg *to)
{
	for (size_t i = 0; i < *c->n; i++)
		if (str_eq((*c->joins)[i].parent, parent) && str_eq((*c->joins)[i].column, column))
			return (*c->joins)[i].alias;
	*c->joins = arena_grow(c->q->a, *c->joins, *c->n, c->cap, sizeof **c->joins);
	str alias = arena_fmt(c->q->a, "%s%zu", c->join, *c->n + 1);
	(*c->joins)[(*c->n)++] = (struct query_join){parent, column, alias, to};
	return alias;
}

/* Alias of the row in which the path ends. */
static str path_row(struct scope *c, const struct path *p)
{
	str alias = str_of(c->row);
	for (int i = 0; i < p->steps_n; i++)
		alias = joined(c, alias, p->steps[i] ? p->steps[i]->id : STR("org"), p->regs[i + 1]);
	return alias;
}

static void column(struct scope *c, struct buf *b, const struct path *p)
{
	str alias = path_row(c, p);
	buf_printf(b, "%.*s.\"%.*s\"", STR_ARG(alias), STR_ARG(p->last_id));
}

static void add_joins(struct buf *b, const struct query_join *joins, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct query_join *j = &joins[i];
		buf_printf(b, " LEFT JOIN \"%.*s\" %.*s ON %.*s.\"id\" = %.*s.\"%.*s\"", STR_ARG(j->to->id),
			STR_ARG(j->alias), STR_ARG(j->alias), STR_ARG(j->parent), STR_ARG(j->column));
	}
}

static str kept(struct query *q, struct buf *b)
{
	assert(buf_ok(b));
	str s = arena_str(q->a, buf_str(b));
	buf_done(b);
	return s;
}

str query_path(struct query *q, const struct path *p)
{
	struct scope c = base_scope(q);
	struct buf b;
	buf_init(&b, EXPR_SQL_MAX_BYTES);
	column(&c, &b, p);
	return kept(q, &b);
}

str query_day(struct query *q, const struct path *p)
{
	str column = query_path(q, p);
	if (p->type == E_INSTANT)
		return arena_fmt(
			q->a, "{day (%.*s + %lld)}", STR_ARG(column), (long long)clock_zone() * 60000);
	return p->type == E_MONTH ? arena_fmt(q->a, "(%.*s || '-01')", STR_ARG(column)) : column;
}

str query_from(struct query *q)
{
	struct buf b;
	buf_init(&b, EXPR_SQL_MAX_BYTES);
	buf_printf(&b, "FROM \"%.*s\" r", STR_ARG(q->r->id));
	add_joins(&b, q->joins, q->joins_n);
	return kept(q, &b);
}

/* ---- values and conditions ---- */

static void value(struct scope *c, struct buf *b, const struct expr *e);
static void condition(struct scope *c, struct buf *b, const struct expr *e);

/* A date as ISO text, whether it is one or an instant. */
static void day(struct scope *c, struct buf *b, const struct expr *e)
{
	if (e->type != E_INSTANT) {
		value(c, b, e);
		return;
	}
	buf_puts(b, "{day (");
	value(c, b, e);
	buf_printf(b, " + %lld)}", (long long)clock_zone() * 60000);
}

static void operand(struct scope *c, struct buf *b, const struct expr *e, bool as_day)
{
	if (as_day)
		day(c, b, e);
	else
		value(c, b, e);
}

static void arithmetic(struct scope *c, struct buf *b, const struct expr *e)
{
	const char *sign = e->kind == X_ADD ? " + " : e->kind == X_SUB || e->kind == X_SPAN ? " - " : " * ";
	buf_puts(b, e->kind == X_NEG ? "(- " : e->kind == X_SPAN ? "((" : "(");
	value(c, b, e->a);
	if (e->b) {
		buf_puts(b, sign);
		value(c, b, e->b);
	}
	buf_puts(b, e->kind == X_SPAN ? ") / 60000)" : ")");
}

static void age_apart(struct scope *c, struct buf *b, const struct expr *e)
{
	struct query *q = c->q;
	const struct path *p = &e->a->path;
	struct buf d;
	buf_init(&d, EXPR_SQL_MAX_BYTES);
	day(c, &d, e->b);
	str row = path_row(c, p);
	bool self = p->last == NULL && str_is(p->last_id, "id");
	str born = self ? row : joined(c, row, p->last_id, path_target(q->m, p));
	q->ages = arena_grow(q->a, q->ages, q->ages_n, &q->ages_cap, sizeof *q->ages);
	struct query_age *age = &q->ages[q->ages_n++];
	age->person = arena_fmt(q->a, "%.*s.\"%.*s\"", STR_ARG(row), STR_ARG(p->last_id));
	age->month = arena_fmt(q->a, "%.*s.\"birth_month\"", STR_ARG(born));
	age->day = arena_str(q->a, buf_str(&d));
	age->param = query_param_int(q, 0);
	buf_printf(b, "CAST(?%d AS BIGINT)", age->param);
	buf_done(&d);
}

static void age(struct scope *c, struct buf *b, const struct expr *e)
{
	if (c->q->ages_apart && c->joins == &c->q->joins && e->a->type == E_REF) {
		age_apart(c, b, e);
		return;
	}
	buf_puts(b, "{age ");
	if (e->a->type == E_MONTH) {
		value(c, b, e->a);
	} else {
		const struct path *p = &e->a->path;
		str row = path_row(c, p);
		bool self = p->last == NULL && str_is(p->last_id, "id");
		if (!self)
			row = joined(c, row, p->last_id, path_target(c->q->m, p));
		buf_printf(b, "%.*s.\"birth_month\"", STR_ARG(row));
	}
	buf_puts(b, " | ");
	day(c, b, e->b);
	buf_puts(b, "}");
}

static void call(struct scope *c, struct buf *b, const struct expr *e)
{
	if (e->kind == X_AGE) {
		age(c, b, e);
		return;
	}
	buf_puts(b, e->kind == X_DAYS ? "{days " : e->kind == X_MONTH_OF ? "{month " : "CAST(substr(");
	day(c, b, e->a);
	if (e->kind == X_DAYS) {
		buf_puts(b, " | ");
		day(c, b, e->b);
	}
	buf_puts(b, e->kind == X_YEAR ? ", 1, 4) AS BIGINT)" : "}");
}

static void value(struct scope *c, struct buf *b, const struct expr *e)
{
	switch (e->kind) {
	case X_NUMBER:
	case X_BOOL:
		buf_printf(b, "?%d", query_param_int(c->q, e->number));
		break;
	case X_TEXT:
	case X_DAY:
	case X_MONTH:
		buf_printf(b, "?%d", query_param_text(c->q, e->text));
		break;
	case X_TODAY:
		buf_printf(b, "?%d", param_today(c->q));
		break;
	case X_PATH:
		column(c, b, &e->path);
		break;
	case X_SPAN:
	case X_ADD:
	case X_SUB:
	case X_MUL:
	case X_NEG:
		arithmetic(c, b, e);
		break;
	case X_DAYS:
	case X_AGE:
	case X_MONTH_OF:
	case X_YEAR:
		call(c, b, e);
		break;
	case X_COMPARE:
	case X_BETWEEN:
	case X_IN:
	case X_NULL:
	case X_AND:
	case X_OR:
	case X_NOT:
	case X_UNDER:
	case X_EXISTS:
		condition(c, b, e);
		break;
	}
}

static bool is_sealed(const struct expr *e)
{
	return e->kind == X_PATH && e->path.last && e->path.last->sealed;
}

/* field = literal (or !=), by blind index. */
static void sealed(struct scope *c, struct buf *b, const struct expr *f, const struct expr *lit, bool equal)
{
	const struct path *p = &f->path;
	str row = path_row(c, p);
	int n = param_blind(c->q, p->last_reg, p->last, lit->text, seal_index_generation(c->q->seal));
	if (schema_blind_of(p->last_reg, p->last) == BLIND_COLUMN) {
		/* While the indexes get a new key a row stands under the one or the other (reindex.h). */
		int64_t next = seal_index_next(c->q->seal);
		int m = next ? param_blind(c->q, p->last_reg, p->last, lit->text, next) : n;
		buf_printf(b, "%.*s.\"%.*s_blind\" %s (?%d, ?%d)", STR_ARG(row), STR_ARG(p->last_id),
			equal ? "IN" : "NOT IN", n, m);
		return;
	}
	const char *kind = str_is(p->last_id, "citizen_id") ? "id"
			   : str_is(p->last_id, "phone")    ? "phone"
							    : "name";
	buf_printf(b,
		"CASE WHEN %.*s.\"%.*s\" IS NULL THEN NULL WHEN EXISTS (SELECT 1 FROM \"find\" f WHERE "
		"f.\"kind\" = '%s' AND f.\"h\" = ?%d AND f.\"person\" = %.*s.\"id\") THEN 1 ELSE 0 END = %d",
		STR_ARG(row), STR_ARG(p->last_id), kind, n, STR_ARG(row), equal);
}

static bool is_day(const struct expr *e)
{
	return e->type == E_DATE;
}

static void compare(struct scope *c, struct buf *b, const struct expr *e)
{
	static const char *const ops[] = {" = ", " <> ", " < ", " <= ", " > ", " >= "};
	if (is_sealed(e->a) || is_sealed(e->b)) {
		bool left = is_sealed(e->a);
		sealed(c, b, left ? e->a : e->b, left ? e->b : e->a, e->op == OP_EQ);
		return;
	}
	bool as_day = is_day(e->a) || is_day(e->b);
	operand(c, b, e->a, as_day);
	buf_puts(b, ops[e->op]);
	operand(c, b, e->b, as_day);
}

static void between(struct scope *c, struct buf *b, const struct expr *e)
{
	bool as_day = is_day(e->a) || is_day(e->list[0]) || is_day(e->list[1]);
	buf_puts(b, e->negated ? "NOT (" : "(");
	operand(c, b, e->a, as_day);
	buf_puts(b, " >= ");
	operand(c, b, e->list[0], as_day);
	buf_puts(b, " AND ");
	operand(c, b, e->a, as_day);
	buf_puts(b, " <= ");
	operand(c, b, e->list[1], as_day);
	buf_putc(b, ')');
}

static void in_list(struct scope *c, struct buf *b, const struct expr *e)
{
	if (is_sealed(e->a)) {
		buf_puts(b, e->negated ? "NOT (" : "(");
		for (size_t i = 0; i < e->list_n; i++) {
			buf_puts(b, i ? " OR " : "");
			sealed(c, b, e->a, e->list[i], true);
		}
		buf_putc(b, ')');
		return;
	}
	/* Few choices are compared one by one: for a list SQLite builds a table at every execution. */
	if (e->a->kind == X_PATH && e->list_n <= IN_ONE_BY_ONE) {
		buf_putc(b, '(');
		for (size_t i = 0; i < e->list_n; i++) {
			buf_puts(b, i == 0 ? "" : e->negated ? " AND " : " OR ");
			day(c, b, e->a);
			buf_puts(b, e->negated ? " <> " : " = ");
			value(c, b, e->list[i]);
		}
		buf_putc(b, ')');
		return;
	}
	day(c, b, e->a);
	buf_puts(b, e->negated ? " NOT IN (" : " IN (");
	for (size_t i = 0; i < e->list_n; i++) {
		buf_puts(b, i ? ", " : "");
		value(c, b, e->list[i]);
	}
	buf_putc(b, ')');
}

static void under(struct scope *c, struct buf *b, const struct expr *e)
{
	buf_puts(b, "CASE WHEN ");
	column(c, b, &e->a->path);
	buf_puts(b, " IS NULL THEN NULL WHEN EXISTS (SELECT 1 FROM \"org_anc\" u JOIN \"org\" v ON v.\"id\" "
		    "= u.\"anc\" "
		    "WHERE u.\"org\" = ");
	column(c, b, &e->a->path);
	int today = param_today(c->q), code = query_param_text(c->q, e->text);
	buf_printf(b,
		" AND v.\"code\" = ?%d AND u.\"from_date\" <= ?%d AND u.\"to_date\" > ?%d) THEN 1 ELSE 0 END "
		"= 1",
		code, today, today);
}

static void exists(struct scope *outer, struct buf *b, const struct expr *e)
{
	struct query_join *joins = NULL;
	size_t n = 0, cap = 0;
	struct scope c = {outer->q, "e", "ej", &joins, &n, &cap};
	struct buf inner;
	buf_init(&inner, EXPR_SQL_MAX_BYTES);
	if (e->a)
		condition(&c, &inner, e->a);
	buf_printf(b, "EXISTS (SELECT 1 FROM \"%.*s\" e", STR_ARG(e->inner->id));
	add_joins(b, joins, n);
	/* What expr.h says of LAST_ROW and HIDDEN_ROW; + keeps the row number out of the choice of an index. */
	int last = param(c.q, (struct query_param){.kind = PARAM_LAST_ROW, .i = e->inner->at});
	int hidden = param(c.q, (struct query_param){.kind = PARAM_HIDDEN_ROW, .i = e->inner->at});
	buf_printf(b, " WHERE e.\"%.*s\" = %s.\"id\" AND +e.\"id\" <= ?%d AND +e.\"id\" <> ?%d",
		STR_ARG(e->path.last_id), outer->row, last, hidden);
	if (e->a) {
		buf_puts(b, " AND (");
		buf_add(b, buf_str(&inner));
		buf_putc(b, ')');
	}
	buf_putc(b, ')');
	buf_done(&inner);
}

static void logic(struct scope *c, struct buf *b, const struct expr *e)
{
	buf_putc(b, '(');
	condition(c, b, e->a);
	buf_puts(b, e->kind == X_AND ? ") AND (" : ") OR (");
	condition(c, b, e->b);
	buf_putc(b, ')');
}

static void condition(struct scope *c, struct buf *b, const struct expr *e)
{
	switch ((int)e->kind) {
	case X_COMPARE:
		compare(c, b, e);
		break;
	case X_BETWEEN:
		between(c, b, e);
		break;
	case X_IN:
		in_list(c, b, e);
		break;
	case X_NULL:
		column(c, b, &e->a->path);
		buf_puts(b, e->negated ? " IS NOT NULL" : " IS NULL");
		break;
	case X_AND:
	case X_OR:
		logic(c, b, e);
		break;
	case X_NOT:
		buf_puts(b, "NOT (");
		condition(c, b, e->a);
		buf_putc(b, ')');
		break;
	case X_UNDER:
		under(c, b, e);
		break;
	case X_EXISTS:
		exists(c, b, e);
		break;
	default: /* a field of type bool, or a literal, standing as a condition */
		value(c, b, e);
		buf_puts(b, " = 1");
	}
}

str query_expr(struct query *q, const struct expr *e)
{
	struct scope c = base_scope(q);
	struct buf b;
	buf_init(&b, EXPR_SQL_MAX_BYTES);
	if (e->type == E_BOOL)
		condition(&c, &b, e);
	else
		value(&c, &b, e);
	return kept(q, &b);
}
