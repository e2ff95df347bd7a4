/* starters.h -- rows that a new city begins with (rules/starters.yaml): names that the report speaks of, owned by the root
 * organisation. `rows` has a list of rows for each register; a row's keys are fields in the clear, its values as a form takes
 * them. Entered once, on demand (qinghe init --starters): what stands already by its key is left alone. */
#pragma once
#include "register/record.h"

/* RC_INVALID names file and line: every register and field known and without people, every value one that it takes. */
MUST_USE enum rc starters_check(struct arena *a, const struct model *m, struct err *err);
/* Inside a job of the operator. *out_n: rows that were entered. */
MUST_USE enum rc starters_enter(struct job_ctx *c, size_t *out_n, struct err *err);
