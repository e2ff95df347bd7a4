/* row.h -- between a row of a table and a struct record; private to register/. */
#pragma once
#include "guard/seal.h"
#include "register/plan.h"
#include "register/record.h"

/* Read the row under the statement (columns as plan->columns, the first at `first`). Sealed values are opened when
 * `open`; else they come as V_NULL with `sealed` told by the field. One whose key was destroyed is V_NULL. */
MUST_USE enum rc row_read(struct arena *a, struct city *c, const struct reg *reg, struct stmt *s, int first,
	bool open, struct record **out, struct err *err);
/* Bind a record to plan->insert, sealing on the way. Texts are lent to the statement: run it before the
 * arena or the record goes. */
MUST_USE enum rc row_bind(
	struct arena *a, struct city *c, const struct record *rec, struct stmt *s, struct err *err);
/* Write `rec` over `old`, the same row: only what changed where that is little, else all columns. */
MUST_USE enum rc row_update(struct arena *a, struct db *db, struct city *c, const struct record *old,
	const struct record *rec, struct err *err);
bool value_eq(const struct value *x, const struct value *y);
/* A sealed field's blind index in its own column, under a generation of the key: row_entered for what is written. Who looks
 * for a row asks under each of row_asked: while the indexes get a new key (reindex.h) it stands under the one or the other. */
void row_bind_blind(struct arena *a, struct city *c, const struct reg *reg, const struct field *f,
	const struct value *v, int64_t generation, struct stmt *s, int at);
int64_t row_entered(const struct city *c);
struct generations {
	int64_t list[2];
	size_t n;
};
struct generations row_asked(const struct city *c);
/* RC_CONFLICT where another row has a key or unique value of this one under the generation before, which the unique index
 * does not see. For inserts; row_update looks itself. */
MUST_USE enum rc row_alone(
	struct arena *a, struct db *db, struct city *c, const struct record *rec, struct err *err);
/* The row as it stands, without authorisation: RC_NOT_FOUND. */
MUST_USE enum rc row_get(struct arena *a, struct db *db, struct city *c, const struct reg *reg, int64_t id,
	struct record **out, struct err *err);
/* Whose a row is, and with it the key of its sealed values: the person whose row it is; else, where the register is
 * about people, the row itself (a case with its third parties); else the city. */
struct seal_place row_place(
	const struct reg *reg, const struct field *f, int64_t id, int64_t person, int64_t part);
int64_t row_person(const struct record *rec); /* 0: nobody's */
/* Opens a sealed value to *out; V_NULL where its key was destroyed. */
MUST_USE enum rc row_open(struct arena *a, struct city *c, const struct record *rec, const struct field *f,
	int64_t part, str envelope, struct value *out, struct err *err);
MUST_USE enum rc row_seal(struct arena *a, struct city *c, const struct record *rec, const struct field *f,
	int64_t part, str *out_envelope, struct err *err);
