/* The books: ten thousand random postings, two persons, closed months, reversals, budgets; bank lines. */
#include "base/date.h"
#include "base/rand.h"
#include "service/fund/bank.h"
#include "service/fund/ledger.h"
#include "tests.h"

static struct arena A;

static const struct ledger_account accounts[] = {{.code = {"1002", 4}, .kind = LEDGER_ASSET},
	{.code = {"2001", 4}, .kind = LEDGER_LIABILITY}, {.code = {"3001", 4}, .kind = LEDGER_NET},
	{.code = {"4001", 4}, .kind = LEDGER_INCOME}, {.code = {"5001", 4}, .kind = LEDGER_EXPENSE},
	{.code = {"1009", 4}, .kind = LEDGER_ASSET, .closed = true}};
static const struct ledger_budget budgets[] = {{{"B1", 2}, 1000000}, {{"B2", 2}, 5000}};

static struct ledger *books(void)
{
	struct ledger *l;
	struct err err = {0};
	arena_reset(&A);
	assert_ok(ledger_make(&A, accounts, 6, budgets, 2, &l, &err), &err);
	return l;
}

static struct ledger_voucher voucher(int32_t day, int64_t maker, int64_t approver, uint32_t debit,
	uint32_t budget, uint32_t credit, int64_t amount)
{
	struct ledger_line *lines = NEWS(&A, 2, struct ledger_line);
	lines[0] = (struct ledger_line){debit, budget, amount, {NULL, 0}};
	lines[1] = (struct ledger_line){credit, LEDGER_NONE, -amount, {NULL, 0}};
	return (struct ledger_voucher){maker, approver, day, LEDGER_NONE, lines, 2};
}

static enum rc post(struct ledger *l, struct ledger_voucher v)
{
	uint32_t number;
	return ledger_post(l, &v, &number, NULL);
}

static void ten_thousand_random_postings_keep_the_sum_zero_at_every_step(void **state)
{
	(void)state;
	struct ledger *l = books();
	struct rng r;
	int64_t own[6] = {0}, posted = 0, refused = 0, reversed = 0;
	int32_t closed = date_month(date_of(2024, 12, 1));
	rng_init(&r, 1);
	assert_ok(ledger_close(l, closed, 1, 2, NULL), &(struct err){0});
	for (int k = 0; k < 10000; k++) {
		size_t n = 2 + rng_below(&r, 4);
		struct ledger_line *lines = NEWS(&A, n, struct ledger_line);
		int64_t sum = 0;
		for (size_t i = 0; i < n; i++) {
			uint32_t account = (uint32_t)rng_below(&r, 5);
			int64_t amount = (int64_t)rng_below(&r, 400) - 200;
			if (i + 1 == n)
				amount = -sum;
			sum += amount;
			lines[i] = (struct ledger_line){account,
				account == 4 ? (uint32_t)rng_below(&r, 2) : LEDGER_NONE, amount, {NULL, 0}};
		}
		int32_t day = date_of(2024, 11, 1) + (int32_t)rng_below(&r, 500);
		struct ledger_voucher v = {
			(int64_t)rng_below(&r, 4), (int64_t)rng_below(&r, 4), day, LEDGER_NONE, lines, n};
		uint32_t number;
		if (rng_below(&r, 5) == 0 && posted > 0) {
			if (ledger_reverse(l, (uint32_t)rng_below(&r, (uint64_t)posted), day, v.maker,
				    v.approver, &number, NULL) == RC_OK) {
				posted++;
				reversed++;
			}
		} else if (ledger_post(l, &v, &number, NULL) == RC_OK) {
			assert_int_equal(number, posted++);
			assert_true(v.maker != v.approver && date_month(day) > closed);
			for (size_t i = 0; i < n; i++)
				own[lines[i].account] += lines[i].amount_fen;
		} else {
			refused++;
		}
		if (rng_below(&r, 2000) == 0)
			assert_ok(ledger_close(l, ++closed, 1, 2, NULL), &(struct err){0});
		assert_int_equal(ledger_total_fen(l), 0);
		if (k % 500 == 0)
			assert_true(ledger_sound(l));
	}
	assert_true(ledger_sound(l));
	assert_true(posted > 3000 && refused > 1000 && reversed > 300);
	struct ledger_balance all[6];
	int64_t debit = 0, credit = 0;
	ledger_trial_balance(l, 0, INT32_MAX, all);
	for (uint32_t i = 0; i < 6; i++) {
		assert_int_equal(all[i].closing_fen, ledger_balance_fen(l, i));
		assert_int_equal(
			all[i].opening_fen + all[i].debit_fen - all[i].credit_fen, all[i].closing_fen);
		debit += all[i].debit_fen;
		credit += all[i].credit_fen;
	}
	assert_int_equal(debit, credit);
}

static void one_person_cannot_make_and_approve(void **state)
{
	(void)state;
	struct ledger *l = books();
	int32_t day = date_of(2025, 3, 1);
	uint32_t number;
	assert_int_equal(post(l, voucher(day, 7, 7, 0, LEDGER_NONE, 3, 100)), RC_DENIED);
	assert_int_equal(post(l, voucher(day, 7, 8, 0, LEDGER_NONE, 3, 100)), RC_OK);
	assert_int_equal(ledger_reverse(l, 0, day, 8, 8, &number, NULL), RC_DENIED);
	assert_int_equal(ledger_close(l, date_month(day), 7, 7, NULL), RC_DENIED);
}

static void nothing_goes_into_a_closed_month(void **state)
{
	(void)state;
	struct ledger *l = books();
	struct err err = {0};
	int32_t march = date_of(2025, 3, 31), april = date_of(2025, 4, 1);
	uint32_t number;
	assert_int_equal(post(l, voucher(march, 1, 2, 0, LEDGER_NONE, 3, 100)), RC_OK);
	assert_int_equal(ledger_close(l, date_month(march), 1, 2, NULL), RC_OK);
	assert_int_equal(ledger_close(l, date_month(march), 1, 2, NULL), RC_CONFLICT);
	assert_int_equal(ledger_close(l, date_month(april) + 1, 1, 2, NULL), RC_CONFLICT);
	struct ledger_voucher v = voucher(march, 1, 2, 0, LEDGER_NONE, 3, 100);
	assert_int_equal(ledger_post(l, &v, &number, &err), RC_CONFLICT);
	assert_int_equal(ledger_reverse(l, 0, march, 1, 2, &number, NULL), RC_CONFLICT);
	assert_int_equal(ledger_reverse(l, 0, april, 1, 2, &number, NULL), RC_OK);
	assert_int_equal(ledger_balance_fen(l, 0), 0);
	struct ledger_balance b[6];
	ledger_trial_balance(l, date_month(april), date_month(april), b);
	assert_true(b[0].opening_fen == 100 && b[0].credit_fen == 100 && b[0].debit_fen == 0 &&
		    b[0].closing_fen == 0);
	assert_int_equal(post(l, voucher(DATE_NONE, 1, 2, 0, LEDGER_NONE, 3, 100)), RC_INVALID);
}

static void a_voucher_is_reversed_once_and_a_reversal_never(void **state)
{
	(void)state;
	struct ledger *l = books();
	int32_t day = date_of(2025, 3, 1);
	uint32_t number;
	assert_int_equal(post(l, voucher(day, 1, 2, 4, 0, 0, 900)), RC_OK);
	assert_int_equal(ledger_spent_fen(l, 0), 900);
	assert_int_equal(ledger_reverse(l, 9, day, 1, 2, &number, NULL), RC_NOT_FOUND);
	assert_int_equal(ledger_reverse(l, 0, day - 1, 1, 2, &number, NULL), RC_INVALID);
	assert_int_equal(ledger_reverse(l, 0, day, 1, 2, &number, NULL), RC_OK);
	assert_int_equal(ledger_spent_fen(l, 0), 0);
	assert_int_equal(ledger_reverse(l, 0, day, 1, 2, &number, NULL), RC_CONFLICT);
	assert_int_equal(ledger_reverse(l, 1, day, 1, 2, &number, NULL), RC_CONFLICT);
	struct ledger_voucher v = voucher(day, 1, 2, 0, LEDGER_NONE, 3, 5);
	v.reverses = 0;
	assert_int_equal(ledger_post(l, &v, &number, NULL), RC_INVALID);
	assert_true(ledger_sound(l));
}

static void a_budget_line_is_never_overspent(void **state)
{
	(void)state;
	struct ledger *l = books();
	int32_t day = date_of(2025, 3, 1);
	uint32_t number;
	assert_int_equal(post(l, voucher(day, 1, 2, 4, 1, 0, 5001)), RC_CONFLICT);
	assert_int_equal(post(l, voucher(day, 1, 2, 4, 1, 0, 3000)), RC_OK);
	assert_int_equal(post(l, voucher(day, 1, 2, 4, 1, 0, 2001)), RC_CONFLICT);
	struct ledger_line lines[] = {
		{4, 1, 1500, {NULL, 0}}, {4, 1, 1500, {NULL, 0}}, {0, LEDGER_NONE, -3000, {NULL, 0}}};
	struct ledger_voucher two = {1, 2, day, LEDGER_NONE, lines, 3};
	assert_int_equal(ledger_post(l, &two, &number, NULL), RC_CONFLICT); /* together 3000, 2000 are left */
	lines[1].amount_fen = 500, lines[2].amount_fen = -2000;
	assert_int_equal(ledger_post(l, &two, &number, NULL), RC_OK);
	assert_int_equal(ledger_spent_fen(l, 1), 5000);
	assert_true(ledger_sound(l));
}

static void bad_vouchers_are_refused(void **state)
{
	(void)state;
	struct ledger *l = books();
	int32_t day = date_of(2025, 3, 1);
	struct ledger_voucher v = voucher(day, 1, 2, 0, LEDGER_NONE, 3, 5), one = v;
	one.lines_n = 1;
	assert_int_equal(post(l, one), RC_INVALID);
	one.lines_n = LEDGER_LINES_MAX + 1;
	assert_int_equal(post(l, one), RC_INVALID);
	assert_int_equal(post(l, voucher(day, 1, 2, 9, LEDGER_NONE, 3, 5)), RC_INVALID);
	assert_int_equal(post(l, voucher(day, 1, 2, 5, LEDGER_NONE, 3, 5)), RC_INVALID);
	assert_int_equal(post(l, voucher(day, 1, 2, 0, LEDGER_NONE, 3, 0)), RC_INVALID);
	assert_int_equal(post(l, voucher(day, 1, 2, 0, LEDGER_NONE, 3, LEDGER_AMOUNT_MAX + 1)), RC_INVALID);
	assert_int_equal(post(l, voucher(day, 1, 2, 3, LEDGER_NONE, 0, -LEDGER_AMOUNT_MAX - 1)), RC_INVALID);
	assert_int_equal(post(l, voucher(day, 1, 2, 4, LEDGER_NONE, 0, 5)), RC_INVALID);
	assert_int_equal(post(l, voucher(day, 1, 2, 0, 0, 3, 5)), RC_INVALID);
	assert_int_equal(post(l, voucher(day, 1, 2, 4, 7, 3, 5)), RC_INVALID);
	struct ledger_line lines[] = {{0, LEDGER_NONE, 5, {NULL, 0}}, {3, LEDGER_NONE, -4, {NULL, 0}}};
	assert_int_equal(post(l, (struct ledger_voucher){1, 2, day, LEDGER_NONE, lines, 2}), RC_INVALID);
	assert_int_equal(ledger_total_fen(l), 0);
	struct ledger_account twice[] = {accounts[0], accounts[0]};
	struct ledger_budget bad[] = {budgets[0], budgets[0]}, negative[] = {{{"X", 1}, -1}};
	assert_int_equal(ledger_make(&A, twice, 2, NULL, 0, &l, NULL), RC_INVALID);
	assert_int_equal(ledger_make(&A, accounts, 1, bad, 2, &l, NULL), RC_INVALID);
	assert_int_equal(ledger_make(&A, accounts, 1, negative, 1, &l, NULL), RC_INVALID);
}

static void books_that_were_tampered_with_are_not_sound(void **state)
{
	(void)state;
	for (int k = 0; k < 6; k++) {
		struct ledger *l = books();
		struct ledger_line lines[] = {{4, 0, 500, {NULL, 0}}, {0, LEDGER_NONE, -500, {NULL, 0}},
			{1, LEDGER_NONE, 7, {NULL, 0}}, {0, LEDGER_NONE, -7, {NULL, 0}}};
		struct ledger_voucher v = {1, 2, date_of(2025, 3, 1), LEDGER_NONE, lines, 4};
		assert_int_equal(post(l, v), RC_OK);
		assert_true(ledger_sound(l));
		switch (k) {
		case 0:
			lines[2].amount_fen = 8;
			break;
		case 1:
			lines[2].account = 2;
			break;
		case 2:
			lines[0].budget = 1;
			break;
		case 3:
			lines[0].amount_fen = 400, lines[1].amount_fen = -400;
			break;
		case 4:
			lines[0].budget = LEDGER_NONE;
			break;
		default:
			lines[3].account = 3;
			break;
		}
		assert_false(ledger_sound(l));
	}
	struct ledger *l = books();
	struct ledger_balance b[6];
	assert_int_equal(post(l, voucher(date_of(2025, 3, 1), 1, 2, 0, LEDGER_NONE, 3, 9)), RC_OK);
	ledger_trial_balance(l, date_month(date_of(2025, 1, 1)), date_month(date_of(2025, 2, 1)), b);
	assert_int_equal(b[0].closing_fen, 0); /* later than asked for */
	assert_int_equal(post(l, voucher(date_of(2200, 12, 31) + 1, 1, 2, 0, LEDGER_NONE, 3, 9)), RC_INVALID);
	assert_int_equal(post(l, voucher(date_of(1900, 1, 1) - 1, 1, 2, 0, LEDGER_NONE, 3, 9)), RC_INVALID);
}

static void no_floating_point_stands_in_the_fund(void **state)
{
	(void)state;
	static const char *const files[] = {"src/service/fund/ledger.c", "src/service/fund/ledger.h",
		"src/service/fund/bank.c", "src/service/fund/bank.h"};
	static char text[1 << 16];
	for (size_t i = 0; i < 4; i++) {
		FILE *f = fopen(files[i], "r");
		assert_non_null(f);
		text[fread(text, 1, sizeof text - 1, f)] = 0;
		fclose(f);
		assert_null(strstr(text, "float"));
		for (const char *at = text; (at = strstr(at, "double")) != NULL; at++)
			assert_int_equal(strncmp(at, "double entry", 12), 0);
	}
}

static void bank_lines_find_their_bookings(void **state)
{
	(void)state;
	struct bank_line bank[] = {{100, 5000, {"REF 1", 5}}, {101, 7000, {NULL, 0}}, {102, 9000, {NULL, 0}},
		{103, 9000, {NULL, 0}}, {104, 1, {"X", 1}}, {120, 300, {NULL, 0}}};
	struct bank_line book[] = {{90, 5000, {"ref-1", 5}}, {102, 7000, {"r", 1}}, {102, 9000, {NULL, 0}},
		{104, 2, {"X", 1}}, {100, 300, {NULL, 0}}, {99, 5000, {NULL, 0}}};
	struct bank_match x[6], y[6];
	size_t open = bank_match(&A, bank, 6, book, 6, 5, x, y);
	assert_true(x[0].how == BANK_BY_REFERENCE && x[0].other == 0 && y[0].other == 0);
	assert_true(x[1].how == BANK_BY_AMOUNT && x[1].other == 1);
	assert_true(x[2].how == BANK_OPEN && x[2].candidates == 1 &&
		    x[3].how == BANK_OPEN); /* two for one booking */
	assert_true(y[2].how == BANK_OPEN && y[2].candidates == 2 && y[2].other == BANK_NONE);
	assert_true(x[4].how == BANK_OPEN && x[4].candidates == 0);
	assert_true(x[5].how == BANK_OPEN); /* 20 days apart */
	assert_true(y[5].how == BANK_OPEN);
	assert_int_equal(open, 4 + 4);
}

static void matching_bank_lines_is_one_to_one_and_exact(void **state)
{
	(void)state;
	struct rng r;
	rng_init(&r, 4);
	for (int k = 0; k < 3000; k++) {
		struct bank_line bank[12], book[12];
		struct bank_match x[12], y[12];
		size_t n = rng_below(&r, 13), m = rng_below(&r, 13), open = 0;
		static const char *const refs[] = {"", "A", "b", "B ", "C-1", "c1"};
		arena_reset(&A);
		for (size_t i = 0; i < 12; i++) {
			bank[i] = (struct bank_line){(int32_t)rng_below(&r, 20),
				1 + (int64_t)rng_below(&r, 4), str_of(refs[rng_below(&r, 6)])};
			book[i] = (struct bank_line){(int32_t)rng_below(&r, 20),
				1 + (int64_t)rng_below(&r, 4), str_of(refs[rng_below(&r, 6)])};
		}
		size_t told = bank_match(&A, bank, n, book, m, 3, x, y);
		for (size_t i = 0; i < n; i++) {
			open += x[i].how == BANK_OPEN;
			if (x[i].how == BANK_OPEN)
				continue;
			assert_true(
				x[i].other < m && y[x[i].other].other == i && y[x[i].other].how == x[i].how);
			assert_int_equal(bank[i].amount_fen, book[x[i].other].amount_fen);
			int32_t apart = bank[i].day - book[x[i].other].day;
			assert_true(x[i].how == BANK_BY_REFERENCE || (apart <= 3 && apart >= -3));
		}
		for (size_t i = 0; i < m; i++)
			open += y[i].how == BANK_OPEN;
		assert_int_equal(open, told);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ten_thousand_random_postings_keep_the_sum_zero_at_every_step),
		cmocka_unit_test(one_person_cannot_make_and_approve),
		cmocka_unit_test(nothing_goes_into_a_closed_month),
		cmocka_unit_test(a_voucher_is_reversed_once_and_a_reversal_never),
		cmocka_unit_test(a_budget_line_is_never_overspent),
		cmocka_unit_test(bad_vouchers_are_refused),
		cmocka_unit_test(books_that_were_tampered_with_are_not_sound),
		cmocka_unit_test(no_floating_point_stands_in_the_fund),
		cmocka_unit_test(bank_lines_find_their_bookings),
		cmocka_unit_test(matching_bank_lines_is_one_to_one_and_exact),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_done(&A);
	return failed;
}
