/* open.h -- what the finder found becomes somebody's task: one open row of rescue_hit for each child and trigger, never two.
 *
 *     found and no open row            a row is opened: found_on, due_on by the trigger's days, its urgency, the child's unit
 *                                      (not while an answer is fresh: rules/rescue.yaml, explained_days, answered_days)
 *     found and an open row            it stays, its clock too; a graver urgency, another unit of the child are taken over
 *     an open row and no longer found  it stays open, for only a person answers it, and gone_on says since when
 *
 * So a second run of the same day changes nothing. Rows whose rule the model does not know are left alone. The clock and whose
 * task it is stand in rules/deadlines.yaml (finder_hit). Work is done in jobs of OPEN_SLICE steps, each of which looks again
 * at what stands: a run that was cut off is completed by the next. Nothing of a child is shown to anybody here. */
#pragma once
#include "service/rescue/list.h"

enum { RESCUE_OPEN_SLICE = 200 };

struct rescue_opened {
	size_t opened;  /* new rows */
	size_t changed; /* urgency, unit, gone_on */
	size_t stand;   /* open rows of known rules, after the run */
};

/* RC_DENIED: only the operator, for the whole city. on: a day number. */
MUST_USE enum rc rescue_open(struct city *city, const struct actor *actor, struct arena *a, int32_t on,
	struct rescue_opened *out, struct err *err);
/* The hook of guard/house.h: today. user: the city. */
MUST_USE enum rc rescue_house(void *city, struct err *err);
/* The instant of the last run; 0: never. */
MUST_USE enum rc rescue_opened_at(struct db *db, int64_t *out_at_ms, struct err *err);
