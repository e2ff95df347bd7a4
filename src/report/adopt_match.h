/* adopt_match.h -- which figure a number of last year's text may be, and how it is written. The inside of adopt.h. */
#pragma once
#include "report/adopt.h"

/* A piece of a paragraph that may become a slot. */
struct adopt_piece {
	size_t at, n;
	bool blank; /* xx: without a value */
	bool percent;
	struct numeral m; /* of a number */
	str unit;
};

/* The next number or blank at or after `from`, of any kind. */
bool adopt_next(str text, size_t from, struct adopt_piece *out);
/* Its way of writing as a rule's name; empty: exact. money: of a figure in yuan. */
str adopt_rule(struct arena *a, str text, const struct adopt_piece *p, bool money);
/* The nearest figures, best first. */
void adopt_rank(const struct adopt *ad, str text, const struct adopt_piece *p, struct adopt_item *item);
/* The clause around it, by commas too. */
str adopt_clause(str text, size_t at, size_t n);
