/* public_table.h -- the open figures of a year: what the street shows, and what may be taken away as JSON or CSV.
 *
 * Made once, when the annual report of the whole city is published, and kept with it (figure/frozen.h, service/signoff.h: part
 * "public:table"). Page, JSON and CSV read that one frozen text: no form can tell more than another, nobody can ask twice
 * and subtract, and a record that is entered later changes nothing.
 *
 * Figures and thresholds: rules/street.yaml, with all parts of a figure and all that it is a part of. Units: the city, and the
 * units right under it. Small numbers hide, then partners (guard/suppress.h), over units and parts together; what is left
 * beside the units or the parts counts as a number of its own. A number that the report's public copy withholds is hidden
 * here too; one that it tells stands. A table that cannot be protected is left out whole.
 *
 * A later edition of the same year hides what an earlier one hid; and where a told number, or what a reader works out as
 * the sum of the hidden ones of a line, moved by less than the threshold, the figure, with its parts, stays as it was published
 * (public_next.h): the difference would tell of those few.
 *
 * A later public report of a unit withholds what the table hides of it (public_table_bind).
 *
 * Not covered, and said in docs/security.md: the published stock of one year beside that of the next. */
#pragma once
#include "report/source.h"
#include "report/street_rules.h"
#include "service/compliance/numbers.h"

#define PUBLIC_TABLE_HIDDEN INT64_MIN
#define PUBLIC_TABLE_PART "public:table"

struct public_unit {
	str code, name;
};

struct public_figure {
	str id, group, unit, digest;
	struct label label, definition;
	int whole;         /* index of the figure that it is a part of; -1 */
	char grade;        /* that carries most of the city's value; 0: none */
	int64_t threshold; /* 0: every number is told */
	bool zero_hides;
	bool adds;       /* the units' numbers and what is beside them add up to the city's */
	int64_t *values; /* by unit; PUBLIC_TABLE_HIDDEN */
};

struct public_table {
	str city, period;
	int64_t revision, at_ms;
	struct public_unit *units; /* the first is the city */
	size_t units_n;
	struct public_figure *figures; /* a whole before its parts */
	size_t figures_n;
	struct compliance_numbers guarded; /* how data were guarded in that year */
	size_t left_out;                   /* figures that could not be told or protected */
};

/* p: a whole year. told: the report's answers, after report_withhold; before: the year's table so far; both may be NULL. */
MUST_USE enum rc public_table_make(struct reader *r, const struct period *p, int64_t root,
	const struct report_source *told, const struct public_table *before, struct public_table *out,
	struct err *err);
str public_table_json(struct arena *a, const struct public_table *t);
MUST_USE enum rc public_table_read(struct arena *a, str json, struct public_table *out, struct err *err);

/* The newest published one of that period; RC_NOT_FOUND with err untouched. */
MUST_USE enum rc public_table_latest(struct reader *r, str period, struct public_table *out, struct err *err);
/* For report_withhold: answers of that source that the table of the same period hides are withheld. */
void public_table_bind(struct reader *r, const struct public_table *t, struct report_source *s);
/* The newest that was ever published of that period, taken down or not: who has read it knows it. RC_NOT_FOUND likewise. */
MUST_USE enum rc public_table_known(struct reader *r, str period, struct public_table *out, struct err *err);
/* NULL when it is not in it. */
const struct public_figure *public_table_figure(const struct public_table *t, str id);
