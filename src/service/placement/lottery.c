/* lottery.c -- see lottery.h. */
#include "service/placement/lottery.h"
#include <stdlib.h>

static int by_text(const void *a, const void *b)
{
	return str_cmp(((const struct lottery_ticket *)a)->entry, ((const struct lottery_ticket *)b)->entry);
}

static int by_ticket(const void *a, const void *b)
{
	const struct lottery_ticket *x = a, *y = b;
	return memcmp(x->ticket.b, y->ticket.b, HASH_BYTES);
}

static struct hash hash_lines(const str *lines, size_t n)
{
	str parts[16];
	for (size_t i = 0; i < n; i++) {
		parts[2 * i] = lines[i];
		parts[2 * i + 1] = STR("\n");
	}
	return hash_join(HASH_SHA256, parts, 2 * n);
}

static bool one_line(str s)
{
	return str_find_byte(s, '\n') == SIZE_MAX && str_find_byte(s, '\r') == SIZE_MAX;
}

/* Entries sorted by bytes into order[], none empty, none twice. */
static enum rc take_entries(struct lottery_ticket *order, const str *entries, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (entries[i].n == 0 || !one_line(entries[i]))
			return FAIL(err, RC_INVALID, "entry %zu is empty or has a line end in it", i + 1);
		order[i].entry = entries[i];
	}
	qsort(order, n, sizeof *order, by_text);
	for (size_t i = 1; i < n; i++)
		if (str_eq(order[i].entry, order[i - 1].entry))
			return FAIL(
				err, RC_INVALID, "“%.*s” stands in the list twice", STR_ARG(order[i].entry));
	return RC_OK;
}

enum rc lottery_draw(struct arena *a, str seed, str public_number, const str *entries, size_t n,
	struct lottery *out, struct err *err)
{
	if (seed.n < LOTTERY_SEED_MIN_BYTES || seed.n > LOTTERY_SEED_MAX_BYTES)
		return FAIL(err, RC_INVALID, "the seed has %zu bytes; 16 to 64 are wanted", seed.n);
	if (!one_line(public_number))
		return FAIL(err, RC_INVALID, "the public number is one line");
	if (n > LOTTERY_ENTRIES_MAX)
		return FAIL(err, RC_LIMIT, "more than %d entries", LOTTERY_ENTRIES_MAX);
	struct lottery_ticket *order = NEWS(a, n, struct lottery_ticket);
	TRY(take_entries(order, entries, n, err));
	struct hasher h;
	hasher_init(&h, HASH_SHA256);
	for (size_t i = 0; i < n; i++) {
		hasher_add(&h, order[i].entry);
		hasher_add(&h, STR("\n"));
	}
	out->list = hasher_end(&h);
	str seed_hex = hex_str(a, seed.p, seed.n), list_hex = hex_str(a, out->list.b, HASH_BYTES);
	out->commitment = hash_lines((const str[]){STR("qinghe-lottery-commit-v1"), seed_hex, list_hex}, 3);
	out->key = hash_lines((const str[]){STR("qinghe-lottery-v1"), seed_hex, public_number, list_hex}, 4);
	str key_hex = hex_str(a, out->key.b, HASH_BYTES);
	for (size_t i = 0; i < n; i++)
		order[i].ticket = hash_lines((const str[]){key_hex, order[i].entry}, 2);
	qsort(order, n, sizeof *order, by_ticket);
	out->order = order;
	out->n = n;
	return RC_OK;
}
