/* consent_give.h -- a consent that a person gives for himself, or a guardian for the child, online; and whether one is in
 * force. Withdrawing is a move of the register consent. */
#pragma once
#include "register/record.h"

struct consent_order {
	int64_t person, guardian; /* guardian 0: the person itself */
	str purpose, version;     /* version: as kept, of the text that was shown (consent_text.h) */
};
/* Inside a job of who gives it. RC_CONFLICT: given and withdrawn today already. */
MUST_USE enum rc consent_give(struct job_ctx *c, const struct consent_order *x, struct err *err);
/* RC_OK where version is that of the purpose's text as it stands; RC_CONFLICT: the text has changed. */
MUST_USE enum rc consent_text_holds(
	struct arena *a, const struct model *m, str purpose, str version, struct err *err);
/* The day of the consent in force for the purpose, by the guardian or by anybody; empty: none is. */
MUST_USE enum rc consent_day(struct db *db, struct arena *a, int64_t person, str purpose, bool by_guardian,
	str *out, struct err *err);
/* Under 14, or of unknown age: only the guardian consents. */
MUST_USE enum rc consent_by_guardian(
	struct arena *a, struct db *db, struct city *city, int64_t person, bool *out, struct err *err);
