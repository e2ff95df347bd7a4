/* The port's words: what they become, what is refused, and that everything else passes untouched. */
#include "base/rand.h"
#include "store/words.h"
#include "tests.h"

static void plain(struct buf *out, enum word word, const str *args)
{
	static const char *const names[] = {"IN", "DAYS", "AGE", "MONTH", "DAY"};
	buf_printf(out, "%s<%.*s", names[word], STR_ARG(args[0]));
	if (word == WORD_DAYS || word == WORD_AGE)
		buf_printf(out, ";%.*s", STR_ARG(args[1]));
	buf_putc(out, '>');
}

static enum rc go(const char *sql, char *out, size_t n)
{
	struct buf b = {0};
	struct err err;
	enum rc rc = words_rewrite(&b, str_of(sql), plain, &err);
	snprintf(out, n, "%.*s", STR_ARG(buf_str(&b)));
	buf_done(&b);
	return rc;
}

static void words_become_the_engines_spelling(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{"SELECT 1", "SELECT 1"},
		{"\"id\" {in ?1}", "\"id\" IN<?1>"},
		{"{days a | b}", "DAYS<a;b>"},
		{"{days a || 'x|y' | f(b | c)}", "DAYS<a || 'x|y';f(b | c)>"},
		{"{month {days 'a' | b}}", "MONTH<DAYS<'a';b>>"},
		{"{ age \"birth\" |\n\t?2 }", "AGE<\"birth\";?2>"},
		{"'{in ?1}' \"{\" -- {oops\n /* { */ {month x}",
			"'{in ?1}' \"{\" -- {oops\n /* { */ MONTH<x>"},
		{"{month 'it''s } {'}", "MONTH<'it''s } {'>"},
		{"a - b -c / d --end", "a - b -c / d --end"},
		{"{month(x)}", "MONTH<(x)>"},
		{"{day (x + 1)}", "DAY<(x + 1)>"},
	};
	char out[200];
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(go(cases[i][0], out, sizeof out), RC_OK);
		assert_string_equal(out, cases[i][1]);
	}
}

static void malformed_words_are_refused(void **state)
{
	(void)state;
	static const char *const cases[] = {"{", "}", "{in}", "{in 1}", "{in ?}", "{in ?0}", "{in ?-1}",
		"{in ?1 | ?2}", "{days a}", "{days a | }", "{days a | b | c}", "{weeks a}", "{}", "{month a",
		"'open", "\"open", "/* open", "{month '}", "{month a}}",
		"{month {month {month {month {month {month {month {month {month a}}}}}}}}}"};
	char out[200];
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (go(cases[i], out, sizeof out) != RC_INVALID)
			fail_msg("let through: %s", cases[i]);
}

/* Any bytes: either refused, or every byte outside braces, quotes and comments is still there in order. */
static void random_texts_end_well(void **state)
{
	(void)state;
	static const char *const bits[] = {"{", "}", "|", "||", "in ", "?1", "days ", "month ", "age ", "'",
		"\"", "--", "\n", "/*", "*/", "x", " ", "(", ")", "'a'", "{month x}", "{days a | b}"};
	struct rng rng;
	rng_init(&rng, 20250501);
	int good = 0;
	for (int round = 0; round < 200000; round++) {
		char sql[200], out[2000];
		size_t n = 0;
		uint64_t parts = rng_below(&rng, 12);
		for (uint64_t i = 0; i < parts; i++)
			n += (size_t)snprintf(sql + n, sizeof sql - n, "%s",
				bits[rng_below(&rng, sizeof bits / sizeof *bits)]);
		sql[n] = 0;
		if (go(sql, out, sizeof out) != RC_OK)
			continue;
		good++;
		if (strpbrk(sql, "{}") == NULL)
			assert_string_equal(sql, out);
		/* What came out holds no word any more: a second pass changes nothing. */
		char again[2000];
		if (go(out, again, sizeof again) == RC_OK)
			assert_string_equal(out, again);
	}
	assert_true(good > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_become_the_engines_spelling),
		cmocka_unit_test(malformed_words_are_refused),
		cmocka_unit_test(random_texts_end_well),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
