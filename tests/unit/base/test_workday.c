/* Working days against the table of another project, day by day, and against themselves. */
#include "base/date.h"
#include "base/file.h"
#include "base/rand.h"
#include "base/workday.h"
#include "format/json.h"
#include "tests.h"

static struct arena A;

static struct workdays shipped(void)
{
	struct workdays w;
	struct err err = {0};
	assert_ok(workday_shipped(&A, &w, &err), &err);
	return w;
}

static void every_day_from_2004_to_2026_agrees_with_chinese_days(void **state)
{
	(void)state;
	struct err err = {0};
	struct json_v *v;
	str text;
	struct workdays w = shipped();
	const char *path = shared_data(&A, "suites/holidays/chinese-days.json");
	if (path == NULL)
		skip();
	assert_ok(file_read(&A, path, 1 << 20, &text, &err), &err);
	assert_ok(json_read(&A, text, 0, &v, &err), &err);
	const struct json_v *off = json_get(v, "holidays"), *work = json_get(v, "workdays");
	int32_t first = date_of(2004, 1, 1), last = date_of(2026, 12, 31);
	int worked = 0;
	for (int32_t d = first; d <= last; d++) {
		char iso[DATE_TEXT_BYTES];
		date_text(d, iso);
		bool want = date_weekday(d) < 6;
		if (json_get(off, iso))
			want = false;
		if (json_get(work, iso))
			want = true;
		if (workday_is(&w, d) != want)
			fail_msg("%s", iso);
		assert_true(workday_covered(&w, d));
		worked += want;
	}
	print_message("# %d days, %d worked\n", (int)(last - first + 1), worked);
	assert_int_equal(w.first, first);
	assert_int_equal(w.last, last);
	assert_false(workday_covered(&w, last + 1));
}

static void national_day_week_and_worked_weekends_are_counted(void **state)
{
	(void)state;
	struct workdays w = shipped();
	/* 2025: 28 September (Sunday) and 11 October (Saturday) are worked, 1 to 8 October are off */
	assert_true(workday_is(&w, date_of(2025, 9, 28)));
	assert_false(workday_is(&w, date_of(2025, 10, 8)));
	assert_true(workday_is(&w, date_of(2025, 10, 11)));
	assert_int_equal(workday_add(&w, date_of(2025, 9, 30), 1), date_of(2025, 10, 9));
	assert_int_equal(workday_add(&w, date_of(2025, 9, 30), 3), date_of(2025, 10, 11));
	assert_int_equal(workday_add(&w, date_of(2025, 9, 26), 1), date_of(2025, 9, 28));
	assert_int_equal(workday_add(&w, date_of(2025, 10, 9), -3), date_of(2025, 9, 28));
	assert_int_equal(workday_add(&w, date_of(2025, 10, 1), 0), date_of(2025, 10, 9));
	assert_int_equal(workday_add(&w, date_of(2025, 10, 9), 0), date_of(2025, 10, 9));
	assert_int_equal(workday_between(&w, date_of(2025, 9, 30), date_of(2025, 10, 11)), 3);
	/* beyond the table only weekends are known */
	assert_true(workday_is(&w, date_of(2031, 10, 1)));
	assert_false(workday_is(&w, date_of(2031, 10, 4)));
	assert_false(workday_is(&w, date_of(1970, 1, 3)));
	assert_true(workday_is(&w, w.base - 1) == (date_weekday(w.base - 1) < 6));
}

static void adding_and_counting_are_inverse(void **state)
{
	(void)state;
	struct workdays w = shipped();
	struct rng r;
	rng_init(&r, 1);
	for (int k = 0; k < 20000; k++) {
		int32_t day = date_of(2004, 1, 1) + (int32_t)rng_below(&r, 8000),
			n = (int32_t)rng_below(&r, 60) - 30;
		int32_t to = workday_add(&w, day, n);
		assert_true(workday_is(&w, to));
		if (n > 0)
			assert_int_equal(workday_between(&w, day, to), n);
		else if (n < 0) /* n whole working days lie from `to` up to the day before */
			assert_int_equal(workday_between(&w, day - 1, to - 1), n);
	}
}

static void bad_tables_are_named_with_their_line(void **state)
{
	(void)state;
	tr_set(LANG_EN);
	static const char *const cases[] = {"2025-02-29\toff\tx", "2025-01-01\tmaybe\tx", "2025-01-01",
		"2025-01-01\toff\tx\n2025-01-01\twork\ty", "covers\t2025", "covers\t2026\t2025",
		"covers\t1800\t2025", "covers\t2025\t2201", "covers\tx\t2025"};
	struct workdays w;
	struct err err = {0};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (workday_read(&A, str_of(cases[i]), "own.tsv", &w, &err) != RC_INVALID ||
			strncmp(err.text, "own.tsv:", 8) != 0)
			fail_msg("%s", cases[i]);
	}
	assert_ok(workday_read(&A, STR("\xEF\xBB\xBF# x\r\n\r\n2025-01-04\twork\r\n"), "own.tsv", &w, &err),
		&err);
	assert_true(workday_is(&w, date_of(2025, 1, 4)));
	assert_false(workday_covered(&w, date_of(2025, 1, 4)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_from_2004_to_2026_agrees_with_chinese_days),
		cmocka_unit_test(national_day_week_and_worked_weekends_are_counted),
		cmocka_unit_test(adding_and_counting_are_inverse),
		cmocka_unit_test(bad_tables_are_named_with_their_line),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_done(&A);
	return failed;
}
