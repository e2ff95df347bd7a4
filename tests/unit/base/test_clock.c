/* The clock: standing, running on, and the city's day. */
#include "base/clock.h"
#include "base/date.h"
#include "tests.h"

static const int64_t NOON = 1798516800000; /* 2026-12-29T04:00Z: noon in the city */

static void a_clock_that_was_set_stands_until_it_runs_on(void **state)
{
	(void)state;
	clock_set(NOON, false);
	clock_sleep_us(3000);
	assert_int_equal(clock_now_ms(), NOON);
	clock_run_on();
	int64_t before = clock_mono_us();
	clock_sleep_us(20000);
	int64_t went = (clock_mono_us() - before) / 1000;
	assert_true(went >= 20);
	assert_true(clock_now_ms() >= NOON + 20 && clock_now_ms() <= NOON + went + 5000);
	clock_unset();
	assert_true(clock_now_ms() != NOON);
}

static void the_day_is_the_citys(void **state)
{
	(void)state;
	char text[DATE_TEXT_BYTES];
	assert_int_equal(clock_zone(), 480);
	date_text(clock_day_of(NOON), text);
	assert_string_equal(text, "2026-12-29");
	date_text(
		clock_day_of(NOON + 12 * 3600000 - 1), text); /* a millisecond before midnight in the city */
	assert_string_equal(text, "2026-12-29");
	date_text(clock_day_of(NOON + 12 * 3600000), text);
	assert_string_equal(text, "2026-12-30");
	assert_int_equal(clock_day_of(-1), clock_day_of(0)); /* 07:59:59.999 and 08:00 of the same day */
	clock_zone_set(-600);
	date_text(clock_day_of(NOON), text); /* 18:00 of the day before */
	assert_string_equal(text, "2026-12-28");
	assert_int_equal(clock_day_of(0), -1); /* 14:00 of 31 December 1969 */
	clock_zone_set(480);
	clock_set(NOON, false);
	assert_int_equal(clock_today(), clock_day_of(NOON));
	clock_unset();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clock_that_was_set_stands_until_it_runs_on),
		cmocka_unit_test(the_day_is_the_citys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
