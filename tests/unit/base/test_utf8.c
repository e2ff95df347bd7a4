/* Cutting texts between characters. */
#include "base/utf8.h"
#include "tests.h"

static void a_cut_never_parts_a_character(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"", "abc", "青禾", "a青b禾c", "é€😀x", "\x80\x80\x80\x80\x80", "\xE9\x9D"};
	for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
		str s = str_of(texts[t]);
		for (size_t max = 0; max <= s.n + 1; max++) {
			str head = utf8_head(s, max);
			assert_true(head.n <= max && head.n + 3 >= (max < s.n ? max : s.n));
			assert_true(!utf8_valid(s) || utf8_valid(head));
			str cut = utf8_whole(str_head(s, max));
			assert_true(!utf8_valid(s) || utf8_valid(cut));
			assert_true(!utf8_valid(s) || str_eq(cut, head));
		}
	}
	assert_true(str_is(utf8_head(STR("青禾"), 5), "青"));
	assert_true(str_is(utf8_head(STR("青禾"), 6), "青禾"));
	assert_true(str_is(utf8_head(STR("青禾"), 2), ""));
}

static void a_long_message_ends_with_a_whole_character(void **state)
{
	(void)state;
	struct err err;
	char text[3 * ERR_TEXT_BYTES + 1];
	for (int shift = 0; shift < 3; shift++) {
		memset(text, 'a', sizeof text);
		for (size_t i = (size_t)shift; i + 3 < sizeof text; i += 3)
			memcpy(text + i, "禾", 3);
		text[sizeof text - 4] = '\0';
		FAIL(&err, RC_INVALID, "%s", text);
		assert_true(utf8_valid(str_of(err.text)));
		assert_true(strlen(err.text) > ERR_TEXT_BYTES - 8);
		err_at(&err, RC_INVALID, "%s", text);
		assert_true(utf8_valid(str_of(err.text)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cut_never_parts_a_character),
		cmocka_unit_test(a_long_message_ends_with_a_whole_character),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
