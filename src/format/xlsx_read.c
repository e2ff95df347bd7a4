/* xlsx_read.c -- see xlsx_read.h. One row lies in memory: its cells, and the text of those that are not shared, by
 * offset until the row ends because the text moves as it grows. */
#include "format/xlsx_read.h"
#include "base/utf8.h"
#include "base/date.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum { OUTSIDE, IN_ROWS, IN_ROW, IN_CELL };
enum { EPOCH_1900 = -25567, EPOCH_1904 = -24107 }; /* 1900-01-01, 1904-01-01 */
enum { LAST_DAY = 84370 };                         /* 2200-12-31 */
enum { DAY_MS = 86400000, LEAP_BUG_SERIAL = 60, SERIAL_END = 200000 };

enum type { T_NUMBER, T_SHARED, T_INLINE, T_FORMULA_TEXT, T_BOOL, T_ERROR, T_ISO_DATE };

struct rows {
	struct xlsx *x;
	sheet_row_fn *row;
	void *ctx;
	str sheet; /* its name, for faults */
	int state;
	bool in_value, in_inline, in_text, in_reading, has_value, has_formula, row_hidden;
	enum type type;
	enum number_kind number;
	uint32_t row_number, column;
	uint64_t cells_total;
	struct cell *cells;
	size_t n, cap;
	struct buf text;
	size_t from; /* where this cell's text begins */
};

bool xlsx_reference(str s, uint32_t *row, uint32_t *column)
{
	uint32_t r = 0, c = 0;
	size_t i = 0;
	for (; i < s.n && ((s.p[i] | 0x20) >= 'a' && (s.p[i] | 0x20) <= 'z'); i++) {
		c = c * 26 + (uint32_t)((s.p[i] | 0x20) - 'a' + 1);
		if (c > 1u << 24)
			return false;
	}
	for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++) {
		r = r * 10 + (uint32_t)(s.p[i] - '0');
		if (r > 1u << 26)
			return false;
	}
	*row = r;
	*column = c;
	return i == s.n && s.n > 0;
}

static enum rc at_cell(const struct rows *r, struct err *err, enum rc rc)
{
	char address[SHEET_ADDRESS_BYTES];
	sheet_address(r->row_number, r->column, address);
	return err_at(err, rc, "sheet “%.*s”, cell %s", STR_ARG(r->sheet), address);
}

static enum rc start_row(struct rows *r, const struct xml_element *e, struct err *err)
{
	str number = xml_get(e, "r"), hidden = xml_get(e, "hidden");
	uint32_t before = r->row_number, column;
	r->row_number++;
	if (number.n && (!xlsx_reference(number, &r->row_number, &column) || column != 0))
		r->row_number = 0;
	if (r->row_number <= before || r->row_number > SHEET_ROWS_MAX)
		return FAIL(err, RC_INVALID,
			"sheet “%.*s”: the row after row %u has a number that is not allowed (“%.*s”)",
			STR_ARG(r->sheet), before, STR_ARG(utf8_head(number, 20)));
	r->row_hidden = str_is(hidden, "1") || str_is(hidden, "true");
	r->column = 0;
	r->n = 0;
	buf_clear(&r->text);
	r->state = IN_ROW;
	return RC_OK;
}

static enum type type_of(str t)
{
	if (t.n == 1)
		switch (t.p[0]) {
		case 's':
			return T_SHARED;
		case 'b':
			return T_BOOL;
		case 'e':
			return T_ERROR;
		case 'd':
			return T_ISO_DATE;
		default:
			return T_NUMBER;
		}
	return str_is(t, "inlineStr") ? T_INLINE : str_is(t, "str") ? T_FORMULA_TEXT : T_NUMBER;
}

static enum rc start_cell(struct rows *r, const struct xml_element *e, struct err *err)
{
	str address = {0}, type = {0}, style = {0};
	for (const char *const *a = e->attrs; *a; a += 2)
		if (a[0][1] == 0 && a[0][0] == 'r')
			address = str_of(a[1]);
		else if (a[0][1] == 0 && a[0][0] == 't')
			type = str_of(a[1]);
		else if (a[0][1] == 0 && a[0][0] == 's')
			style = str_of(a[1]);
	uint32_t before = r->column, row = r->row_number;
	r->column++;
	if (address.n && (!xlsx_reference(address, &row, &r->column) || row != r->row_number))
		r->column = 0;
	if (r->column <= before || r->column > SHEET_COLUMNS_MAX)
		return FAIL(err, RC_INVALID,
			"sheet “%.*s”, row %u: a cell has an address that is not allowed (“%.*s”)",
			STR_ARG(r->sheet), r->row_number, STR_ARG(utf8_head(address, 20)));
	if (++r->cells_total > SHEET_CELLS_MAX)
		return FAIL(err, RC_LIMIT, "sheet “%.*s” has more than %d cells", STR_ARG(r->sheet),
			SHEET_CELLS_MAX);
	int64_t format = 0;
	if (style.n)
		str_i64(style, &format);
	r->number = format >= 0 && (uint64_t)format < r->x->styles_n ? r->x->styles[format] : NUMBER_PLAIN;
	r->type = type_of(type);
	r->has_value = r->has_formula = r->in_value = r->in_inline = r->in_text = r->in_reading = false;
	r->from = r->text.n;
	r->state = IN_CELL;
	return RC_OK;
}

static enum rc on_start(void *ctx, const struct xml_element *e, struct err *err)
{
	struct rows *r = ctx;
	switch (r->state) {
	case OUTSIDE:
		if (e->depth == 2 && xml_is(e, "sheetData"))
			r->state = IN_ROWS;
		return RC_OK;
	case IN_ROWS:
		return xml_is(e, "row") ? start_row(r, e, err) : RC_OK;
	case IN_ROW:
		return e->depth == 4 && xml_is(e, "c") ? start_cell(r, e, err) : RC_OK;
	default:
		break;
	}
	if (e->depth == 5 && e->local.n == 1) {
		if (e->local.p[0] == 'v') {
			/* a value counts once; an inline text beside it wins */
			r->in_value = !r->has_value;
		} else if (e->local.p[0] == 'f') {
			r->has_formula = true;
		}
	} else if (e->depth == 5 && xml_is(e, "is")) {
		r->in_inline = true;
		r->text.n = r->from;
		r->has_value = true;
		r->type = T_INLINE;
	} else if (r->in_inline && xml_is(e, "rPh")) {
		r->in_reading = true;
	} else if (r->in_inline && xml_is(e, "t")) {
		r->in_text = !r->in_reading;
	}
	return RC_OK;
}

static enum rc on_text(void *ctx, str text, struct err *err)
{
	struct rows *r = ctx;
	if (!r->in_value && !r->in_text)
		return RC_OK;
	if (r->text.n - r->from + text.n > SHEET_CELL_TEXT_MAX_BYTES)
		return at_cell(r, err, FAIL(err, RC_LIMIT, "the text is too long"));
	buf_add(&r->text, text);
	return buf_ok(&r->text) ? RC_OK : at_cell(r, err, FAIL(err, RC_LIMIT, "the row is too long"));
}

/* Fast where the digits fit a double exactly, else the C library (both round correctly). */
static bool to_double(str s, double *out)
{
	static const double tens[] = {
		1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
	uint64_t digits = 0;
	size_t i = 0, n = 0, behind = 0;
	bool minus = s.n && s.p[0] == '-', point = false;
	for (i = minus; i < s.n && n <= 15; i++) {
		if (s.p[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (s.p[i] < '0' || s.p[i] > '9')
			break;
		digits = digits * 10 + (uint64_t)(s.p[i] - '0');
		n++;
		behind += point;
	}
	if (i == s.n && n > 0 && n <= 15) {
		double v = (double)digits / tens[behind];
		*out = minus ? -v : v;
		return true;
	}
	char copy[512], *end;
	if (s.n == 0 || s.n >= sizeof copy || strchr("-0123456789.", s.p[0]) == NULL || memchr(s.p, 'x', s.n))
		return false;
	memcpy(copy, s.p, s.n);
	copy[s.n] = 0;
	*out = strtod(copy, &end);
	return *end == 0 && isfinite(*out);
}

/* A serial number as date: 1 is 1900-01-01, and 60 a day that never was (1900-02-29, kept for Lotus' sake). One that
 * is no day of 1900..2200 stays a number. */
static void to_date(const struct rows *r, struct cell *c)
{
	if (!(c->number >= 0 && c->number < SERIAL_END))
		return;
	int64_t serial = (int64_t)c->number, ms = llround((c->number - (double)serial) * DAY_MS);
	if (ms == DAY_MS) {
		ms = 0;
		serial++;
	}
	bool old_mac = r->x->date_base == 1904;
	if (r->number == NUMBER_ELAPSED || (serial == 0 && (r->number == NUMBER_TIME || !old_mac))) {
		c->kind = CELL_DATE;
		c->ms = ms + serial * DAY_MS;
		return;
	}
	int64_t day = old_mac ? EPOCH_1904 + serial : EPOCH_1900 - 1 + serial - (serial > LEAP_BUG_SERIAL);
	if (day > LAST_DAY)
		return;
	c->kind = CELL_DATE;
	c->day = (int32_t)day;
	c->ms = ms == 0 && r->number != NUMBER_TIME ? -1 : ms;
}

static int two_digits(str s, size_t at)
{
	if (at + 2 > s.n || s.p[at] < '0' || s.p[at] > '9' || s.p[at + 1] < '0' || s.p[at + 1] > '9')
		return -1;
	return (s.p[at] - '0') * 10 + (s.p[at + 1] - '0');
}

/* "12:30", "12:30:05", "12:30:05.25", all with a Z or not */
static bool iso_time(str s, int64_t *ms)
{
	int h = two_digits(s, 0), m = two_digits(s, 3), sec = 0;
	if (h < 0 || h > 24 || m < 0 || m > 59 || s.p[2] != ':')
		return false;
	double fraction = 0;
	if (s.n > 5 && s.p[5] == ':') {
		sec = two_digits(s, 6);
		if (sec < 0 || sec > 59)
			return false;
		for (size_t i = 9, scale = 100; i < s.n && s.p[8] == '.' && s.p[i] >= '0' && s.p[i] <= '9';
			i++) {
			fraction += (double)((size_t)(s.p[i] - '0') * scale);
			scale /= 10;
		}
	}
	*ms = ((h * 60 + m) * 60 + sec) * 1000 + (int64_t)fraction;
	return true;
}

static bool iso_date(str s, struct cell *c)
{
	c->kind = CELL_DATE;
	c->day = DATE_NONE;
	c->ms = -1;
	if (s.n >= 10 && date_parse(str_head(s, 10), &c->day)) {
		str rest = str_from(s, 10);
		if (rest.n == 0)
			return true;
		if ((rest.p[0] != 'T' && rest.p[0] != ' ') || !iso_time(str_from(rest, 1), &c->ms))
			return false;
		if (c->ms == 0)
			c->ms = -1;
		return true;
	}
	return iso_time(s, &c->ms);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static enum rc shared_text(const struct rows *r, struct cell *c, str index, struct err *err)
{
	const struct xlsx_shared *s = &r->x->shared;
	int64_t i;
	if (!str_i64(str_trim(index), &i) || i < 0 || (uint64_t)i >= s->n)
		return at_cell(r, err, FAIL(err, RC_INVALID, "the file lacks the text of this cell"));
	uint32_t from = i ? s->ends[i - 1] : 0;
	c->kind = CELL_TEXT;
	c->text = (str){s->bytes.p + from, s->ends[i] - from};
	return RC_OK;
}

/* The value of the cell that just ended. Texts of the row keep text.p NULL until its end. */
static enum rc value_of(struct rows *r, struct cell *c, struct err *err)
{
	str raw = {r->text.p + r->from, r->text.n - r->from};
	switch (r->type) {
	case T_SHARED:
		r->text.n = r->from; /* it was but an index */
		return shared_text(r, c, raw, err);
	case T_INLINE:
	case T_FORMULA_TEXT:
		c->kind = CELL_TEXT;
		xlsx_unescape(&r->text, r->from);
		break;
	case T_ERROR:
		c->kind = CELL_ERROR;
		break;
	case T_BOOL:
		c->kind = CELL_BOOL;
		c->truth = str_is(raw, "1") || str_is(raw, "true");
		break;
	case T_ISO_DATE:
		if (!iso_date(raw, c))
			c->kind = CELL_ERROR;
		break;
	case T_NUMBER:
		if (is_blank(raw.p[0]) || is_blank(raw.p[raw.n - 1])) {
			str s = str_trim(raw);
			memmove(r->text.p + r->from, s.p ? s.p : "", s.n);
			r->text.n = r->from + s.n;
			raw.n = s.n;
		}
		c->kind = to_double(raw, &c->number) ? CELL_NUMBER : CELL_ERROR;
		if (c->kind == CELL_NUMBER && r->number != NUMBER_PLAIN)
			to_date(r, c);
		break;
	}
	c->text.n = r->text.n - r->from;
	return RC_OK;
}

static enum rc end_cell(struct rows *r, struct err *err)
{
	r->state = IN_ROW;
	bool empty =
		!r->has_value || (r->text.n == r->from && r->type != T_INLINE && r->type != T_FORMULA_TEXT);
	if (empty && !r->has_formula)
		return RC_OK;
	struct cell c = {.kind = CELL_NO_VALUE, .column = r->column, .day = DATE_NONE, .ms = -1};
	if (!empty)
		TRY(value_of(r, &c, err));
	if (r->n >= r->cap) {
		r->cap = r->cap ? 2 * r->cap : 64;
		r->cells = mem_resize(r->cells, r->cap * sizeof *r->cells);
	}
	r->cells[r->n++] = c;
	return RC_OK;
}

static enum rc end_row(struct rows *r, struct err *err)
{
	r->state = IN_ROWS;
	if (r->n == 0)
		return RC_OK;
	size_t from = 0;
	for (size_t i = 0; i < r->n; i++)
		if (r->cells[i].text.p == NULL) {
			r->cells[i].text.p = r->text.p ? r->text.p + from : "";
			from += r->cells[i].text.n;
		}
	return r->row(r->ctx, &(struct sheet_row){r->row_number, r->row_hidden, r->cells, r->n}, err);
}

static enum rc on_end(void *ctx, const struct xml_element *e, struct err *err)
{
	struct rows *r = ctx;
	switch (r->state) {
	case IN_CELL:
		if (e->depth == 4)
			return end_cell(r, err);
		if (e->depth == 5) {
			r->has_value = r->has_value || r->in_value;
			r->in_value = r->in_inline = false;
		} else if (xml_is(e, "t")) {
			r->in_text = false;
		} else if (xml_is(e, "rPh")) {
			r->in_reading = false;
		}
		return RC_OK;
	case IN_ROW:
		return e->depth == 3 ? end_row(r, err) : RC_OK;
	case IN_ROWS:
		if (e->depth == 2)
			r->state = OUTSIDE;
		return RC_OK;
	default:
		return RC_OK;
	}
}

enum rc xlsx_rows(struct xlsx *x, size_t sheet, sheet_row_fn *row, void *ctx, struct err *err)
{
	assert(sheet < x->n);
	TRY(xlsx_read_shared(x, err));
	struct rows r = {.x = x, .row = row, .ctx = ctx, .sheet = x->sheets[sheet].info.name};
	buf_init(&r.text, 16 * SHEET_CELL_TEXT_MAX_BYTES);
	enum rc rc = xml_parse_entry(
		x->zip, x->sheets[sheet].part, &(struct xml_visitor){&r, on_start, on_end, on_text}, err);
	buf_done(&r.text);
	mem_resize(r.cells, 0);
	return rc;
}

struct merged {
	struct arena *a;
	struct sheet_range *all;
	size_t n, cap;
};

static enum rc add_merged(struct merged *m, str ref, struct err *err)
{
	struct sheet_range g;
	str to, from = str_cut(ref, ':', &to);
	if (!xlsx_reference(from, &g.row1, &g.column1) ||
		!xlsx_reference(to.n ? to : from, &g.row2, &g.column2) || g.row1 == 0 || g.column1 == 0 ||
		g.row2 < g.row1 || g.column2 < g.column1 || g.row2 > SHEET_ROWS_MAX ||
		g.column2 > SHEET_COLUMNS_MAX)
		return FAIL(err, RC_INVALID, "a merged range of the sheet cannot be read (“%.*s”)",
			STR_ARG(utf8_head(ref, 40)));
	if (m->n >= SHEET_MERGED_MAX)
		return FAIL(err, RC_LIMIT, "the sheet has more than %d merged ranges", SHEET_MERGED_MAX);
	m->all = arena_grow(m->a, m->all, m->n, &m->cap, sizeof *m->all);
	m->all[m->n++] = g;
	return RC_OK;
}

static enum rc on_merged(void *ctx, const struct xml_element *e, struct err *err)
{
	return xml_is(e, "mergeCell") && e->depth == 3 ? add_merged(ctx, xml_get(e, "ref"), err) : RC_OK;
}

enum { SCAN_BYTES = 64 << 10, TAG_BYTES = 4096 };

/* The tag <mergeCell ...> or <x:mergeCell ...> whose name stands at `name` in s; *out_ref is its range. False where it is
 * something else; *whole false where its end has not come. */
static bool merged_tag(str s, size_t name, str *out_ref, bool *whole)
{
	size_t open = name;
	while (open > 0 && s.p[open - 1] != '<' && name - open < XML_NAME_MAX_BYTES)
		open--;
	str rest = str_from(s, name + strlen("mergeCell"));
	*whole = true;
	if (open == 0 || s.p[open - 1] != '<' || (open != name && s.p[name - 1] != ':') ||
		(rest.n && !is_blank(rest.p[0])))
		return false;
	size_t end = str_find_byte(rest, '>');
	*whole = end != SIZE_MAX;
	if (!*whole)
		return false;
	rest = str_head(rest, end);
	for (size_t at; (at = str_find(rest, STR("ref="))) != SIZE_MAX;) {
		bool own = at > 0 && is_blank(rest.p[at - 1]);
		rest = str_from(rest, at + strlen("ref="));
		if (!own || rest.n < 2 || (rest.p[0] != '"' && rest.p[0] != '\''))
			continue;
		size_t close = str_find_byte(str_from(rest, 1), rest.p[0]);
		*out_ref = str_head(str_from(rest, 1), close == SIZE_MAX ? 0 : close);
		return true;
	}
	return false;
}

/* All whole tags in s; returns how many bytes at its end must be seen again with what follows. */
static enum rc scan_merged(struct merged *m, str s, size_t *keep, struct err *err)
{
	static const str WORD = {"mergeCell", 9};
	size_t at = 0;
	const char *p;
	while (at < s.n && (p = memmem(s.p + at, s.n - at, WORD.p, WORD.n)) != NULL) {
		str ref;
		bool whole;
		size_t name = (size_t)(p - s.p);
		if (merged_tag(s, name, &ref, &whole))
			TRY(add_merged(m, ref, err));
		if (!whole && s.n - name < TAG_BYTES)
			break;
		at = name + WORD.n;
	}
	const char *open = memrchr(s.p, '<', s.n);
	size_t tail = open ? s.n - (size_t)(open - s.p) : 0;
	bool whole = tail == 0 || memchr(open, '>', tail) != NULL;
	*keep = !whole && tail < TAG_BYTES ? tail : 0;
	return RC_OK;
}

/* In UTF-8 a tag is found by its bytes: "<" stands in no text. That is many times faster than reading every cell. */
static enum rc scan_stream(
	struct merged *m, struct unzip_stream *s, char *piece, bool *utf16, struct err *err)
{
	size_t kept = 0;
	for (bool first = true;; first = false) {
		size_t n;
		TRY(unzip_stream_read(s, piece + kept, SCAN_BYTES, &n, err));
		if (n == 0)
			return RC_OK;
		if (first && n >= 2 &&
			(piece[0] == 0 || piece[1] == 0 || piece[0] == '\xfe' || piece[0] == '\xff')) {
			*utf16 = true;
			return RC_OK;
		}
		size_t keep;
		TRY(scan_merged(m, (str){piece, kept + n}, &keep, err));
		memmove(piece, piece + kept + n - keep, keep);
		kept = keep;
	}
}

enum rc xlsx_merged(struct xlsx *x, size_t sheet, struct arena *a, const struct sheet_range **out_ranges,
	size_t *out_n, struct err *err)
{
	assert(sheet < x->n);
	struct merged m = {.a = a};
	struct unzip_stream *s;
	bool utf16 = false;
	const struct unzip_entry *part = x->sheets[sheet].part;
	TRY(unzip_stream_open(x->zip, part, &s, err));
	char *piece = mem_resize(NULL, SCAN_BYTES + TAG_BYTES);
	enum rc rc = scan_stream(&m, s, piece, &utf16, err);
	mem_resize(piece, 0);
	unzip_stream_close(s);
	if (rc == RC_OK && utf16)
		rc = xml_parse_entry(x->zip, part, &(struct xml_visitor){.ctx = &m, .start = on_merged}, err);
	if (rc != RC_OK)
		return rc;
	*out_ranges = m.all;
	*out_n = m.n;
	return RC_OK;
}
