/* lottery.h -- a public order that nobody can steer and anybody can recompute with sha256sum (docs/lottery.md).
 *
 *   list digest  L = SHA-256(every entry, sorted by bytes, each followed by LF)
 *   commitment   C = SHA-256("qinghe-lottery-commit-v1" LF seed LF L LF)      published before the draw, with the list
 *   key          K = SHA-256("qinghe-lottery-v1" LF seed LF public LF L LF)   after the agreed public number is known
 *   ticket of e    = SHA-256(K LF e LF)                                        smallest ticket = number 1
 * seed, L and K are written in lower-case hex. Whoever publishes C cannot change seed or list afterwards; whoever knows
 * the seed cannot foresee the public number (a lottery's or an exchange's of a later day).
 * The order depends on the set of entries only. Pure. */
#pragma once
#include "base/err.h"
#include "base/hash.h"

enum { LOTTERY_SEED_MIN_BYTES = 16, LOTTERY_SEED_MAX_BYTES = 64, LOTTERY_ENTRIES_MAX = 10000000 };

struct lottery_ticket {
	struct hash ticket;
	str entry;
};

struct lottery {
	struct hash list, commitment, key;
	struct lottery_ticket *order; /* number 1 first */
	size_t n;
};

/* seed: bytes. public_number: UTF-8 on one line, may be empty. RC_INVALID: seed length, an empty or doubled entry, a
 * line end inside one. RC_LIMIT: too many entries. */
MUST_USE enum rc lottery_draw(struct arena *a, str seed, str public_number, const str *entries, size_t n,
	struct lottery *out, struct err *err);
