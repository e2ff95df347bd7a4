/* workday.h -- which days are worked, in a table that the office can edit (model/holidays.tsv): days off on weekdays,
 * worked weekends. Where the table says nothing, Monday to Friday are working days; beyond the years it covers that is a
 * guess, and workday_covered() says so.
 *
 *	covers	2004	2026
 *	2025-10-01	off	国庆节
 *	2025-09-28	work	国庆节
 *
 * Blank lines and lines that begin with # are passed over. A day twice, or a date that does not exist, is RC_INVALID
 * with its line. Days are day numbers (date.h); results stay within 1900..2200. Pure but for workday_shipped. */
#pragma once
#include "base/arena.h"
#include "base/err.h"

struct workdays {
	int32_t first, last; /* covered: 1 January of the first year .. 31 December of the last */
	int32_t base;        /* first day of the table below */
	uint8_t *kind;       /* per day from base: enum workday_kind; kind_n of them */
	size_t kind_n;
};

MUST_USE enum rc workday_read(
	struct arena *a, str text, const char *name, struct workdays *out, struct err *err);
/* The table inside the program. */
MUST_USE enum rc workday_shipped(struct arena *a, struct workdays *out, struct err *err);

bool workday_is(const struct workdays *w, int32_t day);
bool workday_covered(const struct workdays *w, int32_t day);
/* The n-th working day after day (n > 0), before it (n < 0), or for 0 the day itself if worked, else the next one. */
int32_t workday_add(const struct workdays *w, int32_t day, int32_t n);
/* Working days in (from, to]; negative when to < from. */
int32_t workday_between(const struct workdays *w, int32_t from, int32_t to);
