/* invitation.h -- who of a unit may be given an account by the unit (guard/invite.h), and claiming it.
 *
 * By who may write the person's row by its unit (permit.h, relation subtree: for persons that takes a standing
 * authorisation besides). Never to oneself, never to who holds an office's role (the security administrator does that), and
 * under 18, or of unknown age, only while a guardian's consent to the purpose `account` is in force: when it is made and
 * when it is claimed. */
#pragma once
#include "guard/invite.h"
#include "register/record.h"

enum { INVITATIONS_MAX = 50 /* a job */ };
#define INVITATION_PURPOSE "account"

enum invitation_state {
	INVITATION_OPEN,    /* may be invited */
	INVITATION_WAITS,   /* is invited; may be invited anew */
	INVITATION_HAS,     /* an account stands */
	INVITATION_OFFICE,  /* holds an office's role */
	INVITATION_CONSENT, /* a child, and no guardian's consent */
};
MUST_USE enum rc invitation_state(
	struct reader *r, const struct record *person, enum invitation_state *out, struct err *err);

struct invitation {
	int64_t person;
	struct invite made;
};
/* Inside a job: all of them or none. One audit row that names the persons. */
MUST_USE enum rc invitations_make(struct job_ctx *c, struct invitation *list, size_t n, struct err *err);
/* Inside a job of actor_nobody(). RC_FOUND (which commits): the digits are wrong, *out_left tries remain. */
struct invitation_claim {
	str link, told, handle, password_hash;
	int64_t person; /* out */
	int left;       /* out */
};
MUST_USE enum rc invitation_claim(struct job_ctx *c, struct invitation_claim *x, struct err *err);
