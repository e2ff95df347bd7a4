/* form.h -- what comes in an address or a body as names and values: queries, urlencoded and multipart forms, cookies.
 *
 * All texts are decoded, valid UTF-8 without U+0000 (else RC_INVALID: nothing half-read goes on). A name may come
 * several times; pairs keep their order. Decoded texts live in the arena; plain ones may point into the source, which
 * must live as long. Limits: PAIRS_MAX names, PARTS_MAX parts. */
#pragma once
#include "base/arena.h"
#include "base/err.h"

enum { PAIRS_MAX = 400, PARTS_MAX = 400 };

struct pair {
	str name, value;
};

struct pairs {
	struct pair *p;
	size_t n;
};

/* One part of a multipart form: a field (no filename) or a file. */
struct part {
	str name, filename, type, bytes; /* filename: last component only */
	bool is_file;
};

struct parts {
	struct part *p;
	size_t n;
};

/* %XX and, with plus, + for a blank. */
MUST_USE enum rc form_decode(struct arena *a, str text, bool plus, str *out, struct err *err);
MUST_USE enum rc form_query(struct arena *a, str query, struct pairs *out, struct err *err);
/* Cookie header: name=value; name=value. Broken ones are passed over. */
struct pairs form_cookies(struct arena *a, str header);
/* content_type: the whole header, with its boundary. Bytes of files are not looked at. */
MUST_USE enum rc form_multipart(
	struct arena *a, str content_type, str body, struct parts *out, struct err *err);

str pairs_get(const struct pairs *p, const char *name); /* the first; {NULL,0} when absent */
bool pairs_has(const struct pairs *p, const char *name);
