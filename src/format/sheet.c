/* sheet.c -- see sheet.h. */
#include "format/sheet.h"
#include "base/date.h"
#include "base/file.h"
#include "format/csv.h"
#include "format/office.h"
#include "format/sheet_box.h"
#include "format/xlsx_read.h"
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* "EncryptedPackage" in UTF-16: the stream of a protected file. */
static const str ENCRYPTED = {"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e", 31};
static const str OLE = {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8};

static const struct unzip_limits LIMITS = {
	SHEET_FILE_MAX_BYTES, SHEET_UNPACKED_MAX_BYTES, UNZIP_ENTRIES_MAX, UNZIP_RATIO_MAX};

/* The kinds of file that only LibreOffice opens, or nobody here. */
static enum rc refuse_foreign(str head, struct err *err)
{
	if (str_starts(head, OLE))
		return FAIL(err, RC_INVALID,
			"an old .xls or .et file, or one protected by a password: take the password off and "
			"save it as .xlsx");
	if (str_starts(head, STR("%PDF")) || str_starts(head, STR("\xFF\xD8\xFF")) ||
		str_starts(head, STR("\x89PNG")) || str_starts(head, STR("{\\rtf")) ||
		str_starts(head, STR("Rar!")) || str_starts(head, STR("7z\xBC\xAF")))
		return FAIL(err, RC_INVALID, "this is not a spreadsheet: send an .xlsx or .csv file");
	str text = str_trim(head);
	if (text.n && text.p[0] == '<')
		return FAIL(err, RC_INVALID,
			"this is a web page or XML named as a spreadsheet: open it and save it as .xlsx");
	return RC_OK;
}

static enum rc open_csv(struct arena *a, str bytes, struct sheet_book *b, struct err *err)
{
	struct csv_info info;
	TRY(csv_look(bytes, &info, err));
	b->format = SHEET_CSV;
	b->charset = info.charset;
	b->separator = info.separator;
	b->sheets = NEW(a, struct sheet_info);
	b->n = 1;
	b->bytes = bytes;
	return RC_OK;
}

static enum rc open_xlsx(struct arena *a, struct unzip *z, struct sheet_book *b, struct err *err)
{
	if (unzip_find(z, "mimetype") && unzip_find(z, "content.xml")) {
		unzip_close(z);
		return FAIL(err, RC_INVALID, "an OpenDocument file (.ods): save it as .xlsx");
	}
	TRY(xlsx_open(a, z, &b->xlsx, err));
	b->format = SHEET_XLSX;
	b->date_base = b->xlsx->date_base;
	b->sheets = b->xlsx->infos;
	b->n = b->xlsx->n;
	return RC_OK;
}

static struct sheet_book *new_book(struct arena *a)
{
	struct sheet_book *b = NEW(a, struct sheet_book);
	b->a = a;
	b->date_base = 1900;
	return b;
}

enum rc sheet_open_bytes(struct arena *a, str bytes, struct sheet_book **out_book, struct err *err)
{
	struct sheet_book *b = new_book(a);
	struct unzip *z;
	if (unzip_looks_so(bytes)) {
		TRY(unzip_open_bytes(a, bytes, &LIMITS, &z, err));
		TRY(open_xlsx(a, z, b, err));
	} else {
		if (str_starts(bytes, OLE) && str_find(bytes, ENCRYPTED) != SIZE_MAX)
			return FAIL(err, RC_INVALID,
				"the file is protected by a password; take it off and save it as .xlsx");
		TRY(refuse_foreign(str_head(bytes, 512), err));
		TRY(open_csv(a, bytes, b, err));
	}
	*out_book = b;
	return RC_OK;
}

/* The whole file into a; text is read from memory. */
static enum rc slurp(struct arena *a, FILE *f, const char *path, str *out, struct err *err)
{
	struct stat st;
	if (fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode))
		return FAIL(err, RC_INVALID, "%s is not a file", path);
	if (st.st_size > SHEET_FILE_MAX_BYTES)
		return FAIL(err, RC_LIMIT, "the file has more than %d MB", SHEET_FILE_MAX_BYTES >> 20);
	size_t n = (size_t)st.st_size;
	char *p = arena_alloc(a, n + 1);
	rewind(f);
	if (fread(p, 1, n, f) != n)
		return FAIL(err, RC_IO, "%s cannot be read", path);
	*out = (str){p, n};
	return RC_OK;
}

enum rc sheet_open_file(struct arena *a, const char *path, struct sheet_book **out_book, struct err *err)
{
	FILE *f = fopen(path, "rbe");
	if (f == NULL)
		return FAIL(err, errno == ENOENT ? RC_NOT_FOUND : RC_IO, "%s cannot be opened: %s", path,
			strerror(errno));
	char head[512];
	str bytes = {head, fread(head, 1, sizeof head, f)};
	bool zip = unzip_looks_so(bytes);
	enum rc rc = zip ? RC_OK : refuse_foreign(bytes, err);
	if (rc == RC_OK && !zip)
		rc = slurp(a, f, path, &bytes, err);
	fclose(f);
	struct sheet_book *b = new_book(a);
	struct unzip *z;
	if (rc == RC_OK && zip) {
		rc = unzip_open_file(a, path, &LIMITS, &z, err);
		if (rc == RC_OK)
			rc = open_xlsx(a, z, b, err);
	} else if (rc == RC_OK) {
		rc = open_csv(a, bytes, b, err);
	}
	if (rc == RC_OK)
		*out_book = b;
	return rc;
}

/* A web page named .xls is opened as a sheet only under that name. A file behind a password is none of these: nobody here
 * opens it. */
const char *sheet_foreign_kind(struct arena *a, str ending, str bytes)
{
	if (str_find(bytes, ENCRYPTED) != SIZE_MAX)
		return NULL;
	if (str_starts(bytes, OLE))
		return str_ends(ending, STR(".et")) ? "et" : "xls";
	str text = str_trim(str_head(bytes, 512));
	if (text.n && text.p[0] == '<')
		return "xls";
	struct unzip *z;
	if (!unzip_looks_so(bytes) || unzip_open_bytes(a, bytes, &LIMITS, &z, NULL) != RC_OK)
		return NULL;
	bool ods = unzip_find(z, "mimetype") && unzip_find(z, "content.xml");
	unzip_close(z);
	return ods ? "ods" : NULL;
}

enum rc sheet_open_boxed(
	struct arena *a, const char *path, str bytes, struct sheet_book **out_book, struct err *err)
{
	struct sheet_book *b = new_book(a);
	const char *kind;
	struct err first = {0};
	enum rc rc = sheet_box_open(a, path, bytes, b, &kind, &first);
	if (rc != RC_OK && kind && office_present()) {
		str converted;
		if (bytes.p == NULL)
			TRY(file_read(a, path, SHEET_FILE_MAX_BYTES, &bytes, err));
		TRY(office_convert(a, bytes, kind, "xlsx", &converted, err));
		rc = sheet_box_open(a, "", converted, b, &kind, &first);
	}
	if (rc == RC_OK)
		*out_book = b;
	else if (err)
		*err = first;
	return rc;
}

void sheet_close(struct sheet_book *b)
{
	if (b == NULL)
		return;
	xlsx_close(b->xlsx);
	sheet_box_close(b->remote);
}

/* .csv: every field that is not empty is a cell of text. */
struct csv_rows {
	sheet_row_fn *row;
	void *ctx;
	struct cell *cells;
	size_t cap;
};

static enum rc on_record(void *ctx, const struct csv_record *record, struct err *err)
{
	struct csv_rows *c = ctx;
	size_t n = 0;
	if (record->number > SHEET_ROWS_MAX)
		return FAIL(err, RC_LIMIT, "the file has more than %d rows", SHEET_ROWS_MAX);
	if (record->n > c->cap) {
		c->cap = record->n;
		c->cells = mem_resize(c->cells, c->cap * sizeof *c->cells);
	}
	for (size_t i = 0; i < record->n; i++)
		if (record->fields[i].n)
			c->cells[n++] = (struct cell){.kind = CELL_TEXT,
				.column = (uint32_t)i + 1,
				.text = record->fields[i],
				.day = DATE_NONE,
				.ms = -1};
	struct sheet_row row = {(uint32_t)record->number, false, c->cells, n};
	return n ? c->row(c->ctx, &row, err) : RC_OK;
}

enum rc sheet_rows(struct sheet_book *b, size_t sheet, sheet_row_fn *row, void *ctx, struct err *err)
{
	assert(sheet < b->n);
	if (b->remote)
		return sheet_box_rows(b, sheet, row, ctx, err);
	if (b->format == SHEET_XLSX)
		return xlsx_rows(b->xlsx, sheet, row, ctx, err);
	struct csv_rows c = {.row = row, .ctx = ctx};
	enum rc rc =
		csv_read(b->bytes, &(struct csv_info){b->charset, false, b->separator}, on_record, &c, err);
	mem_resize(c.cells, 0);
	return rc;
}

enum rc sheet_merged(struct sheet_book *b, size_t sheet, struct arena *a,
	const struct sheet_range **out_ranges, size_t *out_n, struct err *err)
{
	if (b->remote)
		return sheet_box_merged(b, sheet, a, out_ranges, out_n, err);
	if (b->format == SHEET_XLSX)
		return xlsx_merged(b->xlsx, sheet, a, out_ranges, out_n, err);
	*out_ranges = NULL;
	*out_n = 0;
	return RC_OK;
}

struct marker {
	struct arena *a;
	str found;
};

static enum rc on_marker_row(void *ctx, const struct sheet_row *row, struct err *err)
{
	(void)err;
	struct marker *m = ctx;
	const struct cell *c = sheet_cell(row, 1);
	if (row->number == 1 && c && c->kind == CELL_TEXT && str_starts(c->text, STR("qinghe:")))
		m->found = arena_str(m->a, c->text);
	return RC_FOUND;
}

enum rc sheet_marker(struct sheet_book *b, struct arena *a, str *out_marker, struct err *err)
{
	struct marker m = {.a = a};
	for (size_t i = 0; i < b->n && m.found.n == 0; i++) {
		if (!b->sheets[i].hidden)
			continue;
		enum rc rc = sheet_rows(b, i, on_marker_row, &m, err);
		if (rc != RC_OK && rc != RC_FOUND)
			return rc;
	}
	*out_marker = m.found;
	return RC_OK;
}

void sheet_address(uint32_t row, uint32_t column, char out[SHEET_ADDRESS_BYTES])
{
	char letters[8];
	size_t n = 0;
	for (uint32_t c = column; c > 0 && n < sizeof letters; c = (c - 1) / 26)
		letters[n++] = (char)('A' + (c - 1) % 26);
	size_t at = 0;
	while (n > 0)
		out[at++] = letters[--n];
	snprintf(out + at, SHEET_ADDRESS_BYTES - at, "%u", row % 100000000);
}

const struct cell *sheet_cell(const struct sheet_row *row, uint32_t column)
{
	size_t lo = 0, hi = row->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (row->cells[mid].column == column)
			return &row->cells[mid];
		if (row->cells[mid].column < column)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

str sheet_number(struct arena *a, double number)
{
	if (fabs(number) < 9007199254740992.0 && number == floor(number))
		return arena_fmt(a, "%lld", (long long)number);
	for (int digits = 15; digits < 17; digits++) {
		const char *s = arena_printf(a, "%.*g", digits, number);
		if (strtod(s, NULL) == number)
			return str_of(s);
	}
	return arena_fmt(a, "%.17g", number);
}
