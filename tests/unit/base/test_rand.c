/* The injected sources: random numbers and the clock. */
#include "base/clock.h"
#include "base/date.h"
#include "base/rand.h"
#include "tests.h"
#include <time.h>

/* Published outputs of xoshiro256** for the state 1, 2, 3, 4 (Rust's rand_xoshiro takes them from the authors' C). */
static void the_generator_is_xoshiro256_star_star(void **state)
{
	(void)state;
	static const uint64_t want[] = {11520u, 0u, 1509978240u, 1215971899390074240u, 1216172134540287360u,
		607988272756665600u, 16172922978634559625u, 8476171486693032832u, 10595114339597558777u,
		2904607092377533576u};
	struct rng r = {{1, 2, 3, 4}};
	for (size_t i = 0; i < sizeof want / sizeof *want; i++)
		assert_true(rng_next(&r) == want[i]);
}

static void one_seed_one_row_and_two_seeds_two(void **state)
{
	(void)state;
	unsigned char a[100], b[100];
	rand_seed(9);
	rand_bytes(a, sizeof a);
	rand_seed(9);
	for (size_t i = 0; i < 96; i += 8) /* the same in pieces of its own word */
		rand_bytes(b + i, 8);
	assert_memory_equal(a, b, 96);
	rand_seed(10);
	rand_bytes(b, sizeof b);
	assert_memory_not_equal(a, b, sizeof a);
}

/* Pearson's chi-square over 10 classes, 9 degrees of freedom: 27.9 is passed once in a thousand; the seed is fixed. */
static void numbers_below_a_bound_are_even_and_below_it(void **state)
{
	(void)state;
	struct rng r;
	rng_init(&r, 11);
	long count[10] = {0};
	for (int i = 0; i < 100000; i++)
		count[rng_below(&r, 10)]++;
	double chi = 0;
	for (int i = 0; i < 10; i++)
		chi += (double)(count[i] - 10000) * (double)(count[i] - 10000) / 10000;
	assert_true(chi < 27.9);
	for (int i = 0; i < 1000; i++) {
		uint64_t n = rng_next(&r) | 1;
		assert_true(rng_below(&r, n) < n);
		assert_true(rng_below(&r, 1) == 0);
	}
}

static void a_clock_that_was_set_stands_or_runs(void **state)
{
	(void)state;
	clock_set(1767200399999, false); /* 2025-12-31T16:59:59.999Z: the next day in the city */
	assert_true(clock_now_ms() == 1767200399999);
	assert_int_equal(clock_today(), date_of(2026, 1, 1));
	struct timespec nap = {0, 3000000};
	int64_t mono = clock_mono_us();
	nanosleep(&nap, NULL);
	assert_true(clock_mono_us() - mono >= 3000); /* durations are never injected */
	assert_true(clock_now_ms() == 1767200399999);
	clock_run_on();
	nanosleep(&nap, NULL);
	assert_true(clock_now_ms() > 1767200399999 && clock_now_ms() < 1767200399999 + 60000);
	clock_unset();
	int64_t now = (int64_t)time(NULL) * 1000;
	assert_true(clock_now_ms() > now - 5000 && clock_now_ms() < now + 5000);
}

static void the_citys_day_changes_at_its_own_midnight(void **state)
{
	(void)state;
	static const int32_t zones[] = {480, 0, -300, 345, 840};
	for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
		clock_zone_set(zones[i]);
		assert_int_equal(clock_zone(), zones[i]);
		for (int32_t day = date_of(1969, 12, 30); day < date_of(1970, 1, 3); day++) {
			int64_t midnight = ((int64_t)day * 1440 - zones[i]) * 60000;
			assert_int_equal(clock_day_of(midnight), day);
			assert_int_equal(clock_day_of(midnight - 1), day - 1); /* also before 1970 */
		}
	}
	clock_zone_set(480);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_generator_is_xoshiro256_star_star),
		cmocka_unit_test(one_seed_one_row_and_two_seeds_two),
		cmocka_unit_test(numbers_below_a_bound_are_even_and_below_it),
		cmocka_unit_test(a_clock_that_was_set_stands_or_runs),
		cmocka_unit_test(the_citys_day_changes_at_its_own_midnight),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
