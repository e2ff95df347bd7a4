/* Queries, cookies, multipart bodies: what is read, and what is refused. */
#include "net/form.h"
#include "tests.h"

static struct arena arena;
static struct err err;

static int done(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

static void a_query_keeps_order_and_repeats(void **state)
{
	(void)state;
	struct pairs p;
	assert_ok(form_query(&arena, STR("a=1&&b=%E9%9D%92+%2B&a=2&c&=x"), &p, &err), &err);
	assert_int_equal(p.n, 5);
	assert_true(str_is(pairs_get(&p, "a"), "1"));
	assert_true(str_is(pairs_get(&p, "b"), "青 +"));
	assert_true(pairs_has(&p, "c") && pairs_get(&p, "c").n == 0);
	assert_false(pairs_has(&p, "d"));
}

static void broken_codes_and_bytes_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"a=%", "a=%4", "a=%zz", "a=%00", "a=%ff", "%c0%80=1", "a=\xff"};
	struct pairs p;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (form_query(&arena, str_of(bad[i]), &p, &err) != RC_INVALID)
			fail_msg("%s", bad[i]);
}

static void too_many_fields_are_refused(void **state)
{
	(void)state;
	char *text = arena_alloc(&arena, 4 * PAIRS_MAX + 8);
	struct pairs p;
	for (int i = 0; i < PAIRS_MAX; i++)
		memcpy(text + 4 * i, "a=1&", 4);
	assert_ok(form_query(&arena, (str){text, 4 * PAIRS_MAX}, &p, &err), &err);
	memcpy(text + 4 * PAIRS_MAX, "a=1", 3);
	assert_int_equal(form_query(&arena, (str){text, 4 * PAIRS_MAX + 3}, &p, &err), RC_LIMIT);
}

static void cookies_are_read_past_broken_ones(void **state)
{
	(void)state;
	struct pairs p = form_cookies(&arena, STR("a=1; broken; =x; sid=abc=def ;\xff=2"));
	assert_int_equal(p.n, 2);
	assert_true(str_is(pairs_get(&p, "sid"), "abc=def"));
}

#define TYPE STR("multipart/form-data; boundary=\"xX\"")

static void a_multipart_form_gives_fields_and_files(void **state)
{
	(void)state;
	struct parts p;
	str body = STR("--xX\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n青\r\n--xX\r\n"
		       "content-type: text/plain\r\ncontent-disposition: form-data; "
		       "filename=\"..\\\\a/b\\\"c.csv\"; name=f\r\n\r\n"
		       "\xff\r\n--x\r\n\r\n--xX--\r\n");
	assert_ok(form_multipart(&arena, TYPE, body, &p, &err), &err);
	assert_int_equal(p.n, 2);
	assert_true(str_is(p.p[0].name, "note") && str_is(p.p[0].bytes, "青") && !p.p[0].is_file);
	assert_true(p.p[1].is_file && str_is(p.p[1].filename, "b\"c.csv"));
	assert_true(str_is(p.p[1].bytes, "\xff\r\n--x\r\n"));
	assert_true(str_is(p.p[1].type, "text/plain"));
}

static void broken_multipart_forms_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "--xX", "--xX--", "--xX\r\n", "--xX\r\n\r\nbody\r\n--xX--",
		"--xX\r\nContent-Disposition: form-data\r\n\r\nbody\r\n--xX--",
		"--xX\r\nContent-Disposition: form-data; name=a\r\n\r\nbody",
		"--xX\r\nContent-Disposition: form-data; name=a",
		"--xX\r\nContent-Disposition: form-data; name=a\r\n\r\n\xff\r\n--xX--"};
	struct parts p;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (strcmp(bad[i], "--xX--") != 0 &&
			form_multipart(&arena, TYPE, str_of(bad[i]), &p, &err) != RC_INVALID)
			fail_msg("%s", bad[i]);
	assert_int_equal(
		form_multipart(&arena, STR("multipart/form-data"), STR("--xX--"), &p, &err), RC_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_query_keeps_order_and_repeats),
		cmocka_unit_test(broken_codes_and_bytes_are_refused),
		cmocka_unit_test(too_many_fields_are_refused),
		cmocka_unit_test(cookies_are_read_past_broken_ones),
		cmocka_unit_test(a_multipart_form_gives_fields_and_files),
		cmocka_unit_test(broken_multipart_forms_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, done);
}
