/* suppress_lp.c -- see suppress_lp.h. Column columns + i is row i's artificial variable. The cost row is kept reduced
 * beside the tableau. */
#include "guard/suppress_lp.h"
#include <assert.h>
#include <math.h>

struct simplex {
	struct suppress_lp *lp;
	size_t width; /* columns + rows */
	double *reduced;
	bool bland;
	size_t idle; /* degenerate steps in a row */
};

void suppress_lp_init(struct arena *a, struct suppress_lp *lp, size_t rows, size_t columns)
{
	size_t width = rows + columns;
	*lp = (struct suppress_lp){.rows = rows, .columns = columns};
	lp->matrix = NEWS(a, rows * width, double);
	lp->b = NEWS(a, rows, double);
	lp->cost = NEWS(a, 2 * width, double); /* the second half: reduced costs */
	lp->upper = NEWS(a, width, double);
	lp->value = NEWS(a, width, double);
	lp->basic = NEWS(a, rows, size_t);
	lp->held = NEWS(a, rows, double);
	lp->at_upper = NEWS(a, width, bool);
	lp->in_basis = NEWS(a, width, bool);
	for (size_t j = 0; j < columns; j++)
		lp->upper[j] = INFINITY;
}

static double *row(const struct simplex *s, size_t i)
{
	return s->lp->matrix + i * s->width;
}

/* The column that lowers the cost fastest (or the first that does, by Bland), or width. */
static size_t entering(const struct simplex *s)
{
	size_t best = s->width;
	double steepest = SUPPRESS_LP_EPS;
	for (size_t j = 0; j < s->lp->columns; j++) {
		double gain = s->lp->at_upper[j] ? s->reduced[j] : -s->reduced[j];
		if (gain <= steepest || s->lp->upper[j] <= 0 || s->lp->in_basis[j])
			continue;
		best = j;
		if (s->bland)
			return best;
		steepest = gain;
	}
	return best;
}

/* How far column j may move; *out_row is the row whose variable stops it, or rows when j meets its own bound. */
static double reach(const struct simplex *s, size_t j, double direction, size_t *out_row)
{
	const struct suppress_lp *lp = s->lp;
	double most = lp->upper[j];
	*out_row = lp->rows;
	for (size_t i = 0; i < lp->rows; i++) {
		double fall = direction * row(s, i)[j], t;
		if (fall > SUPPRESS_LP_EPS)
			t = lp->held[i] / fall;
		else if (fall < -SUPPRESS_LP_EPS && isfinite(lp->upper[lp->basic[i]]))
			t = (lp->upper[lp->basic[i]] - lp->held[i]) / -fall;
		else
			continue;
		t = t < 0 ? 0 : t;
		bool tie = *out_row < lp->rows && t <= most + SUPPRESS_LP_EPS && t >= most - SUPPRESS_LP_EPS;
		if (tie ? lp->basic[i] < lp->basic[*out_row] : t < most) {
			most = t < most ? t : most;
			*out_row = i;
		}
	}
	return most;
}

static void pivot(struct simplex *s, size_t r, size_t j)
{
	double *pr = row(s, r), by = pr[j];
	for (size_t k = 0; k < s->width; k++)
		pr[k] /= by;
	for (size_t i = 0; i <= s->lp->rows; i++) {
		double *to = i < s->lp->rows ? row(s, i) : s->reduced, f = to[j];
		if (i == r || fabs(f) < 1e-12)
			continue;
		for (size_t k = 0; k < s->width; k++)
			to[k] -= f * pr[k];
		to[j] = 0;
	}
	s->lp->in_basis[s->lp->basic[r]] = false;
	s->lp->in_basis[j] = true;
	s->lp->basic[r] = j;
}

/* One step with column j; false when nothing bounds it. */
static bool step(struct simplex *s, size_t j)
{
	struct suppress_lp *lp = s->lp;
	double direction = lp->at_upper[j] ? -1 : 1;
	size_t r;
	double t = reach(s, j, direction, &r);
	if (!isfinite(t))
		return false;
	for (size_t i = 0; i < lp->rows; i++)
		lp->held[i] -= direction * row(s, i)[j] * t;
	s->idle = t > SUPPRESS_LP_EPS ? 0 : s->idle + 1;
	s->bland = s->idle > 20;
	if (r == lp->rows) {
		lp->at_upper[j] = !lp->at_upper[j];
		return true;
	}
	size_t leaving = lp->basic[r];
	double arrives = direction * row(s, r)[j] < 0 ? lp->upper[leaving] : 0;
	lp->at_upper[leaving] = arrives > 0;
	lp->held[r] = lp->at_upper[j] ? lp->upper[j] - t : t;
	lp->at_upper[j] = false;
	pivot(s, r, j);
	return true;
}

static void begin(struct simplex *s, double dear)
{
	struct suppress_lp *lp = s->lp;
	for (size_t j = 0; j < s->width; j++) {
		lp->at_upper[j] = lp->in_basis[j] = false;
		s->reduced[j] = j < lp->columns ? lp->cost[j] : 0;
	}
	for (size_t i = 0; i < lp->rows; i++) {
		size_t artificial = lp->columns + i;
		row(s, i)[artificial] = 1;
		lp->basic[i] = artificial;
		lp->in_basis[artificial] = true;
		lp->held[i] = lp->b[i];
		lp->upper[artificial] = lp->b[i] > 0 ? INFINITY : 0;
		for (size_t k = 0; lp->b[i] > 0 && k < lp->columns; k++)
			s->reduced[k] -= dear * row(s, i)[k];
	}
}

bool suppress_lp_solve(struct suppress_lp *lp, double dear, bool *out_unbounded)
{
	struct simplex s = {.lp = lp, .width = lp->rows + lp->columns};
	s.reduced = lp->cost + s.width;
	*out_unbounded = false;
	begin(&s, dear);
	size_t most = 200 * (s.width + 10);
	for (size_t j; (j = entering(&s)) < s.width && most > 0; most--)
		if (!step(&s, j)) {
			*out_unbounded = true;
			return false;
		}
	for (size_t j = 0; j < s.width; j++)
		lp->value[j] = lp->at_upper[j] ? lp->upper[j] : 0;
	bool kept = most > 0;
	for (size_t i = 0; i < lp->rows; i++) {
		lp->value[lp->basic[i]] = lp->held[i];
		kept = kept && (lp->basic[i] < lp->columns || lp->held[i] < 1e-5);
	}
	return kept;
}
