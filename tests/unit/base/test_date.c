/* Dates against each other and against fixed points. */
#include "base/clock.h"
#include "base/date.h"
#include "tests.h"

static void every_day_from_1900_to_2200_round_trips(void **state)
{
	(void)state;
	char text[DATE_TEXT_BYTES];
	int32_t first = date_of(1900, 1, 1), last = date_of(2200, 12, 31), back;
	assert_int_equal(last - first + 1, 109938);
	for (int32_t d = first; d <= last; d++) {
		date_text(d, text);
		assert_true(date_parse(str_of(text), &back));
		assert_int_equal(back, d);
		assert_int_equal(date_weekday(d + 1), date_weekday(d) % 7 + 1);
	}
}

static void days_that_are_not_are_refused(void **state)
{
	(void)state;
	int32_t d = 7;
	assert_false(date_parse(STR("2025-02-29"), &d));
	assert_false(date_parse(STR("2025-13-01"), &d));
	assert_false(date_parse(STR("2025-1-01"), &d));
	assert_false(date_parse(STR("2025-01-01 "), &d));
	assert_int_equal(d, 7);
}

static void a_child_of_29_february_is_a_year_older_on_1_march(void **state)
{
	(void)state;
	assert_int_equal(date_age_years(date_of(2012, 2, 29), date_of(2026, 2, 28)), 13);
	assert_int_equal(date_age_years(date_of(2012, 2, 29), date_of(2026, 3, 1)), 14);
}

static void the_last_hour_of_the_utc_year_is_next_year_in_the_city(void **state)
{
	(void)state;
	int64_t ms;
	assert_true(instant_parse(STR("2025-12-31T20:00:00Z"), &ms));
	assert_int_equal(clock_day_of(ms), date_of(2026, 1, 1));
	char text[INSTANT_TEXT_BYTES];
	instant_text(ms, text);
	assert_string_equal(text, "2026-01-01T04:00:00+08:00");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_from_1900_to_2200_round_trips),
		cmocka_unit_test(days_that_are_not_are_refused),
		cmocka_unit_test(a_child_of_29_february_is_a_year_older_on_1_march),
		cmocka_unit_test(the_last_hour_of_the_utc_year_is_next_year_in_the_city),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
