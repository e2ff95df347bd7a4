/* Slices against C's own string functions and their definitions. */
#include "base/rand.h"
#include "base/str.h"
#include "tests.h"

static str draw(struct rng *r, char *room, size_t most)
{
	size_t n = (size_t)rng_below(r, most + 1);
	for (size_t i = 0; i < n; i++)
		room[i] = (char)('a' + rng_below(r, 3));
	room[n] = 0;
	return (str){room, n};
}

static void comparing_and_finding_are_those_of_c(void **state)
{
	(void)state;
	struct rng r;
	char x[16], y[16];
	rng_init(&r, 5);
	for (int i = 0; i < 50000; i++) {
		str a = draw(&r, x, 12), b = draw(&r, y, 3);
		assert_int_equal(str_eq(a, b), strcmp(x, y) == 0);
		assert_int_equal(str_is(a, y), strcmp(x, y) == 0);
		assert_int_equal(str_cmp(a, b) < 0, strcmp(x, y) < 0);
		assert_int_equal(str_cmp(a, b) > 0, strcmp(x, y) > 0);
		assert_int_equal(str_starts(a, b), strncmp(x, y, b.n) == 0);
		assert_int_equal(str_ends(a, b), a.n >= b.n && strcmp(x + a.n - b.n, y) == 0);
		const char *at = strstr(x, y);
		assert_true(str_find(a, b) == (at ? (size_t)(at - x) : SIZE_MAX));
		at = strchr(x, 'b');
		assert_true(str_find_byte(a, 'b') == (at ? (size_t)(at - x) : SIZE_MAX));
		if (str_eq(a, b))
			assert_true(str_hash(a) == str_hash(b));
	}
	assert_true(str_cmp(STR("a\xff"), STR("a\x01")) > 0); /* by unsigned bytes */
	assert_true(str_eq((str){0}, STR("")));
}

static void letters_of_either_case_are_alike_in_what_a_text_speaks_of(void **state)
{
	(void)state;
	struct rng r;
	char x[16], y[16];
	rng_init(&r, 7);
	for (int i = 0; i < 50000; i++) {
		str a = draw(&r, x, 12), b = draw(&r, y, 3);
		for (size_t k = 0; k < a.n; k++)
			x[k] = (char)(x[k] - 32 * (int)rng_below(&r, 2));
		for (size_t k = 0; k < b.n; k++)
			y[k] = (char)(y[k] - 32 * (int)rng_below(&r, 2));
		assert_int_equal(str_speaks_of(a, b), b.n > 0 && strcasestr(x, y) != NULL);
	}
	assert_true(str_speaks_of(STR("团课Abc"), STR("课a")));
	assert_false(str_speaks_of(STR("["), STR("{"))); /* no letters, though one bit apart */
}

static void head_and_rest_are_the_whole(void **state)
{
	(void)state;
	struct rng r;
	char x[16];
	rng_init(&r, 6);
	for (int i = 0; i < 5000; i++) {
		str s = draw(&r, x, 12), rest, copy = s;
		size_t cut = (size_t)rng_below(&r, 15);
		assert_int_equal(str_head(s, cut).n + str_from(s, cut).n, s.n);
		/* Cutting at every 'b' and joining by it gives the text back. */
		char joined[32];
		size_t n = 0;
		for (;;) {
			bool more = str_find_byte(copy, 'b') != SIZE_MAX;
			str part = str_cut(copy, 'b', &rest);
			memcpy(joined + n, part.p ? part.p : "", part.n);
			n += part.n;
			copy = rest;
			if (!more)
				break;
			joined[n++] = 'b';
		}
		assert_true(str_eq((str){joined, n}, s));
		assert_int_equal(rest.n, 0);
	}
}

static void numbers_are_whole_or_refused(void **state)
{
	(void)state;
	struct rng r;
	char text[32];
	int64_t v;
	rng_init(&r, 7);
	for (int i = 0; i < 20000; i++) {
		int64_t want = (int64_t)rng_next(&r) >> rng_below(&r, 64);
		snprintf(text, sizeof text, "%lld", (long long)want);
		assert_true(str_i64(str_of(text), &v) && v == want);
	}
	assert_true(str_i64(STR("9223372036854775807"), &v) && v == INT64_MAX);
	assert_true(str_i64(STR("-9223372036854775808"), &v) && v == INT64_MIN);
	static const char *const bad[] = {"", "-", "+1", "1 ", " 1", "1.0", "0x1", "9223372036854775808",
		"-9223372036854775809", "99999999999999999999999", "１"};
	v = 42;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(str_i64(str_of(bad[i]), &v));
	assert_int_equal(v, 42);
}

static void trimming_takes_every_kind_of_blank_and_only_at_the_ends(void **state)
{
	(void)state;
	static const char *const blanks[] = {" ", "\t", "\r", "\n", "\u00A0", "\u3000", "\uFEFF", "\u200B"};
	struct arena a = {0};
	for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++)
		for (size_t k = 0; k < sizeof blanks / sizeof *blanks; k++) {
			str s = arena_fmt(
				&a, "%s%s张%s三%s%s", blanks[i], blanks[k], blanks[i], blanks[k], blanks[i]);
			assert_true(str_eq(str_trim(s), arena_fmt(&a, "张%s三", blanks[i])));
			assert_int_equal(str_trim(arena_fmt(&a, "%s%s", blanks[i], blanks[k])).n, 0);
		}
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comparing_and_finding_are_those_of_c),
		cmocka_unit_test(letters_of_either_case_are_alike_in_what_a_text_speaks_of),
		cmocka_unit_test(head_and_rest_are_the_whole),
		cmocka_unit_test(numbers_are_whole_or_refused),
		cmocka_unit_test(trimming_takes_every_kind_of_blank_and_only_at_the_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
