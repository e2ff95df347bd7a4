/* docx_write.c -- see docx_write.h. Fixed parts are literals; only document.xml and the headers' note are made. */
#include "format/docx_write.h"
#include "base/utf8.h"
#include "format/docx_head.h"
#include "format/zip.h"

#define XML_HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define W_NS "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\""
#define R_NS "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\""
#define PART_TYPE "application/vnd.openxmlformats-officedocument.wordprocessingml."
#define REL_TYPE "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"

enum { CONTROL_ID_FIRST = 710000001, PART_MAX_BYTES = 64 << 20 };

static const char TYPES[] =
	XML_HEAD "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">"
		 "<Default Extension=\"rels\" "
		 "ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
		 "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
		 "<Override PartName=\"/word/document.xml\" ContentType=\"" PART_TYPE "document.main+xml\"/>"
		 "<Override PartName=\"/word/styles.xml\" ContentType=\"" PART_TYPE "styles+xml\"/>"
		 "<Override PartName=\"/word/settings.xml\" ContentType=\"" PART_TYPE "settings+xml\"/>"
		 "<Override PartName=\"/word/header1.xml\" ContentType=\"" PART_TYPE "header+xml\"/>"
		 "<Override PartName=\"/word/header2.xml\" ContentType=\"" PART_TYPE "header+xml\"/>"
		 "<Override PartName=\"/word/footer1.xml\" ContentType=\"" PART_TYPE "footer+xml\"/>"
		 "<Override PartName=\"/word/footer2.xml\" ContentType=\"" PART_TYPE "footer+xml\"/>"
		 "<Override PartName=\"/word/footer3.xml\" ContentType=\"" PART_TYPE "footer+xml\"/>"
		 "</Types>";

static const char RELS[] =
	XML_HEAD "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
		 "<Relationship Id=\"rId1\" Type=\"" REL_TYPE
		 "officeDocument\" Target=\"word/document.xml\"/></Relationships>";

static const char DOCUMENT_RELS[] = XML_HEAD
	"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
	"<Relationship Id=\"rId1\" Type=\"" REL_TYPE "styles\" Target=\"styles.xml\"/>"
	"<Relationship Id=\"rId2\" Type=\"" REL_TYPE "settings\" Target=\"settings.xml\"/>"
	"<Relationship Id=\"rId3\" Type=\"" REL_TYPE "header\" Target=\"header1.xml\"/>"
	"<Relationship Id=\"rId4\" Type=\"" REL_TYPE "header\" Target=\"header2.xml\"/>"
	"<Relationship Id=\"rId5\" Type=\"" REL_TYPE "footer\" Target=\"footer1.xml\"/>"
	"<Relationship Id=\"rId6\" Type=\"" REL_TYPE "footer\" Target=\"footer2.xml\"/>"
	"<Relationship Id=\"rId7\" Type=\"" REL_TYPE "footer\" Target=\"footer3.xml\"/></Relationships>";

static const char SETTINGS[] =
	XML_HEAD "<w:settings " W_NS "><w:zoom w:percent=\"100\"/><w:evenAndOddHeaders/>"
		 "<w:characterSpacingControl w:val=\"compressPunctuation\"/>"
		 "<w:compat><w:compatSetting w:name=\"compatibilityMode\" "
		 "w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/></w:compat>"
		 "<w:themeFontLang w:val=\"en-US\" w:eastAsia=\"zh-CN\"/></w:settings>";

#define FACE(east) \
	"<w:rFonts w:ascii=\"Times New Roman\" w:hAnsi=\"Times New Roman\" w:eastAsia=\"" east \
	"\" w:cs=\"Times New Roman\"/>"
#define STYLE(id, name, ppr, rpr) \
	"<w:style w:type=\"paragraph\" w:styleId=\"" id "\"><w:name w:val=\"" name \
	"\"/><w:basedOn w:val=\"a\"/><w:qFormat/><w:pPr>" ppr "</w:pPr><w:rPr>" rpr "</w:rPr></w:style>"
#define HEADING(id, n, level, east) \
	STYLE(id, "heading " n, "<w:keepNext/><w:outlineLvl w:val=\"" level "\"/>", FACE(east))

static const char STYLES[] = XML_HEAD "<w:styles " W_NS "><w:docDefaults><w:rPrDefault><w:rPr>" FACE(
	"仿宋_GB2312") "<w:spacing w:val=\"-5\"/><w:kern w:val=\"0\"/><w:sz w:val=\"32\"/><w:szCs "
		       "w:val=\"32\"/>"
		       "<w:lang w:val=\"en-US\" w:eastAsia=\"zh-CN\"/></w:rPr></w:rPrDefault>"
		       "<w:pPrDefault><w:pPr><w:widowControl w:val=\"0\"/><w:overflowPunct w:val=\"0\"/>"
		       "<w:autoSpaceDE w:val=\"0\"/><w:autoSpaceDN w:val=\"0\"/>"
		       "<w:spacing w:before=\"0\" w:after=\"0\" w:line=\"579\" w:lineRule=\"exact\"/><w:jc "
		       "w:val=\"both\"/></w:pPr>"
		       "</w:pPrDefault></w:docDefaults>"
		       "<w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"a\"><w:name "
		       "w:val=\"Normal\"/><w:qFormat/>"
		       "<w:pPr><w:ind w:firstLineChars=\"200\" w:firstLine=\"630\"/></w:pPr></w:style>" STYLE(
			       "Title", "Title",
			       "<w:ind w:firstLineChars=\"0\" w:firstLine=\"0\"/><w:jc w:val=\"center\"/>",
			       FACE("方正小标宋简体") "<w:spacing w:val=\"0\"/><w:sz w:val=\"44\"/><w:szCs "
						      "w:val=\"44\"/>") HEADING("1", "1", "0",
			       "黑体") HEADING("2", "2", "1", "楷体_GB2312") HEADING("3", "3", "2",
			       "仿宋_GB2312") STYLE("Cell", "Table Text",
			       "<w:spacing w:line=\"400\" w:lineRule=\"exact\"/><w:ind "
			       "w:firstLineChars=\"0\" w:firstLine=\"0\"/>"
			       "<w:jc w:val=\"center\"/>",
			       "<w:spacing w:val=\"0\"/><w:sz w:val=\"24\"/><w:szCs w:val=\"24\"/>")
			       STYLE("Note", "Table Note",
				       "<w:spacing w:line=\"400\" w:lineRule=\"exact\"/><w:ind "
				       "w:firstLineChars=\"0\" w:firstLine=\"0\"/>",
				       "<w:spacing w:val=\"0\"/><w:sz w:val=\"24\"/><w:szCs w:val=\"24\"/>")
				       STYLE("Page", "Page Number Line",
					       "<w:spacing w:line=\"240\" w:lineRule=\"auto\"/>",
					       "<w:rFonts w:ascii=\"宋体\" w:hAnsi=\"宋体\" "
					       "w:eastAsia=\"宋体\" w:cs=\"宋体\"/><w:spacing w:val=\"0\"/>"
					       "<w:sz w:val=\"28\"/><w:szCs w:val=\"28\"/>") "</w:styles>";

/* "— 3 —", one character (14 pt) in from the outer edge. */
#define HINT "<w:rPr><w:rFonts w:hint=\"eastAsia\"/></w:rPr>"
#define FOOTER(ind, jc) \
	XML_HEAD "<w:ftr " W_NS "><w:p><w:pPr><w:pStyle w:val=\"Page\"/><w:ind " ind \
		 " w:firstLineChars=\"0\" w:firstLine=\"0\"/><w:jc w:val=\"" jc "\"/></w:pPr>" \
		 "<w:r>" HINT "<w:t xml:space=\"preserve\">— </w:t></w:r>" \
		 "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r>" \
		 "<w:r><w:instrText xml:space=\"preserve\"> PAGE </w:instrText></w:r>" \
		 "<w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>1</w:t></w:r>" \
		 "<w:r><w:fldChar w:fldCharType=\"end\"/></w:r>" \
		 "<w:r>" HINT "<w:t xml:space=\"preserve\"> —</w:t></w:r></w:p></w:ftr>"
static const char FOOTER_ODD[] = FOOTER("w:right=\"280\"", "right");
static const char FOOTER_EVEN[] = FOOTER("w:left=\"280\"", "left");

/* A letter's first page bears no number but the lower red rule, 170 mm long and 20 mm over the edge (GB/T 9704-2012, 10.1). */
static const char FOOTER_LETTER[] = XML_HEAD
	"<w:ftr " W_NS "><w:p><w:pPr><w:pStyle w:val=\"Page\"/><w:pBdr><w:bottom w:val=\"thinThickSmallGap\" "
	"w:sz=\"24\" w:space=\"1\" w:color=\"C8102E\"/></w:pBdr><w:ind w:left=\"-397\" w:right=\"-397\" "
	"w:firstLineChars=\"0\" w:firstLine=\"0\"/></w:pPr></w:p></w:ftr>";

#define SECTION(first_page, title) \
	"<w:sectPr>" first_page "<w:headerReference w:type=\"default\" r:id=\"rId3\"/><w:headerReference " \
	"w:type=\"even\" r:id=\"rId4\"/><w:footerReference w:type=\"default\" r:id=\"rId5\"/>" \
	"<w:footerReference w:type=\"even\" r:id=\"rId6\"/><w:pgSz w:w=\"11906\" w:h=\"16838\"/>" \
	"<w:pgMar w:top=\"2098\" w:right=\"1474\" w:bottom=\"1984\" w:left=\"1587\" " \
	"w:header=\"1134\" w:footer=\"1247\" w:gutter=\"0\"/>" title \
	"<w:docGrid w:type=\"lines\" w:linePitch=\"579\"/></w:sectPr>"
static const char SECTION_PLAIN[] = SECTION("", "");
static const char SECTION_LETTER[] = SECTION("<w:headerReference w:type=\"first\" r:id=\"rId3\"/>"
					     "<w:footerReference w:type=\"first\" r:id=\"rId7\"/>",
	"<w:titlePg/>");

static bool latin(uint32_t c)
{
	return c > ' ' && c < 0x7F;
}

/* Quotation marks, dashes and ellipses belong to either script; they take the face of what stands before them. */
static bool either(uint32_t c)
{
	return c == 0x2018 || c == 0x2019 || c == 0x201C || c == 0x201D || c == 0x2014 || c == 0x2026 ||
	       c == 0xB7;
}

static void put_run(struct docx_writer *w, str s)
{
	if (s.n == 0)
		return;
	buf_puts(w->b, "<w:r>" HINT "<w:t xml:space=\"preserve\">");
	xml_text(w->b, s);
	buf_puts(w->b, "</w:t></w:r>");
}

/* Runs of one line, parted before a mark of either script that follows a Latin character. */
static void put_line(struct docx_writer *w, str s)
{
	size_t from = 0, n;
	uint32_t before = 0;
	for (size_t at = 0; at < s.n; at += n) {
		uint32_t c = utf8_next(str_from(s, at), &n);
		if (latin(before) && either(c)) {
			put_run(w, str_head(str_from(s, from), at - from));
			from = at;
		}
		before = c;
	}
	put_run(w, str_from(s, from));
}

static void put_text(struct docx_writer *w, str s)
{
	for (;;) {
		size_t end = str_find_byte(s, '\n');
		put_line(w, end == SIZE_MAX ? s : str_head(s, end));
		if (end == SIZE_MAX)
			return;
		buf_puts(w->b, "<w:r><w:br/></w:r>");
		s = str_from(s, end + 1);
	}
}

void docx_spans_put(struct docx_writer *w, const struct prose_text *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct prose_span *s = &t->spans[i];
		if (s->tag.n == 0) {
			put_text(w, s->text);
			continue;
		}
		buf_puts(w->b, "<w:sdt><w:sdtPr><w:alias w:val=\"");
		xml_attr(w->b, s->label);
		buf_puts(w->b, "\"/><w:tag w:val=\"");
		xml_attr(w->b, s->tag);
		buf_printf(w->b, "\"/><w:id w:val=\"%u\"/></w:sdtPr><w:sdtContent>",
			CONTROL_ID_FIRST + w->controls++);
		put_text(w, s->text);
		buf_puts(w->b, "</w:sdtContent></w:sdt>");
	}
}

static void put_paragraph(struct docx_writer *w, const char *style, const struct prose_text *t)
{
	buf_puts(w->b, "<w:p>");
	if (style)
		buf_printf(w->b, "<w:pPr><w:pStyle w:val=\"%s\"/></w:pPr>", style);
	docx_spans_put(w, t);
	buf_puts(w->b, "</w:p>");
}

static void put_block(struct docx_writer *w, struct arena *a, const struct prose_block *b,
	const struct prose_block *before, size_t number, size_t of)
{
	static const char *const styles[] = {[PROSE_TITLE] = "Title",
		[PROSE_HEADING_1] = "1",
		[PROSE_HEADING_2] = "2",
		[PROSE_HEADING_3] = "3",
		[PROSE_PARAGRAPH] = NULL};
	if (b->kind == PROSE_TABLE) {
		docx_table_put(w, b);
		return;
	}
	if (b->kind == PROSE_ANNEX) {
		docx_annex_number(w, a, number, of);
		put_paragraph(w, "Title", &b->text);
		buf_puts(w->b, "<w:p/>");
		return;
	}
	put_paragraph(w, prose_table_note(b, before) ? "Note" : styles[b->kind], &b->text);
	if (b->kind == PROSE_TITLE)
		buf_puts(w->b, "<w:p/>"); /* a blank line under the title */
}

static enum rc make_document(
	struct arena *a, const struct prose *p, const struct docx_letterhead *head, str *out, struct err *err)
{
	struct buf b;
	struct docx_writer w = {.b = &b};
	for (size_t i = 0; i < p->n; i++)
		if (p->blocks[i].columns > DOCX_COLUMNS_MAX)
			return FAIL(err, RC_LIMIT, "a table of %zu columns; %d fit on a page",
				p->blocks[i].columns, DOCX_COLUMNS_MAX);
	buf_init(&b, PART_MAX_BYTES);
	buf_puts(&b, XML_HEAD "<w:document " W_NS " " R_NS "><w:body>");
	docx_letterhead_put(&w, a, head);
	bool signed_off = false; /* signature and date stand before the annexes, 版记 behind them */
	bool titled = p->n > 0 && p->blocks[0].kind == PROSE_TITLE;
	if (!titled)
		docx_addressee_put(&w, a, head);
	for (size_t i = 0; i < p->n; i++) {
		size_t of, number = prose_annex(p, i, &of);
		bool annex = p->blocks[i].kind == PROSE_ANNEX;
		if (annex && number == 1)
			docx_signature_put(&w, a, p, head);
		signed_off = signed_off || annex;
		put_block(&w, a, &p->blocks[i], i ? &p->blocks[i - 1] : NULL, number, of);
		if (titled && i == 0)
			docx_addressee_put(&w, a, head);
	}
	if (p->n > 0 && p->blocks[p->n - 1].kind == PROSE_TABLE)
		buf_puts(&b, "<w:p/>");
	if (!signed_off)
		docx_signature_put(&w, a, p, head);
	docx_imprint_put(&w, a, head);
	buf_puts(&b, head->kind == LETTERHEAD_LETTER ? SECTION_LETTER : SECTION_PLAIN);
	buf_puts(&b, "</w:body></w:document>");
	bool ok = buf_ok(&b);
	*out = arena_str(a, buf_str(&b));
	buf_done(&b);
	return ok ? RC_OK : FAIL(err, RC_LIMIT, "the document is larger than %d bytes", PART_MAX_BYTES);
}

static str make_header(struct arena *a, str note)
{
	struct buf b;
	buf_init(&b, 1 << 16);
	buf_puts(&b, XML_HEAD "<w:hdr " W_NS
			      "><w:p><w:pPr><w:pStyle w:val=\"Page\"/><w:ind w:firstLineChars=\"0\" "
			      "w:firstLine=\"0\"/><w:jc w:val=\"right\"/></w:pPr>");
	struct docx_writer w = {.b = &b};
	put_run(&w, note);
	buf_puts(&b, "</w:p></w:hdr>");
	str s = arena_str(a, buf_str(&b));
	buf_done(&b);
	return s;
}

enum rc docx_write(struct arena *a, const struct prose *p, const struct docx_write_options *options,
	struct buf *out, struct err *err)
{
	str document;
	static const struct docx_letterhead none = {0};
	TRY(make_document(a, p, options ? &options->head : &none, &document, err));
	str header = make_header(a, options ? options->note : (str){0});
	struct zipper z;
	zipper_init(&z, a, out);
	zipper_add(&z, STR("[Content_Types].xml"), str_of(TYPES));
	zipper_add(&z, STR("_rels/.rels"), str_of(RELS));
	zipper_add(&z, STR("word/document.xml"), document);
	zipper_add(&z, STR("word/_rels/document.xml.rels"), str_of(DOCUMENT_RELS));
	zipper_add(&z, STR("word/styles.xml"), str_of(STYLES));
	zipper_add(&z, STR("word/settings.xml"), str_of(SETTINGS));
	zipper_add(&z, STR("word/header1.xml"), header);
	zipper_add(&z, STR("word/header2.xml"), header);
	zipper_add(&z, STR("word/footer1.xml"), str_of(FOOTER_ODD));
	zipper_add(&z, STR("word/footer2.xml"), str_of(FOOTER_EVEN));
	zipper_add(&z, STR("word/footer3.xml"), str_of(FOOTER_LETTER));
	return zipper_end(&z, err);
}
