/* xlsx_read.h -- the .xlsx reader behind sheet.h, which is what others use. ECMA-376 / ISO/IEC 29500, both conformance
 * classes. Parts are found through the relationships, by type, with the usual paths as fallback; missing styles or shared
 * texts are no fault. Two files:
 *   xlsx_book.c  the archive, its sheets, the number formats, the shared texts
 *   xlsx_read.c  the rows of one sheet
 * Control characters escaped as _x000D_ come as themselves without the carriage return; other _xHHHH_ stay as they are. */
#pragma once
#include "format/number_format.h"
#include "format/sheet.h"
#include "format/xml.h"

struct xlsx_sheet {
	struct sheet_info info;
	const struct unzip_entry *part;
};

/* The shared texts: one run of bytes, and where each ends. Read when a sheet first needs one. */
struct xlsx_shared {
	struct buf bytes;
	uint32_t *ends;
	size_t n, cap;
	bool read;
};

struct xlsx {
	struct arena *a;
	struct unzip *zip;
	int date_base;
	struct sheet_info *infos; /* [n], for sheet_book */
	struct xlsx_sheet *sheets;
	size_t n;
	const struct unzip_entry *shared_part, *styles_part;
	struct xlsx_shared shared;
	uint8_t *styles; /* enum number_kind of each cell format */
	size_t styles_n, styles_cap;
};

/* Opens z, which the result owns from here on, also when this fails. */
MUST_USE enum rc xlsx_open(struct arena *a, struct unzip *z, struct xlsx **out_x, struct err *err);
void xlsx_close(struct xlsx *x);
MUST_USE enum rc xlsx_read_shared(struct xlsx *x, struct err *err); /* once */
MUST_USE enum rc xlsx_rows(struct xlsx *x, size_t sheet, sheet_row_fn *row, void *ctx, struct err *err);
MUST_USE enum rc xlsx_merged(struct xlsx *x, size_t sheet, struct arena *a,
	const struct sheet_range **out_ranges, size_t *out_n, struct err *err);

/* Undo the escapes of ST_Xstring (22.9.2.19) as told above, from `from` to the end of b. */
void xlsx_unescape(struct buf *b, size_t from);
/* "AB12" -> row, column; either may be 0 when its part is missing; false on anything else. */
bool xlsx_reference(str s, uint32_t *row, uint32_t *column);
