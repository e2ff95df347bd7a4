/* LibreOffice as converter: where it is absent, and a conversion where it is there. */
#include "format/foreign.h"
#include "format/office.h"
#include "format/sheet.h"
#include "tests.h"

static void without_libreoffice_the_answer_is_not_found(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	str out;
	const char *path = arena_printf(&a, "%s", getenv("PATH"));
	setenv("PATH", "/nowhere:relative:", 1);
	assert_false(office_present());
	assert_int_equal(office_convert(&a, STR("a,b\n"), "csv", "xlsx", &out, &err), RC_NOT_FOUND);
	setenv("PATH", path, 1);
	arena_done(&a);
}

static void a_text_becomes_a_workbook(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	str out = {0};
	struct sheet_book *b;
	if (!office_present())
		skip();
	assert_ok(office_convert(&a, STR("a,b\n1,2\n"), "csv", "xlsx", &out, &err), &err);
	assert_ok(sheet_open_bytes(&a, out, &b, &err), &err);
	assert_int_equal(b->n, 1);
	sheet_close(b);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_libreoffice_the_answer_is_not_found),
		cmocka_unit_test(a_text_becomes_a_workbook),
	};
	if (foreign_start(NULL) != RC_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
