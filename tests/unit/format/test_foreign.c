/* The head of a file that somebody brings: what a box makes of its JSON, good and bad. */
#include "format/foreign.h"
#include "tests.h"

static struct arena arena;

static int tear_down(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

static void texts_and_whole_numbers_come_by_name(void **state)
{
	struct err err = {0};
	struct foreign_field *list;
	size_t n;
	(void)state;
	str json = STR("{\"city\":\"临澜市\",\"at\":-7,\"more\":{\"at\":9},\"none\":null,\"half\":0.5}");
	assert_ok(foreign_fields(&arena, json, &list, &n, &err), &err);
	assert_int_equal(n, 2);
	assert_true(str_is(foreign_field_of(list, n, "city")->text, "临澜市"));
	assert_int_equal(foreign_field_of(list, n, "at")->number, -7);
	assert_null(foreign_field_of(list, n, "more"));
}

static void what_is_no_object_is_refused(void **state)
{
	static const char *const bad[] = {"", "[1,2]", "{\"a\":1,\"a\":2}", "{\"a\":", "{\"a\":\"\xff\"}"};
	struct foreign_field *list;
	size_t n;
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(foreign_fields(&arena, str_of(bad[i]), &list, &n, NULL), RC_INVALID);
}

static void more_fields_than_any_head_has_are_refused(void **state)
{
	struct foreign_field *list;
	size_t n;
	str json = STR("{\"x\":0");
	(void)state;
	for (int i = 0; i < FOREIGN_FIELDS_MAX; i++)
		json = arena_fmt(&arena, "%.*s,\"f%d\":1", STR_ARG(json), i);
	json = arena_fmt(&arena, "%.*s}", STR_ARG(json));
	assert_int_equal(foreign_fields(&arena, json, &list, &n, NULL), RC_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_and_whole_numbers_come_by_name),
		cmocka_unit_test(what_is_no_object_is_refused),
		cmocka_unit_test(more_fields_than_any_head_has_are_refused),
	};
	if (foreign_start(NULL) != RC_OK)
		return 1;
	return cmocka_run_group_tests_name("format/foreign", tests, NULL, tear_down);
}
