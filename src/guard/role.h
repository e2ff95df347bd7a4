/* role.h -- what a person is in which organisation, from when to when.
 *
 * Roles are rows [from, to) of day numbers; ids are those of the glossary (branch_secretary, city_staff, ...). guard
 * knows no tree: an actor has one organisation at a time, whose subtree is the scope; register/ compares it with records.
 * What roles there are, which exclude each other (the three administrators) and what they ask of a session, says the
 * model (struct role_kinds).
 *
 * What opens minors' data to a person stands in authorise.h. */
#pragma once
#include "guard/job.h"

enum { ROLE_NAME_MAX_BYTES = 40 };

/* What a session must have proven besides a password before it carries a role, weakest first. A bound device proves
 * itself in its own unit only; an authenticator's code proves everything below it. */
enum factor { FACTOR_NONE, FACTOR_DEVICE, FACTOR_CODE };

/* The roles that there are: declared in model/roles/, read by register/model_role.c, handed to guard. */
struct role_kind {
	str id, zh, en;
	enum factor factor;
	bool resident; /* a citizen: own data only */
	bool granted;  /* false: a relation (self) that nobody is given */
	str *excludes; /* one person never holds it together with these */
	size_t excludes_n;
	int clearance;     /* register/model.h: enum sensitivity, the level of the label */
	str *compartments; /* purposes; NULL: all */
	size_t compartments_n;
};
struct role_kinds {
	const struct role_kind *list;
	size_t n;
};
const struct role_kind *role_kind(const struct role_kinds *all, str id); /* NULL when absent */

/* RC_OK when the actor is the operator or has one of the roles; RC_DENIED says which were asked for. */
MUST_USE enum rc role_check(const struct actor *actor, const str *roles, size_t n, struct err *err);
/* RC_DENIED unless the organisation stands today under the actor's: who gives or takes a right gives and takes it there. */
MUST_USE enum rc scope_check(const struct job_ctx *c, int64_t org, struct err *err);
/* Do all units that the person belongs to, or held a role in on the day, stand under the actor's today? Who may make a code
 * for an account, or end its sessions, could become its holder: so it is asked of all of them, never of one. Oneself is within it. */
MUST_USE enum rc scope_person(struct db *db, const struct actor *actor, int64_t person, int32_t day,
	bool *out_within, struct err *err);
/* Inside a job: the actor has one of the roles and the person stands within its scope. RC_DENIED else. */
MUST_USE enum rc role_check_over(
	const struct job_ctx *c, int64_t person, const str *roles, size_t n, struct err *err);

struct role {
	int64_t id, person, org;
	str role;
	int32_t from, to; /* to: first day without; ROLE_OPEN: none yet */
};
enum { ROLE_OPEN = INT32_MAX };

/* Roles in force on a day, by organisation, then as granted. */
MUST_USE enum rc role_list(struct db *db, struct arena *a, int64_t person, int32_t day, struct role **out,
	size_t *out_n, struct err *err);
/* Who holds a role (empty: any) on a day, by id. */
MUST_USE enum rc role_holders(struct db *db, struct arena *a, str role, int32_t day, struct role **out,
	size_t *out_n, struct err *err);
/* The actor that a signed-in person is: the roles held in one organisation. org 0: the one of the oldest role. A person
 * without roles is an actor still (own data). RC_DENIED for an organisation in which nothing is held. */
MUST_USE enum rc role_actor(struct db *db, struct arena *a, int64_t person, int64_t org, int32_t day,
	struct actor *out, struct err *err);
/* --as: an account's handle or #person. */
MUST_USE enum rc role_actor_named(
	struct db *db, struct arena *a, str text, int32_t day, struct actor *out, struct err *err);

/* Takes away the roles that this session has not proven enough for; says whether what is left is a citizen's alone. */
void role_narrow(struct actor *actor, const struct role_kinds *all, enum factor proven);
/* The strongest factor that any role of a person asks for on a day. */
MUST_USE enum rc role_needs(struct db *db, struct arena *a, const struct role_kinds *all, int64_t person,
	int32_t day, enum factor *out, struct err *err);

/* Inside a job, by operator or secadmin; nobody grants to himself. A role that is held there already stays as it is. */
MUST_USE enum rc role_grant(struct job_ctx *c, const struct role_kinds *all, int64_t person, str role,
	int64_t org, int32_t from, int32_t to, int64_t *out_id, struct err *err);
MUST_USE enum rc role_end(struct job_ctx *c, int64_t id, int32_t to, struct err *err);
