/* actor.h -- who acts. guard knows persons by number, roles by id, organisations by number and path only.
 *
 * Beside the roles stand the things that open single rows: standing authorisations, cases, children, agreements. They are
 * filled by register/rights.h for one request, from the snapshot that the request reads; an actor made without it has
 * none of them, and reads the less. */
#pragma once
#include "base/arena.h"
#include "base/str.h"
#include <stdint.h>

enum { ACTOR_ROLES_MAX = 8 };

/* What opens minors' rows today; the announced read names it by kind and id. */
struct grant {
	enum grant_kind {
		GRANT_STANDING, /* authorise.h: role, purpose, org's subtree */
		GRANT_GLASS,    /* break-glass: one row, or with reg "person" all rows of that person */
		GRANT_SHARING /* a sharing agreement: one register, org's subtree, the agreed fields alone */
	} kind;
	int64_t id, org, row;
	str role, purpose, reg;
	bool may_export;
	uint64_t fields[2]; /* sharing: bit set of field indexes */
};

/* A case that the actor works on: the row that stands for it, and as what. */
struct case_of {
	str reg, role;
	int64_t row;
};

struct actor {
	int64_t person; /* 0: the operator, whoever holds database and key file; -1: nobody, not signed in */
	str name;       /* "operator", or the account's handle: never a person's name */
	int64_t org;    /* whose subtree is the actor's scope; 0: the whole city */
	str roles[ACTOR_ROLES_MAX];
	int roles_n;
	bool citizen; /* holds a citizen's roles alone (student, volunteer, guardian), or has proven no other */
	str address; /* where the request came from, for the audit; empty: this machine's command line */
	const struct grant *grants;
	size_t grants_n;
	const struct case_of *cases;
	size_t cases_n;
	const int64_t *children; /* whose guardian the actor is */
	size_t children_n;
};

bool actor_has_office(const struct actor *a); /* holds an office's role somewhere, or is the operator */
static inline bool actor_is_operator(const struct actor *a)
{
	return a->person == 0;
}
bool actor_has_role(const struct actor *a, str role);
bool actor_guards(const struct actor *a, int64_t person);
struct actor actor_operator(void);
struct actor actor_nobody(void); /* a stranger before sign-in: may nothing that asks for a role */
/* For the audit of a job that outlives the request: name, roles and address copied, all that opens rows dropped. */
struct actor actor_bare(struct arena *a, const struct actor *actor);
