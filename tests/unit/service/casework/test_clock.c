/* The declared clocks: what rules/deadlines.yaml says, and when a term ends. */
#include "base/clock.h"
#include "base/date.h"
#include "service/casework/clock.h"
#include "tests.h"

static struct arena a;
static struct model *model;
static struct clock_rules rules;
static struct workdays days;

static const struct clock_rule *rule(const char *id)
{
	for (size_t i = 0; i < rules.n; i++)
		if (str_is(rules.list[i].id, id))
			return &rules.list[i];
	fail_msg("no rule %s", id);
	static const struct clock_rule none;
	return &none;
}

static int64_t at(const char *text)
{
	int64_t ms;
	assert_true(instant_parse(str_of(text), &ms));
	return ms;
}

static void ends(const char *id, const char *start, bool extended, const char *due)
{
	struct err err;
	int64_t ms;
	char text[INSTANT_TEXT_BYTES];
	assert_ok(clock_term(&days, rule(id), at(start), extended, &ms, &err), &err);
	instant_text(ms, text);
	if (ms != at(due))
		fail_msg("%s from %s ends at %s, not %s", id, start, text, due);
}

static int before(void **state)
{
	struct err err;
	(void)state;
	if (model_load(&a, NULL, false, &model, NULL, NULL, &err) != RC_OK ||
		clock_rules_read(&a, model, &rules, &err) != RC_OK ||
		workday_shipped(&a, &days, &err) != RC_OK) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	return 0;
}

static void a_yearly_check_is_set_anew_by_the_row_that_answers_it(void **state)
{
	(void)state;
	const struct clock_rule *r = rule("base_recheck");
	assert_string_equal(r->again->id.p, "base_inspection");
	assert_ptr_equal(r->again_by, reg_field(r->again, STR("base")));
	assert_ptr_equal(r->again_on, reg_field(r->again, STR("inspected_on")));
	for (size_t i = 0; i < rules.n; i++)
		assert_true(
			rules.list[i].again == NULL || rules.list[i].again_by->to_reg == rules.list[i].reg);
}

static void every_rule_names_rows_and_somebody(void **state)
{
	(void)state;
	assert_true(rules.n >= 20);
	for (size_t i = 0; i < rules.n; i++) {
		assert_true(rules.list[i].to_n > 0);
		assert_true(rules.list[i].reg != NULL || rules.list[i].month > 0);
	}
	assert_int_equal(rule("flag_red")->minutes, 60);
	assert_int_equal(rule("minors_audit")->month, 1);
	assert_int_equal(rule("minors_audit")->day, 31);
}

static void minutes_run_through_the_night(void **state)
{
	(void)state;
	ends("flag_red", "2026-01-16T23:30:00+08:00", false, "2026-01-17T00:30:00+08:00");
	ends("mandatory_report", "2026-02-16T22:15:00+08:00", false, "2026-02-17T00:15:00+08:00");
}

static void a_field_that_names_the_last_day_ends_with_it(void **state)
{
	(void)state;
	ends("visit", "2026-01-20T00:00:00+08:00", false, "2026-01-21T00:00:00+08:00");
	ends("visit", "2026-02-17T00:00:00+08:00", false, "2026-02-18T00:00:00+08:00"); /* a feast day too */
}

static void terms_roll_over_days_off_and_are_extended_by_consent(void **state)
{
	(void)state;
	/* 30 days from 5 January end on 4 February, a Wednesday; 30 more on 6 March, a Friday. */
	ends("mediation", "2026-01-05T00:00:00+08:00", false, "2026-02-05T00:00:00+08:00");
	ends("mediation", "2026-01-05T00:00:00+08:00", true, "2026-03-07T00:00:00+08:00");
	/* 15 days from 10 January end on Sunday the 25th: the Monday. */
	ends("performance_visit", "2026-01-10T00:00:00+08:00", false, "2026-01-27T00:00:00+08:00");
	/* 15 working days from Friday 9 January: Friday 30 January. */
	ends("data_request", "2026-01-09T00:00:00+08:00", false, "2026-01-31T00:00:00+08:00");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_yearly_check_is_set_anew_by_the_row_that_answers_it),
		cmocka_unit_test(every_rule_names_rows_and_somebody),
		cmocka_unit_test(minutes_run_through_the_night),
		cmocka_unit_test(a_field_that_names_the_last_day_ends_with_it),
		cmocka_unit_test(terms_roll_over_days_off_and_are_extended_by_consent),
	};
	return cmocka_run_group_tests(tests, before, NULL);
}
