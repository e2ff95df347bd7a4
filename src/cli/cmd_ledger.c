/* cmd_ledger.c -- qinghe ledger trial-balance | reconcile: the funds' registers laid before the pure ledger and the pure
 * matching (service/fund/). Only posted vouchers count; a reversed or void one is gone with its lines. A voucher that the
 * ledger refuses (unbalanced, one person twice, over the account's budget) is named, and its lines still stand in the sums,
 * so that a book that does not balance is seen as such. An expense account is its own budget line; without a budget it has
 * no limit. Bank accounts: assets whose code begins with 1002 (银行存款 in the accounting system for non-profits). A book
 * line's reference is its note. A bank line settled by hand (`matched`) stands when fund and amount agree. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/date.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "format/json.h"
#include "register/record.h"
#include "service/fund/bank.h"
#include "service/fund/ledger.h"
#include <string.h>

enum { MAX_DAYS = 7 };

struct rows {
	struct arena *a;
	const struct record **list;
	size_t n, cap;
	const struct record **by_id; /* [last + 1] */
	int64_t last;
};

struct books {
	struct rows fund, account, voucher, line, bank;
	int32_t on;
};

static bool take_row(void *user, const struct record *rec)
{
	struct rows *x = user;
	struct record *copy = NEW(x->a, struct record);
	*copy = *rec;
	copy->state = arena_str(x->a, rec->state);
	copy->values = NEWS(x->a, rec->reg->fields_n, struct value);
	for (size_t i = 0; i < rec->reg->fields_n; i++) {
		copy->values[i] = rec->values[i];
		if (rec->values[i].kind == V_TEXT)
			copy->values[i].t = arena_str(x->a, rec->values[i].t);
	}
	x->list = arena_grow(x->a, x->list, x->n, &x->cap, sizeof *x->list);
	x->list[x->n++] = copy;
	x->last = rec->id > x->last ? rec->id : x->last;
	return true;
}

static enum rc read_rows(struct cli_reader *c, struct arena *a, const char *reg, const char *state,
	struct rows *x, struct err *err)
{
	struct record_query q = {.state = str_of(state)};
	x->a = a;
	TRY(cli_register(c->city, reg, &q.reg, err));
	TRY(record_each(&c->r, &q, take_row, x, err));
	x->by_id = NEWS(a, (size_t)x->last + 1, const struct record *);
	for (size_t i = 0; i < x->n; i++)
		x->by_id[x->list[i]->id] = x->list[i];
	return RC_OK;
}

static const struct value *get(const struct record *r, const char *field)
{
	return &r->values[reg_field(r->reg, str_of(field))->at];
}

static int32_t day_of(const struct record *r, const char *field)
{
	int32_t day = DATE_NONE;
	const struct value *v = get(r, field);
	return v->kind == V_TEXT && date_parse(v->t, &day) ? day : DATE_NONE;
}

static const struct record *at(const struct rows *x, int64_t id)
{
	return id > 0 && id <= x->last ? x->by_id[id] : NULL;
}

/* The voucher of a line, when it is posted and not after the day asked. */
static const struct record *voucher_of(const struct books *b, const struct record *line)
{
	const struct record *v = at(&b->voucher, get(line, "voucher")->i);
	return v && day_of(v, "dated_on") <= b->on ? v : NULL;
}

static str yuan(struct arena *a, int64_t fen)
{
	uint64_t u = fen < 0 ? 0 - (uint64_t)fen : (uint64_t)fen;
	return arena_fmt(a, "%s%llu.%02llu", fen < 0 ? "-" : "", (unsigned long long)(u / 100),
		(unsigned long long)(u % 100));
}

/* ---- the trial balance of one fund ---- */

struct fund_books {
	const struct record *fund;
	struct ledger_account *accounts;
	struct ledger_budget *budgets;
	const struct record **records; /* of the accounts */
	size_t n;
	int64_t *debit, *credit, sum;
	str *found;
	size_t found_n;
};

static enum ledger_kind kind_of(str kind)
{
	return str_is(kind, "asset")    ? LEDGER_ASSET
	       : str_is(kind, "debt")   ? LEDGER_LIABILITY
	       : str_is(kind, "income") ? LEDGER_INCOME
	       : str_is(kind, "cost")   ? LEDGER_EXPENSE
					: LEDGER_NET;
}

static void read_accounts(const struct books *b, struct arena *a, struct fund_books *f)
{
	f->accounts = NEWS(a, b->account.n + 1, struct ledger_account);
	f->budgets = NEWS(a, b->account.n + 1, struct ledger_budget);
	f->records = NEWS(a, b->account.n + 1, const struct record *);
	f->debit = NEWS(a, b->account.n + 1, int64_t);
	f->credit = NEWS(a, b->account.n + 1, int64_t);
	for (size_t i = 0; i < b->account.n; i++) {
		const struct record *r = b->account.list[i];
		if (get(r, "fund")->i != f->fund->id)
			continue;
		const struct value *limit = get(r, "budget");
		f->records[f->n] = r;
		f->budgets[f->n] = (struct ledger_budget){
			get(r, "code")->t, limit->kind == V_INT ? limit->i : INT64_MAX / 2};
		f->accounts[f->n++] =
			(struct ledger_account){get(r, "code")->t, kind_of(get(r, "kind")->t), false};
	}
}

static enum rc post(const struct books *b, struct arena *a, struct ledger *l, const struct record *v,
	const struct record *const *lines, size_t n, struct fund_books *f)
{
	struct ledger_line *out = NEWS(a, n + 1, struct ledger_line);
	for (size_t i = 0; i < n; i++) {
		uint32_t k = 0;
		int64_t amount = get(lines[i], "amount")->i;
		while (k < f->n && f->records[k]->id != get(lines[i], "account")->i)
			k++;
		out[i] = (struct ledger_line){k, LEDGER_NONE, amount, get(lines[i], "note")->t};
		if (k == f->n)
			continue;
		if (f->accounts[k].kind == LEDGER_EXPENSE)
			out[i].budget = k;
		*(amount > 0 ? &f->debit[k] : &f->credit[k]) += amount > 0 ? amount : -amount;
		f->sum += amount;
	}
	const struct value *maker = get(v, "made_by"), *approver = get(v, "approved_by");
	struct ledger_voucher x = {.maker = maker->i,
		.approver = approver->kind == V_INT ? approver->i : maker->i,
		.day = day_of(v, "dated_on"),
		.reverses = LEDGER_NONE,
		.lines = out,
		.lines_n = n};
	struct err err = {0};
	uint32_t number;
	enum rc rc = ledger_post(l, &x, &number, &err);
	if (rc != RC_OK)
		f->found[f->found_n++] =
			arena_fmt(a, tr("voucher %.*s: %s"), STR_ARG(get(v, "number")->t), err.text);
	(void)b;
	return rc;
}

static enum rc fund_balance(const struct books *b, struct arena *a, struct fund_books *f, struct err *err)
{
	struct ledger *l;
	read_accounts(b, a, f);
	TRY(ledger_make(a, f->accounts, f->n, f->budgets, f->n, &l, err));
	/* lines by voucher: a chain through the lines in order */
	size_t *first = NEWS(a, (size_t)b->voucher.last + 1, size_t), *next = NEWS(a, b->line.n + 1, size_t);
	for (size_t i = b->line.n; i-- > 0;) {
		const struct record *v = voucher_of(b, b->line.list[i]);
		if (v == NULL)
			continue;
		next[i] = first[v->id];
		first[v->id] = i + 1;
	}
	f->found = NEWS(a, b->voucher.n + 1, str);
	const struct record **lines = NEWS(a, b->line.n + 1, const struct record *);
	for (size_t i = 0; i < b->voucher.n; i++) {
		const struct record *v = b->voucher.list[i];
		size_t n = 0;
		if (get(v, "fund")->i != f->fund->id || day_of(v, "dated_on") > b->on)
			continue;
		for (size_t k = first[v->id]; k; k = next[k - 1])
			lines[n++] = b->line.list[k - 1];
		(void)post(b, a, l, v, lines, n, f); /* a refusal stands among the found */
	}
	return ledger_sound(l) ? RC_OK : FAIL(err, RC_IO, "the ledger's own check failed");
}

static void print_fund(struct arena *a, const struct fund_books *f)
{
	printf("%.*s\n", STR_ARG(get(f->fund, "name")->t));
	for (size_t i = 0; i < f->n; i++)
		printf("  %.*s\t%.*s\t%.*s\t%.*s\t%.*s\n", STR_ARG(f->accounts[i].code),
			STR_ARG(get(f->records[i], "name")->t), STR_ARG(yuan(a, f->debit[i])),
			STR_ARG(yuan(a, f->credit[i])), STR_ARG(yuan(a, f->debit[i] - f->credit[i])));
	for (size_t i = 0; i < f->found_n; i++)
		printf("  ! %.*s\n", STR_ARG(f->found[i]));
	printf(f->sum == 0 ? tr("  sum 0: it balances\n") : tr("  sum %.*s yuan: it does not balance\n"),
		STR_ARG(yuan(a, f->sum)));
}

static void json_fund(struct json *j, const struct fund_books *f)
{
	json_object(j);
	json_put_i64(j, "id", f->fund->id);
	json_put_str(j, "fund", get(f->fund, "name")->t);
	json_key(j, "accounts");
	json_array(j);
	for (size_t i = 0; i < f->n; i++) {
		json_object(j);
		json_put_str(j, "code", f->accounts[i].code);
		json_put_str(j, "name", get(f->records[i], "name")->t);
		json_put_i64(j, "debit", f->debit[i]);
		json_put_i64(j, "credit", f->credit[i]);
		json_put_i64(j, "balance", f->debit[i] - f->credit[i]);
		json_object_end(j);
	}
	json_array_end(j);
	json_put_i64(j, "sum", f->sum);
	json_key(j, "found");
	json_array(j);
	for (size_t i = 0; i < f->found_n; i++)
		json_str(j, f->found[i]);
	json_array_end(j);
	json_object_end(j);
}

static enum rc trial(
	const struct invocation *in, const struct books *b, struct json *j, bool *sound, struct err *err)
{
	for (size_t i = 0; i < b->fund.n; i++) {
		struct fund_books f = {.fund = b->fund.list[i]};
		TRY(fund_balance(b, in->a, &f, err));
		*sound = *sound && f.sum == 0 && f.found_n == 0;
		if (in->json)
			json_fund(j, &f);
		else
			print_fund(in->a, &f);
	}
	return RC_OK;
}

/* ---- bank lines against the books of one fund ---- */

struct side {
	struct bank_line *lines;
	const struct record **records;
	struct bank_match *match;
	size_t n;
};

static void side_make(struct arena *a, struct side *s, size_t n)
{
	s->lines = NEWS(a, n + 1, struct bank_line);
	s->records = NEWS(a, n + 1, const struct record *);
	s->match = NEWS(a, n + 1, struct bank_match);
}

static void side_add(struct side *s, const struct record *r, int32_t day, const char *reference)
{
	s->lines[s->n] = (struct bank_line){day, get(r, "amount")->i, get(r, reference)->t};
	s->records[s->n++] = r;
}

static void tell_open(const struct invocation *in, struct json *j, const struct side *s, const char *key)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->match[i].how != BANK_OPEN)
			continue;
		if (!in->json) {
			printf(tr("  ! open: %s #%lld\t%.*s\t%.*s\t%u candidates\n"), tr(key),
				(long long)s->records[i]->id, STR_ARG(date_str(in->a, s->lines[i].day)),
				STR_ARG(yuan(in->a, s->lines[i].amount_fen)), s->match[i].candidates);
			continue;
		}
		json_object(j);
		json_put_cstr(j, "side", strcmp(key, "bank line") == 0 ? "bank" : "book");
		json_put_i64(j, "id", s->records[i]->id);
		json_put_i64(j, "amount", s->lines[i].amount_fen);
		json_put_i64(j, "candidates", s->match[i].candidates);
		json_object_end(j);
	}
}

static size_t reconcile_fund(
	const struct invocation *in, const struct books *b, const struct record *fund, struct json *j)
{
	struct side bank = {0}, book = {0};
	bool *settled = NEWS(in->a, (size_t)b->line.last + 1, bool);
	size_t by_hand = 0, by_reference = 0, by_amount = 0;
	side_make(in->a, &bank, b->bank.n);
	side_make(in->a, &book, b->line.n);
	for (size_t i = 0; i < b->bank.n; i++) {
		const struct record *r = b->bank.list[i];
		if (get(r, "fund")->i != fund->id || day_of(r, "booked_on") > b->on)
			continue;
		const struct record *line = at(&b->line, get(r, "matched")->i),
				    *v = line ? voucher_of(b, line) : NULL;
		if (v && get(v, "fund")->i == fund->id && !settled[line->id] &&
			get(line, "amount")->i == get(r, "amount")->i) {
			settled[line->id] = true;
			by_hand++;
		} else
			side_add(&bank, r, day_of(r, "booked_on"), "serial");
	}
	for (size_t i = 0; i < b->line.n; i++) {
		const struct record *r = b->line.list[i], *v = voucher_of(b, r),
				    *account = at(&b->account, get(r, "account")->i);
		if (v && account && get(v, "fund")->i == fund->id && !settled[r->id] &&
			str_is(get(account, "kind")->t, "asset") &&
			str_starts(get(account, "code")->t, STR("1002")))
			side_add(&book, r, day_of(v, "dated_on"), "note");
	}
	size_t open =
		bank_match(in->a, bank.lines, bank.n, book.lines, book.n, MAX_DAYS, bank.match, book.match);
	for (size_t i = 0; i < bank.n; i++) {
		by_reference += bank.match[i].how == BANK_BY_REFERENCE;
		by_amount += bank.match[i].how == BANK_BY_AMOUNT;
	}
	if (in->json) {
		json_object(j);
		json_put_i64(j, "id", fund->id);
		json_put_str(j, "fund", get(fund, "name")->t);
		json_put_i64(j, "by_hand", (int64_t)by_hand);
		json_put_i64(j, "by_reference", (int64_t)by_reference);
		json_put_i64(j, "by_amount", (int64_t)by_amount);
		json_key(j, "open");
		json_array(j);
	} else
		printf(tr("%.*s: %zu settled by hand, %zu by reference, %zu by amount, %zu open\n"),
			STR_ARG(get(fund, "name")->t), by_hand, by_reference, by_amount, open);
	tell_open(in, j, &bank, N_("bank line"));
	tell_open(in, j, &book, N_("voucher line"));
	if (in->json) {
		json_array_end(j);
		json_object_end(j);
	}
	return open;
}

static enum rc read_books(struct cli_reader *c, struct arena *a, struct books *b, struct err *err)
{
	TRY(read_rows(c, a, "fund", "valid", &b->fund, err));
	TRY(read_rows(c, a, "fund_account", "", &b->account, err));
	TRY(read_rows(c, a, "voucher", "posted", &b->voucher, err));
	TRY(read_rows(c, a, "voucher_line", "valid", &b->line, err));
	return read_rows(c, a, "bank_line", "valid", &b->bank, err);
}

static enum rc tell(const struct invocation *in, const struct books *b, bool balance, struct err *err)
{
	struct buf out AUTO(buf_done) = {0};
	struct json j;
	bool sound = true;
	json_init(&j, &out);
	json_array(&j);
	if (balance)
		TRY(trial(in, b, &j, &sound, err));
	for (size_t i = 0; !balance && i < b->fund.n; i++)
		sound = reconcile_fund(in, b, b->fund.list[i], &j) == 0 && sound;
	json_array_end(&j);
	if (in->json)
		printf("%.*s\n", STR_ARG(buf_str(&out)));
	return sound ? RC_OK : RC_FOUND;
}

static enum rc run(struct invocation *in, struct err *err)
{
	const char *on = NULL;
	struct books b = {.on = clock_today()};
	struct cli_reader c;
	TRY(opt_text(in, "--on", &on, err));
	TRY(opt_done(in, 1, 1, &cmd_ledger, err));
	bool balance = strcmp(in->argv[0], "trial-balance") == 0;
	if (!balance && strcmp(in->argv[0], "reconcile") != 0)
		return usage_error(&cmd_ledger, err);
	if (on && !date_parse(str_of(on), &b.on))
		return FAIL(err, RC_INVALID, "“%s” is no date", on);
	TRY(cli_reader(in, &c, err));
	enum rc rc = read_books(&c, in->a, &b, err);
	if (rc == RC_OK)
		rc = tell(in, &b, balance, err);
	cli_done(&c);
	return rc;
}

const struct command cmd_ledger = {
	.name = "ledger",
	.usage = N_("ledger trial-balance|reconcile [--on DATE] [--json]"),
	.summary = N_("the funds' books: do they balance, do they agree with the bank"),
	.help = N_("Posted vouchers up to DATE (today). JSON amounts are in fen, debit positive.\n"
		   "Example: qinghe ledger trial-balance --on 2025-06-30\n"
		   "Exit codes: 0 all in order, 1 it does not balance, a voucher breaks a rule or lines stay "
		   "open, "
		   "2 bad usage, 3 not yours to read."),
	.run = run,
};
