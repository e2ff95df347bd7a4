/* shred.h -- a person's own key destroyed: what is sealed of this person is unreadable from then on, here and in every
 * backup, and is found by nobody.
 *
 * The rows stay and count on: unit, dates, countable fields, and a number that leads to nobody. A merge's other half
 * goes with the person. Order: the audit says who asks and why; the keys go (keystore.h: note open); then, in one job,
 * what could still tell: the entries of `find`, blind columns, digests of imported rows, the account. Then the note is
 * settled. A crash in between, or a restored backup, leaves an open note: shred_replay ends it at the next opening for
 * writing. Two shreddings never harm. */
#pragma once
#include "register/city.h"

struct keystore;

/* By the operator alone. out_people: with those merged into this one. */
MUST_USE enum rc person_shred(struct city *c, const struct actor *actor, struct arena *a, int64_t person,
	str reason, int *out_people, struct err *err);
/* Ends what open notes of the key store ask for; *out_n people. */
MUST_USE enum rc shred_replay(struct city *c, int64_t *out_n, struct err *err);
/* After either of the two came back from a copy: every shredding that the database's audit or the store knows holds in
 * both. Opens all notes; shred_replay ends them at the next opening for writing. *out_n notes stand. */
MUST_USE enum rc shred_from_audit(struct db *db, struct keystore *keys, int64_t *out_n, struct err *err);
