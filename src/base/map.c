/* map.c -- see map.h. */
#include "base/map.h"
#include "base/arena.h"

struct map_slot {
	str key;
	void *value;
};

void map_done(struct map *m)
{
	mem_resize(m->slots, 0);
	*m = (struct map){0};
}

static struct map_slot *map_slot(const struct map *m, str key)
{
	size_t i = (size_t)str_hash(key) & (m->cap - 1);
	while (m->slots[i].value && !str_eq(m->slots[i].key, key))
		i = (i + 1) & (m->cap - 1);
	return &m->slots[i];
}

void *map_get(const struct map *m, str key)
{
	return m->cap ? map_slot(m, key)->value : NULL;
}

void map_put(struct map *m, str key, void *value)
{
	if (m->n * 4 >= m->cap * 3) {
		struct map old = *m;
		m->cap = old.cap ? old.cap * 2 : 16;
		m->slots = memset(mem_resize(NULL, m->cap * sizeof *m->slots), 0, m->cap * sizeof *m->slots);
		for (size_t i = 0; i < old.cap; i++)
			if (old.slots[i].value)
				*map_slot(m, old.slots[i].key) = old.slots[i];
		map_done(&old);
	}
	struct map_slot *s = map_slot(m, key);
	m->n += s->value == NULL;
	*s = (struct map_slot){key, value};
}

void imap_done(struct imap *m)
{
	mem_resize(m->slots, 0);
	*m = (struct imap){0};
}

void imap_clear(struct imap *m)
{
	if (m->n > 0)
		memset(m->slots, 0, m->cap * sizeof *m->slots);
	m->n = 0;
}

static uint64_t mix(uint64_t k)
{
	k = (k ^ (k >> 30)) * 0xBF58476D1CE4E5B9u;
	k = (k ^ (k >> 27)) * 0x94D049BB133111EBu;
	return k ^ (k >> 31);
}

static struct imap_slot *imap_slot(const struct imap *m, uint64_t key)
{
	size_t i = (size_t)mix(key) & (m->cap - 1);
	while (m->slots[i].used && m->slots[i].key != key)
		i = (i + 1) & (m->cap - 1);
	return &m->slots[i];
}

int64_t *imap_at(struct imap *m, uint64_t key)
{
	if (m->n * 4 >= m->cap * 3) {
		struct imap old = *m;
		m->cap = old.cap ? old.cap * 2 : 64;
		m->slots = memset(mem_resize(NULL, m->cap * sizeof *m->slots), 0, m->cap * sizeof *m->slots);
		for (size_t i = 0; i < old.cap; i++)
			if (old.slots[i].used)
				*imap_slot(m, old.slots[i].key) = old.slots[i];
		imap_done(&old);
	}
	struct imap_slot *s = imap_slot(m, key);
	if (!s->used) {
		*s = (struct imap_slot){key, 0, true};
		m->n++;
	}
	return &s->value;
}

bool imap_has(const struct imap *m, uint64_t key, int64_t *out)
{
	if (m->cap == 0)
		return false;
	const struct imap_slot *s = imap_slot(m, key);
	if (s->used && out)
		*out = s->value;
	return s->used;
}
