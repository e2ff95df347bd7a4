/* What stays hidden: the definition on small rows, an attack by linear programming with a solver that is not ours
 * (glpk, where it is installed), tables of a city, and tables over time and over a tree of organisations. */
#include "base/rand.h"
#include "guard/suppress.h"
#include "tests.h"
#include <math.h>
#ifdef HAVE_GLPK
#include <glpk.h>
#endif

static struct arena A;

static struct suppress_table cross(const int32_t *row_parent, size_t rows, const int32_t *column_parent,
	size_t columns, const int64_t *counts, int64_t threshold)
{
	struct suppress_table t;
	struct err err = {0};
	assert_ok(suppress_cross(&A, row_parent, rows, column_parent, columns, counts, &t, &err), &err);
	t.threshold = threshold;
	return t;
}

/* Sums the leaves of both trees upwards into every node. */
static void add_up(
	const int32_t *row_parent, size_t rows, const int32_t *column_parent, size_t columns, int64_t *c)
{
	for (size_t r = rows; r-- > 0;)
		for (size_t k = columns; k-- > 0;) {
			bool leaf_row = true, leaf_column = true;
			for (size_t x = r + 1; x < rows; x++)
				leaf_row = leaf_row && row_parent[x] != (int32_t)r;
			for (size_t x = k + 1; x < columns; x++)
				leaf_column = leaf_column && column_parent[x] != (int32_t)k;
			if (!leaf_column) {
				c[r * columns + k] = 0;
				for (size_t x = k + 1; x < columns; x++)
					if (column_parent[x] == (int32_t)k)
						c[r * columns + k] += c[r * columns + x];
			} else if (!leaf_row) {
				c[r * columns + k] = 0;
				for (size_t x = r + 1; x < rows; x++)
					if (row_parent[x] == (int32_t)r)
						c[r * columns + k] += c[x * columns + k];
			}
		}
}

static void no_small_count_is_visible(const struct suppress_table *t)
{
	for (size_t i = 0; i < t->cells_n; i++) {
		const struct suppress_cell *c = &t->cells[i];
		if (!c->hidden && !c->published)
			assert_true(c->count >= t->threshold || (c->count == 0 && !t->hide_zero));
	}
}

#ifdef HAVE_GLPK
/* The attacker's program: hidden counts are unknowns >= 0, every sum an equation, visible counts constants. */
static glp_prob *attacker(const struct suppress_table *t, int *column_of)
{
	glp_prob *lp = glp_create_prob();
	int n = 0;
	static int index[2000];
	static double factor[2000];
	for (size_t i = 0; i < t->cells_n; i++)
		column_of[i] = t->cells[i].hidden ? ++n : 0;
	if (n == 0)
		return lp;
	glp_add_cols(lp, n);
	for (int j = 1; j <= n; j++)
		glp_set_col_bnds(lp, j, GLP_LO, 0, 0);
	for (size_t k = 0; k < t->sums_n; k++) {
		const struct suppress_sum *s = &t->sums[k];
		double known = 0;
		int used = 0;
		for (size_t i = 0; i <= s->n; i++) {
			uint32_t cell = i < s->n ? s->parts[i] : s->total;
			double sign = i < s->n ? 1 : -1;
			if (column_of[cell] == 0) {
				known += sign * (double)t->cells[cell].count;
				continue;
			}
			index[++used] = column_of[cell];
			factor[used] = sign;
		}
		if (used == 0)
			continue;
		int row = glp_add_rows(lp, 1);
		glp_set_row_bnds(lp, row, GLP_FX, -known, -known);
		glp_set_mat_row(lp, row, used, index, factor);
	}
	return lp;
}

/* Least or most that the attacker finds for a column; INFINITY where there is no end. */
static double extreme(glp_prob *lp, int column, int direction)
{
	glp_set_obj_dir(lp, direction);
	glp_set_obj_coef(lp, column, 1);
	glp_smcp how;
	glp_init_smcp(&how);
	how.msg_lev = GLP_MSG_OFF;
	assert_int_equal(glp_simplex(lp, &how), 0);
	double v = glp_get_obj_val(lp);
	if (glp_get_status(lp) != GLP_OPT)
		v = (double)INFINITY;
	glp_set_obj_coef(lp, column, 0);
	return v;
}

static long attacked;

/* No hidden cell is bounded to less than the threshold; our own audit finds the same bounds where asked. */
static void attack(const struct suppress_table *t, bool compare)
{
	int *column_of = NEWS(&A, t->cells_n, int);
	int64_t *least = NEWS(&A, t->cells_n, int64_t), *most = NEWS(&A, t->cells_n, int64_t);
	struct err err = {0};
	glp_prob *lp = attacker(t, column_of);
	if (compare)
		assert_ok(suppress_bounds(&A, t, least, most, &err), &err);
	for (size_t i = 0; i < t->cells_n; i++) {
		if (!column_of[i])
			continue;
		double high = extreme(lp, column_of[i], GLP_MAX), low = extreme(lp, column_of[i], GLP_MIN);
		if (high - low < (double)t->threshold - 0.001)
			fail_msg("cell %zu (%lld) lies in %.3f..%.3f", i, (long long)t->cells[i].count, low,
				high);
		attacked++;
		if (!compare)
			continue;
		if (high > 1e300)
			assert_true(most[i] == SUPPRESS_NO_BOUND);
		else
			assert_true(most[i] == (int64_t)(high + 0.001));
		assert_true(least[i] == (int64_t)(low + 0.999));
	}
	glp_delete_prob(lp);
}
#endif

static void protect(struct suppress_table *t)
{
	struct err err = {0};
	assert_ok(suppress(&A, t, &err), &err);
	no_small_count_is_visible(t);
}

static const int32_t star[32] = {-1};

static void a_lone_small_cell_takes_a_partner(void **state)
{
	(void)state;
	int64_t counts[] = {42, 7, 15, 20};
	struct suppress_table t = cross(star, 4, star, 1, counts, 10);
	protect(&t);
	assert_true(t.cells[1].hidden == SUPPRESS_SMALL && t.cells[2].hidden == SUPPRESS_PARTNER);
	assert_true(!t.cells[0].hidden && !t.cells[3].hidden);
	int64_t least[4], most[4];
	struct err err = {0};
	assert_ok(suppress_bounds(&A, &t, least, most, &err), &err);
	assert_true(least[1] == 0 && most[1] == 22 && least[3] == 20 && most[3] == 20);
}

static void a_small_row_total_hides_with_its_parts(void **state)
{
	(void)state;
	int64_t counts[] = {6, 6, 0};
	struct suppress_table t = cross(star, 3, star, 1, counts, 10);
	protect(&t);
	assert_true(t.cells[0].hidden && t.cells[1].hidden && !t.cells[2].hidden);
	t.hide_zero = true;
	protect(&t);
	assert_true(t.cells[2].hidden);
}

static void nothing_small_hides_nothing(void **state)
{
	(void)state;
	int64_t counts[] = {30, 10, 20, 0};
	struct suppress_table t = cross(star, 4, star, 1, counts, 10);
	protect(&t);
	for (size_t i = 0; i < 4; i++)
		assert_false(t.cells[i].hidden);
}

static void what_is_in_print_already_cannot_be_hidden(void **state)
{
	(void)state;
	struct err err = {0};
	int64_t counts[] = {42, 7, 15, 20};
	struct suppress_table t = cross(star, 4, star, 1, counts, 10);
	t.cells[2].published = true;
	protect(&t);
	assert_true(t.cells[1].hidden && !t.cells[2].hidden && t.cells[3].hidden);
	t.cells[3].published = t.cells[0].published = true;
	assert_int_equal(suppress(&A, &t, &err), RC_CONFLICT);
	for (size_t i = 0; i < 4; i++)
		assert_false(t.cells[i].hidden);
}

static void bad_tables_are_refused(void **state)
{
	(void)state;
	struct err err = {0};
	int64_t counts[] = {42, 7, 15, 20}, wrong[] = {41, 7, 15, 20}, negative[] = {0, -1, 1, 0};
	int32_t backwards[] = {1, -1}, same[] = {0};
	struct suppress_table t = cross(star, 4, star, 1, counts, 1), u;
	assert_int_equal(suppress(&A, &t, &err), RC_INVALID);
	t.threshold = SUPPRESS_THRESHOLD_MAX + 1;
	assert_int_equal(suppress(&A, &t, &err), RC_INVALID);
	t = cross(star, 4, star, 1, wrong, 10);
	assert_int_equal(suppress(&A, &t, &err), RC_INVALID);
	t = cross(star, 4, star, 1, negative, 10);
	assert_int_equal(suppress(&A, &t, &err), RC_INVALID);
	t = cross(star, 4, star, 1, counts, 10);
	uint32_t parts[] = {1, 2, 9}, twice[] = {1, 1}, self[] = {0};
	struct suppress_sum sums[] = {{0, parts, 3}, {0, twice, 2}, {0, self, 1}, {9, parts, 2}};
	for (size_t i = 0; i < 4; i++) {
		t.sums = &sums[i];
		t.sums_n = 1;
		assert_int_equal(suppress(&A, &t, &err), RC_INVALID);
		assert_int_equal(suppress_bounds(&A, &t, NULL, NULL, &err), RC_INVALID);
	}
	t.cells_n = SUPPRESS_CELLS_MAX + 1;
	assert_int_equal(suppress(&A, &t, &err), RC_LIMIT);
	assert_int_equal(suppress_cross(&A, backwards, 2, star, 1, counts, &u, &err), RC_INVALID);
	assert_int_equal(suppress_cross(&A, star, 1, same, 1, counts, &u, &err), RC_INVALID);
	assert_int_equal(suppress_cross(&A, star, 0, star, 1, counts, &u, &err), RC_LIMIT);
	assert_int_equal(suppress_cross(&A, star, 5000, star, 2, counts, &u, &err), RC_LIMIT);
}

/* All rows of 4 cells below 9 under a printed total, threshold 5: the attacker's bounds in closed form. */
static void every_small_row_keeps_the_invariant(void **state)
{
	(void)state;
	for (int v = 0; v < 9 * 9 * 9 * 9; v++) {
		int64_t c[5] = {0, v % 9, v / 9 % 9, v / 81 % 9, v / 729};
		arena_reset(&A);
		c[0] = c[1] + c[2] + c[3] + c[4];
		struct suppress_table t = cross(star, 5, star, 1, c, 5);
		t.hide_zero = v % 2;
		protect(&t);
		int64_t hidden = 0, room = 0;
		for (int i = 1; i < 5; i++)
			if (t.cells[i].hidden) {
				hidden++;
				room += c[i];
			}
		if (hidden > 0 &&
			!t.cells[0].hidden) /* each lies in 0..room, or is exactly known when alone */
			assert_true(hidden > 1 && room >= 5);
	}
}

/* A skewed count: mostly small, sometimes large. */
static int64_t skewed(struct rng *r)
{
	switch (rng_below(r, 6)) {
	case 0:
		return 0;
	case 1:
	case 2:
		return (int64_t)rng_below(r, 12);
	case 3:
	case 4:
		return (int64_t)rng_below(r, 60);
	default:
		return (int64_t)rng_below(r, 2000);
	}
}

static void random_tree(struct rng *r, int32_t *parent, size_t n)
{
	parent[0] = -1;
	for (size_t i = 1; i < n; i++)
		parent[i] = (int32_t)rng_below(r, i < 4 ? 1 : i);
}

static void random_tables(uint64_t seed, int n, size_t rows_most, size_t columns_most, int compare_every)
{
	struct rng r;
	rng_init(&r, seed);
	for (int k = 0; k < n; k++) {
		int32_t row_parent[32], column_parent[32];
		int64_t counts[32 * 32];
		size_t rows = 2 + rng_below(&r, rows_most - 1), columns = 1 + rng_below(&r, columns_most);
		arena_reset(&A);
		if (k % 2) {
			random_tree(&r, row_parent, rows);
			random_tree(&r, column_parent, columns);
		} else {
			memcpy(row_parent, star, sizeof star);
			memcpy(column_parent, star, sizeof star);
		}
		for (size_t i = 0; i < rows * columns; i++)
			counts[i] = skewed(&r);
		add_up(row_parent, rows, column_parent, columns, counts);
		struct suppress_table t =
			cross(row_parent, rows, column_parent, columns, counts, rng_below(&r, 2) ? 5 : 10);
		t.hide_zero = rng_below(&r, 2);
		protect(&t);
#ifdef HAVE_GLPK
		attack(&t, k % compare_every == 0);
#else
		(void)compare_every;
#endif
	}
}

static void ten_thousand_random_tables_withstand_the_attack(void **state)
{
	(void)state;
#ifndef HAVE_GLPK
	skip();
#else
	attacked = 0;
	random_tables(1, 10000, 9, 7, 20);
	print_message("# %ld hidden cells attacked\n", attacked);
#endif
}

/* A city: 16 counties under it, 12 months in quarters in a year; how it looks for children in care, say. */
static void the_tables_of_a_city_withstand_the_attack(void **state)
{
	(void)state;
	int32_t counties[17], months[17];
	int64_t counts[17 * 17], shown = 0, cells = 0;
	struct rng r;
	rng_init(&r, 2);
	for (int i = 0; i < 17; i++) {
		counties[i] = i == 0 ? -1 : 0;
		months[i] = i == 0 ? -1 : i < 5 ? 0 : (i - 5) / 3 + 1;
	}
	int tables = getenv("QINGHE_LONG") ? 50 : 4;
	for (int k = 0; k < tables; k++) {
		arena_reset(&A);
		for (size_t i = 0; i < 17 * 17; i++)
			counts[i] = skewed(&r);
		add_up(counties, 17, months, 17, counts);
		struct suppress_table t = cross(counties, 17, months, 17, counts, k % 2 ? 5 : 10);
		t.hide_zero = k % 4 > 1;
		protect(&t);
		for (size_t i = 0; i < t.cells_n; i++) {
			shown += !t.cells[i].hidden;
			cells++;
		}
#ifdef HAVE_GLPK
		attack(&t, false);
#endif
	}
	print_message("# %lld of %lld cells shown\n", (long long)shown, (long long)cells);
	assert_true(shown * 4 > cells);
}

/* Tables of a real (demo) city, made by tests/flow/test_suppress.py: a line "NAME COUNTIES", then a line of twelve months
 * for each of the city's parts. */
static void tables_of_the_demo_city_withstand_the_attack(void **state)
{
	(void)state;
	const char *path = getenv("QINGHE_SUPPRESS_TABLES");
	FILE *f = path ? fopen(path, "r") : NULL;
	char name[100];
	int parts, tables = 0;
	if (f == NULL)
		skip();
	while (fscanf(f, "%99s %d", name, &parts) == 2) {
		int32_t rows[32], months[17];
		int64_t counts[32 * 17] = {0};
		long long v;
		assert_true(parts > 0 && parts < 31);
		for (int i = 0; i <= parts; i++)
			rows[i] = i == 0 ? -1 : 0;
		for (int i = 0; i < 17; i++)
			months[i] = i == 0 ? -1 : i < 5 ? 0 : (i - 5) / 3 + 1;
		for (int i = 1; i <= parts; i++)
			for (int m = 0; m < 12; m++) {
				assert_int_equal(fscanf(f, "%lld", &v), 1);
				counts[i * 17 + 5 + m] = v;
			}
		arena_reset(&A);
		add_up(rows, (size_t)parts + 1, months, 17, counts);
		struct suppress_table t = cross(rows, (size_t)parts + 1, months, 17, counts, 10);
		t.hide_zero = true;
		protect(&t);
#ifdef HAVE_GLPK
		attack(&t, false);
#endif
		tables++;
	}
	fclose(f);
	print_message("# %d tables of the city attacked\n", tables);
	assert_true(tables > 0);
}

/* What the street's pages serve, as tests/flow/test_street.py read it there: "NAME THRESHOLD CELLS SUMS", a line
 * "COUNT KIND" a cell (0 told, 1 hidden, 2 on no page at all), a line "TOTAL N PARTS..." a sum. The reader knows the told
 * ones and the sums; no hidden one may be bounded below the threshold. */
#ifdef HAVE_GLPK
static void attack_served(const struct suppress_table *t, const int *kind, const char *name)
{
	int *column_of = NEWS(&A, t->cells_n, int);
	glp_prob *lp = attacker(t, column_of);
	for (size_t i = 0; i < t->cells_n; i++) {
		if (kind[i] != 1)
			continue;
		double high = extreme(lp, column_of[i], GLP_MAX), low = extreme(lp, column_of[i], GLP_MIN);
		if (high - low < (double)t->threshold - 0.001)
			fail_msg("%s: cell %zu (%lld) lies in %.3f..%.3f", name, i,
				(long long)t->cells[i].count, low, high);
	}
	glp_delete_prob(lp);
}
#endif

static void what_the_street_serves_withstands_the_attack(void **state)
{
	(void)state;
	const char *path = getenv("QINGHE_SUPPRESS_SERVED");
	FILE *f = path ? fopen(path, "r") : NULL;
	char name[100];
	int threshold, cells, sums, tables = 0, hidden = 0;
	if (f == NULL)
		skip();
	while (fscanf(f, "%99s %d %d %d", name, &threshold, &cells, &sums) == 4) {
		arena_reset(&A);
		struct suppress_sum *list = NEWS(&A, (size_t)sums, struct suppress_sum);
		int *kind = NEWS(&A, (size_t)cells, int);
		struct suppress_table t = {.cells = NEWS(&A, (size_t)cells, struct suppress_cell),
			.cells_n = (size_t)cells,
			.sums = list,
			.sums_n = (size_t)sums,
			.threshold = threshold};
		for (int i = 0; i < cells; i++) {
			long long v;
			assert_int_equal(fscanf(f, "%lld %d", &v, &kind[i]), 2);
			t.cells[i] = (struct suppress_cell){.count = v, .hidden = kind[i] != 0};
			hidden += kind[i] == 1;
		}
		for (int k = 0; k < sums; k++) {
			int total, n;
			assert_int_equal(fscanf(f, "%d %d", &total, &n), 2);
			uint32_t *parts = NEWS(&A, (size_t)n, uint32_t);
			int64_t sum = 0;
			for (int i = 0; i < n; i++) {
				assert_int_equal(fscanf(f, "%u", &parts[i]), 1);
				assert_true(parts[i] < (uint32_t)cells);
				sum += t.cells[parts[i]].count;
			}
			assert_true(total >= 0 && total < cells && sum == t.cells[total].count);
			list[k] = (struct suppress_sum){(uint32_t)total, parts, (size_t)n};
		}
#ifdef HAVE_GLPK
		attack_served(&t, kind, name);
#endif
		tables++;
	}
	fclose(f);
	print_message("# %d tables of the street attacked, %d hidden cells\n", tables, hidden);
	assert_true(tables > 0 && hidden > 0);
}

static void what_another_table_hides_is_hidden_whatever_its_count(void **state)
{
	(void)state;
	int64_t counts[] = {90, 30, 40, 20};
	struct suppress_table t = cross(star, 4, star, 1, counts, 10);
	t.cells[2].secret = true;
	protect(&t);
	assert_true(t.cells[2].hidden);
	assert_int_equal((t.cells[0].hidden > 0) + (t.cells[1].hidden > 0) + (t.cells[3].hidden > 0), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lone_small_cell_takes_a_partner),
		cmocka_unit_test(a_small_row_total_hides_with_its_parts),
		cmocka_unit_test(nothing_small_hides_nothing),
		cmocka_unit_test(what_is_in_print_already_cannot_be_hidden),
		cmocka_unit_test(what_another_table_hides_is_hidden_whatever_its_count),
		cmocka_unit_test(bad_tables_are_refused),
		cmocka_unit_test(every_small_row_keeps_the_invariant),
		cmocka_unit_test(ten_thousand_random_tables_withstand_the_attack),
		cmocka_unit_test(the_tables_of_a_city_withstand_the_attack),
		cmocka_unit_test(tables_of_the_demo_city_withstand_the_attack),
		cmocka_unit_test(what_the_street_serves_withstands_the_attack),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_done(&A);
	return failed;
}
