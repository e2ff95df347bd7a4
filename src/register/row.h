/* row.h -- between a row of a table and a struct record; private to register/. */
#pragma once
#include "register/plan.h"
#include "register/record.h"

/* Read the row under the statement (columns as plan->columns, the first at `first`). Sealed values are opened when
 * `open`; else they come as V_NULL with `sealed` told by the field. */
MUST_USE enum rc row_read(struct arena *a, struct city *c, const struct reg *reg, struct stmt *s, int first,
	bool open, struct record **out, struct err *err);
/* Bind a record to plan->insert, sealing on the way. Texts are lent to the statement: run it before the
 * arena or the record goes. */
void row_bind(struct arena *a, struct city *c, const struct record *rec, struct stmt *s);
/* Write `rec` over `old`, the same row: only what changed where that is little, else all columns. */
MUST_USE enum rc row_update(struct arena *a, struct db *db, struct city *c, const struct record *old,
	const struct record *rec, struct err *err);
bool value_eq(const struct value *x, const struct value *y);
/* A sealed field's blind index in its own column. */
void row_bind_blind(struct arena *a, struct city *c, const struct reg *reg, const struct field *f,
	const struct value *v, struct stmt *s, int at);
/* The row as it stands, without authorisation: RC_NOT_FOUND. */
MUST_USE enum rc row_get(struct arena *a, struct db *db, struct city *c, const struct reg *reg, int64_t id,
	struct record **out, struct err *err);
/* The place that a sealed value is bound to. */
str row_place(struct arena *a, const struct reg *reg, const struct field *f, int64_t id);
