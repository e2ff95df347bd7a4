/* shares.h -- the root key on paper: two sheets that are worth nothing alone (2 of 2, XOR with random bytes).
 *
 *	1  1a2b 3c4d 5e6f 7081  lusab-dovik
 *	...
 * Four lines of eight bytes; the word at a line's end is its check (32 bits of SHA-256 over sheet, set, line number and
 * bytes, written as proquints), so that a slip of the pen is found in its line. `set` (8 hex digits) says which two sheets
 * belong together and whether they belong to this key; each drawing is a new set. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"

struct share_sheet {
	char letter; /* 'A', 'B' */
	char set[9];
	unsigned char b[HASH_BYTES];
};

void shares_split(const struct hash *root, struct share_sheet out[2]);
str share_text(struct arena *a, const struct share_sheet *s); /* the lines above, a line each */
/* Both sheets out of a text that holds them in any order, with whatever stands around (headings, blanks, capitals).
 * RC_INVALID names sheet and line that do not hold. */
MUST_USE enum rc shares_read(str text, struct share_sheet out[2], struct err *err);
/* RC_INVALID: two sheets of different sets. */
MUST_USE enum rc shares_join(const struct share_sheet sheets[2], struct hash *out_root, struct err *err);
