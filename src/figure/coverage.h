/* coverage.h -- which units have had no activity, and for how long (domain.md C6; rules/coverage.yaml).
 *
 * An activity is a row of a declared register that satisfies its condition, on its date, not later than the day asked.
 * It covers every unit that its organisation (or one it was held together with) stands under on the day asked: coverage is
 * a picture of today's tree, not a figure, and is never printed as one. Days are whole days, 0 on the day itself.
 * One grouped query per register: some tens of milliseconds in a city of 10^5 activities. */
#pragma once
#include "format/json.h"
#include "register/city.h"
#include "register/expr.h"

enum { COVER_ACTIVITIES_MAX = 24, COVER_SHADES = 2, COVER_NEVER = -1 };

struct cover_rules {
	int32_t silent_after, shades[COVER_SHADES];
	str units[4], schools[4], group;
	size_t units_n, schools_n;
	bool of_schools; /* by who reads the map: organisations of schools, of the kinds `schools`, instead of `units` */
	struct cover_activity {
		const struct reg *reg;
		struct path on;
		struct expr *when;
	} activities[COVER_ACTIVITIES_MAX];
	size_t activities_n;
};
/* RC_INVALID names file, line and key. Lives in the arena; the model must outlive it. */
MUST_USE enum rc cover_rules_read(
	struct arena *a, const struct model *m, struct cover_rules *out, struct err *err);

struct cover_unit {
	int64_t org, group; /* group: the nearest superior of the gathering kind, else the parent */
	str name;           /* short where there is one */
	int32_t last;       /* day of the last activity; DATE_NONE: never */
	int32_t days;       /* since then; COVER_NEVER */
	int shade;          /* 0 dark, 1, 2 pale, 3 listed */
};
static inline bool cover_silent(const struct cover_unit *u)
{
	return u->shade > COVER_SHADES;
}
/* {"org","name","group","last","days","silent"}; last and days null for never. */
void cover_put_json(struct json *j, struct arena *a, const struct cover_unit *u);
/* The units under `org`, itself included, that are in being on the day: by group, then by code. */
MUST_USE enum rc cover_units(struct reader *r, const struct cover_rules *rules, int64_t org, int32_t day,
	struct cover_unit **out, size_t *out_n, struct err *err);
