/* backup.h -- a city in one sealed file, and back.
 *
 * A backup is a parcel (parcel.h) sealed to the city's recovery key: manifest.json, city.db (a consistent snapshot taken
 * while others write), and what lies beside the database (beside.h): files/ab/HASH, model/ID-…/…, archive/…. The restored
 * city stands on the declarations that came with it, wherever it lies. It holds neither the root key nor the key store: both are kept apart (`qinghe key`),
 * so that a person's destroyed key is destroyed in every backup as well. A restore needs the root key (its file, or both
 * sheets of paper) and today's key store; it replays every shredding that the store or the city's own audit knows.
 *
 * The snapshot is made beside the destination, mode 0600, and taken away at the end; it holds sealed values as envelopes
 * only, like the database itself. */
#pragma once
#include "guard/parcel.h"
#include "register/city.h"

struct backup_told {
	int64_t audit_seq, bytes, files, at_ms;
};
/* Noted in the city (guard/house.h), so that its age is known. RC_CONFLICT where dest stands. */
MUST_USE enum rc backup_make(struct city *c, const struct actor *actor, const char *dest,
	struct backup_told *out, struct err *err);

struct restore_told {
	str city;
	int64_t audit_seq, files, shredded, made_at_ms;
};
/* Unpacks to a new city at db_url, whose key file and key store must be in place; migrates an older schema, replays the
 * shreddings. Where it fails before the database is in its place, nothing of that is left behind. */
MUST_USE enum rc backup_restore(
	struct arena *a, const char *src, const char *db_url, struct restore_told *out, struct err *err);
