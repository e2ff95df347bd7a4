/* xlsx_write.c -- see xlsx_write.h. libxlsxwriter wants C strings and reports by code; the first fault is kept and told at
 * the end. */
#include "format/xlsx_write.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/utf8.h"
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <xlsxwriter.h>

enum { KINDS = XLSX_LONG + 1, DAY_MS = 86400000, TEXT_FORMAT = 49 /* built in: @ */ };
enum { EPOCH_DAY = -25569 };      /* 1899-12-30: serial 0 from March 1900 on */
enum { FIRST_SAFE_DAY = -25508 }; /* 1900-03-01 */

struct xlsx_writer {
	struct arena *a, scratch;
	const char *path;
	lxw_workbook *book;
	lxw_worksheet *sheet;
	lxw_format *header, *required, *title, *wrap, *kinds[KINDS], *date, *datetime, *time;
	const struct xlsx_column *columns;
	size_t columns_n;
	uint32_t row;
	lxw_error fault;
	uint32_t fault_row, fault_column; /* from 1 */
	bool too_long;
};

static void keep(struct xlsx_writer *w, lxw_error e, uint32_t row, uint32_t column)
{
	if (e == LXW_NO_ERROR || w->fault != LXW_NO_ERROR)
		return;
	w->fault = e;
	w->fault_row = row + 1;
	w->fault_column = column + 1;
	w->too_long = e == LXW_ERROR_MAX_STRING_LENGTH_EXCEEDED;
}

/* A C string without what XML cannot hold; a carriage return goes, the line feed stays. */
static const char *clean(struct arena *a, str s)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t to = 0;
	for (size_t i = 0, n; i < s.n; i += n) {
		uint32_t c = utf8_next(str_from(s, i), &n);
		bool bad = (c == 0xfffd && n == 1) || c == 0xfffe || c == 0xffff ||
			   (c < 0x20 && c != '\t' && c != '\n');
		if (bad)
			continue;
		memcpy(p + to, s.p + i, n);
		to += n;
	}
	p[to] = 0;
	return p;
}

static lxw_format *format(struct xlsx_writer *w, const char *number, bool wrap)
{
	lxw_format *f = workbook_add_format(w->book);
	if (f == NULL)
		return NULL;
	if (number && number[0] == '@')
		format_set_num_format_index(f, TEXT_FORMAT);
	else if (number)
		format_set_num_format(f, number);
	if (wrap)
		format_set_text_wrap(f);
	format_set_align(f, LXW_ALIGN_VERTICAL_CENTER);
	return f;
}

static lxw_format *header_format(struct xlsx_writer *w, lxw_color_t color)
{
	lxw_format *f = format(w, "@", true);
	format_set_bold(f);
	format_set_font_color(f, color);
	format_set_bg_color(f, 0xF2F2F2);
	format_set_border(f, LXW_BORDER_THIN);
	format_set_align(f, LXW_ALIGN_CENTER);
	return f;
}

static void make_formats(struct xlsx_writer *w)
{
	w->header = header_format(w, LXW_COLOR_BLACK);
	w->required = header_format(w, 0xC00000);
	w->title = format(w, "@", true);
	format_set_bold(w->title);
	format_set_font_size(w->title, 16);
	format_set_align(w->title, LXW_ALIGN_CENTER);
	w->wrap = format(w, "@", true);
	w->date = format(w, "yyyy\\-mm\\-dd", false);
	w->datetime = format(w, "yyyy\\-mm\\-dd\\ hh:mm", false);
	w->time = format(w, "[hh]:mm", false);
	w->kinds[XLSX_TEXT] = w->kinds[XLSX_DIGITS] = w->kinds[XLSX_CHOICE] = format(w, "@", false);
	w->kinds[XLSX_INTEGER] = format(w, "0", false);
	w->kinds[XLSX_DECIMAL] = format(w, "0.00", false);
	w->kinds[XLSX_DATE] = w->date;
	w->kinds[XLSX_DATETIME] = w->datetime;
	w->kinds[XLSX_LONG] = w->wrap;
}

static enum rc open_book(
	struct arena *a, const char *path, bool stream, struct xlsx_writer **out, struct err *err)
{
	FILE *f = fopen(path, "wbe"); /* the library would complain on stderr, and only at the end */
	if (f == NULL)
		return FAIL(err, RC_IO, "%s cannot be written: %s", path, strerror(errno));
	fclose(f);
	struct xlsx_writer *w = NEW(a, struct xlsx_writer);
	w->a = a;
	w->path = arena_cstr(a, str_of(path));
	lxw_workbook_options options = {.constant_memory = stream};
	w->book = workbook_new_opt(w->path, &options);
	if (w->book == NULL)
		return FAIL(err, RC_IO, "%s cannot be written: %s", path, strerror(ENOMEM));
	lxw_doc_properties properties = {.created = (time_t)(clock_now_ms() / 1000)};
	workbook_set_properties(w->book, &properties);
	make_formats(w);
	*out = w;
	return RC_OK;
}

enum rc xlsx_write_open(struct arena *a, const char *path, struct xlsx_writer **out_w, struct err *err)
{
	return open_book(a, path, true, out_w, err);
}

static double width_of(const struct xlsx_column *c)
{
	static const double usual[KINDS] = {14, 20, 10, 12, 12, 18, 14, 32};
	double title = (double)utf8_columns(c->title) + 3;
	return c->width > 0 ? c->width : title > usual[c->kind] ? title : usual[c->kind];
}

static void add_sheet(struct xlsx_writer *w, str name, const struct xlsx_column *columns, size_t n)
{
	assert(n <= SHEET_COLUMNS_MAX);
	const char *c = clean(w->a, name);
	if (workbook_validate_sheet_name(w->book, c) != LXW_NO_ERROR)
		c = NULL; /* the library names it Sheet1 */
	w->sheet = workbook_add_worksheet(w->book, c);
	w->columns = columns;
	w->columns_n = n;
	w->row = 0;
	for (size_t i = 0; i < n; i++)
		keep(w,
			worksheet_set_column(w->sheet, (lxw_col_t)i, (lxw_col_t)i, width_of(&columns[i]),
				w->kinds[columns[i].kind]),
			0, (uint32_t)i);
}

static void put_text(struct xlsx_writer *w, uint32_t column, str text, lxw_format *f)
{
	keep(w, worksheet_write_string(w->sheet, w->row, (lxw_col_t)column, clean(&w->scratch, text), f),
		w->row, column);
}

static void put_header(struct xlsx_writer *w)
{
	for (size_t i = 0; i < w->columns_n; i++) {
		bool required = w->columns[i].required;
		put_text(w, (uint32_t)i, w->columns[i].title, required ? w->required : w->header);
	}
	w->row++;
	worksheet_freeze_panes(w->sheet, w->row, 0);
	arena_reset(&w->scratch);
}

void xlsx_write_sheet(struct xlsx_writer *w, str name, const struct xlsx_column *columns, size_t n)
{
	add_sheet(w, name, columns, n);
	put_header(w);
}

/* More digits than a double keeps? */
static bool too_many_digits(str s)
{
	size_t digits = 0;
	bool led = false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == 'e' || s.p[i] == 'E')
			return false;
		led = led || (s.p[i] >= '1' && s.p[i] <= '9');
		digits += led && s.p[i] >= '0' && s.p[i] <= '9';
	}
	return digits > 15 && str_find_byte(s, '.') == SIZE_MAX;
}

static void put_date(struct xlsx_writer *w, const struct cell *c)
{
	uint32_t column = c->column - 1;
	if (c->day != DATE_NONE && c->day < FIRST_SAFE_DAY) { /* spreadsheets disagree about these days */
		put_text(w, column, date_str(&w->scratch, c->day), w->kinds[XLSX_TEXT]);
		return;
	}
	double serial = c->day == DATE_NONE ? 0 : (double)(c->day - EPOCH_DAY);
	if (c->ms >= 0)
		serial += (double)c->ms / DAY_MS;
	lxw_format *f = c->day == DATE_NONE ? w->time : c->ms >= 0 ? w->datetime : w->date;
	keep(w, worksheet_write_number(w->sheet, w->row, (lxw_col_t)column, serial, f), w->row, column);
}

static void put_cell(struct xlsx_writer *w, const struct cell *c)
{
	assert(c->column >= 1 && c->column <= SHEET_COLUMNS_MAX);
	uint32_t column = c->column - 1;
	enum xlsx_kind kind = column < w->columns_n ? w->columns[column].kind : XLSX_TEXT;
	switch (c->kind) {
	case CELL_TEXT:
	case CELL_ERROR:
		put_text(w, column, c->text, kind == XLSX_LONG ? w->wrap : w->kinds[XLSX_TEXT]);
		return;
	case CELL_NUMBER:
		if (too_many_digits(c->text)) {
			put_text(w, column, c->text, w->kinds[XLSX_TEXT]);
			return;
		}
		keep(w,
			worksheet_write_number(w->sheet, w->row, (lxw_col_t)column, c->number,
				kind == XLSX_INTEGER || kind == XLSX_DECIMAL ? w->kinds[kind] : NULL),
			w->row, column);
		return;
	case CELL_BOOL:
		keep(w, worksheet_write_boolean(w->sheet, w->row, (lxw_col_t)column, c->truth, NULL), w->row,
			column);
		return;
	case CELL_DATE:
		put_date(w, c);
		return;
	case CELL_NO_VALUE:
		return;
	}
}

void xlsx_write_row(struct xlsx_writer *w, const struct cell *cells, size_t n)
{
	assert(w->sheet);
	if (w->row >= SHEET_ROWS_MAX)
		keep(w, LXW_ERROR_WORKSHEET_INDEX_OUT_OF_RANGE, w->row, 0);
	for (size_t i = 0; i < n && w->fault == LXW_NO_ERROR; i++)
		put_cell(w, &cells[i]);
	w->row++;
	arena_reset(&w->scratch);
}

enum rc xlsx_write_close(struct xlsx_writer *w, struct err *err)
{
	char address[SHEET_ADDRESS_BYTES];
	lxw_error fault = w->fault;
	if (w->sheet == NULL)
		workbook_add_worksheet(w->book, NULL);
	lxw_error closed = workbook_close(w->book);
	arena_done(&w->scratch);
	if (fault != LXW_NO_ERROR) {
		remove(w->path);
		sheet_address(w->fault_row, w->fault_column, address);
		if (w->too_long)
			return FAIL(err, RC_LIMIT,
				"cell %s: a cell of a spreadsheet holds at most %d characters", address,
				XLSX_TEXT_MAX);
		return FAIL(err, RC_LIMIT, "cell %s cannot be written: %s", address, lxw_strerror(fault));
	}
	if (closed != LXW_NO_ERROR) {
		remove(w->path);
		return FAIL(err, RC_IO, "%s cannot be written: %s", w->path, lxw_strerror(closed));
	}
	return RC_OK;
}

void xlsx_write_cancel(struct xlsx_writer *w)
{
	if (w == NULL)
		return;
	lxw_workbook_free(w->book);
	remove(w->path);
	arena_done(&w->scratch);
}

/* The lists of choices: column i of the hidden sheet from its row 2 on, each under a name of its own. */
static void put_codes(struct xlsx_writer *w, const struct xlsx_form *form)
{
	const char *name = clean(w->a, form->codes_name);
	lxw_worksheet *codes = workbook_add_worksheet(w->book, name);
	worksheet_hide(codes);
	keep(w, worksheet_write_string(codes, 0, 0, clean(w->a, form->marker), NULL), 0, 0);
	for (size_t i = 0; i < form->n; i++) {
		const struct xlsx_column *c = &form->columns[i];
		if (c->choices_n == 0)
			continue;
		for (size_t k = 0; k < c->choices_n; k++)
			keep(w,
				worksheet_write_string(codes, (lxw_row_t)k + 1, (lxw_col_t)i,
					clean(&w->scratch, c->choices[k]), w->kinds[XLSX_TEXT]),
				(uint32_t)k + 1, (uint32_t)i);
		arena_reset(&w->scratch);
		char letters[SHEET_ADDRESS_BYTES];
		sheet_address(1, (uint32_t)i + 1, letters);
		letters[strlen(letters) - 1] = 0; /* without the row */
		keep(w,
			workbook_define_name(w->book, arena_printf(w->a, "choices_%zu", i + 1),
				arena_printf(w->a, "='%s'!$%s$2:$%s$%zu", name, letters, letters,
					c->choices_n + 1)),
			0, (uint32_t)i);
	}
}

static char *plain(struct arena *a, const char *text)
{
	return arena_cstr(a, str_of(text));
}

/* What the cells below a header accept. The library copies the texts. */
static void put_check(struct xlsx_writer *w, size_t i)
{
	const struct xlsx_column *c = &w->columns[i];
	lxw_data_validation v = {
		.ignore_blank = LXW_VALIDATION_ON, .error_type = LXW_VALIDATION_ERROR_TYPE_STOP};
	v.error_title = plain(w->a, tr("Not accepted"));
	if (c->choices_n) {
		v.validate = LXW_VALIDATION_TYPE_LIST_FORMULA;
		v.value_formula = arena_printf(w->a, "=choices_%zu", i + 1);
		v.dropdown = LXW_VALIDATION_ON;
		v.error_message = plain(w->a, tr("Please choose from the list."));
	} else if (c->kind == XLSX_DATE || c->kind == XLSX_DATETIME) {
		v.validate = LXW_VALIDATION_TYPE_DATE;
		v.criteria = LXW_VALIDATION_CRITERIA_BETWEEN;
		v.minimum_datetime = (lxw_datetime){1900, 3, 1, 0, 0, 0};
		v.maximum_datetime = (lxw_datetime){2200, 12, 31, 0, 0, 0};
		v.error_message = plain(w->a, tr("Please enter a date such as 2025-03-05."));
	} else if (c->kind == XLSX_INTEGER || c->kind == XLSX_DECIMAL) {
		v.validate =
			c->kind == XLSX_INTEGER ? LXW_VALIDATION_TYPE_INTEGER : LXW_VALIDATION_TYPE_DECIMAL;
		v.criteria = LXW_VALIDATION_CRITERIA_GREATER_THAN_OR_EQUAL_TO;
		v.error_message = plain(w->a, c->kind == XLSX_INTEGER ? tr("Please enter a whole number.")
								      : tr("Please enter a number."));
	} else if (c->length) {
		v.validate = LXW_VALIDATION_TYPE_LENGTH;
		v.criteria = LXW_VALIDATION_CRITERIA_EQUAL_TO;
		v.value_number = c->length;
		v.error_message = arena_printf(w->a, tr("Please enter exactly %u characters."), c->length);
	} else {
		return;
	}
	keep(w,
		worksheet_data_validation_range(
			w->sheet, w->row, (lxw_col_t)i, w->row + XLSX_FORM_ROWS - 1, (lxw_col_t)i, &v),
		w->row, (uint32_t)i);
}

static void put_banner(struct xlsx_writer *w, str text, lxw_format *f, double height)
{
	if (text.n == 0)
		return;
	worksheet_set_row(w->sheet, w->row, height, NULL);
	if (w->columns_n > 1)
		keep(w,
			worksheet_merge_range(w->sheet, w->row, 0, w->row, (lxw_col_t)(w->columns_n - 1),
				clean(w->a, text), f),
			w->row, 0);
	else
		put_text(w, 0, text, f);
	w->row++;
}

static double lines_height(str text)
{
	double lines = 1;
	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	return 16 * lines + 6;
}

enum rc xlsx_write_form(struct arena *a, const char *path, const struct xlsx_form *form, struct err *err)
{
	struct xlsx_writer *w;
	TRY(open_book(a, path, false, &w, err));
	add_sheet(w, form->sheet_name, form->columns, form->n);
	put_banner(w, form->title, w->title, 30);
	put_banner(w, form->instructions, w->wrap, lines_height(form->instructions));
	put_banner(w, form->unit_line, w->wrap, 22);
	lxw_row_t header = w->row;
	put_header(w);
	for (size_t i = 0; i < form->n; i++) {
		if (form->columns[i].note.n)
			keep(w,
				worksheet_write_comment(
					w->sheet, header, (lxw_col_t)i, clean(w->a, form->columns[i].note)),
				header, (uint32_t)i);
		put_check(w, i);
	}
	put_codes(w, form);
	for (size_t i = 0; i < form->rows_n; i++)
		xlsx_write_row(w, form->rows[i].cells, form->rows[i].n);
	return xlsx_write_close(w, err);
}
