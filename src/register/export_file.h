/* export_file.h -- rows of a register into a file: .xlsx, .csv, .json (one array) or .ndjson (a row a line).
 * Columns: id, unit code, unit, state, then the fields in declared order by their labels (JSON: by id). A field that refers
 * to another row has its label; JSON has the id in FIELD and the label in FIELD_label. Sealed values come out in the clear
 * to those who may read them: the file is the reader's to guard. */
#pragma once
#include "register/record.h"

enum export_kind { EXPORT_XLSX, EXPORT_CSV, EXPORT_JSON, EXPORT_NDJSON };

MUST_USE enum rc export_kind_of(const char *path, enum export_kind *out, struct err *err);
/* Before the file is begun: the rows of minors that would go are looked at once, for their announcement (reader.log) and
 * for the leave that they need (RC_DENIED). The operator's export is named by its register alone. */
MUST_USE enum rc export_may_leave(struct reader *r, const struct record_query *q, struct err *err);
/* shown: called now and then with the number of rows so far. */
MUST_USE enum rc export_file(struct reader *r, const struct record_query *q, const char *path,
	enum export_kind kind, void (*shown)(void *user, int64_t rows), void *user, int64_t *out_rows,
	struct err *err);
