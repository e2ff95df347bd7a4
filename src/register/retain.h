/* retain.h -- the run of retention: what happens when a register's `keep` has run out (rules/retention.yaml).
 *
 * A calendar year of a register ends together: rows whose event date (else the day they were entered) lies in a year of
 * which `keep` has passed. What a figure counts, or what the rules name, becomes a skeleton: unit, state, dates, fields
 * that figures and grades read and those of keep_fields stay; everything else goes, sealed fields and history first, and
 * the person is replaced by a number that leads to nobody (a nameless row of person with the same countable fields, the
 * same one for all rows of that person in the run, so that every figure keeps its value). Other rows are deleted with
 * their history. Rows that a hold covers, and rows that others still refer to, wait for the next run.
 * A person whose own term has run out and to whom no row leads any more is forgotten, and the key destroyed (shred.h).
 *
 * Files of closed years go the same way (archive.h).
 *
 * One job a register, so that a run may be interrupted and taken up again; the numbers by register and month stand in
 * retention_gone, and a trace says "N rows deleted on D". */
#pragma once
#include "register/record.h"

#define RETAIN_NAMELESS "（保存期满）" /* the name of rows that stand for people past their term */

struct retained {
	int64_t run, deleted, skeletons, held, keys;
};
/* By the operator or secadmin. dry: counts what is due (held rows among it) and changes nothing. */
MUST_USE enum rc retain_run(struct city *c, const struct actor *actor, struct arena *a, bool dry,
	struct retained *out, struct err *err);

/* The hooks of guard/house.h. user: the city. */
MUST_USE enum rc retain_due_job(struct job_ctx *c, int64_t *out_rows, struct err *err);
MUST_USE enum rc retain_house(void *city, struct err *err);

/* What a run today would find in each register, held rows among it; registers without are left out. */
struct retain_line {
	const struct reg *reg;
	int32_t before; /* rows that happened before this day */
	int64_t rows;
	bool skeleton; /* they stay as what counts; false: they go whole */
};
MUST_USE enum rc retain_lines(struct db *db, struct city *city, struct arena *a, struct retain_line **out,
	size_t *out_n, struct err *err);
/* Rows of one register that happened before a day, holds among them; DATE_NONE: none. */
MUST_USE enum rc retain_past_of(struct db *db, struct city *city, struct arena *a, const struct reg *reg,
	int32_t before, int64_t *out_rows, struct err *err);
/* Runs so far, the newest first, at most 20. */
struct retain_past {
	str day;
	int64_t deleted, skeletons, held, keys;
};
MUST_USE enum rc retain_runs(
	struct db *db, struct arena *a, struct retain_past **out, size_t *out_n, struct err *err);

/* What went of a register in months [from, to) (YYYY-MM), last run first. */
struct gone {
	str day; /* of the run */
	int64_t deleted, skeletons;
};
MUST_USE enum rc retain_gone(struct db *db, struct arena *a, str reg, const char *from, const char *to,
	struct gone **out, size_t *out_n, struct err *err);
/* The first day that is still kept; DATE_NONE: for good. */
int32_t retain_from(const struct reg *reg, int32_t today);
