/* of_row.h -- in which figures one row counts, and with which evidence grade: the contributions query (contrib.h) asked
 * for a single id. Whether the row also lies in a period or under an organisation is told by its date and holders. */
#pragma once
#include "figure/figure.h"

struct row_figures {
	const struct figure **figures; /* without companions' parents being repeated: each figure once */
	size_t n;
	char grade;  /* 'A'..'D'; 0 where the register has no figure */
	int32_t day; /* of the first figure's date; DATE_NONE where it has none */
};
MUST_USE enum rc figures_of_row(
	struct reader *r, const struct reg *reg, int64_t id, struct row_figures *out, struct err *err);
