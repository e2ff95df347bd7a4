/* archive.h -- closed years leave the live store for files that anyone can verify; every figure keeps its value.
 *
 * A part is one register's rows of one calendar year, by the register's event date. Which registers may leave is declared
 * (rules/retention.yaml: archive) and must fit: no row of another register leads to its rows or reads them, no files hang on
 * them, all its figures live in cells and count by that same date. A year may leave when it ended `after_years` ago, the
 * city's report of it is frozen, no row of it stands in the middle of its moves and no declared total covers it.
 *
 *     archive_begin   the year is closed from now on: no row of it is added, changed or taken out (archive_guard)
 *     archive_write   the file, new, mode 0600, synced; archive_read: read back, every line and the signature
 *     archive_leave   in one job: what the cells hold of the year becomes fact (figure/settled.h, by the caller), then
 *     archive_drop    the rows go, a slice a job; a run that was cut short is taken up where it stopped
 *     archive_back    the same rows out of the file again, slice by slice; the figures' facts go with the last one
 *
 * States of a part: leaving (closed), moving (its cells are facts), away, returning, ended (past its `keep`: the file was
 * deleted, the facts stay).
 *
 * The file is CITY.archive/REGISTER-YEAR.ndjson, one JSON value a line, in the order of (person, id), so that one person's
 * rows are found by bisection:
 *     {"qinghe_archive":1,"city":…,"register":…,"year":…,"columns":[…],"kinds":"itb…"}        integer, text, bytes in hex
 *     {"p":PERSON,"r":[values],"h":[[version,at,actor,kind,before],…],"i":[digest,import,version,inserted],"z":run}
 *     {"rows":N,"root":HEX,"key":HEX,"sig":HEX}     RFC 6962 root (SHA-256) of all lines before; Ed25519 over signed text
 * Sealed values stand as their envelopes: a destroyed key destroys them here too, and no value is more readable than it was
 * in the database. h, i, z only where there are any. */
#pragma once
#include "base/hash.h"
#include "register/record.h"

enum { ARCHIVE_NAME_BYTES = 128, ARCHIVE_SLICE_ROWS = 500 };

struct archive_part {
	int64_t id, rows, at_ms;
	str reg, state, name; /* name: of the file below CITY.archive */
	int year;
	struct hash digest; /* SHA-256 of the file; zeros before it is written */
};
/* All parts, by register and year. */
MUST_USE enum rc archive_parts(
	struct db *db, struct arena *a, struct archive_part **out, size_t *out_n, struct err *err);
const char *archive_path(struct arena *a, const char *db_url, str name);

/* ---- what may leave ---- */
struct archive_line {
	const struct reg *reg;
	int year;
	int64_t rows;
	str why; /* it stays; empty: it may leave. Of a declared register that does not fit: year and rows are 0 */
};
/* Years before `before`, oldest first, of the declared registers (only: one of them, or NULL). A part on its way is among
 * them; those away are not. */
MUST_USE enum rc archive_plan(struct reader *r, int before, const struct reg *only, struct archive_line **out,
	size_t *out_n, struct err *err);
/* Why the register can never be archived, in words; empty: it fits. */
str archive_unfit(struct arena *a, const struct model *m, const struct reg *reg);

/* ---- the way there ---- */
MUST_USE enum rc archive_begin(
	struct job_ctx *c, const struct archive_line *line, int64_t *out_part, struct err *err);
/* From the reader's snapshot. An old file under that name is replaced: its part was never away. */
MUST_USE enum rc archive_write(
	struct reader *r, const struct reg *reg, int year, struct archive_part *out, struct err *err);
/* At the begin of a run: what an earlier one that was killed left half written goes. */
void archive_sweep(struct arena *a, const char *db_url);
MUST_USE enum rc archive_leave(struct job_ctx *c, const struct archive_part *part, struct err *err);
/* *out_left: rows that still stand; at 0 the part is away. */
MUST_USE enum rc archive_drop(struct job_ctx *c, const struct reg *reg, const struct archive_part *part,
	int64_t *out_left, struct err *err);

/* ---- a file by itself ---- */
struct json_v;
struct archive_file {
	str city, reg, key; /* key: hex, of the signature */
	str line;           /* the row at hand, as it stands in the file */
	int year;
	int64_t rows;
	const struct json_v *columns;
	str kinds;
	struct hash digest;
};
/* Every line and the signature, without a database; visit (or NULL) sees each row. RC_INVALID: no archive; RC_FOUND: what
 * does not hold. */
MUST_USE enum rc archive_read(struct arena *a, const char *path, struct archive_file *out,
	enum rc (*visit)(
		void *user, const struct archive_file *file, const struct json_v *row, struct err *err),
	void *user, struct err *err);
/* By its bytes alone, before any of them is understood. RC_FOUND: not the file that this city's rows went into. */
MUST_USE enum rc archive_ours(
	struct db *db, struct arena *a, const char *path, struct archive_part *out, struct err *err);

/* ---- the way back ---- */
MUST_USE enum rc archive_back(struct city *c, const struct actor *actor, struct arena *a, const char *path,
	struct archive_part *out, struct err *err);
MUST_USE enum rc archive_forget(
	struct job_ctx *c, const struct archive_part *part, struct err *err); /* the last step */

/* ---- while a year is closed ---- */
/* The closed years as the writer knows them, at the begin of a batch. */
MUST_USE enum rc archive_fresh(struct city *c, struct db *db, struct err *err);
/* Rows first..last, which stand: RC_CONFLICT where one lies in a closed year. */
MUST_USE enum rc archive_guard(
	struct job_ctx *c, const struct reg *reg, int64_t first, int64_t last, struct err *err);

/* ---- whose rows they are ---- */
/* The archived rows of that person (and of those merged into him), as they stood; opened. A file that is not there is passed
 * over: archive_missing. visit returns false to stop. */
MUST_USE enum rc archive_person(struct reader *r, const struct reg *reg, int64_t person,
	bool (*visit)(void *user, struct record *rec), void *user, struct err *err);
/* The names of files that should be there, of parts that are away; empty: all are. */
MUST_USE enum rc archive_missing(struct reader *r, str *out, struct err *err);

/* ---- do the files hold ---- */
struct archive_report {
	int64_t looked_at, bad;
	char first[300];
	str elsewhere; /* names of files that are not here: brought to another place, perhaps */
};
/* Every file that rows of this city or of its audit log went into, line by line with its signature, and by the digest that
 * the city keeps. One that a move under way needs must be here. */
MUST_USE enum rc archive_check(struct reader *r, struct archive_report *out, struct err *err);

/* ---- when their time is over ---- */
/* Files whose register's `keep` has run out for the year are deleted, the cells stay; one in which rows of a held person stand
 * waits, one of rows that a retention run had reduced already stays. For retain.h. */
struct archive_retaining {
	int64_t run;
	bool dry;
	bool (*held)(void *user, const struct reg *reg, int64_t person);
	void *user;
};
MUST_USE enum rc archive_retain(struct city *c, const struct actor *actor, struct arena *a,
	const struct archive_retaining *how, int64_t *deleted, int64_t *held, struct err *err);
