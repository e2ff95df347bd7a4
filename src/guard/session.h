/* session.h -- who is signed in: a random token in the browser, its SHA-256 in the database.
 *
 * A page session ends after 30 minutes without a request and 12 hours after sign-in; a program's (bearer token) after 90
 * days. Signing in always gives a new token. Every request looks the token up on the reader's snapshot; `touch` comes
 * back true when the last use should be written down (every 2 minutes at most): submit session_touch then, as a quiet
 * job, without waiting for it. A session whose account was disabled is gone.
 *
 * Forms carry csrf_token: a keyed hash of the session's token, masked by fresh random bytes, so that compression cannot
 * spell it out (BREACH). */
#pragma once
#include "guard/job.h"
#include "guard/seal.h"

enum { SESSION_IDLE_MINUTES = 30, SESSION_HOURS = 12, SESSION_PROGRAM_DAYS = 90, SESSION_TOKEN_BYTES = 44 };

struct session {
	int64_t person, made_at_ms, seen_at_ms, expires_at_ms;
	bool program, touch;
};

/* Inside a job of the person who signed in. The token's text, NUL-ended: never in job_reply. */
MUST_USE enum rc session_start(
	struct job_ctx *c, int64_t person, bool program, char out[SESSION_TOKEN_BYTES], struct err *err);
/* RC_DENIED where there is no such session any more. */
MUST_USE enum rc session_find(struct db *db, str token, int64_t now_ms, struct session *out, struct err *err);
MUST_USE enum rc session_touch(struct job_ctx *c, str token, struct err *err);
MUST_USE enum rc session_end(struct job_ctx *c, str token, struct err *err); /* one that is gone: RC_OK */
MUST_USE enum rc session_end_all(struct job_ctx *c, int64_t person, struct err *err);
/* Open sessions of a person, newest first. */
MUST_USE enum rc session_list(struct db *db, struct arena *a, int64_t person, int64_t now_ms,
	struct session **out, size_t *out_n, struct err *err);

str csrf_token(struct arena *a, struct seal *seal, str session_token);
bool csrf_check(struct seal *seal, str session_token, str csrf);
