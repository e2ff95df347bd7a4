/* tally.h -- rows into sums: what one row adds to cells, for the write, the recount and the check alike; private to
 * figure/. One tally serves many registers; a row is added with its state before (-1) or after (+1) a change. */
#pragma once
#include "figure/cells.h"
#include "figure/contrib.h"

struct counted_reg;
struct tally {
	struct eras eras;
	struct sums sums;
	/* Sums of the register at hand: a block of figures x parts for each (era, span), found once a row and date. */
	const struct counted_reg *of;
	struct imap block_at; /* era and span -> its block's offset + 1 */
	int64_t *blocks;
	size_t blocks_n, blocks_cap;
	/* Where the row at hand counts on a day: one era, or with co-hosts the union of their ancestors. */
	struct places {
		int32_t day; /* DATE_NONE: not yet known */
		uint32_t era, span;
		int year;
		size_t block; /* with an era: where its sums stand in blocks */
		size_t n;
		int64_t orgs[ROW_ANCESTORS_MAX];
	} at;
};
void tally_done(struct tally *t);
void tally_reset(struct tally *t);
/* Bring the blocks into the sums: before they are rolled up. */
void tally_settle(struct tally *t);

/* The figures of one register that have cells, with their numbers. */
struct counted_reg {
	const struct reg *reg;
	struct contrib *c;
	int16_t *number; /* by figure of c */
};
/* NULL c: no figure of this register has cells. */
MUST_USE enum rc tally_register(struct arena *a, const struct model *m, const struct reg *reg,
	const struct numbers *numbers, struct counted_reg *out, struct err *err);

/* only: by number, the figures to be counted; NULL for all. */
void tally_row(struct tally *t, const struct tree *tree, const struct counted_reg *r,
	const struct contrib_row *row, bool after, const bool *only);
