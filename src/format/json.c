/* json.c -- see json.h. The writer scans eight bytes at a time for what must be escaped; most texts need nothing. */
#include "format/json.h"
#include "base/map.h"
#include "base/utf8.h"
#include <assert.h>

void json_init(struct json *j, struct buf *out)
{
	*j = (struct json){.out = out};
}

/* Room for n bytes: where they may be written, or NULL when the cap is reached. */
static inline char *room(struct buf *b, size_t n)
{
	if (b->over)
		return NULL;
	if (b->n + n + 1 > b->cap || b->n + n > b->max_bytes) {
		buf_reserve(b, n);
		if (b->over)
			return NULL;
	}
	return b->p + b->n;
}

static inline void wrote(struct buf *b, char *end)
{
	b->n = (size_t)(end - b->p);
	*end = 0;
}

/* True when one of the eight bytes is below 0x20, a quote or a backslash (bit tricks: S. E. Anderson, "Bit Twiddling
 * Hacks", haszero and hasless; a byte of 0x80 and more is never reported). */
static inline bool needs_escape(uint64_t w)
{
	const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
	uint64_t quote = w ^ (ones * '"'), slash = w ^ (ones * '\\');
	uint64_t low = (w - ones * 0x20) & ~w;
	return ((low | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) & high) != 0;
}

static char *escape_byte(char *to, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char shorts[32] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
	*to++ = '\\';
	if (c == '"' || c == '\\') {
		*to++ = (char)c;
	} else if (shorts[c]) {
		*to++ = shorts[c];
	} else {
		memcpy(to, "u00", 3);
		to[3] = hex[c >> 4];
		to[4] = hex[c & 15];
		to += 5;
	}
	return to;
}

static char *escape_slow(char *to, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];
		if (c < 0x20 || c == '"' || c == '\\')
			to = escape_byte(to, c);
		else
			*to++ = (char)c;
	}
	return to;
}

static inline uint64_t load8(const char *p)
{
	uint64_t w;
	memcpy(&w, p, 8);
	return w;
}

/* Fewer than eight bytes: two loads of four that overlap, else one by one. */
static inline char *escape_short(char *to, const char *p, size_t n)
{
	if (n >= 4) {
		uint32_t head, tail;
		memcpy(&head, p, 4);
		memcpy(&tail, p + n - 4, 4);
		if (!needs_escape((uint64_t)head << 32 | tail)) {
			memcpy(to, &head, 4);
			memcpy(to + n - 4, &tail, 4);
			return to + n;
		}
	}
	return escape_slow(to, p, n);
}

static inline char *escape(char *to, const char *p, size_t n)
{
	if (n < 8)
		return escape_short(to, p, n);
	size_t i = 0;
	for (; i + 8 <= n; i += 8) {
		uint64_t w = load8(p + i);
		if (needs_escape(w)) {
			to = escape_slow(to, p + i, 8);
		} else {
			memcpy(to, &w, 8);
			to += 8;
		}
	}
	if (i == n)
		return to;
	/* The rest by the last eight bytes: where they are clean, what they overlap stands 1:1 behind `to`. */
	uint64_t last = load8(p + n - 8);
	if (needs_escape(last))
		return escape_slow(to, p + i, n - i);
	to += n - i;
	memcpy(to - 8, &last, 8);
	return to;
}

void json_quote(struct buf *b, str s)
{
	enum { PIECE = 4096 };
	buf_putc(b, '"');
	while (s.n > 0) {
		size_t n = s.n < PIECE ? s.n : PIECE;
		/* Near the cap the worst case may not fit though the text does: then byte by byte. */
		size_t left = b->max_bytes > b->n ? b->max_bytes - b->n : 0;
		if (n * 6 > left)
			n = 1;
		char *to = room(b, n == 1 ? 6 : n * 6);
		if (to == NULL)
			return;
		wrote(b, escape(to, s.p, n));
		s = str_from(s, n);
	}
	buf_putc(b, '"');
}

/* Opens a value: the comma and the bytes of a fixed word. */
static inline void word(struct json *j, const char *p, size_t n)
{
	char *to = room(j->out, n + 1);
	if (to == NULL)
		return;
	if (j->comma)
		*to++ = ',';
	memcpy(to, p, n);
	wrote(j->out, to + n);
}

static void close(struct json *j, char c)
{
	char *to = room(j->out, 1);
	if (to) {
		*to = c;
		wrote(j->out, to + 1);
	}
	j->comma = true;
}

void json_object(struct json *j)
{
	word(j, "{", 1);
	j->comma = false;
}

void json_object_end(struct json *j)
{
	close(j, '}');
}

void json_array(struct json *j)
{
	word(j, "[", 1);
	j->comma = false;
}

void json_array_end(struct json *j)
{
	close(j, ']');
}

/* A text with the comma before it and `after` behind it. */
static inline void quoted(struct json *j, str s, char after)
{
	struct buf *b = j->out;
	if (s.n <= 1024 && b->max_bytes - b->n > 6 * 1024 + 4) {
		char *to = room(b, s.n * 6 + 4);
		if (to == NULL)
			return;
		if (j->comma)
			*to++ = ',';
		*to++ = '"';
		to = escape(to, s.p, s.n);
		*to++ = '"';
		if (after)
			*to++ = after;
		wrote(b, to);
	} else {
		if (j->comma)
			buf_putc(b, ',');
		json_quote(b, s);
		if (after)
			buf_putc(b, after);
	}
}

void json_str(struct json *j, str s)
{
	quoted(j, s, 0);
	j->comma = true;
}

void json_key_str(struct json *j, str key)
{
	quoted(j, key, ':');
	j->comma = false;
}

void json_key(struct json *j, const char *key)
{
	json_key_str(j, str_of(key));
}

void json_cstr(struct json *j, const char *c)
{
	if (c)
		json_str(j, str_of(c));
	else
		json_null(j);
}

/* Decimal digits of v at the end of text[20]; returns where they begin. */
static size_t digits(uint64_t v, char text[20])
{
	size_t at = 20;
	do
		text[--at] = (char)('0' + v % 10);
	while ((v /= 10) != 0);
	return at;
}

void json_i64(struct json *j, int64_t v)
{
	char text[21];
	size_t at = 1 + digits(v < 0 ? 0 - (uint64_t)v : (uint64_t)v, text + 1);
	if (v < 0)
		text[--at] = '-';
	word(j, text + at, sizeof text - at);
	j->comma = true;
}

void json_bool(struct json *j, bool v)
{
	if (v)
		word(j, "true", 4);
	else
		word(j, "false", 5);
	j->comma = true;
}

void json_null(struct json *j)
{
	word(j, "null", 4);
	j->comma = true;
}

void json_decimal(struct json *j, int64_t scaled, int scale)
{
	assert(scale >= 0 && scale <= 18);
	char text[20], out[48];
	size_t at = digits(scaled < 0 ? 0 - (uint64_t)scaled : (uint64_t)scaled, text), n = 0;
	while (sizeof text - at <= (size_t)scale)
		text[--at] = '0';
	if (scaled < 0)
		out[n++] = '-';
	for (; at < sizeof text; at++) {
		if (sizeof text - at == (size_t)scale)
			out[n++] = '.';
		out[n++] = text[at];
	}
	word(j, out, n);
	j->comma = true;
}

void json_raw(struct json *j, str value)
{
	word(j, value.p, value.n);
	j->comma = true;
}

void json_put_str(struct json *j, const char *key, str s)
{
	json_key(j, key);
	json_str(j, s);
}

void json_put_cstr(struct json *j, const char *key, const char *c)
{
	json_key(j, key);
	json_cstr(j, c);
}

void json_put_i64(struct json *j, const char *key, int64_t v)
{
	json_key(j, key);
	json_i64(j, v);
}

void json_put_bool(struct json *j, const char *key, bool v)
{
	json_key(j, key);
	json_bool(j, v);
}

/* ---- reading: recursive descent, depth capped ---- */

struct scan {
	struct arena *a;
	str s;
	size_t at, values;
	int depth;
	struct err *err;
};

static enum rc value(struct scan *w, struct json_v *out);

static enum rc broken(struct scan *w, const char *what)
{
	return FAIL(w->err, RC_INVALID, "not valid JSON at byte %zu: %s", w->at + 1, what);
}

static char here(const struct scan *w)
{
	return w->at < w->s.n ? w->s.p[w->at] : 0;
}

static void blanks(struct scan *w)
{
	while (w->at < w->s.n && (here(w) == ' ' || here(w) == '\t' || here(w) == '\n' || here(w) == '\r'))
		w->at++;
}

static bool take(struct scan *w, char c)
{
	if (w->at >= w->s.n || w->s.p[w->at] != c)
		return false;
	w->at++;
	return true;
}

/* The four hex digits of \uXXXX at w->at, or -1. */
static int unit(const struct scan *w)
{
	int v = 0;
	if (w->at + 6 > w->s.n || w->s.p[w->at] != '\\' || w->s.p[w->at + 1] != 'u')
		return -1;
	for (size_t i = w->at + 2; i < w->at + 6; i++) {
		int c = w->s.p[i], low = c | 32;
		int d = c >= '0' && c <= '9' ? c - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
		if (d < 0)
			return -1;
		v = v * 16 + d;
	}
	return v;
}

/* One escape at w->at, written to *to. */
static enum rc escaped(struct scan *w, char **to)
{
	static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
	char c = w->at + 1 < w->s.n ? w->s.p[w->at + 1] : 0;
	if (c != 'u') {
		const char *which = c ? strchr(from, c) : NULL;
		if (which == NULL)
			return broken(w, tr("unknown escape"));
		*(*to)++ = into[which - from];
		w->at += 2;
		return RC_OK;
	}
	int v = unit(w);
	if (v <= 0)
		return broken(w, v == 0 ? tr("the character U+0000 is not accepted") : tr("unknown escape"));
	if (v >= 0xDC00 && v <= 0xDFFF)
		return broken(w, tr("half a surrogate pair"));
	w->at += 6;
	if (v >= 0xD800 && v <= 0xDBFF) {
		int second = unit(w);
		if (second < 0xDC00 || second > 0xDFFF)
			return broken(w, tr("half a surrogate pair"));
		v = 0x10000 + ((v - 0xD800) << 10) + (second - 0xDC00);
		w->at += 6;
	}
	*to += utf8_put((uint32_t)v, *to);
	return RC_OK;
}

static enum rc text(struct scan *w, str *out)
{
	size_t from = ++w->at;
	bool plain = true;
	while (w->at < w->s.n && here(w) != '"') {
		if ((unsigned char)here(w) < 0x20)
			return broken(w, tr("a control character inside a text"));
		plain = plain && here(w) != '\\';
		w->at += here(w) == '\\' ? 2 : 1;
	}
	if (w->at >= w->s.n)
		return broken(w, tr("the text does not end"));
	size_t end = w->at;
	if (plain) {
		*out = arena_str(w->a, (str){w->s.p + from, end - from});
	} else {
		char *begin = arena_alloc(w->a, end - from + 1), *to = begin; /* an escape is never shorter */
		for (w->at = from; w->at < end;)
			if (here(w) == '\\')
				TRY(escaped(w, &to));
			else
				*to++ = w->s.p[w->at++];
		*out = (str){begin, (size_t)(to - begin)};
	}
	w->at = end + 1;
	return RC_OK;
}

static size_t digit_run(struct scan *w)
{
	size_t from = w->at;
	while (here(w) >= '0' && here(w) <= '9')
		w->at++;
	return w->at - from;
}

static enum rc number(struct scan *w, struct json_v *out)
{
	size_t from = w->at;
	take(w, '-');
	size_t first = w->at, n = digit_run(w);
	bool good = n > 0 && (n == 1 || w->s.p[first] != '0'), whole = true;
	if (good && take(w, '.')) {
		whole = false;
		good = digit_run(w) > 0;
	}
	if (good && (take(w, 'e') || take(w, 'E'))) {
		whole = false;
		if (!take(w, '+'))
			take(w, '-');
		good = digit_run(w) > 0;
	}
	if (!good)
		return broken(w, tr("this is not a number"));
	out->text = arena_str(w->a, (str){w->s.p + from, w->at - from});
	out->kind = whole ? JSON_INT : JSON_NUMBER;
	if (whole && !str_i64(out->text, &out->i))
		return FAIL(w->err, RC_INVALID, "JSON: the number %.*s is too large", STR_ARG(out->text));
	return RC_OK;
}

static enum rc array(struct scan *w, struct json_v *out)
{
	size_t cap = 0;
	w->at++;
	out->kind = JSON_ARRAY;
	blanks(w);
	if (take(w, ']'))
		return RC_OK;
	do {
		out->items = arena_grow(w->a, out->items, out->n, &cap, sizeof *out->items);
		struct json_v item = {0};
		TRY(value(w, &item));
		out->items[out->n++] = item;
	} while (take(w, ','));
	return take(w, ']') ? RC_OK : broken(w, tr("a comma or ] was expected"));
}

static enum rc object(struct scan *w, struct json_v *out, struct map *keys)
{
	size_t cap = 0;
	w->at++;
	out->kind = JSON_OBJECT;
	blanks(w);
	if (take(w, '}'))
		return RC_OK;
	do {
		out->members = arena_grow(w->a, out->members, out->n, &cap, sizeof *out->members);
		struct json_member m = {0};
		blanks(w);
		if (here(w) != '"')
			return broken(w, tr("a key in quotes was expected"));
		TRY(text(w, &m.key));
		if (map_get(keys, m.key))
			return FAIL(w->err, RC_INVALID, "JSON: the key “%.*s” stands twice in one object",
				STR_ARG(m.key));
		map_put(keys, m.key, w);
		blanks(w);
		if (!take(w, ':'))
			return broken(w, tr("a colon was expected"));
		TRY(value(w, &m.value));
		out->members[out->n++] = m;
	} while (take(w, ','));
	return take(w, '}') ? RC_OK : broken(w, tr("a comma or } was expected"));
}

static enum rc word_value(struct scan *w, struct json_v *out)
{
	static const struct {
		const char *spelling;
		enum json_kind kind;
		int64_t i;
	} words[] = {{"true", JSON_BOOL, 1}, {"false", JSON_BOOL, 0}, {"null", JSON_NULL, 0}};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_starts(str_from(w->s, w->at), str_of(words[i].spelling))) {
			w->at += strlen(words[i].spelling);
			out->kind = words[i].kind;
			out->i = words[i].i;
			return RC_OK;
		}
	return broken(w, w->at < w->s.n ? tr("a value was expected") : tr("the text ends too early"));
}

static enum rc value(struct scan *w, struct json_v *out)
{
	enum rc rc;
	if (++w->values > JSON_VALUES_MAX)
		return FAIL(w->err, RC_LIMIT, "JSON with more than %d values", JSON_VALUES_MAX);
	blanks(w);
	char c = here(w);
	if (++w->depth > JSON_DEPTH_MAX && (c == '{' || c == '['))
		return FAIL(w->err, RC_LIMIT, "JSON nested deeper than %d", JSON_DEPTH_MAX);
	if (c == '{') {
		struct map keys = {0};
		rc = object(w, out, &keys);
		map_done(&keys);
	} else if (c == '[') {
		rc = array(w, out);
	} else if (c == '"') {
		out->kind = JSON_STRING;
		rc = text(w, &out->text);
	} else if (c == '-' || (c >= '0' && c <= '9')) {
		rc = number(w, out);
	} else {
		rc = word_value(w, out);
	}
	w->depth--;
	blanks(w);
	return rc;
}

enum rc json_read(struct arena *a, str bytes, size_t max_bytes, struct json_v **out_value, struct err *err)
{
	if (max_bytes == 0)
		max_bytes = 16 << 20;
	if (bytes.n > max_bytes)
		return FAIL(err, RC_LIMIT, "JSON of %zu bytes; at most %zu are read", bytes.n, max_bytes);
	if (!utf8_clean(bytes))
		return FAIL(err, RC_INVALID, "JSON must be UTF-8");
	struct scan w = {.a = a, .s = bytes, .err = err};
	struct json_v *v = NEW(a, struct json_v);
	TRY(value(&w, v));
	if (w.at < bytes.n)
		return broken(&w, tr("something follows the value"));
	*out_value = v;
	return RC_OK;
}

const struct json_v *json_get(const struct json_v *object, const char *key)
{
	if (object == NULL || object->kind != JSON_OBJECT)
		return NULL;
	for (size_t i = 0; i < object->n; i++)
		if (str_is(object->members[i].key, key))
			return &object->members[i].value;
	return NULL;
}

str json_get_str(const struct json_v *object, const char *key)
{
	const struct json_v *v = json_get(object, key);
	return v && v->kind == JSON_STRING ? v->text : (str){NULL, 0};
}

bool json_get_i64(const struct json_v *object, const char *key, int64_t *out)
{
	const struct json_v *v = json_get(object, key);
	if (v == NULL || v->kind != JSON_INT)
		return false;
	*out = v->i;
	return true;
}
