/* number_format.c -- see number_format.h. */
#include "format/number_format.h"

enum number_kind number_format_builtin(uint32_t id)
{
	switch (id) {
	case 14:
	case 15:
	case 16:
	case 17:
	case 22:
		return NUMBER_DATE;
	case 18:
	case 19:
	case 20:
	case 21:
	case 45:
	case 47:
	case 32: /* zh-CN h"时"mm"分" and its kin */
	case 33:
	case 34:
	case 35:
	case 55:
	case 56:
		return NUMBER_TIME;
	case 46:
		return NUMBER_ELAPSED;
	default:
		return (id >= 27 && id <= 36) || (id >= 50 && id <= 58) ? NUMBER_DATE : NUMBER_PLAIN;
	}
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* The inside of [...]: only h, m or s, repeated, is elapsed time. */
static bool is_elapsed(str inside)
{
	if (inside.n == 0 || strchr("hms", lower(inside.p[0])) == NULL)
		return false;
	for (size_t i = 1; i < inside.n; i++)
		if (lower(inside.p[i]) != lower(inside.p[0]))
			return false;
	return true;
}

static bool has_word(str s, const char *word)
{
	for (size_t i = 0, n = strlen(word); i < n; i++)
		if (i >= s.n || lower(s.p[i]) != word[i])
			return false;
	return true;
}

/* Past what stands in quotes, behind an escape or in brackets; 0 when nothing of that begins here. */
static size_t skip_literal(str s, bool *elapsed)
{
	size_t n;
	switch (s.p[0]) {
	case '"':
		n = str_find_byte(str_from(s, 1), '"');
		return n == SIZE_MAX ? s.n : n + 2;
	case '\\':
	case '_':
	case '*':
		return s.n < 2 ? 1 : 2;
	case '[':
		n = str_find_byte(s, ']');
		if (n == SIZE_MAX)
			return 1;
		*elapsed = *elapsed || is_elapsed((str){s.p + 1, n - 1});
		return n + 1;
	default:
		return 0;
	}
}

enum number_kind number_format_custom(str code)
{
	bool elapsed = false, day = false, time = false, minute_or_month = false;
	for (size_t i = 0, n; i < code.n && code.p[i] != ';'; i += n) {
		str rest = str_from(code, i);
		n = skip_literal(rest, &elapsed);
		if (n > 0)
			continue;
		n = 1;
		if (has_word(rest, "general")) {
			n = 7;
			continue;
		}
		if (has_word(rest, "am/pm")) {
			time = true;
			n = 5;
			continue;
		}
		switch (lower(code.p[i])) {
		case 'y':
		case 'd':
		case 'g':
		case 'b':
			day = true;
			break;
		case 'e': /* 0.00E+00 is scientific; a lone e is the year of other calendars */
			day = day || i + 1 >= code.n || (code.p[i + 1] != '+' && code.p[i + 1] != '-');
			break;
		case 'm':
			minute_or_month = true;
			break;
		case 'h':
		case 's':
			time = true;
			break;
		default:
			break;
		}
	}
	if (elapsed)
		return NUMBER_ELAPSED;
	if (day || (minute_or_month && !time))
		return NUMBER_DATE;
	return time ? NUMBER_TIME : NUMBER_PLAIN;
}
