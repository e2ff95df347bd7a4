/* rules.h -- data quality by declaration (model/rules/quality.yaml): what looks wrong and is listed for a person to look at.
 *
 *     of, when      rows of a register that satisfy a condition
 *     count         besides: fewer or more rows of another register that refer to the row (by: a reference, or org)
 *     more_than     more heads told than a figure of the unit has on that day (attendees, members)
 *     round         too large a share of a unit's head-counts ends in zeros
 *     same_list     two occasions of one unit with nearly the same persons
 *     two_places    one person on two rows whose times overlap
 * Each rule has a label (zh, en) and may name its law. Everything lives in the arena. */
#pragma once
#include "register/expr.h"

enum quality_kind {
	QUALITY_ROWS,
	QUALITY_COUNT,
	QUALITY_MORE_THAN,
	QUALITY_ROUND,
	QUALITY_SAME_LIST,
	QUALITY_TWO_PLACES
};
enum { QUALITY_RULES_MAX = 100 };

struct quality_rule {
	str id;
	struct label label, law;
	enum quality_kind kind;
	const struct reg *of;
	struct expr *when; /* NULL: every row */
	/* count */
	const struct reg *counted;
	struct expr *counted_when;
	struct path by;
	int64_t fewer_than, more_than; /* -1: not asked */
	/* the others: paths of `of` */
	struct path heads, on, per, occasion, person, starts, ends;
	const struct figure *figure;
	int64_t ends_in, share, at_least;
};

struct quality_rules {
	struct quality_rule list[QUALITY_RULES_MAX];
	size_t n;
};
/* RC_INVALID names the line; RC_NOT_FOUND: the model has no such file. */
MUST_USE enum rc quality_rules_read(
	struct arena *a, const struct model *m, struct quality_rules *out, struct err *err);
