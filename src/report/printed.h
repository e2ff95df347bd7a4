/* printed.h -- a filled report on paper, as PDF by qinghe-print (format/paper.h): GB/T 9704's page, its letterhead, tables whose
 * heads repeat, the name and date placed for the stamp, and, where the report is an edition, the picture and address by which
 * whoever holds the paper finds it on the street. The same blocks in the same order as docx_write.h. */
#pragma once
#include "format/docx_write.h"

enum { PRINTED_VERIFY_LINES_MAX = 4 };

/* Where the paper is verified; address empty: nowhere. */
struct report_verify {
	str address;
	str lines[PRINTED_VERIFY_LINES_MAX];
	size_t n;
};

/* head and verify may be NULL. Errors: those of paper_print. */
MUST_USE enum rc report_printed(struct arena *a, const struct prose *p, const struct docx_letterhead *head,
	str note, const struct report_verify *verify, str *out_pdf, struct err *err);
