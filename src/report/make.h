/* make.h -- a report out of a template: which filler, which writer.
 *     .md template  -> .docx (layout of GB/T 9704), .html, .md, .pdf
 *     .docx         -> .docx (the office's own, filled), .pdf
 *     .xlsx         -> .xlsx (the office's own workbook, its cells filled: format/xlsx_fill.h), .pdf
 * .pdf is printed by qinghe-print (printed.h), of an office's own .docx by LibreOffice; it is outside the promise of equal
 * bytes; RC_NOT_FOUND names what is missing here. Nothing is given out on a fault. */
#pragma once
#include "report/template.h"

enum report_format { REPORT_MD, REPORT_DOCX, REPORT_HTML, REPORT_PDF, REPORT_XLSX };

/* By the name's ending; RC_INVALID names those that are understood. */
MUST_USE enum rc report_format_of(const char *path, enum report_format *out, struct err *err);

/* run: begun by template_init (with draft or without); holds notes and used figures afterwards.  */
MUST_USE enum rc report_make(struct template_run *run, str template_bytes, enum report_format from,
	enum report_format to, str *out_bytes, struct err *err);
