/* buf.c -- see buf.h. */
#include "base/buf.h"
#include "base/arena.h"
#include <stdio.h>

void buf_init(struct buf *b, size_t max_bytes)
{
	*b = (struct buf){.max_bytes = max_bytes ? max_bytes : BUF_MAX_DEFAULT_BYTES};
}

void buf_done(struct buf *b)
{
	if (b == NULL)
		return;
	mem_resize(b->p, 0);
	*b = (struct buf){.max_bytes = b->max_bytes};
}

void buf_clear(struct buf *b)
{
	if (b->p)
		explicit_bzero(b->p, b->n);
	b->n = 0;
	b->over = false;
}

void buf_reserve(struct buf *b, size_t more)
{
	if (b->max_bytes == 0)
		b->max_bytes = BUF_MAX_DEFAULT_BYTES;
	if (more > b->max_bytes || b->n > b->max_bytes - more) {
		b->over = true;
		return;
	}
	size_t need = b->n + more + 1;
	if (need <= b->cap)
		return;
	size_t cap = b->cap ? b->cap * 2 : 256;
	if (cap < need)
		cap = need;
	b->p = mem_resize(b->p, cap);
	b->cap = cap;
}

void buf_add(struct buf *b, str s)
{
	if (b->over)
		return;
	buf_reserve(b, s.n);
	if (b->over)
		return;
	if (s.n > 0)
		memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
	b->p[b->n] = 0;
}

void buf_puts(struct buf *b, const char *c)
{
	buf_add(b, str_of(c));
}

void buf_putc(struct buf *b, char c)
{
	buf_add(b, (str){&c, 1});
}

void buf_u64(struct buf *b, uint64_t v)
{
	char digits[20];
	size_t at = sizeof digits;
	do
		digits[--at] = (char)('0' + v % 10);
	while ((v /= 10) != 0);
	buf_add(b, (str){digits + at, sizeof digits - at});
}

void buf_i64(struct buf *b, int64_t v)
{
	if (v < 0)
		buf_putc(b, '-');
	buf_u64(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void buf_printf(struct buf *b, const char *format, ...)
{
	if (b->over)
		return;
	char most[256];
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int n = vsnprintf(most, sizeof most, format, args);
	va_end(args);
	if (n >= 0)
		buf_reserve(b, (size_t)n);
	if (n >= 0 && !b->over) {
		if ((size_t)n < sizeof most)
			memcpy(b->p + b->n, most, (size_t)n + 1);
		else
			vsnprintf(b->p + b->n, (size_t)n + 1, format, again);
		b->n += (size_t)n;
	}
	va_end(again);
}
