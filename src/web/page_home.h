/* page_home.h -- what the desk shows, and the pages to choose scope and period and to find. */
#pragma once
#include "web/home_plan.h"
#include "web/page_coverage.h"
#include "web/page_figure.h"
#include "web/tasks.h"

struct home_gap {
	str label, why, href, remedy, remedy_href;
	bool zero;
};

/* A line that leads somewhere, with a number: registers that are open, children found, doors of administration. */
struct home_line {
	str label, detail, href, count;
	const char *look;
};

struct home_page {
	struct shell shell;
	str today, summary, report_href, counted, figures_n_text, share_width, rest_x, rest_width,
		finder_href, finder_note, gaps_more, figures_href;
	struct tasks tasks;
	struct home_line *start, *open, *finder, *admin;
	size_t start_n, open_n, finder_n, admin_n;
	bool has_report, has_figures, has_open, aside, may_jot;
	bool few; /* so little waits that the figures stand under it, beside the boxes */
	struct home_gap *gaps;
	size_t gaps_n;
	struct figure_box *boxes;
	size_t boxes_n;
	struct cover_box cover;
};

/* home_boxes.c: each fills its part of the page where the plan has it. */
MUST_USE enum rc home_figures(
	struct page *p, const struct home_plan *plan, struct home_page *h, struct err *err);
MUST_USE enum rc home_lists(
	struct page *p, const struct home_plan *plan, struct home_page *h, struct err *err);

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
