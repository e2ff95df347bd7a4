/* keys.h -- the keeping of a city's keys (guard/keystore.h), as jobs that the audit tells of. By the operator alone. */
#pragma once
#include "register/city.h"

/* One audit row, and the day in a setting where one is named (key_sheet_at, key_drill_at, key_export_at). */
MUST_USE enum rc keys_note(struct city *c, const struct actor *actor, const char *action, const char *setting,
	str detail, struct err *err);

struct keys_rotated {
	int64_t keys, values, orphans, indexed;
};
/* suite 0: as it is. What is sealed in another form is sealed anew (reseal.h); keys whose subject has no row are
 * destroyed, inside the write lock, so that none of a batch under way is taken for one; then every key is wrapped by a new
 * generation and the older ones end. Others work on meanwhile. index: the blind indexes get a new key as well (reindex.h); a change that was broken off is gone
 * on with. */
MUST_USE enum rc keys_rotate(struct city *c, const struct actor *actor, int suite, bool index,
	void (*told)(void *user, int64_t values), void *user, struct keys_rotated *out, struct err *err);

/* What a rotation that is under way, or was broken off, has left to do; the next one does it. */
struct keys_left {
	int64_t begun_at_ms; /* a rotation that did not come to its new generation of keys; 0: none */
	int64_t index;       /* the generation of the indexes' key that is being entered; 0: none */
	int64_t old_entries; /* of people in the index, under the key before */
};
MUST_USE enum rc keys_left(struct reader *r, struct keys_left *out, struct err *err);
