/* ledger.h -- the books of a special fund: double entry in fen, whole numbers only. Pure: the caller keeps vouchers as
 * rows and lays them before the ledger in the order of posting; the ledger says yes or no and knows every balance.
 *
 * Invariants (ledger_sound() checks all; asserted after every posting):
 *   1. the balances of all accounts add up to 0;          2. every posted voucher adds up to 0, has two lines or more;
 *   3. maker and approver differ;                         4. nothing is posted into a closed month, months close in order;
 *   5. a posted voucher never changes: it is reversed, once, by its exact opposite in an open month;
 *   6. a budget line never spends more than its limit, and a reversal gives back what was spent.
 * Amounts: debit > 0, credit < 0. Expense lines name a budget line. A month is closed by one and confirmed by another.
 * Refusals: RC_DENIED the same person twice; RC_CONFLICT closed month, reversed already, over budget; RC_INVALID the rest.
 * Limits: amounts up to LEDGER_AMOUNT_MAX fen a line, LEDGER_LINES_MAX lines a voucher, so that no sum overflows. */
#pragma once
#include "base/arena.h"
#include "base/err.h"

enum { LEDGER_LINES_MAX = 1000, LEDGER_VOUCHERS_MAX = 10000000 };
#define LEDGER_AMOUNT_MAX INT64_C(100000000000) /* a thousand million yuan */
#define LEDGER_NONE UINT32_MAX

enum ledger_kind { LEDGER_ASSET, LEDGER_LIABILITY, LEDGER_NET, LEDGER_INCOME, LEDGER_EXPENSE };

struct ledger_account {
	str code;
	enum ledger_kind kind;
	bool closed; /* takes no new lines */
};

struct ledger_budget {
	str code;
	int64_t limit_fen;
};

struct ledger_line {
	uint32_t account;
	uint32_t budget; /* LEDGER_NONE but on expense lines */
	int64_t amount_fen;
	str reference; /* bank reference, receipt number; may be empty */
};

struct ledger_voucher {
	int64_t maker, approver; /* persons */
	int32_t day;             /* date.h */
	uint32_t reverses;       /* the voucher's number, or LEDGER_NONE */
	const struct ledger_line *lines;
	size_t lines_n;
};

struct ledger_balance {                                          /* of one account over one month or more */
	int64_t opening_fen, debit_fen, credit_fen, closing_fen; /* credit as a positive number */
};

struct ledger; /* lives in the arena it was made in */

/* The arrays must outlive the ledger, and the lines of posted vouchers too. RC_INVALID: a code twice, a negative limit. */
MUST_USE enum rc ledger_make(struct arena *a, const struct ledger_account *accounts, size_t accounts_n,
	const struct ledger_budget *budgets, size_t budgets_n, struct ledger **out, struct err *err);
/* *out_number: 0, 1, 2 ... in order of posting. */
MUST_USE enum rc ledger_post(
	struct ledger *l, const struct ledger_voucher *v, uint32_t *out_number, struct err *err);
/* Posts the opposite of a voucher. */
MUST_USE enum rc ledger_reverse(struct ledger *l, uint32_t number, int32_t day, int64_t maker,
	int64_t approver, uint32_t *out_number, struct err *err);
/* month: date_month(). The first close may be of any month; later ones follow without a gap. */
MUST_USE enum rc ledger_close(
	struct ledger *l, int32_t month, int64_t clerk, int64_t approver, struct err *err);

int64_t ledger_balance_fen(const struct ledger *l, uint32_t account);
int64_t ledger_spent_fen(const struct ledger *l, uint32_t budget);
int64_t ledger_total_fen(const struct ledger *l); /* of all accounts; always 0 */
/* From the first day of month `from` to the last of `to`; out[accounts_n]. Adds the vouchers up afresh. */
void ledger_trial_balance(const struct ledger *l, int32_t from, int32_t to, struct ledger_balance *out);
bool ledger_sound(const struct ledger *l);
