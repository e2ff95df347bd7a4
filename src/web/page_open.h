/* page_open.h -- the open figures on the street: /street/figures (a year, a unit), /street/figures/{figure} (its units, its
 * years), and the same table as .json and /street/figures.csv. All of it is one frozen text (report/public_table.h): nothing
 * is counted here, and no form tells more than another. */
#pragma once
#include "report/public_table.h"
#include "web/page_street.h"

struct open_row {
	str label, value, sub, href, grade, grade_words;
	bool part, hidden;
};
struct open_group {
	str label;
	struct open_row *rows;
	size_t rows_n;
};
struct open_page {
	struct street street;
	str intro, empty, told, csv, json, report;
	struct street_group *groups; /* what may be picked: years, units */
	size_t groups_n;
	struct open_group *tables;
	size_t tables_n;
};

struct open_bar {
	str label, value, href;
	int64_t is, most;
};
struct open_figure_page {
	struct street street;
	str definition, grade, grade_words, total, csv, hidden_names, hidden_words, why, years_title, back;
	struct street_group *groups;
	size_t groups_n;
	struct open_bar *units, *years;
	size_t units_n, years_n;
};

/* The city's published tables, the latest year first; *out_n 0: none. */
MUST_USE enum rc open_tables(struct page *p, struct public_table **out, size_t *out_n, struct err *err);
