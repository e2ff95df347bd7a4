/* What a password may be, and its hash. */
#include "guard/password.h"
#include "tests.h"

static void weak_ones_are_refused_and_long_ones_are_not(void **state)
{
	(void)state;
	struct err err;
	static const char *const bad[] = {"", "short", "1234567", "12345678", "87654321", "aaaaaaaa",
		"abcdefgh", "password", "Password1", "PASSWORD!!", "qwerty123", "woaini1314", "qinghe2025",
		"Qinghe@25", "19990504", "13800138000", "liu.yang1", "liu.yang", "tuanwei!!",
		"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8"};
	static const char *const good[] = {"correct horse battery", "海边的风筝和灯塔", "tr0ub4dor&3x",
		"xKq9#mLp2", "my liu.yang has a long tail", "qinghe flows to the sea"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (password_rules(str_of(bad[i]), STR("liu.yang"), PASSWORD_PLAIN, &err) != RC_INVALID)
			fail_msg("let through: %s", bad[i]);
	}
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_ok(password_rules(str_of(good[i]), STR("liu.yang"), PASSWORD_PLAIN, &err), &err);
	char text[PASSWORD_MAX_BYTES + 2];
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)('a' + (i * 7) % 26);
	assert_ok(password_rules((str){text, PASSWORD_MAX_BYTES}, STR(""), PASSWORD_PLAIN, &err), &err);
	assert_int_equal(password_rules((str){text, PASSWORD_MAX_BYTES + 1}, STR(""), PASSWORD_PLAIN, &err),
		RC_INVALID);
}

static void level3_asks_for_classes_and_for_a_change_after_90_days(void **state)
{
	(void)state;
	struct err err;
	int64_t day = 86400000;
	assert_int_equal(
		password_rules(STR("kite over the bay"), STR("x"), PASSWORD_LEVEL3, &err), RC_INVALID);
	assert_ok(password_rules(STR("Kite over the bay"), STR("x"), PASSWORD_LEVEL3, &err), &err);
	assert_false(password_has_expired(0, 90 * day, PASSWORD_LEVEL3));
	assert_true(password_has_expired(0, 90 * day + 1, PASSWORD_LEVEL3));
	assert_false(password_has_expired(0, 9000 * day, PASSWORD_PLAIN));
}

static void only_the_password_matches_its_hash(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err;
	str h, again;
	assert_ok(password_hash(&a, STR("kite over the bay"), &h, &err), &err);
	assert_ok(password_hash(&a, STR("kite over the bay"), &again, &err), &err);
	assert_true(str_starts(h, STR("$argon2id$v=19$m=65536,t=2,p=1$")));
	assert_false(str_eq(h, again));
	assert_true(password_matches(h, STR("kite over the bay")));
	assert_false(password_matches(h, STR("kite over the bay ")));
	assert_false(password_matches((str){0}, STR("")));
	assert_false(password_is_old(h));
	assert_true(password_is_old(STR("$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$AAAA")));
	arena_done(&a);
}

static void a_national_city_hashes_by_sm3_and_knows_both(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err;
	str argon, sm3, again;
	assert_ok(password_hash(&a, STR("kite over the bay"), &argon, &err), &err);
	password_national(true);
	assert_ok(password_hash(&a, STR("kite over the bay"), &sm3, &err), &err);
	assert_ok(password_hash(&a, STR("kite over the bay"), &again, &err), &err);
	assert_true(str_starts(sm3, STR("$pbkdf2-sm3$600000$")));
	assert_false(str_eq(sm3, again));
	assert_true(password_matches(sm3, STR("kite over the bay")));
	assert_true(password_matches(argon, STR("kite over the bay")));
	assert_false(password_matches(sm3, STR("kite over the bay ")));
	assert_false(password_matches((str){0}, STR("")));
	assert_false(password_matches(STR("$pbkdf2-sm3$600000$00$00"), STR("kite over the bay")));
	assert_true(password_is_old(argon));
	assert_false(password_is_old(sm3));
	assert_true(password_is_old(STR("$pbkdf2-sm3$1000$00$00")));
	password_national(false);
	assert_true(password_matches(sm3, STR("kite over the bay")));
	assert_true(password_is_old(sm3));
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(weak_ones_are_refused_and_long_ones_are_not),
		cmocka_unit_test(level3_asks_for_classes_and_for_a_change_after_90_days),
		cmocka_unit_test(only_the_password_matches_its_hash),
		cmocka_unit_test(a_national_city_hashes_by_sm3_and_knows_both),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
