/* suppress.h -- hide small counts before figures leave the office, so that nobody can work them out again.
 *
 * Given: cells with counts, and every sum that a reader can know of (a row's total, a year's months, a parent
 * organisation's children, an earlier publication): total = part + part + ... Cells below the threshold are hidden
 * (primary), then partners (complementary), until from all that stays visible, from the sums and from the fact that a
 * count is never negative, no hidden cell can be bounded to a range narrower than the threshold:
 *	after suppress():  visible cells are >= threshold, or 0 where zeros may stand;
 *	                   for every hidden cell  most - least >= threshold     (asserted by the audit; tested by an attack
 *	                   by linear programming with a solver that is not ours).
 * Zeros: said openly of activities; of minds, rights and aid a zero hides too (hide_zero), for "none of the nine" tells
 * of each one. A cell that stands in print already, or must be 0 by its nature, is `published`: it is never hidden; where
 * that makes protection impossible RC_CONFLICT names the cell. A cell that another table hides is `secret`.
 *
 * Method: for a cell not yet protected the cheapest set of partners is sought by linear programming (a shift of counts
 * that keeps every sum, of width threshold, at the least weight of visible cells touched: Kelly, Golden and Assad, "Cell
 * suppression: disclosure protection for sensitive tabular data", Networks 22, 1992; Fischetti and Salazar, 2000); small
 * cells are cheap, totals dear. Hidden cells only grow, so it ends. Thresholds proposed (domain.md 2.3): 10 for minds,
 * rights, aid and left-behind children, 5 for activities.
 *
 * Rates, averages and medians of a hidden cell hide with it: the caller's matter. Pure; works in the arena; at most
 * SUPPRESS_CELLS_MAX cells (dense tableaus: a table of 17 x 13 takes milliseconds). */
#pragma once
#include "base/arena.h"
#include "base/err.h"

enum {
	SUPPRESS_THRESHOLD_MIN = 2,
	SUPPRESS_THRESHOLD_MAX = 1000,
	SUPPRESS_CELLS_MAX = 5000,
	SUPPRESS_SUMS_MAX = 5000
};
#define SUPPRESS_COUNT_MAX INT64_C(1000000000000)
#define SUPPRESS_NO_BOUND INT64_MAX

enum suppress_why { SUPPRESS_SHOWN, SUPPRESS_SMALL, SUPPRESS_PARTNER };

struct suppress_cell {
	int64_t count;
	bool published; /* cannot be hidden */
	bool secret;    /* hidden whatever its count: another table hides it */
	uint8_t hidden; /* out: enum suppress_why */
};

struct suppress_sum {
	uint32_t total;
	const uint32_t *parts;
	size_t n;
};

struct suppress_table {
	struct suppress_cell *cells;
	size_t cells_n;
	const struct suppress_sum *sums;
	size_t sums_n;
	int64_t threshold;
	bool hide_zero;
};

/* RC_INVALID: limits, a negative count, a sum that does not add up; cells are then untouched. */
MUST_USE enum rc suppress(struct arena *a, struct suppress_table *t, struct err *err);

/* What a reader can conclude of each cell: least[i] <= count <= most[i] (SUPPRESS_NO_BOUND: no upper bound). Visible
 * cells have both equal. For the audit page, and for tables that others have suppressed. */
MUST_USE enum rc suppress_bounds(struct arena *a, const struct suppress_table *t, int64_t *out_least,
	int64_t *out_most, struct err *err);

/* The table of rows x columns where both are trees (organisation x time, area x kind): parent[i] < i, or -1 for a root.
 * counts[row * columns + column] of every node. Makes all its sums; cells in the order of counts. */
MUST_USE enum rc suppress_cross(struct arena *a, const int32_t *row_parent, size_t rows,
	const int32_t *column_parent, size_t columns, const int64_t *counts, struct suppress_table *out,
	struct err *err);
