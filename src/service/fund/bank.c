/* bank.c -- see bank.h. Both lists are sorted by (amount, reference, day) and walked together; then by (amount, day). */
#include "service/fund/bank.h"
#include <stdlib.h>

struct key {
	int64_t amount;
	str reference; /* normalised */
	int32_t day;
	uint32_t place;
};

static str normal(struct arena *a, str s)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != ' ' && s.p[i] != '-')
			p[n++] = (char)(s.p[i] >= 'a' && s.p[i] <= 'z' ? s.p[i] - 32 : s.p[i]);
	return (str){p, n};
}

static int compare(const struct key *x, const struct key *y)
{
	if (x->amount != y->amount)
		return x->amount < y->amount ? -1 : 1;
	return str_cmp(x->reference, y->reference);
}

static int by_reference(const void *a, const void *b)
{
	const struct key *x = a, *y = b;
	int d = compare(x, y);
	if (d == 0)
		d = (x->day > y->day) - (x->day < y->day);
	return d != 0 ? d : (x->place > y->place) - (x->place < y->place);
}

static int by_day(const void *a, const void *b)
{
	const struct key *x = a, *y = b;
	if (x->amount != y->amount)
		return x->amount < y->amount ? -1 : 1;
	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	return (x->place > y->place) - (x->place < y->place);
}

static struct key *keys_of(struct arena *a, const struct bank_line *lines, size_t n)
{
	struct key *k = NEWS(a, n, struct key);
	for (size_t i = 0; i < n; i++)
		k[i] = (struct key){
			lines[i].amount_fen, normal(a, lines[i].reference), lines[i].day, (uint32_t)i};
	qsort(k, n, sizeof *k, by_reference);
	return k;
}

static void pair(struct bank_match *x, uint32_t i, struct bank_match *y, uint32_t k, enum bank_how how)
{
	x[i] = (struct bank_match){how, k, 0};
	y[k] = (struct bank_match){how, i, 0};
}

static void pair_by_reference(const struct key *x, size_t xn, const struct key *y, size_t yn,
	struct bank_match *out_x, struct bank_match *out_y)
{
	for (size_t i = 0, k = 0; i < xn && k < yn;) {
		int d = compare(&x[i], &y[k]);
		if (d == 0 && x[i].reference.n > 0)
			pair(out_x, x[i].place, out_y, y[k].place, BANK_BY_REFERENCE);
		i += d <= 0;
		k += d >= 0;
	}
}

/* The open lines of a list, sorted by amount and day; returns their number. */
static size_t open_lines(struct key *k, size_t n, const struct bank_match *match)
{
	size_t open = 0;
	for (size_t i = 0; i < n; i++)
		if (match[k[i].place].how == BANK_OPEN)
			k[open++] = k[i];
	qsort(k, open, sizeof *k, by_day);
	return open;
}

/* For each open line of x: how many lines of y could be it, and the last of them. */
static void candidates(const struct key *x, size_t xn, const struct key *y, size_t yn, int32_t max_days,
	struct bank_match *out)
{
	for (size_t i = 0, from = 0; i < xn; i++) {
		while (from < yn &&
			(y[from].amount < x[i].amount || (y[from].amount == x[i].amount &&
								 (int64_t)y[from].day + max_days < x[i].day)))
			from++;
		struct bank_match m = {BANK_OPEN, BANK_NONE, 0};
		for (size_t k = from;
			k < yn && y[k].amount == x[i].amount && y[k].day <= (int64_t)x[i].day + max_days;
			k++) {
			m.other = y[k].place;
			m.candidates++;
		}
		out[x[i].place] = m;
	}
}

size_t bank_match(struct arena *a, const struct bank_line *bank, size_t bank_n, const struct bank_line *book,
	size_t book_n, int32_t max_days, struct bank_match *out_bank, struct bank_match *out_book)
{
	struct key *x = keys_of(a, bank, bank_n), *y = keys_of(a, book, book_n);
	for (size_t i = 0; i < bank_n; i++)
		out_bank[i] = (struct bank_match){BANK_OPEN, BANK_NONE, 0};
	for (size_t i = 0; i < book_n; i++)
		out_book[i] = (struct bank_match){BANK_OPEN, BANK_NONE, 0};
	pair_by_reference(x, bank_n, y, book_n, out_bank, out_book);
	size_t xn = open_lines(x, bank_n, out_bank), yn = open_lines(y, book_n, out_book), open = 0;
	candidates(x, xn, y, yn, max_days, out_bank);
	candidates(y, yn, x, xn, max_days, out_book);
	for (size_t i = 0; i < xn; i++) {
		struct bank_match *m = &out_bank[x[i].place];
		if (m->candidates == 1 && out_book[m->other].candidates == 1)
			pair(out_bank, x[i].place, out_book, m->other, BANK_BY_AMOUNT);
	}
	for (size_t i = 0; i < bank_n; i++)
		open += out_bank[i].how == BANK_OPEN;
	for (size_t i = 0; i < book_n; i++)
		open += out_book[i].how == BANK_OPEN;
	for (size_t i = 0; i < bank_n; i++)
		if (out_bank[i].how == BANK_OPEN)
			out_bank[i].other = BANK_NONE;
	for (size_t i = 0; i < book_n; i++)
		if (out_book[i].how == BANK_OPEN)
			out_book[i].other = BANK_NONE;
	return open;
}
