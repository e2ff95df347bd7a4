/* docx_head.c -- see docx_head.h. */
#include "format/docx_head.h"
#include <string.h>

#define RED "C8102E"
#define NO_INDENT "<w:ind w:firstLineChars=\"0\" w:firstLine=\"0\"/>"

/* A paragraph of one text; ppr and rpr as they stand in WordprocessingML. */
static void head_line(struct docx_writer *w, const char *ppr, const char *rpr, str text)
{
	buf_printf(w->b, "<w:p><w:pPr>%s</w:pPr>", ppr);
	for (str rest = text; rest.n > 0;) {
		str piece = str_cut(rest, '\t', &rest);
		buf_printf(w->b, "<w:r><w:rPr>%s%s</w:rPr><w:t xml:space=\"preserve\">",
			strncmp(rpr, "<w:rFonts", 9) == 0 ? "" : "<w:rFonts w:hint=\"eastAsia\"/>", rpr);
		xml_text(w->b, piece);
		buf_puts(w->b, "</w:t></w:r>");
		if (rest.n > 0)
			buf_puts(w->b, "<w:r><w:tab/></w:r>");
	}
	buf_puts(w->b, "</w:p>");
}

#define RULE(side, kind, size, color) \
	"<w:pBdr><w:" side " w:val=\"" kind "\" w:sz=\"" size "\" w:space=\"4\" w:color=\"" color \
	"\"/></w:pBdr>"
/* One character in from the right edge of the type area. */
#define TO_RIGHT "<w:tabs><w:tab w:val=\"right\" w:pos=\"8530\"/></w:tabs>"
#define NAME(size) \
	"<w:rFonts w:hint=\"eastAsia\" w:ascii=\"方正小标宋简体\" w:hAnsi=\"方正小标宋简体\" " \
	"w:eastAsia=\"方正小标宋简体\"/><w:color w:val=\"" RED \
	"\"/><w:spacing w:val=\"0\"/><w:sz w:val=\"" size "\"/><w:szCs w:val=\"" size "\"/>"
#define NAME_LINE "<w:spacing w:line=\"1158\" w:lineRule=\"exact\"/>"
#define CENTRED "<w:jc w:val=\"center\"/>"
/* The number's line with the red rule under it. */
#define RULED(jc) RULE("bottom", "single", "18", RED) TO_RIGHT NO_INDENT jc

void docx_letterhead_put(struct docx_writer *w, struct arena *a, const struct docx_letterhead *h)
{
	str number = h->number;
	if (h->kind == LETTERHEAD_NONE)
		return;
	if (h->kind == LETTERHEAD_BRIEF) {
		head_line(w, NAME_LINE NO_INDENT CENTRED, NAME("72"), STR("工作简报"));
		if (number.n > 0)
			head_line(w, NO_INDENT CENTRED, "", number);
		head_line(
			w, RULED(""), "", arena_fmt(a, "　%.*s\t%.*s", STR_ARG(h->organ), STR_ARG(h->date)));
	} else if (h->kind == LETTERHEAD_LETTER) {
		head_line(w, RULE("bottom", "thinThickSmallGap", "24", RED) NAME_LINE NO_INDENT CENTRED,
			NAME("64"), h->organ);
		if (number.n > 0)
			head_line(w, NO_INDENT "<w:jc w:val=\"right\"/>", "", number);
	} else {
		head_line(w, NAME_LINE NO_INDENT CENTRED, NAME("64"),
			arena_fmt(a, "%.*s文件", STR_ARG(h->organ)));
		buf_puts(w->b, "<w:p/>");
		if (h->signer.n > 0)
			head_line(w, RULED(""), "",
				arena_fmt(a, "　%.*s\t签发人：%.*s", STR_ARG(number), STR_ARG(h->signer)));
		else
			head_line(w, RULED(CENTRED), "", number.n ? number : STR("　"));
	}
	buf_puts(w->b, "<w:p/><w:p/>"); /* the title begins two lines under the rule */
}

void docx_addressee_put(struct docx_writer *w, struct arena *a, const struct docx_letterhead *h)
{
	if (h->kind != LETTERHEAD_NONE && h->addressee.n > 0)
		head_line(w, NO_INDENT, "", arena_fmt(a, "%.*s：", STR_ARG(h->addressee)));
}

static str title_text(struct arena *a, const struct prose_text *t)
{
	str s = {0};
	for (size_t i = 0; i < t->n; i++)
		s = arena_fmt(a, "%.*s%.*s", STR_ARG(s), STR_ARG(t->spans[i].text));
	return s;
}

/* A line for each, the names under each other. */
static void attachments(
	struct docx_writer *w, struct arena *a, const struct prose *p, const struct docx_letterhead *h)
{
	size_t of = 0;
	if (h->attachments.n > 0)
		head_line(w, "", "", arena_fmt(a, "附件：%.*s", STR_ARG(h->attachments)));
	for (size_t i = 0; i < p->n; i++) {
		size_t number = prose_annex(p, i, &of);
		if (p->blocks[i].kind != PROSE_ANNEX)
			continue;
		str title = title_text(a, &p->blocks[i].text);
		head_line(w, "", "",
			of == 1       ? arena_fmt(a, "附件：%.*s", STR_ARG(title))
			: number == 1 ? arena_fmt(a, "附件：1．%.*s", STR_ARG(title))
				      : arena_fmt(a, "　　　%zu．%.*s", number, STR_ARG(title)));
	}
}

void docx_signature_put(
	struct docx_writer *w, struct arena *a, const struct prose *p, const struct docx_letterhead *h)
{
	size_t of = 0;
	(void)prose_annex(p, 0, &of);
	if (h->kind == LETTERHEAD_NONE)
		return;
	if (h->attachments.n > 0 || of > 0) {
		buf_puts(w->b, "<w:p/>");
		attachments(w, a, p, h);
	}
	if (h->kind == LETTERHEAD_BRIEF)
		return;
	buf_puts(w->b, "<w:p/><w:p/>");
	/* Four characters in from the right, for the stamp. */
	head_line(w,
		"<w:keepNext/><w:ind w:right=\"640\" w:firstLineChars=\"0\" w:firstLine=\"0\"/><w:jc "
		"w:val=\"right\"/>",
		"", h->organ);
	head_line(w,
		"<w:ind w:right=\"1260\" w:firstLineChars=\"0\" w:firstLine=\"0\"/><w:jc w:val=\"right\"/>",
		"", h->date);
}

/* Paragraphs of one frame, at the foot of the type area of the page on which the paragraph after them stands. */
#define AT_FOOT \
	"<w:framePr w:w=\"8845\" w:wrap=\"notBeside\" w:vAnchor=\"margin\" w:hAnchor=\"margin\" " \
	"w:xAlign=\"left\" w:yAlign=\"bottom\"/>"
#define SMALL "<w:sz w:val=\"28\"/><w:szCs w:val=\"28\"/>"

void docx_imprint_put(struct docx_writer *w, struct arena *a, const struct docx_letterhead *h)
{
	bool ruled = h->kind != LETTERHEAD_LETTER, printed = h->printed_by.n > 0 && ruled;
	if (h->kind == LETTERHEAD_NONE || (h->copies.n == 0 && !printed))
		return;
	buf_puts(w->b, "<w:p/>");
	if (h->copies.n > 0)
		head_line(w, ruled ? AT_FOOT RULE("top", "single", "8", "auto") NO_INDENT : AT_FOOT NO_INDENT,
			SMALL, arena_fmt(a, "　抄送：%.*s。", STR_ARG(h->copies)));
	if (printed)
		head_line(w,
			AT_FOOT "<w:pBdr><w:top w:val=\"single\" w:sz=\"6\" w:space=\"4\" "
				"w:color=\"auto\"/><w:bottom w:val=\"single\" w:sz=\"8\" w:space=\"4\" "
				"w:color=\"auto\"/></w:pBdr>" TO_RIGHT NO_INDENT,
			SMALL, arena_fmt(a, "　%.*s\t%.*s印发", STR_ARG(h->printed_by), STR_ARG(h->date)));
	buf_puts(w->b, "<w:p><w:pPr><w:spacing w:line=\"20\" w:lineRule=\"exact\"/></w:pPr></w:p>");
}

void docx_annex_number(struct docx_writer *w, struct arena *a, size_t number, size_t of)
{
	head_line(w, "<w:keepNext/><w:pageBreakBefore/>" NO_INDENT,
		"<w:rFonts w:hint=\"eastAsia\" w:eastAsia=\"黑体\"/>",
		of > 1 ? arena_fmt(a, "附件%zu", number) : STR("附件"));
	buf_puts(w->b, "<w:p/>");
}
