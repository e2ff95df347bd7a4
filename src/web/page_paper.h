/* page_paper.h -- what a page gives as PDF (format/paper.h): at its own address with .pdf behind it, or as another answer to
 * the same form. Where qinghe-print is not installed the page says so and prints from the browser. */
#pragma once
#include "format/paper.h"
#include "web/page_accounts.h"
#include "web/pages.h"

/* Does the last part of the address ask for PDF? *out_name: that part without .pdf. */
bool paper_asked(struct page *p, int arg, str *out_name);
/* Prints and releases d; the answer is saved as NAME.pdf. */
MUST_USE enum rc paper_give(struct page *p, struct paper *d, str name, struct err *err);
/* Slips to cut, two by four a page. say: what to do with the picture; until: how long. */
MUST_USE enum rc paper_slips(struct page *p, str title, const struct link_row *rows, size_t n,
	const char *say, str until, struct err *err);
