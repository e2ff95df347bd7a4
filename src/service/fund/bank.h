/* bank.h -- bank statement against books: which line is which, and what is left over. Pure.
 *   1. same amount and same reference (not empty, blanks and case apart): paired in the order of days;
 *   2. of the rest: same amount, at most max_days apart, and no other candidate on either side;
 *   3. everything else stays open, with the number of candidates, for a person to settle.
 * Nothing is paired twice; the order of the input does not matter but among lines equal in all fields. */
#pragma once
#include "base/arena.h"
#include "base/str.h"

enum bank_how { BANK_OPEN, BANK_BY_REFERENCE, BANK_BY_AMOUNT };
#define BANK_NONE UINT32_MAX

struct bank_line {
	int32_t day;
	int64_t amount_fen; /* into the account > 0 */
	str reference;
};

struct bank_match {
	enum bank_how how;
	uint32_t other; /* place in the other list */
	uint32_t
		candidates; /* of an open line: open lines of the other list with that amount, within max_days */
};

/* out_bank[bank_n], out_book[book_n]. Returns the number of open lines on both sides. */
size_t bank_match(struct arena *a, const struct bank_line *bank, size_t bank_n, const struct bank_line *book,
	size_t book_n, int32_t max_days, struct bank_match *out_bank, struct bank_match *out_book);
