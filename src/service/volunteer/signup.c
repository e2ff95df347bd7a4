/* signup.c -- see signup.h. */
#include "service/volunteer/signup.h"
#include "base/clock.h"
#include "base/date.h"
#include "register/row.h"

static const char Q_TAKEN[] = "SELECT s.\"id\", s.\"volunteer\", s.\"state\" FROM \"volunteer_signup\" s "
			      "WHERE s.\"event\" = ?1 AND "
			      "s.\"state\" IN ('submitted', 'accepted') ORDER BY s.\"id\"";
static const char Q_OWN[] =
	"SELECT s.\"id\", s.\"state\" FROM \"volunteer_signup\" s WHERE s.\"event\" = ?1 AND "
	"s.\"volunteer\" = ?2 AND s.\"state\" <> 'void' ORDER BY s.\"id\" DESC LIMIT 1";

static const struct reg *events_of(const struct city *c)
{
	return model_reg(c->model, STR("volunteer_event"));
}

static const struct reg *signups_of(const struct city *c)
{
	return model_reg(c->model, STR("volunteer_signup"));
}

static const struct value *value_of(const struct record *rec, const char *id)
{
	static const struct value none;
	const struct field *f = reg_field(rec->reg, str_of(id));
	return f ? &rec->values[f->at] : &none;
}

static enum rc count(struct reader *r, struct signup_event *e, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(r->db, Q_TAKEN, &s, err));
	stmt_bind_i64(s, 1, e->event);
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		e->taken++;
		if (stmt_i64(s, 1) != r->actor.person)
			continue;
		e->own = stmt_i64(s, 0);
		e->accepted = str_is(stmt_text(s, 2), "accepted");
		e->waiting = e->capacity && e->taken > e->capacity ? e->taken - e->capacity : 0;
	}
}

enum rc signup_events(struct reader *r, struct signup_event **out, size_t *out_n, struct err *err)
{
	struct reader public = *r; /* the register is a public one */
	struct record **list;
	size_t n;
	*out = NULL;
	*out_n = 0;
	if (events_of(r->city) == NULL || signups_of(r->city) == NULL ||
		events_of(r->city)->sensitivity != SENS_PUBLIC)
		return RC_OK;
	public.actor = actor_operator();
	struct record_query q = {.reg = events_of(r->city),
		.where = STR("state = 'planned' and held_on >= today"),
		.limit = SIGNUP_EVENTS_MAX,
		.by = reg_field(events_of(r->city), STR("held_on"))};
	TRY(record_list(&public, &q, &list, &n, err));
	*out = NEWS(r->a, n + 1, struct signup_event);
	for (size_t i = 0; i < n; i++) {
		struct signup_event *e = &(*out)[(*out_n)++];
		*e = (struct signup_event){.event = list[i]->id,
			.org = list[i]->org,
			.capacity = value_of(list[i], "capacity")->i,
			.title = value_of(list[i], "title")->t,
			.held_on = value_of(list[i], "held_on")->t,
			.place = value_of(list[i], "place")->t,
			.until = value_of(list[i], "signup_until")->t};
		TRY(count(r, e, err));
	}
	return RC_OK;
}

/* ---- the jobs ---- */

static enum rc own_row(struct job_ctx *c, int64_t event, int64_t *out_id, str *out_state, struct err *err)
{
	struct stmt *s;
	bool row;
	*out_id = 0;
	TRY(db_prepare(c->db, Q_OWN, &s, err));
	stmt_bind_i64(s, 1, event);
	stmt_bind_i64(s, 2, c->actor->person);
	TRY(stmt_step(s, &row, err));
	if (!row)
		return RC_OK;
	*out_id = stmt_i64(s, 0);
	*out_state = stmt_str(c->a, s, 1);
	stmt_reset(s);
	return RC_OK;
}

/* The row is the unit's, about oneself: the right of the event's lead is lent for it, and for nothing else. */
static enum rc add(struct job_ctx *c, const struct record *event, int64_t *out_id, struct err *err)
{
	const struct reg *reg = signups_of(job_city(c));
	struct entry e[] = {{reg_field(reg, STR("event")), {.kind = V_INT, .i = event->id}},
		{reg->person, {.kind = V_INT, .i = c->actor->person}},
		{reg_field(reg, STR("applied_on")), {.kind = V_TEXT, .t = date_str(c->a, clock_today())}}};
	struct record_input in = {.reg = reg,
		.org = event->org,
		.entries = e,
		.entries_n = sizeof e / sizeof *e,
		.source = STR("form")};
	struct case_of lead = {event->reg->id, STR("site_lead"), event->id};
	struct actor who = *c->actor;
	const struct actor *asked = c->actor;
	who.cases = &lead;
	who.cases_n = 1;
	who.roles[0] = STR("site_lead");
	who.roles_n = 1;
	who.org = event->org;
	c->actor = &who;
	enum rc rc = record_add(c, &in, out_id, err);
	c->actor = asked;
	return rc;
}

enum rc signup_ask(struct job_ctx *c, int64_t event, struct err *err)
{
	struct city *city = job_city(c);
	struct record *e;
	int64_t id;
	int32_t day, until;
	str state = STR("draft");
	if (signups_of(city) == NULL)
		return FAIL(err, RC_NOT_FOUND, "There is nothing at this address.");
	TRY(row_get(c->a, c->db, city, events_of(city), event, &e, err));
	if (!str_is(e->state, "planned") || !date_parse(value_of(e, "held_on")->t, &day) ||
		day < clock_today() ||
		(date_parse(value_of(e, "signup_until")->t, &until) && until < clock_today()))
		return FAIL(err, RC_INVALID, "signing up for this event has ended");
	TRY(own_row(c, event, &id, &state, err));
	if (id == 0)
		TRY(add(c, e, &id, err));
	else if (!str_is(state, "draft") && !str_is(state, "returned"))
		return FAIL(err, RC_CONFLICT, "you have signed up for this event already");
	const struct move *m = reg_move(signups_of(city), STR("submit"));
	if (m == NULL)
		return FAIL(err, RC_NOT_FOUND, "There is nothing at this address.");
	TRY(record_do(c, signups_of(city), id, 0, m, NULL, 0, STR(""), err));
	c->action = STR("signup");
	c->subject = arena_fmt(c->a, "volunteer_event:%lld", (long long)event);
	return RC_OK;
}

enum rc signup_leave(struct job_ctx *c, int64_t event, struct err *err)
{
	struct city *city = job_city(c);
	const struct move *m = signups_of(city) ? reg_move(signups_of(city), STR("withdraw")) : NULL;
	int64_t id;
	str state;
	if (m == NULL)
		return FAIL(err, RC_NOT_FOUND, "There is nothing at this address.");
	TRY(own_row(c, event, &id, &state, err));
	if (id == 0)
		return FAIL(err, RC_NOT_FOUND, "you have not signed up for this event");
	TRY(record_do(c, signups_of(city), id, 0, m, NULL, 0, STR(""), err));
	c->action = STR("signup:leave");
	c->subject = arena_fmt(c->a, "volunteer_event:%lld", (long long)event);
	return RC_OK;
}
