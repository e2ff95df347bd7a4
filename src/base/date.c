/* date.c -- see date.h. */
#include "base/date.h"
#include "base/clock.h"
#include <stdio.h>

int date_days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	if (month < 1 || month > 12)
		return 0;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return month == 2 && leap ? 29 : days[month - 1];
}

int32_t date_of(int year, int month, int day)
{
	if (year < 1900 || year > 2200 || day < 1 || day > date_days_in_month(year, month))
		return DATE_NONE;
	int y = month <= 2 ? year - 1 : year;
	int era = y / 400, yoe = y - era * 400;
	int doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + doe - 719468;
}

struct ymd date_ymd(int32_t day)
{
	int z = day + 719468;
	int era = (z >= 0 ? z : z - 146096) / 146097;
	int doe = z - era * 146097;
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int mp = (5 * doy + 2) / 153;
	int month = mp < 10 ? mp + 3 : mp - 9;
	return (struct ymd){yoe + era * 400 + (month <= 2), month, doy - (153 * mp + 2) / 5 + 1};
}

static bool digits(str s, size_t at, size_t n, int *out)
{
	int v = 0;
	if (at + n > s.n)
		return false;
	for (size_t i = at; i < at + n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (s.p[i] - '0');
	}
	*out = v;
	return true;
}

bool date_parse(str s, int32_t *out)
{
	int y, m, d;
	if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-' || !digits(s, 0, 4, &y) || !digits(s, 5, 2, &m) ||
		!digits(s, 8, 2, &d))
		return false;
	int32_t day = date_of(y, m, d);
	if (day == DATE_NONE)
		return false;
	*out = day;
	return true;
}

void date_text(int32_t day, char out[DATE_TEXT_BYTES])
{
	struct ymd c = date_ymd(day);
	unsigned y = (unsigned)c.year % 10000, m = (unsigned)c.month % 100, d = (unsigned)c.day % 100;
	snprintf(out, DATE_TEXT_BYTES, "%04u-%02u-%02u", y, m, d);
}

str date_str(struct arena *a, int32_t day)
{
	char text[DATE_TEXT_BYTES];
	date_text(day, text);
	return arena_str(a, str_of(text));
}

int date_weekday(int32_t day)
{
	int w = (day + 3) % 7; /* 1970-01-01 was a Thursday */
	return (w < 0 ? w + 7 : w) + 1;
}

int date_age_years(int32_t born, int32_t on)
{
	struct ymd b = date_ymd(born), o = date_ymd(on);
	int age = o.year - b.year;
	if (o.month < b.month || (o.month == b.month && o.day < b.day))
		age--;
	return age;
}

int32_t date_month(int32_t day)
{
	struct ymd c = date_ymd(day);
	return c.year * 12 + c.month - 1;
}

int32_t date_month_first(int32_t month)
{
	return date_of(month / 12, month % 12 + 1, 1);
}

bool instant_parse(str s, int64_t *out_ms)
{
	int32_t day;
	int h = 0, mi = 0, sec = 0, zh, zm, ms = 0;
	if (!date_parse(str_head(s, 10), &day))
		return false;
	int offset_minutes = clock_zone();
	if (s.n > 10) {
		if ((s.p[10] != 'T' && s.p[10] != ' ') || s.n < 16 || !digits(s, 11, 2, &h) ||
			s.p[13] != ':' || !digits(s, 14, 2, &mi))
			return false;
		size_t at = 16;
		if (at < s.n && s.p[at] == ':') {
			if (!digits(s, at + 1, 2, &sec))
				return false;
			at += 3;
		}
		if (at < s.n && s.p[at] == '.') {
			if (!digits(s, at + 1, 3, &ms))
				return false;
			at += 4;
		}
		if (at < s.n && s.p[at] == 'Z' && at + 1 == s.n)
			offset_minutes = 0;
		else if (at + 6 == s.n && (s.p[at] == '+' || s.p[at] == '-') && digits(s, at + 1, 2, &zh) &&
			 s.p[at + 3] == ':' && digits(s, at + 4, 2, &zm) && zh < 15 && zm < 60)
			offset_minutes = (zh * 60 + zm) * (s.p[at] == '-' ? -1 : 1);
		else if (at != s.n)
			return false;
	}
	if (h > 23 || mi > 59 || sec > 59)
		return false;
	*out_ms = (((int64_t)day * 1440 + h * 60 + mi - offset_minutes) * 60 + sec) * 1000 + ms;
	return true;
}

void instant_text(int64_t ms, char out[INSTANT_TEXT_BYTES])
{
	int32_t day = clock_day_of(ms);
	int64_t local = ms + (int64_t)clock_zone() * 60000 - (int64_t)day * 86400000;
	char date[DATE_TEXT_BYTES];
	date_text(day, date);
	unsigned sec = (unsigned)(local / 1000 % 86400);
	int zone = clock_zone();
	unsigned east = (unsigned)(zone < 0 ? -zone : zone) % 1440;
	snprintf(out, INSTANT_TEXT_BYTES, "%sT%02u:%02u:%02u%c%02u:%02u", date, sec / 3600, sec / 60 % 60,
		sec % 60, zone < 0 ? '-' : '+', east / 60, east % 60);
}
