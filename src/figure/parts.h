/* parts.h -- the linter of parts: figures that a declaration calls parts of another (model.h) add up to it, or where a rest
 * is declared to no more than it. Compared with declared totals in them, since a total of a whole beside rows of its parts
 * is where they part company; below such a total the parts may come to less. */
#pragma once
#include "figure/figure.h"

struct parts_report {
	int64_t looked_at, bad; /* wholes x years */
	char first[300];        /* the first that does not add up, in words */
};
/* The years [first, last], for one organisation. A figure that cannot be told is passed over. */
MUST_USE enum rc figure_check_parts(
	struct reader *r, int64_t org, int first, int last, struct parts_report *out, struct err *err);
