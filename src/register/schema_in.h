/* schema_in.h -- inside of schema*.c. Nobody else's.
 *
 * The shape of a register as it stands in the database, kept in schema_register(register, shape): one line a thing,
 *     c <tab> field <tab> type <tab> scale <tab> to          a column
 *     b <tab> field                                          a column FIELD_blind
 *     i <tab> name <tab> sql                                 an index */
#pragma once
#include "register/schema.h"

struct schema_index {
	str name, sql;
};
size_t schema_indexes(struct arena *a, const struct reg *r, struct schema_index **out);
str schema_column(struct arena *a, const struct field *f);
str schema_blind_column(struct arena *a, const struct field *f);
MUST_USE enum rc schema_new_register(struct arena *a, struct db *db, const struct reg *r, struct err *err);
/* Write down the shape of a register as declared now. */
MUST_USE enum rc schema_remember(struct arena *a, struct db *db, const struct reg *r, struct err *err);
