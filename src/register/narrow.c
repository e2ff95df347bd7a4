/* narrow.c -- see narrow.h. */
#include "register/narrow.h"
#include "base/utf8.h"

str narrow(struct arena *a, str s)
{
	char *out = arena_alloc(a, s.n + 1);
	size_t n = 0, k;
	for (size_t i = 0; i < s.n; i += k) {
		uint32_t c = utf8_next(str_from(s, i), &k);
		if (c == 0x200B || c == 0xFEFF || c == 0xAD)
			continue;
		if (c >= 0xFF01 && c <= 0xFF5E)
			c -= 0xFEE0;
		else if (c == 0x3000 || c == 0xA0)
			c = ' ';
		n += utf8_put(c, out + n);
	}
	return str_trim((str){out, n});
}

static str without_blanks(struct arena *a, str s)
{
	char *out = arena_alloc(a, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != ' ' && !(s.p[i] >= '\t' && s.p[i] <= '\r'))
			out[n++] = s.p[i];
	return (str){out, n};
}

str narrow_tight(struct arena *a, str s)
{
	s = without_blanks(a, narrow(a, s));
	if (str_starts(s, STR("'")))
		s = str_from(s, 1);
	else if (str_starts(s, STR("‘")) || str_starts(s, STR("’")))
		s = str_from(s, 3);
	return s;
}

str narrow_label(struct arena *a, str s)
{
	str t = arena_str(a, narrow_tight(a, s));
	char *p = (char *)(uintptr_t)t.p;
	for (size_t i = 0; i < t.n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] - 'A' + 'a');
	size_t at = str_find(t, STR("其它"));
	if (at != SIZE_MAX)
		memcpy(p + at, "其他", sizeof "其他" - 1);
	return t;
}
