/* Clocks over National Day week, with pauses, extensions and escalation, and against a day-by-day simulation. */
#include "base/clock.h"
#include "base/date.h"
#include "base/rand.h"
#include "service/casework/deadline.h"
#include "tests.h"

static struct arena A;
static struct workdays W;

static int64_t ms(const char *instant)
{
	int64_t v;
	assert_true(instant_parse(str_of(instant), &v));
	return v;
}

static struct deadline look(const struct deadline_rule *rule, const char *start,
	const struct deadline_event *e, size_t n, const char *now)
{
	struct deadline d;
	struct err err = {0};
	assert_ok(deadline_at(&W, rule, ms(start), e, n, ms(now), &d, &err), &err);
	return d;
}

static void working_days_pass_over_national_day_week(void **state)
{
	(void)state;
	struct deadline_rule rule = {.unit = DEADLINE_WORKDAYS, .term = 3, .step = {-1, 0, 2}, .steps_n = 3};
	struct deadline d = look(&rule, "2025-09-30T16:00", NULL, 0, "2025-10-05T10:00");
	assert_true(d.state == DEADLINE_RUNS && d.due_day == date_of(2025, 10, 11) && d.left == 3 &&
		    d.level == 0);
	assert_true(d.due_ms == ms("2025-10-12T00:00") && d.next_ms == ms("2025-10-10T00:00") && !d.guessed);
	d = look(&rule, "2025-09-30T16:00", NULL, 0, "2025-10-10T00:00");
	assert_true(d.state == DEADLINE_RUNS && d.level == 1 && d.left == 1);
	d = look(&rule, "2025-09-30T16:00", NULL, 0, "2025-10-11T23:59:59.999");
	assert_true(d.state == DEADLINE_RUNS && d.level == 1);
	d = look(&rule, "2025-09-30T16:00", NULL, 0, "2025-10-12T00:00");
	assert_true(d.state == DEADLINE_OVERDUE && d.level == 2 && d.left == 0);
	assert_true(d.next_ms == ms("2025-10-15T00:00"));
	d = look(&rule, "2025-09-30T16:00", NULL, 0, "2025-10-15T00:00");
	assert_true(d.level == 3 && d.next_ms == INT64_MAX);
}

static void a_case_of_the_last_hour_belongs_to_the_citys_day(void **state)
{
	(void)state;
	struct deadline_rule rule = {.unit = DEADLINE_DAYS, .term = 1};
	struct deadline d =
		look(&rule, "2025-11-03T16:30:00Z", NULL, 0, "2025-11-03T16:31:00Z"); /* 4 November there */
	assert_int_equal(d.due_day, date_of(2025, 11, 5));
}

static void thirty_days_of_mediation_end_on_a_working_day(void **state)
{
	(void)state;
	struct deadline_rule rule = {.unit = DEADLINE_DAYS, .term = 30};
	struct deadline d = look(&rule, "2025-09-05T09:00", NULL, 0, "2025-09-06T09:00");
	assert_int_equal(d.due_day, date_of(2025, 10, 9)); /* 5 October lies in the holidays */
	assert_int_equal(d.left, 33);
	rule = (struct deadline_rule){.unit = DEADLINE_MONTHS, .term = 1};
	d = look(&rule, "2025-10-31T09:00", NULL, 0, "2025-11-01T09:00");
	assert_int_equal(d.due_day, date_of(2025, 12, 1)); /* 30 November 2025 is a Sunday */
	struct deadline_event agreed = {DEADLINE_EXTEND, ms("2025-11-20T10:00"), 1};
	d = look(&rule, "2025-10-31T09:00", &agreed, 1, "2025-11-21T09:00");
	assert_int_equal(d.due_day, date_of(2025, 12, 31));
	struct deadline_event pause[] = {
		{DEADLINE_PAUSE, ms("2025-11-03T09:00"), 0}, {DEADLINE_RESUME, ms("2025-11-29T09:00"), 0}};
	d = look(&rule, "2025-10-31T09:00", pause, 2, "2025-11-30T09:00");
	assert_int_equal(d.due_day, date_of(2025, 12, 26)); /* 26 days later */
}

static void hours_run_through_nights_and_stop_in_a_pause(void **state)
{
	(void)state;
	struct deadline_rule rule = {.unit = DEADLINE_HOURS, .term = 24, .step = {-4, 0}, .steps_n = 2};
	struct deadline d = look(&rule, "2025-10-03T15:20", NULL, 0, "2025-10-04T10:00");
	assert_true(d.due_ms == ms("2025-10-04T15:20") && d.left == 5 && d.level == 0);
	struct deadline_event e[] = {
		{DEADLINE_PAUSE, ms("2025-10-03T16:20"), 0}, {DEADLINE_RESUME, ms("2025-10-03T18:20"), 0}};
	d = look(&rule, "2025-10-03T15:20", e, 2, "2025-10-04T14:00");
	assert_true(d.due_ms == ms("2025-10-04T17:20") && d.level == 1);
	d = look(&rule, "2025-10-03T15:20", e, 1, "2025-10-09T14:00");
	assert_true(d.state == DEADLINE_STANDS && !d.has_due && d.level == 0 && d.next_ms == INT64_MAX);
	d = look(&rule, "2025-10-03T15:20", e, 2, "2025-10-03T17:00"); /* the resume has not happened yet */
	assert_int_equal(d.state, DEADLINE_STANDS);
}

static void a_stopped_clock_was_met_or_missed(void **state)
{
	(void)state;
	struct deadline_rule rule = {.unit = DEADLINE_WORKDAYS, .term = 1, .step = {0}, .steps_n = 1};
	struct deadline_event stop = {DEADLINE_STOP, ms("2025-11-04T23:00"), 0};
	struct deadline d = look(&rule, "2025-11-03T09:00", &stop, 1, "2025-12-01T00:00");
	assert_true(d.state == DEADLINE_MET && d.level == 0);
	stop.at_ms = ms("2025-11-05T00:00");
	d = look(&rule, "2025-11-03T09:00", &stop, 1, "2025-12-01T00:00");
	assert_int_equal(d.state, DEADLINE_MISSED);
	struct deadline_event e[] = {
		{DEADLINE_PAUSE, ms("2025-11-03T10:00"), 0}, {DEADLINE_STOP, ms("2025-11-20T10:00"), 0}};
	d = look(&rule, "2025-11-03T09:00", e, 2, "2025-12-01T00:00");
	assert_int_equal(d.state, DEADLINE_MET);
	d = look(&rule, "2025-11-03T09:00", &stop, 1, "2025-11-04T00:00"); /* not yet stopped */
	assert_int_equal(d.state, DEADLINE_RUNS);
}

static void days_beyond_the_table_are_marked_as_guessed(void **state)
{
	(void)state;
	struct deadline_rule rule = {.unit = DEADLINE_WORKDAYS, .term = 5};
	struct deadline d = look(&rule, "2026-12-29T09:00", NULL, 0, "2026-12-30T09:00");
	assert_true(d.guessed);
	assert_false(look(&rule, "2026-11-02T09:00", NULL, 0, "2026-11-03T09:00").guessed);
}

static void what_does_not_fit_is_refused(void **state)
{
	(void)state;
	struct deadline d;
	struct err err = {0};
	int64_t t = ms("2025-11-03T09:00"), day = 86400000;
	struct deadline_rule rule = {.unit = DEADLINE_WORKDAYS, .term = 2, .step = {0, 1}, .steps_n = 2};
	const struct deadline_event cases[][2] = {
		{{DEADLINE_RESUME, t + 1, 0}, {DEADLINE_STOP, t + 2, 0}},
		{{DEADLINE_PAUSE, t + 1, 0}, {DEADLINE_PAUSE, t + 2, 0}},
		{{DEADLINE_PAUSE, t + 2, 0}, {DEADLINE_RESUME, t + 1, 0}},
		{{DEADLINE_PAUSE, t - 1, 0}, {DEADLINE_RESUME, t + 1, 0}},
		{{DEADLINE_STOP, t + 1, 0}, {DEADLINE_PAUSE, t + 2, 0}},
		{{DEADLINE_EXTEND, t + 1, 0}, {DEADLINE_STOP, t + 2, 0}},
		{{DEADLINE_EXTEND, t + 1, 9999}, {DEADLINE_STOP, t + 2, 0}},
		{{DEADLINE_EXTEND, t + 5 * day, 1}, {DEADLINE_STOP, t + 6 * day, 0}},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (deadline_at(&W, &rule, t, cases[i], 2, t + 30 * day, &d, &err) != RC_INVALID)
			fail_msg("case %zu", i);
	struct deadline_rule bad[] = {{.term = 0}, {.term = 10001}, {.term = 1, .step = {1, 1}, .steps_n = 2},
		{.term = 1, .steps_n = 9}, {.unit = DEADLINE_MONTHS, .term = 121}};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(deadline_at(&W, &bad[i], t, NULL, 0, t, &d, &err), RC_INVALID);
	assert_int_equal(deadline_at(&W, &rule, -1, NULL, 0, t, &d, &err), RC_INVALID);
	assert_int_equal(deadline_at(&W, &rule, ms("2100-01-02T00:00"), NULL, 0, t, &d, &err), RC_INVALID);
	/* extended while it stood: allowed, whatever the day */
	struct deadline_event e[] = {{DEADLINE_PAUSE, t + 1, 0}, {DEADLINE_EXTEND, t + 20 * day, 1}};
	assert_ok(deadline_at(&W, &rule, t, e, 2, t + 30 * day, &d, &err), &err);
}

/* The same rules told as a story: one moment after the other, no formulas. */
static int32_t simulated_due_day(
	enum deadline_unit unit, int32_t term, int64_t start, const struct deadline_event *e, size_t n)
{
	int32_t day = clock_day_of(start), left = term;
	while (left > 0) {
		day++;
		bool paused = false;
		int64_t midnight = (int64_t)(day + 1) * 86400000 - 8 * 3600000;
		for (size_t i = 0; i < n; i++)
			if (e[i].at_ms < midnight)
				paused = e[i].kind == DEADLINE_PAUSE;
		if (!paused && (unit == DEADLINE_DAYS || workday_is(&W, day)))
			left--;
	}
	while (!workday_is(&W, day))
		day++;
	return day;
}

static void random_pauses_agree_with_a_simulation(void **state)
{
	(void)state;
	struct rng r;
	rng_init(&r, 3);
	for (int k = 0; k < 20000; k++) {
		struct deadline_rule rule = {.unit = k & 1 ? DEADLINE_DAYS : DEADLINE_WORKDAYS,
			.term = 1 + (int32_t)rng_below(&r, 25)};
		int64_t start = ms("2024-01-01T00:00") + (int64_t)rng_below(&r, 600 * 86400) * 1000,
			at = start;
		struct deadline_event e[8];
		size_t n = 2 * rng_below(&r, 4);
		for (size_t i = 0; i < n; i++) {
			at += (int64_t)rng_below(&r, 5 * 86400) * 1000;
			e[i] = (struct deadline_event){i % 2 ? DEADLINE_RESUME : DEADLINE_PAUSE, at, 0};
		}
		struct deadline d;
		struct err err = {0};
		assert_ok(deadline_at(&W, &rule, start, e, n, at + 1, &d, &err), &err);
		int32_t want = simulated_due_day(rule.unit, rule.term, start, e, n);
		assert_int_equal(d.due_day, want);
		assert_int_equal(d.state, at + 1 < d.due_ms ? DEADLINE_RUNS : DEADLINE_OVERDUE);
	}
}

int main(void)
{
	struct err err = {0};
	if (workday_shipped(&A, &W, &err) != RC_OK)
		return 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(working_days_pass_over_national_day_week),
		cmocka_unit_test(a_case_of_the_last_hour_belongs_to_the_citys_day),
		cmocka_unit_test(thirty_days_of_mediation_end_on_a_working_day),
		cmocka_unit_test(hours_run_through_nights_and_stop_in_a_pause),
		cmocka_unit_test(a_stopped_clock_was_met_or_missed),
		cmocka_unit_test(days_beyond_the_table_are_marked_as_guessed),
		cmocka_unit_test(what_does_not_fit_is_refused),
		cmocka_unit_test(random_pauses_agree_with_a_simulation),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_done(&A);
	return failed;
}
