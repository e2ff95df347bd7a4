/* home_plan.h -- what stands on the desk of whom: model/rules/desk.yaml, joined over the actor's roles. */
#pragma once
#include "guard/actor.h"
#include "register/model.h"

enum { PLAN_LIST_MAX = 24 };

struct home_plan {
	bool figures, report, coverage, finder, admin;
	const struct reg *start[PLAN_LIST_MAX], *open[PLAN_LIST_MAX];
	const struct figure *first[PLAN_LIST_MAX];
	size_t start_n, open_n, first_n;
};

/* Of the roles that the actor holds, in the order of the file; the operator's is that of city_staff. RC_INVALID names the
 * line of a register, figure, box or role that there is not; without the file the plan is empty. */
MUST_USE enum rc home_plan_read(struct arena *a, const struct model *m, const struct actor *actor,
	struct home_plan *out, struct err *err);
