/* permit.h -- what a declaration lets an actor do: relation x role (model.md: read, write, moves).
 * Relations: subtree = the row's organisation stands today under the actor's; own = the row's person is the actor;
 * case = membership of a case (a service grants it; none here). The operator may everything. */
#pragma once
#include "register/record.h"

enum reach { REACH_NONE, REACH_OWN, REACH_SUBTREE, REACH_ALL };

/* How far the actor may read a register at all: lists narrow their query by it. */
enum reach permit_reach(const struct reg *reg, const struct actor *actor);
bool permit_read(const struct tree *t, const struct actor *actor, const struct record *rec);
MUST_USE enum rc permit_write(const struct tree *t, const struct actor *actor, const struct reg *reg,
	int64_t org, int64_t person, struct err *err);
MUST_USE enum rc permit_move(const struct tree *t, const struct actor *actor, const struct record *rec,
	const struct move *m, struct err *err);
