/* What clerks type, read to values and written back. */
#include "base/clock.h"
#include "base/date.h"
#include "register/record.h"
#include "tests.h"

static struct arena a;

static struct field of(enum field_type type)
{
	return (struct field){.id = STR("x"), .label = {STR("数"), STR("number")}, .type = type, .scale = 2};
}

static void reads(enum field_type type, const char *text, const char *plain)
{
	struct err err = {0};
	struct field f = of(type);
	struct value v, again;
	assert_ok(value_parse(&a, &f, str_of(text), &v, &err), &err);
	str out = value_plain(&a, &f, &v);
	if (!str_is(out, plain))
		fail_msg("“%s” read as “%.*s”, wanted “%s”", text, STR_ARG(out), plain);
	assert_ok(value_parse(&a, &f, out, &again, &err), &err);
	assert_int_equal(v.i, again.i);
	assert_true(str_eq(v.t, again.t));
}

static void refuses(enum field_type type, const char *text, const char *why)
{
	struct err err = {0};
	struct field f = of(type);
	struct value v;
	assert_int_equal(value_parse(&a, &f, str_of(text), &v, &err), RC_INVALID);
	if (strstr(err.text, why) == NULL)
		fail_msg("“%s” refused with “%s”, wanted “%s”", text, err.text, why);
}

static void dates_come_in_any_common_spelling(void **state)
{
	(void)state;
	const char *const same[] = {"2026-03-05", "2026.3.5", "2026/3/5", "2026年3月5日",
		"２０２６－０３－０５", "20260305", "2026-3-5 00:00:00", "2026/3/5 上午", "'2026-03-05",
		"2026年3月5号", "46086", "2026-03-05T14:30"};
	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		reads(T_DATE, same[i], "2026-03-05");
	reads(T_MONTH, "2010年1月", "2010-01");
	reads(T_MONTH, "201001", "2010-01");
	reads(T_MONTH, "2010-01-31", "2010-01");
	tr_set(LANG_EN);
	refuses(T_DATE, "3月5日", "the year is missing");
	refuses(T_DATE, "2010年1月", "the day is missing");
	refuses(T_DATE, "2025-02-29", "no such day");
	refuses(T_DATE, "25-02-03", "four digits");
	refuses(T_DATE, "去年", "a date is wanted");
}

static void money_is_kept_in_fen(void **state)
{
	(void)state;
	reads(T_MONEY, "1,200.50", "1200.5");
	reads(T_MONEY, "¥３０００元", "3000");
	reads(T_MONEY, "12.5万元", "125000");
	reads(T_MONEY, "1.234567万元", "12345.67");
	refuses(T_MONEY, "约50", "an amount in yuan");
	refuses(T_MONEY, "0.001", "an amount in yuan");
	refuses(T_MONEY, "99999999999999999999", "an amount in yuan");
}

static void hours_are_kept_in_minutes(void **state)
{
	(void)state;
	reads(T_HOURS, "1.5", "1.5");
	reads(T_HOURS, "90分钟", "1.5");
	reads(T_HOURS, "1:30", "1.5");
	reads(T_HOURS, "1小时30分", "1.5");
	reads(T_HOURS, "2 小时", "2");
	reads(T_HOURS, "0:07", "0:07");
	refuses(T_HOURS, "半天", "a length of time");
}

static void counts_are_whole_and_not_guessed(void **state)
{
	(void)state;
	reads(T_COUNT, "１２ 人次", "12");
	reads(T_COUNT, "1,200", "1200");
	reads(T_COUNT, "12.0", "12");
	refuses(T_COUNT, "约50", "a whole number");
	refuses(T_COUNT, "50余", "a whole number");
	refuses(T_COUNT, "-3", "a whole number");
	refuses(T_COUNT, "12.5", "a whole number");
}

static void phones_and_ids_lose_their_ornaments(void **state)
{
	(void)state;
	reads(T_PHONE, " +86 138-0013-8000 ", "13800138000");
	reads(T_PHONE, "0531-86012345", "053186012345");
	reads(T_CITIZEN_ID, "34052419800101001x", "34052419800101001X");
	refuses(T_CITIZEN_ID, "340524198001010013", "");
	refuses(T_PHONE, "12345678901234", "phone");
}

static void a_refusal_of_a_sealed_field_does_not_repeat_it(void **state)
{
	(void)state;
	struct err err = {0};
	struct field f = of(T_CITIZEN_ID);
	struct value v;
	f.sealed = true;
	assert_int_equal(value_parse(&a, &f, STR("340524198001010013"), &v, &err), RC_INVALID);
	assert_null(strstr(err.text, "340524"));
}

static void bounds_may_be_today(void **state)
{
	(void)state;
	int64_t now;
	struct err err = {0};
	struct field f = of(T_DATE);
	struct value v;
	assert_true(instant_parse(STR("2025-12-31T18:00:00+08:00"), &now));
	clock_set(now, false);
	f.max = (struct bound){BOUND_TODAY, 0};
	assert_ok(value_parse(&a, &f, STR("2025-12-31"), &v, &err), &err);
	assert_int_equal(value_parse(&a, &f, STR("2026-01-01"), &v, &err), RC_INVALID);
	clock_unset();
}

static int done(void **state)
{
	(void)state;
	arena_done(&a);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_come_in_any_common_spelling),
		cmocka_unit_test(money_is_kept_in_fen),
		cmocka_unit_test(hours_are_kept_in_minutes),
		cmocka_unit_test(counts_are_whole_and_not_guessed),
		cmocka_unit_test(phones_and_ids_lose_their_ornaments),
		cmocka_unit_test(a_refusal_of_a_sealed_field_does_not_repeat_it),
		cmocka_unit_test(bounds_may_be_today),
	};
	return cmocka_run_group_tests(tests, NULL, done);
}
