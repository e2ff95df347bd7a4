/* import_preview.h -- what a dry run of an import tells row by row (import_file.h: preview_max): the rows' fates, old beside
 * new, and how dates, hours, money and choices were read. Values of sealed fields are told by three stars. */
#pragma once
#include "base/map.h"
#include "intake/import_file.h"

struct preview {
	struct arena *a;
	struct city *city;
	const struct import_map *map;
	size_t max, given[3]; /* of each fate */
	struct import_preview *list;
	size_t n, cap;
	struct imap by_row; /* row -> place + 1; a job that runs again tells again */
};

void preview_told(void *user, const struct import_told *t);
/* Rows that turned out refused are taken out: their errors tell of them. Once a slice. */
void preview_settle(struct preview *p, const struct import_error *errors, size_t n);
/* The list in the order of the sheet; ends the preview. */
struct import_preview *preview_list(struct preview *p, size_t *out_n);
