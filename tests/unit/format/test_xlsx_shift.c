/* References when rows are repeated: what moves, what grows, what stays. */
#include "format/xlsx_shift.h"
#include "tests.h"

static void expect(const char *before, const char *after, int64_t at, int64_t copy)
{
	static struct xlsx_growth grown[] = {{4, 2}};
	static struct xlsx_shift sheets[2];
	struct buf b = {0};
	sheets[0] = (struct xlsx_shift){STR("汇总"), grown, 1};
	sheets[1] = (struct xlsx_shift){STR("附 表"), grown, 0};
	xlsx_shift_text(&b, str_of(before), sheets, 2, &sheets[0], at, copy);
	buf_putc(&b, 0);
	assert_string_equal(b.p, after);
	buf_done(&b);
}

static void references_below_move_and_ranges_that_end_at_the_row_grow(void **state)
{
	(void)state;
	expect("B3+B4+B5", "B3+B4+B7", 0, 0);
	expect("SUM(B4:B4)", "SUM(B4:B6)", 0, 0);
	expect("SUM(B2:$B$4)/COUNT(A5:A9)", "SUM(B2:$B$6)/COUNT(A7:A11)", 0, 0);
	expect("A1:D6", "A1:D8", 0, 0);
}

static void names_functions_texts_and_other_sheets_stay(void **state)
{
	(void)state;
	expect("LOG10(B5)&\"B5\"&LOG(1)", "LOG10(B7)&\"B5\"&LOG(1)", 0, 0);
	expect("年B5+rate_B5+B5x", "年B5+rate_B5+B5x", 0, 0);
	expect("'附 表'!B5+汇总!B5+外!B5:B9", "'附 表'!B5+汇总!B7+外!B5:B9", 0, 0);
	expect("'附 表'!$A$5:$B$9,B5", "'附 表'!$A$5:$B$9,B7", 0, 0);
	expect("B99999999+ABCD5+B0", "B99999999+ABCD5+B0", 0, 0);
}

static void a_copy_of_the_row_means_itself(void **state)
{
	(void)state;
	expect("B4*2+C$4+B3+B5", "B6*2+C$4+B3+B7", 4, 2);
	expect("B4*2", "B4*2", 4, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(references_below_move_and_ranges_that_end_at_the_row_grow),
		cmocka_unit_test(names_functions_texts_and_other_sheets_stay),
		cmocka_unit_test(a_copy_of_the_row_means_itself),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
