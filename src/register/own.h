/* own.h -- what is held about one person, told to that person or to the guardian (PIPL 44 to 46; 未成年人网络保护条例 34):
 * every row of every register whose person that is, and the rows that hang on those (by `case:`, else by their first
 * reference to such a register); where else the person is named (as counsellor, guardian, approver ...): that it is so, how
 * often and when, but not those rows, which are others' data; who looked at them. Rows of closed years come out of the
 * archive (archive.h); where else archived rows name the person is not looked up.
 *
 * Told is all that stands, sealed texts too, but what a register declares under `withhold:` (the reporter's identity).
 * RC_DENIED unless the reader is the person, a guardian, or the operator. Rows are noted in the reader's log. */
#pragma once
#include "register/record.h"

/* May this reader be told? */
MUST_USE enum rc own_may(const struct reader *r, int64_t person, struct err *err);
/* Does the register hold rows about persons, itself or through another? */
bool own_holds(const struct reg *reg);
MUST_USE enum rc own_each(struct reader *r, int64_t person, const struct reg *reg,
	bool (*visit)(void *user, const struct record *rec), void *user, struct err *err);

/* Rows that name the person in a field which does not make them the person's own. */
struct own_named {
	const struct reg *reg;
	const struct field *field;
	int64_t rows;
	str first, last; /* days; empty where the register has no event date */
};
MUST_USE enum rc own_names(
	struct reader *r, int64_t person, struct own_named **out, size_t *out_n, struct err *err);

/* An announced read of rows about the person (job.h). */
struct own_read {
	int64_t at_ms, reader; /* reader: person, 0 the operator */
	str registers;         /* ids, "care_child person" */
	str detail;            /* purpose and ground as in the audit */
};
enum { OWN_READS_MAX = 500 };
/* The newest first, at most OWN_READS_MAX; one's own reads are left out. Archived audit rows are among them, where their
 * file lies in CITY.archive. */
MUST_USE enum rc own_reads(
	struct reader *r, int64_t person, struct own_read **out, size_t *out_n, struct err *err);
/* Files of the archive that are not at hand, in which more about anybody may stand; empty: none. */
MUST_USE enum rc own_missing(struct reader *r, str *out, struct err *err);
/* Inside a job: the person's own row, as it stands. */
MUST_USE enum rc own_row(struct job_ctx *c, int64_t person, struct record **out, struct err *err);
