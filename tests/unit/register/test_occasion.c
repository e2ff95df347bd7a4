/* Events with who came: which registers fit, and names out of a chat. */
#include "register/occasion.h"
#include "tests.h"

static struct arena arena;

static void names_are(const char *text, const char *good, const char *strange)
{
	str *list, *odd;
	size_t n, odd_n;
	char told[400] = "", odd_told[400] = "";
	occasion_names(&arena, str_of(text), &list, &n, &odd, &odd_n);
	for (size_t i = 0; i < n; i++)
		snprintf(told + strlen(told), sizeof told - strlen(told), "%s%.*s", i ? " " : "",
			STR_ARG(list[i]));
	for (size_t i = 0; i < odd_n; i++)
		snprintf(odd_told + strlen(odd_told), sizeof odd_told - strlen(odd_told), "%s%.*s",
			i ? " " : "", STR_ARG(odd[i]));
	assert_string_equal(told, good);
	assert_string_equal(odd_told, strange);
}

static void a_chat_list_gives_its_names(void **state)
{
	(void)state;
	names_are("#接龙\n1. 张三\n2、李四 13900000001\n（3）王小五\n④赵六✔", "张三 李四 王小五 赵六", "");
	names_are("到场人员：张三、李四，王 芳；欧阳小明", "张三 李四 王芳 欧阳小明", "");
	names_are("张三：已到\n李四:+1", "张三 李四", "");
	names_are("阿依古丽·买买提", "阿依古丽·买买提", "");
	names_are("１．张三\r\n　２．李四", "张三 李四", "");
}

static void what_is_no_name_is_told_and_not_taken(void **state)
{
	(void)state;
	names_are("张三\n下午再来一些人\nTom\n李", "张三", "下午再来一些人 Tom 李");
	names_are("", "", "");
	names_are("1.\n2.\n \n", "", "");
}

static void pairs_are_found_in_the_declarations(void **state)
{
	(void)state;
	static const char *const events[] = {
		"volunteer_event", "lecture_session", "culture_event", "pioneer_activity"};
	struct model *m;
	struct occasion o, *list;
	size_t n;
	struct err err;
	assert_int_equal(model_load(&arena, NULL, false, &m, NULL, NULL, &err), RC_OK);
	for (size_t i = 0; i < sizeof events / sizeof *events; i++)
		if (!occasion_of(m, model_reg(m, str_of(events[i])), &o))
			fail_msg("%s has no list of who came", events[i]);
	assert_false(occasion_of(m, model_reg(m, STR("membership")), &o));
	occasion_list(&arena, m, &list, &n);
	assert_true(n >= 4);
	assert_true(occasion_of(m, model_reg(m, STR("volunteer_event")), &o));
	assert_true(str_is(o.attendance->id, "service_record") && o.hours && o.in_at && o.programme);
	/* The host has the last word over a lecture, a secretary over a drive. */
	struct actor secretary = {.person = 7, .roles = {STR("branch_secretary")}, .roles_n = 1};
	assert_true(occasion_may_complete(&o, &secretary));
	assert_true(occasion_of(m, model_reg(m, STR("lecture_session")), &o));
	assert_false(occasion_may_complete(&o, &secretary));
	model_done(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chat_list_gives_its_names),
		cmocka_unit_test(what_is_no_name_is_told_and_not_taken),
		cmocka_unit_test(pairs_are_found_in_the_declarations),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
