/* files_room.h -- how much room a city's stored files (guard/files.h) may take, all together: rules/files.yaml. Without
 * that file there is no limit.
 *
 * What is in use is what lies in CITY.files, counted anew every FILES_LOOK_S seconds and added to in between, for each
 * process by itself: several that store at once may pass the limit by what the others store in that time. Thread-safe. */
#pragma once
#include "register/city.h"

enum { FILES_LOOK_S = 600 };

/* RC_INVALID: the rule cannot be read; names file and line. *out_most: bytes, 0 where nothing is said. */
MUST_USE enum rc files_room_most(struct arena *a, const struct model *m, int64_t *out_most, struct err *err);
/* Counts now. */
MUST_USE enum rc files_room_used(struct city *c, int64_t *out_bytes, struct err *err);
/* So many more bytes: RC_LIMIT where they do not fit, in words for whoever stores. */
MUST_USE enum rc files_room_take(struct city *c, size_t bytes, struct err *err);
