/* protect.h -- more protection for what stands already: a text becomes a sealed one, a register more sensitive.
 *
 * Part of a change of the declarations, inside its one job (model_change.h, qinghe model apply), so that it stands whole or
 * not at all:
 *   - every value of a field that is sealed from now on is sealed in its row, under the key of the person whose row it is
 *     (row.h), and in every version of the history;
 *   - where a register comes to hold data of persons, sealed values of rows without a person move from the city's key to
 *     one of the row's own, so that forgetting it destroys them;
 *   - indexes are made anew by the schema; a field of the natural key or that stands once is refused, since its blind
 *     index would have to stand before.
 * Never less: a register with rows is not made less sensitive, and a sealed field is not opened (schema.h: its values would be
 * lost). Whoever means that keeps the rows in a register of their own, under an impact assessment.
 *
 * The tables are STRICT: a process that still has the model before can write no text where bytes are sealed now; it gets an
 * error until it is opened again. What pages of the file held before is gone after protect_scrub. Frozen reports, files that
 * were exported and backups from before stay as they were. */
#pragma once
#include "register/city.h"
#include "register/schema.h"

struct protecting {
	struct job_ctx *c;
	const struct model *then;
	struct reg *stood; /* as then->regs: how each was protected (schema_stood) */
	bool needed;       /* something is protected more: there is something to scrub afterwards */
	int64_t values;    /* sealed by it, rows and history */
};

/* RC_CONFLICT: a register with rows would be less protected; RC_INVALID: a field that cannot be sealed afterwards.
 * *out_needed: as in struct protecting; may be NULL. */
MUST_USE enum rc protect_check(
	struct arena *a, struct db *db, const struct model *then, bool *out_needed, struct err *err);
/* In the one job: begin, schema_apply with the sealer, rest. */
MUST_USE enum rc protect_begin(
	struct job_ctx *c, const struct model *then, struct protecting *out, struct err *err);
struct schema_sealer protect_sealer(struct protecting *x);
MUST_USE enum rc protect_rest(struct protecting *x, struct err *err);
/* After the job is durable, with no snapshot of this thread open: the room that the old values took is written anew. */
MUST_USE enum rc protect_scrub(const char *db_url, const struct model *m, struct arena *a, struct err *err);
