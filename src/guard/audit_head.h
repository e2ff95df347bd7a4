/* audit_head.h -- signed heads of the audit chain. Whoever keeps one outside (printed, mailed, published) can tell later
 * whether the rows up to it are still the ones that it was signed over, even where somebody with the database and the
 * key made the whole chain anew.
 *
 * A head is one line of text:
 *     qinghe-audit-head 1 SEQ INSTANT HEAD KEY SIGNATURE
 * INSTANT in city time with its offset; HEAD, KEY, SIGNATURE in hex; Ed25519 (base/sign.h) over all of the line before
 * the last blank. The key comes from the city's key file (seal_key "audit head"). Signed heads are kept in audit_signed. */
#pragma once
#include "base/sign.h"
#include "guard/audit.h"
#include "guard/job.h"

struct seal;
enum { AUDIT_HEAD_LINE_BYTES = 400 };

/* Inside a job: signs the head as it stood before this job. RC_NOT_FOUND for an empty chain. */
MUST_USE enum rc audit_head_sign(
	struct job_ctx *c, struct seal *seal, char out_line[AUDIT_HEAD_LINE_BYTES], struct err *err);
/* The same of an earlier row, whose head must be this one: a checkpoint (audit_archive.h). */
MUST_USE enum rc audit_head_sign_at(struct job_ctx *c, struct seal *seal, int64_t seq,
	const struct hash *head, char out_line[AUDIT_HEAD_LINE_BYTES], struct err *err);
/* Plain bytes: a child that read a stranger's file hands it over (cli/alone.h). */
struct audit_signed_head {
	int64_t seq;
	struct hash head;
	char key[2 * SIGN_KEY_BYTES + 1]; /* hex */
};
/* A line by itself: its form and its signature. RC_FOUND: it does not hold; out->seq where it bore one. */
MUST_USE enum rc audit_head_read(str line, struct audit_signed_head *out, struct err *err);
/* All that the city keeps, and that every checkpoint is among them. */
MUST_USE enum rc audit_heads_check(
	struct db *db, struct arena *a, struct seal *seal, int64_t *out_seq, struct err *err);
/* Does the chain still have the head that was read? RC_FOUND: it does not, and why. key: hex that the head's key must be, or
 * empty; seal: the key must be this city's, or NULL. */
MUST_USE enum rc audit_head_check(
	struct db *db, struct seal *seal, const struct audit_signed_head *h, str key, struct err *err);
/* All lines kept, oldest first. */
MUST_USE enum rc audit_head_list(
	struct db *db, struct arena *a, struct seal *seal, str **out, size_t *out_n, struct err *err);
