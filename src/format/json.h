/* json.h -- JSON out and in (RFC 8259).
 *
 * Out: a writer straight into a buf. It puts the commas; the caller only says what comes:
 *     struct json j;
 *     json_init(&j, &buf);
 *     json_object(&j);
 *         json_key(&j, "rows"); json_i64(&j, 12);
 *         json_put_str(&j, "name", name);            the two in one
 *         json_key(&j, "errors"); json_array(&j); ... json_array_end(&j);
 *     json_object_end(&j);
 * Texts must be valid UTF-8 (what the door let in is); control characters, quote and backslash are escaped. Keys are
 * escaped like texts. The buf's own cap holds (buf_ok). No floating point crosses: decimals are written by
 * json_decimal as scaled integers.
 *
 * In: json_read parses a whole text strictly into a tree in the arena, under caps on bytes, depth and number of
 * values. Refused besides what RFC 8259 refuses: bad UTF-8, U+0000 in texts, lone surrogates, a key twice in one
 * object, integers beyond 64 bits (json-c mends four of the five in silence, so it does not stand here). A number with fraction or exponent stays text (json_v.text). */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct json {
	struct buf *out;
	bool comma; /* a value stands before the next one */
};

void json_init(struct json *j, struct buf *out);
void json_object(struct json *j);
void json_object_end(struct json *j);
void json_array(struct json *j);
void json_array_end(struct json *j);
void json_key(struct json *j, const char *key);
void json_key_str(struct json *j, str key);
void json_str(struct json *j, str s);
void json_cstr(struct json *j, const char *c); /* NULL: null */
void json_i64(struct json *j, int64_t v);
void json_bool(struct json *j, bool v);
void json_null(struct json *j);
void json_decimal(struct json *j, int64_t scaled, int scale); /* 1250, 2 -> 12.50; scale 0..18 */
void json_raw(struct json *j, str value);                     /* a value that is JSON already */
void json_put_str(struct json *j, const char *key, str s);
void json_put_cstr(struct json *j, const char *key, const char *c);
void json_put_i64(struct json *j, const char *key, int64_t v);
void json_put_bool(struct json *j, const char *key, bool v);
/* A text as JSON, quotes and all, without a writer around it. */
void json_quote(struct buf *out, str s);

enum json_kind { JSON_NULL, JSON_BOOL, JSON_INT, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json_v {
	enum json_kind kind;
	int64_t i;                   /* bool, int */
	str text;                    /* string; number as written */
	struct json_member *members; /* object, in the order written */
	struct json_v *items;        /* array */
	size_t n;
};

struct json_member {
	str key;
	struct json_v value;
};

enum { JSON_DEPTH_MAX = 64, JSON_VALUES_MAX = 1000000 };

/* max_bytes 0: 16 MB. RC_LIMIT over a cap, RC_INVALID with the byte where it broke. */
MUST_USE enum rc json_read(
	struct arena *a, str text, size_t max_bytes, struct json_v **out_value, struct err *err);
const struct json_v *json_get(
	const struct json_v *object, const char *key);          /* NULL when absent or no object */
str json_get_str(const struct json_v *object, const char *key); /* {NULL,0} unless a string */
bool json_get_i64(const struct json_v *object, const char *key, int64_t *out);
