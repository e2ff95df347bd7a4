/* totals.h -- declared totals (domain.md R4b): a total that somebody recorded for a unit, a figure and a period.
 *
 * Register `declared_total`: owner = the unit, fields `figure_id`, `period_from` and
 * `period_to` (the last day), `value`; it stands while its state is `accepted`. For row and sum figures
 *     value(U, P) = rows(U, P) + sum over totals T, unit under U, period in P, of (T.value - rows(T.unit, T.period))
 * so rows under a total are covered by it; a row with co-hosts under several totals is taken away once. A total that overlaps P only in part, or whose unit stood under U for a part
 * of its period only, makes the figure untellable for P. Totals of one figure with nested units and overlapping periods
 * contradict each other: accepting the second is refused (totals_conflict); should they stand all the same, the figure is
 * untellable. A distinct figure takes a total (grade D) only for exactly this unit and period, and only without rows.
 * A total of a part (model.h: parts) reaches its wholes: rows(part) under it give way to it there too, unless a total of the
 * whole, or of a whole in between, covers the same; where the two overlap only in part the whole is untellable.
 * Where the model has no register declared_total there are no totals. */
#pragma once
#include "figure/figure.h"

struct total {
	int64_t id, org;
	str figure;
	struct period period;
	int64_t value;
	int grade; /* 0..3 */
};
struct totals {
	struct total *list;
	size_t n;
};

/* All accepted totals whose period may meet p, of all figures. */
MUST_USE enum rc totals_load(struct reader *r, const struct period *p, struct totals *out, struct err *err);

/* Those that change what f is for org and p, in `use`; or why they make it untellable. */
struct totals_use {
	const struct total **list;
	const struct figure **of; /* whose total each is: the figure itself, or a part of it */
	size_t n;
	str untellable;            /* words; empty: none */
	const struct total *whole; /* exactly this unit and period */
};
void totals_pick(struct reader *r, const struct totals *all, const struct figure *f, const struct period *p,
	int64_t org, struct totals_use *out);
/* Is a row of this organisation, on this day, covered by one of the first `upto` totals of figure f? */
bool totals_cover(struct reader *r, const struct totals_use *use, const struct figure *f, size_t upto,
	const int64_t *holders, int n, int32_t day);
/* What the rows under total i come to by grade, those under an earlier one left out (replaced.c): it stands for them. */
MUST_USE enum rc totals_replaced(
	struct reader *r, const struct totals_use *use, size_t i, int64_t *out_grades, struct err *err);

/* RC_CONFLICT when total `id`, accepted, contradicts another that stands. Called by the observers after a write. */
MUST_USE enum rc totals_conflict(struct reader *r, int64_t id, struct err *err);
