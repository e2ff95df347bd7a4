/* The table of addresses: nothing has a default, no two rows meet, and paths lead where they say. */
#include "tests.h"
#include "web/route.h"

static struct arena arena;

static int done(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

static void every_row_says_access_csrf_and_inputs(void **state)
{
	(void)state;
	int n = 0;
	for (size_t t = 0; route_tables[t]; t++)
		for (const struct route *r = route_tables[t]; r->path; r++, n++) {
			bool get = strcmp(r->method, "GET") == 0;
			if (r->access == ACCESS_UNSET || r->csrf == CSRF_UNSET || r->inputs == NULL ||
				r->run == NULL)
				fail_msg("%s %s leaves something unsaid", r->method, r->path);
			if (get != (r->csrf == CSRF_READ_ONLY))
				fail_msg("%s %s: reading pages write nothing, and only they go without a "
					 "check",
					r->method, r->path);
			if (r->access != ACCESS_PUBLIC && !get && r->csrf != CSRF_TOKEN)
				fail_msg("%s %s: a signed-in form carries its token", r->method, r->path);
			if ((r->flags & ROUTE_BARE) && r->access != ACCESS_PUBLIC)
				fail_msg("%s cannot know who asks", r->path);
			if (r->path[0] != '/' || route_access_name(r->access)[0] == 0 ||
				route_csrf_name(r->csrf)[0] == 0)
				fail_msg("%s", r->path);
		}
	assert_true(n > 15);
}

static void no_secret_travels_in_an_address(void **state)
{
	(void)state;
	for (size_t t = 0; route_tables[t]; t++)
		for (const struct route *r = route_tables[t]; r->path; r++)
			for (const struct input *in = r->inputs; in->name; in++)
				if (in->kind == INPUT_SECRET && strcmp(r->method, "POST") != 0)
					fail_msg("%s takes %s in the address", r->path, in->name);
}

static void what_a_form_can_do_stands_in_the_table(void **state)
{
	(void)state;
	int n = 0;
	for (size_t t = 0; route_tables[t]; t++)
		for (const struct route *r = route_tables[t]; r->path; r++)
			for (const struct input *in = r->inputs; in->name; in++) {
				bool act = strcmp(in->name, "act") == 0 || strcmp(in->name, "_act") == 0;
				if (act != (in->kind == INPUT_ACT) || (act && route_acts(r) == NULL))
					fail_msg("%s %s does not say what %s may be", r->method, r->path,
						in->name);
				n += act;
			}
	assert_true(n > 15);
}

static void an_act_is_a_whole_word(void **state)
{
	(void)state;
	static const char *const does[] = {"approve", "take:", "take:name", "use|a|b", "up12"};
	static const char *const does_not[] = {"", "a", "approv", "approve ", "approved", "take", "use", " ",
		"up", "up0", "upx", "up#", "approve take:"};
	for (size_t i = 0; i < sizeof does / sizeof *does; i++)
		assert_true(act_known("approve take: use| up#", str_of(does[i])));
	for (size_t i = 0; i < sizeof does_not / sizeof *does_not; i++)
		assert_false(act_known("approve take: use| up#", str_of(does_not[i])));
	assert_false(act_known(NULL, STR("approve")));
}

static void no_two_rows_answer_the_same(void **state)
{
	(void)state;
	for (size_t t = 0; route_tables[t]; t++)
		for (const struct route *r = route_tables[t]; r->path; r++) {
			str args[ROUTE_ARGS_MAX];
			const char *allowed;
			/* A path made of its own pattern finds the row itself. */
			char path[100] = "";
			for (const char *c = r->path; *c; c++)
				if (*c != '{' && *c != '}')
					strncat(path, c, 1);
			assert_ptr_equal(
				route_find(str_of(r->method), str_of(path), args, &allowed, &arena), r);
		}
}

static void paths_lead_where_they_say(void **state)
{
	(void)state;
	str args[ROUTE_ARGS_MAX];
	const char *allowed;
	const struct route *r = route_find(STR("GET"), STR("/r/visit/12"), args, &allowed, &arena);
	assert_string_equal(r->path, "/r/{register}/{id}");
	assert_true(str_is(args[0], "visit") && str_is(args[1], "12"));
	r = route_find(STR("GET"), STR("/figures/vol.attend/trace"), args, &allowed, &arena);
	assert_string_equal(r->path, "/figures/{figure}/trace");
	static const char *const nowhere[] = {
		"", "x", "/x", "/r", "/r/", "/r/visit/", "/r/visit/12/", "/r/visit/12/x", "/figures/"};
	for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++)
		if (route_find(STR("GET"), str_of(nowhere[i]), args, &allowed, &arena) || allowed[0])
			fail_msg("“%s” leads somewhere", nowhere[i]);
	assert_null(route_find(STR("DELETE"), STR("/r/visit/12"), args, &allowed, &arena));
	assert_true(strstr(allowed, "GET") && strstr(allowed, "PATCH") && !strstr(allowed, "POST"));
}

static void inputs_are_what_they_say(void **state)
{
	(void)state;
	struct input in = {"x", INPUT_ADDRESS, 0, false};
	static const char *const good[] = {"", "/", "/a?b=c", "/r/x#y"};
	static const char *const bad[] = {"//evil", "/\\evil", "https://evil", "javascript:alert(1)", "a"};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_null(input_fault(&in, str_of(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_non_null(input_fault(&in, str_of(bad[i])));
	in = (struct input){"x", INPUT_ID, 0, true};
	assert_non_null(input_fault(&in, STR("")));
	assert_non_null(input_fault(&in, STR("0")));
	assert_non_null(input_fault(&in, STR("1x")));
	assert_null(input_fault(&in, STR("9007199254740993")));
	in = (struct input){"x", INPUT_WORD, 3, false};
	assert_null(input_fault(&in, STR("a_b")));
	assert_non_null(input_fault(&in, STR("a b")));
	assert_non_null(input_fault(&in, STR("abcd")));
	in = (struct input){"x", INPUT_TEXT, 2, false};
	assert_null(input_fault(&in, STR("青禾")));
	assert_non_null(input_fault(&in, STR("青禾青")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_says_access_csrf_and_inputs),
		cmocka_unit_test(an_act_is_a_whole_word),
		cmocka_unit_test(what_a_form_can_do_stands_in_the_table),
		cmocka_unit_test(no_secret_travels_in_an_address),
		cmocka_unit_test(no_two_rows_answer_the_same),
		cmocka_unit_test(paths_lead_where_they_say),
		cmocka_unit_test(inputs_are_what_they_say),
	};
	return cmocka_run_group_tests(tests, NULL, done);
}
