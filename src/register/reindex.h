/* reindex.h -- the key of the blind indexes changed: every entry of `find` and every blind column made anew, in one job, so
 * that whoever searches finds the same before and after, and a unique value stays unique meanwhile. Others read on; writes
 * wait for it (a second for some 20,000 people). The generation stands in setting blind_generation; the key of each is
 * derived from the root key. Expressions that compare a sealed field with a constant are hashed when a process opens the
 * city: a server that uses such checks is started anew after a rotation. */
#pragma once
#include "register/city.h"

/* What the database says is what the seal uses from here on. */
MUST_USE enum rc reindex_fresh(struct city *c, struct db *db, struct err *err);
/* By the operator alone. *out_rows: rows of registers gone through. */
MUST_USE enum rc reindex_all(struct city *c, const struct actor *actor, int64_t *out_rows, struct err *err);
/* The same under the key that stands: `find` and the blind columns out of the rows alone, whatever was there (qinghe rebuild
 * find). Found are the people that are not void and still have a name of their own. */
MUST_USE enum rc reindex_rebuild(struct city *c, struct err *err);
