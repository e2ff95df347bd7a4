/* The pure parts of the quality rules: lists alike, times that overlap. */
#include "service/quality/find.h"
#include "tests.h"

static void lists_are_alike_by_the_longer_one(void **state)
{
	(void)state;
	static const int64_t a[] = {1, 2, 3, 4}, b[] = {2, 3, 4, 5}, c[] = {1, 2, 3, 4, 5, 6, 7, 8};
	assert_int_equal(quality_alike(a, 4, a, 4), 100);
	assert_int_equal(quality_alike(a, 4, b, 4), 75);
	assert_int_equal(quality_alike(a, 4, c, 8), 50); /* a part of a long list is not the list */
	assert_int_equal(quality_alike(a, 0, c, 8), 0);
	assert_int_equal(quality_alike(a, 0, c, 0), 0);
}

static void one_person_in_two_places_is_found_behind_a_long_stay_too(void **state)
{
	(void)state;
	struct quality_stay list[] = {{1, 9, 7, 0, 100}, {2, 9, 7, 10, 20},
		{3, 9, 7, 90, 95},   /* both within the first */
		{4, 9, 7, 100, 110}, /* begins as it ends */
		{5, 9, 8, 10, 20}, {6, 9, 8, 20, 30}};
	bool overlaps[6];
	quality_overlaps(list, 6, overlaps);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(overlaps[i], list[i].id == 2 || list[i].id == 3);
	quality_overlaps(list, 0, overlaps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_alike_by_the_longer_one),
		cmocka_unit_test(one_person_in_two_places_is_found_behind_a_long_stay_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
