/* find.h -- what the rules of quality find in a city's registers. Nothing is changed; a hit is a row to look at, told by
 * numbers alone (no names), so that the list can be handed on. */
#pragma once
#include "figure/figure.h"
#include "service/quality/rules.h"

struct quality_hit {
	const struct reg *reg; /* where the row stands: of rules about units the register org */
	int64_t id, org;
	str what; /* in words; may be empty */
};

/* The rule's hits for units under `org` today whose rows the actor may read as a whole (of minors' registers: under an
 * authorisation there), noted in the reader's log, in the order of ids, at most max; out_n counts all. *out_closed: a register of
 * the rule is not open to the actor as a whole within his unit, so that nothing was looked at. */
MUST_USE enum rc quality_find(struct reader *r, const struct quality_rule *rule, int64_t org, size_t max,
	struct quality_hit **out, size_t *out_n, bool *out_closed, struct err *err);

/* ---- pure parts ---- */

/* Persons on both of two ascending lists of different persons, in per cent of the longer one. */
int quality_alike(const int64_t *a, size_t a_n, const int64_t *b, size_t b_n);

struct quality_stay {
	int64_t id, org, person, from, to; /* to exclusive, ms */
};
/* Rows of one person that overlap an earlier one: marks them, `list` is sorted by person and start on return. */
void quality_overlaps(struct quality_stay *list, size_t n, bool *out_overlaps);
