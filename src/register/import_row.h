/* import_row.h -- one row of a sheet as entries; private to the import. */
#pragma once
#include "base/hash.h"
#include "register/import.h"

struct parsed_row {
	const struct import_row *row;
	struct entry *entries;
	size_t entries_n;
	int64_t org;
	str state;
	bool person_changed; /* the person behind it was made or filled in */
	struct hash digest;  /* of the form: org, state, entries */
	str key;             /* natural key as one text; empty with `key: row` or a key that is not whole */
};

/* false: rejected, the errors are noted in s->slice. A storage fault is *out_rc. */
bool import_row_parse(struct job_ctx *c, struct import_state *s, const struct import_row *row,
	const struct import_row *above, struct parsed_row *out, enum rc *out_rc, struct err *err);
/* Note an error (or warning) of a row; column may be NULL. */
void import_note(struct import_state *s, int64_t row, const struct column *column, str value, str message,
	bool warning);
