/* utf8.c -- see utf8.h. */
#include "base/utf8.h"
#include <assert.h>

/* Length of the well-formed character at p, 0 when there is none. */
static size_t sequence(const unsigned char *p, size_t n)
{
	if (p[0] < 0x80)
		return 1;
	size_t len = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
	if (p[0] < 0xC2 || p[0] > 0xF4 || n < len)
		return 0;
	unsigned lo = 0x80, hi = 0xBF; /* of the second byte: shuts out overlong forms and surrogates */
	if (p[0] == 0xE0)
		lo = 0xA0;
	else if (p[0] == 0xED)
		hi = 0x9F;
	else if (p[0] == 0xF0)
		lo = 0x90;
	else if (p[0] == 0xF4)
		hi = 0x8F;
	if (p[1] < lo || p[1] > hi)
		return 0;
	for (size_t i = 2; i < len; i++)
		if (p[i] < 0x80 || p[i] > 0xBF)
			return 0;
	return len;
}

bool utf8_valid(str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	for (size_t i = 0, k; i < s.n; i += k)
		if ((k = sequence(p + i, s.n - i)) == 0)
			return false;
	return true;
}

/* Where the character begins that the byte at `at` belongs to; `at` itself where bytes are bad. */
static size_t beginning(str s, size_t at)
{
	size_t k = at;
	while (k > 0 && at - k < 3 && ((unsigned char)s.p[k] & 0xC0) == 0x80)
		k--;
	return (unsigned char)s.p[k] >= 0xC0 ? k : at;
}

str utf8_head(str s, size_t max_bytes)
{
	return s.n <= max_bytes ? s : str_head(s, beginning(s, max_bytes));
}

str utf8_whole(str s)
{
	if (s.n == 0)
		return s;
	size_t k = beginning(s, s.n - 1);
	unsigned char first = (unsigned char)s.p[k];
	size_t len = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
	return s.n - k < len ? str_head(s, k) : s;
}

bool utf8_clean(str s)
{
	return str_find_byte(s, 0) == SIZE_MAX && utf8_valid(s);
}

uint32_t utf8_next(str s, size_t *n)
{
	assert(s.n > 0);
	const unsigned char *p = (const unsigned char *)s.p;
	size_t k = sequence(p, s.n);
	*n = k ? k : 1;
	switch (k) {
	case 1:
		return p[0];
	case 2:
		return (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3Fu);
	case 3:
		return (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3Fu);
	case 4:
		return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3F) << 12 |
		       (uint32_t)(p[2] & 0x3F) << 6 | (p[3] & 0x3Fu);
	default:
		return 0xFFFD;
	}
}

size_t utf8_put(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3F));
	out[0] = (char)(((0xF00u >> n) & 0xFF) | c);
	return n;
}

size_t utf8_count(str s)
{
	size_t count = 0;
	for (size_t i = 0; i < s.n; i++)
		count += ((unsigned char)s.p[i] & 0xC0) != 0x80;
	return count;
}

bool utf8_is_han(uint32_t c)
{
	return (c >= 0x3400 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) ||
	       (c >= 0x20000 && c <= 0x3FFFF) || c == 0x3007;
}

size_t utf8_columns(str s)
{
	size_t columns = 0, k;
	for (size_t i = 0; i < s.n; i += k) {
		uint32_t c = utf8_next(str_from(s, i), &k);
		bool wide = utf8_is_han(c) || (c >= 0x2E80 && c <= 0x33FF) || (c >= 0xFF00 && c <= 0xFF60) ||
			    (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0xAC00 && c <= 0xD7AF) || c >= 0x1F000;
		columns += wide ? 2 : 1;
	}
	return columns;
}
