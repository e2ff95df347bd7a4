/* xlsx_shift.h -- references of a workbook when rows of a sheet are repeated: row `at` stands `more` further times below
 * itself. References below move down; a range that ends at the row or below it grows, SUM(B3:B3) to SUM(B3:B7). Pure. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"

struct xlsx_growth {
	int64_t at, more;
};
struct xlsx_shift {
	str sheet; /* its name */
	struct xlsx_growth *list;
	size_t n;
};

/* Where row stands now; as the end of a range where `end`. */
int64_t xlsx_row_now(const struct xlsx_shift *s, int64_t row, bool end);
/* A formula (or a list of ranges) of the sheet `own` (NULL: of none, only names with a sheet move). In the copy i > 0 of a
 * repeated row `at` (0: not in one), references to that row mean the copy. Texts in quotes stay. */
void xlsx_shift_text(struct buf *out, str text, const struct xlsx_shift *sheets, size_t sheets_n,
	const struct xlsx_shift *own, int64_t at, int64_t copy);
