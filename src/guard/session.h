/* session.h -- who is signed in: a random token of 256 bits in the browser, its SHA-256 in the database.
 *
 * A session ends after 30 minutes without a request and 12 hours after sign-in. Signing in, and every step of it, always
 * gives a new token. A session knows what was proven (role.h: enum factor), for which duty it is (an organisation in which
 * the person holds roles), on which bound device, and from where. What is not whole yet opens the door's own pages only:
 *     SESSION_CODE     the password held, the code of the authenticator is awaited; 5 minutes
 *     SESSION_ENROL    a role asks for a second factor that is not set up yet; an hour
 *     SESSION_EXPIRED  the password is older than the city's rule allows; an hour
 *
 * Every request looks the token up on the reader's snapshot; `touch` comes back true when the last use should be written
 * down (every 2 minutes at most): submit session_touch then, as a quiet job, without waiting for it. A session whose
 * account was disabled is gone. Programs have tokens of their own (token.h).
 *
 * Forms carry csrf_token: a keyed hash of the session's token, masked by fresh random bytes, so that compression cannot
 * spell it out (BREACH). */
#pragma once
#include "guard/job.h"
#include "guard/role.h"
#include "guard/seal.h"

enum {
	SESSION_IDLE_MINUTES = 30,
	SESSION_HOURS = 12,
	SESSION_CODE_MINUTES = 5,
	SESSION_DOOR_MINUTES = 60,
	SESSION_TOKEN_BYTES = 44,
	SESSION_ID_BYTES = 17,
	SESSION_PLACE_MAX_BYTES = 120
};
enum session_level { SESSION_WHOLE, SESSION_CODE, SESSION_ENROL, SESSION_EXPIRED };

struct session_new {
	int64_t person;
	enum session_level level;
	enum factor proven;
	int64_t org;    /* the duty; 0: that of the oldest role */
	int64_t device; /* bound device; 0: none */
	str place;      /* "Chrome · Windows · 203.0.113.7", for the person to know it again */
	str address;    /* for the audit row */
};

struct session {
	char id[SESSION_ID_BYTES]; /* to name it by: the head of its hash, of no use to sign in with */
	int64_t person, made_at_ms, seen_at_ms, expires_at_ms;
	enum session_level level;
	enum factor proven;
	int64_t org, device;
	str place;
	bool touch;
};

enum { SESSION_RANDOM_BYTES = 32 };
void session_random(unsigned char out[SESSION_RANDOM_BYTES]); /* what a token is made of */
/* Inside a job. The token's text, NUL-ended: never in job_reply. */
MUST_USE enum rc session_start(
	struct job_ctx *c, const struct session_new *n, char out[SESSION_TOKEN_BYTES], struct err *err);
/* RC_DENIED where there is no such session any more. */
MUST_USE enum rc session_find(
	struct db *db, struct arena *a, str token, int64_t now_ms, struct session *out, struct err *err);
MUST_USE enum rc session_touch(struct job_ctx *c, str token, struct err *err);
MUST_USE enum rc session_end(struct job_ctx *c, str token, struct err *err); /* one that is gone: RC_OK */
MUST_USE enum rc session_end_all(struct job_ctx *c, int64_t person, struct err *err);
/* By its name, one's own; of another person by operator, sysadmin or secadmin. */
MUST_USE enum rc session_end_named(struct job_ctx *c, int64_t person, str id, struct err *err);
/* All of another person's: by operator, sysadmin or secadmin. */
MUST_USE enum rc session_end_by(struct job_ctx *c, int64_t person, struct err *err);
MUST_USE enum rc session_end_device(struct job_ctx *c, int64_t device, struct err *err);
/* Another duty for the same session; the caller has looked that a role is held there. */
MUST_USE enum rc session_set_org(struct job_ctx *c, str token, int64_t org, struct err *err);
/* Open sessions of a person, newest first. */
MUST_USE enum rc session_list(struct db *db, struct arena *a, int64_t person, int64_t now_ms,
	struct session **out, size_t *out_n, struct err *err);

str csrf_token(struct arena *a, struct seal *seal, str session_token);
bool csrf_check(struct seal *seal, str session_token, str csrf);
