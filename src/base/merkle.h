/* merkle.h -- append-only logs that anyone can check (RFC 6962, section 2.1; verification as in RFC 9162, 2.1.3.2 and
 * 2.1.4.2). Audit heads, ballots and frozen reports share it.
 * leaf = H(00 || bytes), node = H(01 || left || right), empty tree = H(""); H is SHA-256 or SM3.
 *
 *   struct merkle       only the right edge: any number of leaves in 2 KB; append and root. Plain data, may be stored.
 *   struct merkle_tree  every complete node (64 bytes a leaf): proofs for any index and size so far. Owns its memory.
 *   merkle_verify_*     need neither; they answer false for whatever is not exactly the proof: a bit flipped, an
 *                       element more or less, sizes that do not fit.
 *
 * A subtree [start, end) is one whose start is a multiple of the least power of two >= end - start (draft
 * Merkle Tree Certificates, 4.1): what an extract of a log proves of itself. Consistency is the case start = 0.
 * Invariant of struct merkle: peak[l] is in use exactly where bit l of size is set. */
#pragma once
#include "base/hash.h"

enum { MERKLE_PATH_MAX = 64 };

struct merkle {
	enum hash_kind kind;
	uint64_t size;
	struct hash peak[64]; /* roots of the complete trees along the right edge, by height */
};

struct merkle_path {
	struct hash node[MERKLE_PATH_MAX];
	size_t n;
};

struct hash merkle_empty(enum hash_kind kind);
struct hash merkle_leaf(enum hash_kind kind, str bytes);
struct hash merkle_node(enum hash_kind kind, const struct hash *left, const struct hash *right);

void merkle_init(struct merkle *m, enum hash_kind kind);
void merkle_add(struct merkle *m, const struct hash *leaf);
struct hash merkle_root(const struct merkle *m);

struct merkle_level {
	struct hash *node;
	size_t cap;
};

struct merkle_tree {
	enum hash_kind kind;
	uint64_t size;
	struct merkle_level level[64]; /* level[l] holds size >> l nodes */
};

void merkle_tree_init(struct merkle_tree *t, enum hash_kind kind);
void merkle_tree_done(struct merkle_tree *t);
void merkle_tree_add(struct merkle_tree *t, const struct hash *leaf);
struct hash merkle_tree_root(
	const struct merkle_tree *t, uint64_t size); /* of the first size leaves; size <= t->size */
/* The audit path of leaf index in the tree of size leaves; false unless index < size <= t->size. */
MUST_USE bool merkle_prove(
	const struct merkle_tree *t, uint64_t index, uint64_t size, struct merkle_path *out);
/* That the tree of from leaves is the beginning of the tree of to leaves; false unless from <= to <= t->size.
 * From 0 or from = to the proof is empty. */
MUST_USE bool merkle_consistency(
	const struct merkle_tree *t, uint64_t from, uint64_t to, struct merkle_path *out);

MUST_USE bool merkle_verify_inclusion(enum hash_kind kind, uint64_t index, uint64_t size,
	const struct hash *leaf, const struct hash *root, const struct hash *path, size_t n);
/* From 0 nothing can be proved, so from = 0 is refused. */
MUST_USE bool merkle_verify_consistency(enum hash_kind kind, uint64_t from, uint64_t to,
	const struct hash *root_from, const struct hash *root_to, const struct hash *path, size_t n);
/* Subtree [start, end) with root_sub in the tree of size leaves with root. An empty subtree (start = end) holds when
 * root_sub is the empty root and there is no path. */
MUST_USE bool merkle_verify_subtree(enum hash_kind kind, uint64_t start, uint64_t end, uint64_t size,
	const struct hash *root_sub, const struct hash *root, const struct hash *path, size_t n);
MUST_USE bool merkle_verify_subtree_leaf(enum hash_kind kind, uint64_t index, uint64_t start, uint64_t end,
	const struct hash *leaf, const struct hash *root_sub, const struct hash *path, size_t n);
