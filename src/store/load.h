/* load.h -- rows into a table in bulk: a prepared INSERT on SQLite, COPY in binary on PostgreSQL.
 *
 *     load_begin(db, "org", columns, n, &load, err);
 *     for each row: load_row(load, values, err);            values in the order of the columns
 *     load_end(load, err);                                  always, also after a fault
 * Between begin and end the connection does nothing else. Inside a transaction of the writer; a fault spoils it (db.h).
 * Nothing is looked up and nothing replaced: a key that stands already is RC_CONFLICT, told by load_end at the latest. */
#pragma once
#include "store/db.h"

struct load;
struct load_value {
	enum load_kind { LOAD_NULL, LOAD_I64, LOAD_TEXT, LOAD_BLOB } kind;
	int64_t i;
	str t; /* lent: until load_row returns */
};

MUST_USE enum rc load_begin(
	struct db *db, str table, const str *columns, size_t n, struct load **out_load, struct err *err);
MUST_USE enum rc load_row(struct load *l, const struct load_value *values, struct err *err);
MUST_USE enum rc load_end(struct load *l, struct err *err);
