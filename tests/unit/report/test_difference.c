/* Two texts beside each other: by sentence, then by word. */
#include "report/difference.h"
#include "tests.h"

static str told(struct arena *a, const struct difference *d, size_t n)
{
	str s = {0};
	for (size_t i = 0; i < n; i++)
		s = arena_fmt(a, "%.*s%s[%.*s]", STR_ARG(s),
			d[i].kind == DIFF_SAME   ? "="
			: d[i].kind == DIFF_GONE ? "-"
						 : "+",
			STR_ARG(d[i].text));
	return s;
}

static void sentences_that_both_have_stand_once(void **state)
{
	(void)state;
	struct arena a = {0};
	size_t n;
	struct difference *d = difference_of(
		&a, STR("# 报告\n甲办了3场。乙没有。"), STR("# 报告\n甲办了5场。乙没有。丙新到。"), &n);
	assert_string_equal(
		arena_cstr(&a, told(&a, d, n)), "=[报告]-[甲办了3场。]+[甲办了5场。]=[乙没有。]+[丙新到。]");
	arena_done(&a);
}

static void within_a_sentence_numbers_and_characters_are_told_apart(void **state)
{
	(void)state;
	struct arena a = {0};
	size_t n, same;
	struct difference *d = difference_words(
		&a, STR("4387人次参与，占12.5%。"), STR("5001人次参加，占12.5%。"), &n, &same);
	assert_string_equal(
		arena_cstr(&a, told(&a, d, n)), "-[4387]+[5001]=[人次参]-[与]+[加]=[，占12.5%。]");
	assert_int_equal(same, strlen("人次参，占12.5%。"));
	d = difference_words(&a, STR(""), STR("新"), &n, &same);
	assert_string_equal(arena_cstr(&a, told(&a, d, n)), "+[新]");
	assert_int_equal(same, 0);
	arena_done(&a);
}

/* Beyond the limit the rest stands as it is, and nothing is lost. */
static void a_long_sentence_is_bounded(void **state)
{
	(void)state;
	struct arena a = {0};
	size_t n, same, bytes = 0;
	char *x = NEWS(&a, 3 * 4000 + 1, char);
	for (size_t i = 0; i < 4000; i++)
		memcpy(x + 3 * i, i % 2 ? "长" : "句", 3);
	struct difference *d = difference_words(&a, str_of(x), STR("句长"), &n, &same);
	for (size_t i = 0; i < n; i++)
		bytes += d[i].kind == DIFF_NEW ? 0 : d[i].text.n;
	assert_int_equal(bytes, 12000);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sentences_that_both_have_stand_once),
		cmocka_unit_test(within_a_sentence_numbers_and_characters_are_told_apart),
		cmocka_unit_test(a_long_sentence_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
