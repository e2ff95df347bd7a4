/* The arithmetic of the appraisal: points, bands, and a school's share of the best grade. */
#include "service/appraisal/grade.h"
#include "tests.h"

static void points_are_linear_half_up_and_never_more_than_the_weight(void **state)
{
	(void)state;
	assert_int_equal(appraisal_points(15, 0, 4), 0);
	assert_int_equal(appraisal_points(15, -3, 4), 0); /* nothing is taken away */
	assert_int_equal(appraisal_points(15, 1, 4), 375);
	assert_int_equal(appraisal_points(15, 4, 4), 1500);
	assert_int_equal(appraisal_points(15, 400, 4), 1500);
	assert_int_equal(appraisal_points(10, 1, 3), 333);
	assert_int_equal(appraisal_points(10, 2, 3), 667);
	assert_int_equal(appraisal_points(1, 1, 8), 13); /* 12.5 */
	for (int64_t value = 1; value < 500; value++)    /* more never earns less */
		assert_true(appraisal_points(15, value, 333) >= appraisal_points(15, value - 1, 333));
}

static void a_band_begins_at_its_lower_bound(void **state)
{
	(void)state;
	static const int64_t from[] = {90, 80, 70, 60, 0};
	assert_int_equal(appraisal_band(from, 5, 10000), 0);
	assert_int_equal(appraisal_band(from, 5, 9000), 0);
	assert_int_equal(appraisal_band(from, 5, 8999), 1);
	assert_int_equal(appraisal_band(from, 5, 6000), 3);
	assert_int_equal(appraisal_band(from, 5, 5999), 4);
	assert_int_equal(appraisal_band(from, 5, 0), 4);
}

static int band_of(const struct appraisal_place *list, size_t n, size_t unit)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].unit == unit)
			return list[i].band;
	return -9;
}

static void a_share_leaves_the_best_and_moves_equals_together(void **state)
{
	(void)state;
	struct appraisal_place list[] = {{7, 9300, 0, 0}, {7, 9700, 0, 1}, {7, 9300, 0, 2}, {7, 8500, 1, 3},
		{7, 0, APPRAISAL_UNGRADED, 4}, {7, 7000, 2, 5}, {7, 7000, 2, 6}, {7, 6500, 3, 7},
		{7, 6500, 3, 8}, {7, 9100, 0, 9}, {0, 9900, 0, 10}, {8, 9900, 0, 11}};
	size_t n = sizeof list / sizeof *list;
	appraisal_share(list, n, 0, 20); /* two of ten */
	assert_int_equal(band_of(list, n, 1), 0);
	assert_int_equal(band_of(list, n, 0), 1); /* of two equals only one would fit */
	assert_int_equal(band_of(list, n, 2), 1);
	assert_int_equal(band_of(list, n, 9), 1); /* does not overtake them */
	assert_int_equal(band_of(list, n, 3), 1);
	assert_int_equal(band_of(list, n, 4), APPRAISAL_UNGRADED);
	assert_int_equal(band_of(list, n, 10), 0); /* of no school */
	assert_int_equal(band_of(list, n, 11), 1); /* a fifth of one unit is none */
	appraisal_share(list, 0, 0, 20);
}

/* Small groups of every shape: never more than the share; nobody keeps the band whose better or equal lost it; nobody is
 * moved but out of the band, and nobody without need. */
static void shares_hold_for_every_small_group(void **state)
{
	(void)state;
	for (unsigned shape = 0; shape < 4096; shape++) {
		struct appraisal_place list[6];
		for (size_t i = 0; i < 6; i++) {
			int64_t score = 8800 + 100 * (int64_t)(shape >> (2 * i) & 3); /* 88 .. 91 */
			list[i] = (struct appraisal_place){1, score, score >= 9000 ? 0 : 1, i};
		}
		appraisal_share(list, 6, 0, 50);
		size_t kept = 0, above;
		for (size_t i = 0; i < 6; i++) {
			above = 0;
			for (size_t k = 0; k < 6; k++)
				above += list[k].score >= list[i].score;
			kept += list[i].band == 0;
			assert_int_equal(list[i].band, list[i].score >= 9000 && above <= 3 ? 0 : 1);
		}
		assert_true(kept <= 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(points_are_linear_half_up_and_never_more_than_the_weight),
		cmocka_unit_test(a_band_begins_at_its_lower_bound),
		cmocka_unit_test(a_share_leaves_the_best_and_moves_equals_together),
		cmocka_unit_test(shares_hold_for_every_small_group),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
