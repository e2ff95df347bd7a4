/* import_file.h -- one spreadsheet into a register: find the sheet and its header, gather rows, run slices as jobs.
 * The reading half of the import, whose meaning half is register/import.h. */
#pragma once
#include "intake/import_totals.h"
#include "register/profile.h"

/* A cell put right by hand: read instead of what stands in the file. */
struct import_mend {
	int64_t row;
	size_t column; /* from 0 */
	str text;
};

struct import_request {
	struct db *db;                           /* for looking up; only read */
	void (*shown)(void *user, int64_t rows); /* after each slice; may be NULL */
	void *shown_user;
	const struct reg *reg;
	const char *path;  /* "-": standard input */
	str bytes;         /* when given (a member of a .zip), instead of the path's content */
	const char *sheet; /* NULL: the one that fits */
	const struct map_wish *wishes;
	size_t wishes_n;
	int64_t org;            /* --org */
	const int64_t *senders; /* when given, a file of any other unit is refused before a row is read */
	size_t senders_n;
	const struct period *period;    /* of sheets of totals; NULL: not told */
	const struct profile *profile;  /* --profile; NULL: the one that the headers are of, if any */
	const struct profile *profiles; /* all */
	size_t profiles_n;
	bool dry_run, overwrite, keep_rejects;
	bool first_sheet;    /* of several that fit take the first: whoever asks shows which it was */
	uint32_t header_row; /* the header's last row as chosen by hand; 0: found */
	const struct import_mend *mends;
	size_t mends_n;
	size_t preview_max; /* so many rows of each fate are kept for a preview */
};

/* A row as the preview shows it: its cells, and what was read from them where that looks different. */
struct preview_cell {
	size_t column;
	str before, after; /* before: what stands now, of a changed row; empty: nothing stood */
	bool changed;
};
struct import_preview {
	int64_t row;
	enum import_fate fate;
	const str *cells;
	size_t n;
	struct preview_cell *read;
	size_t read_n;
};

struct import_sheet {
	str name;
	bool hidden;
};

struct rejected_row {
	int64_t row;
	const str *cells;
	size_t n;
	str reasons; /* joined by ； */
};

struct import_outcome {
	str file, sheet;
	uint32_t header_row; /* of a sheet of rows: the last of the header */
	struct import_map map;
	struct import_counts counts;
	struct import_error *errors;
	size_t errors_n;
	int64_t hidden_rows, import_id;
	int64_t sender;   /* the unit that the file names; 0: none */
	str owner_code;   /* of rows without a unit column: --org or the sender; empty: the actor's unit */
	struct err fault; /* of several files: why this one could not be read at all; empty text: it was */
	const struct profile *profile; /* by which it was read */
	str ignored;                   /* headers that mean nothing here, joined */
	struct rejected_row *rejects;
	size_t rejects_n;
	struct import_preview
		*previews; /* in the order of the sheet; rows that errors name are not among them */
	size_t previews_n;
	const struct import_sheet *sheets;
	size_t sheets_n;
	const char *encoding; /* of separated values; NULL: .xlsx */
};

/* The outcome lives in the arena. RC_OK also where rows were rejected. */
MUST_USE enum rc import_file(struct arena *a, struct city *city, const struct actor *actor,
	const struct import_request *q, struct import_outcome *out, struct err *err);
/* The rejected rows of several files as a sheet to correct: their cells as they stood, reasons in the last column. */
MUST_USE enum rc rejects_write(
	const char *path, const struct import_outcome *files, size_t n, struct err *err);
