/* punctuate.c -- see punctuate.h. */
#include "report/punctuate.h"
#include "base/buf.h"
#include "base/utf8.h"
#include <string.h>

static bool han(uint32_t c)
{
	return (c >= 0x3400 && c <= 0x9FFF) || (c >= 0x3001 && c <= 0x303F) || (c >= 0xFF01 && c <= 0xFFEF) ||
	       (c >= 0x2018 && c <= 0x201D) || (c >= 0x20000 && c <= 0x3FFFF);
}

static bool digit(uint32_t c)
{
	return c >= '0' && c <= '9';
}

static const char *wide(uint32_t c)
{
	static const char *const marks[128] = {[','] = "，",
		[';'] = "；",
		[':'] = "：",
		['?'] = "？",
		['!'] = "！",
		['('] = "（",
		[')'] = "）"};
	return c < 128 ? marks[c] : NULL;
}

struct around {
	uint32_t before, after; /* 0: the line's ends; a slot counts as Han */
};

static bool beside_han(const struct around *x)
{
	return (han(x->before) || han(x->after)) && !(digit(x->before) && digit(x->after));
}

/* What stands for the character at s[at]; NULL: itself. */
static const char *better(uint32_t c, const struct around *x, bool *quote, bool *paren)
{
	if (c == '"' && beside_han(x)) {
		*quote = !*quote;
		return *quote ? "“" : "”";
	}
	if (c == '.')
		return han(x->before) && (x->after == 0 || han(x->after)) ? "。" : NULL;
	if (c == ')')
		return *paren || beside_han(x) ? wide(c) : NULL;
	if (c == '(')
		*paren = beside_han(x);
	return wide(c) && beside_han(x) ? wide(c) : NULL;
}

str punctuate(struct arena *a, str s, size_t *out_changed)
{
	struct buf b AUTO(buf_done) = {0};
	bool quote = false, paren = false;
	uint32_t before = 0;
	size_t n;
	buf_init(&b, s.n * 3 + 64);
	*out_changed = 0;
	for (size_t at = 0; at < s.n; at += n) {
		size_t end = str_starts(str_from(s, at), STR("{{")) ? str_find(str_from(s, at), STR("}}"))
								    : SIZE_MAX;
		if (end != SIZE_MAX) {
			n = end + 2;
			buf_add(&b, str_head(str_from(s, at), n));
			before = 0x4E00;
			continue;
		}
		uint32_t c = utf8_next(str_from(s, at), &n);
		size_t m;
		str rest = str_from(s, at + n);
		struct around x = {before, rest.n == 0 || rest.p[0] == '\n' ? 0
					   : str_starts(rest, STR("{{"))    ? 0x4E00
									    : utf8_next(rest, &m)};
		const char *now = better(c, &x, &quote, &paren);
		if (now)
			buf_puts(&b, now);
		else
			buf_add(&b, str_head(str_from(s, at), n));
		*out_changed += now != NULL;
		before = c == '\n' ? 0 : now ? 0xFF0C : c;
		if (c == '\n')
			quote = paren = false;
	}
	return arena_str(a, buf_str(&b));
}
