/* page_trace.h -- what the rows behind a figure show. */
#pragma once
#include "web/page_figure.h"

struct trace_line {
	str title, href, unit, date, part, grade, mark, reference;
};

struct trace_away {
	str text;
};

struct trace_page {
	struct shell shell;
	struct figure_box box;
	str figure_href, register_label, more_href, first_href, adds, reference_label;
	struct trace_line *rows;
	size_t rows_n;
	struct trace_away *archived;
	size_t archived_n;
	bool parts; /* the contribution differs from row to row: it has a column */
	bool marks, referenced;
};
