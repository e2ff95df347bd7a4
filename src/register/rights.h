/* rights.h -- what opens single rows to an actor, gathered once a request from the snapshot that the request reads:
 * standing authorisations and break-glass (guard/authorise.h), cases (explicit members, and those whom a row names by
 * `members:`), the children whose guardian the actor is (`guardian:`), and the sharing agreements of a partner
 * department. What stands in the actor afterwards lives in the arena.
 *
 * An anchor of a case that is reached through another register (follow_up -> agreement -> rights_case) is followed one
 * register further, as `case:` of the one between says.
 *
 * Nothing is kept between requests: what was revoked is gone at the next read. An error here refuses the request; there
 * is no default. */
#pragma once
#include "register/city.h"

/* The operator and strangers have none of these. */
MUST_USE enum rc rights_load(
	struct db *db, struct city *city, struct arena *a, struct actor *actor, struct err *err);
/* The fields that an agreement's text names ("child, risk、school"): adds to set; the first that the register has not. */
void rights_field_ids(struct arena *a, const struct reg *reg, str text, uint64_t set[2], str *out_unknown);
