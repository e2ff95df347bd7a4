/* xlsx_sheetxml.h -- between xlsx_fill.c and xlsx_sheetxml.c: the sheets of a workbook as rows and cells over their own bytes,
 * and the package written again with other values. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct book_value {
	str text;
	bool number, kept; /* kept: the cell's own bytes */
};

struct book_cell {
	uint64_t from, to;             /* the element */
	uint64_t f_from, f_to;         /* inside of its formula's element */
	uint64_t head_to, tail_from;   /* behind its start tag, before its end tag; equal for <c/> */
	uint64_t v_from, v_to;         /* the element of its kept value */
	uint32_t row;                  /* index */
	str ref, style;                /* B3; the style's number, empty for none */
	str text;                      /* of texts, and of typed numbers */
	bool formula, shared, numeric; /* shared: or of an array */
};

struct book_row {
	uint64_t from, to; /* the element */
	uint64_t tag_to;
	int64_t number;
	size_t first, n;           /* cells */
	size_t copies;             /* out */
	struct book_value *values; /* out: copies x n */
};

struct book_sheet {
	size_t part; /* of the package */
	str name, prefix;
	struct book_row *rows;
	size_t rows_n;
	struct book_cell *cells;
	size_t cells_n;
	uint64_t header_at;              /* where headerFooter would stand */
	uint64_t header_from, header_to; /* inside of oddHeader; both 0: none */
	bool has_header;                 /* headerFooter stands; header_at is behind its start tag */
};

struct package_part {
	str name, bytes;
	bool gone;
};

struct workbook {
	struct package_part *parts;
	size_t parts_n;
	struct book_sheet *sheets;
	size_t sheets_n;
	bool tables;
};

MUST_USE enum rc workbook_read(struct arena *a, str xlsx, struct workbook *out, struct err *err);
MUST_USE enum rc workbook_write(
	struct arena *a, struct workbook *w, str note, struct buf *out, struct err *err);
