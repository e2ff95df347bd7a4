/* recount.h -- all cells from rows, in one pass per register; private to figure/. */
#pragma once
#include "figure/tally.h"

/* only: by number, NULL for all figures. The sums are rolled up and the references counted; they stay in t->sums until
 * tally_reset. plain: sums by number of what stands under the root, counted by the chain of parents instead of by
 * ancestors, over all time (for the check); NULL where that is not wanted. */
MUST_USE enum rc recount_tally(struct arena *a, struct db *db, const struct city *c, const struct tree *tree,
	const struct numbers *numbers, const bool *only, struct tally *t, int64_t *plain, struct err *err);
/* The cells of these figures are dropped and written anew, in the transaction that stands. */
MUST_USE enum rc recount_write(struct db *db, const struct city *c, const struct numbers *numbers,
	const bool *only, struct err *err);
