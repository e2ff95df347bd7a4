/* period.c -- see period.h */
#include "figure/period.h"
#include "base/utf8.h"
#include <assert.h>
#include <ctype.h>

static bool digits(str s, size_t n, int *out)
{
	if (s.n < n)
		return false;
	int v = 0;
	for (size_t i = 0; i < n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (s.p[i] - '0');
	}
	*out = v;
	return true;
}

static bool months(struct period *p, int year, int month, int n)
{
	if (year < 1900 || year > 2199 || month < 1 || month + n - 1 > 12)
		return false;
	int32_t first = year * 12 + month - 1;
	p->from = date_month_first(first);
	p->to = date_month_first(first + n);
	return true;
}

/* 2025, 2025H1, 2025Q3, 2025-09 */
static bool calendar(str s, struct period *p)
{
	int year = 0, k = 0;
	if (!digits(s, 4, &year))
		return false;
	str tail = str_from(s, 4);
	if (tail.n == 0)
		return months(p, year, 1, 12);
	if (tail.n == 2 && digits(str_from(tail, 1), 1, &k)) {
		int letter = toupper((unsigned char)tail.p[0]);
		if (letter == 'H' && k >= 1 && k <= 2)
			return months(p, year, k * 6 - 5, 6);
		if (letter == 'Q' && k >= 1 && k <= 4)
			return months(p, year, k * 3 - 2, 3);
	}
	if (tail.n == 3 && tail.p[0] == '-' && digits(str_from(tail, 1), 2, &k))
		return months(p, year, k, 1);
	return false;
}

static bool days(str s, struct period *p)
{
	size_t dots = str_find(s, STR(".."));
	str first = dots == SIZE_MAX ? s : str_head(s, dots);
	str last = dots == SIZE_MAX ? s : str_from(s, dots + 2);
	int32_t to = 0;
	if (!date_parse(str_trim(first), &p->from) || !date_parse(str_trim(last), &to) || to < p->from)
		return false;
	p->to = to + 1;
	return date_ymd(p->from).year >= 1900 && date_ymd(to).year <= 2199;
}

enum rc period_parse(struct arena *a, str text, struct period *out, struct err *err)
{
	str s = str_trim(text);
	struct period p = {0};
	if (!calendar(s, &p) && !days(s, &p))
		return FAIL(err, RC_INVALID,
			"“%.*s” is no period; write 2025, 2025H1, 2025Q3, 2025-09 or "
			"2025-01-01..2025-11-30",
			STR_ARG(utf8_head(s, 60)));
	assert(p.from < p.to);
	p.text = arena_str(a, s);
	*out = p;
	return RC_OK;
}

struct period period_year(struct arena *a, int year)
{
	struct period p = {.text = arena_fmt(a, "%04d", year)};
	bool fits = months(&p, year, 1, 12);
	assert(fits);
	(void)fits;
	return p;
}

/* The day a year earlier; one that is not there becomes the first of March. */
static int32_t year_back(int32_t day)
{
	struct ymd d = date_ymd(day);
	int32_t back = date_of(d.year - 1, d.month, d.day);
	return back == DATE_NONE ? date_of(d.year - 1, 3, 1) : back;
}

struct period period_before(struct arena *a, const struct period *p)
{
	struct period b = {.from = year_back(p->from), .to = year_back(p->to)};
	if (b.to == b.from) /* the one day 29 February: its neighbour before */
		b.from--;
	int year = 0;
	struct period same;
	if (calendar(p->text, &same) && digits(p->text, 4, &year))
		b.text = arena_fmt(a, "%04d%.*s", year - 1, STR_ARG(str_from(p->text, 4)));
	else if (b.to - b.from == 1)
		b.text = date_str(a, b.from);
	else
		b.text = arena_fmt(
			a, "%.*s..%.*s", STR_ARG(date_str(a, b.from)), STR_ARG(date_str(a, b.to - 1)));
	return b;
}

struct period period_compared(struct arena *a, const struct period *p, int32_t today)
{
	struct period now = *p;
	if (period_runs(p, today)) {
		now.to = today + 1;
		now.text = arena_fmt(
			a, "%.*s..%.*s", STR_ARG(date_str(a, now.from)), STR_ARG(date_str(a, today)));
	}
	return period_before(a, &now);
}

static str day_name(struct arena *a, int32_t day, bool year, bool zh)
{
	static const char *const english[] = {"January", "February", "March", "April", "May", "June", "July",
		"August", "September", "October", "November", "December"};
	struct ymd d = date_ymd(day);
	str md = zh ? arena_fmt(a, "%d月%d日", d.month, d.day)
		    : arena_fmt(a, "%d %s", d.day, english[d.month - 1]);
	return !year ? md
	       : zh  ? arena_fmt(a, "%d年%.*s", d.year, STR_ARG(md))
		     : arena_fmt(a, "%.*s %d", STR_ARG(md), d.year);
}

static str span_name(struct arena *a, const struct period *p, bool zh)
{
	int32_t last = p->to - 1;
	bool one = date_ymd(p->from).year == date_ymd(last).year;
	if (last == p->from)
		return day_name(a, last, true, zh);
	str from = day_name(a, p->from, zh || !one, zh), to = day_name(a, last, !zh || !one, zh);
	return arena_fmt(a, zh ? "%.*s至%.*s" : "%.*s to %.*s", STR_ARG(from), STR_ARG(to));
}

str period_name(struct arena *a, const struct period *p, bool zh)
{
	static const char *const quarters[][2] = {
		{"第一", "first"}, {"第二", "second"}, {"第三", "third"}, {"第四", "fourth"}};
	struct ymd d = date_ymd(p->from);
	int32_t first, end;
	period_whole_months(p, &first, &end);
	int n = (int)(end - first), month = d.month - 1;
	if (d.day != 1 || p->to != date_month_first(first + n))
		return span_name(a, p, zh);
	if (n == 12 && month == 0)
		return arena_fmt(a, zh ? "%d年" : "%d", d.year);
	if (n == 6 && month % 6 == 0)
		return zh ? arena_fmt(a, "%d年%s半年", d.year, month ? "下" : "上")
			  : arena_fmt(a, "%s half of %d", month ? "second" : "first", d.year);
	if (n == 3 && month % 3 == 0)
		return zh ? arena_fmt(a, "%d年%s季度", d.year, quarters[month / 3][0])
			  : arena_fmt(a, "%s quarter of %d", quarters[month / 3][1], d.year);
	if (n == 1) {
		str day = day_name(a, p->from, false, false);
		return zh ? arena_fmt(a, "%d年%d月", d.year, d.month)
			  : arena_fmt(a, "%.*s %d", STR_ARG(str_from(day, 2)), d.year);
	}
	return span_name(a, p, zh);
}

int period_whole_year(const struct period *p)
{
	struct ymd f = date_ymd(p->from);
	return f.month == 1 && f.day == 1 && p->to == date_of(f.year + 1, 1, 1) ? f.year : 0;
}

void period_whole_months(const struct period *p, int32_t *first, int32_t *end)
{
	int32_t m = date_month(p->from);
	*first = date_month_first(m) == p->from ? m : m + 1;
	*end = date_month(p->to); /* the month that holds the first day after is not whole */
	if (*end < *first)
		*end = *first;
}
