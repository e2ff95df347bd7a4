/* page_report.h -- what the report's page shows: the sheet as it will be printed, each figure a link to its rows, and
 * beside it what still waits. */
#pragma once
#include "web/page_figure.h"

struct report_span {
	str text, href, title;
	const char *look; /* f, f unsure */
};

struct report_note {
	str id, kind, label, text, href, at; /* at: where the list on top leads */
	bool gap;
};

struct report_cell {
	struct report_span *spans;
	size_t spans_n;
};

struct report_row {
	struct report_cell *cells;
	size_t cells_n;
	bool header;
};

struct report_block {
	bool title, h2, h3, h4, paragraph, table;
	struct report_span *spans;
	size_t spans_n;
	struct report_row *rows;
	size_t rows_n;
	struct report_note *notes;
	size_t notes_n;
};

struct report_page {
	struct shell shell;
	str heading, organ, docx_href, last_href, last_label, counted, total, share_width, rest_x, rest_width;
	bool draft;
	struct report_block *blocks;
	size_t blocks_n;
	struct report_note *notes; /* all, for the list on top */
	size_t notes_n;
};
