/* test_model_diff.c -- two texts side by side. */
#include "tests.h"
#include "web/model_diff.h"

static struct arena a;

static const char *drawn(const char *before, const char *after)
{
	struct model_diff_line *l;
	size_t n;
	model_diff(&a, str_of(before), str_of(after), &l, &n);
	str s = STR("");
	for (size_t i = 0; i < n; i++)
		s = arena_fmt(&a, "%.*s%s%.*s|%.*s;", STR_ARG(s),
			l[i].skipped ? "..." : l[i].gone && l[i].new ? "*" : l[i].gone ? "-" : l[i].new ? "+" : "",
			STR_ARG(l[i].left), STR_ARG(l[i].right));
	return arena_cstr(&a, s);
}

static void two_that_are_alike_show_nothing(void **state)
{
	(void)state;
	assert_string_equal(drawn("a\nb\n", "a\nb\n"), "...|;");
	assert_string_equal(drawn("", ""), "");
}

static void a_changed_line_stands_beside_the_one_that_came_for_it(void **state)
{
	(void)state;
	assert_string_equal(drawn("a\nb\nc\n", "a\nB\nc\n"), "a|a;*b|B;c|c;");
	assert_string_equal(drawn("a\nb\nc\n", "a\nB\nC\nD\nc\n"), "a|a;*b|B;+|C;+|D;c|c;");
	assert_string_equal(drawn("a\nb\nx\ny\nc\n", "a\nB\nc\n"), "a|a;*b|B;-x|;-y|;c|c;");
}

static void what_is_only_on_one_side_stands_alone(void **state)
{
	(void)state;
	assert_string_equal(drawn("", "a\nb"), "+|a;+|b;");
	assert_string_equal(drawn("a\nb", ""), "-a|;-b|;");
}

static void long_runs_that_are_alike_are_left_out_but_for_three_lines(void **state)
{
	(void)state;
	assert_string_equal(drawn("1\n2\n3\n4\n5\n6\nx\n1\n2\n3\n4\n5\n6\n7\n8\ny\n9\n",
				    "1\n2\n3\n4\n5\n6\nX\n1\n2\n3\n4\n5\n6\n7\n8\nY\n9\n"),
		"...|;4|4;5|5;6|6;*x|X;1|1;2|2;3|3;...|;6|6;7|7;8|8;*y|Y;9|9;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_that_are_alike_show_nothing),
		cmocka_unit_test(a_changed_line_stands_beside_the_one_that_came_for_it),
		cmocka_unit_test(what_is_only_on_one_side_stands_alone),
		cmocka_unit_test(long_runs_that_are_alike_are_left_out_but_for_three_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
