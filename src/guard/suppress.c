/* suppress.c -- see suppress.h.
 * A shift y of the counts keeps every sum (for each: y of the total = sum of y of the parts) and makes no count negative.
 * Hidden cells may shift, visible ones not. The range of a hidden cell is how far shifts carry it up and down. y is split
 * into up and down parts; "down" is bounded by the count. */
#include "guard/suppress.h"
#include "guard/suppress_lp.h"
#include <assert.h>
#include <math.h>

struct work {
	struct arena *a;
	struct suppress_table *t;
	struct arena lp_memory;
	double *up, *down; /* per cell: shifts found so far that keep all sums */
	bool *is_total;
	uint32_t *column_of; /* per cell in the program at hand, UINT32_MAX: not in it */
	uint32_t *cell_of;
};

/* Checking */

static enum rc check(struct arena *a, const struct suppress_table *t, struct err *err)
{
	if (t->threshold < SUPPRESS_THRESHOLD_MIN || t->threshold > SUPPRESS_THRESHOLD_MAX)
		return FAIL(err, RC_INVALID, "a threshold from %d to %d is wanted", SUPPRESS_THRESHOLD_MIN,
			SUPPRESS_THRESHOLD_MAX);
	if (t->cells_n > SUPPRESS_CELLS_MAX || t->sums_n > SUPPRESS_SUMS_MAX)
		return FAIL(err, RC_LIMIT, "a table of %zu cells and %zu sums is too large", t->cells_n,
			t->sums_n);
	for (size_t i = 0; i < t->cells_n; i++)
		if (t->cells[i].count < 0 || t->cells[i].count > SUPPRESS_COUNT_MAX)
			return FAIL(err, RC_INVALID, "cell %zu: a count out of range", i);
	size_t *last = NEWS(a, t->cells_n, size_t); /* sum + 1 in which a cell was met last */
	for (size_t k = 0; k < t->sums_n; k++) {
		const struct suppress_sum *s = &t->sums[k];
		int64_t sum = 0;
		if (s->total >= t->cells_n)
			return FAIL(err, RC_INVALID, "sum %zu names a cell that is not there", k);
		last[s->total] = k + 1;
		for (size_t i = 0; i < s->n; i++) {
			if (s->parts[i] >= t->cells_n || last[s->parts[i]] == k + 1)
				return FAIL(err, RC_INVALID,
					"sum %zu names a cell twice, or one that is not there", k);
			last[s->parts[i]] = k + 1;
			sum += t->cells[s->parts[i]].count;
		}
		if (sum != t->cells[s->total].count)
			return FAIL(err, RC_INVALID, "sum %zu does not add up: %lld of %lld", k,
				(long long)sum, (long long)t->cells[s->total].count);
	}
	return RC_OK;
}

static struct work work_of(struct arena *a, struct suppress_table *t)
{
	struct work w = {.a = a, .t = t};
	w.up = NEWS(a, t->cells_n, double);
	w.down = NEWS(a, t->cells_n, double);
	w.is_total = NEWS(a, t->cells_n, bool);
	w.column_of = NEWS(a, t->cells_n, uint32_t);
	w.cell_of = NEWS(a, t->cells_n, uint32_t);
	for (size_t k = 0; k < t->sums_n; k++)
		w.is_total[t->sums[k].total] = true;
	return w;
}

/* Linear programs over shifts. Cell at column c of n: up part in 2c, down part in 2c + 1. */

/* Gives columns to the cells that may take part; returns their number. */
static size_t take_columns(struct work *w, bool visible_too)
{
	size_t n = 0;
	for (size_t i = 0; i < w->t->cells_n; i++) {
		bool in = w->t->cells[i].hidden || (visible_too && !w->t->cells[i].published);
		w->column_of[i] = in ? (uint32_t)n : UINT32_MAX;
		if (in)
			w->cell_of[n++] = (uint32_t)i;
	}
	return n;
}

static bool sum_takes_part(const struct work *w, const struct suppress_sum *s)
{
	bool any = w->column_of[s->total] != UINT32_MAX;
	for (size_t i = 0; i < s->n && !any; i++)
		any = w->column_of[s->parts[i]] != UINT32_MAX;
	return any;
}

static void put(
	struct suppress_lp *lp, const struct work *w, size_t at_row, size_t first, uint32_t cell, double sign)
{
	uint32_t c = w->column_of[cell];
	if (c == UINT32_MAX)
		return;
	double *row = lp->matrix + at_row * (lp->rows + lp->columns);
	row[first + 2 * c] = sign;
	row[first + 2 * c + 1] = -sign;
}

/* The rows of one shift whose columns begin at `first`; returns the next row. */
static size_t put_sums(struct suppress_lp *lp, const struct work *w, size_t at_row, size_t first)
{
	for (size_t k = 0; k < w->t->sums_n; k++) {
		const struct suppress_sum *s = &w->t->sums[k];
		if (!sum_takes_part(w, s))
			continue;
		put(lp, w, at_row, first, s->total, -1);
		for (size_t i = 0; i < s->n; i++)
			put(lp, w, at_row, first, s->parts[i], 1);
		at_row++;
	}
	return at_row;
}

static size_t count_sums(const struct work *w)
{
	size_t n = 0;
	for (size_t k = 0; k < w->t->sums_n; k++)
		n += sum_takes_part(w, &w->t->sums[k]);
	return n;
}

/* A program of `shifts` independent shifts over the cells that have columns, plus `extra` rows. */
static void make(struct work *w, struct suppress_lp *lp, size_t n, size_t shifts, size_t extra)
{
	arena_reset(&w->lp_memory);
	suppress_lp_init(&w->lp_memory, lp, shifts * count_sums(w) + extra, shifts * 2 * n);
	for (size_t s = 0, at_row = 0; s < shifts; s++) {
		at_row = put_sums(lp, w, at_row, s * 2 * n);
		for (size_t c = 0; c < n; c++)
			lp->upper[s * 2 * n + 2 * c + 1] = (double)w->t->cells[w->cell_of[c]].count;
	}
}

/* Every shift found is one for all cells: remember how far it carries each. */
static void note(struct work *w, const double *value, size_t n)
{
	for (size_t c = 0; c < n; c++) {
		double y = value[2 * c] - value[2 * c + 1];
		uint32_t i = w->cell_of[c];
		w->up[i] = y > w->up[i] ? y : w->up[i];
		w->down[i] = -y > w->down[i] ? -y : w->down[i];
	}
}

static bool wide_enough(const struct work *w, size_t i)
{
	return w->up[i] + w->down[i] >= (double)w->t->threshold - 1e-4;
}

/* Carries hidden cell i as far as `most` up (sign 1) or down (sign -1); false when it goes on for ever. */
static bool carry(struct work *w, size_t i, int sign, double most)
{
	struct suppress_lp lp;
	bool unbounded;
	size_t n = take_columns(w, false), c = w->column_of[i], j = 2 * c + (sign > 0 ? 0 : 1), other = j ^ 1;
	make(w, &lp, n, 1, 0);
	lp.cost[j] = -1;
	lp.cost[other] = 1;
	lp.upper[j] = lp.upper[j] < most ? lp.upper[j] : most;
	if (!suppress_lp_solve(&lp, 1, &unbounded))
		return !unbounded;
	note(w, lp.value, n);
	return true;
}

/* Is the range of hidden cell i at least the threshold? */
static bool is_protected(struct work *w, size_t i)
{
	if (!wide_enough(w, i))
		carry(w, i, 1, (double)w->t->threshold);
	if (!wide_enough(w, i))
		carry(w, i, -1, (double)w->t->threshold);
	return wide_enough(w, i);
}

/* What a unit of shift through a visible cell costs: small cells are cheap, zeros and totals dear. */
static double weight(const struct work *w, size_t i)
{
	const struct suppress_cell *cell = &w->t->cells[i];
	if (cell->hidden)
		return 1e-4;
	double dear = w->is_total[i] ? 8 : 1;
	return dear * (cell->count == 0 ? 6 : log2((double)cell->count + 2));
}

/* Hides the cheapest partners that give cell i its range; returns how many, 0 when there are none. */
static size_t find_partners(struct work *w, size_t i)
{
	struct suppress_lp lp;
	bool unbounded;
	size_t n = take_columns(w, true), c = w->column_of[i], found = 0;
	make(w, &lp, n, 2, 1);
	double *last = lp.matrix + (lp.rows - 1) * (lp.rows + lp.columns);
	for (size_t s = 0; s < 2; s++)
		for (size_t k = 0; k < n; k++)
			lp.cost[s * 2 * n + 2 * k] = lp.cost[s * 2 * n + 2 * k + 1] =
				weight(w, w->cell_of[k]);
	last[2 * c] = 1, last[2 * c + 1] = -1;                 /* how far the first shift goes up */
	last[2 * n + 2 * c] = -1, last[2 * n + 2 * c + 1] = 1; /* and the second one down */
	lp.b[lp.rows - 1] = (double)w->t->threshold;
	if (!suppress_lp_solve(&lp, 1e6, &unbounded))
		return 0;
	for (size_t k = 0; k < 4 * n; k++) {
		struct suppress_cell *cell = &w->t->cells[w->cell_of[k % (2 * n) / 2]];
		if (lp.value[k] > 1e-6 && !cell->hidden) {
			cell->hidden = SUPPRESS_PARTNER;
			found++;
		}
	}
	note(w, lp.value, n);
	note(w, lp.value + 2 * n, n);
	return found;
}

static bool too_small(const struct suppress_table *t, const struct suppress_cell *cell)
{
	return cell->secret || (cell->count < t->threshold && (cell->count > 0 || t->hide_zero));
}

enum rc suppress(struct arena *a, struct suppress_table *t, struct err *err)
{
	TRY(check(a, t, err));
	struct work w = work_of(a, t);
	for (size_t i = 0; i < t->cells_n; i++)
		t->cells[i].hidden = too_small(t, &t->cells[i]) && !t->cells[i].published ? SUPPRESS_SMALL
											  : SUPPRESS_SHOWN;
	for (size_t i = 0; i < t->cells_n;) {
		if (!t->cells[i].hidden || is_protected(&w, i)) {
			i++;
			continue;
		}
		if (find_partners(&w, i) == 0 && !wide_enough(&w, i)) {
			for (size_t k = 0; k < t->cells_n; k++)
				t->cells[k].hidden = SUPPRESS_SHOWN;
			arena_done(&w.lp_memory);
			return FAIL(err, RC_CONFLICT,
				"cell %zu cannot be protected: too much is published already", i);
		}
		i = 0; /* new partners need protection as well */
	}
	arena_done(&w.lp_memory);
	return RC_OK;
}

enum rc suppress_bounds(struct arena *a, const struct suppress_table *t, int64_t *out_least,
	int64_t *out_most, struct err *err)
{
	TRY(check(a, t, err));
	struct suppress_table copy = *t;
	struct work w = work_of(a, &copy);
	for (size_t i = 0; i < t->cells_n; i++) {
		int64_t count = t->cells[i].count;
		out_least[i] = out_most[i] = count;
		if (!t->cells[i].hidden)
			continue;
		w.up[i] = w.down[i] = 0;
		bool bounded = carry(&w, i, 1, INFINITY);
		carry(&w, i, -1, INFINITY);
		out_most[i] = bounded ? count + (int64_t)floor(w.up[i] + 1e-4) : SUPPRESS_NO_BOUND;
		out_least[i] = count - (int64_t)floor(w.down[i] + 1e-4);
	}
	arena_done(&w.lp_memory);
	return RC_OK;
}

/* Crossed trees */

static size_t children(const int32_t *parent, size_t n, size_t of, uint32_t *out)
{
	size_t found = 0;
	for (size_t i = of + 1; i < n; i++)
		if (parent[i] == (int32_t)of)
			out[found++] = (uint32_t)i;
	return found;
}

static enum rc check_tree(const int32_t *parent, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (parent[i] < -1 || parent[i] >= (int32_t)i)
			return FAIL(err, RC_INVALID, "node %zu stands before its parent", i);
	return RC_OK;
}

/* The sums along one direction: for every inner node, one in each line of the other direction. */
static size_t sums_along(struct arena *a, const int32_t *parent, size_t n, size_t step, size_t lines,
	size_t line_step, struct suppress_sum *out)
{
	uint32_t *child = NEWS(a, n, uint32_t);
	size_t made = 0;
	for (size_t of = 0; of < n; of++) {
		size_t k = children(parent, n, of, child);
		for (size_t line = 0; k > 0 && line < lines; line++, made++) {
			if (out == NULL)
				continue;
			uint32_t *parts = NEWS(a, k, uint32_t);
			for (size_t c = 0; c < k; c++)
				parts[c] = (uint32_t)(child[c] * step + line * line_step);
			out[made] = (struct suppress_sum){(uint32_t)(of * step + line * line_step), parts, k};
		}
	}
	return made;
}

enum rc suppress_cross(struct arena *a, const int32_t *row_parent, size_t rows, const int32_t *column_parent,
	size_t columns, const int64_t *counts, struct suppress_table *out, struct err *err)
{
	if (rows == 0 || columns == 0 || rows > SUPPRESS_CELLS_MAX / columns)
		return FAIL(err, RC_LIMIT, "a table of %zu rows and %zu columns is empty or too large", rows,
			columns);
	TRY(check_tree(row_parent, rows, err));
	TRY(check_tree(column_parent, columns, err));
	struct suppress_table t = {.cells_n = rows * columns};
	t.cells = NEWS(a, t.cells_n, struct suppress_cell);
	for (size_t i = 0; i < t.cells_n; i++)
		t.cells[i].count = counts[i];
	size_t n = sums_along(a, row_parent, rows, columns, columns, 1, NULL);
	n += sums_along(a, column_parent, columns, 1, rows, columns, NULL);
	struct suppress_sum *sums = NEWS(a, n, struct suppress_sum);
	t.sums_n = sums_along(a, row_parent, rows, columns, columns, 1, sums);
	t.sums_n += sums_along(a, column_parent, columns, 1, rows, columns, sums + t.sums_n);
	t.sums = sums;
	*out = t;
	return RC_OK;
}
