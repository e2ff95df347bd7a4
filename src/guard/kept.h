/* kept.h -- what a person keeps at the desk between two visits: drafts of forms, saved views of lists, how a sender's
 * columns were mapped. Table kept(owner, kind, name, at, body); the body is sealed (seal.h), for a draft may hold
 * anything. Kept things are nobody's record: no figure counts them, no history shows them, they may go.
 *
 * Owner: the person (0: the operator, KEPT_HOUSE: everybody). Names hold ids, never values. Bodies <= KEPT_MAX_BYTES.
 * Drafts older than KEPT_DRAFT_DAYS are dropped whenever one is put. */
#pragma once
#include "guard/job.h"
#include "guard/seal.h"

enum { KEPT_MAX_BYTES = 64 << 10, KEPT_NAME_MAX_BYTES = 200, KEPT_DRAFT_DAYS = 30, KEPT_HOUSE = -1 };

struct kept {
	str name, body;
	int64_t at_ms;
};

/* Inside a job. */
MUST_USE enum rc kept_put(struct job_ctx *c, struct seal *seal, int64_t owner, const char *kind, str name,
	str body, struct err *err);
MUST_USE enum rc kept_drop(
	struct job_ctx *c, int64_t owner, const char *kind, str name, struct err *err); /* absent: RC_OK */
/* *out_there false: nothing is kept under this name. */
MUST_USE enum rc kept_get(struct db *db, struct arena *a, struct seal *seal, int64_t owner, const char *kind,
	str name, struct kept *out, bool *out_there, struct err *err);
/* All of a kind whose name begins with `head`, by name; at most 100. */
MUST_USE enum rc kept_list(struct db *db, struct arena *a, struct seal *seal, int64_t owner, const char *kind,
	str head, struct kept **out, size_t *out_n, struct err *err);
/* Seals anew what stands in another form than the one written now (register/reseal.h): a slice behind the last one gone through
 * (owner, kind, name; in and out), *out_done when there is no more. Inside a job. */
struct kept_at {
	int64_t owner;
	str kind, name;
};
MUST_USE enum rc kept_reseal(struct job_ctx *c, struct seal *seal, struct kept_at *at, int64_t *out_values,
	bool *out_done, struct err *err);
