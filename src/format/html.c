/* html.c -- see html.h. Clean stretches are copied eight bytes at a time. */
#include "format/html.h"

static inline bool has(uint64_t w, unsigned char c)
{
	const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
	uint64_t x = w ^ (ones * c);
	return ((x - ones) & ~x & high) != 0;
}

/* Bytes up to the first that must be escaped. */
static size_t clean(str s)
{
	size_t i = 0;
	for (uint64_t w; i + 8 <= s.n; i += 8) {
		memcpy(&w, s.p + i, 8);
		if (has(w, '&') || has(w, '<') || has(w, '>') || has(w, '"') || has(w, '\''))
			break;
	}
	while (i < s.n && s.p[i] != '&' && s.p[i] != '<' && s.p[i] != '>' && s.p[i] != '"' && s.p[i] != '\'')
		i++;
	return i;
}

void html_text(struct buf *out, str s)
{
	for (;;) {
		size_t n = clean(s);
		buf_add(out, str_head(s, n));
		if (n == s.n)
			return;
		switch (s.p[n]) {
		case '&':
			buf_add(out, STR("&amp;"));
			break;
		case '<':
			buf_add(out, STR("&lt;"));
			break;
		case '>':
			buf_add(out, STR("&gt;"));
			break;
		case '"':
			buf_add(out, STR("&quot;"));
			break;
		default:
			buf_add(out, STR("&#39;"));
			break;
		}
		s = str_from(s, n + 1);
	}
}

void html_cstr(struct buf *out, const char *c)
{
	html_text(out, str_of(c));
}

void html_put(struct buf *out, struct html_safe markup)
{
	buf_add(out, markup.s);
}

void html_url(struct buf *out, str part)
{
	static const char hex[] = "0123456789ABCDEF";
	for (size_t i = 0; i < part.n; i++) {
		unsigned char c = (unsigned char)part.p[i];
		if ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '-' || c == '.' ||
			c == '_' || c == '~')
			buf_putc(out, (char)c);
		else
			buf_add(out, (str){(char[]){'%', hex[c >> 4], hex[c & 15]}, 3});
	}
}
