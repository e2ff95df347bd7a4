/* make.c -- see make.h. */
#include "report/make.h"
#include "format/docx_write.h"
#include "format/foreign.h"
#include "format/office.h"
#include "report/outline.h"
#include "report/printed.h"

enum { REPORT_MAX_BYTES = 128 << 20 };

enum rc report_format_of(const char *path, enum report_format *out, struct err *err)
{
	static const struct {
		const char *ending;
		enum report_format format;
	} formats[] = {{".md", REPORT_MD}, {".docx", REPORT_DOCX}, {".html", REPORT_HTML},
		{".pdf", REPORT_PDF}, {".xlsx", REPORT_XLSX}};
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (str_ends(str_of(path), str_of(formats[i].ending))) {
			*out = formats[i].format;
			return RC_OK;
		}
	return FAIL(err, RC_INVALID,
		"%s: a report is .docx, .xlsx, .pdf, .html or .md, its template .docx, .xlsx or .md", path);
}

/* What stands in the header: 草稿, and the caller's note. */
static str note_of(const struct template_run *run)
{
	if (!run->draft)
		return run->note;
	return run->note.n ? arena_fmt(run->a, "草稿　%.*s", STR_ARG(run->note)) : STR("草稿");
}

static enum rc write_prose(struct template_run *run, const struct prose *p, enum report_format to,
	struct buf *out, struct err *err)
{
	str note = note_of(run);
	if (to == REPORT_HTML) {
		outline_html_page(out, run->a, p, run->source, note);
	} else if (to == REPORT_MD) {
		if (note.n > 0) {
			buf_add(out, note);
			buf_puts(out, "\n\n");
		}
		outline_markdown(out, p);
	} else {
		struct docx_write_options o = {.note = note};
		if (run->head)
			o.head = *run->head;
		return docx_write(run->a, p, &o, out, err);
	}
	return buf_ok(out) ? RC_OK
			   : FAIL(err, RC_LIMIT, "the report is larger than %d bytes", REPORT_MAX_BYTES);
}

static enum rc make(struct template_run *run, str text, enum report_format from, enum report_format to,
	struct buf *out, struct err *err)
{
	if ((from == REPORT_DOCX || from == REPORT_XLSX) && (to == from || to == REPORT_PDF)) {
		struct slot_host host = template_host(run);
		return foreign_docx_fill(run->a, text, &host, note_of(run), out, err);
	}
	if (from == REPORT_XLSX)
		return FAIL(err, RC_INVALID, "this template gives .xlsx or .pdf only");
	if (from != REPORT_MD)
		return FAIL(err, RC_INVALID, "this template gives .docx or .pdf only");
	if (to == REPORT_XLSX)
		return FAIL(err, RC_INVALID, "an .xlsx report takes an .xlsx template: --template T.xlsx");
	struct prose p;
	TRY(outline_fill(run->a, text, run, &p, err));
	if (to == REPORT_PDF) {
		str pdf;
		TRY(report_printed(run->a, &p, run->head, note_of(run), run->verify, &pdf, err));
		buf_add(out, pdf);
		return RC_OK;
	}
	return write_prose(run, &p, to, out, err);
}

enum rc report_make(struct template_run *run, str template_bytes, enum report_format from,
	enum report_format to, str *out_bytes, struct err *err)
{
	struct buf b;
	buf_init(&b, REPORT_MAX_BYTES);
	enum rc rc = make(run, template_bytes, from, to, &b, err);
	str made = arena_str(run->a, buf_str(&b));
	buf_done(&b);
	if (rc == RC_OK && to == REPORT_PDF && from != REPORT_MD)
		rc = office_convert(run->a, made, from == REPORT_XLSX ? "xlsx" : "docx", "pdf", &made, err);
	if (rc == RC_OK)
		*out_bytes = made;
	return rc;
}
