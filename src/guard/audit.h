/* audit.h -- the hash chain over what was done. Rows are written by job.c only; here they are listed and verified.
 * Table audit(seq, at, actor, action, subject, detail, result, prev, head). head = SHA-256 over the fields, each
 * with its length before it, then prev; the first prev is 32 zero bytes. The head also stands in table city. */
#pragma once
#include "store/db.h"

struct audit_row {
	int64_t seq, at_ms;
	str actor, action, subject, detail, result;
};

/* RC_FOUND with the first row that does not hold in *out_bad_seq (altered, missing, reordered) and why in err. */
MUST_USE enum rc audit_verify(struct db *db, int64_t *out_rows, int64_t *out_bad_seq, struct err *err);
/* Newest first; before_seq 0: from the end. Calls row() until it returns false. */
MUST_USE enum rc audit_list(struct db *db, int64_t before_seq, int limit,
	bool (*row)(void *user, const struct audit_row *r), void *user, struct err *err);
