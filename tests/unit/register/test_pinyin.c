/* The order of a dictionary, and initials. */
#include "register/pinyin.h"
#include "tests.h"

static int order(const char *a, const char *b)
{
	return pinyin_order(str_of(a), str_of(b));
}

static void han_stands_by_its_reading_then_tone_then_code_point(void **state)
{
	(void)state;
	assert_true(order("安全", "北京") < 0);
	assert_true(order("志愿", "组织") < 0);

	assert_true(order("常州", "城市") < 0); /* chang, cheng */
	assert_true(order("妈", "马") < 0);     /* one syllable, first tone before third */
	assert_true(order("马", "妈") > 0);
	assert_int_equal(order("青年", "青年"), 0);
	assert_true(order("青年", "青年团") < 0); /* the shorter first */
}

static void signs_and_latin_letters_stand_before_han_capitals_like_small_ones(void **state)
{
	(void)state;
	assert_true(order("12355", "abc") < 0);
	assert_true(order("Zoo", "啊") < 0);
	assert_true(order("event", "Figure") < 0);
	assert_true(order("Figure", "event") > 0);
	assert_true(order("Figure", "figures") < 0);
	assert_int_equal(order("", ""), 0);
	assert_true(order("", "a") < 0);
}

static void it_is_an_order(void **state)
{
	static const char *const words[] = {
		"", "a", "B", "12", "安", "团", "团员", "志愿", "〇", "㐀", "、", "é"};
	enum { N = sizeof words / sizeof *words };
	(void)state;
	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++) {
			assert_true((order(words[i], words[j]) < 0) == (order(words[j], words[i]) > 0));
			for (int k = 0; k < N; k++)
				if (order(words[i], words[j]) < 0 && order(words[j], words[k]) < 0)
					assert_true(order(words[i], words[k]) < 0);
		}
}

static void initials_read_surnames_as_surnames(void **state)
{
	struct arena a = {0};
	(void)state;
	assert_true(str_is(pinyin_initials(&a, STR("欧阳小明")), "oyxm"));
	assert_true(str_is(pinyin_initials(&a, STR("单雪")), "sx"));
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(han_stands_by_its_reading_then_tone_then_code_point),
		cmocka_unit_test(signs_and_latin_letters_stand_before_han_capitals_like_small_ones),
		cmocka_unit_test(it_is_an_order),
		cmocka_unit_test(initials_read_surnames_as_surnames),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
