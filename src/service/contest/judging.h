/* judging.h -- a contest's result from its score sheets, recomputable by anyone who has them. Pure, whole numbers only.
 *
 * A sheet is one judge's score of one entry, in hundredths of a point. Sheets of judges who must stand back for that
 * entry (recusals: same school, family, stated conflict) do not count and are named. Of the others the highest
 * drop_high and the lowest drop_low go; the score is the mean of the rest, compared as exact fractions and printed to
 * two decimals, half up.
 * Ties: the higher mean of all counting sheets, then the higher single best kept sheet, stands first; entries equal in
 * all of it share a rank and the next rank is passed over (1, 2, 2, 4).
 * An entry with fewer than min_sheets counting sheets has no rank. The order of sheets does not matter.
 * RC_INVALID: a judge's second sheet for one entry, a score outside min..max, unknown entry, rule that drops all. */
#pragma once
#include "base/arena.h"
#include "base/err.h"

#define JUDGING_NO_RANK UINT32_MAX
enum { JUDGING_SCORE_MAX = 1000000, JUDGING_SHEETS_MAX = 1000000 };

struct judging_rule {
	int32_t min, max; /* hundredths */
	uint32_t drop_high, drop_low, min_sheets;
};

struct judging_sheet {
	uint32_t entry, judge;
	int32_t score;
	bool recused; /* out */
	bool dropped; /* out */
};

struct judging_recusal {
	uint32_t entry, judge;
};

struct judging_result { /* beside the entries */
	uint32_t rank;  /* 1 .. or JUDGING_NO_RANK */
	uint32_t kept, counted;
	int64_t kept_sum, counted_sum;
	int32_t best_kept;
	int32_t score; /* mean of the kept ones, hundredths, half up; 0 without rank */
};

MUST_USE enum rc judging_result(struct arena *a, const struct judging_rule *rule,
	struct judging_sheet *sheets, size_t n, const struct judging_recusal *recusals, size_t recusals_n,
	struct judging_result *out, uint32_t entries_n, struct err *err);
