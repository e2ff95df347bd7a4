/* docx_table.c -- a table of a Word document: widths by what stands in it, the head repeated on each page. */
#include "base/utf8.h"
#include "format/docx_head.h"

enum { TEXT_WIDTH_TWIPS = 8845 /* 11906 - 1587 - 1474 */ };

static size_t text_columns(const struct prose_text *t)
{
	size_t n = 0;
	for (size_t i = 0; i < t->n; i++)
		n += utf8_columns(t->spans[i].text);
	return n;
}

/* Where a head breaks: before its unit, 宣讲 （场）. */
static size_t head_break(str head)
{
	size_t at = str_find(head, STR("（"));
	return at == SIZE_MAX ? head.n : at;
}

/* What a cell wants of a line: a number all of it, words half. */
static size_t wanted(const struct prose_text *t, bool head)
{
	size_t n = text_columns(t), half = (n + 3) / 2;
	if (head && t->n == 1) {
		str s = t->spans[0].text;
		size_t words = (utf8_columns(str_head(s, head_break(s))) + 3) / 2,
		       unit = utf8_columns(str_from(s, head_break(s)));
		return words > unit ? words : unit;
	}
	bool number = t->n > 0 && t->spans[0].tag.n > 0;
	return head ? half : number || n <= 10 ? n : half > 10 ? half : 10;
}

/* Column widths in twips, in proportion. */
static void column_widths(const struct prose_block *t, unsigned widths[DOCX_COLUMNS_MAX])
{
	size_t want[DOCX_COLUMNS_MAX] = {0}, sum = 0;
	for (size_t r = 0; r < t->rows_n; r++)
		for (size_t c = 0; c < t->rows[r].n && c < t->columns; c++) {
			size_t n = wanted(&t->rows[r].cells[c], t->rows[r].header && t->rows_n > 1);
			want[c] = n > want[c] ? n : want[c];
		}
	for (size_t c = 0; c < t->columns; c++) {
		want[c] = (want[c] > 60 ? 60 : want[c]) + 4;
		sum += want[c];
	}
	unsigned left = TEXT_WIDTH_TWIPS;
	for (size_t c = 0; c < t->columns; c++) {
		widths[c] = c + 1 == t->columns ? left : (unsigned)(TEXT_WIDTH_TWIPS * want[c] / sum);
		left -= widths[c];
	}
}

static void head_run(struct docx_writer *w, str text)
{
	if (text.n == 0)
		return;
	buf_puts(w->b, "<w:r><w:rPr><w:rFonts w:hint=\"eastAsia\" w:eastAsia=\"黑体\"/></w:rPr><w:t "
		       "xml:space=\"preserve\">");
	xml_text(w->b, text);
	buf_puts(w->b, "</w:t></w:r>");
}

static void put_cell(struct docx_writer *w, const struct prose_text *text, unsigned width, bool header)
{
	static const struct prose_text none = {0};
	buf_printf(w->b,
		"<w:tc><w:tcPr><w:tcW w:w=\"%u\" w:type=\"dxa\"/><w:vAlign w:val=\"center\"/></w:tcPr>",
		width);
	buf_puts(w->b, "<w:p><w:pPr><w:pStyle w:val=\"Cell\"/></w:pPr>");
	if (header && text && text->n > 0) {
		for (size_t i = 0; i < text->n; i++) {
			size_t at = head_break(text->spans[i].text);
			head_run(w, str_head(text->spans[i].text, at));
			if (at > 0 && at < text->spans[i].text.n)
				buf_puts(w->b, "<w:r><w:br/></w:r>");
			head_run(w, str_from(text->spans[i].text, at));
		}
	} else {
		docx_spans_put(w, text ? text : &none);
	}
	buf_puts(w->b, "</w:p></w:tc>");
}

void docx_table_put(struct docx_writer *w, const struct prose_block *t)
{
	static const char *const sides[] = {"top", "left", "bottom", "right", "insideH", "insideV"};
	unsigned widths[DOCX_COLUMNS_MAX];
	column_widths(t, widths);
	buf_puts(w->b,
		"<w:tbl><w:tblPr><w:tblW w:w=\"0\" w:type=\"auto\"/><w:jc w:val=\"center\"/><w:tblBorders>");
	for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
		buf_printf(
			w->b, "<w:%s w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"auto\"/>", sides[i]);
	buf_puts(w->b, "</w:tblBorders><w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid>");
	for (size_t c = 0; c < t->columns; c++)
		buf_printf(w->b, "<w:gridCol w:w=\"%u\"/>", widths[c]);
	buf_puts(w->b, "</w:tblGrid>");
	for (size_t r = 0; r < t->rows_n; r++) {
		const struct prose_row *row = &t->rows[r];
		buf_printf(
			w->b, "<w:tr><w:trPr><w:cantSplit/>%s</w:trPr>", row->header ? "<w:tblHeader/>" : "");
		for (size_t c = 0; c < t->columns; c++)
			put_cell(w, c < row->n ? &row->cells[c] : NULL, widths[c], row->header);
		buf_puts(w->b, "</w:tr>");
	}
	buf_puts(w->b, "</w:tbl>");
}
