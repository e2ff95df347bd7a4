/* suppress_lp.h -- a small linear program solver for suppress.c: minimise c.v where M v = b, 0 <= v <= upper.
 * Bounded-variable primal simplex on a dense tableau (Dantzig 1955; Bland's rule against cycling). One artificial
 * variable a row: `upper` 0 for rows with b = 0, which start and stay feasible; a row with b > 0 gets a dear one.
 * For tables of a few thousand columns; counts and small weights, so that doubles are exact enough (EPS). */
#pragma once
#include "base/arena.h"
#include <stdbool.h>

#define SUPPRESS_LP_EPS 1e-7

struct suppress_lp {
	size_t rows, columns; /* columns: without artificial variables */
	double *matrix;       /* rows x (columns + rows); the caller fills the first `columns` of each row */
	double *b;            /* per row, >= 0 */
	double *cost, *upper; /* per column (+ rows); upper INFINITY allowed */
	double *value;        /* out: per column */
	/* working */
	size_t *basic;
	double *held; /* values of the basic variables */
	bool *at_upper, *in_basis;
};

void suppress_lp_init(
	struct arena *a, struct suppress_lp *lp, size_t rows, size_t columns); /* all zero, upper INFINITY */
/* dear: cost of violating a row with b > 0. True when an optimum was found with all rows kept; *out_unbounded tells why
 * not otherwise. The matrix is used up. */
bool suppress_lp_solve(struct suppress_lp *lp, double dear, bool *out_unbounded);
