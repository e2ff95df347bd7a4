/* declared.h -- what the model tells the report desk (reports/desk.yaml): tables by unit, evidence, five-year plans.
 *
 * An annex is a table of figures, one line a unit right under the report's own and a line for the whole; a report's text asks
 * for it by {{annex ID}} on a line of its own (outline.h), which stands for annex_text. A cell prints the exact value, or a
 * dash where it cannot be told ({{ID|cell}}, template.h): a table asks nobody to drop a sentence. A column whose figure has
 * nothing to tell for the report's own unit falls away, and a table without columns with it (source.c).
 * A model without the file has none of all this. Everything lives in the arena; the model must outlive it. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "register/model.h"

enum { ANNEXES_MAX = 24, ANNEX_COLUMNS_MAX = 8, EVIDENCE_MAX = 16, PLANS_MAX = 16 };

struct annex {
	str id;
	struct label label;
	const struct figure *figures[ANNEX_COLUMNS_MAX];
	str heads[ANNEX_COLUMNS_MAX];  /* Chinese, as the table prints them */
	str prints[ANNEX_COLUMNS_MAX]; /* a rule of round.h; empty: exactly */
	size_t n;
	const struct yaml *kinds; /* of the reports that offer it */
};

struct report_declared {
	struct annex annexes[ANNEXES_MAX];
	size_t annexes_n;
	const struct figure *evidence[EVIDENCE_MAX];
	size_t evidence_n;
	struct {
		str name;
		int64_t from, to;
	} plans[PLANS_MAX];
	size_t plans_n;
};

/* RC_INVALID names file, line and key. */
MUST_USE enum rc report_declared_read(
	struct arena *a, const struct model *m, struct report_declared *out, struct err *err);
const struct annex *annex_of(const struct report_declared *d, str id); /* NULL: none */
bool annex_offered(const struct annex *x, str kind);
/* The annex as text of a template. */
str annex_text(struct arena *a, const struct annex *x);
