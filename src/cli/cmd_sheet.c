/* cmd_sheet.c -- qinghe sheet FILE [--json]: what the importer sees in a spreadsheet. The answer is gathered in a
 * temporary file, so that a fault in the last row leaves nothing half-said on the output. */
#include "base/date.h"
#include "cli/commands.h"
#include "format/json.h"
#include "format/sheet.h"
#include <string.h>

enum {
	LOOK_ROWS = 30, /* where a header is looked for */
	SHOW_ROWS = 20, /* of each sheet, for people */
	FLUSH_BYTES = 1 << 20
};

struct printing {
	struct arena *a, scratch;
	struct sheet_book *book;
	FILE *to;
	struct buf out;
	struct json j;
	bool failed;
	size_t rows, cells;
	uint32_t hidden[1024]; /* rows */
	size_t hidden_n;
};

static void flush(struct printing *p, size_t above)
{
	if (p->out.n <= above)
		return;
	p->failed = p->failed || fwrite(p->out.p, 1, p->out.n, p->to) != p->out.n;
	buf_clear(&p->out);
}

static void date_of_cell(const struct cell *c, char out[64])
{
	char day[DATE_TEXT_BYTES] = "";
	if (c->day != DATE_NONE)
		date_text(c->day, day);
	int n = snprintf(out, 64, "%s", day);
	if (c->ms < 0)
		return;
	long long s = c->ms / 1000;
	n += snprintf(out + n, 64 - (size_t)n, "%s%02lld:%02lld:%02lld", c->day != DATE_NONE ? "T" : "",
		s / 3600, s / 60 % 60, s % 60);
	if (c->ms % 1000)
		snprintf(out + n, 64 - (size_t)n, ".%03lld", (long long)c->ms % 1000);
}

static bool is_whole(str s)
{
	size_t minus = s.n && s.p[0] == '-';
	for (size_t i = minus; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > minus && s.n < 40 && (s.p[minus] != '0' || s.n == minus + 1);
}

static void json_cell(struct printing *p, const struct cell *c)
{
	char date[64];
	switch (c->kind) {
	case CELL_TEXT:
		json_str(&p->j, c->text);
		return;
	case CELL_NUMBER:
		arena_reset(&p->scratch);
		/* whole numbers as they stand: 18 digits do not fit a double */
		json_raw(&p->j, is_whole(c->text) ? c->text : sheet_number(&p->scratch, c->number));
		return;
	case CELL_BOOL:
		json_bool(&p->j, c->truth);
		return;
	case CELL_DATE:
		date_of_cell(c, date);
		json_object(&p->j);
		json_put_cstr(&p->j, c->day != DATE_NONE ? "date" : "time", date);
		json_object_end(&p->j);
		return;
	case CELL_ERROR:
	case CELL_NO_VALUE:
		json_object(&p->j);
		json_put_str(
			&p->j, "error", c->kind == CELL_ERROR ? c->text : STR("formula without a value"));
		json_object_end(&p->j);
		return;
	}
}

static void text_cell(struct printing *p, const struct cell *c)
{
	char date[64];
	switch (c->kind) {
	case CELL_DATE:
		date_of_cell(c, date);
		buf_puts(&p->out, date);
		return;
	case CELL_BOOL:
		buf_puts(&p->out, c->truth ? tr("yes") : tr("no"));
		return;
	case CELL_NO_VALUE:
		buf_puts(&p->out, tr("(formula without a value)"));
		return;
	case CELL_TEXT:
	case CELL_NUMBER:
	case CELL_ERROR:
		for (size_t i = 0; i < c->text.n; i++)
			buf_putc(&p->out, (unsigned char)c->text.p[i] < 0x20 ? ' ' : c->text.p[i]);
		return;
	}
}

static enum rc json_row(void *ctx, const struct sheet_row *row, struct err *err)
{
	(void)err;
	struct printing *p = ctx;
	char address[SHEET_ADDRESS_BYTES];
	for (size_t i = 0; i < row->n; i++) {
		sheet_address(row->number, row->cells[i].column, address);
		json_key(&p->j, address);
		json_cell(p, &row->cells[i]);
	}
	if (row->hidden && p->hidden_n < sizeof p->hidden / sizeof *p->hidden)
		p->hidden[p->hidden_n++] = row->number;
	flush(p, FLUSH_BYTES);
	return RC_OK;
}

static enum rc text_row(void *ctx, const struct sheet_row *row, struct err *err)
{
	(void)err;
	struct printing *p = ctx;
	p->cells += row->n;
	if (p->rows++ >= SHOW_ROWS)
		return RC_OK;
	buf_printf(&p->out, "%6u%s", row->number, row->hidden ? "*" : " ");
	uint32_t column = 1;
	for (size_t i = 0; i < row->n; i++) {
		for (; column < row->cells[i].column && column < 64; column++)
			buf_putc(&p->out, '\t');
		text_cell(p, &row->cells[i]);
	}
	buf_putc(&p->out, '\n');
	return RC_OK;
}

/* The row that names the columns: the first, near the top, that is as wide as the widest there and all text; a header of
 * two rows has ranges merged sideways in its first. Without a register this can only be a good guess. */
struct header {
	uint32_t numbers[LOOK_ROWS];
	size_t widths[LOOK_ROWS];
	bool texts[LOOK_ROWS];
	size_t n;
};

static enum rc header_row(void *ctx, const struct sheet_row *row, struct err *err)
{
	(void)err;
	struct header *h = ctx;
	bool text = true;
	for (size_t i = 0; i < row->n; i++)
		text = text && row->cells[i].kind == CELL_TEXT;
	h->numbers[h->n] = row->number;
	h->widths[h->n] = row->n;
	h->texts[h->n++] = text;
	return h->n < LOOK_ROWS ? RC_OK : RC_FOUND;
}

static size_t find_header(
	const struct header *h, const struct sheet_range *merged, size_t merged_n, uint32_t out[2])
{
	size_t widest = 0;
	for (size_t i = 0; i < h->n; i++)
		widest = h->widths[i] > widest ? h->widths[i] : widest;
	for (size_t i = 0; i < h->n; i++) {
		if (!h->texts[i] || h->widths[i] * 2 <= widest)
			continue;
		out[0] = h->numbers[i];
		for (size_t k = 0; k < merged_n; k++)
			if (merged[k].row1 == out[0] && merged[k].row2 == out[0] &&
				merged[k].column2 - merged[k].column1 + 1 < widest && i + 1 < h->n &&
				h->texts[i + 1]) {
				out[1] = h->numbers[i + 1];
				return 2;
			}
		return 1;
	}
	return 0;
}

static enum rc header_of(struct printing *p, size_t i, const struct sheet_range *merged, size_t merged_n,
	uint32_t out[2], size_t *out_n, struct err *err)
{
	struct header h = {.n = 0};
	enum rc rc = sheet_rows(p->book, i, header_row, &h, err);
	if (rc != RC_OK && rc != RC_FOUND)
		return rc;
	*out_n = find_header(&h, merged, merged_n, out);
	return RC_OK;
}

static enum rc json_sheet(struct printing *p, size_t i, struct err *err)
{
	const struct sheet_info *s = &p->book->sheets[i];
	const struct sheet_range *merged;
	size_t merged_n, header_n;
	uint32_t header[2];
	TRY(sheet_merged(p->book, i, p->a, &merged, &merged_n, err));
	TRY(header_of(p, i, merged, merged_n, header, &header_n, err));
	json_object(&p->j);
	json_put_str(&p->j, "name", s->name);
	json_put_bool(&p->j, "hidden", s->hidden);
	json_key(&p->j, "header_rows");
	json_array(&p->j);
	for (size_t k = 0; k < header_n; k++)
		json_i64(&p->j, header[k]);
	json_array_end(&p->j);
	json_key(&p->j, "merged");
	json_array(&p->j);
	for (size_t k = 0; k < merged_n; k++) {
		char from[SHEET_ADDRESS_BYTES], to[SHEET_ADDRESS_BYTES];
		sheet_address(merged[k].row1, merged[k].column1, from);
		sheet_address(merged[k].row2, merged[k].column2, to);
		json_cstr(&p->j, arena_printf(p->a, "%s:%s", from, to));
	}
	json_array_end(&p->j);
	p->hidden_n = 0;
	json_key(&p->j, "cells");
	json_object(&p->j);
	TRY(sheet_rows(p->book, i, json_row, p, err));
	json_object_end(&p->j);
	json_key(&p->j, "hidden_rows");
	json_array(&p->j);
	for (size_t k = 0; k < p->hidden_n; k++)
		json_i64(&p->j, p->hidden[k]);
	json_array_end(&p->j);
	json_object_end(&p->j);
	return RC_OK;
}

static enum rc text_sheet(struct printing *p, size_t i, struct err *err)
{
	const struct sheet_info *s = &p->book->sheets[i];
	if (p->book->format == SHEET_XLSX)
		buf_printf(&p->out, s->hidden ? tr("\nsheet “%.*s” (hidden)\n") : tr("\nsheet “%.*s”\n"),
			STR_ARG(s->name));
	p->rows = p->cells = 0;
	TRY(sheet_rows(p->book, i, text_row, p, err));
	buf_printf(&p->out, tr("%zu rows, %zu cells\n"), p->rows, p->cells);
	return RC_OK;
}

static const char *separator_name(const char *s)
{
	return s[0] == '\t' ? "tab" : s;
}

static enum rc print_book(struct printing *p, bool json, struct err *err)
{
	const struct sheet_book *b = p->book;
	const char *format = b->format == SHEET_XLSX ? "xlsx" : "csv";
	if (!json) {
		if (b->format == SHEET_XLSX)
			buf_printf(&p->out, tr("%s, dates from %d\n"), format, b->date_base);
		else
			buf_printf(&p->out, tr("%s, %s, separator %s\n"), format, charset_name(b->charset),
				separator_name(b->separator));
		for (size_t i = 0; i < b->n; i++)
			TRY(text_sheet(p, i, err));
		return RC_OK;
	}
	json_object(&p->j);
	json_put_cstr(&p->j, "format", format);
	json_put_cstr(&p->j, "encoding", charset_name(b->charset));
	json_put_i64(&p->j, "date_base", b->date_base);
	if (b->separator)
		json_put_cstr(&p->j, "separator", b->separator);
	json_key(&p->j, "sheets");
	json_array(&p->j);
	for (size_t i = 0; i < b->n; i++)
		TRY(json_sheet(p, i, err));
	json_array_end(&p->j);
	json_object_end(&p->j);
	buf_putc(&p->out, '\n');
	return RC_OK;
}

static enum rc copy_out(struct printing *p, struct err *err)
{
	flush(p, 0);
	char piece[65536];
	rewind(p->to);
	for (size_t n; (n = fread(piece, 1, sizeof piece, p->to)) > 0;)
		p->failed = p->failed || fwrite(piece, 1, n, stdout) != n;
	return p->failed || ferror(p->to) ? FAIL(err, RC_IO, "the output could not be written") : RC_OK;
}

static enum rc run(struct invocation *in, struct err *err)
{
	TRY(opt_done(in, 1, 1, &cmd_sheet, err));
	struct printing p = {.a = in->a};
	enum rc rc = sheet_open_boxed(in->a, in->argv[0], (str){NULL, 0}, &p.book, err);
	if (rc != RC_OK)
		return rc;
	p.to = tmpfile();
	if (p.to == NULL) {
		rc = FAIL(err, RC_IO, "a temporary file cannot be written");
	} else {
		buf_init(&p.out, 0);
		json_init(&p.j, &p.out);
		rc = print_book(&p, in->json, err);
		if (rc == RC_OK)
			rc = copy_out(&p, err);
		fclose(p.to);
		buf_done(&p.out);
	}
	arena_done(&p.scratch);
	sheet_close(p.book);
	return rc;
}

const struct command cmd_sheet = {
	.name = "sheet",
	.usage = N_("sheet FILE [--json]"),
	.summary = N_("what the importer sees in a spreadsheet (.xlsx, .csv)"),
	.help = N_(
		"Reads every sheet and prints its cells as they are stored: texts, numbers, dates, errors.\n"
		".xls, .et and .ods are converted where LibreOffice is installed.\n"
		"Example: qinghe sheet 报名表.xlsx --json\n"
		"Exit codes: 0 done, 2 the file cannot be read, and why."),
	.foreign = true,
	.run = run,
};
