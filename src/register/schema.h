/* schema.h -- tables from declarations.
 * A register is a table of its name; its columns are its fields. In the DDL stand only key, foreign keys, unique indexes
 * and system columns: everything else is checked in C (model.md). A sealed field that stands in the key or is unique has
 * a second column FIELD_blind with its 128-bit blind index, which carries the unique index. */
#pragma once
#include "register/model.h"
#include "store/db.h"

/* Does the field have a column FIELD_blind? */
bool schema_has_blind(const struct reg *r, const struct field *f);
/* All tables and indexes of a new city, and a row in counter for each register. */
MUST_USE enum rc schema_create(struct db *db, const struct model *m, struct err *err);
