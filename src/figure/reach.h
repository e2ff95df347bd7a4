/* reach.h -- which rows a change can reach: from the paths in the figures' expressions, backwards; private to figure/.
 *
 * A figure of register R that reads `event.drive.kind` depends on rows of the registers of event and of drive. For each
 * such register X one reach says which columns of X matter and how to find the rows of R: r.event = ID, or (two steps)
 * event.drive = ID. A condition `exists(S by REF where P)` depends on S: the rows of R that a row of S points to, and
 * through the paths of P on what S points to. */
#pragma once
#include "figure/tally.h"
#include "register/change.h"

/* Columns of a register that matter. */
struct columns {
	uint64_t fields[2];
	bool org, state, always; /* always: a system column that every change moves */
};

struct reach {
	const struct reg *from; /* a change of a row of this register ... */
	struct columns columns; /* ... in one of these columns */
	size_t to;              /* touches rows of the register at this index of the model */
	str path;               /* text of the path, or of the exists, for telling reaches apart */
	bool exists;            /* the changed row stands under an exists of `to`: see watch.c */
	bool pointing;          /* exists: the column that points back may itself have changed */
	struct contrib_form form;
	int id_p;
};

struct reaches {
	struct reach *list;
	size_t n, cap;
	struct columns own; /* of the register itself */
};
/* All reaches into the register of r, and the columns of its own that its figures read. */
MUST_USE enum rc reaches_find(struct arena *a, const struct model *m, const struct counted_reg *r, size_t to,
	struct reaches *out, struct err *err);

bool columns_changed(const struct columns *c, const struct change *ch);
