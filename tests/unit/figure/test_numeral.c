/* Numbers in texts: which are quantities, what they say, and whether a value agrees. */
#include "base/rand.h"
#include "figure/numeral.h"
#include "tests.h"

static struct numeral one(const char *text)
{
	struct numeral m;
	if (!numeral_next(str_of(text), 0, &m))
		fail_msg("no numeral in %s", text);
	return m;
}

static void says(const char *text, enum numeral_hedge hedge, int64_t stated, const char *unit)
{
	struct numeral m = one(text);
	if (m.kind != NUMERAL_QUANTITY || m.hedge != hedge || m.stated != stated * 100 ||
		!str_is(m.unit, unit))
		fail_msg("%s: kind %d, hedge %d, stated %lld, unit %.*s", text, (int)m.kind, (int)m.hedge,
			(long long)m.stated, STR_ARG(m.unit));
}

static void quantities_are_read_with_their_hedges(void **state)
{
	(void)state;
	says("开展活动320余场次", HEDGE_YU, 320, "场次");
	says("参与24,000人次", HEDGE_NONE, 24000, "人次");
	says("近4万人次", HEDGE_NEAR, 40000, "人次");
	says("5.9万余名", HEDGE_YU, 59000, "名");
	says("12.35万人次", HEDGE_ROUNDED, 123500, "人次");
	says("近20余个", HEDGE_DOUBLE, 20, "个");
	says("资金200余万元", HEDGE_YU, 2000000, "元");
	says("不少于1000场", HEDGE_AT_LEAST, 1000, "场");
	says("5000人次以上", HEDGE_AT_LEAST, 5000, "人次");
	says("60多个", HEDGE_YU, 60, "个");
	says("１２３名", HEDGE_NONE, 123, "名");
	says("一百二十三名", HEDGE_NONE, 123, "名");
	says("两千零五人", HEDGE_NONE, 2005, "人");
	says("十余所", HEDGE_YU, 10, "所");
	says("百余场", HEDGE_YU, 100, "场");
	says("约三百人", HEDGE_ABOUT, 300, "人");
	assert_int_equal(one("覆盖数百名青少年").hedge, HEDGE_VAGUE);
	assert_true(one("超98.6%").percent);
	assert_int_equal(one("超98.6%").stated, 9860);
	assert_int_equal(one("有三成学员").stated, 3000);
	assert_true(one("百分之九十七的支部").percent);
	assert_int_equal(one("百分之九十七的支部").stated, 9700);
}

static void what_is_no_quantity_is_told_apart(void **state)
{
	(void)state;
	assert_int_equal(one("2025年，").kind, NUMERAL_YEAR);
	assert_int_equal(one("2021—2025年").kind, NUMERAL_YEAR);
	assert_int_equal(one("在3月5日").kind, NUMERAL_DATE);
	assert_int_equal(one("（1）抓好").kind, NUMERAL_ORDINAL);
	assert_int_equal(one("1.抓好").kind, NUMERAL_ORDINAL);
	assert_int_equal(one("第3批").kind, NUMERAL_ORDINAL);
	assert_int_equal(one("国办函〔2026〕12号").kind, NUMERAL_DOCUMENT);
	assert_int_equal(one("12355热线").kind, NUMERAL_CODE);
	assert_int_equal(one("用A4纸").kind, NUMERAL_CODE);
	static const char *const none[] = {"一是开设思政学堂", "一系列活动", "统一部署", "建立“一对一”机制",
		"实现“十四五”目标", "每一个青少年", "做到“两个维护”", "三审三校", "全面贯彻", "万众一心",
		"（一）聚焦根本使命", "二、存在的不足", "第二次"};
	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		struct numeral m;
		if (numeral_next(str_of(none[i]), 0, &m))
			fail_msg("%s: found %.*s", none[i], (int)m.n, none[i] + m.at);
	}
}

static bool agrees(const char *text, int64_t value)
{
	struct numeral m = one(text);
	return numeral_agrees(&m, value * 100);
}

static void hedges_agree_only_within_their_bounds(void **state)
{
	(void)state;
	assert_true(agrees("4300余次", 4387));
	assert_false(agrees("4300余次", 4300));
	assert_false(agrees("4300余次", 4400));
	assert_true(agrees("12万余人", 123456));
	assert_false(agrees("12万余人", 130000));
	assert_true(agrees("10万余人", 109999));
	assert_false(agrees("10万余人", 110000));
	assert_true(agrees("5.9万余名", 59312));
	assert_false(agrees("5.9万余名", 60000));
	assert_true(agrees("12.35万人次", 123456));
	assert_false(agrees("12.35万人次", 123400));
	assert_true(agrees("近10万人", 98600));
	assert_false(agrees("近10万人", 100000));
	assert_false(agrees("近10万人", 91000));
	assert_true(agrees("超300条", 301));
	assert_false(agrees("超300条", 300));
	assert_false(agrees("近20余个", 19));
	assert_false(agrees("近20余个", 21));
	assert_true(agrees("200余万元", 2050000));
	assert_true(agrees("123名", 123));
	assert_false(agrees("123名", 124));
}

/* What round_print writes, numeral reads back and finds in agreement with the value, and not with values far off. */
static void every_printed_form_agrees_with_its_value(void **state)
{
	(void)state;
	struct rng r;
	rng_init(&r, 7);
	char text[128];
	for (int i = 0; i < 200000; i++) {
		int64_t v = (int64_t)rng_below(&r, i % 2 ? 10000001 : 100000);
		enum round_rule rule = (enum round_rule)rng_below(&r, ROUND_RULES);
		if (!round_rule_fits(rule, ROUND_COUNT))
			continue;
		struct printed p = round_print(v, ROUND_COUNT, rule);
		snprintf(text, sizeof text, "共%s人次", p.text);
		struct numeral m = one(text);
		if (m.kind != NUMERAL_QUANTITY || !numeral_agrees(&m, v * 100))
			fail_msg("%lld as %s: read as %lld, hedge %d, step %lld", (long long)v, p.text,
				(long long)m.stated, (int)m.hedge, (long long)m.step);
		assert_false(m.hedge != HEDGE_OVER && numeral_agrees(&m, v * 200 + 300));
	}
}

static void any_bytes_are_walked_to_the_end(void **state)
{
	(void)state;
	static const char *const bits[] = {"1", "9", ".", ",", "万", "余", "近", "一", "百", "年", "人次",
		"%", "〔", "数", "\xff", "百分之", "第", " "};
	struct rng r;
	rng_init(&r, 11);
	for (int i = 0; i < 20000; i++) {
		char text[256] = "";
		size_t n = 0;
		for (int k = 0; k < 24; k++) {
			const char *b = bits[rng_below(&r, sizeof bits / sizeof *bits)];
			memcpy(text + n, b, strlen(b));
			n += strlen(b);
		}
		struct numeral m;
		size_t at = 0;
		while (numeral_next((str){text, n}, at, &m)) {
			assert_true(m.n > 0 && m.at + m.n > at && m.at + m.n <= n);
			at = m.at + m.n;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantities_are_read_with_their_hedges),
		cmocka_unit_test(what_is_no_quantity_is_told_apart),
		cmocka_unit_test(hedges_agree_only_within_their_bounds),
		cmocka_unit_test(every_printed_form_agrees_with_its_value),
		cmocka_unit_test(any_bytes_are_walked_to_the_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
