/* mention.h -- who names a row? Fields of other rows that refer to it, and the program's own tables (roles, accounts, cases).
 * Asked before rows go for good. */
#pragma once
#include "base/map.h"
#include "register/record.h"

/* A row outside the set that names one inside. */
struct mention {
	int64_t named; /* of the set */
	str by;        /* a register, or a table of the program */
	int64_t row;   /* of `by`; 0: it has no number */
};

/* Calls `found` for every mention of the rows ids[0..n) of reg by a row that is none of them; false ends the search. `set`
 * holds the same ids. Lists of references are read through; all else is asked by index, IDS at a time. */
MUST_USE enum rc mentions(struct arena *a, struct db *db, const struct model *m, const struct reg *reg,
	const int64_t *ids, size_t n, const struct imap *set,
	bool (*found)(void *user, const struct mention *m), void *user, struct err *err);
