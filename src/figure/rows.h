/* rows.h -- the rows that a figure counts for an organisation and a period, one at a time; private to figure/.
 *
 * Both a value from rows and a trace walk here, so they see the same rows. A flow's row counts when its date lies in the
 * period (balance and last: before the period's end) and one of its holders stood under the organisation that day. A
 * stock's row counts when it is in force on the period's last day (stock_during: on any day of it) and a holder stands
 * under the organisation then. */
#pragma once
#include "figure/contrib.h"
#include "figure/figure.h"

struct counted_row {
	const struct contrib_row *row;
	int32_t day;         /* flow: its date; stock: the day on which it first counts in the period */
	bool through_cohost; /* the owner itself is not under the organisation */
};
/* after: only rows above this id. ordered: by id. visit returns false to stop. */
struct rows_ask {
	const struct figure *f;
	struct period p;
	int64_t org, after;
	bool ordered;
	bool (*visit)(void *user, const struct contrib *c, const struct counted_row *row);
	void *user;
};
MUST_USE enum rc rows_walk(struct reader *r, const struct rows_ask *ask, struct err *err);
