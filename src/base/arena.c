/* arena.c -- see arena.h. Blocks are chained, each twice the last up to 1 MB. */
#include "base/arena.h"
#include <assert.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK_MIN_BYTES = 4096, BLOCK_MAX_BYTES = 1 << 20, ALIGN_BYTES = 16 };

struct arena_block {
	struct arena_block *next;
	size_t size_bytes, used_bytes;
	_Alignas(ALIGN_BYTES) char bytes[];
};

/* Before each piece its size stands, so that it can be wiped when it goes. */
struct piece {
	_Alignas(ALIGN_BYTES) size_t bytes;
};

static void let_go(void *p, size_t wipe_bytes)
{
	explicit_bzero(p, wipe_bytes);
	free((struct piece *)p - 1);
}

void *mem_resize(void *p, size_t bytes)
{
	struct piece *to = NULL;
	size_t had = p ? ((struct piece *)p - 1)->bytes : 0;
	if (bytes > 0) {
		to = malloc(sizeof *to + bytes); /* no realloc: what it leaves behind could not be wiped */
		if (to == NULL) {
			fputs("qinghe: out of memory\n", stderr);
			abort();
		}
		*to++ = (struct piece){bytes};
		if (had > 0)
			memcpy(to, p, had < bytes ? had : bytes);
	}
	if (p)
		let_go(p, had);
	return to;
}

void mem_stay(void)
{
	mallopt(M_MMAP_THRESHOLD, MEM_MAP_BYTES);
	mallopt(M_TRIM_THRESHOLD, 4 * MEM_MAP_BYTES);
}

void arena_init(struct arena *a)
{
	*a = (struct arena){0};
}

void arena_done(struct arena *a)
{
	if (a == NULL)
		return;
	for (struct arena_block *b = a->block, *next; b; b = next) {
		next = b->next;
		let_go(b, sizeof *b + b->used_bytes);
	}
	*a = (struct arena){0};
}

void arena_reset(struct arena *a)
{
	struct arena_block *keep = a->block;
	if (keep == NULL)
		return;
	for (struct arena_block *b = keep->next, *next; b; b = next) {
		next = b->next;
		let_go(b, sizeof *b + b->used_bytes);
	}
	explicit_bzero(keep->bytes, keep->used_bytes);
	keep->next = NULL;
	keep->used_bytes = 0;
	a->used_bytes = keep->size_bytes;
}

void *arena_alloc(struct arena *a, size_t bytes)
{
	assert(bytes < SIZE_MAX / 2);
	size_t need = (bytes + ALIGN_BYTES - 1) / ALIGN_BYTES * ALIGN_BYTES;
	struct arena_block *b = a->block;
	if (b == NULL || b->size_bytes - b->used_bytes < need) {
		size_t size = b ? b->size_bytes * 2 : BLOCK_MIN_BYTES;
		if (size > BLOCK_MAX_BYTES)
			size = BLOCK_MAX_BYTES;
		if (size < need)
			size = need;
		b = mem_resize(NULL, sizeof *b + size);
		b->size_bytes = size;
		b->used_bytes = 0;
		b->next = a->block;
		a->block = b;
		a->used_bytes += size;
	}
	void *p = b->bytes + b->used_bytes;
	b->used_bytes += need;
	return memset(p, 0, need);
}

void *arena_array(struct arena *a, size_t n, size_t size_bytes)
{
	size_t bytes;
	bool over = __builtin_mul_overflow(n, size_bytes, &bytes);
	assert(!over);
	(void)over;
	return arena_alloc(a, bytes);
}

void *arena_grow(struct arena *a, void *array, size_t n, size_t *cap, size_t size_bytes)
{
	if (n < *cap)
		return array;
	size_t more = *cap ? *cap * 2 : 8;
	void *p = arena_array(a, more, size_bytes);
	if (n > 0)
		memcpy(p, array, n * size_bytes);
	*cap = more;
	return p;
}

char *arena_cstr(struct arena *a, str s)
{
	char *p = arena_alloc(a, s.n + 1);
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return p;
}

str arena_str(struct arena *a, str s)
{
	return (str){arena_cstr(a, s), s.n};
}

static str format(struct arena *a, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
static str format(struct arena *a, const char *format, va_list args)
{
	char most[256]; /* most texts fit: printing is dear, copying is not */
	va_list again;
	va_copy(again, args);
	int n = vsnprintf(most, sizeof most, format, args);
	assert(n >= 0);
	char *p = arena_alloc(a, (size_t)n + 1);
	if ((size_t)n < sizeof most)
		memcpy(p, most, (size_t)n + 1);
	else
		vsnprintf(p, (size_t)n + 1, format, again);
	va_end(again);
	return (str){p, (size_t)n};
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	str s = format(a, fmt, args);
	va_end(args);
	return (char *)(uintptr_t)s.p;
}

str arena_fmt(struct arena *a, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	str s = format(a, fmt, args);
	va_end(args);
	return s;
}
