/* import_undo.h -- a whole import taken back (contract.md, import undo).
 *
 * Rows that the import made go, with their history and what imported remembers of them, so that the corrected file may
 * come in anew; rows that it changed get the values and the state that they had, as a new version; people that it made and
 * that no other row, role or account names go too, and what it changed of people is set back. All of it, or nothing.
 *
 * Refused (RC_CONFLICT, naming the first) where later changes stand on it:
 *   - a row of it was edited, moved or changed by a later import;
 *   - another row refers to a row that it made, or works on its case; to a unit: roles, devices and authorisations too;
 *   - a row of it was sent up (the coordination service's lock).
 * Only who made the import takes it back, or the operator; RC_DENIED else.
 *
 * What it needs: imported.inserted names the import that made a row; import_change(import, register, "row", version, after,
 * digest, last, last_version) what an import found and left of each row that it changed: versions before and after, and what
 * imported remembered before (last 0: nothing). */
#pragma once
#include "register/record.h"

struct import_undone {
	const struct reg *reg;
	int64_t removed, restored, people;
};

/* Inside a job. */
MUST_USE enum rc import_undo(struct job_ctx *c, int64_t import, struct import_undone *out, struct err *err);

/* Inside an import's job, before it overwrites what imported remembers of a row: the row had `version` and the import leaves
 * `after` (the same: only the memory changes). The first note of a row holds, `after` of the last. */
MUST_USE enum rc import_note_change(struct job_ctx *c, int64_t import, const struct reg *reg, int64_t row,
	int64_t version, int64_t after, struct err *err);
