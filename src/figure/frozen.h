/* frozen.h -- the table of frozen reports: rows that are added and never changed (report/edition.h says what stands in one).
 * head is the RFC 6962 root (SHA-256) over the bodies of all editions so far, in the order of their ids: whoever keeps the
 * newest head can prove later that no earlier edition was touched. */
#pragma once
#include "base/hash.h"
#include "register/city.h"

struct frozen {
	int64_t id, org, revision, at_ms;
	str period, template_name;
	struct hash template_digest, head;
	str body;     /* JSON */
	str document; /* the file as written; empty where none was */
};

/* The newest revision, or RC_NOT_FOUND with err untouched. */
MUST_USE enum rc frozen_latest(struct arena *a, struct db *db, str period, int64_t org, str template_name,
	struct frozen *out, struct err *err);
/* Every edition of that unit and period, the newest first; without documents. */
MUST_USE enum rc frozen_list(struct arena *a, struct db *db, str period, int64_t org, struct frozen **out,
	size_t *out_n, struct err *err);
/* Every edition of that unit whose template's name begins and ends so, of any period, the newest first, FROZEN_NAMED_MAX at
 * most; without documents. */
enum { FROZEN_NAMED_MAX = 300 };
MUST_USE enum rc frozen_named(struct arena *a, struct db *db, int64_t org, str head, str tail,
	struct frozen **out, size_t *out_n, struct err *err);
/* One edition, whole; RC_NOT_FOUND with err untouched. */
MUST_USE enum rc frozen_get(struct arena *a, struct db *db, int64_t id, struct frozen *out, struct err *err);
/* Inside a job. id and head are given. RC_CONFLICT: that revision stands already. */
MUST_USE enum rc frozen_add(struct job_ctx *c, struct frozen *f, struct err *err);
/* Every body against every head; *out_bad is the id of the first edition that does not hold, 0 when all do. */
MUST_USE enum rc frozen_check(
	struct arena *a, struct db *db, int64_t *out_n, int64_t *out_bad, struct err *err);
