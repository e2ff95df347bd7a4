/* sums.c -- see sums.h. Layout of a seen.where, from the top: year 12 bits, figure 10, by_org 1, era or organisation 40,
 * after 1; sorted by (reference, where) all notes of one reference, year and figure stand together. */
#include "figure/sums.h"
#include <assert.h>
#include <stdlib.h>

enum { KEEP_SLOTS = 4096, SEEN_DROP_TWICE = 1 << 18 };

uint64_t cell_pack(struct cell_address at)
{
	assert(at.org >= 0 && at.org < (INT64_C(1) << 35) && at.span < (1u << 16));
	assert(at.number >= 0 && at.number < FIGURE_NUMBERS_MAX && at.part >= 0 && at.part < PARTS);
	return (uint64_t)at.org << 29 | (uint64_t)at.span << 13 | (uint64_t)at.number << 3 |
	       (uint64_t)at.part;
}

struct cell_address cell_unpack(uint64_t key)
{
	return (struct cell_address){.org = (int64_t)(key >> 29),
		.span = (uint32_t)(key >> 13) & 0xFFFF,
		.number = (int)(key >> 3) & 1023,
		.part = (int)key & 7};
}

static void imap_empty(struct imap *m)
{
	if (m->cap > KEEP_SLOTS)
		imap_done(m);
	else
		imap_clear(m);
}

void sums_done(struct sums *s)
{
	imap_done(&s->by_era);
	imap_done(&s->by_org);
	s->seen = mem_resize(s->seen, 0);
	*s = (struct sums){0};
}

void sums_reset(struct sums *s)
{
	imap_empty(&s->by_era);
	imap_empty(&s->by_org);
	if (s->seen_cap > KEEP_SLOTS) {
		s->seen = mem_resize(s->seen, 0);
		s->seen_cap = 0;
	}
	s->seen_n = 0;
	s->sorted = false;
}

void sums_add(struct sums *s, uint32_t era, uint32_t span, int number, int part, int64_t delta)
{
	*imap_at(&s->by_era,
		cell_pack((struct cell_address){.org = era, .span = span, .number = number, .part = part})) +=
		delta;
}

void sums_add_org(struct sums *s, int64_t org, uint32_t span, int number, int part, int64_t delta)
{
	*imap_at(&s->by_org,
		cell_pack((struct cell_address){.org = org, .span = span, .number = number, .part = part})) +=
		delta;
}

void sums_roll(struct sums *s, const struct eras *e)
{
	for (size_t i = 0; i < s->by_era.cap; i++) {
		const struct imap_slot *slot = &s->by_era.slots[i];
		if (!slot->used || slot->value == 0)
			continue;
		struct cell_address at = cell_unpack(slot->key);
		const struct era *era = eras_get(e, (uint32_t)at.org);
		for (uint32_t k = 0; k < era->anc_n; k++) {
			at.org = era->anc[k];
			*imap_at(&s->by_org, cell_pack(at)) += slot->value;
		}
	}
	imap_empty(&s->by_era);
}

static int by_key(const void *x, const void *y)
{
	uint64_t a = ((const struct cell_delta *)x)->key, b = ((const struct cell_delta *)y)->key;
	return (a > b) - (a < b);
}

struct cell_delta *sums_list(struct arena *a, const struct sums *s, size_t *out_n)
{
	size_t n = 0;
	struct cell_delta *list = NEWS(a, s->by_org.n + 1, struct cell_delta);
	for (size_t i = 0; i < s->by_org.cap; i++) {
		const struct imap_slot *slot = &s->by_org.slots[i];
		if (slot->used && slot->value != 0)
			list[n++] = (struct cell_delta){slot->key, slot->value};
	}
	if (n > 1)
		qsort(list, n, sizeof *list, by_key);
	*out_n = n;
	return list;
}

/* ---- presence ---- */

static int by_seen(const void *x, const void *y)
{
	const struct seen *a = x, *b = y;
	if (a->reference != b->reference)
		return a->reference > b->reference ? 1 : -1;
	return (a->where > b->where) - (a->where < b->where);
}

/* Room for one more: large lists first drop what they hold twice. */
static void make_room(struct sums *s)
{
	if (s->seen_cap >= SEEN_DROP_TWICE) {
		size_t n = 0;
		qsort(s->seen, s->seen_n, sizeof *s->seen, by_seen);
		for (size_t i = 0; i < s->seen_n; i++)
			if (n == 0 || by_seen(&s->seen[i], &s->seen[n - 1]) != 0)
				s->seen[n++] = s->seen[i];
		s->seen_n = n;
		if (n < s->seen_cap / 2)
			return;
	}
	s->seen_cap = s->seen_cap ? s->seen_cap * 2 : 256;
	s->seen = mem_resize(s->seen, s->seen_cap * sizeof *s->seen);
}

void sums_saw(struct sums *s, int number, int year, uint64_t at, bool by_org, int64_t reference, bool after)
{
	assert(year >= 0 && year < 4096 && number >= 0 && number < FIGURE_NUMBERS_MAX);
	assert(at < (UINT64_C(1) << 40) && reference >= 0);
	if (s->seen_n == s->seen_cap)
		make_room(s);
	s->seen[s->seen_n++] = (struct seen){
		(uint64_t)reference, (uint64_t)year << 52 | (uint64_t)number << 42 | (uint64_t)by_org << 41 |
					     at << 1 | (uint64_t)after};
	s->sorted = false;
}

/* Is every place of [i, end) seen both before and after? Then no ancestor changes either. */
static bool same_places(const struct seen *seen, size_t i, size_t end)
{
	while (i < end) {
		uint64_t place = seen[i].where >> 1;
		unsigned both = 0;
		for (; i < end && seen[i].where >> 1 == place; i++)
			both |= seen[i].where & 1 ? 2 : 1;
		if (both != 3)
			return false;
	}
	return true;
}

struct leaf {
	int64_t org;
	int side; /* 1 before, 2 after */
};

static int by_leaf(const void *x, const void *y)
{
	const struct leaf *a = x, *b = y;
	return (a->org > b->org) - (a->org < b->org);
}

/* The places of [i, end) rolled up: organisations where only one side stands. */
static void roll_places(struct arena *a, const struct seen *seen, size_t i, size_t end, const struct eras *e,
	struct presence *out)
{
	struct leaf *leaves = NULL;
	size_t n = 0, cap = 0;
	uint64_t last = UINT64_MAX;
	for (; i < end; i++) {
		if (seen[i].where == last)
			continue;
		last = seen[i].where;
		int side = last & 1 ? 2 : 1;
		uint64_t at = last >> 1 & ((UINT64_C(1) << 40) - 1);
		int64_t one = (int64_t)at;
		const int64_t *orgs = &one;
		uint32_t orgs_n = 1;
		if (!(last >> 41 & 1)) {
			const struct era *era = eras_get(e, (uint32_t)at);
			orgs = era->anc;
			orgs_n = era->anc_n;
		}
		for (uint32_t k = 0; k < orgs_n; k++) {
			leaves = arena_grow(a, leaves, n, &cap, sizeof *leaves);
			leaves[n++] = (struct leaf){orgs[k], side};
		}
	}
	if (n > 1)
		qsort(leaves, n, sizeof *leaves, by_leaf);
	int64_t *orgs = NEWS(a, n + 1, int64_t);
	int8_t *by = NEWS(a, n + 1, int8_t);
	out->n = 0;
	for (size_t k = 0; k < n;) {
		int64_t org = leaves[k].org;
		int sides = 0;
		for (; k < n && leaves[k].org == org; k++)
			sides |= leaves[k].side;
		if (sides == 3)
			continue;
		orgs[out->n] = org;
		by[out->n++] = sides == 2 ? 1 : -1;
	}
	out->orgs = orgs;
	out->by = by;
}

bool sums_presence_next(
	struct arena *a, struct sums *s, const struct eras *e, size_t *cursor, struct presence *out)
{
	if (!s->sorted && s->seen_n > 1)
		qsort(s->seen, s->seen_n, sizeof *s->seen, by_seen);
	s->sorted = true;
	while (*cursor < s->seen_n) {
		size_t i = *cursor, end = i;
		uint64_t group = s->seen[i].where >> 42;
		while (end < s->seen_n && s->seen[end].reference == s->seen[i].reference &&
			s->seen[end].where >> 42 == group)
			end++;
		*cursor = end;
		if (same_places(s->seen, i, end))
			continue;
		*out = (struct presence){.reference = (int64_t)s->seen[i].reference,
			.number = (int)(group & 1023),
			.year = (int)(group >> 10)};
		roll_places(a, s->seen, i, end, e, out);
		if (out->n > 0)
			return true;
	}
	return false;
}
