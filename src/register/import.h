/* import.h -- rows of messy sheets into a register (contract.md, import).
 *
 * Steps: import_map finds the header and what each column means; import_slice turns gathered rows into records inside a
 * job. Reading the file is the caller's (format/sheet.h); so is cutting it into slices: a slice is re-runnable, each row
 * in it stands or falls alone.
 *
 * Columns are known by field id, label in zh or en, declared synonym, or the common words for person (姓名, 身份证号,
 * 电话, 性别, 出生年月), owner (单位, 组织编码), 状态 and 序号. A unit in the header's brackets holds for its column (万元).
 *
 * Identity of a row: the register's natural key; with `key: row` the digest of its form and its place among equal rows of
 * the file. Table imported remembers for each row the digest of its last imported form and the version that left behind:
 *     same digest                         unchanged, whatever was edited since
 *     other digest, version as left       updated
 *     other digest, edited since          rejected as a conflict with both values, unless overwrite
 * A row that the register has but no import remembers is compared field by field. Empty cells leave values as they are.
 * A row that was voided after its import stays void: the same digest is unchanged, another is a row anew.
 *
 * A refused row leaves nothing behind, not even the person that it would have made. References to rows further down in the
 * same file (a unit's parent) are tried again at the slice's end.
 *
 * Messages name what is wrong and what to do; the caller knows row and column. Values of sealed fields are masked. */
#pragma once
#include "base/map.h"
#include "register/record.h"

enum {
	IMPORT_COLUMNS_MAX = 200,
	IMPORT_HEADER_SEARCH_ROWS = 30,
	IMPORT_SLICE_ROWS = 5000,
	IMPORT_ERRORS_MAX = 10000
};

enum column_kind {
	COL_NONE, /* not known: told, not read */
	COL_FIELD,
	COL_PERSON_NAME,
	COL_PERSON_ID,
	COL_PERSON_PHONE,
	COL_PERSON_SEX,
	COL_PERSON_BIRTH,
	COL_ORG,
	COL_STATE,
	COL_NUMBER /* 序号: never data */
};

struct column {
	enum column_kind kind;
	const struct field *field; /* COL_FIELD; the person field for COL_PERSON_* */
	str header;                /* as it stands in the sheet */
	str unit;                  /* 万元 ..., in the header's brackets */
};

struct import_map {
	const struct reg *reg;
	struct column columns[IMPORT_COLUMNS_MAX];
	size_t n;
	size_t known; /* columns that mean something */
};

/* --map 'COLUMN=FIELD' */
struct map_wish {
	str header, field;
};

/* What a header text means for this register. */
struct column import_column(
	struct arena *a, const struct reg *reg, str header, const struct map_wish *wishes, size_t n);
/* How well a row serves as header: number of known columns; 0 where it cannot be one. */
size_t import_header_score(struct arena *a, const struct reg *reg, const str *cells, size_t n,
	const struct map_wish *wishes, size_t wishes_n);
void import_map_make(struct arena *a, const struct reg *reg, const str *cells, size_t n,
	const struct map_wish *wishes, size_t wishes_n, struct import_map *out);

/* Rows that are not data. */
enum row_kind { ROW_DATA, ROW_BLANK, ROW_SUM, ROW_NOTE, ROW_UNIT };
/* ROW_UNIT: a line 填报单位：X; *out_unit is X. */
enum row_kind import_row_kind(struct arena *a, const str *cells, size_t n, str *out_unit);

struct import_row {
	int64_t row;      /* as told to people */
	const str *cells; /* by column index; texts as a person reads them (dates ISO, numbers shortest) */
	size_t n;
	const char *fault; /* the reader's own finding (an error cell, a damaged number), or NULL */
	size_t fault_column;
	str state; /* that the row takes where it names none; empty: the register's import_state */
};

struct import_error {
	int64_t row;
	str column, field, value, message;
	bool warning;
};

struct import_counts {
	int64_t rows, inserted, updated, unchanged, rejected;
};

/* Of a whole import. A slice fills `slice` from scratch, so that the job may run again; import_slice_done adds it to the
 * whole once the job is durable. */
struct import_part {
	struct import_counts counts;
	struct import_error *errors;
	size_t errors_n, errors_cap;
};

/* Keys of the file so far, the first row of each: by the first 64 bits of the key's digest. */
struct import_seen_table {
	struct import_seen *list;
	size_t n, cap, durable; /* durable: of the slices done; a slice that runs again begins behind them */
	struct imap all, slice; /* digest -> place in list */
};

/* What becomes of a row, told once the row is settled (again, if the job runs again); what the checks at the slice's end
 * take back is told by its error alone. */
enum import_fate { FATE_NEW, FATE_CHANGED, FATE_SAME };
struct import_told {
	struct job_ctx *c;
	const struct import_row *row;
	enum import_fate fate;
	const struct entry *entries; /* as read */
	size_t entries_n;
	const struct record *now; /* what stands, of a changed row */
};

struct import_state {
	struct arena *a;                                       /* the import's lifetime */
	void (*told)(void *user, const struct import_told *t); /* NULL: nobody listens */
	void *told_user;
	const struct import_map *map;
	int64_t org; /* owner of rows without a unit column; 0: the actor's */
	int64_t import_id;
	bool overwrite;
	str source; /* of new rows; empty: import */
	struct import_part all, slice;
	struct import_seen_table seen;
	struct import_people *people; /* import_people.h */
	bool people_unsure;           /* the last slice was not made durable (or is taken back: a dry run) */
	bool dry_run;
	struct import_refs *refs; /* of the slice: names resolved already */
	const str *above;         /* by column what stood last before the slice and was not 同上 */
	size_t above_n;
};

/* Inside a job: one slice of at most IMPORT_SLICE_ROWS rows. */
MUST_USE enum rc import_slice(
	struct job_ctx *c, struct import_state *s, const struct import_row *rows, size_t n, struct err *err);
void import_slice_done(struct import_state *s);
/* What stands above this row in a column, 同上 left out; `first`: the slice's first row. */
str import_above(const struct import_state *s, const struct import_row *first, const struct import_row *row,
	size_t at);
void import_state_done(struct import_state *s); /* frees what is not the arena's */

/* Inside a job: open an import (table imports) and close it with its counts. */
MUST_USE enum rc import_begin(struct job_ctx *c, const struct reg *reg, str file_name, str file_digest,
	int64_t org, int64_t *out_import, struct err *err);
MUST_USE enum rc import_end(
	struct job_ctx *c, int64_t import, const struct import_counts *counts, struct err *err);
