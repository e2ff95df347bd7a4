/* import_totals.h -- sheets with one row a unit and one column a figure, as offices sum up their year: each filled cell
 * becomes a row of the register declared_total.
 *
 * A column is a figure's when its header is the figure's id or label, with its unit in brackets where it differs (万元,
 * 万人次, 小时). The period is asked for (--year, --period); else it is the one year that a line above the header names. */
#pragma once
#include "figure/period.h"
#include "register/import.h"

struct total_column {
	const struct figure *figure; /* NULL: no figure */
	str unit;
};

struct totals {
	const struct model *model;
	struct period period;
	bool told; /* the period */
	struct total_column columns[IMPORT_COLUMNS_MAX];
	size_t n, unit_at;            /* column of the unit; SIZE_MAX: none */
	str source;                   /* 来源 of the rows */
	const struct map_wish *named; /* a profile's words for figures */
	size_t named_n;
};

enum { TOTALS_CELLS = 6, TOTALS_VALUE = 4 /* the place of the value */ };
/* The headers that the rows made here stand under. */
extern const str totals_header[TOTALS_CELLS];

/* How well a row serves as such a header: the number of its figures and its unit; fills columns. */
size_t totals_head(struct arena *a, struct totals *t, const str *cells, size_t n);
/* A year named in a line above the header. */
void totals_line(struct arena *a, struct totals *t, const str *cells, size_t n);
/* Cell `at` of a row as a row of declared_total; false where it says nothing. */
bool totals_cell(struct arena *a, const struct totals *t, const str *cells, size_t at, str out[TOTALS_CELLS]);
