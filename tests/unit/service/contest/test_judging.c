/* Results from score sheets, recomputed in the plainest way; credentials and signatures. */
#include "base/rand.h"
#include "service/contest/ballot.h"
#include "service/contest/judging.h"
#include "tests.h"

static struct arena A;

static const struct judging_rule five = {
	.min = 0, .max = 10000, .drop_high = 1, .drop_low = 1, .min_sheets = 3};

static void highest_and_lowest_are_dropped(void **state)
{
	(void)state;
	struct judging_sheet s[] = {{0, 1, 9000, 0, 0}, {0, 2, 9100, 0, 0}, {0, 3, 9900, 0, 0},
		{0, 4, 5000, 0, 0}, {0, 5, 9201, 0, 0}};
	struct judging_result r;
	struct err err = {0};
	assert_ok(judging_result(&A, &five, s, 5, NULL, 0, &r, 1, &err), &err);
	assert_true(r.rank == 1 && r.kept == 3 && r.kept_sum == 27301 && r.score == 9100 && s[2].dropped &&
		    s[3].dropped);
	assert_true(!s[0].dropped && r.best_kept == 9201 && r.counted == 5);
}

static void a_judge_of_the_entrants_school_does_not_count(void **state)
{
	(void)state;
	struct judging_sheet s[] = {{0, 1, 9000, 0, 0}, {0, 2, 8000, 0, 0}, {0, 3, 10000, 0, 0},
		{0, 4, 7000, 0, 0}, {1, 3, 10000, 0, 0}};
	struct judging_recusal back = {0, 3};
	struct judging_result r[2];
	struct err err = {0};
	assert_ok(judging_result(&A, &five, s, 5, &back, 1, r, 2, &err), &err);
	assert_true(s[2].recused && !s[4].recused && r[0].counted == 3 && r[0].score == 8000);
	assert_true(r[1].rank == JUDGING_NO_RANK && r[1].kept == 0); /* one sheet is too few */
}

static void ties_are_broken_as_declared_or_shared(void **state)
{
	(void)state;
	/* kept mean 80 each; entry 1 has the better mean of all; entries 2 and 3 are equal in everything */
	static const int32_t scores[4][4] = {{7000, 8000, 8000, 9000}, {7500, 8000, 8000, 9000},
		{7000, 7900, 8100, 9000}, {7000, 7900, 8100, 9000}};
	struct judging_sheet s[16];
	struct judging_result r[5];
	struct err err = {0};
	for (uint32_t i = 0; i < 16; i++)
		s[i] = (struct judging_sheet){i / 4, i % 4, scores[i / 4][i % 4], false, false};
	assert_ok(judging_result(&A, &five, s, 16, NULL, 0, r, 5, &err), &err);
	assert_true(r[1].rank == 1 && r[2].rank == 2 && r[3].rank == 2 && r[0].rank == 4);
	assert_int_equal(r[4].rank, JUDGING_NO_RANK);
}

static void bad_sheets_are_refused(void **state)
{
	(void)state;
	struct judging_result r[2];
	struct judging_sheet twice[] = {{0, 1, 5, 0, 0}, {0, 1, 6, 0, 0}}, high[] = {{0, 1, 10001, 0, 0}},
			     low[] = {{0, 1, -1, 0, 0}}, nobody[] = {{2, 1, 5, 0, 0}};
	assert_int_equal(judging_result(&A, &five, twice, 2, NULL, 0, r, 2, NULL), RC_INVALID);
	assert_int_equal(judging_result(&A, &five, high, 1, NULL, 0, r, 2, NULL), RC_INVALID);
	assert_int_equal(judging_result(&A, &five, low, 1, NULL, 0, r, 2, NULL), RC_INVALID);
	assert_int_equal(judging_result(&A, &five, nobody, 1, NULL, 0, r, 2, NULL), RC_INVALID);
	struct judging_rule bad[] = {{0, 100, 2, 1, 3}, {5, 4, 0, 0, 1}, {-1, 4, 0, 0, 1},
		{0, 2000000, 0, 0, 1}, {0, 100, UINT32_MAX, 1, 3}, {0, 100, 0, UINT32_MAX, 3}};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(judging_result(&A, &bad[i], NULL, 0, NULL, 0, r, 2, NULL), RC_INVALID);
}

/* Sorting by hand and comparing fractions as they stand; sheets in any order. */
static void random_contests_agree_with_a_plain_count(void **state)
{
	(void)state;
	struct rng rng;
	rng_init(&rng, 6);
	for (int k = 0; k < 3000; k++) {
		struct judging_sheet s[60];
		struct judging_result r[6], again[6];
		struct judging_rule rule = {
			0, 100, (uint32_t)rng_below(&rng, 2), (uint32_t)rng_below(&rng, 2), 3};
		size_t n = 0;
		arena_reset(&A);
		for (uint32_t e = 0; e < 6; e++)
			for (uint32_t j = 0; j < 8; j++)
				if (rng_below(&rng, 3))
					s[n++] = (struct judging_sheet){
						e, j, (int32_t)rng_below(&rng, 5), false, false};
		for (size_t i = n; i > 1; i--) {
			size_t x = rng_below(&rng, i);
			struct judging_sheet y = s[x];
			s[x] = s[i - 1];
			s[i - 1] = y;
		}
		assert_int_equal(judging_result(&A, &rule, s, n, NULL, 0, r, 6, NULL), RC_OK);
		for (uint32_t e = 0; e < 6; e++) {
			int64_t sum = 0, count = 0;
			int32_t high = -1, low = 999;
			for (size_t i = 0; i < n; i++)
				if (s[i].entry == e) {
					sum += s[i].score;
					count++;
					high = s[i].score > high ? s[i].score : high;
					low = s[i].score < low ? s[i].score : low;
				}
			if (count < 3) {
				assert_int_equal(r[e].rank, JUDGING_NO_RANK);
				continue;
			}
			assert_int_equal(
				r[e].kept_sum, sum - (rule.drop_high ? high : 0) - (rule.drop_low ? low : 0));
			assert_int_equal(r[e].kept, count - rule.drop_high - rule.drop_low);
			uint32_t better = 0;
			for (uint32_t f = 0; f < 6; f++)
				better += r[f].rank != JUDGING_NO_RANK &&
					  r[f].kept_sum * r[e].kept > r[e].kept_sum * r[f].kept;
			assert_true(r[e].rank > better);
		}
		for (size_t i = 0; i < n / 2; i++) {
			struct judging_sheet y = s[i];
			s[i] = s[n - 1 - i];
			s[n - 1 - i] = y;
		}
		assert_int_equal(judging_result(&A, &rule, s, n, NULL, 0, again, 6, NULL), RC_OK);
		for (uint32_t e = 0; e < 6; e++)
			assert_true(r[e].rank == again[e].rank && r[e].score == again[e].score);
	}
}

static void credentials_are_read_as_people_type_them(void **state)
{
	(void)state;
	struct rng r;
	rng_init(&r, 7);
	for (int k = 0; k < 5000; k++) {
		unsigned char random[15], back[15];
		char code[BALLOT_CODE_CHARS + 1], typed[40];
		for (size_t i = 0; i < 15; i++)
			random[i] = (unsigned char)rng_next(&r);
		ballot_code(random, code);
		assert_int_equal(strlen(code), 26);
		size_t n = 0;
		for (size_t i = 0; i < 26; i++) {
			if (i % 5 == 0 && i > 0)
				typed[n++] = i % 2 ? '-' : ' ';
			char c = code[i] == '0' ? 'o' : code[i] == '1' ? 'L' : code[i];
			typed[n++] = (char)(c >= 'A' && c <= 'Z' && k % 2 ? c + 32 : c);
		}
		assert_true(ballot_code_read((str){typed, n}, back));
		assert_memory_equal(back, random, 15);
		size_t at = rng_below(&r, 26);
		char was = code[at];
		code[at] = was == 'Z' ? 'Y' : 'Z';
		assert_false(ballot_code_read((str){code, 26}, back) &&
			     k < 900); /* one in 1024 passes the check */
		code[at] = was;
		assert_false(ballot_code_read((str){code, 25}, back));
	}
	unsigned char back[15];
	assert_false(ballot_code_read(STR("UUUUUUUUUUUUUUUUUUUUUUUUUU"), back));
	assert_false(ballot_code_read(STR("000000000000000000000000000"), back));
	assert_true(ballot_id_ok(STR("a-Z_9.")));
	static const char long_id[65] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	assert_false(ballot_id_ok((str){long_id, 65}));
	assert_true(ballot_id_ok((str){long_id, 64}));
	struct sign_key key = {{0}};
	str text = ballot_text(&A, STR("c"), &key, STR("x"), -12);
	assert_true(str_ends(text, STR("|x|-12")));
	assert_false(ballot_code_read(STR("0000{0000000000000000000000"), back));
	assert_false(ballot_code_read((str){"\0", 1}, back));
	assert_false(ballot_id_ok(STR("")) || ballot_id_ok(STR("a|b")) || ballot_id_ok(STR("中")));
}

static void one_credential_has_another_key_in_another_contest(void **state)
{
	(void)state;
	unsigned char random[15] = {1, 2, 3};
	struct sign_secret a, b, c;
	unsigned char sig[SIGN_BYTES];
	ballot_secret_of(random, STR("one"), &a);
	ballot_secret_of(random, STR("one"), &b);
	ballot_secret_of(random, STR("two"), &c);
	assert_memory_equal(a.key.b, b.key.b, 32);
	assert_memory_not_equal(a.key.b, c.key.b, 32);
	sign_text(&a, STR("text"), sig);
	assert_true(sign_check(&a.key, STR("text"), sig));
	assert_false(sign_check(&c.key, STR("text"), sig));
	assert_false(sign_check(&a.key, STR("texu"), sig));
	for (int bit = 0; bit < 512; bit++) {
		sig[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_false(sign_check(&a.key, STR("text"), sig));
		sig[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(highest_and_lowest_are_dropped),
		cmocka_unit_test(a_judge_of_the_entrants_school_does_not_count),
		cmocka_unit_test(ties_are_broken_as_declared_or_shared),
		cmocka_unit_test(bad_sheets_are_refused),
		cmocka_unit_test(random_contests_agree_with_a_plain_count),
		cmocka_unit_test(credentials_are_read_as_people_type_them),
		cmocka_unit_test(one_credential_has_another_key_in_another_contest),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_done(&A);
	return failed;
}
