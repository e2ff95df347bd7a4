/* sheet_box.h -- a workbook on the other side of a box; sheet.h is what others use. The child holds the file and answers
 * "these rows", "these merged ranges"; every cell that comes is checked: kind, order of rows and columns, UTF-8, size. */
#pragma once
#include "base/box.h"
#include "format/sheet.h"

struct sheet_remote;

/* The child's life (foreign.h). */
enum rc sheet_box_run(struct box *b, struct arena *a, str input, str argument, struct err *err);
void sheet_box_prepare(str head);

/* path or bytes; *out_kind: what LibreOffice would have to make of it ("xls"), NULL when nothing. */
MUST_USE enum rc sheet_box_open(struct arena *a, const char *path, str bytes, struct sheet_book *book,
	const char **out_kind, struct err *err);
MUST_USE enum rc sheet_box_rows(
	struct sheet_book *b, size_t sheet, sheet_row_fn *row, void *ctx, struct err *err);
MUST_USE enum rc sheet_box_merged(struct sheet_book *b, size_t sheet, struct arena *a,
	const struct sheet_range **out_ranges, size_t *out_n, struct err *err);
void sheet_box_close(struct sheet_remote *r);
