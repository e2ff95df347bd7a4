/* page_home.h -- what the desk shows, and the pages to choose scope and period and to find. */
#pragma once
#include "web/page_coverage.h"
#include "web/page_figure.h"

struct home_task {
	str label, detail, href, verb;
	struct {
		str text;
		const char *look;
	} chip;
};

struct home_gap {
	str label, why, href;
	bool zero;
};

struct home_page {
	struct shell shell;
	str today, summary, report_href, counted, figures_n_text, share_width, rest_x, rest_width;
	struct home_task *tasks;
	size_t tasks_n;
	struct home_gap *gaps;
	size_t gaps_n;
	struct figure_box *boxes;
	size_t boxes_n;
	struct cover_box cover;
};

struct scope_choice {
	str label, href, kind;
	bool here;
};

struct scope_page {
	struct shell shell;
	str back, org_code, period_text, from, to, fault;
	struct scope_choice *path, *under, *years, *parts;
	size_t path_n, under_n, years_n, parts_n;
};

struct find_row {
	str title, kind, unit, href;
};

struct find_page {
	struct shell shell;
	str asked;
	struct find_row *rows;
	size_t rows_n;
	bool full;
};
