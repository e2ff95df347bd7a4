/* What templates call: addresses that may be linked, numbers, dates and names in words. */
#include "base/tr.h"
#include "tests.h"
#include "web/tpl.h"

static struct buf b;

static int done(void **state)
{
	(void)state;
	buf_done(&b);
	return 0;
}

static void only_addresses_of_ours_are_linked(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out;
	} tries[] = {{"/r/x?a=1&b=2", "/r/x?a=1&amp;b=2"}, {"?a", "?a"}, {"#a", "#a"},
		{"tel:12355", "tel:12355"}, {"https://a.example/", "https://a.example/"}, {"//evil", "#"},
		{"javascript:alert(1)", "#"}, {"data:text/html,x", "#"}, {"http://a", "#"}, {"", "#"},
		{"/\"onx=\"", "/&quot;onx=&quot;"}};
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		buf_clear(&b);
		tpl_href(&b, tries[i].in);
		assert_string_equal(b.p, tries[i].out);
	}
}

static const char *num(int64_t v)
{
	buf_clear(&b);
	tpl_num(&b, v);
	return b.p;
}

static const char *wan(int64_t v)
{
	buf_clear(&b);
	tpl_wan(&b, v);
	return b.p;
}

static void numbers_are_grouped_from_five_digits_on(void **state)
{
	(void)state;
	assert_string_equal(num(0), "0");
	assert_string_equal(num(4387), "4387");
	assert_string_equal(num(12863), "12,863");
	assert_string_equal(num(-1234567), "-1,234,567");
	assert_string_equal(num(INT64_MIN), "-9,223,372,036,854,775,808");
	assert_string_equal(wan(9999), "9999");
	assert_string_equal(wan(12863), "1.29万");
	assert_string_equal(wan(118000), "11.8万");
	assert_string_equal(wan(20000), "2万");
	assert_string_equal(wan(10050), "1.01万");
}

static const char *date(const char *iso)
{
	buf_clear(&b);
	tpl_date(&b, str_of(iso));
	return b.p;
}

static void dates_are_told_in_the_readers_language(void **state)
{
	(void)state;
	tr_set(LANG_ZH);
	assert_string_equal(date("2025-03-05"), "2025年3月5日");
	assert_string_equal(date("2025-03"), "2025年3月");
	tr_set(LANG_EN);
	assert_string_equal(date("2025-03-05"), "5 March 2025");
	assert_string_equal(date("2025-12"), "December 2025");
	assert_string_equal(date("<b>"), "&lt;b&gt;");
}

static void a_masked_name_keeps_one_character(void **state)
{
	(void)state;
	buf_clear(&b);
	tpl_mask(&b, STR("欧阳小明"));
	assert_string_equal(b.p, "欧**");
	buf_clear(&b);
	tpl_mask(&b, STR("<b>"));
	assert_string_equal(b.p, "&lt;**");
	buf_clear(&b);
	tpl_mask(&b, STR(""));
	assert_string_equal(b.p, "**");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_addresses_of_ours_are_linked),
		cmocka_unit_test(numbers_are_grouped_from_five_digits_on),
		cmocka_unit_test(dates_are_told_in_the_readers_language),
		cmocka_unit_test(a_masked_name_keeps_one_character),
	};
	return cmocka_run_group_tests(tests, NULL, done);
}
