/* schema.c -- see schema.h: tables and indexes of one register, and of a new city. */
#include "register/schema.h"
#include "base/buf.h"
#include "register/schema_in.h"
#include <stdlib.h>
#include <unistd.h>

static const char Q_COUNTER[] = "INSERT INTO \"counter\" (\"register\", \"last\") VALUES (?1, 0)";

static const char Q_MODEL_DIR[] = "SELECT \"model_dir\" FROM \"city\" WHERE \"one\" = 1";
static const char Q_MODEL_DIR_SET[] = "UPDATE \"city\" SET \"model_dir\" = ?1 WHERE \"one\" = 1";

enum { DDL_MAX_BYTES = 1 << 20 };

/* ---- blind indexes ---- */

bool schema_has_blind(const struct reg *r, const struct field *f)
{
	if (!f->sealed)
		return false;
	bool in_key = f->unique;
	for (size_t i = 0; i < r->key_n; i++)
		in_key |= r->key[i] == f;
	return in_key;
}

enum blind_place schema_blind_of(const struct reg *r, const struct field *f)
{
	if (!f->sealed)
		return BLIND_NONE;
	if (schema_has_blind(r, f))
		return BLIND_COLUMN;
	bool found = str_is(f->id, "name") || str_is(f->id, "phone") || str_is(f->id, "citizen_id");
	return str_is(r->id, "person") && found ? BLIND_FIND : BLIND_NONE;
}

/* ---- columns ---- */

static const char *column_type(const struct field *f)
{
	enum storage s = field_storage(f);
	return s == STORE_INT ? "INTEGER" : s == STORE_TEXT ? "TEXT" : "BLOB";
}

static bool refers(const struct field *f)
{
	return !f->sealed && (f->type == T_REF || f->type == T_PERSON || f->type == T_ORG) && f->to_reg;
}

str schema_column(struct arena *a, const struct field *f)
{
	str ref = {"", 0};
	if (refers(f))
		ref = arena_fmt(
			a, " REFERENCES \"%.*s\"(\"id\") DEFERRABLE INITIALLY DEFERRED", STR_ARG(f->to));
	return arena_fmt(a, "\"%.*s\" %s%.*s", STR_ARG(f->id), column_type(f), STR_ARG(ref));
}

str schema_blind_column(struct arena *a, const struct field *f)
{
	return arena_fmt(a, "\"%.*s_blind\" BLOB", STR_ARG(f->id));
}

static str table(struct arena *a, const struct reg *r)
{
	struct buf b;
	buf_init(&b, DDL_MAX_BYTES);
	buf_printf(&b,
		"CREATE TABLE \"%.*s\" (\"id\" INTEGER PRIMARY KEY, \"org\" INTEGER NOT NULL REFERENCES "
		"\"org\"(\"id\") DEFERRABLE INITIALLY DEFERRED, \"state\" TEXT NOT NULL, \"version\" INTEGER "
		"NOT "
		"NULL, \"entered_by\" INTEGER NOT NULL, \"entered_at\" INTEGER NOT NULL, \"changed_by\" "
		"INTEGER NOT "
		"NULL, \"changed_at\" INTEGER NOT NULL, \"source\" TEXT NOT NULL",
		STR_ARG(r->id));
	for (size_t i = 0; i < r->fields_n; i++)
		buf_printf(&b, ", %.*s", STR_ARG(schema_column(a, &r->fields[i])));
	for (size_t i = 0; i < r->fields_n; i++)
		if (schema_has_blind(r, &r->fields[i]))
			buf_printf(&b, ", %.*s", STR_ARG(schema_blind_column(a, &r->fields[i])));
	buf_puts(&b, ") STRICT");
	str s = arena_str(a, buf_str(&b));
	buf_done(&b);
	return s;
}

/* ---- indexes ---- */

static void add_index(struct arena *a, struct schema_index *out, size_t *n, const struct reg *r,
	const char *name, str columns, bool unique)
{
	bool partial = unique && reg_state(r, STR("void"));
	str full = arena_fmt(a, "%.*s__%s", STR_ARG(r->id), name);
	out[(*n)++] = (struct schema_index){
		full, arena_fmt(a, "CREATE %sINDEX \"%.*s\" ON \"%.*s\" (%.*s)%s", unique ? "UNIQUE " : "",
			      STR_ARG(full), STR_ARG(r->id), STR_ARG(columns),
			      partial ? " WHERE \"state\" <> 'void'" : "")};
}

static str quoted(struct arena *a, const struct reg *r, const struct field *f)
{
	return arena_fmt(a, schema_has_blind(r, f) ? "\"%.*s_blind\"" : "\"%.*s\"", STR_ARG(f->id));
}

static void key_index(struct arena *a, struct schema_index *out, size_t *n, const struct reg *r)
{
	str columns = r->key_org ? STR("\"org\"") : STR("");
	for (size_t i = 0; i < r->key_n; i++)
		columns = arena_fmt(a, "%.*s%s%.*s", STR_ARG(columns), columns.n ? ", " : "",
			STR_ARG(quoted(a, r, r->key[i])));
	if (columns.n)
		add_index(a, out, n, r, "key", columns, true);
}

/* A unique field that is the whole key has its index already. */
static bool is_key(const struct reg *r, const struct field *f)
{
	return r->key_n == 1 && !r->key_org && r->key[0] == f;
}

size_t schema_indexes(struct arena *a, const struct reg *r, struct schema_index **out)
{
	size_t n = 0;
	*out = NEWS(a, r->fields_n * 2 + 4, struct schema_index);
	key_index(a, *out, &n, r);
	for (size_t i = 0; i < r->fields_n; i++) {
		const struct field *f = &r->fields[i];
		const char *name = arena_printf(a, "%.*s", STR_ARG(f->id));
		if (f->unique && !is_key(r, f))
			add_index(a, *out, &n, r, arena_printf(a, "%s__unique", name), quoted(a, r, f), true);
		if (refers(f) && !is_key(r, f))
			add_index(a, *out, &n, r, name, quoted(a, r, f), false);
	}
	const struct field *day = r->happens_field;
	str columns = day ? arena_fmt(a, "\"org\", \"%.*s\"", STR_ARG(day->id)) : STR("\"org\"");
	add_index(a, *out, &n, r, "org", columns, false);
	return n;
}

size_t schema_statements(struct arena *a, const struct reg *r, str **out)
{
	struct schema_index *indexes;
	size_t n = schema_indexes(a, r, &indexes);
	*out = NEWS(a, n + 1, str);
	(*out)[0] = table(a, r);
	for (size_t i = 0; i < n; i++)
		(*out)[i + 1] = indexes[i].sql;
	return n + 1;
}

/* ---- a new city ---- */

enum part { PART_TABLE = 1, PART_INDEXES = 2 };

static void add_statements(struct arena *a, struct buf *b, const struct reg *r, int parts)
{
	str *list;
	size_t n = schema_statements(a, r, &list);
	for (size_t i = 0; i < n; i++)
		if (parts & (i == 0 ? PART_TABLE : PART_INDEXES))
			buf_printf(b, "%.*s;\n", STR_ARG(list[i]));
}

static enum rc remember(struct arena *a, struct db *db, const struct reg *r, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, Q_COUNTER, &s, err));
	stmt_bind_text(s, 1, r->id);
	TRY(stmt_run(s, err));
	return schema_remember(a, db, r, err);
}

enum rc schema_new_register(struct arena *a, struct db *db, const struct reg *r, struct err *err)
{
	struct buf b AUTO(buf_done) = {.max_bytes = DDL_MAX_BYTES};
	add_statements(a, &b, r, PART_TABLE | PART_INDEXES);
	TRY(db_exec(db, b.p, err));
	return remember(a, db, r, err);
}

static enum rc create(struct db *db, const struct model *m, int parts, struct err *err)
{
	struct arena a = {0};
	struct buf b AUTO(buf_done) = {.max_bytes = DDL_MAX_BYTES};
	for (size_t i = 0; i < m->regs_n; i++)
		add_statements(&a, &b, &m->regs[i], parts);
	enum rc rc = db_exec(db, b.p, err);
	for (size_t i = 0; i < m->regs_n && rc == RC_OK && (parts & PART_TABLE); i++)
		rc = remember(&a, db, &m->regs[i], err);
	arena_done(&a);
	return rc;
}

enum rc schema_create(struct db *db, const struct model *m, struct err *err)
{
	return create(db, m, PART_TABLE | PART_INDEXES, err);
}

enum rc schema_create_tables(struct db *db, const struct model *m, struct err *err)
{
	return create(db, m, PART_TABLE, err);
}

enum rc schema_create_indexes(struct db *db, const struct model *m, struct err *err)
{
	return create(db, m, PART_INDEXES, err);
}

/* ---- the city's folder ---- */

enum rc schema_model_dir(struct arena *a, const char *db_url, str *out_dir, struct err *err)
{
	struct db *db;
	struct stmt *s;
	bool row;
	*out_dir = (str){NULL, 0};
	if (!str_starts(str_of(db_url), STR("postgres")) && access(db_url, R_OK) != 0)
		return RC_OK;
	enum rc rc = db_open(db_url, DB_READ, &db, err);
	if (rc == RC_NOT_FOUND) /* a server without a city there */
		return RC_OK;
	TRY(rc);
	rc = db_prepare(db, Q_MODEL_DIR, &s, err);
	if (rc == RC_OK)
		rc = stmt_step(s, &row, err);
	if (rc == RC_OK && row)
		*out_dir = stmt_str(a, s, 0);
	db_close(db);
	return rc;
}

enum rc schema_model_dir_set(struct db *db, str dir, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, Q_MODEL_DIR_SET, &s, err));
	stmt_bind_text(s, 1, dir);
	return stmt_run(s, err);
}

enum rc schema_full_path(struct arena *a, const char *dir, str *out, struct err *err)
{
	char full[4096];
	if (strlen(dir) >= sizeof full - 1 || realpath(dir, full) == NULL)
		return FAIL(err, RC_INVALID, "%s is not a folder that can be read", dir);
	*out = arena_str(a, str_of(full));
	return RC_OK;
}
