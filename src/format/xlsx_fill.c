/* xlsx_fill.c -- see xlsx_fill.h. Sheets are read once, filled in memory, and written when it is known which rows grew. */
#include "format/xlsx_fill.h"
#include "format/xlsx_sheetxml.h"
#include "format/zip.h"

/* ---- filling ---- */

struct filler {
	struct arena *a;
	const struct slot_host *host;
	struct workbook *w;
};

static struct slot_where where_of(struct filler *f, const struct book_sheet *s, const struct book_cell *c)
{
	return (struct slot_where){.part = arena_printf(f->a, "%.*s!%.*s", STR_ARG(s->name), STR_ARG(c->ref)),
		.paragraph = (size_t)s->rows[c->row].number,
		.text = c->text};
}

static bool has_tag(str text)
{
	struct slot_tag tag;
	return slots_next(text, 0, &tag);
}

/* How deep a cell's own blocks leave it: an opening that ends elsewhere, an end that began elsewhere. */
static enum rc open_ends(struct filler *f, const struct book_sheet *s, const struct book_cell *c,
	struct slot_tag *opening, struct slot_tag *closing, int *depth, struct err *err)
{
	struct slot_tag stack[SLOTS_DEPTH_MAX], tag;
	size_t n = 0;
	struct slot_where w = where_of(f, s, c);
	*depth = 0;
	for (size_t at = 0; slots_next(c->text, at, &tag); at = tag.at + tag.n) {
		enum slot_kind kind;
		TRY(f->host->kind(f->host->user, tag.inside, tag.closed, &w, &kind, err));
		if (kind == SLOT_OPEN && n < SLOTS_DEPTH_MAX)
			stack[n++] = tag;
		else if (kind == SLOT_CLOSE && n > 0)
			n--;
		else if (kind == SLOT_CLOSE) {
			*closing = tag;
			(*depth)--;
		}
	}
	if (n > 0) {
		*opening = stack[0];
		*depth += (int)n;
	}
	return RC_OK;
}

/* Digits, at most one point, commas as an office groups them. */
static bool is_number(struct arena *a, str s, str *out)
{
	struct buf b = {0};
	size_t digits = 0, points = 0;
	bool good = s.n > 0 && s.n < 20;
	for (size_t i = 0; good && i < s.n; i++) {
		char c = s.p[i];
		digits += c >= '0' && c <= '9';
		points += c == '.';
		good = (c >= '0' && c <= '9') || c == '.' || (c == ',' && i > 0) || (c == '-' && i == 0);
		if (c != ',')
			buf_putc(&b, c);
	}
	good = good && digits > 0 && digits <= 15 && points <= 1;
	*out = good ? arena_str(a, buf_str(&b)) : s;
	buf_done(&b);
	return good;
}

static enum rc fill_cell(struct filler *f, const struct book_sheet *s, const struct book_cell *c, str text,
	struct book_value *out, struct err *err)
{
	struct slot_tag tag;
	struct buf b = {0};
	str trimmed = str_trim(text);
	*out = (struct book_value){.kept = !has_tag(c->text)};
	if (out->kept)
		return RC_OK;
	bool alone = slots_next(trimmed, 0, &tag) && tag.at == 0 && tag.n == trimmed.n;
	enum rc rc = slots_fill_text(f->a, text, f->host, false, &b, err);
	if (rc != RC_OK)
		err_at(err, rc, "%.*s!%.*s", STR_ARG(s->name), STR_ARG(c->ref));
	out->text = arena_str(f->a, buf_str(&b));
	buf_done(&b);
	out->number = rc == RC_OK && alone && is_number(f->a, out->text, &out->text);
	return rc;
}

struct block {
	size_t from, to; /* cells of the row */
	struct slot_tag open, close;
	bool any;
};

static enum rc block_of(struct filler *f, const struct book_sheet *s, const struct book_row *row,
	struct block *out, struct err *err)
{
	for (size_t i = 0; i < row->n; i++) {
		const struct book_cell *c = &s->cells[row->first + i];
		struct slot_tag open = {0}, close = {0};
		int depth;
		TRY(open_ends(f, s, c, &open, &close, &depth, err));
		if (depth == 1 && !out->any) {
			*out = (struct block){.from = i, .to = SIZE_MAX, .open = open, .any = true};
		} else if (depth == -1 && out->any && out->to == SIZE_MAX) {
			out->to = i;
			out->close = close;
		} else if (depth != 0) {
			return FAIL(err, RC_INVALID,
				"%.*s!%.*s: a block begins and ends in one row, one block a row",
				STR_ARG(s->name), STR_ARG(c->ref));
		}
	}
	if (out->any &&
		(out->to == SIZE_MAX || (f->host->pair && !f->host->pair(f->host->user, out->open.inside,
								  out->close.inside))))
		return FAIL(err, RC_INVALID, "%.*s!%.*s: this block has no end in its row", STR_ARG(s->name),
			STR_ARG(s->cells[row->first + out->from].ref));
	return RC_OK;
}

/* The text without the tag that repeats the row. */
static str without(struct arena *a, str text, const struct slot_tag *tag)
{
	return arena_fmt(
		a, "%.*s%.*s", STR_ARG(str_head(text, tag->at)), STR_ARG(str_from(text, tag->at + tag->n)));
}

static enum rc repeat(
	struct filler *f, struct book_sheet *s, struct book_row *row, const struct block *b, struct err *err)
{
	size_t times = 0;
	const struct book_cell *head = &s->cells[row->first + b->from];
	struct slot_where w = where_of(f, s, head);
	for (size_t i = 0; i < row->n; i++)
		if (s->cells[row->first + i].shared)
			return FAIL(err, RC_INVALID,
				"%.*s!%.*s: a repeated row takes no array or shared formula; type it into "
				"the cell again",
				STR_ARG(s->name), STR_ARG(s->cells[row->first + i].ref));
	if (f->w->tables)
		return FAIL(err, RC_INVALID,
			"%s: rows are not repeated beside an Excel table; turn it into a range first",
			w.part);
	TRY(f->host->enter(f->host->user, b->open.inside, &w, &times, err));
	row->copies = times ? times : 1;
	row->values = NEWS(f->a, row->copies * (row->n + 1), struct book_value);
	enum rc rc = RC_OK;
	for (size_t k = 0; rc == RC_OK && k < times; k++) {
		rc = f->host->step(f->host->user, k, err);
		for (size_t i = 0; rc == RC_OK && i < row->n; i++) {
			const struct book_cell *c = &s->cells[row->first + i];
			str text = c->text;
			if (i == b->to) /* the later tag first */
				text = without(f->a, text, &b->close);
			if (i == b->from)
				text = without(f->a, text, &b->open);
			rc = fill_cell(f, s, c, text, &row->values[k * row->n + i], err);
			if (rc == RC_OK && (i == b->from || i == b->to) && row->values[k * row->n + i].kept)
				row->values[k * row->n + i] = (struct book_value){.text = text};
		}
	}
	f->host->leave(f->host->user);
	return rc;
}

static enum rc fill_row(struct filler *f, struct book_sheet *s, struct book_row *row, struct err *err)
{
	struct block b = {0};
	TRY(block_of(f, s, row, &b, err));
	if (b.any)
		return repeat(f, s, row, &b, err);
	row->copies = 1;
	row->values = NEWS(f->a, row->n + 1, struct book_value);
	for (size_t i = 0; i < row->n; i++)
		TRY(fill_cell(f, s, &s->cells[row->first + i], s->cells[row->first + i].text, &row->values[i],
			err));
	return RC_OK;
}

enum rc xlsx_fill(
	struct arena *a, str xlsx, const struct slot_host *host, str note, struct buf *out, struct err *err)
{
	struct workbook w;
	struct filler f = {a, host, &w};
	TRY(workbook_read(a, xlsx, &w, err));
	for (size_t i = 0; i < w.sheets_n; i++)
		for (size_t r = 0; r < w.sheets[i].rows_n; r++)
			TRY(fill_row(&f, &w.sheets[i], &w.sheets[i].rows[r], err));
	return workbook_write(a, &w, note, out, err);
}

bool xlsx_looks_so(struct arena *a, str bytes)
{
	struct unzip *z;
	if (!unzip_looks_so(bytes) || unzip_open_bytes(a, bytes, NULL, &z, NULL) != RC_OK)
		return false;
	bool found = unzip_find(z, "xl/workbook.xml") != NULL;
	unzip_close(z);
	return found;
}

static str row_text(struct arena *a, const struct book_sheet *s, const struct book_row *row)
{
	struct buf b = {0};
	for (size_t i = 0; i < row->n; i++) {
		const struct book_cell *c = &s->cells[row->first + i];
		if (c->formula || c->text.n == 0)
			continue;
		if (b.n)
			buf_putc(&b, '\t');
		buf_add(&b, c->text);
	}
	str text = arena_str(a, buf_str(&b));
	buf_done(&b);
	return text;
}

enum rc xlsx_texts(struct arena *a, str xlsx, bool (*visit)(void *user, const char *sheet, str text),
	void *user, struct err *err)
{
	struct workbook w;
	size_t empty = 0;
	TRY(workbook_read(a, xlsx, &w, err));
	for (size_t i = 0; i < w.sheets_n; i++) {
		const struct book_sheet *s = &w.sheets[i];
		const char *name = arena_cstr(a, s->name);
		int64_t next = 1;
		for (size_t r = 0; r < s->rows_n; r++) {
			for (; next < s->rows[r].number && empty < XLSX_EMPTY_ROWS_MAX; next++, empty++)
				if (!visit(user, name, (str){0}))
					return RC_OK;
			if (!visit(user, name, row_text(a, s, &s->rows[r])))
				return RC_OK;
			next = s->rows[r].number + 1;
		}
	}
	return RC_OK;
}
