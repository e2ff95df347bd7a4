/* cells.h -- the tables of figure cells (store/migrate.c); private to figure/.
 *
 *     figure_def(number, figure, digest)   a small number per figure with cells, and the definition they were made by
 *     cell(org, span, number, part, value)   address and parts: sums.h; absent = 0
 *
 * Cells are derived: they can be dropped and made again from rows (figure_rebuild_cells). A figure whose stored digest
 * differs from the model's is being recounted: its cells are not read, its values come from rows. */
#pragma once
#include "figure/figure.h"
#include "figure/sums.h"

/* Do its values live in cells? row, sum, distinct. */
static inline bool figure_in_cells(const struct figure *f)
{
	return f->of && (f->grain == G_ROW || f->grain == G_SUM || f->grain == G_DISTINCT);
}

struct numbers {
	int16_t *of;                                     /* by figure->at: its number, -1 none or stale */
	const struct figure *figure[FIGURE_NUMBERS_MAX]; /* by number; NULL: no figure of this model */
	size_t stale,
		gone; /* figures with cells whose number or digest is not there; numbers without their figure */
};
MUST_USE enum rc numbers_load(
	struct arena *a, struct db *db, const struct model *m, struct numbers **out, struct err *err);
/* Give every figure with cells a number, forget figures that are gone, store the digests and the model's. The cells of every figure
 * that was stale must then be counted: their numbers come in `recount` (by number). Writer only. */
MUST_USE enum rc numbers_settle(struct arena *a, struct db *db, const struct model *m, struct numbers **out,
	bool recount[FIGURE_NUMBERS_MAX], struct err *err);

/* Do the cells follow this model? Whoever wrote with another one (setting `figures`) may not go on. */
MUST_USE enum rc cells_model_is(struct db *db, const struct model *m, bool *out_same, struct err *err);

/* Cells of an organisation in [first, last] spans, added up in `parts` by number. The reference part (PART_REFS) is
 * taken only from the span `year`, 0 for none. */
typedef int64_t cell_parts[PARTS];
MUST_USE enum rc cells_read(struct db *db, int64_t org, uint32_t first, uint32_t last, uint32_t year,
	cell_parts parts[FIGURE_NUMBERS_MAX], struct err *err);
MUST_USE enum rc cells_add(struct db *db, const struct cell_delta *list, size_t n, struct err *err);
/* Into the empty table, in the order of addresses. */
MUST_USE enum rc cells_put(struct db *db, const struct cell_delta *list, size_t n, struct err *err);
