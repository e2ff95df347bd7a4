/* form.c -- see form.h. Multipart after RFC 7578 and 2046; no nesting, no transfer encodings. */
#include "net/form.h"
#include "base/utf8.h"

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

enum rc form_decode(struct arena *a, str text, bool plus, str *out, struct err *err)
{
	str s = text;
	if (str_find_byte(text, '%') != SIZE_MAX || (plus && str_find_byte(text, '+') != SIZE_MAX)) {
		char *to = arena_alloc(a, text.n + 1);
		size_t n = 0;
		for (size_t i = 0; i < text.n; i++) {
			if (text.p[i] == '%') {
				int high = i + 2 < text.n ? hex_digit(text.p[i + 1]) : -1;
				int low = high >= 0 ? hex_digit(text.p[i + 2]) : -1;
				if (low < 0)
					return FAIL(err, RC_INVALID,
						"the address or form holds a broken %% code");
				to[n++] = (char)(high << 4 | low);
				i += 2;
			} else {
				to[n++] = plus && text.p[i] == '+' ? ' ' : text.p[i];
			}
		}
		s = (str){to, n};
	}
	if (!utf8_clean(s))
		return FAIL(err, RC_INVALID, "the address or form is not UTF-8 text");
	*out = s;
	return RC_OK;
}

enum rc form_query(struct arena *a, str query, struct pairs *out, struct err *err)
{
	struct pairs list = {0};
	size_t cap = 0;
	while (query.n > 0) {
		str value, item = str_cut(query, '&', &query);
		if (item.n == 0)
			continue;
		if (list.n == PAIRS_MAX)
			return FAIL(err, RC_LIMIT, "a form with more than %d fields", PAIRS_MAX);
		str name = str_cut(item, '=', &value);
		struct pair p;
		TRY(form_decode(a, name, true, &p.name, err));
		TRY(form_decode(a, value, true, &p.value, err));
		list.p = arena_grow(a, list.p, list.n, &cap, sizeof *list.p);
		list.p[list.n++] = p;
	}
	*out = list;
	return RC_OK;
}

struct pairs form_cookies(struct arena *a, str header)
{
	struct pairs list = {0};
	size_t cap = 0;
	while (header.n > 0 && list.n < PAIRS_MAX) {
		str value, item = str_trim(str_cut(header, ';', &header));
		str name = str_cut(item, '=', &value);
		if (name.n == 0 || name.n == item.n || !utf8_clean(item))
			continue;
		list.p = arena_grow(a, list.p, list.n, &cap, sizeof *list.p);
		list.p[list.n++] = (struct pair){name, value};
	}
	return list;
}

str pairs_get(const struct pairs *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (str_is(p->p[i].name, name))
			return p->p[i].value;
	return (str){NULL, 0};
}

bool pairs_has(const struct pairs *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (str_is(p->p[i].name, name))
			return true;
	return false;
}

/* ---- multipart ---- */

static bool same_word(str s, const char *word)
{
	size_t n = strlen(word);
	if (s.n != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = s.p[i];
		if ((c >= 'A' && c <= 'Z' ? c | 32 : c) != word[i])
			return false;
	}
	return true;
}

/* The value of `name` among the parameters of a header: ; name=token or ; name="text". Backslashes are what browsers
 * put before quotes in names; %22 is their newer spelling. */
static str parameter(struct arena *a, str header, const char *name)
{
	str rest;
	str_cut(header, ';', &rest);
	for (int tries = 0; rest.n > 0 && tries < 16; tries++) {
		str after;
		str key = str_trim(str_cut(rest, '=', &after));
		char *to = arena_alloc(a, after.n + 1);
		size_t n = 0, i = 0;
		if (after.n > 0 && after.p[0] == '"') {
			for (i = 1; i < after.n && after.p[i] != '"'; i++) {
				if (after.p[i] == '\\' && i + 1 < after.n && after.p[i + 1] == '"')
					i++;
				to[n++] = after.p[i];
			}
			i++;
		} else {
			for (; i < after.n && after.p[i] != ';'; i++)
				to[n++] = after.p[i];
		}
		if (same_word(key, name))
			return str_trim((str){to, n});
		rest = str_from(after, i);
		str_cut(rest, ';', &rest);
	}
	return (str){NULL, 0};
}

static str base_name(str path)
{
	for (size_t i = path.n; i > 0; i--)
		if (path.p[i - 1] == '/' || path.p[i - 1] == '\\')
			return str_from(path, i);
	return path;
}

/* The headers of a part, each on a line of its own, up to an empty line; *body is what follows. */
static enum rc part_headers(struct arena *a, str text, struct part *p, str *body, struct err *err)
{
	bool named = false;
	for (;;) {
		size_t end = str_find(text, STR("\r\n"));
		if (end == SIZE_MAX || end > 2048)
			return FAIL(err, RC_INVALID, "the uploaded form is broken: a header without end");
		str line = str_head(text, end);
		text = str_from(text, end + 2);
		if (line.n == 0)
			break;
		str value, name = str_trim(str_cut(line, ':', &value));
		value = str_trim(value);
		if (!utf8_clean(line))
			return FAIL(err, RC_INVALID, "the uploaded form is not UTF-8 text");
		if (same_word(name, "content-type"))
			p->type = value;
		if (same_word(name, "content-disposition")) {
			str filename = parameter(a, value, "filename");
			p->name = parameter(a, value, "name");
			p->is_file = filename.p != NULL;
			p->filename = base_name(filename);
			named = p->name.p != NULL;
		}
	}
	if (!named)
		return FAIL(err, RC_INVALID, "the uploaded form is broken: a part without a name");
	*body = text;
	return RC_OK;
}

enum rc form_multipart(struct arena *a, str content_type, str body, struct parts *out, struct err *err)
{
	str boundary = parameter(a, content_type, "boundary");
	if (boundary.n == 0 || boundary.n > 70)
		return FAIL(err, RC_INVALID, "the uploaded form is broken: no boundary");
	str mark = arena_fmt(a, "\r\n--%.*s", STR_ARG(boundary));
	struct parts list = {0};
	size_t cap = 0;
	/* The first boundary stands at the start, without the line break before it. */
	if (!str_starts(body, str_from(mark, 2)))
		return FAIL(err, RC_INVALID, "the uploaded form is broken: no first boundary");
	body = str_from(body, mark.n - 2);
	while (!str_starts(body, STR("--"))) {
		if (!str_starts(body, STR("\r\n")))
			return FAIL(err, RC_INVALID,
				"the uploaded form is broken: no line break after a boundary");
		if (list.n == PARTS_MAX)
			return FAIL(err, RC_LIMIT, "a form with more than %d parts", PARTS_MAX);
		struct part p = {0};
		TRY(part_headers(a, str_from(body, 2), &p, &body, err));
		size_t end = str_find(body, mark);
		if (end == SIZE_MAX)
			return FAIL(err, RC_INVALID, "the uploaded form is broken: it ends in the middle");
		p.bytes = str_head(body, end);
		if (!p.is_file && !utf8_clean(p.bytes))
			return FAIL(err, RC_INVALID, "the uploaded form is not UTF-8 text");
		list.p = arena_grow(a, list.p, list.n, &cap, sizeof *list.p);
		list.p[list.n++] = p;
		body = str_from(body, end + mark.n);
	}
	*out = list;
	return RC_OK;
}
