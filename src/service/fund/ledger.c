/* ledger.c -- see ledger.h. */
#include "service/fund/ledger.h"
#include "base/date.h"
#include <assert.h>

struct posted {
	struct ledger_voucher v;
	uint32_t reversed_by;
};

struct ledger {
	struct arena *a;
	const struct ledger_account *accounts;
	const struct ledger_budget *budgets;
	size_t accounts_n, budgets_n;
	int64_t *balance, *spent;
	int64_t total; /* kept beside the balances, from the same lines */
	struct posted *posted;
	size_t n, cap;
	int32_t closed_to; /* last closed month; INT32_MIN: none yet */
};

enum rc ledger_make(struct arena *a, const struct ledger_account *accounts, size_t accounts_n,
	const struct ledger_budget *budgets, size_t budgets_n, struct ledger **out, struct err *err)
{
	for (size_t i = 0; i < accounts_n; i++)
		for (size_t k = 0; k < i; k++)
			if (str_eq(accounts[i].code, accounts[k].code))
				return FAIL(err, RC_INVALID, "account “%.*s” stands there twice",
					STR_ARG(accounts[i].code));
	for (size_t i = 0; i < budgets_n; i++) {
		if (budgets[i].limit_fen < 0)
			return FAIL(err, RC_INVALID, "budget line “%.*s” has a negative limit",
				STR_ARG(budgets[i].code));
		for (size_t k = 0; k < i; k++)
			if (str_eq(budgets[i].code, budgets[k].code))
				return FAIL(err, RC_INVALID, "budget line “%.*s” stands there twice",
					STR_ARG(budgets[i].code));
	}
	struct ledger *l = NEW(a, struct ledger);
	*l = (struct ledger){.a = a,
		.accounts = accounts,
		.accounts_n = accounts_n,
		.budgets = budgets,
		.budgets_n = budgets_n,
		.balance = NEWS(a, accounts_n, int64_t),
		.spent = NEWS(a, budgets_n, int64_t),
		.closed_to = INT32_MIN};
	*out = l;
	return RC_OK;
}

static enum rc check_people(int64_t maker, int64_t approver, struct err *err)
{
	if (maker == approver)
		return FAIL(
			err, RC_DENIED, "who makes a voucher cannot approve it: a second person is needed");
	return RC_OK;
}

static enum rc check_month(const struct ledger *l, int32_t day, struct err *err)
{
	if (day == DATE_NONE || date_ymd(day).year < 1900 || date_ymd(day).year > 2200)
		return FAIL(err, RC_INVALID, "the voucher has no date");
	int32_t month = date_month(day);
	if (month <= l->closed_to)
		return FAIL(err, RC_CONFLICT, "%d-%02d is closed: post into an open month", (int)(month / 12),
			(int)(month % 12 + 1));
	return RC_OK;
}

static enum rc check_line(const struct ledger *l, const struct ledger_voucher *v, size_t i, struct err *err)
{
	const struct ledger_line *line = &v->lines[i];
	if (line->account >= l->accounts_n)
		return FAIL(err, RC_INVALID, "line %zu: no such account", i + 1);
	const struct ledger_account *account = &l->accounts[line->account];
	if (line->amount_fen == 0 || line->amount_fen > LEDGER_AMOUNT_MAX ||
		line->amount_fen < -LEDGER_AMOUNT_MAX)
		return FAIL(err, RC_INVALID, "line %zu: an amount of zero, or too large", i + 1);
	if (v->reverses != LEDGER_NONE)
		return RC_OK; /* its original was checked */
	if (account->closed)
		return FAIL(
			err, RC_INVALID, "line %zu: account “%.*s” is closed", i + 1, STR_ARG(account->code));
	if ((account->kind == LEDGER_EXPENSE) != (line->budget != LEDGER_NONE))
		return FAIL(
			err, RC_INVALID, "line %zu: expense lines, and only they, name a budget line", i + 1);
	if (line->budget != LEDGER_NONE && line->budget >= l->budgets_n)
		return FAIL(err, RC_INVALID, "line %zu: no such budget line", i + 1);
	return RC_OK;
}

/* What the whole voucher adds to the budget line of line i; 0 for all but the first line that names it. */
static int64_t spends(const struct ledger_voucher *v, size_t i)
{
	int64_t sum = 0;
	if (v->lines[i].budget == LEDGER_NONE)
		return 0;
	for (size_t k = 0; k < v->lines_n; k++) {
		if (v->lines[k].budget != v->lines[i].budget)
			continue;
		if (k < i)
			return 0;
		sum += v->lines[k].amount_fen;
	}
	return sum;
}

static enum rc check_voucher(const struct ledger *l, const struct ledger_voucher *v, struct err *err)
{
	int64_t sum = 0;
	TRY(check_people(v->maker, v->approver, err));
	TRY(check_month(l, v->day, err));
	if (v->lines_n < 2 || v->lines_n > LEDGER_LINES_MAX)
		return FAIL(err, RC_INVALID, "a voucher has 2 to %d lines", LEDGER_LINES_MAX);
	if (l->n >= LEDGER_VOUCHERS_MAX)
		return FAIL(err, RC_LIMIT, "too many vouchers");
	for (size_t i = 0; i < v->lines_n; i++) {
		TRY(check_line(l, v, i, err));
		sum += v->lines[i].amount_fen;
	}
	if (sum != 0)
		return FAIL(err, RC_INVALID, "debit and credit differ by %lld fen", (long long)sum);
	for (size_t i = 0; i < v->lines_n; i++) {
		const struct ledger_line *line = &v->lines[i];
		if (line->budget == LEDGER_NONE)
			continue;
		const struct ledger_budget *budget = &l->budgets[line->budget];
		int64_t more = spends(v, i);
		if (more > 0 && l->spent[line->budget] + more > budget->limit_fen)
			return FAIL(err, RC_CONFLICT,
				"budget line “%.*s” has %lld fen left, %lld are to be spent",
				STR_ARG(budget->code),
				(long long)(budget->limit_fen - l->spent[line->budget]), (long long)more);
	}
	return RC_OK;
}

static uint32_t take(struct ledger *l, const struct ledger_voucher *v)
{
	for (size_t i = 0; i < v->lines_n; i++) {
		const struct ledger_line *line = &v->lines[i];
		l->balance[line->account] += line->amount_fen;
		l->total += line->amount_fen;
		if (line->budget != LEDGER_NONE)
			l->spent[line->budget] += line->amount_fen;
	}
	assert(l->total == 0);
	l->posted = arena_grow(l->a, l->posted, l->n, &l->cap, sizeof *l->posted);
	l->posted[l->n] = (struct posted){*v, LEDGER_NONE};
	return (uint32_t)l->n++;
}

enum rc ledger_post(struct ledger *l, const struct ledger_voucher *v, uint32_t *out_number, struct err *err)
{
	if (v->reverses != LEDGER_NONE)
		return FAIL(err, RC_INVALID, "a reversal is made from its original, not by hand");
	TRY(check_voucher(l, v, err));
	*out_number = take(l, v);
	return RC_OK;
}

enum rc ledger_reverse(struct ledger *l, uint32_t number, int32_t day, int64_t maker, int64_t approver,
	uint32_t *out_number, struct err *err)
{
	if (number >= l->n)
		return FAIL(err, RC_NOT_FOUND, "there is no voucher %u", number + 1);
	const struct posted *original = &l->posted[number];
	if (original->reversed_by != LEDGER_NONE)
		return FAIL(err, RC_CONFLICT, "voucher %u was reversed already, by voucher %u", number + 1,
			original->reversed_by + 1);
	if (original->v.reverses != LEDGER_NONE)
		return FAIL(
			err, RC_CONFLICT, "voucher %u is a reversal itself: post afresh instead", number + 1);
	if (day < original->v.day)
		return FAIL(err, RC_INVALID, "a reversal cannot lie before its original");
	struct ledger_line *lines = NEWS(l->a, original->v.lines_n, struct ledger_line);
	for (size_t i = 0; i < original->v.lines_n; i++) {
		lines[i] = original->v.lines[i];
		lines[i].amount_fen = -lines[i].amount_fen;
	}
	struct ledger_voucher v = {maker, approver, day, number, lines, original->v.lines_n};
	TRY(check_voucher(l, &v, err));
	*out_number = take(l, &v);
	l->posted[number].reversed_by = *out_number;
	return RC_OK;
}

enum rc ledger_close(struct ledger *l, int32_t month, int64_t clerk, int64_t approver, struct err *err)
{
	TRY(check_people(clerk, approver, err));
	if (l->closed_to == INT32_MIN && month > INT32_MIN) {
		l->closed_to = month;
		return RC_OK;
	}
	if (month <= l->closed_to)
		return FAIL(err, RC_CONFLICT, "the month is closed already");
	if (month != l->closed_to + 1)
		return FAIL(err, RC_CONFLICT, "months close in order; %d-%02d comes first",
			(int)((l->closed_to + 1) / 12), (int)((l->closed_to + 1) % 12 + 1));
	l->closed_to = month;
	return RC_OK;
}

int64_t ledger_balance_fen(const struct ledger *l, uint32_t account)
{
	assert(account < l->accounts_n);
	return l->balance[account];
}

int64_t ledger_spent_fen(const struct ledger *l, uint32_t budget)
{
	assert(budget < l->budgets_n);
	return l->spent[budget];
}

int64_t ledger_total_fen(const struct ledger *l)
{
	int64_t sum = 0;
	for (size_t i = 0; i < l->accounts_n; i++)
		sum += l->balance[i];
	return sum;
}

void ledger_trial_balance(const struct ledger *l, int32_t from, int32_t to, struct ledger_balance *out)
{
	for (size_t i = 0; i < l->accounts_n; i++)
		out[i] = (struct ledger_balance){0};
	for (size_t k = 0; k < l->n; k++) {
		const struct ledger_voucher *v = &l->posted[k].v;
		int32_t month = date_month(v->day);
		for (size_t i = 0; i < v->lines_n && month <= to; i++) {
			struct ledger_balance *b = &out[v->lines[i].account];
			int64_t amount = v->lines[i].amount_fen;
			b->closing_fen += amount;
			if (month < from)
				b->opening_fen += amount;
			else if (amount > 0)
				b->debit_fen += amount;
			else
				b->credit_fen -= amount;
		}
	}
}

static bool voucher_sound(const struct ledger *l, size_t k)
{
	const struct posted *p = &l->posted[k];
	int64_t sum = 0;
	for (size_t i = 0; i < p->v.lines_n; i++)
		sum += p->v.lines[i].amount_fen;
	bool back = p->reversed_by == LEDGER_NONE || l->posted[p->reversed_by].v.reverses == k;
	return sum == 0 && p->v.lines_n >= 2 && p->v.maker != p->v.approver && back;
}

bool ledger_sound(const struct ledger *l)
{
	struct arena work = {0};
	int64_t *balance = NEWS(&work, l->accounts_n, int64_t), *spent = NEWS(&work, l->budgets_n, int64_t);
	bool sound = ledger_total_fen(l) == 0 && l->total == 0;
	for (size_t k = 0; k < l->n; k++) {
		const struct ledger_voucher *v = &l->posted[k].v;
		sound = sound && voucher_sound(l, k);
		for (size_t i = 0; i < v->lines_n; i++) {
			balance[v->lines[i].account] += v->lines[i].amount_fen;
			if (v->lines[i].budget != LEDGER_NONE)
				spent[v->lines[i].budget] += v->lines[i].amount_fen;
		}
	}
	for (size_t i = 0; i < l->accounts_n; i++)
		sound = sound && balance[i] == l->balance[i];
	for (size_t i = 0; i < l->budgets_n; i++)
		sound = sound && spent[i] == l->spent[i] && spent[i] <= l->budgets[i].limit_fen;
	arena_done(&work);
	return sound;
}
