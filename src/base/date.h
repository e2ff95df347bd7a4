/* date.h -- civil dates (Gregorian) as day numbers: days since 1970-01-01, so that arithmetic is subtraction.
 * In the database and in files a date is ISO text YYYY-MM-DD, a month YYYY-MM. Years 1900..2200.
 * Algorithm: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms" (days_from_civil, civil_from_days). */
#pragma once
#include "base/arena.h"
#include "base/str.h"

enum { DATE_NONE = INT32_MIN, DATE_TEXT_BYTES = 11, INSTANT_TEXT_BYTES = 32 };

struct ymd {
	int year, month, day;
};

int32_t date_of(int year, int month, int day); /* DATE_NONE when there is no such day */
struct ymd date_ymd(int32_t day);
bool date_parse(str iso, int32_t *out); /* exactly YYYY-MM-DD */
void date_text(int32_t day, char out[DATE_TEXT_BYTES]);
str date_str(struct arena *a, int32_t day);
int date_weekday(int32_t day); /* 1 Monday .. 7 Sunday */
int date_days_in_month(int year, int month);
int date_age_years(
	int32_t born, int32_t on); /* full years; one born on 29 February has a birthday on 1 March */
/* Month index year * 12 + month - 1: neighbours differ by one. */
int32_t date_month(int32_t day);
int32_t date_month_first(int32_t month); /* first day of a month index */
/* RFC 3339 with offset or Z -> ms; a bare date is its first moment in city time. */
bool instant_parse(str text, int64_t *out_ms);
void instant_text(int64_t ms, char out[INSTANT_TEXT_BYTES]); /* city time, 2025-12-31T18:00:00+08:00 */
