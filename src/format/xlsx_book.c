/* xlsx_book.c -- see xlsx_read.h. Nothing is allocated by a count that the file tells. */
#include "format/xlsx_read.h"
#include <assert.h>

enum { RELATIONS_MAX = 4096, FORMATS_MAX = 65536, NAME_MAX_BYTES = 255 };

struct relation {
	str id, type, target; /* target: a path in the archive */
};

struct relations {
	struct arena *a;
	str folder; /* what relative targets start from, with its slash */
	struct relation *all;
	size_t n, cap;
};

/* "xl/" + "../xl/./sheet1.xml" -> "xl/sheet1.xml" */
static str resolve(struct arena *a, str folder, str target)
{
	struct buf b;
	buf_init(&b, 2 * UNZIP_NAME_MAX_BYTES);
	if (target.n && (target.p[0] == '/' || target.p[0] == '\\'))
		target = str_from(target, 1);
	else
		buf_add(&b, folder);
	for (str rest = target; rest.n;) {
		size_t n = 0;
		while (n < rest.n && rest.p[n] != '/' && rest.p[n] != '\\')
			n++;
		str part = str_head(rest, n);
		rest = str_from(rest, n + 1);
		if (part.n == 0 || str_is(part, "."))
			continue;
		if (str_is(part, "..")) {
			size_t to = b.n ? b.n - 1 : 0; /* past the slash */
			while (to > 0 && b.p[to - 1] != '/')
				to--;
			b.n = to;
			continue;
		}
		buf_add(&b, part);
		if (rest.n)
			buf_putc(&b, '/');
	}
	str path = arena_str(a, buf_str(&b));
	buf_done(&b);
	return path;
}

static enum rc on_relation(void *ctx, const struct xml_element *e, struct err *err)
{
	struct relations *r = ctx;
	if (!xml_is(e, "Relationship") || str_is(xml_get(e, "TargetMode"), "External"))
		return RC_OK;
	if (r->n >= RELATIONS_MAX)
		return FAIL(err, RC_LIMIT, "the file has too many parts");
	r->all = arena_grow(r->a, r->all, r->n, &r->cap, sizeof *r->all);
	r->all[r->n++] = (struct relation){arena_str(r->a, xml_get(e, "Id")),
		arena_str(r->a, xml_get(e, "Type")), resolve(r->a, r->folder, xml_get(e, "Target"))};
	return RC_OK;
}

/* The relationships of a part ("" for the archive's own); none when there is no such file. */
static enum rc read_relations(struct xlsx *x, str part, struct relations *r, struct err *err)
{
	size_t slash = part.n;
	while (slash > 0 && part.p[slash - 1] != '/')
		slash--;
	*r = (struct relations){.a = x->a, .folder = str_head(part, slash)};
	const char *path =
		arena_printf(x->a, "%.*s_rels/%.*s.rels", STR_ARG(r->folder), STR_ARG(str_from(part, slash)));
	const struct unzip_entry *e = unzip_find(x->zip, path);
	return e ? xml_parse_entry(x->zip, e, &(struct xml_visitor){.ctx = r, .start = on_relation}, err)
		 : RC_OK;
}

static const struct unzip_entry *part_of_type(
	const struct xlsx *x, const struct relations *r, const char *type, const char *usual)
{
	for (size_t i = 0; i < r->n; i++)
		if (str_ends(r->all[i].type, str_of(type))) {
			const struct unzip_entry *e = unzip_find(x->zip, r->all[i].target.p);
			if (e)
				return e;
		}
	return usual ? unzip_find(x->zip, usual) : NULL;
}

struct workbook {
	struct xlsx *x;
	struct relations *relations;
	struct xlsx_sheet *sheets;
	size_t n, cap, seen;
	bool is_workbook;
};

/* The worksheet that a <sheet> means; NULL for a chart or macro sheet. Without relationships: sheetN.xml by position. */
static const struct unzip_entry *sheet_part(const struct workbook *w, str id)
{
	for (size_t i = 0; i < w->relations->n; i++) {
		const struct relation *r = &w->relations->all[i];
		if (str_eq(r->id, id))
			return str_ends(r->type, STR("/worksheet")) ? unzip_find(w->x->zip, r->target.p)
								    : NULL;
	}
	char usual[64];
	struct buf b = {0};
	buf_printf(&b, "xl/worksheets/sheet%zu.xml", w->seen);
	assert(b.n < sizeof usual);
	memcpy(usual, b.p, b.n + 1);
	buf_done(&b);
	return unzip_find(w->x->zip, usual);
}

static enum rc on_workbook(void *ctx, const struct xml_element *e, struct err *err)
{
	struct workbook *w = ctx;
	if (e->depth == 1)
		w->is_workbook = xml_is(e, "workbook");
	if (e->depth == 2 && xml_is(e, "workbookPr")) {
		str base = xml_get(e, "date1904");
		w->x->date_base =
			str_is(base, "1") || str_is(base, "true") || str_is(base, "on") ? 1904 : 1900;
	}
	if (!xml_is(e, "sheet") || e->depth != 3)
		return RC_OK;
	w->seen++;
	str name = xml_get(e, "name"), state = xml_get(e, "state");
	if (w->n >= SHEET_SHEETS_MAX || name.n > 4 * NAME_MAX_BYTES)
		return FAIL(err, RC_LIMIT, "the file has more than %d sheets", SHEET_SHEETS_MAX);
	const struct unzip_entry *part = sheet_part(w, xml_get(e, "r:id"));
	if (part == NULL)
		return RC_OK;
	w->sheets = arena_grow(w->x->a, w->sheets, w->n, &w->cap, sizeof *w->sheets);
	w->sheets[w->n++] = (struct xlsx_sheet){
		{arena_str(w->x->a, name), str_is(state, "hidden") || str_is(state, "veryHidden")}, part};
	return RC_OK;
}

struct styles {
	struct xlsx *x;
	struct format {
		uint32_t id;
		enum number_kind kind;
	} * custom;
	size_t n, cap;
	bool in_cells;
};

static uint32_t number_of(str s)
{
	int64_t v;
	return str_i64(s, &v) && v >= 0 && v <= UINT32_MAX ? (uint32_t)v : 0;
}

static enum rc on_styles(void *ctx, const struct xml_element *e, struct err *err)
{
	struct styles *s = ctx;
	struct xlsx *x = s->x;
	if (s->n >= FORMATS_MAX || x->styles_n >= FORMATS_MAX)
		return FAIL(err, RC_LIMIT, "the file has too many cell formats");
	if (xml_is(e, "numFmt") && e->depth == 3) {
		s->custom = arena_grow(x->a, s->custom, s->n, &s->cap, sizeof *s->custom);
		s->custom[s->n++] = (struct format){
			number_of(xml_get(e, "numFmtId")), number_format_custom(xml_get(e, "formatCode"))};
	} else if (e->depth == 2) {
		s->in_cells = xml_is(e, "cellXfs");
	} else if (s->in_cells && e->depth == 3 && xml_is(e, "xf")) {
		uint32_t id = number_of(xml_get(e, "numFmtId"));
		enum number_kind kind = number_format_builtin(id);
		for (size_t i = 0; i < s->n; i++)
			if (s->custom[i].id == id)
				kind = s->custom[i].kind;
		x->styles = arena_grow(x->a, x->styles, x->styles_n, &x->styles_cap, 1);
		x->styles[x->styles_n++] = (uint8_t)kind;
	}
	return RC_OK;
}

static enum rc read_book(struct xlsx *x, struct err *err)
{
	struct relations top, of_book;
	TRY(read_relations(x, (str){0}, &top, err));
	const struct unzip_entry *book = part_of_type(x, &top, "/officeDocument", "xl/workbook.xml");
	if (book == NULL)
		return FAIL(err, RC_INVALID, "this zip archive is no .xlsx file: it has no workbook");
	if (str_ends(book->name, STR(".bin")))
		return FAIL(
			err, RC_INVALID, "binary workbooks (.xlsb) cannot be read; save the file as .xlsx");
	TRY(read_relations(x, book->name, &of_book, err));
	struct workbook w = {.x = x, .relations = &of_book};
	TRY(xml_parse_entry(x->zip, book, &(struct xml_visitor){.ctx = &w, .start = on_workbook}, err));
	if (!w.is_workbook)
		return FAIL(err, RC_INVALID, "this is a document of another kind, not a spreadsheet");
	if (w.n == 0)
		return FAIL(err, RC_INVALID, "the file has no sheet that can be read");
	x->sheets = w.sheets;
	x->n = w.n;
	x->infos = NEWS(x->a, x->n, struct sheet_info);
	for (size_t i = 0; i < x->n; i++)
		x->infos[i] = x->sheets[i].info;
	x->shared_part = part_of_type(x, &of_book, "/sharedStrings", "xl/sharedStrings.xml");
	x->styles_part = part_of_type(x, &of_book, "/styles", "xl/styles.xml");
	struct styles s = {.x = x};
	if (x->styles_part)
		TRY(xml_parse_entry(
			x->zip, x->styles_part, &(struct xml_visitor){.ctx = &s, .start = on_styles}, err));
	return RC_OK;
}

enum rc xlsx_open(struct arena *a, struct unzip *z, struct xlsx **out_x, struct err *err)
{
	struct xlsx *x = NEW(a, struct xlsx);
	*x = (struct xlsx){.a = a, .zip = z, .date_base = 1900};
	buf_init(&x->shared.bytes, SHEET_SHARED_MAX_BYTES);
	enum rc rc = read_book(x, err);
	if (rc != RC_OK) {
		xlsx_close(x);
		return rc;
	}
	*out_x = x;
	return RC_OK;
}

void xlsx_close(struct xlsx *x)
{
	if (x == NULL)
		return;
	unzip_close(x->zip);
	x->zip = NULL;
	buf_done(&x->shared.bytes);
	x->shared.ends = mem_resize(x->shared.ends, 0);
}

/* <si><t>..</t></si> or <si><r><t>..</t></r>..<rPh>reading</rPh></si> */
struct shared_reader {
	struct xlsx_shared *s;
	bool in_text, in_reading;
};

static enum rc on_shared_start(void *ctx, const struct xml_element *e, struct err *err)
{
	(void)err;
	struct shared_reader *r = ctx;
	if (xml_is(e, "rPh"))
		r->in_reading = true;
	else if (xml_is(e, "t"))
		r->in_text = !r->in_reading;
	return RC_OK;
}

static enum rc on_shared_text(void *ctx, str text, struct err *err)
{
	struct shared_reader *r = ctx;
	if (r->in_text)
		buf_add(&r->s->bytes, text);
	if (!buf_ok(&r->s->bytes))
		return FAIL(err, RC_LIMIT, "the texts of the file are larger than %d MB",
			SHEET_SHARED_MAX_BYTES >> 20);
	return RC_OK;
}

static enum rc on_shared_end(void *ctx, const struct xml_element *e, struct err *err)
{
	struct shared_reader *r = ctx;
	struct xlsx_shared *s = r->s;
	if (xml_is(e, "t"))
		r->in_text = false;
	else if (xml_is(e, "rPh"))
		r->in_reading = false;
	if (!xml_is(e, "si") || e->depth != 2)
		return RC_OK;
	if (s->n >= SHEET_SHARED_MAX)
		return FAIL(err, RC_LIMIT, "the file has more than %d texts", SHEET_SHARED_MAX);
	if (s->n >= s->cap) {
		s->cap = s->cap ? 2 * s->cap : 1024;
		s->ends = mem_resize(s->ends, s->cap * sizeof *s->ends);
	}
	xlsx_unescape(&s->bytes, s->n ? s->ends[s->n - 1] : 0);
	s->ends[s->n++] = (uint32_t)s->bytes.n;
	return RC_OK;
}

enum rc xlsx_read_shared(struct xlsx *x, struct err *err)
{
	if (x->shared.read || x->shared_part == NULL)
		return RC_OK;
	struct shared_reader r = {.s = &x->shared};
	x->shared.n = 0;
	buf_clear(&x->shared.bytes);
	TRY(xml_parse_entry(x->zip, x->shared_part,
		&(struct xml_visitor){&r, on_shared_start, on_shared_end, on_shared_text}, err));
	x->shared.read = true;
	return RC_OK;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
				      : -1;
}

/* The code of the escape _xHHHH_ at p, -1 when there is none. */
static int escape_at(const char *p, size_t n)
{
	if (n < 7 || p[0] != '_' || (p[1] != 'x' && p[1] != 'X') || p[6] != '_')
		return -1;
	int code = 0;
	for (int i = 2; i < 6; i++) {
		int d = hex_digit(p[i]);
		if (d < 0)
			return -1;
		code = code * 16 + d;
	}
	return code;
}

void xlsx_unescape(struct buf *b, size_t from)
{
	if (b->n - from < 7 || memchr(b->p + from, '_', b->n - from) == NULL)
		return;
	size_t to = from;
	for (size_t i = from; i < b->n;) {
		int code = escape_at(b->p + i, b->n - i);
		size_t n = code >= 0 ? 7 : 1;
		if (code >= 0 && code < 0x20) {
			if (code == '\n' || code == '\t')
				b->p[to++] = (char)code;
		} else {
			memmove(b->p + to, b->p + i, n);
			to += n;
		}
		i += n;
	}
	b->n = to;
	b->p[to] = 0;
}
