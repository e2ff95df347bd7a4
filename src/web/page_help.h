/* page_help.h -- what the pages of the guide show. */
#pragma once
#include "web/shell.h"

struct help_row {
	str label, text, href, mark; /* mark: at the right, muted */
	bool code;                   /* text is an expression of the model */
	bool done, ticks;            /* of a task: whether it is done; whether records can tell */
};

struct help_section {
	str id, label, lead;
	struct help_row *rows;
	size_t rows_n;
	bool steps; /* numbered */
};

struct help_page {
	struct shell shell;
	str heading, lead, asked, go_href, go_label, told;
	bool index, found_none, searched;
	struct help_section *sections;
	size_t sections_n;
};
