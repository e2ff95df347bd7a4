/* schema.h -- tables from declarations.
 *
 * A register is a table of its name; its columns are the system columns (record.h) and its fields. In the DDL stand only
 * key, foreign keys, unique indexes and system columns: everything else is checked in C (model.md).
 *   - A sealed field that stands in the key or is unique has a second column FIELD_blind with its 128-bit blind index,
 *     which carries the unique index. Its kind for seal_blind() is "REGISTER.FIELD".
 *   - Unique indexes (natural key, unique fields) leave out rows in a state `void`, where the register has one: a voided
 *     row is no obstacle to its correction. Null in a key column is equal to nothing, as SQL has it.
 *   - Foreign keys are checked at commit, so that rows of one file may refer forward.
 *   - Indexes: (org, event date) or (org); the person; every reference. They, and FIELD_blind, are derived: dropped and
 *     made again without loss. All else is fact.
 * What stands is kept in table schema_register, one row a register, so that a plan needs no look into the engine. */
#pragma once
#include "register/model.h"
#include "store/db.h"

/* Where the blind index of a sealed field stands. */
enum blind_place {
	BLIND_NONE,   /* nowhere: the field can only be asked for null */
	BLIND_COLUMN, /* column FIELD_blind; kind REGISTER.FIELD */
	BLIND_FIND    /* table find; kinds name, id, phone of the register person */
};
enum blind_place schema_blind_of(const struct reg *r, const struct field *f);
/* Does the field have a column FIELD_blind? */
bool schema_has_blind(const struct reg *r, const struct field *f);

/* All tables and indexes of a new city, and a row in counter for each register. Inside a transaction: tables refer to
 * such as come later. */
MUST_USE enum rc schema_create(struct db *db, const struct model *m, struct err *err);
/* The same in two steps, for tables that are filled before their indexes are made. */
MUST_USE enum rc schema_create_tables(struct db *db, const struct model *m, struct err *err);
MUST_USE enum rc schema_create_indexes(struct db *db, const struct model *m, struct err *err);

/* The statements that make one register's table and its indexes, one after another, in the port's DDL (db.h). */
size_t schema_statements(struct arena *a, const struct reg *r, str **out);

/* ---- changing a city to another model ---- */
enum schema_change_kind {
	SCHEMA_NEW_REGISTER,
	SCHEMA_NEW_COLUMN,
	SCHEMA_INDEXES,       /* indexes and blind columns alone: derived, nothing is lost */
	SCHEMA_OTHER_TYPE,    /* a column kept in another form: add, copy, drop */
	SCHEMA_DROP_COLUMN,   /* loses data */
	SCHEMA_DROP_REGISTER, /* loses data */
	SCHEMA_PROTECTION     /* another sensitivity: protect.h */
};
struct schema_change {
	enum schema_change_kind kind;
	str reg, column; /* column empty for registers and indexes */
	bool loses;      /* refused unless named in `lose` */
	int64_t rows;    /* rows that hold something there */
	str say;         /* in the thread's language */
};
MUST_USE enum rc schema_plan(struct arena *a, struct db *db, const struct model *m,
	struct schema_change **out, size_t *out_n, struct err *err);
/* The model's registers, in its order, as they were protected before: sensitivity and which fields were sealed, from what
 * is written down with the tables. A register that did not stand has no id. Before schema_apply. */
MUST_USE enum rc schema_stood(
	struct arena *a, struct db *db, const struct model *m, struct reg **out, struct err *err);

/* Seals every value that stands as text in the column `from` into the field (protect.h). */
struct schema_sealer {
	enum rc (*seal)(
		void *user, const struct reg *reg, const struct field *f, const char *from, struct err *err);
	void *user;
};
/* Inside a transaction of the writer. sealer: for texts that become sealed; NULL refuses those that hold values. lose: "REGISTER" or "REGISTER.FIELD", each said by the person a second time.
 * RC_DENIED, and nothing done, where a loss is not named. Cells and find are to be rebuilt after it. */
MUST_USE enum rc schema_apply(struct arena *a, struct db *db, const struct model *m, const str *lose,
	size_t lose_n, const struct schema_sealer *sealer, struct err *err);

/* The folder laid over the built-in model in a city: {NULL, 0} for none, or where db_url is no city yet. */
MUST_USE enum rc schema_model_dir(struct arena *a, const char *db_url, str *out_dir, struct err *err);
MUST_USE enum rc schema_model_dir_set(struct db *db, str dir, struct err *err);
/* The folder's absolute name; RC_INVALID where it is none. */
MUST_USE enum rc schema_full_path(struct arena *a, const char *dir, str *out, struct err *err);
