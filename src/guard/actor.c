/* actor.c -- see actor.h. */
#include "guard/actor.h"

bool actor_has_role(const struct actor *a, str role)
{
	for (int i = 0; i < a->roles_n; i++)
		if (str_eq(a->roles[i], role))
			return true;
	return false;
}

bool actor_guards(const struct actor *a, int64_t person)
{
	for (size_t i = 0; i < a->children_n; i++)
		if (a->children[i] == person)
			return true;
	return false;
}

struct actor actor_bare(struct arena *a, const struct actor *actor)
{
	struct actor bare = {.person = actor->person,
		.org = actor->org,
		.name = arena_str(a, actor->name),
		.address = arena_str(a, actor->address),
		.roles_n = actor->roles_n};
	for (int i = 0; i < actor->roles_n; i++)
		bare.roles[i] = arena_str(a, actor->roles[i]);
	return bare;
}

struct actor actor_operator(void)
{
	return (struct actor){.name = STR("operator")};
}

struct actor actor_nobody(void)
{
	return (struct actor){.person = -1, .name = STR("nobody")};
}

bool actor_has_office(const struct actor *a)
{
	return actor_is_operator(a) || (a->org != 0 && !a->citizen);
}
