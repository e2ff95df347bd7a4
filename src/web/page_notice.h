/* page_notice.h -- /notices: what was issued to units, who has read and acknowledged it. */
#pragma once
#include "web/shell.h"
#include "web/words.h"

struct notice_line {
	str title, href, about, state;
	const char *look;
};

struct notices_page {
	struct shell shell;
	struct notice_line *rows;
	size_t rows_n;
	str new_href;
};

struct notice_receipt {
	int64_t receipt;
	str name, state, when;
	const char *look;
	bool reads, acknowledges;
};

struct notice_page {
	struct shell shell;
	str heading, about, body, counts, action;
	bool issues;
	struct notice_receipt *units;
	size_t units_n;
};
