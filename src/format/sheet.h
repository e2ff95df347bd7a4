/* sheet.h -- what a spreadsheet file says, in one shape whatever its format (.xlsx or separated values).
 *
 *     struct sheet_book *b;
 *     TRY(sheet_open_file(a, path, &b, err));          or sheet_open_bytes
 *     for (size_t i = 0; i < b->n; i++)
 *         if (!b->sheets[i].hidden)
 *             rc = sheet_rows(b, i, row, me, err);      row() is called for each row that has a cell
 *     sheet_close(b);
 *
 * The kind of file is found by its content, never by its name. .xlsx (also .xlsm, templates, and what WPS, LibreOffice
 * and programs write; transitional or strict) is streamed: memory holds the shared texts and one row. .csv is cut in
 * memory. Files that only LibreOffice reads (.xls, .et, .ods, and web pages named .xls) are RC_INVALID with the advice to
 * save as .xlsx; only sheet_open_boxed() has them converted. Everything has a maximum, told below.
 *
 * A cell never guesses: text is text (also in .csv, where every cell is), a number keeps the digits that stand in the
 * file beside its double, because the 18 digits of a citizen ID do not fit a double. A cell is a date when its number
 * format says so. A formula is its stored value; one that was never computed has kind CELL_NO_VALUE. Row and column
 * count from 1. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "format/charset.h"

enum {
	SHEET_ROWS_MAX = 1048576,
	SHEET_COLUMNS_MAX = 16384,
	SHEET_CELLS_MAX = 50000000, /* of one sheet */
	SHEET_CELL_TEXT_MAX_BYTES = 1 << 20,
	SHEET_SHEETS_MAX = 256,
	SHEET_SHARED_MAX_BYTES = 256 << 20, /* texts that the cells of a file share */
	SHEET_SHARED_MAX = 8 << 20,         /* their number */
	SHEET_MERGED_MAX = 65536,
	SHEET_FILE_MAX_BYTES = 64 << 20,
	SHEET_UNPACKED_MAX_BYTES =
		1 << 30, /* unpacked piece by piece; see zip.h for the other limits of archives */
	SHEET_ADDRESS_BYTES = 16
};

enum cell_kind { CELL_TEXT, CELL_NUMBER, CELL_BOOL, CELL_DATE, CELL_ERROR, CELL_NO_VALUE };

struct cell {
	enum cell_kind kind;
	uint32_t column;
	str text;      /* TEXT; NUMBER and DATE: as it stands in the file; ERROR: "#REF!" */
	double number; /* NUMBER */
	bool truth;    /* BOOL */
	int32_t day;   /* DATE: day number (date.h), DATE_NONE where the cell holds a time or duration only */
	int64_t ms; /* DATE: since midnight, a duration may pass 24 h; -1 where the cell holds a date only */
};

/* Empty cells are not among the cells; an empty text may be. Slices live until the callback returns. */
struct sheet_row {
	uint32_t number;
	bool hidden; /* by hand or by a filter */
	const struct cell *cells;
	size_t n; /* in the order of their columns */
};

struct sheet_range {
	uint32_t row1, column1, row2, column2;
};

struct sheet_info {
	str name; /* of .csv: empty */
	bool hidden;
};

enum sheet_format { SHEET_XLSX, SHEET_CSV };

struct sheet_book {
	enum sheet_format format;
	enum charset charset;  /* SHEET_CSV */
	const char *separator; /* SHEET_CSV */
	int date_base;         /* 1900 or 1904 */
	const struct sheet_info *sheets;
	size_t n;
	struct xlsx *xlsx;           /* the rest is sheet.c's own */
	struct sheet_remote *remote; /* the file is read on the other side of a box */
	str bytes;
	struct arena *a;
};

typedef enum rc sheet_row_fn(void *ctx, const struct sheet_row *row, struct err *err);

/* bytes must outlive the book; the book lives in a. RC_INVALID: it cannot be read, and why; RC_LIMIT: too large. */
MUST_USE enum rc sheet_open_bytes(struct arena *a, str bytes, struct sheet_book **out_book, struct err *err);
MUST_USE enum rc sheet_open_file(
	struct arena *a, const char *path, struct sheet_book **out_book, struct err *err);
/* A stranger's file: read in a box (foreign.h), and what only LibreOffice reads goes through it first, where it is installed.
 * bytes.p NULL: the file at path; else path is only its name. Rows and ranges come as from any other book; after a callback
 * has ended a reading with a fault the book is of no more use. */
MUST_USE enum rc sheet_open_boxed(
	struct arena *a, const char *path, str bytes, struct sheet_book **out_book, struct err *err);
/* What LibreOffice would have to open bytes as ("xls", "et", "ods"); NULL: nothing it could help with. `ending`: of the
 * file's name. */
const char *sheet_foreign_kind(struct arena *a, str ending, str bytes);
void sheet_close(struct sheet_book *b); /* NULL allowed */

/* Every row with a cell, downwards. A callback's code other than RC_OK ends the reading and is given back; RC_FOUND is
 * for "enough". In .csv the row is the record's number. May be called again. */
MUST_USE enum rc sheet_rows(
	struct sheet_book *b, size_t sheet, sheet_row_fn *row, void *ctx, struct err *err);
/* The merged ranges, which stand behind the rows in the file: looked up without reading the cells. */
MUST_USE enum rc sheet_merged(struct sheet_book *b, size_t sheet, struct arena *a,
	const struct sheet_range **out_ranges, size_t *out_n, struct err *err);

/* The marker of our own forms ("qinghe:..."), which stands in A1 of a hidden sheet; empty when there is none. */
MUST_USE enum rc sheet_marker(struct sheet_book *b, struct arena *a, str *out_marker, struct err *err);

/* "A1", "AB12" */
void sheet_address(uint32_t row, uint32_t column, char out[SHEET_ADDRESS_BYTES]);
/* The cell of that column, NULL when it is empty. */
const struct cell *sheet_cell(const struct sheet_row *row, uint32_t column);
/* A number as the shortest text that reads back as the same double: 20220101, 0.1, 1.5e+30. */
str sheet_number(struct arena *a, double number);
