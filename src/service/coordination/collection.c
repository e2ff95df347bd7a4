/* collection.c -- see collection.h. */
#include "service/coordination/collection.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/tr.h"
#include "figure/figure.h"
#include "register/permit.h"
#include <stdlib.h>

static const char Q_HEAD[] =
	"SELECT \"org\", \"version\", \"number\", \"title\", \"state\", \"issued_on\", \"due_on\", "
	"\"period_from\","
	" \"period_to\", \"note\", \"into_register\", \"announced_on\", \"ask_for\", \"person_hours\" FROM "
	"\"collection\""
	" WHERE \"id\" = ?1";
static const char Q_SENT[] = "SELECT \"id\", \"state\", \"sent_on\", \"sums\", \"rows_n\" FROM "
			     "\"period_return\" WHERE \"collection\" = ?1"
			     " ORDER BY \"id\" DESC LIMIT 1";
static const char Q_ASKED[] = "SELECT DISTINCT \"collection\" FROM \"collection_reply\" WHERE \"org\" {in "
			      "?1} ORDER BY 1 DESC LIMIT 200";

static enum rc head(struct reader *r, struct coll *c, struct err *err)
{
	struct stmt *s;
	bool row;
	str ask_for = {NULL, 0};
	str *texts[] = {&c->number, &c->title, &c->state, &c->issued_on, &c->due_on, &c->from, &c->to,
		&c->note, &c->into, &c->announced_on, &ask_for};
	TRY(db_prepare(r->db, Q_HEAD, &s, err));
	stmt_bind_i64(s, 1, c->id);
	TRY(stmt_step(s, &row, err));
	if (!row)
		return FAIL(err, RC_NOT_FOUND, "There is no collection #%lld.", (long long)c->id);
	c->org = stmt_i64(s, 0);
	c->version = stmt_i64(s, 1);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		*texts[i] = stmt_str(r->a, s, (int)i + 2);
	c->tenths_of_hours = stmt_null(s, 13) ? -1 : stmt_i64(s, 13);
	stmt_reset(s);
	if (columns_read(r->a, c->into.n ? (str){NULL, 0} : ask_for, &c->columns, &c->columns_n, NULL) !=
		RC_OK)
		c->columns_n = 0; /* told when it is issued */
	TRY(db_prepare(r->db, Q_SENT, &s, err));
	stmt_bind_i64(s, 1, c->id);
	TRY(stmt_step(s, &row, err));
	if (row) {
		c->sent = stmt_i64(s, 0);
		c->sent_state = stmt_str(r->a, s, 1);
		c->sent_on = stmt_str(r->a, s, 2);
		c->sums = stmt_str(r->a, s, 3);
		c->rows_sent = stmt_i64(s, 4);
	}
	stmt_reset(s);
	return RC_OK;
}

/* ---- the replies ---- */

struct gather {
	struct reader *r;
	struct coll *c;
	size_t cap;
	bool listed;
	const struct field *answered, *nil, *rows, *answers;
};

static bool take(void *user, const struct record *rec)
{
	struct gather *g = user;
	struct coll *c = g->c;
	bool nil = rec->values[g->nil->at].i == 1;
	c->in += str_is(rec->state, "submitted");
	c->merged += str_is(rec->state, "accepted");
	c->returned += str_is(rec->state, "returned");
	c->missing += str_is(rec->state, "open");
	c->nil += nil && (str_is(rec->state, "submitted") || str_is(rec->state, "accepted"));
	if (!g->listed) {
		c->units_n++;
		return true;
	}
	c->units = arena_grow(g->r->a, c->units, c->units_n, &g->cap, sizeof *c->units);
	c->units[c->units_n++] = (struct coll_unit){.org = rec->org,
		.reply = rec->id,
		.version = rec->version,
		.state = arena_str(g->r->a, rec->state),
		.answered_on = arena_str(g->r->a, rec->values[g->answered->at].t),
		.nil = nil,
		.rows_n = rec->values[g->rows->at].i,
		.answers = c->columns_n ? columns_unpack(g->r->a, c->columns, c->columns_n,
						  rec->values[g->answers->at].t)
					: NULL};
	return true;
}

static enum rc replies(struct reader *r, struct coll *c, bool listed, struct err *err)
{
	const struct model *m = r->city->model;
	const struct reg *reg = model_reg(m, STR("collection_reply")), *orgs = model_reg(m, STR("org"));
	struct gather g = {.r = r, .c = c, .listed = listed};
	struct record_query q = {.reg = reg, .where = arena_fmt(r->a, "collection = %lld", (long long)c->id)};
	g.answered = reg_field(reg, STR("answered_on"));
	g.nil = reg_field(reg, STR("nil"));
	g.rows = reg_field(reg, STR("rows_n"));
	g.answers = reg_field(reg, STR("answers"));
	TRY(record_each(r, &q, take, &g, err));
	for (size_t i = 0; i < c->units_n && listed; i++)
		c->units[i].name = record_label(r, orgs, c->units[i].org);
	return RC_OK;
}

static bool asks(const struct reader *r, const struct coll *c)
{
	struct record rec = {.reg = model_reg(r->city->model, STR("collection")), .id = c->id, .org = c->org};
	rec.values = NEWS(r->a, rec.reg->fields_n, struct value);
	return permit_read(r->tree, &r->actor, &rec);
}

static enum rc read_one(struct reader *r, int64_t id, bool listed, struct coll *out, struct err *err)
{
	*out = (struct coll){.id = id};
	TRY(head(r, out, err));
	out->owner = asks(r, out);
	TRY(replies(r, out, listed, err));
	if (!out->owner && (out->units_n == 0 || str_is(out->state, "draft")))
		return FAIL(err, RC_NOT_FOUND, "There is no collection #%lld.", (long long)id);
	return RC_OK;
}

enum rc coll_read(struct reader *r, int64_t id, struct coll *out, struct err *err)
{
	return read_one(r, id, true, out, err);
}

/* ---- all of them ---- */

static int newest(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x < y) - (x > y);
}

static enum rc ids_asked(struct reader *r, int64_t *ids, size_t *n, struct err *err)
{
	struct stmt *s;
	bool row;
	enum rc rc;
	size_t units_n;
	int64_t top = r->actor.org ? r->actor.org : r->city->root_org;
	const int64_t *units = tree_subtree(r->a, r->tree, top, clock_today(), &units_n);
	TRY(db_prepare(r->db, Q_ASKED, &s, err));
	stmt_bind_ids(s, 1, units, units_n);
	while ((rc = stmt_step(s, &row, err)) == RC_OK && row)
		if (*n < COLL_LIST_MAX * 2)
			ids[(*n)++] = stmt_i64(s, 0);
	return rc;
}

enum rc coll_list(struct reader *r, struct coll **out, size_t *out_n, struct err *err)
{
	const struct reg *reg = model_reg(r->city->model, STR("collection"));
	struct record_query q = {.reg = reg, .limit = COLL_LIST_MAX, .newest_first = true};
	struct record **rows;
	size_t n = 0, own_n = 0;
	int64_t *ids = NEWS(r->a, COLL_LIST_MAX * 3, int64_t);
	*out_n = 0;
	if (permit_reach(reg, &r->actor) != REACH_NONE)
		TRY(record_list(r, &q, &rows, &own_n, err));
	for (size_t i = 0; i < own_n; i++)
		ids[n++] = rows[i]->id;
	if (permit_reach(model_reg(r->city->model, STR("collection_reply")), &r->actor) != REACH_NONE)
		TRY(ids_asked(r, ids, &n, err));
	qsort(ids, n, sizeof *ids, newest);
	*out = NEWS(r->a, n + 1, struct coll);
	for (size_t i = 0; i < n && *out_n < COLL_LIST_MAX; i++) {
		if (i && ids[i] == ids[i - 1])
			continue;
		enum rc rc = read_one(r, ids[i], false, &(*out)[*out_n], err);
		if (rc == RC_OK)
			(*out_n)++;
		else if (rc != RC_NOT_FOUND)
			return rc;
	}
	return RC_OK;
}

/* ---- words ---- */

str coll_deadline(struct arena *a, const struct coll *c, int32_t today)
{
	int32_t due;
	if (!date_parse(c->due_on, &due))
		return STR("");
	long long days = due - today;
	if (days == 0)
		return str_of(tr("due today"));
	if (days < 0)
		return arena_fmt(a, trn("%lld day late", "%lld days late", -days), -days);
	return arena_fmt(a, trn("%lld day left", "%lld days left", days), days);
}

static str named(struct arena *a, const struct coll *c, const char *state)
{
	str out = STR("");
	for (size_t i = 0; i < c->units_n; i++)
		if (str_is(c->units[i].state, state))
			out = arena_fmt(a, "%.*s%s%.*s", STR_ARG(out),
				out.n ? (tr_lang() == LANG_ZH ? "、" : ", ") : "", STR_ARG(c->units[i].name));
	return out;
}

str coll_text(struct arena *a, const struct coll *c, str link, int32_t today)
{
	str missing = named(a, c, "open"), returned = named(a, c, "returned"), none = STR("");
	str top = arena_fmt(a, tr("[To be answered] %.*s\nDeadline: %.*s (%.*s)\n"), STR_ARG(c->title),
		STR_ARG(c->due_on), STR_ARG(coll_deadline(a, c, today)));
	str where = link.n ? arena_fmt(a, tr("Link: %.*s\n"), STR_ARG(link)) : none;
	str late = missing.n ? arena_fmt(a, tr("Still missing (%zu): %.*s\n"), c->missing, STR_ARG(missing))
			     : none;
	str back = returned.n ? arena_fmt(a, tr("To be mended (%zu): %.*s\n"), c->returned, STR_ARG(returned))
			      : none;
	str all = missing.n || returned.n ? none : str_of(tr("Every unit has answered. Thank you.\n"));
	return arena_fmt(a, "%.*s%.*s%.*s%.*s%.*s", STR_ARG(top), STR_ARG(where), STR_ARG(late),
		STR_ARG(back), STR_ARG(all));
}

/* ---- what came together ---- */

static bool span(const struct coll *c, struct period *out)
{
	*out = (struct period){0};
	if (!date_parse(c->from, &out->from) || !date_parse(c->to, &out->to))
		return false;
	out->to++;
	return true;
}

enum rc coll_rows(struct reader *r, const struct coll *c, struct record_query *out, struct err *err)
{
	struct period p;
	*out = (struct record_query){.reg = model_reg(r->city->model, c->into), .org = c->org};
	if (out->reg == NULL)
		return FAIL(err, RC_INVALID, "“%.*s” names no register that its answers go into",
			STR_ARG(c->title));
	if (span(c, &p)) {
		out->from = date_str(r->a, p.from).p;
		out->to = date_str(r->a, p.to).p;
	}
	return RC_OK;
}

static str value_for_people(struct arena *a, const struct figure *f, int64_t v)
{
	if (f->money)
		return arena_fmt(a, "%lld.%02lld", (long long)(v / 100), (long long)(v % 100));
	if (f->minutes)
		return arena_fmt(a, "%lld.%lld", (long long)(v / 60), (long long)(v % 60 * 10 / 60));
	return arena_fmt(a, "%lld", (long long)v);
}

static bool answered(const struct coll_unit *u)
{
	return u->answers && !u->nil && (str_is(u->state, "submitted") || str_is(u->state, "accepted"));
}

static void column_totals(
	struct arena *a, const struct coll *c, struct coll_sum *out, size_t *out_n, int64_t *out_rows)
{
	for (size_t u = 0; u < c->units_n; u++)
		*out_rows += answered(&c->units[u]);
	for (size_t i = 0; i < c->columns_n; i++) {
		const struct field *f = &c->columns[i];
		struct value sum = {.kind = V_INT};
		if (!column_sums(f))
			continue;
		for (size_t u = 0; u < c->units_n; u++)
			if (answered(&c->units[u]) && c->units[u].answers[i].kind == V_INT &&
				__builtin_add_overflow(sum.i, c->units[u].answers[i].i, &sum.i))
				sum.i = INT64_MAX;
		out[(*out_n)++] = (struct coll_sum){.id = f->label.zh,
			.label = f->label.zh,
			.unit = f->type == T_MONEY ? str_of(tr("yuan")) : STR(""),
			.text = value_text(a, f, &sum),
			.value = sum.i};
	}
}

enum rc coll_sums(struct reader *r, const struct coll *c, struct coll_sum **out, size_t *out_n,
	int64_t *out_rows, struct err *err)
{
	const struct model *m = r->city->model;
	const struct reg *reg = model_reg(m, c->into);
	struct period p;
	struct record_query q;
	*out = NEWS(r->a, m->figures_n + 1, struct coll_sum);
	*out_n = 0;
	*out_rows = 0;
	if (reg == NULL && c->columns_n) {
		*out = NEWS(r->a, c->columns_n + 1, struct coll_sum);
		column_totals(r->a, c, *out, out_n, out_rows);
	}
	if (reg == NULL || !span(c, &p))
		return RC_OK;
	TRY(coll_rows(r, c, &q, err));
	TRY(record_count(r, &q, out_rows, err));
	for (size_t i = 0; i < m->figures_n; i++) {
		const struct figure *f = &m->figures[i];
		struct figure_answer x;
		if (f->of != reg || f->parent || (f->grain != G_ROW && f->grain != G_SUM))
			continue;
		TRY(figure_value(r, f, &p, c->org, false, &x, err));
		if (x.told)
			(*out)[(*out_n)++] = (struct coll_sum){f->id, label_text(&f->label), f->unit,
				value_for_people(r->a, f, x.value), x.value};
	}
	return RC_OK;
}
