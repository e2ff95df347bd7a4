/* tpl.c -- see tpl.h. */
#include "web/tpl.h"
#include "base/date.h"
#include "base/tr.h"
#include "base/utf8.h"

void tpl_href_str(struct buf *o, str s)
{
	bool ours =
		s.n > 0 && (s.p[0] == '?' || s.p[0] == '#' || (s.p[0] == '/' && !(s.n > 1 && s.p[1] == '/')));
	if (ours || str_starts(s, STR("tel:")) || str_starts(s, STR("https://")))
		html_text(o, s);
	else
		buf_putc(o, '#');
}

void tpl_href_cstr(struct buf *o, const char *s)
{
	tpl_href_str(o, str_of(s));
}

void tpl_url_str(struct buf *o, str s)
{
	html_url(o, s);
}

void tpl_url_cstr(struct buf *o, const char *s)
{
	html_url(o, str_of(s));
}

static const char *const months[] = {N_("January"), N_("February"), N_("March"), N_("April"), N_("May"),
	N_("June"), N_("July"), N_("August"), N_("September"), N_("October"), N_("November"), N_("December")};

str tpl_month(struct arena *a, int month)
{
	return tr_lang() == LANG_ZH ? arena_fmt(a, "%d月", month) : str_of(months[month - 1]);
}

void tpl_date(struct buf *o, str iso)
{
	int32_t day;
	bool month_only = iso.n == 7;
	char full[DATE_TEXT_BYTES] = "";
	if (month_only) {
		memcpy(full, iso.p, 7);
		memcpy(full + 7, "-01", 3);
		iso = (str){full, 10};
	}
	if (!date_parse(iso, &day)) {
		html_text(o, iso);
		return;
	}
	struct ymd d = date_ymd(day);
	if (tr_lang() == LANG_ZH) {
		buf_printf(o, "%d年%d月", d.year, d.month);
		if (!month_only)
			buf_printf(o, "%d日", d.day);
	} else {
		if (!month_only)
			buf_printf(o, "%d ", d.day);
		buf_printf(o, "%s %d", months[d.month - 1], d.year);
	}
}

/* Five digits and more are grouped, four are not. */
void tpl_num(struct buf *o, int64_t v)
{
	char text[32];
	struct buf b = {0};
	buf_i64(&b, v);
	size_t n = b.n, sign = v < 0, at = 0;
	for (size_t i = 0; i < n && at < sizeof text - 2; i++) {
		if (n - sign > 4 && i > sign && (n - i) % 3 == 0)
			text[at++] = ',';
		text[at++] = b.p[i];
	}
	buf_done(&b);
	buf_add(o, (str){text, at});
}

/* Half-up to two decimals of 万, trailing zeros dropped; below 10,000 as it is. */
void tpl_wan(struct buf *o, int64_t v)
{
	if (v > -10000 && v < 10000) {
		tpl_num(o, v);
		return;
	}
	int64_t hundredths = (v < 0 ? v - 50 : v + 50) / 100, whole = hundredths / 100,
		rest = hundredths % 100;
	if (rest < 0)
		rest = -rest;
	tpl_num(o, whole);
	if (rest % 10)
		buf_printf(o, ".%02d", (int)rest);
	else if (rest)
		buf_printf(o, ".%d", (int)(rest / 10));
	buf_puts(o, "万");
}

void tpl_mask(struct buf *o, str name)
{
	size_t n = 0;
	if (name.n > 0)
		utf8_next(name, &n);
	html_text(o, str_head(name, n));
	buf_puts(o, "**");
}
