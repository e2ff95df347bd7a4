/* invitation.c -- see invitation.h. */
#include "register/invitation.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/date.h"
#include "guard/audit.h"
#include "register/consent_give.h"
#include "register/permit.h"
#include "register/person.h"
#include "register/row.h"

enum { OF_AGE = 18 };

static enum rc in_office(
	struct db *db, struct city *city, struct arena *a, int64_t person, bool *out, struct err *err)
{
	struct role *list;
	size_t n;
	*out = false;
	TRY(role_list(db, a, person, clock_today(), &list, &n, err));
	for (size_t i = 0; i < n; i++) {
		const struct role_kind *k = role_kind(&city->model->roles, list[i].role);
		*out = *out || k == NULL || !k->resident;
	}
	return RC_OK;
}

/* May this person have an account of the unit's, as far as age and office go? */
static enum rc state_of(struct db *db, struct city *city, struct arena *a, const struct record *who,
	enum invitation_state *out, struct err *err)
{
	bool office;
	str day = STR("");
	int32_t born = person_born(who);
	*out = INVITATION_OPEN;
	TRY(in_office(db, city, a, who->id, &office, err));
	if (office) {
		*out = INVITATION_OFFICE;
	} else if (born == DATE_NONE || date_age_years(born, clock_today()) < OF_AGE) {
		TRY(consent_day(db, a, who->id, STR(INVITATION_PURPOSE), true, &day, err));
		if (day.n == 0)
			*out = INVITATION_CONSENT;
	}
	return RC_OK;
}

enum rc invitation_state(
	struct reader *r, const struct record *person, enum invitation_state *out, struct err *err)
{
	struct account acc = {0};
	struct record *whole;
	int64_t until;
	enum rc rc = account_by_person(r->db, r->a, person->id, &acc, NULL);
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return FAIL(err, rc, "the account could not be read");
	if (acc.password.n || acc.disabled) {
		*out = INVITATION_HAS;
		return RC_OK;
	}
	/* The age is looked at whether or not the reader sees the birth date; only the outcome is told. */
	TRY(row_get(r->a, r->db, r->city, person->reg, person->id, &whole, err));
	TRY(state_of(r->db, r->city, r->a, whole, out, err));
	if (*out != INVITATION_OPEN)
		return RC_OK;
	TRY(invite_waits(r->db, person->id, clock_now_ms(), &until, err));
	if (until)
		*out = INVITATION_WAITS;
	return RC_OK;
}

static enum rc refuse(enum invitation_state state, struct err *err)
{
	if (state == INVITATION_OFFICE)
		return FAIL(err, RC_DENIED,
			"who holds an office gets the account from the security administrator");
	if (state == INVITATION_CONSENT)
		return FAIL(err, RC_INVALID,
			"under 18, or of unknown age: a guardian's consent to an account (purpose account) "
			"must stand first");
	return RC_OK;
}

static enum rc may_invite(struct job_ctx *c, const struct record *who, struct err *err)
{
	static const uint64_t none[2] = {0};
	struct actor by_unit = *c->actor; /* the relation own is no right to invite */
	by_unit.children_n = 0;
	if (who->id == c->actor->person)
		return FAIL(err, RC_DENIED, "nobody invites himself");
	return permit_write(job_city(c)->tree, &by_unit, who, none, false, err);
}

enum rc invitations_make(struct job_ctx *c, struct invitation *list, size_t n, struct err *err)
{
	struct city *city = job_city(c);
	const struct reg *reg = model_reg(city->model, STR("person"));
	struct buf b = {.max_bytes = AUDIT_TEXT_MAX_BYTES - 100};
	enum rc rc = n && n <= INVITATIONS_MAX
			     ? city_tree_now(city, c->db, err)
			     : FAIL(err, RC_LIMIT, "choose at least one person, and at most %d at once",
				       (int)INVITATIONS_MAX);
	c->action = STR("invite");
	c->subject = STR("account");
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		struct record *who;
		enum invitation_state state;
		rc = row_get(c->a, c->db, city, reg, list[i].person, &who, err);
		if (rc == RC_OK)
			rc = may_invite(c, who, err);
		if (rc == RC_OK)
			rc = state_of(c->db, city, c->a, who, &state, err);
		if (rc == RC_OK)
			rc = refuse(state, err);
		if (rc == RC_OK)
			rc = invite_make(c, city->seal, who->id, &list[i].made, err);
		buf_printf(&b, "%s%lld", i ? "," : "persons:", (long long)list[i].person);
	}
	c->detail = arena_str(c->a, buf_str(&b));
	buf_done(&b);
	return rc;
}

enum rc invitation_claim(struct job_ctx *c, struct invitation_claim *x, struct err *err)
{
	struct city *city = job_city(c);
	struct record *who;
	enum invitation_state state;
	int64_t person;
	TRY(invite_prove(c, city->seal, x->link, x->told, &x->left, err));
	TRY(account_of_code(c->db, x->link, c->now_ms, &person, err));
	TRY(row_get(c->a, c->db, city, model_reg(city->model, STR("person")), person, &who, err));
	TRY(state_of(c->db, city, c->a, who, &state, err));
	TRY(refuse(state, err));
	return account_claim(c, x->link, x->handle, x->password_hash, &x->person, err);
}
