/* period.h -- the span of days that a figure is asked for.
 *
 * Spellings (contract.md): 2025, 2025H1 2025H2, 2025Q1 .. 2025Q4, 2025-09, 2025-01-01..2025-11-30 (both days
 * included), 2025-03-05 (one day). H and Q in either case; years 1900..2199. Blanks around are dropped.
 * A period is half-open inside: [from, to). Months that lie whole in it are answered from cells, the rest from rows. */
#pragma once
#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"

struct period {
	int32_t from, to; /* day numbers, to exclusive; from < to */
	str text;         /* as asked: 2025, 2025H1, 2025Q3, 2025-09, 2025-01-01..2025-11-30 */
};

/* RC_INVALID with the spellings that are understood. */
MUST_USE enum rc period_parse(struct arena *a, str text, struct period *out, struct err *err);
struct period period_year(struct arena *a, int year);
/* The same span a year earlier, spelt the same way; 29 February becomes 1 March (as a first day) or 28 February (as a
 * last day). */
struct period period_before(struct arena *a, const struct period *p);
/* What a period is compared with: the same span a year earlier; of one that is running on day `today` as far as it has come. */
struct period period_compared(struct arena *a, const struct period *p, int32_t today);
/* Has it begun and not ended on that day? */
static inline bool period_runs(const struct period *p, int32_t today)
{
	return p->from <= today && today + 1 < p->to;
}
/* By name: 2026年, 2026年上半年, 2026年第三季度, 2026年10月, 2026年1月1日至11月30日; in English 2026, first half of 2026, third
 * quarter of 2026, October 2026, 1 January to 30 November 2026. */
str period_name(struct arena *a, const struct period *p, bool zh);
/* The calendar year that it is, or 0. */
int period_whole_year(const struct period *p);
/* The months that lie whole in it, as month indexes of date.h: [*first, *end), empty when first == end. */
void period_whole_months(const struct period *p, int32_t *first, int32_t *end);
