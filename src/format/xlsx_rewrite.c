/* xlsx_rewrite.c -- see xlsx_sheetxml.h: the package written again. */
#include "base/utf8.h"
#include "format/xlsx_sheetxml.h"
#include "format/xlsx_shift.h"
#include "format/xml.h"
#include "format/zip.h"

enum { PART_MAX_BYTES = 64 << 20 };

struct writer {
	struct arena *a;
	struct workbook *w;
	struct xlsx_shift *shifts; /* by sheet */
	bool grew;
};

/* Empty where a stranger's markup stands in an order of its own. */
static str slice(str s, uint64_t from, uint64_t to)
{
	if (to < from)
		return (str){0};
	return (str){s.p + from, (size_t)(to - from)};
}

static str column_of(str ref)
{
	size_t n = 0;
	while (n < ref.n && ref.p[n] >= 'A' && ref.p[n] <= 'Z')
		n++;
	return str_head(ref, n);
}

/* Markup's text as itself: the named entities and characters by number. */
static str decoded(struct arena *a, str s)
{
	static const struct {
		const char *name;
		char c;
	} named[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
	char *out = arena_alloc(a, s.n + 1);
	size_t n = 0;
	while (s.n) {
		size_t used = 0;
		for (size_t i = 0; s.p[0] == '&' && i < sizeof named / sizeof *named; i++)
			if (str_starts(s, str_of(named[i].name))) {
				out[n++] = named[i].c;
				used = strlen(named[i].name);
			}
		if (used == 0 && str_starts(s, STR("&#"))) {
			bool hex = s.n > 2 && (s.p[2] == 'x' || s.p[2] == 'X');
			uint32_t c = 0;
			size_t i = hex ? 3 : 2, end = str_find_byte(str_head(s, 12), ';');
			for (; end != SIZE_MAX && i < end; i++) {
				int d = s.p[i] <= '9' ? s.p[i] - '0' : (s.p[i] | 32) - 'a' + 10;
				c = c * (hex ? 16 : 10) + (uint32_t)(d & 15);
			}
			if (end != SIZE_MAX && c > 0 && c < 0x110000) {
				n += utf8_put(c, out + n);
				used = end + 1;
			}
		}
		if (used == 0) {
			out[n++] = s.p[0];
			used = 1;
		}
		s = str_from(s, used);
	}
	return (str){out, n};
}

/* A formula as it stands in markup, moved. */
static void put_formula(
	struct writer *x, struct buf *out, str raw, const struct xlsx_shift *own, int64_t at, int64_t copy)
{
	struct buf b = {0};
	xlsx_shift_text(&b, decoded(x->a, raw), x->shifts, x->w->sheets_n, own, at, copy);
	xml_attr(out, buf_str(&b));
	buf_done(&b);
}

/* Cells of one row that are merged stay so in each copy of the row. */
static void put_merged(struct writer *x, struct buf *out, str range, const struct xlsx_shift *own)
{
	str second, first = str_cut(range, ':', &second), c1 = column_of(first), c2 = column_of(second);
	int64_t row, last;
	if (str_i64(str_from(first, c1.n), &row) && str_i64(str_from(second, c2.n), &last) && row == last)
		for (size_t i = 0; i < own->n; i++) {
			if (own->list[i].at != row)
				continue;
			int64_t now = xlsx_row_now(own, row, false);
			for (int64_t k = 0; k <= own->list[i].more; k++)
				buf_printf(out, "%s%.*s%lld:%.*s%lld", k ? "\"/><mergeCell ref=\"" : "",
					STR_ARG(c1), (long long)(now + k), STR_ARG(c2), (long long)(now + k));
			return;
		}
	put_formula(x, out, range, own, 0, 0);
}

/* Attributes ref, sqref and the like in a piece of markup, and the insides of formula elements. */
static void put_markup(struct writer *x, struct buf *out, str s, const struct xlsx_shift *own)
{
	static const struct {
		const char *before, *after;
	} places[] = {{"<mergeCell ref=\"", "\"/>"}, {" ref=\"", "\""}, {" sqref=\"", "\""},
		{"<formula>", "</formula>"}, {"<formula1>", "</formula1>"}, {"<formula2>", "</formula2>"},
		{"<c:f>", "</c:f>"}, {"<definedName ", "</definedName>"}};
	enum { PLACES = sizeof places / sizeof *places };
	if (!x->grew) {
		buf_add(out, s);
		return;
	}
	while (s.n) {
		size_t at = SIZE_MAX, which = 0;
		for (size_t i = 0; i < PLACES; i++) {
			size_t k = str_find(s, str_of(places[i].before));
			if (k < at) {
				at = k;
				which = i;
			}
		}
		if (at == SIZE_MAX)
			break;
		size_t from = at + strlen(places[which].before);
		if (which == PLACES - 1) { /* behind its start tag */
			size_t tag = str_find_byte(str_from(s, from), '>');
			from = tag == SIZE_MAX ? s.n : from + tag + 1;
		}
		size_t n = str_find(str_from(s, from), str_of(places[which].after));
		n = n == SIZE_MAX ? s.n - from : n;
		buf_add(out, str_head(s, from));
		if (which == 0 && own)
			put_merged(x, out, (str){s.p + from, n}, own);
		else
			put_formula(x, out, (str){s.p + from, n}, own, 0, 0);
		s = str_from(s, from + n);
	}
	buf_add(out, s);
}

/* ---- cells ---- */

static void put_open(
	struct buf *out, const struct book_sheet *s, const struct book_cell *c, int64_t row, const char *kind)
{
	buf_printf(out, "<%.*s%sc r=\"%.*s%lld\"", STR_ARG(s->prefix), s->prefix.n ? ":" : "",
		STR_ARG(column_of(c->ref)), (long long)row);
	if (c->style.n)
		buf_printf(out, " s=\"%.*s\"", STR_ARG(c->style));
	if (kind)
		buf_printf(out, " t=\"%s\"", kind);
	buf_putc(out, '>');
}

static void put_value(struct buf *out, const struct book_sheet *s, const struct book_cell *c,
	const struct book_value *v, int64_t row)
{
	const char *colon = s->prefix.n ? ":" : "";
	str p = s->prefix;
	if (v->number) {
		put_open(out, s, c, row, NULL);
		buf_printf(out, "<%.*s%sv>%.*s</%.*s%sv>", STR_ARG(p), colon, STR_ARG(v->text), STR_ARG(p),
			colon);
	} else if (v->text.n == 0) {
		put_open(out, s, c, row, NULL);
	} else {
		put_open(out, s, c, row, "inlineStr");
		buf_printf(out, "<%.*s%sis><%.*s%st xml:space=\"preserve\">", STR_ARG(p), colon, STR_ARG(p),
			colon);
		xml_text(out, v->text);
		buf_printf(out, "</%.*s%st></%.*s%sis>", STR_ARG(p), colon, STR_ARG(p), colon);
	}
	buf_printf(out, "</%.*s%sc>", STR_ARG(p), colon);
}

/* The cell's own bytes under another name; a formula moves and loses its kept value. */
static void put_kept(struct writer *x, struct buf *out, str xml, const struct book_sheet *s,
	const struct book_cell *c, int64_t row, size_t copy, const struct xlsx_shift *own)
{
	str head = slice(xml, c->from, c->head_to);
	size_t at = str_find(head, STR(" r=\""));
	size_t end = at == SIZE_MAX ? SIZE_MAX : str_find_byte(str_from(head, at + 4), '"');
	if (end == SIZE_MAX) {
		buf_add(out, slice(xml, c->from, c->to));
		return;
	}
	buf_add(out, str_head(head, at + 4));
	buf_printf(out, "%.*s%lld", STR_ARG(column_of(c->ref)), (long long)row);
	buf_add(out, str_from(head, at + 4 + end));
	if (!c->formula || c->f_to < c->f_from) {
		buf_add(out, slice(xml, c->head_to, c->to));
		return;
	}
	put_markup(x, out, slice(xml, c->head_to, c->f_from), own);
	bool repeated = s->rows[c->row].copies > 1;
	put_formula(x, out, slice(xml, c->f_from, c->f_to), own, repeated ? s->rows[c->row].number : 0,
		(int64_t)copy);
	if (c->v_to > c->v_from && c->v_from >= c->f_to) {
		buf_add(out, slice(xml, c->f_to, c->v_from));
		buf_add(out, slice(xml, c->v_to, c->to));
	} else {
		buf_add(out, slice(xml, c->f_to, c->to));
	}
}

static void put_row(struct writer *x, struct buf *out, str xml, const struct book_sheet *s,
	const struct book_row *r, size_t copy, const struct xlsx_shift *own)
{
	int64_t number = xlsx_row_now(own, r->number, false) + (int64_t)copy;
	str tag = slice(xml, r->from, r->tag_to);
	size_t at = str_find(tag, STR(" r=\"")),
	       end = at == SIZE_MAX ? SIZE_MAX : str_find_byte(str_from(tag, at + 4), '"');
	if (end != SIZE_MAX) {
		buf_add(out, str_head(tag, at + 4));
		buf_i64(out, number);
		buf_add(out, str_from(tag, at + 4 + end));
	}
	uint64_t from = r->tag_to;
	for (size_t i = 0; i < r->n; i++) {
		const struct book_cell *c = &s->cells[r->first + i];
		const struct book_value *v = &r->values[copy * r->n + i];
		buf_add(out, slice(xml, from, c->from));
		if (v->kept)
			put_kept(x, out, xml, s, c, number, copy, own);
		else
			put_value(out, s, c, v, number);
		from = c->to;
	}
	buf_add(out, slice(xml, from, r->to));
}

/* ---- sheets ---- */

/* 草稿 at the right of the header, beside what stands there. */
static void put_header(struct writer *x, struct buf *out, str xml, const struct book_sheet *s, uint64_t from,
	str note, const struct xlsx_shift *own)
{
	const char *colon = s->prefix.n ? ":" : "";
	uint64_t at = s->header_from ? s->header_to : s->header_at;
	if (note.n == 0 || at < from) {
		put_markup(x, out, str_from(xml, (size_t)from), own);
		return;
	}
	put_markup(x, out, slice(xml, from, at), own);
	if (!s->header_from) {
		if (!s->has_header)
			buf_printf(out, "<%.*s%sheaderFooter>", STR_ARG(s->prefix), colon);
		buf_printf(out, "<%.*s%soddHeader>", STR_ARG(s->prefix), colon);
	}
	buf_puts(out, "&amp;R");
	xml_text(out, note);
	if (!s->header_from) {
		buf_printf(out, "</%.*s%soddHeader>", STR_ARG(s->prefix), colon);
		if (!s->has_header)
			buf_printf(out, "</%.*s%sheaderFooter>", STR_ARG(s->prefix), colon);
	}
	put_markup(x, out, str_from(xml, (size_t)at), own);
}

static enum rc put_sheet(struct writer *x, size_t i, str note, struct err *err)
{
	const struct book_sheet *s = &x->w->sheets[i];
	struct package_part *part = &x->w->parts[s->part];
	const struct xlsx_shift *own = &x->shifts[i];
	struct buf out;
	uint64_t from = 0;
	buf_init(&out, PART_MAX_BYTES);
	for (size_t r = 0; r < s->rows_n; r++) {
		const struct book_row *row = &s->rows[r];
		put_markup(x, &out, slice(part->bytes, from, row->from), own);
		for (size_t k = 0; k < row->copies; k++)
			put_row(x, &out, part->bytes, s, row, k, own);
		from = row->to;
	}
	put_header(x, &out, part->bytes, s, from, note, own);
	bool good = buf_ok(&out);
	part->bytes = arena_str(x->a, buf_str(&out));
	buf_done(&out);
	return good ? RC_OK : FAIL(err, RC_LIMIT, "the workbook is larger than %d bytes", PART_MAX_BYTES);
}

/* Without the element that names `what` (one that is closed in itself). */
static str drop_element(struct arena *a, str xml, const char *what)
{
	size_t at = str_find(xml, str_of(what));
	if (at == SIZE_MAX)
		return xml;
	size_t from = at, to = str_find(str_from(xml, at), STR("/>"));
	while (from > 0 && xml.p[from] != '<')
		from--;
	return to == SIZE_MAX ? xml
			      : arena_fmt(a, "%.*s%.*s", STR_ARG(str_head(xml, from)),
					STR_ARG(str_from(xml, at + to + 2)));
}

/* Counted anew when it opens; the order of counting is Excel's to find. */
static void recount(struct writer *x)
{
	for (size_t i = 0; i < x->w->parts_n; i++) {
		struct package_part *p = &x->w->parts[i];
		if (str_is(p->name, "xl/calcChain.xml")) {
			p->gone = true;
		} else if (str_is(p->name, "[Content_Types].xml")) {
			p->bytes = drop_element(x->a, p->bytes, "/xl/calcChain.xml");
		} else if (str_is(p->name, "xl/_rels/workbook.xml.rels")) {
			p->bytes = drop_element(x->a, p->bytes, "/calcChain\"");
		} else if (str_is(p->name, "xl/workbook.xml")) {
			str s = drop_element(x->a, p->bytes, "<calcPr");
			size_t at = str_find(s, STR("</definedNames>")),
			       sheets = str_find(s, STR("</sheets>"));
			at = at != SIZE_MAX       ? at + strlen("</definedNames>")
			     : sheets != SIZE_MAX ? sheets + strlen("</sheets>")
						  : 0;
			struct buf b = {0};
			put_markup(x, &b, str_head(s, at), NULL);
			if (at)
				buf_puts(&b, "<calcPr fullCalcOnLoad=\"1\"/>");
			buf_add(&b, str_from(s, at));
			p->bytes = arena_str(x->a, buf_str(&b));
			buf_done(&b);
		} else if (str_starts(p->name, STR("xl/charts/"))) {
			struct buf b = {0};
			put_markup(x, &b, p->bytes, NULL);
			p->bytes = arena_str(x->a, buf_str(&b));
			buf_done(&b);
		}
	}
}

enum rc workbook_write(struct arena *a, struct workbook *w, str note, struct buf *out, struct err *err)
{
	struct writer x = {.a = a, .w = w, .shifts = NEWS(a, w->sheets_n + 1, struct xlsx_shift)};
	for (size_t i = 0; i < w->sheets_n; i++) {
		const struct book_sheet *s = &w->sheets[i];
		x.shifts[i] = (struct xlsx_shift){s->name, NEWS(a, s->rows_n + 1, struct xlsx_growth), 0};
		for (size_t r = 0; r < s->rows_n; r++)
			if (s->rows[r].copies > 1)
				x.shifts[i].list[x.shifts[i].n++] = (struct xlsx_growth){
					s->rows[r].number, (int64_t)s->rows[r].copies - 1};
		x.grew = x.grew || x.shifts[i].n > 0;
	}
	for (size_t i = 0; i < w->sheets_n; i++)
		TRY(put_sheet(&x, i, note, err));
	recount(&x);
	struct zipper z;
	zipper_init(&z, a, out);
	for (size_t i = 0; i < w->parts_n; i++)
		if (!w->parts[i].gone)
			zipper_add(&z, w->parts[i].name, w->parts[i].bytes);
	return zipper_end(&z, err);
}
