/* sheet_box.c -- see sheet_box.h.
 *
 * parent:  ROWS sheet | MERGED sheet | STOP
 * child:   BOOK once, or FOREIGN kind; then for ROWS: ROW* END, for MERGED: RANGES END; BOX_DONE when it fails or the
 *          parent has closed. STOP while rows come makes END come soon; otherwise it means nothing. */
#include "format/sheet_box.h"
#include "base/date.h"
#include "base/utf8.h"
#include "format/foreign.h"
#include "format/zip.h"
#include <math.h>

enum {
	SAY_BOOK = BOX_OWN,
	SAY_FOREIGN,
	SAY_ROW,
	SAY_RANGES,
	SAY_END,
	ASK_ROWS,
	ASK_MERGED,
	ASK_STOP,
	HEAR_EVERY_ROWS = 256
};

struct sheet_remote {
	struct box *box;
	struct cell *cells;
	size_t cap;
};

static const char *const foreign_kinds[] = {"xls", "et", "ods"};
static const char *const separators[] = {",", "\t", ";", "，"};

/* ---- in the child ---- */

struct telling {
	struct box *box;
	uint32_t since_heard;
	bool stopped;
};

static enum rc tell_row(void *user, const struct sheet_row *row, struct err *err)
{
	struct telling *t = user;
	struct box *b = t->box;
	box_begin(b, SAY_ROW);
	box_u32(b, row->number);
	box_u8(b, row->hidden);
	box_u32(b, (uint32_t)row->n);
	for (size_t i = 0; i < row->n; i++) {
		const struct cell *c = &row->cells[i];
		box_u8(b, (uint8_t)c->kind);
		box_u32(b, c->column);
		box_str(b, c->text);
		if (c->kind == CELL_NUMBER)
			box_f64(b, c->number);
		else if (c->kind == CELL_BOOL)
			box_u8(b, c->truth);
		else if (c->kind == CELL_DATE) {
			box_u32(b, (uint32_t)c->day);
			box_i64(b, c->ms);
		}
	}
	TRY(box_end(b, err));
	if (++t->since_heard < HEAR_EVERY_ROWS)
		return RC_OK;
	uint8_t type;
	struct box_in in;
	bool any;
	t->since_heard = 0;
	t->stopped = !box_hear(b, false, &type, &in, &any) || any;
	return t->stopped ? RC_FOUND : RC_OK;
}

static enum rc tell_merged(
	struct box *box, struct arena *a, struct sheet_book *book, size_t sheet, struct err *err)
{
	const struct sheet_range *r;
	size_t n;
	TRY(sheet_merged(book, sheet, a, &r, &n, err));
	box_begin(box, SAY_RANGES);
	box_u32(box, (uint32_t)n);
	for (size_t i = 0; i < n; i++) {
		box_u32(box, r[i].row1);
		box_u32(box, r[i].column1);
		box_u32(box, r[i].row2);
		box_u32(box, r[i].column2);
	}
	return box_end(box, err);
}

static void tell_book(struct box *box, const struct sheet_book *book)
{
	box_begin(box, SAY_BOOK);
	box_u8(box, (uint8_t)book->format);
	box_u8(box, (uint8_t)book->charset);
	box_str(box, str_of(book->separator));
	box_u32(box, (uint32_t)book->date_base);
	box_u32(box, (uint32_t)book->n);
	for (size_t i = 0; i < book->n; i++) {
		box_str(box, book->sheets[i].name);
		box_u8(box, book->sheets[i].hidden);
	}
}

void sheet_box_prepare(str head)
{
	if (!unzip_looks_so(head))
		charset_prepare();
}

static enum rc answer(struct box *box, struct arena *a, struct sheet_book *book, uint8_t ask,
	struct box_in *in, struct err *err)
{
	uint32_t sheet = ask == ASK_STOP ? 0 : box_get_u32(in);
	if (in->bad || sheet >= book->n)
		return FAIL(err, RC_INVALID, "the file has no such sheet");
	if (ask == ASK_STOP)
		return RC_OK;
	if (ask == ASK_MERGED) {
		TRY(tell_merged(box, a, book, sheet, err));
	} else {
		struct telling t = {.box = box};
		enum rc rc = sheet_rows(book, sheet, tell_row, &t, err);
		if (rc != RC_OK && rc != RC_FOUND)
			return rc;
	}
	box_begin(box, SAY_END);
	TRY(box_end(box, err));
	return box_flush(box, err);
}

enum rc sheet_box_run(struct box *box, struct arena *a, str input, str argument, struct err *err)
{
	struct sheet_book *book;
	struct box_in in;
	uint8_t type;
	bool any;
	enum rc rc = sheet_open_bytes(a, input, &book, err);
	const char *kind = rc == RC_INVALID ? sheet_foreign_kind(a, argument, input) : NULL;
	if (kind) {
		box_begin(box, SAY_FOREIGN);
		box_str(box, str_of(kind));
		TRY(box_end(box, err));
	}
	if (rc != RC_OK)
		return rc;
	tell_book(box, book);
	TRY(box_end(box, err));
	TRY(box_flush(box, err));
	while (box_hear(box, true, &type, &in, &any) && any)
		TRY(answer(box, a, book, type, &in, err));
	return RC_OK;
}

/* ---- in the parent ---- */

static enum rc lied(struct sheet_book *b, struct err *err)
{
	if (b && b->remote) {
		box_close(b->remote->box);
		b->remote->box = NULL;
	}
	return box_nonsense(err);
}

static bool read_book(struct box_in *in, struct arena *a, struct sheet_book *b)
{
	uint8_t format = box_get_u8(in), charset = box_get_u8(in);
	str separator = box_get_str(in);
	uint32_t base = box_get_u32(in), n = box_get_u32(in);
	if (in->bad || format > SHEET_CSV || charset > CHARSET_GB18030 || n == 0 || n > SHEET_SHEETS_MAX ||
		(base != 1900 && base != 1904))
		return false;
	struct sheet_info *sheets = NEWS(a, n, struct sheet_info);
	for (uint32_t i = 0; i < n; i++) {
		str name = box_get_str(in);
		sheets[i] = (struct sheet_info){arena_str(a, name), box_get_u8(in) != 0};
		if (in->bad || !utf8_clean(name))
			return false;
	}
	b->separator = NULL;
	for (size_t i = 0; i < sizeof separators / sizeof *separators; i++)
		if (str_is(separator, separators[i]))
			b->separator = separators[i];
	b->format = (enum sheet_format)format;
	b->charset = (enum charset)charset;
	b->date_base = (int)base;
	b->sheets = sheets;
	b->n = n;
	return (b->separator != NULL) == (format == SHEET_CSV);
}

enum rc sheet_box_open(struct arena *a, const char *path, str bytes, struct sheet_book *book,
	const char **out_kind, struct err *err)
{
	struct box *box;
	struct box_in in;
	uint8_t type;
	str name = str_of(path);
	str ending = name.n > 4 ? str_from(name, name.n - 4) : name;
	*out_kind = NULL;
	if (bytes.p) {
		if (bytes.n > SHEET_FILE_MAX_BYTES)
			return FAIL(
				err, RC_LIMIT, "the file has more than %d MB", SHEET_FILE_MAX_BYTES >> 20);
		TRY(box_open_bytes(FOREIGN_SHEET, bytes, ending, &box, err));
	} else {
		TRY(box_open_file(FOREIGN_SHEET, path, SHEET_FILE_MAX_BYTES, ending, &box, err));
	}
	enum rc rc = box_next(box, &type, &in, err);
	if (rc == RC_OK && type == SAY_FOREIGN) {
		str kind = box_get_str(&in);
		for (size_t i = 0; i < sizeof foreign_kinds / sizeof *foreign_kinds; i++)
			if (str_is(kind, foreign_kinds[i]))
				*out_kind = foreign_kinds[i];
		rc = box_next(box, &type, &in, err);
	}
	if (rc == RC_OK && (type != SAY_BOOK || !read_book(&in, a, book)))
		rc = lied(NULL, err);
	if (rc != RC_OK) {
		box_close(box);
		return rc;
	}
	book->remote = NEW(a, struct sheet_remote);
	book->remote->box = box;
	return RC_OK;
}

static bool read_cell(struct box_in *in, struct cell *c, uint32_t after)
{
	uint8_t kind = box_get_u8(in);
	*c = (struct cell){.column = box_get_u32(in), .text = box_get_str(in), .day = DATE_NONE, .ms = -1};
	if (in->bad || kind > CELL_NO_VALUE || c->column <= after || c->column > SHEET_COLUMNS_MAX ||
		c->text.n > SHEET_CELL_TEXT_MAX_BYTES || !utf8_clean(c->text))
		return false;
	c->kind = (enum cell_kind)kind;
	if (kind == CELL_NUMBER) {
		c->number = box_get_f64(in);
		return !in->bad && isfinite(c->number);
	}
	if (kind == CELL_BOOL) {
		uint8_t truth = box_get_u8(in);
		c->truth = truth == 1;
		return !in->bad && truth <= 1;
	}
	if (kind == CELL_DATE) {
		c->day = (int32_t)box_get_u32(in);
		c->ms = box_get_i64(in);
		return !in->bad && c->ms >= -1 && c->ms < INT64_C(1) << 50 &&
		       (c->day == DATE_NONE || (c->day > -1000000 && c->day < 4000000));
	}
	return true;
}

static bool read_row(struct sheet_remote *r, struct box_in *in, uint32_t after, struct sheet_row *out)
{
	uint32_t number = box_get_u32(in);
	uint8_t hidden = box_get_u8(in);
	uint32_t n = box_get_u32(in);
	if (in->bad || number <= after || number > SHEET_ROWS_MAX || hidden > 1 || n == 0 ||
		n > SHEET_COLUMNS_MAX)
		return false;
	if (n > r->cap) {
		r->cap = n;
		r->cells = mem_resize(r->cells, n * sizeof *r->cells);
	}
	for (uint32_t i = 0; i < n; i++)
		if (!read_cell(in, &r->cells[i], i ? r->cells[i - 1].column : 0))
			return false;
	*out = (struct sheet_row){number, hidden == 1, r->cells, n};
	return in->rest.n == 0;
}

static enum rc ask(struct sheet_book *b, uint8_t what, size_t sheet, struct err *err)
{
	if (b->remote->box == NULL)
		return lied(NULL, err);
	box_begin(b->remote->box, what);
	if (what != ASK_STOP)
		box_u32(b->remote->box, (uint32_t)sheet);
	TRY(box_end(b->remote->box, err));
	return box_flush(b->remote->box, err);
}

/* What still comes after the reader has enough. */
static enum rc drain(struct sheet_book *b, struct err *err)
{
	struct box_in in;
	uint8_t type;
	TRY(ask(b, ASK_STOP, 0, err));
	do
		TRY(box_next(b->remote->box, &type, &in, err));
	while (type == SAY_ROW);
	return type == SAY_END ? RC_OK : lied(b, err);
}

enum rc sheet_box_rows(struct sheet_book *b, size_t sheet, sheet_row_fn *row, void *ctx, struct err *err)
{
	struct box_in in;
	uint8_t type;
	uint32_t last = 0;
	uint64_t cells = 0;
	TRY(ask(b, ASK_ROWS, sheet, err));
	for (;;) {
		struct sheet_row r;
		TRY(box_next(b->remote->box, &type, &in, err));
		if (type == SAY_END)
			return RC_OK;
		if (type != SAY_ROW || !read_row(b->remote, &in, last, &r))
			return lied(b, err);
		last = r.number;
		cells += r.n;
		if (cells > SHEET_CELLS_MAX)
			return FAIL(err, RC_LIMIT, "the sheet has more than %d cells", SHEET_CELLS_MAX);
		enum rc rc = row(ctx, &r, err);
		if (rc == RC_FOUND) {
			TRY(drain(b, err));
			return RC_FOUND;
		}
		if (rc != RC_OK) {
			box_close(b->remote->box);
			b->remote->box = NULL;
			return rc;
		}
	}
}

enum rc sheet_box_merged(struct sheet_book *b, size_t sheet, struct arena *a,
	const struct sheet_range **out_ranges, size_t *out_n, struct err *err)
{
	struct box_in in;
	uint8_t type;
	TRY(ask(b, ASK_MERGED, sheet, err));
	TRY(box_next(b->remote->box, &type, &in, err));
	uint32_t n = type == SAY_RANGES ? box_get_u32(&in) : 0;
	if (type != SAY_RANGES || in.bad || n > SHEET_MERGED_MAX || in.rest.n != (size_t)n * 16)
		return lied(b, err);
	struct sheet_range *ranges = NEWS(a, (size_t)n + 1, struct sheet_range);
	for (uint32_t i = 0; i < n; i++) {
		struct sheet_range *r = &ranges[i];
		*r = (struct sheet_range){box_get_u32(&in), 0, 0, 0};
		r->column1 = box_get_u32(&in);
		r->row2 = box_get_u32(&in);
		r->column2 = box_get_u32(&in);
		if (r->row1 == 0 || r->column1 == 0 || r->row2 < r->row1 || r->column2 < r->column1 ||
			r->row2 > SHEET_ROWS_MAX || r->column2 > SHEET_COLUMNS_MAX)
			return lied(b, err);
	}
	TRY(box_next(b->remote->box, &type, &in, err));
	if (type != SAY_END)
		return lied(b, err);
	*out_ranges = ranges;
	*out_n = n;
	return RC_OK;
}

void sheet_box_close(struct sheet_remote *r)
{
	if (r == NULL)
		return;
	box_close(r->box);
	mem_resize(r->cells, 0);
	r->cells = NULL;
	r->cap = 0;
	r->box = NULL;
}
