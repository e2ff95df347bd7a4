/* page_board.h -- /figures/board: one figure over months and units, drawn by ECharts on the office's desk; every chart is a table
 * first, which is what stands without script. Units stand in the order of the tree, never by size. */
#pragma once
#include "web/shell.h"

struct board_choice {
	str id, label;
	bool here;
};

struct board_group {
	str label;
	struct board_choice *figures;
	size_t figures_n;
};

/* A line of a table: text for people, plain decimal for the chart; an empty plain one cannot be told. */
struct board_row {
	str label, href, now, now_plain, before, before_plain;
};

struct board_page {
	struct shell shell;
	struct board_group *groups;
	size_t groups_n;
	str figure, heading, unit, definition, href, trace_href, now_words, before_words, this_year,
		last_year, value, change, plan, grade_words, org_code, period_text;
	struct board_row *months, *units;
	size_t months_n, units_n;
};
