/* tree.h -- the organisation tree, with time in it.
 *
 * Tables: org_link(org, parent, from_date, to_date) the dated parents; org_anc(org, anc, from_date, to_date) all
 * ancestors of each organisation, itself included, adjacent intervals of the same ancestor merged (a figure would
 * count it twice otherwise). from_date '0001-01-01' = since ever, to_date '9999-12-31' = open; to_date is the first day
 * out of force. In memory: the whole of org_anc, sorted by org, for walks without SQL; 10^4 organisations, 5 levels.
 * A flow counts for the ancestors of its date, a stock for those of the day asked (model.md, Tree).
 *
 * The cache is immutable once built; the writer builds a new one after a change and swaps it in (tree_acquire/release
 * count references). */
#pragma once
#include "store/db.h"

struct tree;

struct anc {
	int64_t org;      /* the ancestor */
	int32_t from, to; /* day numbers, to exclusive */
};

MUST_USE enum rc tree_load(struct db *db, struct tree **out_tree, struct err *err);
void tree_free(struct tree *t);

/* Ancestors of org with all their intervals, itself included. NULL and 0 for an unknown organisation. */
const struct anc *tree_ancestors(const struct tree *t, int64_t org, size_t *out_n);
bool tree_under(const struct tree *t, int64_t org, int64_t anc, int32_t day);
int64_t tree_parent(const struct tree *t, int64_t org, int32_t day); /* 0: none */
/* Organisations under `anc` on `day`, itself included, in the arena. */
const int64_t *tree_subtree(struct arena *a, const struct tree *t, int64_t anc, int32_t day, size_t *out_n);
/* The same over a span: every organisation that was under it on any day of [from, to). */
const int64_t *tree_subtree_span(
	struct arena *a, const struct tree *t, int64_t anc, int32_t from, int32_t to, size_t *out_n);
size_t tree_size(const struct tree *t);

/* Writer side: attach a new organisation; move one from a day on (the old parent's interval is cut there). Refuses a
 * descendant of its own; the same parent is nothing (RC_OK, *out_moved false). Rewrites org_link and org_anc of the
 * subtree. The caller reloads the cache. */
MUST_USE enum rc tree_attach(struct db *db, int64_t org, int64_t parent, int32_t from, struct err *err);
MUST_USE enum rc tree_detach(
	struct db *db, int64_t org, struct err *err); /* for good; nothing ever stood under it */
MUST_USE enum rc tree_move(
	struct db *db, int64_t org, int64_t new_parent, int32_t from, bool *out_moved, struct err *err);
