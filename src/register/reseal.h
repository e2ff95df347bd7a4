/* reseal.h -- the rewriter: moves what is sealed in another form to the form that is written now (another suite, or the
 * single key from before version 1), online: slices of rows as jobs like any other, both forms readable meanwhile. No row's
 * version moves and no figure changes. What cannot be opened because its key was destroyed stays as it is. Interrupted, it
 * begins again and passes over what is done. */
#pragma once
#include "register/city.h"

/* *out_values: sealed values and versions of history that were written anew. */
MUST_USE enum rc reseal_all(struct city *c, const struct actor *actor,
	void (*told)(void *user, int64_t values), void *user, int64_t *out_values, struct err *err);
