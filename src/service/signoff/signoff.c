/* signoff.c -- see signoff.h. */
#include "service/signoff/signoff.h"
#include "base/clock.h"
#include "base/date.h"
#include "register/change.h"
#include "register/permit.h"
#include "register/publish.h"
#include <stdio.h>

static const char Q_STATE[] = "SELECT \"state\" FROM \"report_edition\" WHERE \"id\" = ?1";
static const char Q_SENDER[] = "SELECT \"actor\" FROM \"history\" WHERE \"register\" = 'report_edition'"
			       " AND \"row\" = ?1 AND \"kind\" = 'do:send' ORDER BY \"version\" DESC LIMIT 1";

static const struct reg *reg_of(const struct city *c, const char *id)
{
	return model_reg(c->model, str_of(id));
}

static const struct value *value_of(const struct record *rec, const char *id)
{
	const struct field *f = reg_field(rec->reg, str_of(id));
	static const struct value none = {0};
	return f ? &rec->values[f->at] : &none;
}

static str text_of(const struct record *rec, const char *id)
{
	const struct value *v = value_of(rec, id);
	return v->kind == V_TEXT ? v->t : (str){NULL, 0};
}

static struct signoff taken(const struct record *rec)
{
	const struct value *serial = value_of(rec, "serial");
	return (struct signoff){.id = rec->id,
		.org = rec->org,
		.version = rec->version,
		.serial = serial->kind == V_INT ? serial->i : 1,
		.kind = text_of(rec, "kind"),
		.period = text_of(rec, "period"),
		.title = text_of(rec, "title"),
		.body = text_of(rec, "body"),
		.state = rec->state,
		.letterhead = text_of(rec, "letterhead"),
		.number = text_of(rec, "number"),
		.addressee = text_of(rec, "addressee"),
		.copies = text_of(rec, "copies"),
		.signer = text_of(rec, "signer"),
		.signed_on = text_of(rec, "signed_on"),
		.published_on = text_of(rec, "published_on")};
}

enum rc signoff_read(struct reader *r, int64_t id, struct signoff *out, struct err *err)
{
	const struct reg *reg = reg_of(r->city, "report_edition");
	struct record *rec;
	if (reg == NULL || permit_reach(reg, &r->actor) == REACH_NONE)
		return FAIL(err, RC_NOT_FOUND, "There is no report #%lld.", (long long)id);
	TRY(record_get(r, reg, id, &rec, err));
	*out = taken(rec);
	return RC_OK;
}

static enum rc rows(struct reader *r, const char *reg_id, str where, int64_t org, int limit,
	struct record ***out, size_t *out_n, struct err *err)
{
	struct record_query q = {.reg = reg_of(r->city, reg_id),
		.where = where,
		.org = org,
		.limit = limit,
		.newest_first = true};
	*out_n = 0;
	if (q.reg == NULL || permit_reach(q.reg, &r->actor) == REACH_NONE)
		return RC_OK;
	return record_list(r, &q, out, out_n, err);
}

enum rc signoff_newest(
	struct reader *r, int64_t org, str kind, str period, struct signoff *out, struct err *err)
{
	struct record **list;
	size_t n;
	*out = (struct signoff){0};
	str where = arena_fmt(r->a, "kind = '%.*s' and period = '%.*s' and state != 'void'", STR_ARG(kind),
		STR_ARG(period));
	TRY(rows(r, "report_edition", where, org, SIGNOFF_LIST_MAX, &list, &n, err));
	for (size_t i = 0; i < n; i++) {
		struct signoff s = taken(list[i]);
		if (s.org == org && (out->id == 0 || s.serial > out->serial))
			*out = s;
	}
	return RC_OK;
}

enum rc signoff_list(struct reader *r, str state, struct signoff **out, size_t *out_n, struct err *err)
{
	struct record **list;
	size_t n;
	str where = state.n ? arena_fmt(r->a, "state = '%.*s'", STR_ARG(state)) : STR("state != 'void'");
	TRY(rows(r, "report_edition", where, 0, SIGNOFF_LIST_MAX, &list, &n, err));
	*out = NEWS(r->a, n + 1, struct signoff);
	for (*out_n = 0; *out_n < n; (*out_n)++)
		(*out)[*out_n] = taken(list[*out_n]);
	return RC_OK;
}

enum rc signoff_published(
	struct reader *r, str kind, int64_t org, struct signoff **out, size_t *out_n, struct err *err)
{
	const struct reg *reg = reg_of(r->city, "report_edition");
	struct publish_query q = {.reg = reg, .kind = kind, .latest_first = true, .limit = SIGNOFF_LIST_MAX};
	struct record **list;
	size_t n;
	*out = NULL;
	*out_n = 0;
	if (reg == NULL || reg->open == NULL)
		return RC_OK;
	TRY(publish_list(r, &q, &list, &n, err));
	*out = NEWS(r->a, n + 1, struct signoff);
	for (size_t i = 0; i < n; i++)
		if (org == 0 || list[i]->org == org)
			(*out)[(*out_n)++] = taken(list[i]);
	return RC_OK;
}

enum rc signoff_public(struct reader *r, int64_t id, struct signoff *out, struct err *err)
{
	const struct reg *reg = reg_of(r->city, "report_edition");
	struct record *rec;
	if (reg == NULL || reg->open == NULL)
		return FAIL(err, RC_NOT_FOUND, "There is no report #%lld.", (long long)id);
	TRY(publish_get(r, reg, id, &rec, err));
	*out = taken(rec);
	return RC_OK;
}

enum rc signoff_comments(
	struct reader *r, int64_t report, struct signoff_comment **out, size_t *out_n, struct err *err)
{
	struct record **list;
	size_t n;
	TRY(rows(r, "report_comment", arena_fmt(r->a, "report = %lld and state != 'void'", (long long)report),
		0, SIGNOFF_COMMENTS_MAX, &list, &n, err));
	*out = NEWS(r->a, n + 1, struct signoff_comment);
	*out_n = 0;
	for (size_t i = n; i-- > 0;)
		(*out)[(*out_n)++] = (struct signoff_comment){.id = list[i]->id,
			.kind = text_of(list[i], "kind"),
			.finding = text_of(list[i], "finding"),
			.quote = text_of(list[i], "quote"),
			.body = text_of(list[i], "body"),
			.state = list[i]->state,
			.by = list[i]->entered_by,
			.at_ms = list[i]->entered_at};
	return RC_OK;
}

enum rc signoff_steps(struct reader *r, int64_t id, struct signoff_step **out, size_t *out_n, struct err *err)
{
	struct record_version *list;
	size_t n;
	TRY(record_history(r, reg_of(r->city, "report_edition"), id, &list, &n, err));
	*out = NEWS(r->a, n + 1, struct signoff_step);
	*out_n = 0;
	for (size_t i = 0; i < n; i++) {
		bool moved = str_starts(list[i].kind, STR("do:"));
		if (moved || str_is(list[i].kind, "add"))
			(*out)[(*out_n)++] =
				(struct signoff_step){moved ? str_from(list[i].kind, 3) : list[i].kind,
					list[i].reason, list[i].actor, list[i].at_ms};
	}
	for (size_t i = 0; i + 1 < *out_n; i++)
		for (size_t k = i + 1; k < *out_n; k++)
			if ((*out)[k].at_ms < (*out)[i].at_ms) {
				struct signoff_step t = (*out)[i];
				(*out)[i] = (*out)[k];
				(*out)[k] = t;
			}
	return RC_OK;
}

bool signoff_may(struct reader *r, const struct signoff *s, const char *move)
{
	const struct reg *reg = reg_of(r->city, "report_edition");
	const struct move *m = reg ? reg_move(reg, str_of(move)) : NULL;
	struct record rec = {.reg = reg, .id = s->id, .org = s->org, .state = s->state};
	struct err err = {0};
	bool from = false;
	if (m == NULL)
		return false;
	rec.values = NEWS(r->a, reg->fields_n, struct value);
	for (size_t i = 0; i < m->from_n; i++)
		from = from || str_eq(m->from[i], s->state);
	return from && permit_move(r->tree, &r->actor, &rec, m, &err) == RC_OK;
}

str signoff_template(struct arena *a, str kind, const char *part)
{
	return arena_fmt(a, "desk:%.*s%s%s", STR_ARG(kind), part[0] ? ":" : "", part);
}

enum rc signoff_frozen(
	struct reader *r, const struct signoff *s, const char *part, struct frozen *out, struct err *err)
{
	struct frozen *list;
	size_t n;
	str name = signoff_template(r->a, s->kind, part);
	TRY(frozen_list(r->a, r->db, s->period, s->org, &list, &n, err));
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].template_name, name) && list[i].revision == s->serial)
			return frozen_get(r->a, r->db, list[i].id, out, err);
	return RC_NOT_FOUND;
}

/* ---- jobs ---- */

/* Steps that are more than a change of state; the observer knows by this that they are made here. Only the writer's thread
 * looks at it. */
static _Thread_local bool working;

static enum rc move(
	struct job_ctx *c, int64_t id, int64_t version, const char *name, str reason, struct err *err)
{
	const struct reg *reg = reg_of(job_city(c), "report_edition");
	const struct move *m = reg_move(reg, str_of(name));
	if (m == NULL)
		return FAIL(err, RC_INVALID, "There is no step “%s”.", name);
	working = true;
	enum rc rc = record_do(c, reg, id, version, m, NULL, 0, reason, err);
	working = false;
	return rc;
}

static struct entry text_entry(const struct reg *reg, const char *field, str text)
{
	struct entry e = {reg_field(reg, str_of(field)), {.kind = text.n ? V_TEXT : V_NULL, .t = text}};
	return e;
}

enum rc signoff_begin(
	struct job_ctx *c, const struct signoff *s, str period_to, int64_t *out_id, struct err *err)
{
	const struct reg *reg = reg_of(job_city(c), "report_edition");
	struct entry e[] = {text_entry(reg, "title", s->title), text_entry(reg, "kind", s->kind),
		text_entry(reg, "period", s->period), text_entry(reg, "period_to", period_to),
		{reg_field(reg, STR("serial")), {.kind = V_INT, .i = s->serial ? s->serial : 1}},
		text_entry(reg, "body", s->body), text_entry(reg, "letterhead", s->letterhead),
		text_entry(reg, "number", s->number), text_entry(reg, "addressee", s->addressee),
		text_entry(reg, "copies", s->copies), text_entry(reg, "signer", s->signer)};
	struct record_input in = {.reg = reg,
		.org = s->org,
		.entries = e,
		.entries_n = sizeof e / sizeof *e,
		.source = STR("form")};
	return record_add(c, &in, out_id, err);
}

enum rc signoff_text(struct job_ctx *c, int64_t id, int64_t version, str body, struct err *err)
{
	const struct reg *reg = reg_of(job_city(c), "report_edition");
	if (body.n > SIGNOFF_TEXT_MAX_BYTES)
		return FAIL(err, RC_LIMIT, "A report's text has at most %d bytes.", SIGNOFF_TEXT_MAX_BYTES);
	struct entry e = text_entry(reg, "body", body);
	return record_set(c, reg, id, version, &e, 1, err);
}

enum rc signoff_head(struct job_ctx *c, const struct signoff *s, int64_t version, struct err *err)
{
	const struct reg *reg = reg_of(job_city(c), "report_edition");
	struct entry e[] = {text_entry(reg, "title", s->title), text_entry(reg, "letterhead", s->letterhead),
		text_entry(reg, "number", s->number), text_entry(reg, "addressee", s->addressee),
		text_entry(reg, "copies", s->copies), text_entry(reg, "signer", s->signer)};
	return record_set(c, reg, s->id, version, e, sizeof e / sizeof *e, err);
}

enum rc signoff_move(
	struct job_ctx *c, int64_t id, int64_t version, const char *name, str reason, struct err *err)
{
	if (strcmp(name, "sign_off") == 0 || strcmp(name, "publish") == 0)
		return FAIL(
			err, RC_INVALID, "This step keeps a frozen copy; it is made on the report's page.");
	return move(c, id, version, name, reason, err);
}

static enum rc another_person(struct job_ctx *c, int64_t id, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(c->db, Q_SENDER, &s, err));
	stmt_bind_i64(s, 1, id);
	TRY(stmt_step(s, &row, err));
	int64_t sender = row ? stmt_i64(s, 0) : 0;
	stmt_reset(s);
	if (sender && sender == c->actor->person)
		return FAIL(err, RC_DENIED, "Who sent the report for signature does not sign it off.");
	return RC_OK;
}

static enum rc keep(
	struct job_ctx *c, const struct signoff *s, struct frozen *f, const char *part, struct err *err)
{
	f->period = s->period;
	f->org = s->org;
	f->revision = s->serial;
	f->at_ms = c->now_ms;
	f->template_name = signoff_template(c->a, s->kind, part);
	return frozen_add(c, f, err);
}

enum rc signoff_keep(struct job_ctx *c, const struct signoff *s, int64_t version, bool public,
	struct frozen *report, struct frozen *bundle, struct frozen *table, struct err *err)
{
	if (!public)
		TRY(another_person(c, s->id, err));
	TRY(move(c, s->id, version, public ? "publish" : "sign_off", STR(""), err));
	TRY(keep(c, s, report, public ? "public" : "", err));
	TRY(keep(c, s, bundle, public ? "public:bundle" : "bundle", err));
	return table ? keep(c, s, table, "public:table", err) : RC_OK;
}

enum rc signoff_comment_add(struct job_ctx *c, int64_t report, int64_t org,
	const struct signoff_comment *comment, struct err *err)
{
	const struct reg *reg = reg_of(job_city(c), "report_comment");
	int64_t id;
	struct entry e[] = {{reg_field(reg, STR("report")), {.kind = V_INT, .i = report}},
		text_entry(reg, "kind", comment->kind), text_entry(reg, "finding", comment->finding),
		text_entry(reg, "quote", comment->quote), text_entry(reg, "body", comment->body),
		text_entry(reg, "told_on", date_str(c->a, clock_today()))};
	struct record_input in = {.reg = reg,
		.org = org,
		.entries = e,
		.entries_n = sizeof e / sizeof *e,
		.source = STR("form")};
	return record_add(c, &in, &id, err);
}

enum rc signoff_comment_move(struct job_ctx *c, int64_t id, const char *name, struct err *err)
{
	const struct reg *reg = reg_of(job_city(c), "report_comment");
	const struct move *m = reg_move(reg, str_of(name));
	return m ? record_do(c, reg, id, 0, m, NULL, 0, STR(""), err)
		 : FAIL(err, RC_INVALID, "There is no step “%s”.", name);
}

/* ---- the observer ---- */

static enum rc state_of(struct db *db, int64_t id, char out[20], struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, Q_STATE, &s, err));
	stmt_bind_i64(s, 1, id);
	TRY(stmt_step(s, &row, err));
	str state = row ? stmt_text(s, 0) : (str){0};
	snprintf(out, 20, "%.*s", STR_ARG(state));
	stmt_reset(s);
	return RC_OK;
}

static enum rc before(void *user, struct db *db, const struct change *ch, struct err *err)
{
	const struct field *body = reg_field(ch->reg, STR("body"));
	char state[20];
	(void)user;
	if (!str_is(ch->reg->id, "report_edition") || ch->kind != CHANGE_SET || body == NULL ||
		!(ch->fields[body->at / 64] >> (body->at % 64) & 1))
		return RC_OK;
	TRY(state_of(db, ch->id, state, err));
	if (strcmp(state, "draft") == 0)
		return RC_OK;
	return FAIL(err, RC_CONFLICT,
		"The text stands as it was sent. Return the report to its drafter, or make a revision.");
}

static enum rc after(void *user, struct db *db, const struct change *ch, int64_t n, struct err *err)
{
	static const char *const guarded[] = {"checking", "signed", "published"};
	char state[20];
	(void)user;
	(void)n;
	if (working || !str_is(ch->reg->id, "report_edition") || ch->kind == CHANGE_ADD || !ch->state_changed)
		return RC_OK;
	TRY(state_of(db, ch->id, state, err));
	for (size_t i = 0; i < sizeof guarded / sizeof *guarded; i++)
		if (strcmp(state, guarded[i]) == 0)
			return FAIL(err, RC_INVALID,
				"This step is made on the report's page (/report): it looks at the text "
				"first.");
	return RC_OK;
}

void signoff_attach(struct city *c)
{
	if (reg_of(c, "report_edition") && reg_of(c, "report_comment"))
		change_attach(c, &(struct change_observer){.user = c, .before = before, .after = after});
}
