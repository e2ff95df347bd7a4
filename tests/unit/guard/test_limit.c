/* Guessing is slowed down; the owner is not locked out. */
#include "base/arena.h"
#include "guard/limit.h"
#include "tests.h"

static const struct attempt thief = {{"liu", 3}, {"203.0.113.9", 11}, false, false};
static const struct attempt owner = {{"liu", 3}, {"198.51.100.4", 12}, false, false};

static void a_guesser_waits_longer_and_longer(void **state)
{
	(void)state;
	struct limiter *l = limiter_new();
	int64_t now = 1000000000;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(limiter_wait(l, &thief, now), 0);
		limiter_failed(l, &thief, now);
	}
	assert_int_equal(limiter_wait(l, &thief, now), 1);
	assert_int_equal(limiter_wait(l, &thief, now + 1000), 0);
	limiter_failed(l, &thief, now);
	limiter_failed(l, &thief, now);
	assert_int_equal(limiter_wait(l, &thief, now), 4);
	for (int i = 0; i < 40; i++)
		limiter_failed(l, &thief, now);
	assert_int_equal(limiter_wait(l, &thief, now), LIMIT_WAIT_MAX_S);
	/* All of a day later it is forgotten. */
	assert_int_equal(limiter_wait(l, &thief, now + 86400000), 0);
	limiter_free(l);
}

static void the_owner_signs_in_from_elsewhere_meanwhile(void **state)
{
	(void)state;
	struct limiter *l = limiter_new();
	int64_t now = 1000000000;
	for (int i = 0; i < 60; i++)
		limiter_failed(l, &thief, now);
	assert_true(limiter_wait(l, &thief, now) > 0);
	assert_int_equal(limiter_wait(l, &owner, now), 0);
	/* The thief's own address is slow for every name, */
	struct attempt other = {STR("wang"), thief.address, false, false};
	assert_true(limiter_wait(l, &other, now) > 0);
	/* and many addresses together slow the name down, but not for a browser that knows it. */
	for (int i = 0; i < 200; i++) {
		char address[32];
		snprintf(address, sizeof address, "192.0.2.%d", i);
		limiter_failed(l, &(struct attempt){STR("liu"), str_of(address), false, false}, now);
	}
	assert_true(limiter_wait(l, &owner, now) > 0);
	struct attempt known = owner;
	known.device = true;
	assert_int_equal(limiter_wait(l, &known, now), 0);
	for (int i = 0; i < 11; i++)
		limiter_failed(l, &known, now);
	assert_true(limiter_wait(l, &known, now) > 0);
	limiter_good(l, &known);
	assert_int_equal(limiter_wait(l, &known, now), 0);
	limiter_free(l);
}

static void a_good_sign_in_forgets_slips(void **state)
{
	(void)state;
	struct limiter *l = limiter_new();
	for (int i = 0; i < 6; i++)
		limiter_failed(l, &owner, 5000);
	assert_true(limiter_wait(l, &owner, 5000) > 0);
	limiter_good(l, &owner);
	assert_int_equal(limiter_wait(l, &owner, 5000), 0);
	limiter_free(l);
}

static void a_device_is_known_for_one_name(void **state)
{
	(void)state;
	struct err err;
	struct arena a = {0};
	struct seal *seal;
	const char *key = "/tmp/qinghe-device.key";
	unlink(key);
	assert_ok(seal_create(key, CRYPTO_INTERNATIONAL, 0, &err), &err);
	assert_ok(seal_open(key, false, &seal, &err), &err);
	str t = device_token(&a, seal, STR("liu"));
	assert_true(device_check(seal, STR("liu"), t));
	assert_false(device_check(seal, STR("wang"), t));
	assert_false(device_check(seal, STR("liu"), STR("")));
	seal_close(seal);
	unlink(key);
	arena_done(&a);
}

static void codes_that_name_nobody_cannot_be_locked_for_all(void **state)
{
	(void)state;
	struct limiter *l = limiter_new();
	struct attempt honest = {.handle = STR("claim"), .address = STR("192.0.2.9"), .no_name = true};
	char address[20];
	for (int i = 0; i < 1000; i++) {
		snprintf(address, sizeof address, "10.0.%d.%d", i / 250, i % 250);
		limiter_failed(l,
			&(struct attempt){
				.handle = STR("claim"), .address = str_of(address), .no_name = true},
			1000000);
	}
	assert_int_equal(limiter_wait(l, &honest, 1000000), 0);
	for (int i = 0; i < 7; i++)
		limiter_failed(l, &honest, 1000000);
	assert_true(limiter_wait(l, &honest, 1000000) > 0);
	limiter_free(l);
}

static void a_limit_is_told_once_a_minute(void **state)
{
	(void)state;
	struct limiter *l = limiter_new();
	struct attempt t = {.handle = STR("liu"), .address = STR("192.0.2.9")};
	int64_t now = 1000000;
	assert_false(limiter_tell(l, &t, now));
	for (int i = 0; i < 15; i++)
		limiter_failed(l, &t, now);
	assert_true(limiter_tell(l, &t, now));
	assert_false(limiter_tell(l, &t, now + 59999));
	assert_true(limiter_tell(l, &t, now + 60000));
	limiter_free(l);
}

static void an_even_flow_goes_through_and_a_burst_waits(void **state)
{
	(void)state;
	struct limiter *l = limiter_new();
	int64_t now = 1000000;
	for (int i = 0; i < 30; i++)
		assert_int_equal(limiter_use(l, "find", 7, 30, now), 0);
	assert_int_equal(limiter_use(l, "find", 7, 30, now), 2);
	assert_int_equal(limiter_use(l, "find", 8, 30, now), 0);
	assert_int_equal(limiter_use(l, "list", 7, 30, now), 0);
	assert_int_equal(limiter_use(l, "find", 7, 30, now + 2000), 0);
	assert_int_equal(limiter_use(l, "find", 7, 30, now + 2000), 2);
	for (int i = 0; i < 100; i++)
		assert_int_equal(limiter_use(l, "find", 9, 30, now + i * 2000), 0);
	limiter_free(l);
}

static void amounts_are_measured_over_their_span(void **state)
{
	(void)state;
	struct limiter *l = limiter_new();
	int64_t now = 1000000, mb = 1 << 20;
	for (int i = 0; i < 12; i++)
		assert_int_equal(limiter_take(l, "upload", 7, 20 * mb, 256 * mb, 3600, now), 0);
	assert_true(limiter_take(l, "upload", 7, 20 * mb, 256 * mb, 3600, now) > 0);
	assert_int_equal(limiter_take(l, "upload", 8, 20 * mb, 256 * mb, 3600, now), 0);
	assert_int_equal(limiter_take(l, "upload", 7, 20 * mb, 256 * mb, 3600, now + 3600000), 0);
	assert_true(limiter_take(l, "upload", 9, 300 * mb, 256 * mb, 3600, now) > 0);
	limiter_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_guesser_waits_longer_and_longer),
		cmocka_unit_test(the_owner_signs_in_from_elsewhere_meanwhile),
		cmocka_unit_test(a_good_sign_in_forgets_slips),
		cmocka_unit_test(codes_that_name_nobody_cannot_be_locked_for_all),
		cmocka_unit_test(a_limit_is_told_once_a_minute),
		cmocka_unit_test(an_even_flow_goes_through_and_a_burst_waits),
		cmocka_unit_test(amounts_are_measured_over_their_span),
		cmocka_unit_test(a_device_is_known_for_one_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
