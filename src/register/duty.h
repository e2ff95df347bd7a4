/* duty.h -- duties and units: who holds a role in which unit, the rows that hang on a duty, and how they go over.
 *
 * A field of type person declared `duty: true` names whoever holds a duty (the case worker of an open case, the keeper of
 * a venue), not a fact about that person. Rows whose state still leads somewhere (duty_open) and that name the giver in
 * such a field are tasks: at a hand-over (guard/handover.h) they pass to the taker, each as an edit with its history.
 *
 * Links for a whole subtree: duty_units lists the units of one kind, with their holder of the role today where one is
 * known; duty_links makes the links (guard/device.h), duty_take_up makes the person that a nameless link found.
 * Functions with a job_ctx run inside a job. */
#pragma once
#include "guard/device.h"
#include "guard/handover.h"
#include "register/record.h"

enum { DUTY_NAME_MAX_CHARS = 40, DUTY_LINKS_MAX = 200 /* a job */ };

struct duty_unit {
	int64_t org, person; /* one entry a holder; person 0: nobody holds the role there */
	str code, name;
	bool bound, linked; /* a phone is in use; a link waits */
};
/* Units of a kind ("branch") without units under them today, in the subtree of org (0: the whole city), by code. The
 * reader's actor is not asked: the caller has looked at his role. */
MUST_USE enum rc duty_units(struct reader *r, int64_t org, str kind, str role, struct duty_unit **out,
	size_t *out_n, struct err *err);

struct duty_link {
	int64_t org, person;
	char code[LINK_TEXT_BYTES];
};
/* Fills code of each; at most DUTY_LINKS_MAX, one audit row that names the units. */
MUST_USE enum rc duty_links(struct job_ctx *c, str role, struct duty_link *list, size_t n, struct err *err);
/* A person of that name in the unit, who holds the role from today on. Done by a link that somebody with the right made. */
MUST_USE enum rc duty_take_up(
	struct job_ctx *c, int64_t org, str role, str name, int64_t *out_person, struct err *err);

bool duty_open(const struct reg *reg,
	str state); /* a move other than voiding or correcting leads on from it, or none leads to it */
/* Tasks of a person in the subtree of org, as items of a hand-over; at most HANDOVER_ITEMS_MAX. */
MUST_USE enum rc duty_rows(struct job_ctx *c, int64_t person, int64_t org, struct handover_item **out,
	size_t *out_n, struct err *err);
/* Makes the hand-over with the giver's tasks; signs for one side and, when both stand, carries all of it out. */
MUST_USE enum rc duty_hand_over(
	struct job_ctx *c, const struct handover *what, int64_t *out_id, struct err *err);
struct duty_signed {
	bool done;
	struct duty_link *links; /* once done: the taker's, for roles that a phone carries */
	str *roles;
	size_t links_n;
};
MUST_USE enum rc duty_sign(
	struct job_ctx *c, int64_t id, bool giver, struct duty_signed *out, struct err *err);
