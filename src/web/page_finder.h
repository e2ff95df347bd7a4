/* page_finder.h -- /finder: the open hits of the finder, gravest and soonest first, children masked; /finder/ID: one of them
 * opened, with its reasons, what stands on record of the child, and the next steps. */
#pragma once
#include "web/shell.h"

struct finder_rule {
	str label, href, count;
	bool here;
};
struct finder_row {
	str who, why, unit, found, href, left, urgency;
	const char *look, *urgent;
	bool gone;
};
struct finder_page {
	struct shell shell;
	bool authorised;
	str ran, summary, next_href, first_href;
	struct finder_rule *rules;
	size_t rules_n;
	struct finder_row *rows;
	size_t rows_n;
};

struct finder_why {
	str label, law, refer, found, due, left, close_href, row_href, gone, outcome;
	const char *look;
	bool here;
};
struct finder_fact {
	str label;
	struct finder_line {
		str text, detail, href;
	} * lines;
	size_t lines_n;
	str none;
};
struct finder_hit_page {
	struct shell shell;
	str who, about, person_href, unit;
	struct finder_why *open, *ended;
	size_t open_n, ended_n;
	struct finder_fact *facts;
	size_t facts_n;
	str visit_href, refer_href, list_href;
};
