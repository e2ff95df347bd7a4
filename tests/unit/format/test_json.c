/* The writer against what it must print, and both ways against JSONTestSuite. */
#include "base/utf8.h"
#include "format/json.h"
#include "tests.h"
#include <dirent.h>

static struct arena arena;
static struct err err;

static int done(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

static void commas_stand_between_values_and_nowhere_else(void **state)
{
	(void)state;
	struct buf b;
	struct json j;
	buf_init(&b, 0);
	json_init(&j, &b);
	json_object(&j);
	json_put_i64(&j, "a", INT64_MIN);
	json_key(&j, "b");
	json_array(&j);
	json_bool(&j, true);
	json_null(&j);
	json_object(&j);
	json_object_end(&j);
	json_array(&j);
	json_array_end(&j);
	json_decimal(&j, -5, 2);
	json_decimal(&j, 123456, 3);
	json_array_end(&j);
	json_put_cstr(&j, "c", NULL);
	json_put_str(&j, "名", STR("青\"禾\\\n\x01/"));
	json_object_end(&j);
	assert_string_equal(b.p,
		"{\"a\":-9223372036854775808,\"b\":[true,null,{},[],-0.05,123.456],\"c\":null,"
		"\"名\":\"青\\\"禾\\\\\\n\\u0001/\"}");
	buf_done(&b);
}

/* Every byte at every place of a word of 24: the fast path must see exactly what the slow one does. */
static void every_byte_at_every_offset_comes_back(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 0);
	for (unsigned c = 1; c < 128; c++)
		for (size_t at = 0; at < 24; at++) {
			char text[24];
			memset(text, 'x', sizeof text);
			text[at] = (char)c;
			buf_clear(&b);
			json_quote(&b, (str){text, sizeof text});
			struct json_v *v;
			assert_ok(json_read(&arena, buf_str(&b), 0, &v, &err), &err);
			assert_int_equal(v->kind, JSON_STRING);
			assert_true(str_eq(v->text, (str){text, sizeof text}));
		}
	buf_done(&b);
}

static void a_full_buffer_says_so_and_keeps_its_cap(void **state)
{
	(void)state;
	struct buf b;
	struct json j;
	buf_init(&b, 64);
	json_init(&j, &b);
	json_array(&j);
	for (int i = 0; i < 100; i++)
		json_str(&j, STR("0123456789"));
	json_array_end(&j);
	assert_false(buf_ok(&b));
	assert_true(b.n <= 64);
	buf_done(&b);
}

static void what_json_c_would_mend_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"{\"a\":1,\"a\":2}", "\"\\u0000\"", "\"\\ud800\"",
		"\"\\udc00\\ud800\"", "9223372036854775808", "-9223372036854775809", "01", "1.", "-", "[1,]",
		"{\"a\":1,}", "'a'", "NaN", "Infinity", "[1 2]", "1 2", "", " ", "nul", "\"\t\"", "/*x*/1",
		"[", "{\"a\"}",
		"\xef\xbb\xbf"
		"1"};
	struct json_v *v = NULL;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (json_read(&arena, str_of(bad[i]), 0, &v, &err) == RC_OK)
			fail_msg("accepted: %s", bad[i]);
	assert_null(v);
}

static void caps_hold(void **state)
{
	(void)state;
	struct json_v *v;
	char deep[2 * JSON_DEPTH_MAX + 3];
	memset(deep, '[', JSON_DEPTH_MAX + 1);
	memset(deep + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	assert_int_equal(json_read(&arena, (str){deep, 2 * JSON_DEPTH_MAX + 2}, 0, &v, &err), RC_LIMIT);
	assert_ok(json_read(&arena, (str){deep + 1, 2 * JSON_DEPTH_MAX}, 0, &v, &err), &err);
	assert_int_equal(json_read(&arena, STR("[1,2,3]"), 6, &v, &err), RC_LIMIT);
}

static void the_tree_reads_as_written(void **state)
{
	(void)state;
	struct json_v *v;
	int64_t n = 0;
	assert_ok(json_read(&arena,
			  STR(" {\"a\":[1,-2.50,\"\\u9752\\ud83c\\udf31\"],\"n\":-9223372036854775808,"
			      "\"t\":true,\"z\":null} "),
			  0, &v, &err),
		&err);
	const struct json_v *a = json_get(v, "a");
	assert_int_equal(a->n, 3);
	assert_int_equal(a->items[0].i, 1);
	assert_int_equal(a->items[1].kind, JSON_NUMBER);
	assert_true(str_is(a->items[1].text, "-2.50"));
	assert_true(str_is(a->items[2].text, "青🌱"));
	assert_true(json_get_i64(v, "n", &n));
	assert_true(n == INT64_MIN);
	assert_int_equal(json_get(v, "t")->i, 1);
	assert_int_equal(json_get(v, "z")->kind, JSON_NULL);
	assert_null(json_get(v, "none"));
}

/* JSONTestSuite: y_ must be read, n_ must not, i_ may go either way; \u0000, keys twice and lone surrogates are ours to
 * refuse. */
static void json_test_suite(void **state)
{
	(void)state;
	const char *tar = shared_data(&arena, "suites/jsontestsuite.tar.gz");
	if (tar == NULL) {
		skip();
		return;
	}
	char dir[] = "/tmp/qinghe-json-XXXXXX";
	assert_non_null(mkdtemp(dir));
	FILE *p = popen(
		arena_printf(&arena, "tar xzf '%s' -C %s && cd %s && ls test_parsing", tar, dir, dir), "r");
	assert_non_null(p);
	static const char *const ours[] = {"y_object_duplicated_key.json",
		"y_object_duplicated_key_and_value.json", "y_string_null_escape.json",
		"y_object_escaped_null_in_key.json"};
	char line[300];
	int read = 0, refused = 0, strict = 0;
	while (fgets(line, sizeof line, p)) {
		line[strcspn(line, "\n")] = 0;
		FILE *f = fopen(arena_printf(&arena, "%s/test_parsing/%s", dir, line), "rb");
		assert_non_null(f);
		char *text = arena_alloc(&arena, 1 << 20);
		size_t n = fread(text, 1, 1 << 20, f);
		fclose(f);
		struct json_v *v;
		enum rc rc = json_read(&arena, (str){text, n}, 0, &v, &err);
		bool mine = false;
		for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
			mine = mine || strcmp(line, ours[i]) == 0;
		if (line[0] == 'y' && (rc == RC_OK) == mine)
			fail_msg("%s: rc %d %s", line, (int)rc, err.text);
		if (line[0] == 'n' && rc == RC_OK)
			fail_msg("%s was read", line);
		read += line[0] == 'y' && !mine;
		refused += line[0] == 'n';
		strict += mine;
	}
	assert_int_equal(pclose(p), 0);
	assert_true(read > 80 && refused > 180);
	print_message("# JSONTestSuite: %d read, %d refused, %d valid ones refused by choice\n", read,
		refused, strict);
	assert_int_equal(system(arena_printf(&arena, "rm -r %s", dir)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commas_stand_between_values_and_nowhere_else),
		cmocka_unit_test(every_byte_at_every_offset_comes_back),
		cmocka_unit_test(a_full_buffer_says_so_and_keeps_its_cap),
		cmocka_unit_test(what_json_c_would_mend_is_refused),
		cmocka_unit_test(caps_hold),
		cmocka_unit_test(the_tree_reads_as_written),
		cmocka_unit_test(json_test_suite),
	};
	return cmocka_run_group_tests(tests, NULL, done);
}
