/* map.h -- hash tables in memory, open addressing, growing at 3/4; both own their memory (init, use, done).
 * map: text -> void pointer. The key slices must outlive the map (put them in an arena).
 * imap: 64-bit key -> 64-bit value, made for sums by difference. */
#pragma once
#include "base/str.h"

struct map {
	struct map_slot *slots;
	size_t n, cap;
};

void map_done(struct map *m);
void *map_get(const struct map *m, str key);       /* NULL when absent */
void map_put(struct map *m, str key, void *value); /* value not NULL; replaces */

struct imap_slot {
	uint64_t key;
	int64_t value;
	bool used;
};

struct imap {
	struct imap_slot *slots;
	size_t n, cap;
};

void imap_done(struct imap *m);
void imap_clear(struct imap *m); /* keeps the memory */
int64_t *imap_at(
	struct imap *m, uint64_t key); /* the value's place, made with 0 where absent; until the next call */
bool imap_has(const struct imap *m, uint64_t key, int64_t *out); /* out may be NULL */
