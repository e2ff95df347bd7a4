/* audit.h -- the hash chain over what was done. Rows are appended by job.c only; here they are listed and verified.
 * Table audit(seq, at, actor, action, subject, detail, result, prev, head, address). seq counts from 1 without gaps.
 * head = a hash over seq and at (8 bytes each, most significant first), then actor, action, subject, detail, result,
 * and address where there is one, each with its length in bytes before it (4 bytes, most significant first), then prev;
 * the first prev is 32 zero bytes. The hash is SHA-256; SM3 where setting audit_hash says "sm3", as it does from the first
 * row on in a city founded with the national suite (whoever changes the setting has a chain that does not hold).
 * seq and head of the last row also stand in table city, so that rows cut off at the end are missed.
 * actor is "operator", "nobody" or "person:ID"; result "ok", "found" or what refused: "denied", "invalid", ... */
#pragma once
#include "base/hash.h"
#include "store/db.h"

enum { AUDIT_TEXT_MAX_BYTES = 4096 };

struct audit_row {
	int64_t seq, at_ms;
	str actor, action, subject, detail, result;
	str address; /* where the request came from; empty: the command line, the program itself */
};

/* The end of the chain, as read from table city at the start of a batch and written back at its end. */
struct audit_chain {
	int64_t seq;
	struct hash head;
	enum hash_kind kind;
};
MUST_USE enum rc audit_kind(struct db *db, enum hash_kind *out, struct err *err);
/* For a city that has no row yet. */
MUST_USE enum rc audit_kind_set(struct db *db, enum hash_kind kind, struct err *err);
/* Adds rows in their order (seq is given by the chain) and moves the chain on; on failure the chain stays. Many at once cost
 * half of one by one. RC_LIMIT names the first that is too long; then none is added. For job.c. */
MUST_USE enum rc audit_append(
	struct db *db, struct audit_chain *chain, const struct audit_row *rows, size_t n, struct err *err);
const char *audit_result(enum rc rc);

/* What the row's head must be, behind prev. */
struct hash audit_head_of(enum hash_kind kind, const struct audit_row *row, const struct hash *prev);

/* From the newest checkpoint where old rows were archived (audit_archive.h; that it is signed, audit_heads_check tells).
 * RC_FOUND with the first row that does not hold in *out_bad_seq (altered, missing, reordered) and why in err. */
MUST_USE enum rc audit_verify(struct db *db, int64_t *out_rows, int64_t *out_bad_seq, struct err *err);
/* Every row, oldest first, until row() returns false. */
MUST_USE enum rc audit_each(
	struct db *db, bool (*row)(void *user, const struct audit_row *r), void *user, struct err *err);
/* Newest first; before_seq 0: from the end. Calls row() until it returns false. */
MUST_USE enum rc audit_list(struct db *db, int64_t before_seq, int limit,
	bool (*row)(void *user, const struct audit_row *r), void *user, struct err *err);
