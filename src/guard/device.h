/* device.h -- phones bound to a unit: how two hundred branch secretaries get in within a day.
 *
 * A link (100 bits, 30 days) is made for one role in one unit and, where it is known, one person; a new link for the same
 * duty replaces the old. Whoever opens it chooses a PIN of six digits: the phone gets a token of 256 bits for 400 days, the
 * link is dead. From then on phone and PIN sign in, into that duty alone. PIN_TRIES wrong PINs in a row wipe the phone;
 * only a new link brings it back. When the duty ends or is handed over (handover.h), phones and links of it end with it.
 *
 * At rest: keyed hashes (HMAC-SHA-256 under keys of the city) of link, token and PIN. A PIN alone, or the database without
 * the key, opens nothing. An account without password is made for a person who has none, so that it can be disabled.
 *
 * Functions with a job_ctx run inside a job and fill its audit row. */
#pragma once
#include "guard/job.h"
#include "guard/role.h"
#include "guard/seal.h"

enum {
	LINK_CHARS = 20,
	LINK_TEXT_BYTES = 25,
	LINK_DAYS = 30,
	DEVICE_DAYS = 400,
	DEVICE_TOKEN_BYTES = 44,
	DEVICE_PLACE_MAX_BYTES = 120,
	PIN_DIGITS = 6,
	PIN_TRIES = 10
};

struct device_link {
	int64_t org, person, made_by, expires_at_ms; /* person 0: whoever takes up the duty */
	str role;
};
struct device {
	int64_t id, person, org, made_at_ms, seen_at_ms, ended_at_ms; /* ended 0: in use */
	str role, place, ended_why; /* why: "signed_off", "wiped", "handover", "replaced" */
	int fails;
};

/* By operator or secadmin. The role's kind must be one that a device carries. The text NUL-ended: print it, never log it. */
MUST_USE enum rc device_link_make(struct job_ctx *c, struct seal *seal, const struct role_kinds *all,
	const struct device_link *what, char out[LINK_TEXT_BYTES], struct err *err);
/* Without using it, for the page that asks for a PIN. RC_DENIED: wrong, used or too old. */
MUST_USE enum rc device_link_find(struct db *db, struct arena *a, struct seal *seal, str code, int64_t now_ms,
	struct device_link *out, struct err *err);
/* What a PIN may be: six digits, no run, no repetition of one, two or three. */
MUST_USE enum rc pin_rules(str pin, struct err *err);
/* Uses the link up for this person, who holds the role by now. The token NUL-ended. */
MUST_USE enum rc device_bind(struct job_ctx *c, struct seal *seal, str code, int64_t person, str pin,
	str place, char out[DEVICE_TOKEN_BYTES], int64_t *out_id, struct err *err);
/* RC_DENIED where the token is no bound phone's any more, or the duty has ended on that day. */
MUST_USE enum rc device_find(struct db *db, struct arena *a, struct seal *seal, str token, int64_t now_ms,
	int32_t day, struct device *out, struct err *err);
/* RC_FOUND (which commits) for a wrong PIN: *out_left tries remain, 0: the phone has been wiped. */
MUST_USE enum rc device_pin(
	struct job_ctx *c, struct seal *seal, int64_t id, str pin, int *out_left, struct err *err);
/* A new PIN for the actor's own phone, after the old one held. */
MUST_USE enum rc device_new_pin(struct job_ctx *c, struct seal *seal, int64_t id, str pin, struct err *err);
/* One's own; of others by operator, secadmin or sysadmin. Its sessions end. */
MUST_USE enum rc device_end(struct job_ctx *c, int64_t id, const char *why, struct err *err);
/* All phones and open links of a duty; for handover.c and the end of a role. */
MUST_USE enum rc device_end_duty(
	struct job_ctx *c, int64_t person, int64_t org, str role, const char *why, struct err *err);
/* In use first, newest first; ended ones of the last 90 days. */
MUST_USE enum rc device_list(struct db *db, struct arena *a, int64_t person, int64_t now_ms,
	struct device **out, size_t *out_n, struct err *err);
/* Organisations in which the role has a phone in use or an open link, for the page of links: ascending, twice where both. */
MUST_USE enum rc device_units(struct db *db, struct arena *a, str role, int64_t now_ms, int64_t **out_bound,
	size_t *out_bound_n, int64_t **out_linked, size_t *out_linked_n, struct err *err);
