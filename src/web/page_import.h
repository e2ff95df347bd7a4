/* page_import.h -- what the pages of bringing in a sheet show; the steps are page_import.c's, import_show.c fills this. */
#pragma once
#include "intake/import_file.h"
#include "web/shell.h"

/* What is kept of an import between its steps. */
struct intake {
	str token, name, file; /* file: HASH KEY NAME */
	const struct reg *reg;
	struct map_wish *wishes;
	size_t wishes_n;
	str sheet, encoding; /* chosen by hand; empty: found. encoding: utf8 gb18030 */
	int64_t header_row;  /* 0: found */
	struct import_mend *mends;
	size_t mends_n;
};

struct import_choice {
	str value, label;
	bool here;
};

struct import_field {
	str name, header, kind;
	struct import_choice
		*choices; /* none: the column means something that is no field's (a name, a unit) */
	size_t choices_n;
};

struct import_head {
	str header, field;
};

struct import_cell {
	str label, text, before, after;
	bool bad, struck; /* struck: before stands struck out beside after */
};

struct import_line {
	str row, chip, reasons, mend_column, mend_value, mend_id;
	const char *look;
	struct import_cell *cells;
	size_t cells_n;
	bool refused, mendable;
};

struct import_page {
	struct shell shell;
	str heading, action, again, register_label, fault, go_verb, rejects_href, rejects_words, list_href,
		progress_href, span, mended, rest, import_id;
	str rows, inserted, updated, unchanged, rejected, header_row, sheet, ignored, done_words, hidden,
		encoding;
	struct import_choice *registers, *sheets, *encodings;
	size_t registers_n, sheets_n, encodings_n;
	struct import_field *fields;
	size_t fields_n;
	struct import_head *heads;
	size_t heads_n;
	struct import_line *lines;
	size_t lines_n;
	str bar_a, bar_b, bar_c, bar_d, at_b, at_c, at_d;
	bool done, can_go, has_refused;
};

/* The page of the look, or of what was done. fault: why it could not be read so; sheet, header row and encoding can be chosen. */
void import_show(
	struct page *p, const struct intake *k, const struct import_outcome *o, str fault, bool done);
/* A column whose values are not shown to the end (ID, phone, sealed fields). */
bool import_column_sealed(const struct column *c);
/* The import of what is kept so; dry: to see what it would do. */
MUST_USE enum rc import_run(
	struct page *p, const struct intake *k, bool dry, struct import_outcome *out, struct err *err);

/* import_keep.c */
str import_pack(struct page *p, const struct intake *k);
/* RC_NOT_FOUND: no longer kept; RC_DENIED: he may not add rows to that register (any more). */
MUST_USE enum rc import_unpack(struct page *p, struct intake *k, struct err *err);
/* Into kept.h; an empty body drops it. */
MUST_USE enum rc import_keep(
	struct page *p, int64_t owner, const char *kind, str name, str body, struct err *err);
/* How columns were put right before: by this person for the same header, else by anybody for the unit's columns of those
 * names; into k->wishes. */
void import_remembered(struct page *p, struct intake *k);
MUST_USE enum rc import_remember(
	struct page *p, const struct intake *k, const struct import_map *map, struct err *err);
