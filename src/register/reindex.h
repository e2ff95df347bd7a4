/* reindex.h -- the key of the blind indexes changed while others work, so that whoever searches finds the same before,
 * meanwhile and after, and a unique value stays unique.
 *
 * An entry of `find` says which generation of the key it is under; the key of each is derived from the root key. Settings:
 * blind_generation: the one that is in use; blind_next "GENERATION AFTER REGISTER": the one that is being entered, and the
 * last row done. The steps, each a job of its own:
 *     begin    blind_next stands: from here on writers enter people under both (person.c) and blind columns (schema.h) under
 *              the next alone; whoever looks into a blind column asks under both (row_asked), and so do checks of keys and
 *              unique values (row_alone), since the unique index sees only what is under one key
 *     slices   of rows, at most 150 ms each, with a pause in which whoever waits gets the lock: blind columns come under the
 *              next key, people are entered under it as well. Who was merged or forgotten has no entry, and gets none.
 *     swap     blind_generation moves on, blind_next goes
 *     sweep    the older entries of people go, in slices; after the caller has told other processes (keys.c)
 * Broken off at any point (kill -9), the next call goes on behind the last slice; until then both keys are
 * asked and kept, which is only dearer. Expressions that compare a sealed field with a constant are hashed when a process
 * opens the city: a server that uses such checks is started anew after a rotation. */
#pragma once
#include "register/city.h"

/* What the database says is what the seal uses from here on. */
MUST_USE enum rc reindex_fresh(struct city *c, struct db *db, struct err *err);
/* Begin to swap. By the operator alone. told: after each slice, NULL: nobody. *out_rows: rows of registers gone through,
 * by this call. */
MUST_USE enum rc reindex_all(struct city *c, const struct actor *actor,
	void (*told)(void *user, int64_t rows), void *user, int64_t *out_rows, struct err *err);
/* A change of key that is under way, or was broken off: next is the generation being entered (0: none), old counts the
 * entries of people that a sweep has still to take. */
struct reindex_left {
	int64_t next, old;
};
MUST_USE enum rc reindex_left(struct reader *r, struct reindex_left *out, struct err *err);
/* What is entered under keys before the one in use goes. By the operator alone. */
MUST_USE enum rc reindex_sweep(struct city *c, const struct actor *actor, struct err *err);
/* The same under the key that stands: `find` and the blind columns out of the rows alone, whatever was there (qinghe rebuild
 * find). Found are the people that are not void and still have a name of their own. In slices, each a job of its own that
 * takes out a run of people and enters it again: others search and write between them, and who is found today is found all
 * the while. Broken off, the slices done stand and nothing is half; the next call begins again. By the operator alone.
 * told: as above. */
MUST_USE enum rc reindex_rebuild(struct city *c, const struct actor *actor,
	void (*told)(void *user, int64_t rows), void *user, struct err *err);
