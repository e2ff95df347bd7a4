/* xlsx_write.h -- writing .xlsx (libxlsxwriter): plain tables row by row, and entry forms. Knows no registers.
 *
 * A table (exports, rejects). Memory holds one row. What is text stays text: "=1+1", "007" and 18 digits are string cells,
 * and a number whose digits do not fit a double is written as text rather than rounded. Cells are struct cell (sheet.h),
 * so what was read can be written; only kind, column and the value of that kind are looked at.
 *
 *     struct xlsx_writer *w;
 *     TRY(xlsx_write_open(a, path, &w, err));
 *     xlsx_write_sheet(w, STR("走访"), columns, n);
 *     for each row: xlsx_write_row(w, cells, n);
 *     rc = xlsx_write_close(w, err);                faults of all the calls between are told here
 *
 * A form (`qinghe template`). Title, instructions and the unit's line on top, a frozen header with notes, drop-downs and
 * checks of dates and numbers for FORM rows below, "@" columns that keep leading zeros and long digits, and a hidden sheet
 * that holds the code lists and, in A1, the marker by which an import knows its own form (sheet_marker reads it back).
 *
 * Texts lose what XML cannot hold; one longer than XLSX_TEXT_MAX characters is RC_LIMIT (Excel's own limit). The creation
 * date is the injected clock's, so the same rows under the same clock give the same bytes. */
#pragma once
#include "format/sheet.h"

enum {
	XLSX_TEXT_MAX = 32767,
	XLSX_SHEET_NAME_MAX = 31, /* characters; without [ ] : * ? / \ and no apostrophe at the ends */
	XLSX_FORM_ROWS = 2000     /* below the header that get drop-downs and checks */
};

enum xlsx_kind {
	XLSX_TEXT,   /* any text */
	XLSX_DIGITS, /* citizen IDs, telephones, codes: text format, never a number */
	XLSX_INTEGER,
	XLSX_DECIMAL, /* two places shown */
	XLSX_DATE,
	XLSX_DATETIME,
	XLSX_CHOICE, /* text, one of choices */
	XLSX_LONG    /* text that wraps */
};

struct xlsx_column {
	str title;
	enum xlsx_kind kind;
	double width;       /* in characters; 0: by the title and kind */
	str note;           /* form: shown when the header is pointed at; may be empty */
	bool required;      /* form: the title is marked */
	const str *choices; /* form: the drop-down */
	size_t choices_n;
	uint32_t length; /* form, XLSX_DIGITS: exactly so many characters; 0 any */
};

struct xlsx_writer;
MUST_USE enum rc xlsx_write_open(
	struct arena *a, const char *path, struct xlsx_writer **out_w, struct err *err);
/* Begins the next sheet and writes its header into row 1, frozen. columns must outlive the sheet. */
void xlsx_write_sheet(struct xlsx_writer *w, str name, const struct xlsx_column *columns, size_t n);
void xlsx_write_row(struct xlsx_writer *w, const struct cell *cells, size_t n);
/* Writes the file; the writer is gone, also on failure. To drop an unfinished one: xlsx_write_cancel. */
MUST_USE enum rc xlsx_write_close(struct xlsx_writer *w, struct err *err);
void xlsx_write_cancel(struct xlsx_writer *w);

struct xlsx_form {
	str sheet_name, codes_name; /* of the visible and of the hidden sheet */
	str title, instructions;    /* each may be empty */
	str unit_line;              /* "填报单位：…", may be empty */
	str marker;                 /* "qinghe:register=visit;v=3;org=CODE" */
	const struct xlsx_column *columns;
	size_t n;
	const struct sheet_row *rows; /* filled in already; row numbers are not looked at */
	size_t rows_n;
};
MUST_USE enum rc xlsx_write_form(
	struct arena *a, const char *path, const struct xlsx_form *form, struct err *err);
