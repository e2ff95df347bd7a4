/* str.c -- see str.h. */
#include "base/str.h"

bool str_eq(str a, str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_is(str a, const char *c)
{
	return str_eq(a, str_of(c));
}

int str_cmp(str a, str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int d = n ? memcmp(a.p, b.p, n) : 0;
	if (d != 0)
		return d;
	return (a.n > b.n) - (a.n < b.n);
}

bool str_starts(str s, str head)
{
	return s.n >= head.n && (head.n == 0 || memcmp(s.p, head.p, head.n) == 0);
}

bool str_ends(str s, str tail)
{
	return s.n >= tail.n && (tail.n == 0 || memcmp(s.p + s.n - tail.n, tail.p, tail.n) == 0);
}

str str_from(str s, size_t at)
{
	if (at >= s.n)
		return (str){NULL, 0};
	return (str){s.p + at, s.n - at};
}

str str_head(str s, size_t n)
{
	return (str){s.p, n < s.n ? n : s.n};
}

size_t str_find(str s, str what)
{
	if (what.n == 0)
		return 0;
	if (s.n < what.n)
		return SIZE_MAX;
	const char *p = memmem(s.p, s.n, what.p, what.n);
	return p ? (size_t)(p - s.p) : SIZE_MAX;
}

static char small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
}

bool str_speaks_of(str s, str what)
{
	for (size_t i = 0; what.n && i + what.n <= s.n; i++) {
		size_t k = 0;
		while (k < what.n && small(s.p[i + k]) == small(what.p[k]))
			k++;
		if (k == what.n)
			return true;
	}
	return false;
}

size_t str_find_byte(str s, char c)
{
	const char *p = s.n ? memchr(s.p, c, s.n) : NULL;
	return p ? (size_t)(p - s.p) : SIZE_MAX;
}

str str_cut(str s, char sep, str *rest)
{
	size_t at = str_find_byte(s, sep);
	if (at == SIZE_MAX) {
		*rest = (str){NULL, 0};
		return s;
	}
	*rest = (str){s.p + at + 1, s.n - at - 1};
	return (str){s.p, at};
}

/* Bytes of the blank character at the head (tail) of s, 0 when it is none. */
static size_t blank_at_head(str s)
{
	static const str wide[] = {
		{"\xC2\xA0", 2}, {"\xE3\x80\x80", 3}, {"\xEF\xBB\xBF", 3}, {"\xE2\x80\x8B", 3}};
	if (s.n > 0 && (s.p[0] == ' ' || (s.p[0] >= '\t' && s.p[0] <= '\r')))
		return 1;
	for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
		if (str_starts(s, wide[i]))
			return wide[i].n;
	return 0;
}

static size_t blank_at_tail(str s)
{
	if (s.n > 0 && blank_at_head((str){s.p + s.n - 1, 1}))
		return 1;
	if (s.n >= 2 && blank_at_head((str){s.p + s.n - 2, 2}) == 2)
		return 2;
	if (s.n >= 3 && blank_at_head((str){s.p + s.n - 3, 3}) == 3)
		return 3;
	return 0;
}

str str_trim(str s)
{
	for (size_t k; (k = blank_at_head(s)) > 0;)
		s = str_from(s, k);
	for (size_t k; s.n > 0 && (k = blank_at_tail(s)) > 0;)
		s.n -= k;
	return s;
}

bool str_i64(str s, int64_t *out)
{
	bool minus = s.n > 0 && s.p[0] == '-';
	size_t i = minus ? 1 : 0;
	if (i == s.n)
		return false;
	int64_t v = 0; /* gathered as a negative number: INT64_MIN has no positive twin */
	for (; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, s.p[i] - '0', &v))
			return false;
	}
	if (!minus && v == INT64_MIN)
		return false;
	*out = minus ? v : -v;
	return true;
}

uint64_t str_hash(str s)
{
	uint64_t h = 1469598103934665603u;
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
	return h ^ (h >> 32);
}
