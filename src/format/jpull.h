/* jpull.h -- reading JSON (RFC 8259) piece by piece in bounded memory, for inputs too large for a tree.
 * Strict: no comments, no trailing commas, no leading zeros, one value and nothing behind it; strings are checked to be
 * UTF-8, lone surrogates are refused. Depth is at most JPULL_DEPTH_MAX, a string or number at most JPULL_TEXT_MAX_BYTES.
 *
 *	struct jpull p;
 *	jpull_init(&p, read, ctx);         read(ctx, to, cap) gives bytes, 0 at the end, < 0 on a fault
 *	for (enum jpull_kind k; (k = jpull_next(&p)) > JPULL_END;) ...
 *	if (p.fault) -> at p.line, p.column; jpull_done(&p)
 *
 * p.text (decoded string or key, spelled number) stands until the next call. Keys are not looked at for doubles. */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include <sys/types.h>

enum { JPULL_DEPTH_MAX = 256, JPULL_TEXT_MAX_BYTES = 16 << 20, JPULL_CHUNK_BYTES = 64 << 10 };

enum jpull_kind {
	JPULL_BAD, /* p.fault says what; every later call is JPULL_BAD too */
	JPULL_END,
	JPULL_OBJECT,
	JPULL_OBJECT_END,
	JPULL_ARRAY,
	JPULL_ARRAY_END,
	JPULL_KEY,
	JPULL_STRING,
	JPULL_NUMBER,
	JPULL_TRUE,
	JPULL_FALSE,
	JPULL_NULL
};

typedef ssize_t jpull_read(void *ctx, char *to, size_t cap);

struct jpull {
	str text;
	const char *fault; /* N_() text */
	long long line;    /* from 1 */
	/* private from here */
	jpull_read *read;
	void *ctx;
	char *chunk;
	size_t at, n;
	long long before, line_start; /* bytes in earlier chunks; offset where this line begins */
	struct buf scratch;
	int depth;
	unsigned char state;
	bool ended;
	unsigned char is_object[JPULL_DEPTH_MAX];
};

void jpull_init(struct jpull *p, jpull_read *read, void *ctx);
void jpull_init_str(struct jpull *p, str *bytes); /* reads *bytes, which moves on */
void jpull_done(struct jpull *p);
enum jpull_kind jpull_next(struct jpull *p);
/* The rest of the value that began with kind (nothing for a scalar). False on a fault. */
MUST_USE bool jpull_skip(struct jpull *p, enum jpull_kind kind);
long long jpull_column(const struct jpull *p);
/* p.fault as an error with line and column; name is the file's. */
enum rc jpull_fail(const struct jpull *p, const char *name, struct err *err);
