/* figure.h -- what a figure is today: value, companions, evidence grades, rows.
 *
 * One definition = one query over records (model.md, A figure). Values come from cells where the grain allows (row, sum,
 * and distinct per year), else from rows; both are the same number, which `qinghe check` proves. Money in fen, time in
 * minutes, never rounded. A figure that cannot be told says why, and what can be told instead.
 *
 * Inside a write job, before its batch is written, cells lag behind: values are then counted from rows.
 * last: the latest reading per reference up to the period's end, added up; median: the lower of the two in the middle.
 *
 * Period: any span of whole days [from, to). Tree: a flow counts for the ancestors its organisation had on the figure's
 * date; a stock for those of the day asked (the span's last day); a row with co-hosts once for each node of the union. */
#pragma once
#include "figure/period.h"
#include "register/city.h"
#include "register/model.h"

enum { GRADES = 4 }; /* A B C D */
/* The letter that carries most of a value, or 0. */
char figure_grade(const int64_t grades[GRADES]);

struct figure_answer {
	const struct figure *figure;
	struct period period;
	int64_t org;
	bool told; /* value stands */
	int64_t value;
	int64_t of, over;       /* of a rate (its value is never told) */
	bool rate_told;         /* of and over stand */
	int64_t grades[GRADES]; /* the value's parts by evidence; of a distinct figure: rows by grade */
	str why;                /* where not told */
	bool has_instead;
	int64_t instead;
	str instead_unit;
	bool recounting;
	struct figure_answer *companions;
	size_t companions_n;
};

/* with_companions: fill them too. */
MUST_USE enum rc figure_value(struct reader *r, const struct figure *f, const struct period *p, int64_t org,
	bool with_companions, struct figure_answer *out, struct err *err);
/* Many at once, one range read of the cells (a report, a dashboard). answers[n] in the order given. */
MUST_USE enum rc figure_values(struct reader *r, const struct figure *const *list, size_t n,
	const struct period *p, int64_t org, bool with_companions, struct figure_answer *answers,
	struct err *err);
/* Straight from rows, never from cells: for comparison and for `check`. */
MUST_USE enum rc figure_value_from_rows(struct reader *r, const struct figure *f, const struct period *p,
	int64_t org, struct figure_answer *out, struct err *err);

struct trace_row {
	const struct reg *reg;
	int64_t id, org;
	int32_t day;          /* figure's date */
	int64_t contribution; /* 1, the summed field, or 1 for the first row of a distinct reference and 0 after */
	int64_t reference; /* distinct: the thing counted */
	char grade;
	bool through_cohost, covered; /* covered: under a declared total */
	const struct figure *
		part; /* a declared total of that part: the contribution is what it adds to the part's rows */
};
/* Rows behind a figure, by the same query, in id order; visit returns false to stop. Their contributions add up to the
 * value (of a median they are the values). After them come the declared totals that cover some of them, as rows of
 * declared_total. after: cursor: 0, a row's id, or a total's id with a minus sign. A rate has no rows (RC_INVALID). */
MUST_USE enum rc figure_trace(struct reader *r, const struct figure *f, const struct period *p, int64_t org,
	int64_t after, bool (*visit)(void *user, const struct trace_row *row), void *user, struct err *err);

/* Cells: tables, observers of change.h, recount. */
MUST_USE enum rc figure_attach(
	struct city *c, struct err *err); /* after city_open for writing; recounts changed definitions */
struct cells_report {
	int64_t cells, wrong, missing, extra;
	char first[200]; /* the first difference in words */
};
MUST_USE enum rc figure_check_cells(struct reader *r, struct cells_report *out, struct err *err);
MUST_USE enum rc figure_rebuild_cells(struct city *c, struct err *err);
