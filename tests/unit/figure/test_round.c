/* R5 against its own examples, and as properties over 0 .. 10^7. */
#include "figure/round.h"
#include "tests.h"

static void prints(int64_t v, enum round_kind k, const char *rule, const char *want, enum round_note note)
{
	enum round_rule r;
	assert_true(round_rule_parse(str_of(rule), &r));
	assert_string_equal(round_rule_name(r), rule);
	struct printed p = round_print(v, k, r);
	assert_string_equal(p.text, want);
	assert_int_equal(p.note, note);
}

static void the_rules_own_examples_hold(void **state)
{
	(void)state;
	prints(123456, ROUND_COUNT, "万余", "12万余", ROUND_FINE);
	prints(120000, ROUND_COUNT, "万余", "12万", ROUND_FINE);
	prints(4387, ROUND_COUNT, "百余", "4300余", ROUND_FINE);
	prints(87, ROUND_COUNT, "十余", "80余", ROUND_FINE);
	prints(12, ROUND_COUNT, "十余", "10余", ROUND_FINE);
	prints(123456, ROUND_COUNT, "万", "12.35万", ROUND_FINE);
	prints(118000, ROUND_COUNT, "万", "11.8万", ROUND_FINE);
	prints(120000, ROUND_COUNT, "万", "12万", ROUND_FINE);
	prints(59312, ROUND_COUNT, "0.1万余", "5.9万余", ROUND_FINE);
	prints(4387, ROUND_COUNT, "千余", "4000余", ROUND_FINE);
	prints(12863, ROUND_COUNT, "exact", "12863", ROUND_FINE);
}

static void below_one_step_the_value_prints_exactly_with_a_note(void **state)
{
	(void)state;
	prints(9999, ROUND_COUNT, "万", "9999", ROUND_BELOW_STEP);
	prints(99, ROUND_COUNT, "百余", "99", ROUND_BELOW_STEP);
	prints(-50000, ROUND_COUNT, "万余", "-50000", ROUND_BELOW_STEP);
	prints(0, ROUND_COUNT, "万余", "0", ROUND_ZERO);
	prints(850050, ROUND_FEN, "万元", "8500.50元", ROUND_BELOW_STEP);
}

static void money_is_kept_in_fen_and_time_in_minutes(void **state)
{
	(void)state;
	prints(123456, ROUND_FEN, "exact", "1234.56", ROUND_FINE);
	prints(123450, ROUND_FEN, "exact", "1234.50", ROUND_FINE);
	prints(123400, ROUND_FEN, "exact", "1234", ROUND_FINE);
	prints(12600000, ROUND_FEN, "万元", "12.6万元", ROUND_FINE);
	prints(12600000, ROUND_FEN, "万", "12.6万", ROUND_FINE);
	prints(5000001, ROUND_FEN, "万余元", "5万余元", ROUND_FINE);
	prints(5000000, ROUND_FEN, "万余元", "5万元", ROUND_FINE);
	prints(90, ROUND_MINUTES, "exact", "1.5", ROUND_FINE);
	prints(100, ROUND_MINUTES, "exact", "1.67", ROUND_INEXACT);
	prints(6001, ROUND_MINUTES, "百余", "100余", ROUND_FINE);
	assert_false(round_rule_fits(ROUND_WAN_YUAN, ROUND_COUNT));
}

static void near_and_over_never_pass_their_bounds(void **state)
{
	(void)state;
	prints(98600, ROUND_COUNT, "近万", "近10万", ROUND_FINE);
	prints(91000, ROUND_COUNT, "近万", "91000", ROUND_TOO_FAR);
	prints(9600, ROUND_COUNT, "近万", "近1万", ROUND_FINE);
	prints(100000, ROUND_COUNT, "近万", "10万", ROUND_FINE);
	prints(2999, ROUND_COUNT, "近千", "近3000", ROUND_FINE);
	prints(7001, ROUND_COUNT, "超千", "超7000", ROUND_FINE);
	prints(7000, ROUND_COUNT, "超千", "7000", ROUND_FINE);
}

/* What a printed form says, read back by plain means: the number, times 万, in hundredths. */
static int64_t read_back(const char *text, bool *hedged)
{
	char *end;
	double d = strtod(text, &end);
	*hedged = strstr(end, "余") != NULL;
	if (strstr(end, "万"))
		d *= 10000;
	return (int64_t)(d * 100 + 0.5);
}

static void over_every_value_to_ten_million_the_form_never_contradicts(void **state)
{
	(void)state;
	static const struct {
		enum round_rule rule;
		int64_t step;
	} floors[] = {{ROUND_WAN_YU, 10000}, {ROUND_QIAN_YU, 1000}, {ROUND_BAI_YU, 100}, {ROUND_SHI_YU, 10},
		{ROUND_TENTH_WAN_YU, 1000}};
	/* Every value near the steps, and a stride that is prime elsewhere. */
	for (int64_t v = 0; v <= 10000000; v += v % 10000 < 120 || v % 10000 > 9980 ? 1 : 37) {
		bool hedged;
		for (size_t i = 0; i < sizeof floors / sizeof *floors; i++) {
			struct printed p = round_print(v, ROUND_COUNT, floors[i].rule);
			int64_t said = read_back(p.text, &hedged) / 100;
			if (v < floors[i].step) {
				assert_int_equal(said, v);
				assert_false(hedged);
				assert_int_equal(p.note, v == 0 ? ROUND_ZERO : ROUND_BELOW_STEP);
				continue;
			}
			assert_true(said <= v && v < said + floors[i].step);
			assert_int_equal(hedged, said < v);
		}
		struct printed p = round_print(v, ROUND_COUNT, ROUND_WAN);
		int64_t said = read_back(p.text, &hedged) / 100;
		assert_true(v < 10000 ? said == v : said - v <= 50 && v - said < 50);
		p = round_print(v, ROUND_COUNT, ROUND_NEAR_QIAN);
		if (str_starts(str_of(p.text), STR("近"))) {
			said = strtol(p.text + strlen("近"), NULL, 10);
			assert_true(said > v && (said - v) * 20 <= v);
		}
	}
}

static void full_coverage_is_said_only_of_all(void **state)
{
	(void)state;
	assert_string_equal(round_full(39, 40).text, "覆盖率97.5%");
	assert_string_equal(round_full(40, 40).text, "全覆盖");
	assert_string_equal(round_full(99999, 100000).text, "覆盖率99.9%");
	assert_string_equal(round_rate(1, 100000).text, "0.1%");
	assert_string_equal(round_rate(0, 40).text, "0%");
	assert_string_equal(round_rate(40, 40).text, "100%");
	assert_string_equal(round_rate(2, 3).text, "66.7%");
	for (int64_t over = 1; over < 700; over++)
		for (int64_t of = 0; of <= over; of++)
			assert_int_equal(strcmp(round_full(of, over).text, "全覆盖") == 0, of == over);
}

static void change_is_said_in_words(void **state)
{
	(void)state;
	assert_string_equal(round_change(1125, 1000).text, "增长12.5%");
	assert_string_equal(round_change(970, 1000).text, "下降3%");
	assert_string_equal(round_change(1000, 1000).text, "持平");
	assert_string_equal(round_change(3000, 1000).text, "增长200%");
	assert_string_equal(round_change(0, 1000).text, "下降100%");
}

static void pages_group_from_five_digits(void **state)
{
	(void)state;
	assert_string_equal(round_grouped(4387, ROUND_COUNT).text, "4387");
	assert_string_equal(round_grouped(12863, ROUND_COUNT).text, "12,863");
	assert_string_equal(round_grouped(-1234567, ROUND_COUNT).text, "-1,234,567");
	assert_string_equal(round_grouped(1234567890, ROUND_FEN).text, "12,345,678.90");
	assert_string_equal(round_grouped(INT64_MIN, ROUND_COUNT).text, "-9,223,372,036,854,775,808");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rules_own_examples_hold),
		cmocka_unit_test(below_one_step_the_value_prints_exactly_with_a_note),
		cmocka_unit_test(money_is_kept_in_fen_and_time_in_minutes),
		cmocka_unit_test(near_and_over_never_pass_their_bounds),
		cmocka_unit_test(over_every_value_to_ten_million_the_form_never_contradicts),
		cmocka_unit_test(full_coverage_is_said_only_of_all),
		cmocka_unit_test(change_is_said_in_words),
		cmocka_unit_test(pages_group_from_five_digits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
