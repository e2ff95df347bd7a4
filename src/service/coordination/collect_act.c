/* collect_act.c -- see collect_act.h. */
#include "service/coordination/collect_act.h"
#include "base/clock.h"
#include "base/date.h"
#include "register/permit.h"

static const char Q_UNITS[] = "SELECT \"org\", \"units\", \"state\" FROM \"collection\" WHERE \"id\" = ?1";
static const char Q_ASKS[] = "SELECT \"into_register\", \"ask_for\" FROM \"collection\" WHERE \"id\" = ?1";
static const char Q_ASKED[] = "SELECT 1 FROM \"collection_reply\" WHERE \"collection\" = ?1 AND \"org\" = ?2";
static const char Q_REPLY[] =
	"SELECT c.\"state\", c.\"title\", r.\"version\" FROM \"collection_reply\" r JOIN \"collection\" c"
	" ON c.\"id\" = r.\"collection\" WHERE r.\"id\" = ?1";
static const char Q_IN[] = "SELECT \"id\" FROM \"collection_reply\" WHERE \"collection\" = ?1"
			   " AND \"state\" = 'submitted' ORDER BY \"id\"";
static const char Q_TOLD[] = "SELECT \"announced_on\" FROM \"collection\" WHERE \"id\" = ?1";

static const struct reg *reg_of(struct job_ctx *c, const char *id)
{
	return model_reg(job_city(c)->model, str_of(id));
}

static enum rc move(struct job_ctx *c, const char *reg, const char *name, int64_t id,
	const struct entry *entries, size_t n, str reason, struct err *err)
{
	const struct reg *r = reg_of(c, reg);
	return record_do(c, r, id, 0, reg_move(r, str_of(name)), entries, n, reason, err);
}

static struct entry number(const struct reg *r, const char *field, int64_t v)
{
	return (struct entry){reg_field(r, str_of(field)), {.kind = V_INT, .i = v}};
}

static struct entry text(const struct reg *r, const char *field, str v)
{
	return (struct entry){reg_field(r, str_of(field)), {.kind = v.n ? V_TEXT : V_NULL, .t = v}};
}

/* Who may write the collection runs it: the unit that asks and those above it. */
static enum rc runs(struct job_ctx *c, int64_t collection, struct err *err)
{
	struct stmt *s;
	bool row;
	static const uint64_t none[2] = {0};
	struct record rec = {.reg = reg_of(c, "collection"), .id = collection};
	TRY(db_prepare(c->db, Q_UNITS, &s, err));
	stmt_bind_i64(s, 1, collection);
	TRY(stmt_step(s, &row, err));
	rec.org = row ? stmt_i64(s, 0) : 0;
	stmt_reset(s);
	if (!row)
		return FAIL(err, RC_NOT_FOUND, "There is no collection #%lld.", (long long)collection);
	rec.values = NEWS(c->a, rec.reg->fields_n, struct value);
	TRY(city_tree_now(job_city(c), c->db, err));
	return actor_is_operator(c->actor)
		       ? RC_OK
		       : permit_write(job_city(c)->tree, c->actor, &rec, none, false, err);
}

/* ---- issue ---- */

struct asked {
	int64_t org, *units;
	size_t n;
	str state;
};

/* ",3,17," */
static void parse_units(struct arena *a, str list, struct asked *out)
{
	out->units = NEWS(a, list.n + 1, int64_t);
	while (list.n) {
		str rest, one = str_cut(list, ',', &rest);
		if (one.n && str_i64(one, &out->units[out->n]))
			out->n++;
		list = rest;
	}
}

static enum rc units_of(struct job_ctx *c, int64_t id, struct asked *out, struct err *err)
{
	struct stmt *s;
	bool row;
	int32_t today = clock_today();
	*out = (struct asked){0};
	TRY(db_prepare(c->db, Q_UNITS, &s, err));
	stmt_bind_i64(s, 1, id);
	TRY(stmt_step(s, &row, err));
	if (!row)
		return FAIL(err, RC_NOT_FOUND, "There is no collection #%lld.", (long long)id);
	out->org = stmt_i64(s, 0);
	out->state = stmt_str(c->a, s, 2);
	parse_units(c->a, stmt_str(c->a, s, 1), out);
	stmt_reset(s);
	TRY(city_tree_now(job_city(c), c->db, err));
	const struct tree *t = job_city(c)->tree;
	for (size_t i = 0; i < out->n; i++)
		if (!tree_under(t, out->units[i], out->org, today))
			return FAIL(err, RC_DENIED,
				"unit #%lld does not stand below the unit that asks: ask its own superior",
				(long long)out->units[i]);
	if (out->n)
		return RC_OK;
	size_t n;
	const int64_t *below = tree_subtree(c->a, t, out->org, today, &n);
	out->units = NEWS(c->a, n + 1, int64_t);
	for (size_t i = 0; i < n; i++)
		if (tree_parent(t, below[i], today) == out->org)
			out->units[out->n++] = below[i];
	return out->n ? RC_OK : FAIL(err, RC_INVALID, "no unit stands below: name the units to be asked");
}

static enum rc ask(struct job_ctx *c, int64_t collection, int64_t org, struct err *err)
{
	const struct reg *reg = reg_of(c, "collection_reply");
	struct stmt *s;
	bool row;
	int64_t id;
	TRY(db_prepare(c->db, Q_ASKED, &s, err));
	stmt_bind_i64(s, 1, collection);
	stmt_bind_i64(s, 2, org);
	TRY(stmt_step(s, &row, err));
	stmt_reset(s);
	if (row)
		return RC_OK;
	struct entry e = number(reg, "collection", collection);
	struct record_input in = {.reg = reg,
		.org = org,
		.entries = &e,
		.entries_n = 1,
		.state = STR("open"),
		.source = STR("form")};
	return record_add(c, &in, &id, err);
}

/* Something must be asked for, and nothing that is counted already. */
static enum rc asks(struct job_ctx *c, int64_t collection, struct err *err)
{
	const struct model *m = job_city(c)->model;
	struct stmt *s;
	struct field *columns;
	size_t n;
	bool row;
	TRY(db_prepare(c->db, Q_ASKS, &s, err));
	stmt_bind_i64(s, 1, collection);
	TRY(stmt_step(s, &row, err));
	str into = row ? stmt_str(c->a, s, 0) : STR(""), ask_for = row ? stmt_str(c->a, s, 1) : STR("");
	stmt_reset(s);
	if (into.n)
		return model_reg(m, into) ? RC_OK
					  : FAIL(err, RC_INVALID,
						    "there is no register “%.*s” for the answers to go into",
						    STR_ARG(into));
	TRY(columns_read(c->a, ask_for, &columns, &n, err));
	if (n == 0)
		return FAIL(err, RC_INVALID,
			"nothing is asked for: name the register that the answers go into, or the columns");
	return columns_asked_elsewhere(m, columns, n, err);
}

enum rc collect_issue(struct job_ctx *c, int64_t collection, struct err *err)
{
	struct asked a;
	TRY(runs(c, collection, err));
	TRY(asks(c, collection, err));
	TRY(units_of(c, collection, &a, err));
	if (str_is(a.state, "draft"))
		TRY(move(c, "collection", "issue", collection, NULL, 0, STR(""), err));
	else if (!str_is(a.state, "issued"))
		return FAIL(err, RC_CONFLICT, "this collection is closed: nobody is asked any more");
	for (size_t i = 0; i < a.n; i++)
		TRY(ask(c, collection, a.units[i], err));
	c->action = STR("collect:issue");
	c->subject = arena_fmt(c->a, "collection:%lld", (long long)collection);
	return RC_OK;
}

/* ---- answers ---- */

static enum rc still_open(struct job_ctx *c, int64_t reply, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(c->db, Q_REPLY, &s, err));
	stmt_bind_i64(s, 1, reply);
	TRY(stmt_step(s, &row, err));
	bool issued = row && str_is(stmt_text(s, 0), "issued");
	str title = row ? stmt_str(c->a, s, 1) : STR("");
	stmt_reset(s);
	if (!row)
		return FAIL(err, RC_NOT_FOUND, "There is no reply #%lld.", (long long)reply);
	return issued ? RC_OK
		      : FAIL(err, RC_CONFLICT,
				"“%.*s” is closed: ask the unit that collects for a correction",
				STR_ARG(title));
}

enum rc collect_answer(struct job_ctx *c, const struct collect_answer *x, struct err *err)
{
	const struct reg *reg = reg_of(c, "collection_reply");
	struct entry e[5];
	size_t n = 0;
	TRY(still_open(c, x->reply, err));
	e[n++] = number(reg, "nil", x->nil);
	e[n++] = text(reg, "answered_on", date_str(c->a, clock_today()));
	if (x->rows_n >= 0)
		e[n++] = number(reg, "rows_n", x->rows_n);
	if (x->import_no >= 0)
		e[n++] = number(reg, "import_no", x->import_no);
	if (x->answers.n || x->nil)
		e[n++] = text(reg, "answers", x->nil ? STR("") : x->answers);
	return move(c, "collection_reply", "submit", x->reply, e, n, STR(""), err);
}

enum rc collect_return(struct job_ctx *c, int64_t reply, str reason, struct err *err)
{
	TRY(still_open(c, reply, err));
	return move(c, "collection_reply", "return", reply, NULL, 0, reason, err);
}

static enum rc submitted(struct job_ctx *c, int64_t collection, int64_t **out, size_t *out_n, struct err *err)
{
	struct stmt *s;
	bool row;
	size_t cap = 0;
	enum rc rc;
	*out = NULL;
	*out_n = 0;
	TRY(db_prepare(c->db, Q_IN, &s, err));
	stmt_bind_i64(s, 1, collection);
	while ((rc = stmt_step(s, &row, err)) == RC_OK && row) {
		*out = arena_grow(c->a, *out, *out_n, &cap, sizeof **out);
		(*out)[(*out_n)++] = stmt_i64(s, 0);
	}
	return rc;
}

enum rc collect_merge(struct job_ctx *c, int64_t collection, int64_t *out_n, struct err *err)
{
	int64_t *ids;
	size_t n;
	TRY(runs(c, collection, err));
	TRY(submitted(c, collection, &ids, &n, err));
	for (size_t i = 0; i < n; i++)
		TRY(move(c, "collection_reply", "merge", ids[i], NULL, 0, STR(""), err));
	c->action = STR("collect:merge");
	c->subject = arena_fmt(c->a, "collection:%lld", (long long)collection);
	c->detail = arena_fmt(c->a, "replies=%zu", n);
	*out_n = (int64_t)n;
	return RC_OK;
}

enum rc collect_close(struct job_ctx *c, int64_t collection, struct err *err)
{
	return move(c, "collection", "close", collection, NULL, 0, STR(""), err);
}

enum rc collect_announce(struct job_ctx *c, int64_t collection, struct err *err)
{
	const struct reg *reg = reg_of(c, "collection");
	struct stmt *s;
	bool row;
	str today = date_str(c->a, clock_today());
	TRY(runs(c, collection, err));
	TRY(db_prepare(c->db, Q_TOLD, &s, err));
	stmt_bind_i64(s, 1, collection);
	TRY(stmt_step(s, &row, err));
	bool told = row && str_eq(stmt_text(s, 0), today);
	stmt_reset(s);
	if (told)
		return FAIL(err, RC_CONFLICT, "the group was told today already; once a day is enough");
	struct entry e = text(reg, "announced_on", today);
	return record_set(c, reg, collection, 0, &e, 1, err);
}

/* ---- up ---- */

static str lines(struct arena *a, const struct coll_sum *sums, size_t n)
{
	str out = STR("");
	for (size_t i = 0; i < n; i++)
		out = arena_fmt(a, "%.*s%s%.*s=%lld", STR_ARG(out), i ? "\n" : "", STR_ARG(sums[i].id),
			(long long)sums[i].value);
	return out;
}

enum rc collect_send(struct job_ctx *c, const struct coll *coll, const struct coll_sum *sums, size_t n,
	int64_t rows, int64_t *out_return, struct err *err)
{
	const struct reg *reg = reg_of(c, "period_return");
	int64_t *ids;
	size_t waiting;
	TRY(runs(c, coll->id, err));
	if (coll->from.n == 0 || coll->to.n == 0)
		return FAIL(err, RC_INVALID, "“%.*s” tells no period: give period_from and period_to",
			STR_ARG(coll->title));
	if (str_is(coll->sent_state, "sent") || str_is(coll->sent_state, "locked"))
		return FAIL(err, RC_CONFLICT, "this was sent on %.*s; what changes now is a correction",
			STR_ARG(coll->sent_on));
	TRY(submitted(c, coll->id, &ids, &waiting, err));
	if (waiting)
		return FAIL(err, RC_CONFLICT, "%zu answers are not merged yet", waiting);
	struct entry e[10];
	size_t k = 0;
	if (coll->sent == 0) {
		e[k++] = text(reg, "period_from", coll->from);
		e[k++] = text(reg, "period_to", coll->to);
		e[k++] = number(reg, "collection", coll->id);
	}
	e[k++] = number(reg, "units_n", (int64_t)coll->units_n);
	e[k++] = number(reg, "units_in", (int64_t)(coll->in + coll->merged));
	e[k++] = number(reg, "rows_n", rows);
	e[k++] = text(reg, "sums", lines(c->a, sums, n));
	e[k++] = number(reg, "nil", rows == 0);
	if (c->actor->person > 0)
		e[k++] = number(reg, "sent_by", c->actor->person);
	*out_return = coll->sent;
	struct record_input in = {
		.reg = reg, .org = coll->org, .entries = e, .entries_n = k, .source = STR("form")};
	TRY(coll->sent ? record_set(c, reg, coll->sent, 0, e, k, err) : record_add(c, &in, out_return, err));
	TRY(move(c, "period_return", "send", *out_return, NULL, 0, STR(""), err));
	if (str_is(coll->state, "issued"))
		TRY(collect_close(c, coll->id, err));
	c->action = STR("collect:send");
	c->subject = arena_fmt(c->a, "period_return:%lld", (long long)*out_return);
	return RC_OK;
}
