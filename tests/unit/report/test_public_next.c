/* A second edition of the year's open figures beside the first: what was hidden stays hidden, what was told moves by the
 * threshold or not at all, and who subtracts one from the other, by linear programming with a solver that is not ours (glpk,
 * where it is installed), learns of nobody. */
#include "base/rand.h"
#include "guard/suppress.h"
#include "report/public_next.h"
#include "tests.h"
#ifdef HAVE_GLPK
#include <glpk.h>
#endif

enum { FIGURES_MAX = 4, UNITS_MAX = 6, CELLS = FIGURES_MAX * UNITS_MAX, EDITIONS = 400 };
static const int64_t H = PUBLIC_NEXT_HIDDEN;
static struct arena A;

/* ---- by hand ---- */

static const int alone[] = {-1}, family[] = {-1, 0, 0};

static bool moved(size_t figures, size_t units, const int64_t *was, const int64_t *now, const int64_t *counts)
{
	struct public_next t = {.figures = figures,
		.units = units,
		.whole = figures == 1 ? alone : family,
		.was = was,
		.now = now,
		.counts = counts,
		.threshold = 5};
	return public_moved_little(&t);
}

static void a_told_number_moves_by_the_threshold_or_stays(void **state)
{
	(void)state;
	const int64_t was[] = {100, 60, 40};
	static const struct {
		int64_t now[3];
		bool little;
	} rows[] = {{{100, 60, 40}, false}, {{105, 65, 40}, false}, {{104, 64, 40}, true},
		{{99, 59, 40}, true}, {{95, 55, 40}, false}, {{110, 65, 45}, false}, {{100, 57, 43}, true},
		{{100, 55, 45}, false},
		/* what is beside the units: 0, then 3 */
		{{108, 65, 40}, true}, {{113, 65, 40}, false}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(moved(1, 3, was, rows[i].now, rows[i].now), rows[i].little);
}

static void the_sum_of_the_hidden_ones_does_not_tell_of_few_either(void **state)
{
	(void)state;
	/* Told: city and one unit; the other two together went from 13 to 15. */
	const int64_t was[] = {100, 87, H, H}, now[] = {112, 97, H, H}, counts[] = {112, 97, 11, 4};
	assert_true(moved(1, 4, was, now, counts));
	const int64_t more[] = {118, 97, H, H}, counts_more[] = {118, 97, 12, 9};
	assert_false(moved(1, 4, was, more, counts_more));
	/* A unit that hides now and was told before: its number then is known, and so is the sum: 40, then 42. */
	const int64_t told[] = {100, 60, 27, 13}, less[] = {112, 70, H, H}, counts_less[] = {112, 70, 37, 5};
	assert_true(moved(1, 4, told, less, counts_less));
	const int64_t same[] = {110, 70, H, H}, counts_same[] = {110, 70, 36, 4};
	assert_false(moved(1, 4, told, same, counts_same)); /* 40, then 40 */
	/* A total that was hidden tells nobody what to subtract from. */
	const int64_t no[] = {H, 87, H, H};
	assert_false(moved(1, 4, no, now, counts));
}

static void a_figure_beside_its_parts_is_a_line_too(void **state)
{
	(void)state;
	/* whole, two parts; one unit column. The second part hides: 8, then 10. */
	const int64_t was[] = {50, 50, 42, 42, H, H}, now[] = {60, 60, 50, 50, H, H},
		      counts[] = {60, 60, 50, 50, 10, 10};
	assert_true(moved(3, 2, was, now, counts));
	const int64_t far[] = {70, 70, 50, 50, H, H}, counts_far[] = {70, 70, 50, 50, 20, 20};
	assert_false(moved(3, 2, was, far, counts_far));
}

static void a_first_edition_moves_by_nothing(void **state)
{
	(void)state;
	const int64_t was[] = {H, H, H}, now[] = {3, 3, 0};
	assert_false(moved(1, 3, was, now, now));
}

/* ---- at random, attacked ---- */

struct pair {
	size_t figures, units;
	int64_t threshold;
	int64_t first[CELLS], second[CELLS], was[CELLS], now[CELLS];
	bool zero;
};

static const int32_t star[UNITS_MAX] = {-1};
static const int star_of[FIGURES_MAX] = {-1};

/* Leaves are given; units make the city, parts the whole. */
static void add_up(const struct pair *p, int64_t *n)
{
	for (size_t i = 0; i < p->figures; i++)
		n[i * p->units] = 0;
	for (size_t u = 0; u < p->units && p->figures > 1; u++)
		n[u] = 0;
	for (size_t i = p->figures > 1 ? 1 : 0; i < p->figures; i++)
		for (size_t u = 1; u < p->units; u++) {
			int64_t v = n[i * p->units + u];
			n[i * p->units] += v;
			if (i > 0) {
				n[u] += v;
				n[0] += v;
			}
		}
}

/* False where the table cannot be protected: it is left out whole. */
static bool publish(const struct pair *p, const int64_t *counts, const int64_t *before, int64_t *out)
{
	struct suppress_table t;
	struct err err = {0};
	int64_t *copy = NEWS(&A, CELLS, int64_t);
	memcpy(copy, counts, CELLS * sizeof *copy);
	assert_ok(suppress_cross(&A, star, p->figures, star, p->units, copy, &t, &err), &err);
	t.threshold = p->threshold;
	t.hide_zero = p->zero;
	for (size_t i = 0; before && i < p->figures * p->units; i++)
		t.cells[i].secret = before[i] == H;
	if (suppress(&A, &t, &err) != RC_OK)
		return false;
	for (size_t i = 0; i < p->figures * p->units; i++)
		out[i] = t.cells[i].hidden ? H : t.cells[i].count;
	return true;
}

static int64_t some(struct rng *r)
{
	return (int64_t)(rng_below(r, 3) ? rng_below(r, 60) : rng_below(r, 8));
}

#ifdef HAVE_GLPK
static int add_row(glp_prob *lp, int64_t known, int n, const int *index, const double *factor)
{
	int row = glp_add_rows(lp, 1);
	glp_set_row_bnds(lp, row, GLP_FX, (double)known, (double)known);
	glp_set_mat_row(lp, row, n, index, factor);
	return row;
}

static double bound(glp_prob *lp, const double *goal, int columns, int direction)
{
	glp_smcp how;
	glp_init_smcp(&how);
	how.msg_lev = GLP_MSG_OFF;
	glp_set_obj_dir(lp, direction);
	for (int j = 1; j <= columns; j++)
		glp_set_obj_coef(lp, j, goal[j]);
	assert_int_equal(glp_simplex(lp, &how), 0);
	return glp_get_status(lp) == GLP_OPT ? glp_get_obj_val(lp) : (direction == GLP_MAX ? 1e300 : -1e300);
}

/* A column for each cell of both editions, at least 0, the told ones fixed, and every sum of both. What a reader can
 * pin down of the difference, of a cell or of the hidden ones of a line, is nothing or the threshold at least. */
static void attack(const struct pair *p)
{
	glp_prob *lp = glp_create_prob();
	int n = (int)(p->figures * p->units), index[2 * CELLS + 1];
	double factor[2 * CELLS + 1], goal[2 * CELLS + 1];
	glp_add_cols(lp, 2 * n);
	for (int e = 0; e < 2; e++)
		for (int i = 0; i < n; i++) {
			int64_t v = e ? p->now[i] : p->was[i];
			glp_set_col_bnds(lp, e * n + i + 1, v == H ? GLP_LO : GLP_FX, v == H ? 0 : (double)v,
				v == H ? 0 : (double)v);
		}
	for (int e = 0; e < 2; e++)
		for (size_t f = 0; f < p->figures; f++) {
			int k = 0;
			for (size_t u = 0; u < p->units; u++) {
				index[++k] = e * n + (int)(f * p->units + u) + 1;
				factor[k] = u ? 1 : -1;
			}
			add_row(lp, 0, k, index, factor);
		}
	for (int e = 0; e < 2; e++)
		for (size_t u = 0; u < p->units && p->figures > 1; u++) {
			int k = 0;
			for (size_t f = 0; f < p->figures; f++) {
				index[++k] = e * n + (int)(f * p->units + u) + 1;
				factor[k] = f ? 1 : -1;
			}
			add_row(lp, 0, k, index, factor);
		}
	for (int i = 0; i < n + (int)p->figures + (p->figures > 1 ? (int)p->units : 0); i++) {
		memset(goal, 0, sizeof goal);
		for (int c = 0; c < n; c++) {
			bool hidden = p->now[c] == H,
			     part = i - n < (int)p->figures ? c / (int)p->units == i - n && c % (int)p->units
							    : c % (int)p->units == i - n - (int)p->figures &&
								      c / (int)p->units;
			if (i < n ? c == i : hidden && part) {
				goal[n + c + 1] = 1;
				goal[c + 1] = -1;
			}
		}
		double low = bound(lp, goal, 2 * n, GLP_MIN), high = bound(lp, goal, 2 * n, GLP_MAX);
		if (high - low < 0.5 && (high > 0.5 || low < -0.5) && high < (double)p->threshold - 0.5 &&
			low > 0.5 - (double)p->threshold)
			fail_msg("a reader of both editions learns of %.0f (%d of %d)", high, i, n);
	}
	glp_delete_prob(lp);
}
#endif

static void second_editions_at_random_give_nobody_away(void **state)
{
	(void)state;
	struct rng r;
	int stayed = 0, went = 0;
	rng_init(&r, 20261129);
	for (int k = 0; k < EDITIONS; k++) {
		struct pair p = {.figures = rng_below(&r, 2) ? 1 : 2 + rng_below(&r, FIGURES_MAX - 1),
			.units = 3 + rng_below(&r, UNITS_MAX - 2),
			.threshold = rng_below(&r, 2) ? 5 : 10,
			.zero = rng_below(&r, 2)};
		arena_reset(&A);
		for (size_t i = 0; i < p.figures * p.units; i++) {
			p.first[i] = some(&r);
			int64_t step = rng_below(&r, 2) ? 0 : (int64_t)rng_below(&r, 40) - 12;
			p.second[i] = p.first[i] + step < 0 ? 0 : p.first[i] + step;
		}
		add_up(&p, p.first);
		add_up(&p, p.second);
		if (!publish(&p, p.first, NULL, p.was) || !publish(&p, p.second, p.was, p.now))
			continue;
		struct public_next t = {.figures = p.figures,
			.units = p.units,
			.whole = star_of,
			.was = p.was,
			.now = p.now,
			.counts = p.second,
			.threshold = p.threshold};
		bool stays = public_moved_little(&t);
		stayed += stays;
		went += !stays;
		for (size_t i = 0; !stays && i < p.figures * p.units; i++) {
			if (p.was[i] == H)
				assert_true(p.now[i] == H); /* hidden stays hidden */
			if (p.was[i] == H || p.now[i] == H)
				continue;
			int64_t by = p.now[i] - p.was[i];
			assert_true(by == 0 || by >= p.threshold || -by >= p.threshold);
		}
#ifdef HAVE_GLPK
		if (!stays)
			attack(&p);
#endif
	}
	assert_true(stayed > EDITIONS / 10 && went > EDITIONS / 20); /* both are seen */
	print_message("# %d second editions told anew, %d stay as the first\n", went, stayed);
}

static int done(void **state)
{
	(void)state;
	arena_done(&A);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_told_number_moves_by_the_threshold_or_stays),
		cmocka_unit_test(the_sum_of_the_hidden_ones_does_not_tell_of_few_either),
		cmocka_unit_test(a_figure_beside_its_parts_is_a_line_too),
		cmocka_unit_test(a_first_edition_moves_by_nothing),
		cmocka_unit_test(second_editions_at_random_give_nobody_away),
	};
	return cmocka_run_group_tests(tests, NULL, done);
}
