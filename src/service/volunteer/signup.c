/* signup.c -- see signup.h. */
#include "service/volunteer/signup.h"
#include "base/clock.h"
#include "base/date.h"
#include "register/consent_give.h"
#include "register/own.h"
#include "register/person.h"
#include "register/row.h"
#include <stdio.h>

enum { FULL_AGE = 18 };

static const char Q_TAKEN[] =
	"SELECT s.\"id\", s.\"volunteer\", s.\"state\", s.\"guardian_consent\" FROM \"volunteer_signup\" s "
	"WHERE s.\"event\" = ?1 AND "
	"s.\"state\" IN ('submitted', 'accepted') ORDER BY s.\"id\"";
static const char Q_OWN[] = "SELECT s.\"id\", s.\"state\", s.\"guardian_consent\" FROM \"volunteer_signup\" "
			    "s WHERE s.\"event\" = ?1 AND "
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

enum { WHAT_BYTES = 64 };

/* What the code of a sign-up stands for. */
static str what_of(int64_t event, int64_t person, char out[WHAT_BYTES])
{
	int n = snprintf(out, WHAT_BYTES, "signup:%lld:%lld", (long long)event, (long long)person);
	return (str){out, (size_t)n};
}

static enum rc born_of(struct reader *r, int64_t person, int32_t *out, struct err *err)
{
	struct record *who;
	TRY(row_get(r->a, r->db, r->city, model_reg(r->city->model, STR("person")), person, &who, err));
	*out = person_born(who);
	return RC_OK;
}

static bool is_minor(int32_t born, str on)
{
	int32_t day;
	return born != DATE_NONE && date_parse(on, &day) && date_age_years(born, day) < FULL_AGE;
}

static enum rc count(struct reader *r, int64_t person, int32_t born, struct signup_event *e, struct err *err)
{
	struct stmt *s;
	bool row;
	char what[WHAT_BYTES];
	TRY(db_prepare(r->db, Q_TAKEN, &s, err));
	stmt_bind_i64(s, 1, e->event);
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		e->taken++;
		if (stmt_i64(s, 1) != person)
			continue;
		e->own = stmt_i64(s, 0);
		e->accepted = str_is(stmt_text(s, 2), "accepted");
		e->waiting = e->capacity && e->taken > e->capacity ? e->taken - e->capacity : 0;
		e->guardian_lacks = is_minor(born, e->held_on) && stmt_i64(s, 3) != 1;
		site_code(r->city->seal, what_of(e->event, person, what), 0, e->code);
	}
}

enum rc signup_may(struct reader *r, int64_t person, bool *out_lacks, bool *out_guardian, struct err *err)
{
	str day;
	*out_lacks = false;
	TRY(own_may(r, person, err));
	TRY(consent_by_guardian(r->a, r->db, r->city, person, out_guardian, err));
	if (!*out_guardian)
		return RC_OK;
	TRY(consent_day(r->db, r->a, person, signups_of(r->city)->purpose, true, &day, err));
	*out_lacks = day.n == 0;
	return RC_OK;
}

enum rc signup_events(
	struct reader *r, int64_t person, struct signup_event **out, size_t *out_n, struct err *err)
{
	struct reader public = *r; /* the register is a public one */
	struct record **list;
	size_t n;
	int32_t born = DATE_NONE;
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
	if (person > 0) {
		TRY(own_may(r, person, err));
		TRY(born_of(r, person, &born, err));
	}
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
		TRY(count(r, person, born, e, err));
	}
	return RC_OK;
}

/* ---- the jobs ---- */

struct row {
	int64_t id;
	str state;
	bool agreed; /* the guardian has said yes */
};

static enum rc own_row_of(struct job_ctx *c, int64_t event, int64_t person, struct row *out, struct err *err)
{
	struct stmt *s;
	bool row;
	*out = (struct row){.state = STR("draft")};
	TRY(db_prepare(c->db, Q_OWN, &s, err));
	stmt_bind_i64(s, 1, event);
	stmt_bind_i64(s, 2, person);
	TRY(stmt_step(s, &row, err));
	if (!row)
		return RC_OK;
	*out = (struct row){stmt_i64(s, 0), stmt_str(c->a, s, 1), stmt_i64(s, 2) == 1};
	stmt_reset(s);
	return RC_OK;
}

/* The row is the unit's, about oneself or the child: the right of the event's lead is lent for it, and for nothing else. */
struct loan {
	struct case_of lead;
	struct actor who;
	const struct actor *asked;
};

static void lend(struct job_ctx *c, const struct record *event, struct loan *l)
{
	l->lead = (struct case_of){event->reg->id, STR("site_lead"), event->id};
	l->asked = c->actor;
	l->who = *c->actor;
	l->who.cases = &l->lead;
	l->who.cases_n = 1;
	l->who.roles[0] = STR("site_lead");
	l->who.roles_n = 1;
	l->who.org = event->org;
	c->actor = &l->who;
}

static enum rc add(
	struct job_ctx *c, const struct record *event, int64_t person, int64_t *out_id, struct err *err)
{
	const struct reg *reg = signups_of(job_city(c));
	struct entry e[4] = {{reg_field(reg, STR("event")), {.kind = V_INT, .i = event->id}},
		{reg->person, {.kind = V_INT, .i = person}},
		{reg_field(reg, STR("applied_on")), {.kind = V_TEXT, .t = date_str(c->a, clock_today())}}};
	struct record_input in = {
		.reg = reg, .org = event->org, .entries = e, .entries_n = 3, .source = STR("form")};
	struct loan l;
	if (person != c->actor->person)
		e[in.entries_n++] =
			(struct entry){reg_field(reg, STR("guardian_consent")), {.kind = V_INT, .i = 1}};
	lend(c, event, &l);
	enum rc rc = record_add(c, &in, out_id, err);
	c->actor = l.asked;
	return rc;
}

/* The guardian's word to a sign-up that the minor has made alone. */
static enum rc agree(struct job_ctx *c, const struct record *event, int64_t id, struct err *err)
{
	const struct reg *reg = signups_of(job_city(c));
	struct entry e = {reg_field(reg, STR("guardian_consent")), {.kind = V_INT, .i = 1}};
	struct loan l;
	lend(c, event, &l);
	enum rc rc = record_set(c, reg, id, 0, &e, 1, err);
	c->actor = l.asked;
	return rc;
}

static enum rc still_open(const struct record *e, struct err *err)
{
	int32_t day, until;
	if (!str_is(e->state, "planned") || !date_parse(value_of(e, "held_on")->t, &day) ||
		day < clock_today() ||
		(date_parse(value_of(e, "signup_until")->t, &until) && until < clock_today()))
		return FAIL(err, RC_INVALID, "signing up for this event has ended");
	return RC_OK;
}

static enum rc allowed(struct job_ctx *c, int64_t person, struct err *err)
{
	struct city *city = job_city(c);
	struct reader r = {.db = c->db, .city = city, .a = c->a, .actor = *c->actor, .tree = city->tree};
	bool lacks, guardian;
	TRY(signup_may(&r, person, &lacks, &guardian, err));
	if (guardian && person == c->actor->person)
		return FAIL(err, RC_INVALID,
			"under fourteen (or of unknown age) the guardian signs up for you: ask your father, "
			"mother or guardian to sign in");
	if (lacks)
		return FAIL(err, RC_INVALID,
			"the guardian's consent to the record of volunteering is not in force: give it "
			"first, under Consents");
	return RC_OK;
}

enum rc signup_ask(struct job_ctx *c, int64_t event, int64_t person, struct err *err)
{
	struct city *city = job_city(c);
	struct record *e;
	struct row row;
	const struct move *m = signups_of(city) ? reg_move(signups_of(city), STR("submit")) : NULL;
	if (m == NULL)
		return FAIL(err, RC_NOT_FOUND, "There is nothing at this address.");
	TRY(row_get(c->a, c->db, city, events_of(city), event, &e, err));
	TRY(still_open(e, err));
	TRY(allowed(c, person, err));
	TRY(own_row_of(c, event, person, &row, err));
	bool guards = person != c->actor->person,
	     begun = str_is(row.state, "draft") || str_is(row.state, "returned");
	c->action = STR("signup");
	c->subject = arena_fmt(c->a, "volunteer_event:%lld", (long long)event);
	if (row.id == 0)
		TRY(add(c, e, person, &row.id, err));
	else if (guards && !row.agreed)
		TRY(agree(c, e, row.id, err));
	else if (!begun)
		return FAIL(err, RC_CONFLICT, "you have signed up for this event already");
	return begun ? record_do(c, signups_of(city), row.id, 0, m, NULL, 0, STR(""), err) : RC_OK;
}

enum rc signup_leave(struct job_ctx *c, int64_t event, int64_t person, struct err *err)
{
	struct city *city = job_city(c);
	const struct move *m = signups_of(city) ? reg_move(signups_of(city), STR("withdraw")) : NULL;
	struct reader r = {.db = c->db, .city = city, .a = c->a, .actor = *c->actor, .tree = city->tree};
	struct record *e;
	struct row row;
	int32_t day;
	if (m == NULL)
		return FAIL(err, RC_NOT_FOUND, "There is nothing at this address.");
	TRY(own_may(&r, person, err));
	TRY(row_get(c->a, c->db, city, events_of(city), event, &e, err));
	if (date_parse(value_of(e, "held_on")->t, &day) && day < clock_today())
		return FAIL(err, RC_INVALID, "this event has taken place");
	TRY(own_row_of(c, event, person, &row, err));
	if (row.id == 0)
		return FAIL(err, RC_NOT_FOUND, "you have not signed up for this event");
	TRY(record_do(c, signups_of(city), row.id, 0, m, NULL, 0, STR(""), err));
	c->action = STR("signup:leave");
	c->subject = arena_fmt(c->a, "volunteer_event:%lld", (long long)event);
	return RC_OK;
}

enum rc signup_by_code(
	struct db *db, struct seal *seal, int64_t event, str code, int64_t *out_person, struct err *err)
{
	struct stmt *s;
	bool row;
	*out_person = 0;
	TRY(db_prepare(db, Q_TAKEN, &s, err));
	stmt_bind_i64(s, 1, event);
	for (;;) {
		char what[WHAT_BYTES];
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		if (*out_person == 0 && site_code_good(seal, what_of(event, stmt_i64(s, 1), what), code, 0))
			*out_person = stmt_i64(s, 1);
	}
}
