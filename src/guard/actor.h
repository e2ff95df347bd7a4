/* actor.h -- who acts. guard knows persons by number, roles by id, organisations by number and path only. */
#pragma once
#include "base/str.h"
#include <stdint.h>

enum { ACTOR_ROLES_MAX = 8 };

struct actor {
	int64_t person; /* 0: the operator, whoever holds database and key file; -1: nobody, not signed in */
	str name;       /* "operator", or the account's handle: never a person's name */
	int64_t org;    /* whose subtree is the actor's scope; 0: the whole city */
	str roles[ACTOR_ROLES_MAX];
	int roles_n;
};

static inline bool actor_is_operator(const struct actor *a)
{
	return a->person == 0;
}
bool actor_has_role(const struct actor *a, str role);
struct actor actor_operator(void);
struct actor actor_nobody(void); /* a stranger before sign-in: may nothing that asks for a role */
