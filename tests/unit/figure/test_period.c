#include "figure/period.h"
#include "tests.h"

static struct period parse(struct arena *a, const char *text)
{
	struct err err = {0};
	struct period p = {0};
	assert_ok(period_parse(a, str_of(text), &p, &err), &err);
	return p;
}

static void spans(const char *text, const char *first, const char *last)
{
	struct arena a = {0};
	struct period p = parse(&a, text);
	assert_string_equal(date_str(&a, p.from).p, first);
	assert_string_equal(date_str(&a, p.to - 1).p, last);
	arena_done(&a);
}

static void every_spelling_has_its_days(void **state)
{
	(void)state;
	spans("2025", "2025-01-01", "2025-12-31");
	spans("2025H1", "2025-01-01", "2025-06-30");
	spans("2025h2", "2025-07-01", "2025-12-31");
	spans("2025Q1", "2025-01-01", "2025-03-31");
	spans("2025q4", "2025-10-01", "2025-12-31");
	spans("2024-02", "2024-02-01", "2024-02-29");
	spans(" 2025-12 ", "2025-12-01", "2025-12-31");
	spans("2025-01-01..2025-11-30", "2025-01-01", "2025-11-30");
	spans("2025-03-05", "2025-03-05", "2025-03-05");
	spans("2024-12-31..2025-01-01", "2024-12-31", "2025-01-01");
}

static void named(const char *text, const char *zh, const char *en)
{
	struct arena a = {0};
	struct period p = parse(&a, text);
	assert_string_equal(arena_cstr(&a, period_name(&a, &p, true)), zh);
	assert_string_equal(arena_cstr(&a, period_name(&a, &p, false)), en);
	arena_done(&a);
}

static void spans_have_names(void **state)
{
	(void)state;
	named("2026", "2026年", "2026");
	named("2026H1", "2026年上半年", "first half of 2026");
	named("2026-07-01..2026-12-31", "2026年下半年", "second half of 2026");
	named("2026Q3", "2026年第三季度", "third quarter of 2026");
	named("2026-10", "2026年10月", "October 2026");
	named("2024-02", "2024年2月", "February 2024");
	named("2026-01-01..2026-11-30", "2026年1月1日至11月30日", "1 January to 30 November 2026");
	named("2025-12-31..2026-01-01", "2025年12月31日至2026年1月1日", "31 December 2025 to 1 January 2026");
	named("2026-03-05", "2026年3月5日", "5 March 2026");
	named("2026-02-01..2026-04-30", "2026年2月1日至4月30日", "1 February to 30 April 2026");
}

/* A running year is not set beside the whole of last year. */
static void a_running_span_is_compared_as_far_as_it_has_come(void **state)
{
	(void)state;
	struct arena a = {0};
	struct period p = parse(&a, "2026"), q = parse(&a, "2026Q3");
	struct period c = period_compared(&a, &p, date_of(2026, 11, 24));
	assert_string_equal(arena_cstr(&a, c.text), "2025-01-01..2025-11-24");
	assert_int_equal(c.to, date_of(2025, 11, 25));
	assert_string_equal(arena_cstr(&a, period_compared(&a, &p, date_of(2026, 12, 31)).text), "2025");
	assert_string_equal(arena_cstr(&a, period_compared(&a, &p, date_of(2027, 3, 1)).text), "2025");
	assert_string_equal(arena_cstr(&a, period_compared(&a, &p, date_of(2025, 3, 1)).text), "2025");
	assert_string_equal(arena_cstr(&a, period_compared(&a, &q, date_of(2026, 7, 1)).text), "2025-07-01");
	arena_done(&a);
}

static void what_is_no_period_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "25", "2025H3", "2025H0", "2025Q5", "2025-13", "2025-00",
		"2025-1", "2025-02-29", "2025-02-01..2025-01-31", "2025..2026", "2025年", "2025-01-01..",
		"..2025-01-01", "1899", "2200", "2025X1", "2025-01-01...2025-02-01", "99999"};
	struct arena a = {0};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err err = {0};
		struct period p = {.from = 7};
		if (period_parse(&a, str_of(bad[i]), &p, &err) != RC_INVALID)
			fail_msg("“%s” was taken", bad[i]);
		assert_int_equal(p.from, 7);
	}
	arena_done(&a);
}

static void a_year_earlier_keeps_the_spelling(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {{"2025", "2024"}, {"2025H1", "2024H1"}, {"2025Q3", "2024Q3"},
		{"2024-02", "2023-02"}, {"2025-01-01..2025-11-30", "2024-01-01..2024-11-30"},
		{"2024-02-29", "2023-02-28"}, {"2024-02-01..2024-02-29", "2023-02-01..2023-02-28"},
		{"2024-02-29..2024-03-02", "2023-03-01..2023-03-02"}};
	struct arena a = {0};
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct period p = parse(&a, pairs[i][0]), b = period_before(&a, &p),
			      again = parse(&a, pairs[i][1]);
		assert_string_equal(b.text.p, pairs[i][1]);
		assert_int_equal(b.from, again.from);
		assert_int_equal(b.to, again.to);
	}
	arena_done(&a);
}

static void whole_months_are_those_inside(void **state)
{
	(void)state;
	struct arena a = {0};
	static const struct {
		const char *text;
		int n, first; /* first month of 2025 */
	} cases[] = {{"2025", 12, 1}, {"2025-09", 1, 9}, {"2025-01-01..2025-11-30", 11, 1},
		{"2025-01-02..2025-11-30", 10, 2}, {"2025-01-02..2025-11-29", 9, 2},
		{"2025-03-05..2025-03-20", 0, 0}, {"2025-03-05..2025-04-20", 0, 0},
		{"2025-03-31..2025-05-01", 1, 4}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct period p = parse(&a, cases[i].text);
		int32_t first = 0, end = 0;
		period_whole_months(&p, &first, &end);
		assert_int_equal(end - first, cases[i].n);
		if (cases[i].n)
			assert_int_equal(first, 2025 * 12 + cases[i].first - 1);
	}
	struct period y = parse(&a, "2025-01-01..2025-12-31"), h = parse(&a, "2025H1");
	assert_int_equal(period_whole_year(&y), 2025);
	assert_int_equal(period_whole_year(&h), 0);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_spelling_has_its_days),
		cmocka_unit_test(spans_have_names),
		cmocka_unit_test(a_running_span_is_compared_as_far_as_it_has_come),
		cmocka_unit_test(what_is_no_period_is_refused),
		cmocka_unit_test(a_year_earlier_keeps_the_spelling),
		cmocka_unit_test(whole_months_are_those_inside)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
