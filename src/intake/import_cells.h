/* import_cells.h -- the cells of a sheet as the texts that the import reads. */
#pragma once
#include "format/sheet.h"
#include "register/import.h"

/* Text of one cell as a person reads it; *out_fault tells what makes it unreadable, NULL when all is well. `id`: the
 * column holds citizen IDs, which a number cannot carry. */
str cell_as_text(struct arena *a, const struct cell *c, bool id, const char **out_fault);

/* Values of merged ranges, held for their whole range while rows stream by. */
struct merges {
	const struct sheet_range *ranges;
	str *values;
	size_t n;
};
MUST_USE enum rc merges_load(
	struct arena *a, struct sheet_book *b, size_t sheet, struct merges *out, struct err *err);
void merges_fill(struct arena *a, struct merges *m, uint32_t row, str *cells, size_t n);
