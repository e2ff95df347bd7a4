/* Which number formats are dates: built-in ids, and codes seen in real files. */
#include "format/number_format.h"
#include "tests.h"

static void built_in_ids_are_known(void **state)
{
	(void)state;
	static const uint32_t plain[] = {0, 1, 2, 9, 10, 11, 13, 23, 26, 37, 44, 48, 49, 59, 164, 100000};
	static const uint32_t dates[] = {
		14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58};
	static const uint32_t times[] = {18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56};
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		assert_int_equal(number_format_builtin(plain[i]), NUMBER_PLAIN);
	for (size_t i = 0; i < sizeof dates / sizeof *dates; i++)
		assert_int_equal(number_format_builtin(dates[i]), NUMBER_DATE);
	for (size_t i = 0; i < sizeof times / sizeof *times; i++)
		assert_int_equal(number_format_builtin(times[i]), NUMBER_TIME);
	assert_int_equal(number_format_builtin(46), NUMBER_ELAPSED);
}

static void custom_codes_are_read_as_excel_reads_them(void **state)
{
	(void)state;
	static const struct {
		const char *code;
		enum number_kind kind;
	} cases[] = {
		{"General", NUMBER_PLAIN},
		{"@", NUMBER_PLAIN},
		{"0.00E+00", NUMBER_PLAIN},
		{"#,##0.00", NUMBER_PLAIN},
		{"[Red]0.00", NUMBER_PLAIN},
		{"[DBNum2]General", NUMBER_PLAIN},
		{"0\"day\"", NUMBER_PLAIN},
		{"0\\d", NUMBER_PLAIN},
		{"_-* #,##0_d", NUMBER_PLAIN},
		{"0;yyyy", NUMBER_PLAIN},
		{"", NUMBER_PLAIN},
		{"0\"万元\"", NUMBER_PLAIN},
		{"[>=10000]0!.0,\"万\"", NUMBER_PLAIN},
		{"\"y", NUMBER_PLAIN},
		{"yyyy/m/d", NUMBER_DATE},
		{"YYYY-MM-DD", NUMBER_DATE},
		{"yyyy\"年\"m\"月\"d\"日\"", NUMBER_DATE},
		{"[$-804]yyyy\"年\"m\"月\"", NUMBER_DATE},
		{"[DBNum1][$-804]m\"月\"d\"日\";@", NUMBER_DATE},
		{"mmm\\-yy", NUMBER_DATE},
		{"mmmmm", NUMBER_DATE},
		{"e\"年\"m\"月\"", NUMBER_DATE},
		{"yyyy/m/d\\ h:mm;@", NUMBER_DATE},
		{"aaaa\"，\"d", NUMBER_DATE},
		{"h:mm", NUMBER_TIME},
		{"[$-804]上午/下午h\"时\"mm\"分\"", NUMBER_TIME},
		{"h:mm AM/PM", NUMBER_TIME},
		{"mm:ss.0", NUMBER_TIME},
		{"[h]:mm", NUMBER_ELAPSED},
		{"[mm]:ss", NUMBER_ELAPSED},
		{"[hh]:mm", NUMBER_ELAPSED},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (number_format_custom(str_of(cases[i].code)) != cases[i].kind)
			fail_msg("%s", cases[i].code);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(built_in_ids_are_known),
		cmocka_unit_test(custom_codes_are_read_as_excel_reads_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
