/* workday.c -- see workday.h. */
#include "base/workday.h"
#include "base/date.h"
#include "base/embed.h"
#include <assert.h>

enum workday_kind { UNSAID, OFF, WORK };

struct reading {
	struct workdays w;
	const char *name;
	int line;
};

static enum rc covers(struct reading *r, str rest, struct err *err)
{
	str to, from = str_cut(rest, '\t', &to);
	int64_t a, b;
	if (!str_i64(from, &a) || !str_i64(str_trim(to), &b) || a < 1900 || b > 2200 || a > b)
		return FAIL(err, RC_INVALID, "%s:%d: covers wants a first and a last year", r->name, r->line);
	r->w.first = date_of((int)a, 1, 1);
	r->w.last = date_of((int)b, 12, 31);
	return RC_OK;
}

static enum rc one_day(struct reading *r, str date, str rest, struct err *err)
{
	int32_t day;
	str occasion, kind = str_trim(str_cut(rest, '\t', &occasion));
	bool off = str_is(kind, "off");
	if (!date_parse(date, &day) || (!off && !str_is(kind, "work")))
		return FAIL(err, RC_INVALID,
			"%s:%d: a line is a date, off or work, and the occasion, with tabs between", r->name,
			r->line);
	uint8_t *place = &r->w.kind[day - r->w.base];
	if (*place != UNSAID)
		return FAIL(err, RC_INVALID, "%s:%d: the day %.*s stands there twice", r->name, r->line,
			STR_ARG(date));
	*place = off ? OFF : WORK;
	return RC_OK;
}

enum rc workday_read(struct arena *a, str text, const char *name, struct workdays *out, struct err *err)
{
	struct reading r = {.name = name};
	r.w.base = date_of(1900, 1, 1);
	r.w.kind_n = (size_t)(date_of(2200, 12, 31) - r.w.base) + 1;
	r.w.kind = NEWS(a, r.w.kind_n, uint8_t);
	r.w.first = 1, r.w.last = 0; /* nothing covered */
	if (str_starts(text, STR("\xEF\xBB\xBF")))
		text = str_from(text, 3);
	while (text.n > 0) {
		str rest, line = str_trim(str_cut(text, '\n', &text));
		r.line++;
		if (line.n == 0 || line.p[0] == '#')
			continue;
		str head = str_cut(line, '\t', &rest);
		TRY(str_is(head, "covers") ? covers(&r, rest, err) : one_day(&r, head, rest, err));
	}
	*out = r.w;
	return RC_OK;
}

enum rc workday_shipped(struct arena *a, struct workdays *out, struct err *err)
{
	str text = embed_find("model/holidays.tsv");
	if (text.n == 0)
		return FAIL(err, RC_NOT_FOUND, "the program carries no table of holidays");
	return workday_read(a, text, "model/holidays.tsv", out, err);
}

bool workday_is(const struct workdays *w, int32_t day)
{
	size_t at = (size_t)((int64_t)day - w->base);
	uint8_t kind = day >= w->base && at < w->kind_n ? w->kind[at] : UNSAID;
	return kind == UNSAID ? date_weekday(day) < 6 : kind == WORK;
}

bool workday_covered(const struct workdays *w, int32_t day)
{
	return day >= w->first && day <= w->last;
}

int32_t workday_add(const struct workdays *w, int32_t day, int32_t n)
{
	int32_t step = n < 0 ? -1 : 1;
	if (n == 0)
		while (!workday_is(w, day))
			day++;
	for (; n != 0; n -= step)
		do
			day += step;
		while (!workday_is(w, day));
	return day;
}

int32_t workday_between(const struct workdays *w, int32_t from, int32_t to)
{
	int32_t n = 0;
	for (int32_t d = from + 1; d <= to; d++)
		n += workday_is(w, d);
	for (int32_t d = to + 1; d <= from; d++)
		n -= workday_is(w, d);
	return n;
}
