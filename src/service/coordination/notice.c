/* notice.c -- see notice.h. */
#include "service/coordination/notice.h"
#include "base/clock.h"
#include "base/date.h"
#include "register/permit.h"

static const char Q_HEAD[] = "SELECT \"org\", \"number\", \"title\", \"body\", \"issued_on\", \"due_on\", "
			     "\"state\" FROM \"notice\""
			     " WHERE \"id\" = ?1";
static const char Q_ALL[] = "SELECT \"id\" FROM \"notice\" ORDER BY \"id\" DESC LIMIT 1000";
static const char Q_UNITS[] = "SELECT \"org\", \"units\" FROM \"notice\" WHERE \"id\" = ?1";
static const char Q_GOT[] = "SELECT 1 FROM \"notice_receipt\" WHERE \"notice\" = ?1 AND \"org\" = ?2";

struct gather {
	struct reader *r;
	struct notice *n;
	size_t cap;
	const struct field *read, *acknowledged;
};

static bool take(void *user, const struct record *rec)
{
	struct gather *g = user;
	struct notice *n = g->n;
	n->units = arena_grow(g->r->a, n->units, n->units_n, &g->cap, sizeof *n->units);
	n->units[n->units_n++] = (struct notice_unit){.org = rec->org,
		.receipt = rec->id,
		.state = arena_str(g->r->a, rec->state),
		.read_on = arena_str(g->r->a, rec->values[g->read->at].t),
		.acknowledged_on = arena_str(g->r->a, rec->values[g->acknowledged->at].t)};
	n->unread += str_is(rec->state, "sent");
	n->read += str_is(rec->state, "read");
	n->acknowledged += str_is(rec->state, "acknowledged");
	return true;
}

static enum rc receipts(struct reader *r, struct notice *n, struct err *err)
{
	const struct model *m = r->city->model;
	const struct reg *reg = model_reg(m, STR("notice_receipt"));
	struct gather g = {.r = r, .n = n};
	struct record_query q = {.reg = reg, .where = arena_fmt(r->a, "notice = %lld", (long long)n->id)};
	g.read = reg_field(reg, STR("read_on"));
	g.acknowledged = reg_field(reg, STR("acknowledged_on"));
	if (permit_reach(reg, &r->actor) == REACH_NONE)
		return RC_OK;
	TRY(record_each(r, &q, take, &g, err));
	for (size_t i = 0; i < n->units_n; i++)
		n->units[i].name = record_label(r, model_reg(m, STR("org")), n->units[i].org);
	return RC_OK;
}

enum rc notice_read(struct reader *r, int64_t id, struct notice *out, struct err *err)
{
	struct stmt *s;
	bool row;
	*out = (struct notice){.id = id};
	str *texts[] = {&out->number, &out->title, &out->body, &out->issued_on, &out->due_on, &out->state};
	TRY(db_prepare(r->db, Q_HEAD, &s, err));
	stmt_bind_i64(s, 1, id);
	TRY(stmt_step(s, &row, err));
	for (size_t i = 0; row && i < sizeof texts / sizeof *texts; i++)
		*texts[i] = stmt_str(r->a, s, (int)i + 1);
	out->org = row ? stmt_i64(s, 0) : 0;
	stmt_reset(s);
	if (!row)
		return FAIL(err, RC_NOT_FOUND, "There is no notice #%lld.", (long long)id);
	struct record rec = {.reg = model_reg(r->city->model, STR("notice")), .id = id, .org = out->org};
	rec.values = NEWS(r->a, rec.reg->fields_n, struct value);
	out->owner = permit_read(r->tree, &r->actor, &rec);
	TRY(receipts(r, out, err));
	if (!out->owner && (out->units_n == 0 || str_is(out->state, "draft")))
		return FAIL(err, RC_NOT_FOUND, "There is no notice #%lld.", (long long)id);
	return RC_OK;
}

enum rc notice_list(struct reader *r, struct notice **out, size_t *out_n, struct err *err)
{
	struct stmt *s;
	bool row;
	enum rc rc;
	size_t n = 0;
	int64_t *ids = NEWS(r->a, 1000, int64_t);
	TRY(db_prepare(r->db, Q_ALL, &s, err));
	while ((rc = stmt_step(s, &row, err)) == RC_OK && row)
		ids[n++] = stmt_i64(s, 0);
	TRY(rc);
	*out = NEWS(r->a, NOTICE_LIST_MAX, struct notice);
	*out_n = 0;
	for (size_t i = 0; i < n && *out_n < NOTICE_LIST_MAX; i++) {
		rc = notice_read(r, ids[i], &(*out)[*out_n], err);
		if (rc == RC_OK)
			(*out_n)++;
		else if (rc != RC_NOT_FOUND)
			return rc;
	}
	return RC_OK;
}

/* ---- jobs ---- */

static enum rc send(struct job_ctx *c, int64_t notice, int64_t org, struct err *err)
{
	const struct reg *reg = model_reg(job_city(c)->model, STR("notice_receipt"));
	struct stmt *s;
	bool row;
	int64_t id;
	TRY(db_prepare(c->db, Q_GOT, &s, err));
	stmt_bind_i64(s, 1, notice);
	stmt_bind_i64(s, 2, org);
	TRY(stmt_step(s, &row, err));
	stmt_reset(s);
	if (row)
		return RC_OK;
	struct entry e[] = {{reg_field(reg, STR("notice")), {.kind = V_INT, .i = notice}},
		{reg_field(reg, STR("sent_on")), {.kind = V_TEXT, .t = date_str(c->a, clock_today())}}};
	struct record_input in = {.reg = reg,
		.org = org,
		.entries = e,
		.entries_n = 2,
		.state = STR("sent"),
		.source = STR("form")};
	return record_add(c, &in, &id, err);
}

enum rc notice_issue(struct job_ctx *c, int64_t notice, struct err *err)
{
	const struct reg *reg = model_reg(job_city(c)->model, STR("notice"));
	const struct tree *t = job_city(c)->tree;
	struct stmt *s;
	bool row, named = false;
	size_t n;
	int32_t today = clock_today();
	TRY(record_do(c, reg, notice, 0, reg_move(reg, STR("issue")), NULL, 0, STR(""), err));
	TRY(db_prepare(c->db, Q_UNITS, &s, err));
	stmt_bind_i64(s, 1, notice);
	TRY(stmt_step(s, &row, err));
	int64_t org = row ? stmt_i64(s, 0) : 0, unit;
	str list = row ? stmt_str(c->a, s, 1) : STR("");
	stmt_reset(s);
	for (str rest; list.n; list = rest) {
		str one = str_cut(list, ',', &rest);
		if (!str_i64(one, &unit))
			continue;
		named = true;
		if (!tree_under(t, unit, org, today))
			return FAIL(err, RC_DENIED,
				"unit #%lld does not stand below the unit that issues this", (long long)unit);
		TRY(send(c, notice, unit, err));
	}
	const int64_t *below = tree_subtree(c->a, t, org, today, &n);
	for (size_t i = 0; i < n && !named; i++)
		if (tree_parent(t, below[i], today) == org)
			TRY(send(c, notice, below[i], err));
	return RC_OK;
}

enum rc notice_receive(struct job_ctx *c, int64_t receipt, str move, struct err *err)
{
	const struct reg *reg = model_reg(job_city(c)->model, STR("notice_receipt"));
	const struct move *m = reg_move(reg, move);
	if (m == NULL)
		return FAIL(err, RC_INVALID, "“%.*s” is nothing that can be done here", STR_ARG(move));
	return record_do(c, reg, receipt, 0, m, NULL, 0, STR(""), err);
}
