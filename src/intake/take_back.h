/* take_back.h -- the sheets that come back of a collection (service/coordination): each file into the register that was
 * asked for, or, where the collection asks for its own columns, its first filled line into the unit's answer; the unit's reply
 * is then submitted. A file that cannot be taken stops nobody else's: files[] says of each what became of it.
 *
 *     struct take t = {.a = a, .city = city, .actor = actor, .db = db, .c = &coll};
 *     TRY(take_begin(&t, err));
 *     TRY(take_file(&t, "back.zip", bytes, err));       and so on: .xlsx, .csv, .zip of those
 *     t.files[0 .. t.n-1]
 *
 * Who sent a file is known by the code on its hidden sheet, a 填报单位 line or the sender's code; with `only` it is that unit,
 * whatever the file says otherwise is refused. A unit has answered when no row of its file was refused. */
#pragma once
#include "intake/import_file.h"
#include "service/coordination/collect_act.h"

struct take {
	struct arena *a;
	struct city *city;
	struct actor actor;
	struct db *db;                /* for looking up; only read */
	struct coll *c;               /* its units with their replies; their states follow what is taken */
	const struct coll_unit *only; /* one of c->units: its own file; NULL: of any */
	struct import_outcome *files;
	size_t n, cap;
	/* private */
	struct import_request q;
	const char *archive;
};

/* RC_CONFLICT unless the collection is issued; RC_INVALID where it asks for nothing that a sheet could hold. */
MUST_USE enum rc take_begin(struct take *t, struct err *err);
/* bytes.p NULL: what stands at path. Only a fault of the city itself (RC_IO, RC_UNKNOWN, RC_DENIED) is given back. */
MUST_USE enum rc take_file(struct take *t, const char *path, str bytes, struct err *err);
/* The ending of a file that is looked at at all. */
bool take_looks_at(str name);
