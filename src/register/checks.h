/* checks.h -- the checks of a register on rows just written, inside the job's savepoint; private to register/.
 *
 * All rows of a span at once, by one statement. An age in a check is exact: a row is looked at alone, with the birth date
 * opened and the years bound, where the months of birth and of the day are the same; elsewhere the months tell it. */
#pragma once
#include "register/plan.h"
#include "register/record.h"

/* Rows first..last. refused: told of each check that fires, warnings too, rows in no order; the rows of one come together.
 * NULL: the first check that refuses ends as RC_INVALID in its words, warnings pass. */
MUST_USE enum rc checks_run(struct job_ctx *c, const struct reg *reg, int64_t first, int64_t last,
	enum rc (*refused)(void *user, int64_t id, const struct check *check), void *user, struct err *err);
