/* arena.h -- memory with one lifetime.
 * A request, a command, a test owns one arena; what it allocates lives until arena_done or arena_reset. A function
 * whose first parameter is `struct arena *a` puts its result there; nobody frees a result. Memory is zeroed.
 * What an arena or a piece of mem_resize held is zeros once it is given back: names and notes that a request opened do not
 * stay in memory after it (security.md, item 46; tests/flow/test_permissions.py looks).
 * Out of memory ends the process (there is no answer worth giving); a caller bounds what strangers can ask for.
 * malloc and free stand nowhere outside base/. Not for two threads at once. */
#pragma once
#include "base/attr.h"
#include "base/str.h"
#include <stdarg.h>
#include <stddef.h>

struct arena {
	struct arena_block *block;
	size_t used_bytes; /* of all blocks */
};

void arena_init(struct arena *a);  /* {0} does as well */
void arena_done(struct arena *a);  /* frees all; a is empty again */
void arena_reset(struct arena *a); /* as done, but keeps one block for reuse */

void *arena_alloc(struct arena *a, size_t bytes);                /* aligned to 16, zeroed */
void *arena_array(struct arena *a, size_t n, size_t size_bytes); /* checks n * size */
/* Grow *cap so that n + 1 elements fit; returns the array, moved if need be. For lists built one by one. */
void *arena_grow(struct arena *a, void *array, size_t n, size_t *cap, size_t size_bytes);
str arena_str(struct arena *a, str s);    /* a copy, with a NUL behind it */
char *arena_cstr(struct arena *a, str s); /* the same as C string */
char *arena_printf(struct arena *a, const char *format, ...) PRINTF_LIKE(2, 3);
str arena_fmt(struct arena *a, const char *format, ...) PRINTF_LIKE(2, 3);

#define NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define NEWS(a, n, type) ((type *)arena_array((a), (n), sizeof(type)))

/* Long-lived memory that a module resizes itself (base/buf, queues). Zero on growth is the caller's matter. */
void *mem_resize(void *p, size_t bytes); /* bytes 0 frees and returns NULL */

/* For a program that stays up: what it gave up goes back to the system. Blocks of MEM_MAP_BYTES and more are mapped one by
 * one and unmapped when freed; left to itself the C library raises that bound to the largest block it has ever seen freed,
 * and keeps large ones between small ones that stay. Before any thread. */
enum { MEM_MAP_BYTES = 128 << 10 };
void mem_stay(void);
