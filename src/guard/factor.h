/* factor.h -- an account's second factor: an authenticator's secret, and ten codes on paper for the day it is lost.
 *
 * Setting up. The secret offered to a session follows from the city's key and the session's token (factor_offer), so a
 * page that shows it writes nothing; it becomes the account's only when a code of it has been typed (factor_set). It is
 * kept sealed (account.totp). A code is good once: account.totp_step keeps the last step used, and only a later one counts,
 * so of two requests with the same code one wins.
 * Recovery codes: 10 letters and digits (50 bits), good once, kept as keyed hashes; a new set replaces the old one.
 * How often one may guess is limit.h's matter; a wrong code is RC_DENIED and leaves its row of refusal.
 * Whoever has lost both: operator or secadmin take the factor off (factor_reset) and make a new one-time code (account.h).
 *
 * Functions with a job_ctx run inside a job and name the account in its audit row, never a code. */
#pragma once
#include "guard/job.h"
#include "guard/seal.h"
#include "guard/totp.h"

enum { RECOVERY_CODES = 10, RECOVERY_CHARS = 10, RECOVERY_TEXT_BYTES = 13 };

struct recovery {
	char code[RECOVERY_CODES][RECOVERY_TEXT_BYTES];
};

struct totp_secret factor_offer(struct seal *seal, str session_token);
/* Of the actor: the secret with a code of it. All sessions end, the old recovery codes too; new ones come back. */
MUST_USE enum rc factor_set(struct job_ctx *c, struct seal *seal, const struct totp_secret *secret, str code,
	struct recovery *out, struct err *err);
/* A code of the authenticator, or a recovery code: used up by this. RC_DENIED for any other. */
MUST_USE enum rc factor_prove(
	struct job_ctx *c, struct seal *seal, int64_t person, str code, struct err *err);
MUST_USE enum rc factor_new_codes(
	struct job_ctx *c, struct seal *seal, struct recovery *out, struct err *err);
MUST_USE enum rc factor_reset(struct job_ctx *c, int64_t person, struct err *err);

/* *out_set: an authenticator is set up; *out_left: recovery codes not used yet. */
MUST_USE enum rc factor_state(struct db *db, int64_t person, bool *out_set, int *out_left, struct err *err);
/* The running code. RC_DENIED for a city that is no demo. */
MUST_USE enum rc factor_demo_code(struct db *db, struct arena *a, struct seal *seal, int64_t person,
	int64_t now_ms, char out[TOTP_DIGITS_MAX + 1], struct err *err);
