/* value_parse.c -- what a person wrote for a field, as the value that is kept (record.h). One reader a type. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/ident.h"
#include "base/region.h"
#include "base/utf8.h"
#include "guard/files.h"
#include "register/narrow.h"
#include "register/record.h"

enum { TEXT_MAX_CHARS = 4000, SERIAL_FIRST = 20000, SERIAL_LAST = 90000, SERIAL_EPOCH = -25569 };

typedef enum rc reader(struct arena *a, const struct field *f, str s, struct value *out, struct err *err);

static struct value of_int(int64_t i)
{
	return (struct value){.kind = V_INT, .i = i};
}

static struct value of_text(str t)
{
	return (struct value){.kind = V_TEXT, .t = t};
}

/* "what" names the field; the text that was given is repeated only where it cannot be sensitive. */
static enum rc refuse(const struct field *f, str given, struct err *err, const char *wanted)
{
	str label = label_text(&f->label);
	if (f->sealed)
		return FAIL(err, RC_INVALID, "%.*s: %s", STR_ARG(label), tr(wanted));
	return FAIL(err, RC_INVALID, "%.*s: “%.*s” does not fit: %s", STR_ARG(label),
		STR_ARG(utf8_head(given, 60)), tr(wanted));
}

/* A decimal number with up to `scale` places as integer scaled by 10^scale; commas between groups of three fall away.
 * False on anything else, on overflow, and on places beyond the scale that are not 0. */
static bool scaled(str s, int scale, int64_t *out)
{
	bool minus = str_starts(s, STR("-"));
	if (minus || str_starts(s, STR("+")))
		s = str_from(s, 1);
	int64_t v = 0;
	int places = -1;
	size_t digits = 0;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == ',' && places < 0 && digits > 0 && i + 3 < s.n)
			continue;
		if (c == '.' && places < 0) {
			places = 0;
			continue;
		}
		if (c < '0' || c > '9')
			return false;
		digits++;
		if (places >= 0 && ++places > scale) {
			if (c != '0')
				return false;
			continue;
		}
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, c - '0', &v))
			return false;
	}
	if (digits == 0)
		return false;
	for (int k = places < 0 ? 0 : places; k < scale; k++)
		if (__builtin_mul_overflow(v, 10, &v))
			return false;
	*out = minus ? -v : v;
	return true;
}

static bool cut_tail(str *s, const char *const *tails)
{
	for (size_t i = 0; tails[i]; i++)
		if (str_ends(*s, str_of(tails[i])) && s->n > strlen(tails[i])) {
			s->n -= strlen(tails[i]);
			return true;
		}
	return false;
}

static enum rc read_text(struct arena *a, const struct field *f, str s, struct value *out, struct err *err)
{
	int max = f->max_chars ? f->max_chars : TEXT_MAX_CHARS;
	if (utf8_count(s) > (size_t)max)
		return FAIL(err, RC_INVALID, "%.*s: longer than %d characters",
			STR_ARG(label_text(&f->label)), max);
	*out = of_text(arena_str(a, s));
	return RC_OK;
}

static enum rc read_integer(struct arena *a, const struct field *f, str s, struct value *out, struct err *err)
{
	static const char *const units[] = {
		"人次", "人", "名", "次", "个", "场", "期", "件", "份", "户", NULL};
	int64_t v;
	str t = narrow_tight(a, s);
	cut_tail(&t, units);
	if (!scaled(t, 0, &v) || (f->type == T_COUNT && v < 0))
		return refuse(f, s, err, N_("a whole number is wanted, without 约, 余 or words"));
	*out = of_int(v);
	return RC_OK;
}

static enum rc read_decimal(struct arena *a, const struct field *f, str s, struct value *out, struct err *err)
{
	int64_t v;
	str t = narrow_tight(a, s);
	if (!scaled(t, f->scale, &v))
		return refuse(
			f, s, err, N_("a number is wanted, with no more decimal places than the field has"));
	*out = of_int(v);
	return RC_OK;
}

static enum rc read_money(struct arena *a, const struct field *f, str s, struct value *out, struct err *err)
{
	static const char *const ten_thousand[] = {"万元", "万", NULL}, *const yuan[] = {"元整", "元", NULL};
	str t = narrow_tight(a, s);
	if (str_starts(t, STR("¥")))
		t = str_from(t, 2);
	int64_t v;
	bool wan = cut_tail(&t, ten_thousand);
	if (!wan)
		cut_tail(&t, yuan);
	/* 1.234567 万元 is 12345.67 元: six places in wan, two in yuan. */
	if (!scaled(t, wan ? 6 : 2, &v))
		return refuse(f, s, err,
			N_("an amount in yuan with at most two decimals is wanted, such as 1200.50"));
	*out = of_int(v);
	return RC_OK;
}

static enum rc read_hours(struct arena *a, const struct field *f, str s, struct value *out, struct err *err)
{
	static const char *const hours[] = {"个小时", "小时", "时", "hours", "hour", "h", NULL};
	static const char *const minutes[] = {"分钟", "分", "minutes", "min", "m", NULL};
	str t = narrow_tight(a, s), rest;
	int64_t h = 0, m = 0;
	size_t at = str_find(t, STR("小时"));
	bool ok;
	if (at != SIZE_MAX && at + 6 < t.n) { /* 1小时30分 */
		str head = str_head(t, at);
		rest = str_from(t, at + 6);
		cut_tail(&rest, minutes);
		ok = scaled(head, 0, &h) && scaled(rest, 0, &m);
		m += h * 60;
	} else if (str_find_byte(t, ':') != SIZE_MAX) { /* 1:30 */
		str head = str_cut(t, ':', &rest);
		ok = scaled(head, 0, &h) && scaled(str_head(rest, 2), 0, &m) && m < 60;
		m += h * 60;
	} else if (cut_tail(&t, minutes)) {
		ok = scaled(t, 0, &m);
	} else {
		cut_tail(&t, hours);
		ok = scaled(t, 6, &h);
		m = (h * 60 + 500000) / 1000000; /* to the nearest minute */
	}
	if (!ok || m < 0)
		return refuse(f, s, err, N_("a length of time is wanted, such as 1.5, 1:30 or 90分钟"));
	*out = of_int(m);
	return RC_OK;
}

/* Up to three numbers of a date in any common spelling; returns how many stand, -1 on other signs. */
static int date_parts(str t, int part[3])
{
	int n = 0;
	bool in = false;
	for (size_t i = 0, k; i < t.n; i += k) {
		uint32_t c = utf8_next(str_from(t, i), &k);
		if (c >= '0' && c <= '9') {
			if (!in && n++ == 3)
				return -1;
			part[n - 1] = in ? part[n - 1] * 10 + (int)(c - '0') : (int)(c - '0');
			if (part[n - 1] > 99999999)
				return -1;
			in = true;
		} else if (c == '-' || c == '/' || c == '.' || c == 0x5E74 || c == 0x6708 || c == 0x65E5 ||
			   c == 0x53F7) {
			if (!in)
				return -1;
			in = false; /* 年 月 日 号 */
		} else {
			return -1;
		}
	}
	return n;
}

/* A time of day behind a date: cut off; false where what follows is none. */
static bool cut_time(struct arena *a, str s, str *date, int *out_minutes)
{
	static const char *const words[] = {"上午", "下午", "AM", "PM", "am", "pm", NULL};
	str t = narrow(a, s), clock;
	size_t at = str_find_byte(t, 'T');
	if (at == SIZE_MAX)
		at = str_find_byte(t, ' ');
	*out_minutes = -1;
	*date = t;
	if (at == SIZE_MAX || str_find_byte(str_from(t, at), ':') == SIZE_MAX) {
		str word = t;
		if (cut_tail(&word, words))
			*date = str_trim(word);
		return true;
	}
	*date = str_head(t, at);
	clock = str_trim(str_from(t, at + 1));
	bool pm = str_starts(clock, STR("下午")) || str_ends(clock, STR("PM"));
	if (str_starts(clock, STR("下午")) || str_starts(clock, STR("上午")))
		clock = str_trim(str_from(clock, 6));
	str rest, head = str_cut(clock, ':', &rest);
	int64_t h, m;
	if (!str_i64(head, &h) || !str_i64(str_head(rest, 2), &m) || h < 0 || h > 24 || m < 0 || m > 59)
		return false;
	*out_minutes = (int)(h + (pm && h < 12 ? 12 : 0)) * 60 + (int)m;
	return true;
}

/* One date reader for dates, months and instants. Returns what is wrong, NULL when all is well. */
static const char *date_of_text(struct arena *a, str s, bool month_only, int32_t *out_day, int *out_minutes)
{
	str t;
	int p[3] = {0};
	if (!cut_time(a, s, &t, out_minutes))
		return N_("the time of day is not understood; write 2025-03-05 14:30");
	t = narrow_tight(a, t);
	int n = date_parts(t, p);
	if (n == 1 && t.n == 8) { /* 20250305 */
		p[2] = p[0] % 100;
		p[1] = p[0] / 100 % 100;
		p[0] /= 10000;
		n = 3;
	} else if (n == 1 && t.n == 6 && month_only) { /* 202503 */
		p[1] = p[0] % 100;
		p[0] /= 100;
		n = 2;
	} else if (n == 1 && t.n == 5 && p[0] >= SERIAL_FIRST &&
		   p[0] <= SERIAL_LAST) { /* a sheet's day number */
		*out_day = p[0] + SERIAL_EPOCH;
		return NULL;
	}
	if (n == 2 && p[0] <= 12)
		return N_("the year is missing; write 2025-03-05");
	if (n == 2 && !month_only)
		return N_("the day is missing; write 2025-03-05");
	if (n != 3 && !(n == 2 && month_only))
		return N_("a date is wanted, such as 2025-03-05 or 2025年3月5日");
	if (p[0] < 100)
		return N_("the year needs four digits");
	int32_t day = date_of(p[0], p[1], n == 3 ? p[2] : 1);
	if (day == DATE_NONE)
		return N_("there is no such day");
	*out_day = day;
	return NULL;
}

static enum rc read_date(struct arena *a, const struct field *f, str s, struct value *out, struct err *err)
{
	int32_t day;
	int minutes;
	const char *wrong = date_of_text(a, s, false, &day, &minutes);
	if (wrong)
		return refuse(f, s, err, wrong);
	*out = of_text(date_str(a, day));
	return RC_OK;
}

static enum rc read_month(struct arena *a, const struct field *f, str s, struct value *out, struct err *err)
{
	int32_t day;
	int minutes;
	const char *wrong = date_of_text(a, s, true, &day, &minutes);
	if (wrong)
		return refuse(f, s, err, wrong);
	*out = of_text(str_head(date_str(a, day), 7));
	return RC_OK;
}

static enum rc read_time(struct arena *a, const struct field *f, str s, struct value *out, struct err *err)
{
	int32_t day;
	int minutes;
	int64_t ms;
	if (instant_parse(narrow(a, s), &ms)) {
		*out = of_int(ms);
		return RC_OK;
	}
	const char *wrong = date_of_text(a, s, false, &day, &minutes);
	if (wrong)
		return refuse(f, s, err, wrong);
	*out = of_int(((int64_t)day * 1440 + (minutes < 0 ? 0 : minutes) - clock_zone()) * 60000);
	return RC_OK;
}

static enum rc read_bool(struct arena *a, const struct field *f, str s, struct value *out, struct err *err)
{
	static const char *const yes[] = {"是", "有", "1", "√", "✓", "true", "yes", "y", "对", NULL};
	static const char *const no[] = {"否", "无", "0", "×", "✗", "false", "no", "n", "没有", "不是", NULL};
	str t = narrow_label(a, s);
	for (size_t i = 0; yes[i]; i++)
		if (str_is(t, yes[i])) {
			*out = of_int(1);
			return RC_OK;
		}
	for (size_t i = 0; no[i]; i++)
		if (str_is(t, no[i])) {
			*out = of_int(0);
			return RC_OK;
		}
	return refuse(f, s, err, N_("yes or no is wanted: 是, 否"));
}

static bool choice_is(struct arena *a, const struct choice *c, str t)
{
	if (str_eq(t, c->id) || str_eq(t, narrow_label(a, c->label.zh)) ||
		str_eq(t, narrow_label(a, c->label.en)))
		return true;
	for (size_t i = 0; i < c->also_n; i++)
		if (str_eq(t, narrow_label(a, c->also[i])))
			return true;
	return false;
}

static enum rc read_choice(struct arena *a, const struct field *f, str s, struct value *out, struct err *err)
{
	str t = narrow_label(a, s);
	struct buf all = {0};
	for (size_t i = 0; i < f->choices_n; i++) {
		if (choice_is(a, &f->choices[i], t)) {
			*out = of_text(f->choices[i].id);
			buf_done(&all);
			return RC_OK;
		}
		if (i < 12) {
			buf_puts(&all, i ? "、" : "");
			buf_add(&all, label_text(&f->choices[i].label));
		}
	}
	enum rc rc = FAIL(err, RC_INVALID, "%.*s: “%.*s” is none of %.*s", STR_ARG(label_text(&f->label)),
		STR_ARG(utf8_head(s, 60)), STR_ARG(buf_str(&all)));
	buf_done(&all);
	return rc;
}

/* A name: the one division that it can mean. */
static enum rc region_by_name(
	struct arena *a, const struct field *f, str s, struct value *out, struct err *err)
{
	enum { SHOWN = 6 };
	struct region found[SHOWN];
	size_t n = region_named(s, found, SHOWN);
	if (n == 1) {
		*out = of_text(arena_str(a, found[0].code));
		return RC_OK;
	}
	if (n == 0 || f->sealed)
		return refuse(f, s, err,
			N_("a region's code or full name is wanted, such as 370102, 370102001 or "
			   "山东省济南市历下区"));
	str all = {0};
	for (size_t i = 0; i < n && i < SHOWN; i++)
		all = arena_fmt(a, "%.*s%s%.*s %.*s", STR_ARG(all), i ? "、" : "",
			STR_ARG(region_label(a, found[i].code)), STR_ARG(found[i].code));
	return FAIL(err, RC_INVALID, "%.*s: “%.*s” may be any of %zu divisions: %.*s. Write the code",
		STR_ARG(label_text(&f->label)), STR_ARG(utf8_head(s, 60)), n, STR_ARG(all));
}

static enum rc read_region(struct arena *a, const struct field *f, str s, struct value *out, struct err *err)
{
	str t = narrow_tight(a, s);
	bool digits = t.n == 2 || t.n == 4 || t.n == 6 || t.n == 9 || t.n == 12;
	for (size_t i = 0; i < t.n; i++)
		digits &= t.p[i] >= '0' && t.p[i] <= '9';
	if (!digits)
		return region_by_name(a, f, t, out, err);
	if (region_standing(t) == REGION_UNKNOWN)
		return refuse(f, s, err,
			N_("no division of the country has that code; “qinghe region NAME” finds it"));
	*out = of_text(arena_str(a, t));
	return RC_OK;
}

static enum rc read_phone(struct arena *a, const struct field *f, str s, struct value *out, struct err *err)
{
	str t = narrow_tight(a, s);
	char *digits = arena_alloc(a, t.n + 1);
	size_t n = 0;
	if (str_starts(t, STR("+86")))
		t = str_from(t, 3);
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] >= '0' && t.p[i] <= '9')
			digits[n++] = t.p[i];
		else if (t.p[i] != '-' && t.p[i] != '(' && t.p[i] != ')')
			return refuse(f, s, err, N_("a phone number has digits only"));
	}
	bool mobile = n == 11 && digits[0] == '1' && digits[1] >= '3';
	bool line = n >= 7 && n <= 12 && digits[0] != '1';
	bool service = n == 5 && digits[0] == '1';
	if (!mobile && !line && !service)
		return refuse(f, s, err,
			N_("a phone number of 11 digits (or a line with its area code) is wanted"));
	*out = of_text((str){digits, n});
	return RC_OK;
}

static enum rc read_citizen_id(
	struct arena *a, const struct field *f, str s, struct value *out, struct err *err)
{
	struct ident id = ident_check(s, clock_today());
	if (id.kind != IDENT_CITIZEN || !id.valid)
		return refuse(f, s, err, id.reason ? id.reason : N_("a citizen ID has 18 characters"));
	*out = of_text(arena_str(a, str_of(id.normal)));
	return RC_OK;
}

static enum rc read_code(struct arena *a, const struct field *f, str s, struct value *out, struct err *err)
{
	str t = arena_str(a, narrow_tight(a, s));
	for (size_t i = 0; i < t.n; i++)
		if (t.p[i] >= 'a' && t.p[i] <= 'z')
			((char *)(uintptr_t)t.p)[i] = (char)(t.p[i] - 'a' + 'A');
	if (t.n != 18)
		return refuse(f, s, err, N_("a unified social credit code has 18 characters"));
	*out = of_text(t);
	return RC_OK;
}

/* Only what attach_put gave: a file is attached, not written down. */
static enum rc read_file(struct arena *a, const struct field *f, str s, struct value *out, struct err *err)
{
	struct file_ref ref;
	if (!file_ref_read(s, &ref))
		return refuse(f, STR("…"), err,
			N_("a file is attached, not written: on the command line FIELD=@PATH"));
	*out = of_text(arena_str(a, s));
	return RC_OK;
}

static reader *const readers[] = {
	[T_TEXT] = read_text,
	[T_INTEGER] = read_integer,
	[T_DECIMAL] = read_decimal,
	[T_MONEY] = read_money,
	[T_HOURS] = read_hours,
	[T_COUNT] = read_integer,
	[T_DATE] = read_date,
	[T_MONTH] = read_month,
	[T_TIME] = read_time,
	[T_BOOL] = read_bool,
	[T_CHOICE] = read_choice,
	[T_REF] = read_text,
	[T_REFS] = read_text,
	[T_PERSON] = read_text,
	[T_ORG] = read_text,
	[T_ORGS] = read_text,
	[T_REGION] = read_region,
	[T_FILE] = read_file,
	[T_PHONE] = read_phone,
	[T_CITIZEN_ID] = read_citizen_id,
	[T_CREDIT_CODE] = read_code,
	[T_SEALED] = read_text,
	[T_SEALED_STRUCT] = read_text,
};

static bool is_dated(const struct field *f)
{
	return f->type == T_DATE || f->type == T_MONTH || f->type == T_TIME;
}

/* The value on the axis of its bounds: days for dated fields, storage units else; false where bounds mean nothing. */
static bool on_axis(const struct field *f, const struct value *v, int64_t *out)
{
	int32_t day;
	if (f->type == T_TIME)
		*out = clock_day_of(v->i);
	else if (v->kind == V_INT)
		*out = v->i;
	else if (f->type == T_DATE && date_parse(v->t, &day))
		*out = day;
	else if (f->type == T_MONTH && v->t.n == 7) {
		char first[DATE_TEXT_BYTES] = {0};
		memcpy(first, v->t.p, 7);
		memcpy(first + 7, "-01", 3);
		if (!date_parse(str_of(first), &day))
			return false;
		*out = day;
	} else
		return false;
	return true;
}

static str bound_text(struct arena *a, const struct field *f, int64_t at)
{
	if (is_dated(f))
		return date_str(a, (int32_t)at);
	struct value v = of_int(at);
	return value_text(a, f, &v);
}

enum rc value_bounds(struct arena *a, const struct field *f, const struct value *v, struct err *err)
{
	int64_t x, lo, hi;
	if (v->kind == V_NULL || !on_axis(f, v, &x))
		return RC_OK;
	lo = f->min.kind == BOUND_TODAY ? clock_today() : f->min.value;
	hi = f->max.kind == BOUND_TODAY ? clock_today() : f->max.value;
	if (f->min.kind != BOUND_NONE && x < lo)
		return FAIL(err, RC_INVALID, "%.*s: below %.*s, the least that is taken",
			STR_ARG(label_text(&f->label)), STR_ARG(bound_text(a, f, lo)));
	if (f->max.kind != BOUND_NONE && x > hi)
		return FAIL(err, RC_INVALID, "%.*s: beyond %.*s, the most that is taken",
			STR_ARG(label_text(&f->label)), STR_ARG(bound_text(a, f, hi)));
	return RC_OK;
}

enum rc value_parse(struct arena *a, const struct field *f, str text, struct value *out, struct err *err)
{
	struct value v = {0};
	if (!utf8_clean(text))
		return FAIL(
			err, RC_INVALID, "%.*s: the text is not clean UTF-8", STR_ARG(label_text(&f->label)));
	str s = str_trim(text);
	if (s.n > 0) {
		TRY(readers[f->type](a, f, s, &v, err));
		TRY(value_bounds(a, f, &v, err));
	}
	*out = v;
	return RC_OK;
}
