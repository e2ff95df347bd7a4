/* import_row.h -- one row of a sheet as entries; private to the import. */
#pragma once
#include "base/hash.h"
#include "base/map.h"
#include "register/import.h"

struct parsed_row {
	const struct import_row *row;
	struct entry *entries;
	size_t entries_n;
	int64_t org;
	str state;
	bool state_told;                 /* by a 状态 column */
	int64_t person;                  /* behind the row, 0: none named */
	bool person_new, person_changed; /* it was made, filled in, for this row */
	bool later; /* refused because a row of this same register was not found: it may stand further down */
	struct hash digest; /* of the form: org, state, entries */
	str key;            /* natural key as one text; empty with `key: row` or a key that is not whole */
};

/* Names of other registers' rows that this slice has resolved: (register, unit, text) -> id. */
struct import_refs {
	struct arena *a; /* the slice's */
	struct map by_text;
};

/* false: rejected, the errors are noted in s->slice. A storage fault is *out_rc. Rows of the slice before `row` (which is
 * one of `first` ...) and s->above are what 同上 looks at. */
bool import_row_parse(struct job_ctx *c, struct import_state *s, const struct import_row *first,
	const struct import_row *row, struct parsed_row *out, enum rc *out_rc, struct err *err);
/* Note an error (or warning) of a row; column may be NULL. */
void import_note(struct import_state *s, int64_t row, const struct column *column, str value, str message,
	bool warning);
