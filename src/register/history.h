/* history.h -- what a row was before each change. Table history(register, row, version, at, actor, kind, before):
 * `version` is the one that `before` shows (as JSON, sealed values as their envelopes in hex, so that nothing opens
 * without the key). Version 1 of a row that was never changed has no history. */
#pragma once
#include "register/record.h"

/* reason: as the person gave it for this change, sealed; may be empty. */
MUST_USE enum rc history_put(
	struct job_ctx *c, const struct record *before, str kind, str reason, struct err *err);
/* An older version than the one that stands, all of it: for the program's own work (undo), never for a page. */
MUST_USE enum rc history_at(
	struct job_ctx *c, const struct record *now, int64_t version, struct record **out, struct err *err);
/* Writes a version's sealed values anew where they stand in another form than the one written now (reseal.h). */
MUST_USE enum rc history_reseal(struct job_ctx *c, const struct reg *reg, int64_t id, int64_t version,
	str text, bool *out_changed, struct err *err);
/* Writes a version as the register seals now, out of how it sealed before (protect.h). */
MUST_USE enum rc history_protect(struct job_ctx *c, const struct reg *old, const struct reg *new, int64_t id,
	int64_t version, str text, struct err *err);
/* One version out of its text, all of it opened: for the program's own work, never for a page. */
MUST_USE enum rc history_read(struct arena *a, struct city *city, const struct reg *reg, int64_t id,
	int64_t version, str text, struct record **out, struct err *err);
