/* buf.h -- a growing run of bytes with a declared maximum.
 * Owns its memory: buf_init, use, buf_done (NULL and {0} allowed). Past max_bytes nothing more is added and
 * `over` stays set: a writer checks it once, at the end, by buf_ok. b.p always ends in a NUL that is not counted. */
#pragma once
#include "base/attr.h"
#include "base/str.h"

enum { BUF_MAX_DEFAULT_BYTES = 256 << 20 };

struct buf {
	char *p;
	size_t n, cap, max_bytes;
	bool over;
};

void buf_init(struct buf *b, size_t max_bytes); /* 0: BUF_MAX_DEFAULT_BYTES */
void buf_done(struct buf *b);
void buf_clear(struct buf *b); /* keeps the memory, as zeros */
void buf_reserve(struct buf *b, size_t more_bytes);
void buf_add(struct buf *b, str s);
void buf_puts(struct buf *b, const char *c);
void buf_putc(struct buf *b, char c);
void buf_u64(struct buf *b, uint64_t v); /* decimal */
void buf_i64(struct buf *b, int64_t v);
void buf_printf(struct buf *b, const char *format, ...) PRINTF_LIKE(2, 3);
static inline str buf_str(const struct buf *b)
{
	return (str){b->p, b->n};
}
static inline bool buf_ok(const struct buf *b)
{
	return !b->over;
}
