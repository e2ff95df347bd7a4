/* record_read.c -- one row and lists of rows, within what the actor may see (record.h). */
#include "base/buf.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "register/expr.h"
#include "register/gate.h"
#include "register/permit.h"
#include "register/read_log.h"
#include "register/row.h"
#include <stdio.h>

enum { SORTED_ROWS_MAX = 5000 };

static bool own_reading(const struct basis *b)
{
	return b->kind == BASIS_OWN || b->kind == BASIS_GUARDIAN;
}

enum rc record_get(struct reader *r, const struct reg *reg, int64_t id, struct record **out, struct err *err)
{
	struct record *rec;
	struct basis b;
	TRY(row_get(r->a, r->db, r->city, reg, id, &rec, err));
	if (!permit_basis(r->tree, &r->actor, rec, &b))
		return FAIL(err, RC_DENIED, "you may not read this row of %.*s",
			STR_ARG(label_text(&reg->label)));
	permit_mask(rec, &b);
	if (!own_reading(&b)) {
		bool closed;
		TRY(consent_mask(r->db, r->city, rec, &closed, err));
		if (closed)
			return FAIL(err, RC_DENIED,
				"the consent that this row of %.*s rests on was withdrawn",
				STR_ARG(label_text(&reg->label)));
	}
	read_log_row(r->log, reg, id, &b);
	*out = rec;
	return RC_OK;
}

/* The WHERE of a list: scope, span, state, expression. Lists of ids are bound behind the query's own parameters. */
struct id_list {
	const int64_t *ids;
	size_t n;
	int at;
};
struct list_sql {
	struct query q;
	struct buf where;
	struct id_list *lists;
	size_t lists_n, lists_cap;
};

static void and_(struct list_sql *l)
{
	buf_puts(&l->where, l->where.n ? " AND " : " WHERE ");
}

static int id_list(struct reader *r, struct list_sql *l, const int64_t *ids, size_t n)
{
	l->lists = arena_grow(r->a, l->lists, l->lists_n, &l->lists_cap, sizeof *l->lists);
	l->lists[l->lists_n++] = (struct id_list){ids, n, query_param_int(&l->q, 0)};
	return l->lists[l->lists_n - 1].at;
}

/* Are at most SORTED_ROWS_MAX rows of the register in the scope? Looks at no more than that. */
static enum rc scope_is_small(
	struct reader *r, const struct reg *reg, const int64_t *orgs, size_t n, bool *out, struct err *err)
{
	struct stmt *s;
	bool row;
	str sql = arena_fmt(r->a,
		"SELECT COUNT(*) FROM (SELECT 1 FROM \"%.*s\" WHERE \"org\" {in ?1} LIMIT %d) x",
		STR_ARG(reg->id), SORTED_ROWS_MAX + 1);
	TRY(db_prepare(r->db, sql.p, &s, err));
	stmt_bind_ids(s, 1, orgs, n);
	TRY(stmt_step(s, &row, err));
	*out = stmt_i64(s, 0) <= SORTED_ROWS_MAX;
	stmt_reset(s);
	return RC_OK;
}

/* All units under these; NULL and 0: the whole city. */
static const int64_t *units_under(struct reader *r, const struct scope *s, size_t *out_n)
{
	int64_t *all = NULL;
	size_t n = 0, cap = 0;
	for (size_t i = 0; i < s->orgs_n; i++) {
		size_t k;
		if (s->orgs[i] == r->city->root_org) {
			*out_n = 0;
			return NULL;
		}
		const int64_t *some = tree_subtree(r->a, r->tree, s->orgs[i], clock_today(), &k);
		if (s->orgs_n == 1) {
			*out_n = k;
			return some;
		}
		for (size_t j = 0; j < k; j++) {
			all = arena_grow(r->a, all, n, &cap, sizeof *all);
			all[n++] = some[j];
		}
	}
	*out_n = n;
	return all;
}

static void case_sql(struct reader *r, struct list_sql *l, const struct scope_case *c, const char *or_)
{
	str column = arena_fmt(r->a, "r.\"%.*s\"", STR_ARG(c->field->id));
	if (c->field->type != T_REFS) {
		buf_printf(&l->where, "%s%.*s {in ?%d}", or_, STR_ARG(column), id_list(r, l, c->ids, c->n));
		return;
	}
	for (size_t i = 0; i < c->n; i++)
		buf_printf(&l->where, "%s%.*s LIKE ?%d", i ? " OR " : or_, STR_ARG(column),
			query_param_text(&l->q, arena_fmt(r->a, "%%,%lld,%%", (long long)c->ids[i])));
}

/* One of what opens rows; nothing of it: no row. */
static enum rc scope_sql(
	struct reader *r, const struct reg *reg, struct list_sql *l, const struct scope *s, struct err *err)
{
	size_t units_n = 0, parts = 0;
	const int64_t *units = units_under(r, s, &units_n);
	bool alone = s->persons_n + s->rows_n + s->cases_n == 0, few = true;
	if (s->orgs_n > 0 && units == NULL)
		return RC_OK;
	and_(l);
	if (s->orgs_n > 0) {
		/* Few rows: by the index on org, then sorted. Many: in id order, where the wanted ones come soon. */
		if (alone)
			TRY(scope_is_small(r, reg, units, units_n, &few, err));
		buf_printf(&l->where, "(%sr.\"org\" {in ?%d}", few ? "" : "+", id_list(r, l, units, units_n));
		parts++;
	}
	if (s->persons_n > 0 && (reg->person || str_is(reg->id, "person")))
		buf_printf(&l->where, "%sr.\"%.*s\" {in ?%d}", parts++ ? " OR " : "(",
			STR_ARG(reg->person ? reg->person->id : STR("id")),
			id_list(r, l, s->persons, s->persons_n));
	if (s->rows_n > 0)
		buf_printf(&l->where, "%sr.\"id\" {in ?%d}", parts++ ? " OR " : "(",
			id_list(r, l, s->rows, s->rows_n));
	for (size_t i = 0; i < s->cases_n; i++)
		if (s->cases[i].n > 0)
			case_sql(r, l, &s->cases[i], parts++ ? " OR " : "(");
	buf_puts(&l->where, parts ? ")" : "1 = 0");
	return RC_OK;
}

static enum rc where_scope(
	struct reader *r, const struct record_query *rq, struct list_sql *l, struct err *err)
{
	struct scope s;
	if (permit_reach(rq->reg, &r->actor) == REACH_NONE)
		return FAIL(err, RC_DENIED, "you may not read %.*s", STR_ARG(label_text(&rq->reg->label)));
	permit_scope(r->a, r->tree, rq->reg, &r->actor, &s);
	if (rq->org && r->actor.org && permit_rows(rq->reg, &r->actor) &&
		!tree_under(r->tree, rq->org, r->actor.org, clock_today()))
		return FAIL(err, RC_DENIED, "this unit is not under yours");
	if (!s.all)
		TRY(scope_sql(r, rq->reg, l, &s, err));
	if (rq->org && rq->org != r->city->root_org && (s.all || rq->org != r->actor.org)) {
		struct scope asked = {.orgs = (int64_t[]){rq->org}, .orgs_n = 1};
		TRY(scope_sql(r, rq->reg, l, &asked, err));
	}
	return RC_OK;
}

static enum rc where_rest(
	struct reader *r, const struct record_query *rq, struct list_sql *l, struct err *err)
{
	if (rq->state.n) {
		and_(l);
		buf_printf(&l->where, "r.\"state\" = ?%d", query_param_text(&l->q, rq->state));
	}
	if (rq->from || rq->to) {
		struct path p;
		TRY(path_parse(r->city->model, rq->reg, rq->reg->happens, &p, err));
		str column = query_day(&l->q, &p);
		for (int i = 0; i < 2; i++) {
			const char *end = i ? rq->to : rq->from;
			if (end == NULL)
				continue;
			and_(l);
			buf_printf(&l->where, "%.*s %s ?%d", STR_ARG(column),
				i ? "<" : ">=", query_param_text(&l->q, str_of(end)));
		}
	}
	if (str_trim(rq->where).n) {
		struct expr *e;
		TRY(expr_parse(r->a, r->city->model, rq->reg, rq->where, EXPR_FREE, E_BOOL, &e, err));
		if (!rq->declared)
			TRY(permit_expr(&r->actor, e, err));
		str text = query_expr(&l->q, e);
		and_(l);
		buf_printf(&l->where, "(%.*s)", STR_ARG(text));
	}
	return RC_OK;
}

/* What rows are ordered by: the field, and where it is empty what comes behind everything in that direction. */
static str order_key(struct arena *a, const struct record_query *rq, const char *alias)
{
	bool text = field_storage(rq->by) == STORE_TEXT;
	const char *last = text             ? rq->by_falling ? "''" : "'\xF4\x8F\xBF\xBF'"
			   : rq->by_falling ? "-9223372036854775807"
					    : "9223372036854775807";
	return arena_fmt(a, "COALESCE(%s.\"%.*s\", %s)", alias, STR_ARG(rq->by->id), last);
}

/* Behind the row `after` in that order; and the order asked may tell no more than the rows show. */
static enum rc where_after(
	struct reader *r, const struct record_query *rq, struct list_sql *l, struct err *err)
{
	uint64_t seen[2];
	permit_columns(rq->reg, &r->actor, true, seen);
	if (rq->by->sealed || !field_in(seen, rq->by))
		return FAIL(err, RC_DENIED, "rows cannot be put in the order of “%.*s”",
			STR_ARG(label_text(&rq->by->label)));
	if (rq->after == 0)
		return RC_OK;
	int at = query_param_int(&l->q, rq->after);
	str key = order_key(r->a, rq, "r"),
	    then = arena_fmt(r->a, "(SELECT %.*s FROM \"%.*s\" x WHERE x.\"id\" = ?%d)",
		    STR_ARG(order_key(r->a, rq, "x")), STR_ARG(rq->reg->id), at);
	and_(l);
	buf_printf(&l->where, "(%.*s %s %.*s OR (%.*s = %.*s AND r.\"id\" < ?%d))", STR_ARG(key),
		rq->by_falling ? "<" : ">", STR_ARG(then), STR_ARG(key), STR_ARG(then), at);
	return RC_OK;
}

static str order_of(struct arena *a, const struct record_query *rq)
{
	if (rq->by)
		return arena_fmt(a, " ORDER BY %.*s%s, r.\"id\" DESC", STR_ARG(order_key(a, rq, "r")),
			rq->by_falling ? " DESC" : "");
	return arena_fmt(a, " ORDER BY r.\"id\"%s", rq->newest_first ? " DESC" : "");
}

/* Prepares and binds; what: the columns. */
static enum rc prepare(struct reader *r, const struct record_query *rq, str what, const char *tail,
	struct list_sql *l, struct stmt **out, struct err *err)
{
	query_init(&l->q, r->a, r->city->model, rq->reg, r->city->seal);
	TRY(where_scope(r, rq, l, err));
	TRY(where_rest(r, rq, l, err));
	if (rq->by) {
		TRY(where_after(r, rq, l, err));
	} else if (rq->after) {
		and_(l);
		buf_printf(&l->where, "r.\"id\" %s ?%d", rq->newest_first ? "<" : ">",
			query_param_int(&l->q, rq->after));
	}
	str from = query_from(&l->q);
	str sql = arena_fmt(r->a, "SELECT %.*s %.*s%.*s%s", STR_ARG(what), STR_ARG(from),
		STR_ARG(buf_str(&l->where)), tail);
	TRY(db_prepare(r->db, sql.p, out, err));
	query_bind(&l->q, *out);
	for (size_t i = 0; i < l->lists_n; i++)
		stmt_bind_ids(*out, l->lists[i].at, l->lists[i].ids, l->lists[i].n);
	return RC_OK;
}

enum rc record_each(struct reader *r, const struct record_query *rq,
	bool (*visit)(void *user, const struct record *rec), void *user, struct err *err)
{
	struct list_sql l = {0};
	struct stmt *s;
	struct arena row_arena = {0};
	str order = order_of(r->a, rq);
	const char *tail = rq->limit > 0 ? arena_printf(r->a, "%.*s LIMIT %d", STR_ARG(order), rq->limit)
					 : arena_cstr(r->a, order);
	enum rc rc = prepare(r, rq, r->city->plans[rq->reg->at].columns, tail, &l, &s, err);
	for (bool row = true; rc == RC_OK && row;) {
		rc = stmt_step(s, &row, err);
		if (rc != RC_OK || !row)
			break;
		struct record *rec;
		struct basis b;
		rc = row_read(&row_arena, r->city, rq->reg, s, 0, true, &rec, err);
		bool open = rc == RC_OK && permit_basis(r->tree, &r->actor, rec, &b);
		bool all = open && rq->unmasked && b.kind == BASIS_OPERATOR, closed = false;
		if (open && !all)
			permit_mask(rec, &b);
		if (open && !all && !own_reading(&b))
			rc = consent_mask(r->db, r->city, rec, &closed, err);
		open = open && rc == RC_OK && !closed;
		if (open)
			read_log_row(r->log, rq->reg, rec->id, &b);
		if (open && !visit(user, rec))
			row = false;
		arena_reset(&row_arena);
		if (rc != RC_OK || !row)
			stmt_reset(s);
	}
	arena_done(&row_arena);
	buf_done(&l.where);
	return rc;
}

struct gather {
	struct arena *a;
	struct record **list;
	size_t n, cap;
};

/* A copy that lives in the request's arena: record_each resets its own. */
static bool keep(void *user, const struct record *rec)
{
	struct gather *g = user;
	struct record *copy = NEW(g->a, struct record);
	*copy = *rec;
	copy->state = arena_str(g->a, rec->state);
	copy->source = arena_str(g->a, rec->source);
	copy->values = NEWS(g->a, rec->reg->fields_n + 1, struct value);
	for (size_t i = 0; i < rec->reg->fields_n; i++) {
		copy->values[i] = rec->values[i];
		if (rec->values[i].kind == V_TEXT)
			copy->values[i].t = arena_str(g->a, rec->values[i].t);
	}
	g->list = arena_grow(g->a, g->list, g->n, &g->cap, sizeof *g->list);
	g->list[g->n++] = copy;
	return true;
}

enum rc record_list(
	struct reader *r, const struct record_query *rq, struct record ***out, size_t *out_n, struct err *err)
{
	struct gather g = {.a = r->a};
	TRY(record_each(r, rq, keep, &g, err));
	*out = g.list;
	*out_n = g.n;
	return RC_OK;
}

static str plain_column(struct arena *a, const struct field *f)
{
	return f ? arena_fmt(a, "COALESCE(r.\"%.*s\", '')", STR_ARG(f->id)) : STR("''");
}

enum rc record_scan(struct reader *r, const struct record_query *rq, const struct field *title,
	const struct field *code, bool (*visit)(void *user, int64_t id, str title, str code), void *user,
	struct err *err)
{
	struct list_sql l = {0};
	struct stmt *s;
	str t = plain_column(r->a, title), c = plain_column(r->a, code), order = order_of(r->a, rq);
	str what = arena_fmt(r->a, "r.\"id\", %.*s, %.*s", STR_ARG(t), STR_ARG(c));
	enum rc rc = prepare(
		r, rq, what, arena_printf(r->a, "%.*s LIMIT %d", STR_ARG(order), rq->limit), &l, &s, err);
	for (bool row = true; rc == RC_OK && row;) {
		rc = stmt_step(s, &row, err);
		if (rc == RC_OK && row && !visit(user, stmt_i64(s, 0), stmt_text(s, 1), stmt_text(s, 2))) {
			stmt_reset(s);
			break;
		}
	}
	buf_done(&l.where);
	return rc;
}

enum rc record_count(struct reader *r, const struct record_query *rq, int64_t *out_n, struct err *err)
{
	struct list_sql l = {0};
	struct stmt *s;
	bool row = false;
	enum rc rc = prepare(r, rq, STR("COUNT(*)"), "", &l, &s, err);
	if (rc == RC_OK)
		rc = stmt_step(s, &row, err);
	if (rc == RC_OK && row) {
		*out_n = stmt_i64(s, 0);
		stmt_reset(s);
	}
	buf_done(&l.where);
	return rc;
}

enum rc record_count_states(struct reader *r, const struct record_query *rq, int64_t *out_n, struct err *err)
{
	struct list_sql l = {0};
	struct stmt *s;
	bool row = false;
	struct record_query any = *rq;
	any.state = (str){NULL, 0};
	for (size_t i = 0; i < rq->reg->states_n; i++)
		out_n[i] = 0;
	enum rc rc = prepare(r, &any, STR("r.\"state\", COUNT(*)"), " GROUP BY r.\"state\"", &l, &s, err);
	while (rc == RC_OK && (rc = stmt_step(s, &row, err)) == RC_OK && row) {
		const struct state *state = reg_state(rq->reg, stmt_text(s, 0));
		if (state)
			out_n[state - rq->reg->states] = stmt_i64(s, 1);
	}
	buf_done(&l.where);
	return rc;
}

/* The title alone, where it stands in the clear: lists ask for it dozens of times a page. */
static bool clear_label(struct reader *r, const struct reg_plan *p, int64_t id, str *out)
{
	struct stmt *s;
	bool row = false;
	if (p->label.n == 0 || db_prepare(r->db, p->label.p, &s, NULL) != RC_OK)
		return false;
	stmt_bind_i64(s, 1, id);
	if (stmt_step(s, &row, NULL) != RC_OK || !row)
		return false;
	bool there = !stmt_null(s, 0);
	if (there)
		*out = stmt_str(r->a, s, 0);
	stmt_reset(s);
	return there;
}

/* The first character of what names a person or a thing, the rest hidden. */
static str masked(struct arena *a, str label)
{
	size_t n = 0;
	if (label.n > 0)
		utf8_next(label, &n);
	return arena_fmt(a, "%.*s**", STR_ARG(str_head(label, n)));
}

static str label_of(struct reader *r, const struct reg *reg, int64_t id, bool open, bool hide)
{
	struct record *rec;
	const struct reg_plan *p = &r->city->plans[reg->at];
	const struct field *f = p->title ? p->title : p->code;
	str clear;
	if ((open || reg->sensitivity < SENS_PERSONAL) && clear_label(r, p, id, &clear))
		return clear;
	if (f == NULL || row_get(r->a, r->db, r->city, reg, id, &rec, NULL) != RC_OK ||
		rec->values[f->at].kind != V_TEXT)
		return arena_fmt(r->a, "#%lld", (long long)id);
	str label = rec->values[f->at].t;
	struct basis b = {0};
	bool may = reg->sensitivity < SENS_PERSONAL ||
		   (!hide && permit_basis(r->tree, &r->actor, rec, &b) && field_in(b.fields, f));
	if (open || !may)
		return open ? label : masked(r->a, label);
	read_log_row(r->log, reg, id, &b);
	return label;
}

str record_label(struct reader *r, const struct reg *reg, int64_t id)
{
	return label_of(r, reg, id, false, false);
}

str record_label_masked(struct reader *r, const struct reg *reg, int64_t id)
{
	return label_of(r, reg, id, false, true);
}

str record_label_open(struct reader *r, const struct reg *reg, int64_t id)
{
	return label_of(r, reg, id, true, false);
}

/* ---- doubles ---- */

static void bind_value(struct reader *r, const struct reg *reg, const struct field *f, const struct value *v,
	int64_t generation, struct stmt *s, int at)
{
	if (f->sealed)
		row_bind_blind(r->a, r->city, reg, f, v, generation, s, at);
	else if (v->kind == V_INT)
		stmt_bind_i64(s, at, v->i);
	else
		stmt_bind_text(s, at, v->t);
}

static enum rc other_row(struct stmt *s, int64_t self, int64_t *out, struct err *err)
{
	bool row;
	*out = 0;
	TRY(stmt_step(s, &row, err));
	if (row && stmt_i64(s, 0) != self)
		*out = stmt_i64(s, 0);
	stmt_reset(s);
	return RC_OK;
}

static enum rc twin_by_key(struct reader *r, const struct reg *reg, int64_t org, int64_t self,
	const struct value *values, int64_t generation, int64_t *out, struct err *err)
{
	struct stmt *s;
	str sql = r->city->plans[reg->at].by_key;
	*out = 0;
	for (size_t i = 0; i < reg->key_n; i++)
		if (values[reg->key[i]->at].kind == V_NULL)
			return RC_OK;
	if (sql.n == 0)
		return RC_OK;
	TRY(db_prepare(r->db, sql.p, &s, err));
	for (size_t i = 0; i < reg->key_n; i++)
		bind_value(r, reg, reg->key[i], &values[reg->key[i]->at], generation, s, (int)i + 1);
	if (reg->key_org)
		stmt_bind_i64(s, (int)reg->key_n + 1, org);
	return other_row(s, self, out, err);
}

static enum rc twin_under(struct reader *r, const struct reg *reg, int64_t org, int64_t self,
	const struct value *values, int64_t generation, int64_t *out_id, const struct field **out_field,
	struct err *err)
{
	TRY(twin_by_key(r, reg, org, self, values, generation, out_id, err));
	bool voids = reg_state(reg, STR("void"));
	for (size_t i = 0; i < reg->fields_n && *out_id == 0; i++) {
		const struct field *f = &reg->fields[i];
		struct stmt *s;
		if (!f->unique || values[i].kind == V_NULL)
			continue;
		str sql = arena_fmt(r->a, "SELECT \"id\" FROM \"%.*s\" WHERE \"%.*s%s\" = ?1%s",
			STR_ARG(reg->id), STR_ARG(f->id), f->sealed ? "_blind" : "",
			voids ? " AND \"state\" <> 'void'" : "");
		TRY(db_prepare(r->db, sql.p, &s, err));
		bind_value(r, reg, f, &values[i], generation, s, 1);
		TRY(other_row(s, self, out_id, err));
		if (*out_id)
			*out_field = f;
	}
	return RC_OK;
}

enum rc record_twin(struct reader *r, const struct reg *reg, int64_t org, int64_t self,
	const struct value *values, int64_t *out_id, const struct field **out_field, struct err *err)
{
	struct generations asked = row_asked(r->city);
	*out_field = NULL;
	*out_id = 0;
	for (size_t g = 0; g < asked.n && *out_id == 0; g++)
		TRY(twin_under(r, reg, org, self, values, asked.list[g], out_id, out_field, err));
	return RC_OK;
}
