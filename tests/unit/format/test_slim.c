/* The sheets and scripts as they go out. */
#include "format/slim.h"
#include "tests.h"

static void is(const char *in, const char *want)
{
	struct buf b = {0};
	slim(str_of(in), &b);
	if (!str_eq(buf_str(&b), str_of(want)))
		fail_msg("%.*s", STR_ARG(buf_str(&b)));
	buf_done(&b);
}

static void comments_that_begin_a_line_indentation_and_empty_lines_go(void **state)
{
	(void)state;
	is("/* head\n of two lines */\n\n.a {\n\tcolor: red;\n\t/* why */\n}\n", ".a {\ncolor: red;\n}\n");
	is("\t  a();\r\n \n", "a();\r\n");
	is("/* one */ /* two */\nx", "x\n");
	is("/* one */ x\n", "x\n");
	is("", "");
}

static void what_stands_behind_code_stays(void **state)
{
	(void)state;
	is("\ta(\"/* text */\"); /* told */\n", "a(\"/* text */\"); /* told */\n");
	is("a = b\n\t/ c /* d */ / e;\n", "a = b\n/ c /* d */ / e;\n");
}

static void a_comment_without_an_end_hides_the_rest(void **state)
{
	(void)state;
	is("a\n/* b\nc", "a\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comments_that_begin_a_line_indentation_and_empty_lines_go),
		cmocka_unit_test(what_stands_behind_code_stays),
		cmocka_unit_test(a_comment_without_an_end_hides_the_rest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
