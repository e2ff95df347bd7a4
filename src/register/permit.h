/* permit.h -- what a declaration lets an actor do: relation x role (model.md: read, write, moves).
 * Relations: subtree = the row's organisation stands today under the actor's; own = the row's person is the actor;
 * case = membership of a case (a service grants it; none here). The operator may everything. */
#pragma once
#include "register/expr.h"
#include "register/record.h"

enum reach { REACH_NONE, REACH_OWN, REACH_SUBTREE, REACH_ALL };

/* How far the actor may read a register at all: lists narrow their query by it. */
enum reach permit_reach(const struct reg *reg, const struct actor *actor);
bool permit_read(const struct tree *t, const struct actor *actor, const struct record *rec);
/* Rows of the register beyond the actor's own: what lists of many rows (a trace) need. */
bool permit_rows(const struct reg *reg, const struct actor *actor);
/* Whether the label of a row stands open where others refer to it: rows about persons only to who may read them. */
bool permit_label(const struct tree *t, const struct actor *actor, const struct record *rec);
/* Whether a sealed value of a row that the actor may read may be shown: the operator sees all but the sealed texts of
 * sealed files; others see those of minors' registers nowhere but the name. */
bool permit_sealed(const struct actor *actor, const struct reg *reg, const struct field *f);
/* A condition that a person has written may ask only registers that he may read: else its answers tell of their rows. */
MUST_USE enum rc permit_expr(const struct actor *actor, const struct expr *e, struct err *err);
MUST_USE enum rc permit_write(const struct tree *t, const struct actor *actor, const struct reg *reg,
	int64_t org, int64_t person, struct err *err);
MUST_USE enum rc permit_move(const struct tree *t, const struct actor *actor, const struct record *rec,
	const struct move *m, struct err *err);
