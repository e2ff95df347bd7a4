/* settled.h -- what the cells held of a closed year when its rows left for the archive (register/archive.h): facts from then
 * on, added to what rows come to in every recount and check.
 *
 *     archive_figure(part, n, figure, digest)   the definition that the cells were made by
 *     archive_cell(part, n, org, span, piece, value)   addresses and pieces as in cells (sums.h)
 *
 * A figure whose definition changed since, or that is new, cannot be told for such a year: the rows are not there to count.
 * The same holds where the rows themselves are asked for: single days, a distinct number of another span than the year, a
 * declared total. The answer says which rows to bring back. */
#pragma once
#include "figure/cells.h"
#include "register/archive.h"

struct settled {
	struct archive_part *parts;
	size_t parts_n;
	struct settled_figure {
		const struct archive_part *part;
		const struct figure *figure; /* NULL: of an older definition, or gone */
		int n;
	} * list;
	size_t n;
};
MUST_USE enum rc settled_load(
	struct arena *a, struct db *db, const struct model *m, struct settled *out, struct err *err);
/* Do rows of that year stand while its cells are facts already (on their way there or back)? They are not counted then. */
bool settled_year(const struct settled *s, const struct reg *reg, int32_t day);
/* Adds the facts to sums (by number; only as in recount.h) and what the root has to `plain`, NULL where not wanted. */
MUST_USE enum rc settled_add(struct db *db, const struct settled *s, const struct numbers *numbers,
	const bool *only, int64_t root, struct sums *sums, int64_t *plain, struct err *err);
/* Why the figure cannot be told for the period; empty: it can. by_rows: it would be counted from rows. */
str settled_why(struct arena *a, const struct settled *s, const struct figure *f, const struct period *p,
	bool by_rows);

/* Inside the job that makes the part leave: its cells become facts. RC_CONFLICT where a figure is being recounted. */
MUST_USE enum rc settled_take(
	struct job_ctx *c, const struct reg *reg, const struct archive_part *part, struct err *err);

/* For a trace: what archived rows weigh in the figure for org and period, by part. */
struct settled_line {
	int year;
	int64_t rows, value; /* rows: of the whole part */
	str name;            /* of the file */
	bool ended;          /* it was deleted when its time was over */
};
MUST_USE enum rc settled_lines(struct reader *r, const struct figure *f, const struct period *p, int64_t org,
	struct settled_line **out, size_t *out_n, struct err *err);
