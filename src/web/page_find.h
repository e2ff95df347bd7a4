/* page_find.h -- /find: people, units, records, figures, registers and pages that the reader may see, in groups. */
#pragma once
#include "web/shell.h"

struct find_row {
	str title, kind, unit, href;
};

struct find_group {
	str label, note;
	struct find_row *rows;
	size_t rows_n;
};

struct find_page {
	struct shell shell;
	str asked;
	struct find_group groups[6];
	size_t groups_n, n;
};
