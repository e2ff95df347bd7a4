/* page_retention.h -- /retention: what the next run of retention will take, when it is, and what earlier ones took; numbers
 * only, for those who answer for it. */
#pragma once
#include "web/shell.h"
#include "web/words.h"

struct retention_row {
	str label, keep, before, becomes;
	int64_t rows;
};
struct retention_past {
	str day;
	int64_t deleted, skeletons, held, keys;
};
struct retention_page {
	struct shell shell;
	str next; /* the planned day, or empty */
	struct retention_row *rows;
	size_t rows_n;
	struct retention_past *past;
	size_t past_n;
};
