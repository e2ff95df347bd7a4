/* publish.c -- see publish.h. */
#include "register/publish.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/date.h"
#include "guard/code.h"
#include "register/expr.h"
#include "register/permit.h"
#include "register/row.h"

/* ---- reading ---- */

struct list_sql {
	struct query q;
	struct buf where;
	int orgs_at;
	const int64_t *orgs;
	size_t orgs_n;
};

static enum rc nothing_public(const struct reg *reg, struct err *err)
{
	return FAIL(err, RC_NOT_FOUND, "Nothing of %.*s is public.", STR_ARG(label_text(&reg->label)));
}

/* State and condition: what makes a row public, on every way to it. */
static void where_public(struct list_sql *l, const struct reg *reg)
{
	const struct reg_public *o = reg->open;
	buf_puts(&l->where, " WHERE r.\"state\" IN (");
	for (size_t i = 0; i < o->states_n; i++)
		buf_printf(&l->where, "%s?%d", i ? ", " : "", query_param_text(&l->q, o->states[i]));
	buf_puts(&l->where, ")");
	if (o->when) {
		str text = query_expr(&l->q, o->when);
		buf_printf(&l->where, " AND (%.*s)", STR_ARG(text));
	}
}

static str like_text(struct arena *a, str s)
{
	struct buf b = {0};
	buf_putc(&b, '%');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '%' || s.p[i] == '_' || s.p[i] == '\\')
			buf_putc(&b, '\\');
		buf_putc(&b, s.p[i]);
	}
	buf_putc(&b, '%');
	str t = arena_str(a, buf_str(&b));
	buf_done(&b);
	return t;
}

/* Text is looked for only in what is shown. */
static void where_text(struct reader *r, struct list_sql *l, const struct publish_query *q)
{
	const struct reg_public *o = q->reg->open;
	const struct field *in[] = {r->city->plans[q->reg->at].title, o->place, o->text};
	int n = query_param_text(&l->q, like_text(r->a, q->text));
	bool any = false;
	buf_puts(&l->where, " AND (");
	for (size_t i = 0; i < sizeof in / sizeof *in; i++)
		if (publish_shows(q->reg, in[i]) && field_storage(in[i]) == STORE_TEXT) {
			buf_printf(&l->where, "%sr.\"%.*s\" LIKE ?%d ESCAPE '\\'", any ? " OR " : "",
				STR_ARG(in[i]->id), n);
			any = true;
		}
	buf_puts(&l->where, any ? ")" : "1 = 0)");
}

static enum rc where_asked(
	struct reader *r, struct list_sql *l, const struct publish_query *q, struct err *err)
{
	const struct reg_public *o = q->reg->open;
	struct path p;
	TRY(path_parse(r->city->model, q->reg, q->reg->happens, &p, err));
	str day = query_day(&l->q, &p);
	if (q->from && o->last_day)
		buf_printf(&l->where, " AND COALESCE(r.\"%.*s\", %.*s) >= ?%d", STR_ARG(o->last_day->id),
			STR_ARG(day), query_param_text(&l->q, str_of(q->from)));
	else if (q->from)
		buf_printf(&l->where, " AND %.*s >= ?%d", STR_ARG(day),
			query_param_text(&l->q, str_of(q->from)));
	if (q->to)
		buf_printf(
			&l->where, " AND %.*s < ?%d", STR_ARG(day), query_param_text(&l->q, str_of(q->to)));
	if (q->kind.n && o->kind)
		buf_printf(&l->where, " AND r.\"%.*s\" = ?%d", STR_ARG(o->kind->id),
			query_param_text(&l->q, q->kind));
	else if (q->kind.n)
		buf_puts(&l->where, " AND 1 = 0");
	if (q->by)
		buf_printf(&l->where, " AND r.\"%.*s\" = ?%d", STR_ARG(q->by->id),
			query_param_int(&l->q, q->by_id));
	if (q->text.n)
		where_text(r, l, q);
	if (q->org && q->org != r->city->root_org) {
		l->orgs = tree_subtree(r->a, r->tree, q->org, clock_today(), &l->orgs_n);
		l->orgs_at = query_param_int(&l->q, 0);
		buf_printf(&l->where, " AND r.\"org\" {in ?%d}", l->orgs_at);
	}
	return RC_OK;
}

static enum rc prepare(struct reader *r, const struct publish_query *q, bool count, struct list_sql *l,
	struct stmt **out, struct err *err)
{
	struct path p;
	query_init(&l->q, r->a, r->city->model, q->reg, r->city->seal);
	where_public(l, q->reg);
	TRY(where_asked(r, l, q, err));
	TRY(path_parse(r->city->model, q->reg, q->reg->happens, &p, err));
	str day = query_day(&l->q, &p), from = query_from(&l->q);
	int limit = q->limit > 0 && q->limit < PUBLISH_LIST_MAX ? q->limit : PUBLISH_LIST_MAX;
	const char *fall = q->latest_first ? " DESC" : "";
	str tail = count ? STR("")
			 : arena_fmt(r->a, " ORDER BY %.*s%s, r.\"id\"%s LIMIT %d", STR_ARG(day), fall, fall,
				   limit);
	str what = count ? STR("COUNT(*)") : r->city->plans[q->reg->at].columns;
	str sql = arena_fmt(r->a, "SELECT %.*s %.*s%.*s%.*s", STR_ARG(what), STR_ARG(from),
		STR_ARG(buf_str(&l->where)), STR_ARG(tail));
	TRY(db_prepare(r->db, sql.p, out, err));
	query_bind(&l->q, *out);
	if (l->orgs_at)
		stmt_bind_ids(*out, l->orgs_at, l->orgs, l->orgs_n);
	return RC_OK;
}

/* Every field that is not declared public is emptied. Sealed ones were not even opened. */
static void empty_rest(struct record *rec, const uint64_t keep[2])
{
	for (size_t i = 0; i < rec->reg->fields_n; i++)
		if (!(keep[i / 64] >> (i % 64) & 1))
			rec->values[i] = (struct value){0};
	rec->entered_by = rec->changed_by = 0;
	rec->source = STR("");
}

enum rc publish_list(
	struct reader *r, const struct publish_query *q, struct record ***out, size_t *out_n, struct err *err)
{
	struct list_sql l = {0};
	struct stmt *s = NULL;
	size_t n = 0, cap = 0;
	bool row = true;
	*out = NULL;
	*out_n = 0;
	if (q->reg->open == NULL)
		return nothing_public(q->reg, err);
	enum rc rc = prepare(r, q, false, &l, &s, err);
	while (rc == RC_OK && row) {
		rc = stmt_step(s, &row, err);
		if (rc != RC_OK || !row)
			break;
		struct record *rec;
		rc = row_read(r->a, r->city, q->reg, s, 0, false, &rec, err);
		if (rc != RC_OK) {
			stmt_reset(s);
			break;
		}
		empty_rest(rec, q->reg->open->shown);
		*out = arena_grow(r->a, *out, n, &cap, sizeof **out);
		(*out)[n++] = rec;
	}
	buf_done(&l.where);
	*out_n = n;
	return rc;
}

enum rc publish_count(struct reader *r, const struct publish_query *q, int64_t *out_n, struct err *err)
{
	struct list_sql l = {0};
	struct stmt *s = NULL;
	bool row;
	if (q->reg->open == NULL)
		return nothing_public(q->reg, err);
	enum rc rc = prepare(r, q, true, &l, &s, err);
	if (rc == RC_OK)
		rc = stmt_step(s, &row, err);
	if (rc == RC_OK) {
		*out_n = stmt_i64(s, 0);
		stmt_reset(s);
	}
	buf_done(&l.where);
	return rc;
}

enum rc publish_get(struct reader *r, const struct reg *reg, int64_t id, struct record **out, struct err *err)
{
	struct list_sql l = {0};
	struct stmt *s;
	bool row = false;
	if (reg->open == NULL)
		return nothing_public(reg, err);
	query_init(&l.q, r->a, r->city->model, reg, r->city->seal);
	where_public(&l, reg);
	buf_printf(&l.where, " AND r.\"id\" = ?%d", query_param_int(&l.q, id));
	str from = query_from(&l.q);
	str sql = arena_fmt(r->a, "SELECT %.*s %.*s%.*s", STR_ARG(r->city->plans[reg->at].columns),
		STR_ARG(from), STR_ARG(buf_str(&l.where)));
	buf_done(&l.where);
	TRY(db_prepare(r->db, sql.p, &s, err));
	query_bind(&l.q, s);
	TRY(stmt_step(s, &row, err));
	if (!row)
		return FAIL(err, RC_NOT_FOUND, "%s", tr("There is nothing at this address."));
	enum rc rc = row_read(r->a, r->city, reg, s, 0, false, out, err);
	stmt_reset(s);
	if (rc == RC_OK)
		empty_rest(*out, reg->open->shown);
	return rc;
}

/* ---- words ---- */

str publish_org(struct reader *r, int64_t org)
{
	const struct reg *reg = model_reg(r->city->model, STR("org"));
	return org ? record_label(r, reg, org) : STR("");
}

static str row_name(struct reader *r, const struct reg *reg, int64_t id)
{
	struct record *rec;
	struct err none;
	if (str_is(reg->id, "org"))
		return publish_org(r, id);
	if (reg->open == NULL || publish_get(r, reg, id, &rec, &none) != RC_OK)
		return STR("");
	return publish_title(r->city, rec);
}

str publish_text(struct reader *r, const struct record *rec, const struct field *f)
{
	const struct value *v = &rec->values[f->at];
	if (v->kind == V_NULL || !publish_shows(rec->reg, f))
		return STR("");
	if (f->type == T_ORG || f->type == T_REF)
		return row_name(r, f->to_reg ? f->to_reg : model_reg(r->city->model, STR("org")), v->i);
	if (f->type != T_ORGS && f->type != T_REFS)
		return value_text(r->a, f, v);
	const struct reg *to = f->to_reg ? f->to_reg : model_reg(r->city->model, STR("org"));
	struct buf b = {0};
	for (str rest = v->t, one; rest.n > 0;) {
		int64_t id;
		one = str_cut(rest, ',', &rest);
		if (!str_i64(one, &id))
			continue;
		str name = row_name(r, to, id);
		if (name.n && b.n)
			buf_puts(&b, tr(", "));
		buf_add(&b, name);
	}
	str s = arena_str(r->a, buf_str(&b));
	buf_done(&b);
	return s;
}

str publish_title(const struct city *c, const struct record *rec)
{
	const struct reg_plan *plan = &c->plans[rec->reg->at];
	const struct field *f = publish_shows(rec->reg, plan->title) ? plan->title : plan->code;
	return publish_shows(rec->reg, f) && rec->values[f->at].kind == V_TEXT ? rec->values[f->at].t
									       : STR("");
}

/* ---- the door ---- */

enum rc publish_leave(struct job_ctx *c, const struct publish_gift *g, int64_t *out_id, struct err *err)
{
	const struct reg_door *d = g->reg->door;
	struct entry *e = NEWS(c->a, g->n + g->program_n + 3, struct entry);
	size_t n = g->n;
	if (d == NULL)
		return FAIL(err, RC_DENIED, "%.*s takes nothing from the street",
			STR_ARG(label_text(&g->reg->label)));
	for (size_t i = 0; i < n; i++)
		e[i] = g->entries[i];
	for (size_t i = 0; i < g->program_n; i++)
		e[n++] = g->program[i];
	e[n++] = (struct entry){d->code, {V_TEXT, 0, g->code}};
	e[n++] = (struct entry){d->told, {V_TEXT, 0, date_str(c->a, clock_today())}};
	if (d->told->type == T_TIME)
		e[n - 1].value = (struct value){.kind = V_INT, .i = c->now_ms};
	if (d->due && g->due != DATE_NONE)
		e[n++] = (struct entry){d->due, {V_TEXT, 0, date_str(c->a, g->due)}};
	struct record_input in = {.reg = g->reg,
		.org = g->org ? g->org : job_city(c)->root_org,
		.entries = e,
		.entries_n = n,
		.source = STR("form")};
	for (size_t i = g->n; i < n; i++)
		in.by_program[e[i].field->at / 64] |= (uint64_t)1 << (e[i].field->at % 64);
	return record_add(c, &in, out_id, err);
}

enum rc publish_told(struct reader *r, const struct reg *reg, str code, struct record **out, struct err *err)
{
	char plain[PUBLISH_CODE_CHARS + 1];
	struct query q;
	struct expr *e;
	struct stmt *s;
	bool row = false;
	if (reg->door == NULL || !code_read(code, PUBLISH_CODE_CHARS, plain))
		return FAIL(err, RC_NOT_FOUND, "%s", tr("This is not a code of ours."));
	str text = arena_fmt(r->a, "%.*s = '%s'", STR_ARG(reg->door->code->id), plain);
	TRY(expr_parse(r->a, r->city->model, reg, text, EXPR_FREE, E_BOOL, &e, err));
	query_init(&q, r->a, r->city->model, reg, r->city->seal);
	str where = query_expr(&q, e), from = query_from(&q);
	str sql = arena_fmt(r->a, "SELECT %.*s %.*s WHERE %.*s", STR_ARG(r->city->plans[reg->at].columns),
		STR_ARG(from), STR_ARG(where));
	TRY(db_prepare(r->db, sql.p, &s, err));
	query_bind(&q, s);
	TRY(stmt_step(s, &row, err));
	if (!row)
		return FAIL(err, RC_NOT_FOUND, "%s", tr("This is not a code of ours."));
	enum rc rc = row_read(r->a, r->city, reg, s, 0, true, out, err);
	stmt_reset(s);
	if (rc == RC_OK)
		empty_rest(*out, reg->door->tells);
	return rc;
}
