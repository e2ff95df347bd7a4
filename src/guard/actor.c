/* actor.c -- see actor.h. */
#include "guard/actor.h"

bool actor_has_role(const struct actor *a, str role)
{
	for (int i = 0; i < a->roles_n; i++)
		if (str_eq(a->roles[i], role))
			return true;
	return false;
}

struct actor actor_operator(void)
{
	return (struct actor){.name = STR("operator")};
}

struct actor actor_nobody(void)
{
	return (struct actor){.person = -1, .name = STR("nobody")};
}
