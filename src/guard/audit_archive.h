/* audit_archive.h -- the old part of the audit chain moved into a file that anyone can verify, behind a signed checkpoint.
 *
 * Rows up to one that is older than AUDIT_KEEP_DAYS (three years: what 个人信息保护法 art. 56 asks of records; 网络安全法
 * art. 21 asks six months) may leave the database. The order, so that nothing is lost wherever it stops:
 *     1. audit_archive_plan: the last row to go; audit_head_sign_at: its head signed, a row of audit_signed
 *     2. audit_archive_write: the file, new, mode 0600, synced; audit_archive_read: read back and verified
 *     3. audit_archive_cut, in a job: the rows are deleted, audit_cut remembers row, head and the file's SHA-256
 * From then on audit_verify begins at the checkpoint, and the checkpoint holds by its signature (audit_heads_check). Which
 * people's keys were destroyed by then stays known in audit_shredded (register/shred.h).
 *
 * The file is one JSON object a line:
 *     {"qinghe_audit_archive":1,"city":…,"first":SEQ,"last":SEQ,"hash":"sha256"|"sm3","prev":HEX}     prev: the head before the first
 *     {"seq":…,"at":MS,"actor":…,"action":…,"subject":…,"detail":…,"result":…,"address":…,"head":HEX}     audit.h
 *     {"signed":"qinghe-audit-head 1 …"}     every head signed of these rows (audit_head.h); that of the last row is the end */
#pragma once
#include "guard/audit_head.h"

enum { AUDIT_KEEP_DAYS = 1096 };

struct audit_part {
	int64_t first, last;
	enum hash_kind kind;
	struct hash prev, head;           /* before the first row, of the last */
	struct hash file;                 /* SHA-256 of the file's bytes; filled by write and read */
	char key[2 * SIGN_KEY_BYTES + 1]; /* hex, of the signature; filled by read */
};

/* The rows before the instant, without a gap from the beginning. RC_NOT_FOUND: there are none. RC_DENIED: the instant is
 * less than AUDIT_KEEP_DAYS ago. */
MUST_USE enum rc audit_archive_plan(
	struct db *db, int64_t before_ms, int64_t now_ms, struct audit_part *out, struct err *err);
/* Where it lies unless somebody says otherwise: CITY.archive/audit-FIRST-LAST.ndjson; the folder is made. */
MUST_USE enum rc audit_archive_place(struct arena *a, const char *db_url, const struct audit_part *part,
	const char **out, struct err *err);
/* RC_CONFLICT: the file stands. RC_FOUND: a row does not hold; nothing is left behind. */
MUST_USE enum rc audit_archive_write(struct db *db, struct arena *a, struct seal *seal, str city,
	const char *path, struct audit_part *part, struct err *err);
/* Verifies a file by itself: every row, every signature. RC_FOUND: what does not hold; RC_INVALID: no archive. */
MUST_USE enum rc audit_archive_read(
	struct arena *a, const char *path, struct audit_part *out, struct err *err);
/* Is it, byte by byte, a file that rows of this city went into? RC_FOUND: no. */
MUST_USE enum rc audit_archive_ours(struct db *db, const struct audit_part *part, struct err *err);
/* Inside a job of the operator or auditadmin, after the file was read back. */
MUST_USE enum rc audit_archive_cut(struct job_ctx *c, const struct audit_part *part, struct err *err);

/* Every file that rows went into, the newest first: its place and the SHA-256 of its bytes. */
MUST_USE enum rc audit_archive_files(struct db *db, struct arena *a, const char *db_url,
	enum rc (*visit)(void *user, const char *path, const struct hash *bytes, struct err *err), void *user,
	struct err *err);

/* The reads that archived rows announce (action read, done), the newest file first, in a file from its first row on. Only
 * files at their place (audit_archive_place) and just as they were cut are looked into; *out_missing: some are not. */
struct audit_read {
	int64_t at_ms;
	str actor, subject, detail; /* until visit returns */
};
MUST_USE enum rc audit_archive_reads(struct db *db, struct arena *a, const char *db_url,
	bool (*visit)(void *user, const struct audit_read *row), void *user, bool *out_missing,
	struct err *err);
