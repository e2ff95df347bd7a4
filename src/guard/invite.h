/* invite.h -- an account that a unit gives to one of its own people: two halves that go two ways.
 *
 * A link (100 bits, INVITE_DAYS) on paper, and six digits that are told in person. Either alone opens nothing; after
 * INVITE_TRIES wrong digits the link is dead. Both are kept as hashes only, the digits under a key of the city and bound
 * to the link. It stands in table claim beside the codes of the administrators (account.h), which account_claim goes on
 * with once the digits have held; until then it takes such a link for none.
 *
 * Nobody's account is taken over: an invitation is refused for who has a password already, when it is made and when it is
 * claimed. Who may invite whom, ages and consents, register/invitation.h looks at. Functions with a job_ctx run inside
 * a job; print the texts, never log them. */
#pragma once
#include "guard/account.h"
#include "guard/seal.h"

enum { INVITE_DAYS = 14, INVITE_TRIES = 5, INVITE_TOLD_DIGITS = 6 };

struct invite {
	char link[ACCOUNT_CODE_BYTES]; /* NUL-ended */
	char told[INVITE_TOLD_DIGITS + 1];
};
/* RC_CONFLICT: the person has an account. An older link of the person is dead. */
MUST_USE enum rc invite_make(
	struct job_ctx *c, struct seal *seal, int64_t person, struct invite *out, struct err *err);
/* A link that waits for its digits: whose it is. RC_DENIED: wrong, used or too old. */
MUST_USE enum rc invite_find(struct db *db, str link, int64_t now_ms, int64_t *out_person, struct err *err);
/* RC_OK: the digits hold, account_claim takes the link from now on. RC_FOUND (which commits): wrong, *out_left tries
 * remain, 0: the link is dead. */
MUST_USE enum rc invite_prove(
	struct job_ctx *c, struct seal *seal, str link, str told, int *out_left, struct err *err);
/* Until when an invitation of the person waits; 0: none does. */
MUST_USE enum rc invite_waits(
	struct db *db, int64_t person, int64_t now_ms, int64_t *out_until_ms, struct err *err);
