/* merkle.c -- see merkle.h. */
#include "base/merkle.h"
#include <assert.h>

struct hash merkle_empty(enum hash_kind kind)
{
	return hash_join(kind, NULL, 0);
}

struct hash merkle_leaf(enum hash_kind kind, str bytes)
{
	str parts[] = {{"\0", 1}, bytes};
	return hash_join(kind, parts, 2);
}

struct hash merkle_node(enum hash_kind kind, const struct hash *left, const struct hash *right)
{
	char joined[1 + 2 * HASH_BYTES];
	joined[0] = 1;
	memcpy(joined + 1, left->b, HASH_BYTES);
	memcpy(joined + 1 + HASH_BYTES, right->b, HASH_BYTES);
	str part = {joined, sizeof joined};
	return hash_join(kind, &part, 1);
}

/* The right edge */

void merkle_init(struct merkle *m, enum hash_kind kind)
{
	memset(m, 0, sizeof *m);
	m->kind = kind;
}

void merkle_add(struct merkle *m, const struct hash *leaf)
{
	assert(m->size < UINT64_MAX);
	struct hash h = *leaf;
	int l = 0;
	for (; (m->size >> l) & 1; l++) /* as adding one carries */
		h = merkle_node(m->kind, &m->peak[l], &h);
	m->peak[l] = h;
	m->size++;
}

struct hash merkle_root(const struct merkle *m)
{
	if (m->size == 0)
		return merkle_empty(m->kind);
	int l = __builtin_ctzll(m->size);
	struct hash h = m->peak[l];
	for (l++; l < 64 && m->size >> l; l++)
		if ((m->size >> l) & 1)
			h = merkle_node(m->kind, &m->peak[l], &h);
	return h;
}

/* The whole tree */

void merkle_tree_init(struct merkle_tree *t, enum hash_kind kind)
{
	memset(t, 0, sizeof *t);
	t->kind = kind;
}

void merkle_tree_done(struct merkle_tree *t)
{
	if (t == NULL)
		return;
	for (size_t l = 0; l < 64; l++)
		mem_resize(t->level[l].node, 0);
	memset(t, 0, sizeof *t);
}

static void put(struct merkle_level *level, uint64_t i, const struct hash *h)
{
	if (i >= level->cap) {
		level->cap = level->cap ? level->cap * 2 : 64;
		level->node = mem_resize(level->node, level->cap * sizeof *level->node);
	}
	level->node[i] = *h;
}

void merkle_tree_add(struct merkle_tree *t, const struct hash *leaf)
{
	struct hash h = *leaf;
	size_t l = 0;
	uint64_t i = t->size++;
	put(&t->level[0], i, &h);
	for (; i & 1; i >>= 1) {
		h = merkle_node(t->kind, &t->level[l].node[i - 1], &h);
		put(&t->level[++l], i >> 1, &h);
	}
}

/* The largest power of two below n; n > 1. */
static uint64_t split(uint64_t n)
{
	assert(n > 1);
	return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

/* MTH of the leaves [start, end), where start is a multiple of a power of two >= end - start. */
static struct hash root_of(const struct merkle_tree *t, uint64_t start, uint64_t end)
{
	uint64_t n = end - start;
	assert(n > 0 && end <= t->size);
	if ((n & (n - 1)) == 0) {
		int l = __builtin_ctzll(n);
		return t->level[l].node[start >> l];
	}
	uint64_t k = split(n);
	struct hash left = root_of(t, start, start + k), right = root_of(t, start + k, end);
	return merkle_node(t->kind, &left, &right);
}

struct hash merkle_tree_root(const struct merkle_tree *t, uint64_t size)
{
	assert(size <= t->size);
	return size == 0 ? merkle_empty(t->kind) : root_of(t, 0, size);
}

/* The recursions of RFC 6962 give their nodes from the leaf upwards; going down, we fill the array and turn it. */
static void turn(struct merkle_path *p)
{
	for (size_t i = 0; i + 1 < p->n - i; i++) {
		struct hash h = p->node[i];
		p->node[i] = p->node[p->n - 1 - i];
		p->node[p->n - 1 - i] = h;
	}
}

bool merkle_prove(const struct merkle_tree *t, uint64_t index, uint64_t size, struct merkle_path *out)
{
	if (index >= size || size > t->size)
		return false;
	out->n = 0;
	for (uint64_t start = 0, end = size; end - start > 1;) {
		uint64_t middle = start + split(end - start);
		bool left = index < middle;
		out->node[out->n++] = left ? root_of(t, middle, end) : root_of(t, start, middle);
		if (left)
			end = middle;
		else
			start = middle;
	}
	turn(out);
	return true;
}

bool merkle_consistency(const struct merkle_tree *t, uint64_t from, uint64_t to, struct merkle_path *out)
{
	if (from > to || to > t->size)
		return false;
	out->n = 0;
	if (from == 0 || from == to)
		return true;
	uint64_t start = 0, end = to; /* SUBPROOF(from, D[start:end], start = 0) */
	while (end != from) {
		uint64_t middle = start + split(end - start);
		bool left = from <= middle;
		out->node[out->n++] = left ? root_of(t, middle, end) : root_of(t, start, middle);
		if (left)
			end = middle;
		else
			start = middle;
	}
	if (start > 0)
		out->node[out->n++] = root_of(t, start, end);
	turn(out);
	return true;
}

/* Verification */

bool merkle_verify_inclusion(enum hash_kind kind, uint64_t index, uint64_t size, const struct hash *leaf,
	const struct hash *root, const struct hash *path, size_t n)
{
	if (index >= size || n > MERKLE_PATH_MAX)
		return false;
	uint64_t fn = index, sn = size - 1;
	struct hash r = *leaf;
	for (size_t i = 0; i < n; i++) {
		if (sn == 0)
			return false;
		if ((fn & 1) || fn == sn) {
			r = merkle_node(kind, &path[i], &r);
			while (fn != 0 && !(fn & 1)) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			r = merkle_node(kind, &r, &path[i]);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && hash_eq(&r, root);
}

static bool is_subtree(uint64_t start, uint64_t end)
{
	if (start >= end)
		return false;
	uint64_t n = end - start;
	if (n > UINT64_C(1) << 63)
		return start == 0;
	uint64_t ceiling = n == 1 ? 1 : split(n) * 2;
	return start % ceiling == 0;
}

bool merkle_verify_subtree(enum hash_kind kind, uint64_t start, uint64_t end, uint64_t size,
	const struct hash *root_sub, const struct hash *root, const struct hash *path, size_t n)
{
	if (start == end && end <= size) {
		struct hash empty = merkle_empty(kind);
		return n == 0 && hash_eq(root_sub, &empty);
	}
	if (!is_subtree(start, end) || end > size || n > MERKLE_PATH_MAX)
		return false;
	uint64_t fn = start, sn = end - 1, tn = size - 1;
	while (fn != sn && (sn == tn || (sn & 1))) {
		fn >>= 1;
		sn >>= 1;
		tn >>= 1;
	}
	size_t i = 0;
	if (fn != sn && n == 0)
		return false;
	struct hash fr = fn == sn ? *root_sub : path[i++], sr = fr;
	for (; i < n; i++) {
		if (tn == 0)
			return false;
		if ((sn & 1) || sn == tn) {
			if (fn < sn)
				fr = merkle_node(kind, &path[i], &fr);
			sr = merkle_node(kind, &path[i], &sr);
			while (!(sn & 1)) {
				fn >>= 1;
				sn >>= 1;
				tn >>= 1;
			}
		} else {
			sr = merkle_node(kind, &sr, &path[i]);
		}
		fn >>= 1;
		sn >>= 1;
		tn >>= 1;
	}
	return tn == 0 && hash_eq(&fr, root_sub) && hash_eq(&sr, root);
}

bool merkle_verify_consistency(enum hash_kind kind, uint64_t from, uint64_t to, const struct hash *root_from,
	const struct hash *root_to, const struct hash *path, size_t n)
{
	return from > 0 && merkle_verify_subtree(kind, 0, from, to, root_from, root_to, path, n);
}

bool merkle_verify_subtree_leaf(enum hash_kind kind, uint64_t index, uint64_t start, uint64_t end,
	const struct hash *leaf, const struct hash *root_sub, const struct hash *path, size_t n)
{
	return is_subtree(start, end) && index >= start && index < end &&
	       merkle_verify_inclusion(kind, index - start, end - start, leaf, root_sub, path, n);
}
