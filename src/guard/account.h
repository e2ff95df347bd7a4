/* account.h -- accounts, each bound to a person, and the one-time codes by which they are claimed.
 *
 * There is no default account and no default password. Whoever may (security administrator, or the operator) makes a
 * code for a person; that person claims the account with it: chooses a handle and a password. A new code for somebody
 * who has an account is how a lost password is replaced. A code is 20 letters and digits in fours (100 bits), good once,
 * for 14 days, until the next one is made; only its hash is kept. Print it, hand it over, never put it in a log, in
 * job_reply or in the audit's detail.
 * Handles: 3 to 32 of a-z 0-9 . _ -, beginning with a letter; never a person's name.
 *
 * Functions with a job_ctx run inside a job; they fill action and subject of its audit row ("account:12"). */
#pragma once
#include "guard/job.h"

enum { ACCOUNT_CODE_BYTES = 25, ACCOUNT_CODE_DAYS = 14, ACCOUNT_HANDLE_MAX_BYTES = 32 };

struct account {
	int64_t person;
	str handle, password; /* password: its hash, empty while none is set */
	int64_t password_at_ms;
	bool disabled;
};

/* RC_NOT_FOUND where there is none. At sign-in go on with an empty hash then, so that both cases take equally long. */
MUST_USE enum rc account_by_handle(
	struct db *db, struct arena *a, str handle, struct account *out, struct err *err);
MUST_USE enum rc account_by_person(
	struct db *db, struct arena *a, int64_t person, struct account *out, struct err *err);

/* The code's text, NUL-ended. RC_DENIED for actors that are neither operator nor secadmin above
 * all units of the person (role_check_over). */
MUST_USE enum rc account_code(
	struct job_ctx *c, int64_t person, char out[ACCOUNT_CODE_BYTES], struct err *err);
/* By whoever holds the code (actor_nobody). The hash comes from password_hash, after password_rules. An account that
 * stands keeps its handle where none is given. All its sessions end. */
MUST_USE enum rc account_claim(
	struct job_ctx *c, str code, str handle, str password_hash, int64_t *out_person, struct err *err);
/* Whose code it is, without using it: for the page that asks for handle and password. */
MUST_USE enum rc account_of_code(
	struct db *db, str code, int64_t now_ms, int64_t *out_person, struct err *err);
/* The actor's own, after the old one was asked for; all sessions end. */
MUST_USE enum rc account_password(struct job_ctx *c, str password_hash, struct err *err);
/* By operator or secadmin, as account_code. A disabled account has no sessions. */
MUST_USE enum rc account_disable(struct job_ctx *c, int64_t person, bool disabled, struct err *err);
/* Leaves the audit row of a sign-in that was refused: always RC_DENIED. subject: "account:12" or "account"; action:
 * "sign_in", or "limit" where guessing was slowed down; address: whence. */
MUST_USE enum rc account_refused(
	struct job_ctx *c, const char *action, int64_t person, str address, struct err *err);
