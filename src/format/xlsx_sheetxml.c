/* xlsx_sheetxml.c -- see xlsx_sheetxml.h: reading. */
#include "format/xlsx_sheetxml.h"
#include "format/xlsx_fill.h"
#include "format/xlsx_read.h"
#include "format/xml.h"

enum { ROWS_MAX = 1048576 }; /* Excel's */

/* ---- the package ---- */

static enum rc read_parts(struct arena *a, str xlsx, struct workbook *w, struct err *err)
{
	struct unzip *z;
	if (!unzip_looks_so(xlsx))
		return FAIL(err, RC_INVALID, "not an .xlsx file (no zip archive)");
	TRY(unzip_open_bytes(a, xlsx, NULL, &z, err));
	w->parts_n = unzip_count(z);
	w->parts = NEWS(a, w->parts_n + 1, struct package_part);
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < w->parts_n; i++) {
		const struct unzip_entry *e = unzip_at(z, i);
		w->parts[i] = (struct package_part){.name = arena_str(a, e->name), .gone = e->folder};
		w->tables = w->tables || str_starts(e->name, STR("xl/tables/"));
		if (!e->folder)
			rc = unzip_read(z, e, a, &w->parts[i].bytes, err);
	}
	unzip_close(z);
	return rc;
}

static size_t part_named(const struct workbook *w, str name)
{
	for (size_t i = 0; i < w->parts_n; i++)
		if (str_eq(w->parts[i].name, name))
			return i;
	return SIZE_MAX;
}

/* ---- shared texts ---- */

struct texts {
	struct arena *a;
	str *list;
	size_t n, cap;
	struct buf now;
	bool in_text, phonetic;
};

static enum rc si_start(void *ctx, const struct xml_element *e, struct err *err)
{
	struct texts *t = ctx;
	(void)err;
	if (xml_is(e, "si"))
		buf_clear(&t->now);
	t->phonetic = t->phonetic || xml_is(e, "rPh");
	t->in_text = xml_is(e, "t") && !t->phonetic;
	return RC_OK;
}

static enum rc si_end(void *ctx, const struct xml_element *e, struct err *err)
{
	struct texts *t = ctx;
	t->in_text = false;
	if (xml_is(e, "rPh"))
		t->phonetic = false;
	if (!xml_is(e, "si"))
		return RC_OK;
	if (t->n >= XLSX_FILL_CELLS_MAX)
		return FAIL(err, RC_LIMIT, "more than %d cells with text", XLSX_FILL_CELLS_MAX);
	xlsx_unescape(&t->now, 0);
	t->list = arena_grow(t->a, t->list, t->n, &t->cap, sizeof *t->list);
	t->list[t->n++] = arena_str(t->a, buf_str(&t->now));
	return RC_OK;
}

static enum rc si_text(void *ctx, str text, struct err *err)
{
	struct texts *t = ctx;
	(void)err;
	if (t->in_text)
		buf_add(&t->now, text);
	return RC_OK;
}

/* ---- a sheet ---- */

struct reading {
	struct arena *a;
	struct book_sheet *s;
	const struct texts *texts;
	size_t rows_cap, cells_cap;
	struct buf value;
	str kind; /* of the cell: s inlineStr str b e d n */
	bool in_value, header;
};

/* Children of a worksheet that stand before headerFooter (CT_Worksheet's sequence). */
static bool before_header(str local)
{
	static const char *const after[] = {"headerFooter", "rowBreaks", "colBreaks", "customProperties",
		"cellWatches", "ignoredErrors", "smartTags", "drawing", "legacyDrawing", "legacyDrawingHF",
		"drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst"};
	for (size_t i = 0; i < sizeof after / sizeof *after; i++)
		if (str_is(local, after[i]))
			return false;
	return true;
}

static enum rc cell_start(struct reading *r, const struct xml_element *e, struct err *err)
{
	struct book_sheet *s = r->s;
	str ref = xml_get(e, "r");
	if (s->rows_n == 0)
		return FAIL(err, RC_INVALID, "%.*s: a cell stands outside a row", STR_ARG(s->name));
	if (ref.n == 0)
		return FAIL(err, RC_INVALID,
			"%.*s: a cell has no name; save the workbook in Excel or WPS first",
			STR_ARG(s->name));
	if (s->cells_n >= XLSX_FILL_CELLS_MAX)
		return FAIL(err, RC_LIMIT, "more than %d cells with text", XLSX_FILL_CELLS_MAX);
	s->cells = arena_grow(r->a, s->cells, s->cells_n, &r->cells_cap, sizeof *s->cells);
	s->cells[s->cells_n++] = (struct book_cell){.from = e->from_bytes,
		.head_to = e->to_bytes,
		.row = (uint32_t)(s->rows_n - 1),
		.ref = arena_str(r->a, ref),
		.style = arena_str(r->a, xml_get(e, "s"))};
	s->rows[s->rows_n - 1].n++;
	r->kind = arena_str(r->a, xml_get(e, "t"));
	buf_clear(&r->value);
	return RC_OK;
}

static enum rc sheet_start(void *ctx, const struct xml_element *e, struct err *err)
{
	struct reading *r = ctx;
	struct book_sheet *s = r->s;
	struct book_cell *c = s->cells_n ? &s->cells[s->cells_n - 1] : NULL;
	if (e->depth == 1)
		s->prefix = arena_str(r->a, e->prefix);
	if (xml_is(e, "row") && e->depth == 3) {
		int64_t number;
		if (!str_i64(xml_get(e, "r"), &number) || number < 1 || number > ROWS_MAX)
			return FAIL(err, RC_INVALID,
				"%.*s: a row has no number; save the workbook in Excel or WPS first",
				STR_ARG(s->name));
		s->rows = arena_grow(r->a, s->rows, s->rows_n, &r->rows_cap, sizeof *s->rows);
		s->rows[s->rows_n++] = (struct book_row){
			.from = e->from_bytes, .tag_to = e->to_bytes, .number = number, .first = s->cells_n};
	} else if (xml_is(e, "c") && e->depth == 4) {
		return cell_start(r, e, err);
	} else if (c && xml_is(e, "f") && e->depth == 5) {
		c->formula = true;
		c->shared =
			c->shared || str_is(xml_get(e, "t"), "shared") || str_is(xml_get(e, "t"), "array");
		c->f_from = e->to_bytes;
	} else if (c && xml_is(e, "v") && e->depth == 5) {
		c->v_from = e->from_bytes;
		r->in_value = true;
	} else if (xml_is(e, "t") && e->depth >= 6) {
		r->in_value = str_is(r->kind, "inlineStr");
	} else if (xml_is(e, "headerFooter") && e->depth == 2) {
		s->has_header = true;
		s->header_at = e->to_bytes;
	} else if (xml_is(e, "oddHeader")) {
		s->header_from = e->to_bytes;
	}
	return RC_OK;
}

static void cell_end(struct reading *r, struct book_cell *c, const struct xml_element *e)
{
	int64_t index;
	c->tail_from = e->from_bytes;
	c->to = e->to_bytes;
	str text = str_trim(buf_str(&r->value));
	if (c->formula)
		return;
	if (str_is(r->kind, "s")) {
		if (str_i64(text, &index) && index >= 0 && (size_t)index < r->texts->n)
			c->text = r->texts->list[index];
	} else if (str_is(r->kind, "inlineStr") || str_is(r->kind, "str")) {
		xlsx_unescape(&r->value, 0);
		c->text = arena_str(r->a, buf_str(&r->value));
	} else if (r->kind.n == 0 || str_is(r->kind, "n")) {
		c->text = arena_str(r->a, text);
		c->numeric = true;
	}
}

static enum rc sheet_end(void *ctx, const struct xml_element *e, struct err *err)
{
	struct reading *r = ctx;
	struct book_sheet *s = r->s;
	struct book_cell *c = s->cells_n ? &s->cells[s->cells_n - 1] : NULL;
	(void)err;
	if (xml_is(e, "row") && e->depth == 3)
		s->rows[s->rows_n - 1].to = e->to_bytes;
	else if (c && xml_is(e, "c") && e->depth == 4)
		cell_end(r, c, e);
	else if (c && xml_is(e, "f") && e->depth == 5)
		c->f_to = e->from_bytes;
	else if (c && xml_is(e, "v") && e->depth == 5) {
		c->v_to = e->to_bytes;
		r->in_value = false;
	} else if (xml_is(e, "t"))
		r->in_value = false;
	else if (xml_is(e, "oddHeader"))
		s->header_to = e->from_bytes;
	else if (e->depth == 2 && before_header(e->local) && !s->has_header)
		s->header_at = e->to_bytes;
	return RC_OK;
}

static enum rc sheet_text(void *ctx, str text, struct err *err)
{
	struct reading *r = ctx;
	(void)err;
	if (r->in_value)
		buf_add(&r->value, text);
	return RC_OK;
}

static enum rc read_sheet(
	struct arena *a, struct workbook *w, struct book_sheet *s, const struct texts *texts, struct err *err)
{
	struct reading r = {.a = a, .s = s, .texts = texts};
	str bytes = w->parts[s->part].bytes;
	if (str_starts(bytes, STR("\xFE\xFF")) || str_starts(bytes, STR("\xFF\xFE")))
		return FAIL(err, RC_INVALID, "%.*s is not in UTF-8; save the workbook in Excel or WPS first",
			STR_ARG(s->name));
	enum rc rc = xml_parse(bytes,
		&(struct xml_visitor){.ctx = &r, .start = sheet_start, .end = sheet_end, .text = sheet_text},
		err);
	buf_done(&r.value);
	return rc;
}

/* ---- which parts are sheets ---- */

struct finding {
	struct arena *a;
	struct workbook *w;
	struct {
		str name, id;
	} * sheets;
	size_t n, cap, sheets_cap;
};

static enum rc book_start(void *ctx, const struct xml_element *e, struct err *err)
{
	struct finding *f = ctx;
	(void)err;
	if (!xml_is(e, "sheet"))
		return RC_OK;
	f->sheets = arena_grow(f->a, f->sheets, f->n, &f->cap, sizeof *f->sheets);
	f->sheets[f->n].name = arena_str(f->a, xml_get(e, "name"));
	f->sheets[f->n++].id = arena_str(f->a, xml_get(e, "r:id"));
	return RC_OK;
}

static enum rc rels_start(void *ctx, const struct xml_element *e, struct err *err)
{
	struct finding *f = ctx;
	str target = xml_get(e, "Target"), id = xml_get(e, "Id");
	(void)err;
	if (!xml_is(e, "Relationship") || !str_ends(xml_get(e, "Type"), STR("/worksheet")))
		return RC_OK;
	str path = str_starts(target, STR("/")) ? str_from(target, 1)
						: arena_fmt(f->a, "xl/%.*s", STR_ARG(target));
	size_t part = part_named(f->w, path);
	for (size_t i = 0; part != SIZE_MAX && i < f->n; i++)
		if (str_eq(f->sheets[i].id, id)) {
			struct workbook *w = f->w;
			w->sheets =
				arena_grow(f->a, w->sheets, w->sheets_n, &f->sheets_cap, sizeof *w->sheets);
			w->sheets[w->sheets_n++] =
				(struct book_sheet){.part = part, .name = f->sheets[i].name};
		}
	return RC_OK;
}

enum rc workbook_read(struct arena *a, str xlsx, struct workbook *out, struct err *err)
{
	struct finding f = {.a = a, .w = out};
	struct texts t = {.a = a};
	*out = (struct workbook){0};
	TRY(read_parts(a, xlsx, out, err));
	size_t book = part_named(out, STR("xl/workbook.xml")),
	       rels = part_named(out, STR("xl/_rels/workbook.xml.rels")),
	       shared = part_named(out, STR("xl/sharedStrings.xml"));
	if (book == SIZE_MAX || rels == SIZE_MAX)
		return FAIL(err, RC_INVALID, "not an .xlsx file (xl/workbook.xml is missing)");
	TRY(xml_parse(out->parts[book].bytes, &(struct xml_visitor){.ctx = &f, .start = book_start}, err));
	TRY(xml_parse(out->parts[rels].bytes, &(struct xml_visitor){.ctx = &f, .start = rels_start}, err));
	enum rc rc = RC_OK;
	if (shared != SIZE_MAX)
		rc = xml_parse(out->parts[shared].bytes,
			&(struct xml_visitor){.ctx = &t, .start = si_start, .end = si_end, .text = si_text},
			err);
	buf_done(&t.now);
	for (size_t i = 0; rc == RC_OK && i < out->sheets_n; i++)
		rc = read_sheet(a, out, &out->sheets[i], &t, err);
	return rc;
}
