/* protect.c -- see protect.h. */
#include "register/protect.h"
#include "register/history.h"
#include "register/row.h"

enum { SLICE_ROWS = 500 };

static const char Q_HISTORY_SLICE[] = "SELECT \"row\", version, before FROM history WHERE register = ?1 AND "
				      "(\"row\" > ?2 OR (\"row\" = ?2 AND version > ?3)) "
				      "ORDER BY \"row\", version LIMIT ?4";

static bool newly_sealed(const struct reg *old, const struct field *f)
{
	return old->fields[f->at].type == f->type && !old->fields[f->at].sealed && f->sealed;
}

/* Its rows get keys of their own. */
static bool becomes_personal(const struct reg *old, const struct reg *new)
{
	return old->sensitivity < SENS_PERSONAL && new->sensitivity >= SENS_PERSONAL;
}

static bool protects(const struct reg *old, const struct reg *new)
{
	if (old->id.n == 0)
		return false;
	bool any = becomes_personal(old, new);
	for (size_t i = 0; i < new->fields_n; i++)
		any = any || newly_sealed(old, &new->fields[i]);
	return any;
}

static enum rc holds_rows(struct arena *a, struct db *db, const struct reg *reg, bool *out, struct err *err)
{
	struct stmt *s;
	const char *sql = arena_printf(a, "SELECT 1 FROM \"%.*s\" LIMIT 1", STR_ARG(reg->id));
	*out = false;
	if (!db_has_table(db, arena_cstr(a, reg->id)))
		return RC_OK;
	TRY(db_prepare(db, sql, &s, err));
	TRY(stmt_step(s, out, err));
	stmt_reset(s);
	return RC_OK;
}

static enum rc check_one(
	struct arena *a, struct db *db, const struct reg *old, const struct reg *new, struct err *err)
{
	bool rows;
	for (size_t k = 0; k < new->fields_n; k++)
		if (newly_sealed(old, &new->fields[k]) && schema_has_blind(new, &new->fields[k]))
			return FAIL(err, RC_INVALID,
				"%.*s.%.*s tells rows apart: a field of the key, or one that stands once, is "
				"not sealed afterwards",
				STR_ARG(new->id), STR_ARG(new->fields[k].id));
	if (new->sensitivity >= old->sensitivity)
		return RC_OK;
	TRY(holds_rows(a, db, new, &rows, err));
	return rows ? FAIL(err, RC_CONFLICT,
			      "the register %.*s holds rows that were entered under more protection: it is "
			      "not made less sensitive; keep what may be known in a register of its own, "
			      "after an impact assessment",
			      STR_ARG(new->id))
		    : RC_OK;
}

static enum rc check_all(struct arena *a, struct db *db, const struct model *then, struct reg **out_stood,
	bool *out_needed, struct err *err)
{
	*out_needed = false;
	TRY(schema_stood(a, db, then, out_stood, err));
	for (size_t i = 0; i < then->regs_n; i++) {
		const struct reg *old = &(*out_stood)[i], *new = &then->regs[i];
		if (old->id.n == 0)
			continue;
		TRY(check_one(a, db, old, new, err));
		*out_needed = *out_needed || protects(old, new);
	}
	return RC_OK;
}

enum rc protect_check(
	struct arena *a, struct db *db, const struct model *then, bool *out_needed, struct err *err)
{
	struct reg *stood;
	bool needed;
	TRY(check_all(a, db, then, &stood, &needed, err));
	if (out_needed)
		*out_needed = needed;
	return RC_OK;
}

enum rc protect_begin(struct job_ctx *c, const struct model *then, struct protecting *out, struct err *err)
{
	*out = (struct protecting){.c = c, .then = then};
	return check_all(c->a, c->db, then, &out->stood, &out->needed, err);
}

/* ---- rows ---- */

struct plain {
	int64_t id, person;
	str text; /* the value, or its envelope */
};

/* A slice of rows behind `after` that hold something in the column. */
static enum rc slice_read(struct protecting *x, const struct reg *reg, const char *column, bool sealed,
	int64_t after, struct plain *out, size_t *out_n, struct err *err)
{
	struct stmt *s;
	bool row;
	const char *person = str_is(reg->id, "person") ? "\"id\""
			     : reg->person ? arena_printf(x->c->a, "\"%.*s\"", STR_ARG(reg->person->id))
					   : "0";
	const char *sql = arena_printf(x->c->a,
		"SELECT \"id\", CAST(COALESCE(%s, 0) AS BIGINT), \"%s\" FROM \"%.*s\" WHERE \"id\" > ?1 AND "
		"\"%s\" IS "
		"NOT NULL ORDER BY \"id\" LIMIT ?2",
		person, column, STR_ARG(reg->id), column);
	*out_n = 0;
	TRY(db_prepare(x->c->db, sql, &s, err));
	stmt_bind_i64(s, 1, after);
	stmt_bind_i64(s, 2, SLICE_ROWS);
	while (*out_n < SLICE_ROWS) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			break;
		str text = sealed ? stmt_blob(s, 2) : stmt_text(s, 2);
		out[(*out_n)++] = (struct plain){stmt_i64(s, 0), stmt_i64(s, 1), arena_str(x->c->a, text)};
	}
	stmt_reset(s);
	return RC_OK;
}

static enum rc put(struct protecting *x, const struct reg *reg, const struct field *f, int64_t id,
	str envelope, struct err *err)
{
	struct stmt *s;
	const char *sql = arena_printf(x->c->a, "UPDATE \"%.*s\" SET \"%.*s\" = ?2 WHERE \"id\" = ?1",
		STR_ARG(reg->id), STR_ARG(f->id));
	TRY(db_prepare(x->c->db, sql, &s, err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_blob(s, 2, envelope);
	x->values++;
	return stmt_run(s, err);
}

/* Seals what stands in the column `from`, as text, into the field. */
static enum rc seal_column(
	void *user, const struct reg *reg, const struct field *f, const char *from, struct err *err)
{
	struct protecting *x = user;
	struct plain *list = NEWS(x->c->a, SLICE_ROWS, struct plain);
	int64_t after = INT64_MIN;
	size_t n;
	do {
		TRY(slice_read(x, reg, from, false, after, list, &n, err));
		for (size_t i = 0; i < n; i++) {
			struct seal_place at = row_place(reg, f, list[i].id, list[i].person, 0);
			str envelope;
			TRY(seal_put(x->c->a, job_city(x->c)->seal, &at, list[i].text, &envelope, err));
			TRY(put(x, reg, f, list[i].id, envelope, err));
			after = list[i].id;
		}
	} while (n == SLICE_ROWS);
	return RC_OK;
}

struct schema_sealer protect_sealer(struct protecting *x)
{
	return (struct schema_sealer){seal_column, x};
}

/* Sealed values that stood under the old register's place, under the new one's. */
static enum rc move_column(struct protecting *x, const struct reg *old, const struct reg *new,
	const struct field *f, struct err *err)
{
	struct seal *seal = job_city(x->c)->seal;
	struct plain *list = NEWS(x->c->a, SLICE_ROWS, struct plain);
	int64_t after = INT64_MIN;
	size_t n;
	do {
		TRY(slice_read(x, new, arena_cstr(x->c->a, f->id), true, after, list, &n, err));
		for (size_t i = 0; i < n; i++) {
			struct seal_place was = row_place(old, f, list[i].id, list[i].person, 0),
					  at = row_place(new, f, list[i].id, list[i].person, 0);
			str plain, envelope;
			after = list[i].id;
			enum rc rc = seal_get(x->c->a, seal, &was, list[i].text, &plain, err);
			if (rc == RC_NOT_FOUND) /* its key was destroyed */
				continue;
			TRY(rc);
			TRY(seal_put(x->c->a, seal, &at, plain, &envelope, err));
			TRY(put(x, new, f, list[i].id, envelope, err));
		}
	} while (n == SLICE_ROWS);
	return RC_OK;
}

/* ---- history ---- */

static enum rc move_history(
	struct protecting *x, const struct reg *old, const struct reg *new, struct err *err)
{
	struct version {
		int64_t row, version;
		str text;
	} *list = NEWS(x->c->a, SLICE_ROWS, struct version);
	int64_t row = INT64_MIN, version = 0;
	size_t n;
	do {
		struct stmt *s;
		bool any;
		n = 0;
		TRY(db_prepare(x->c->db, Q_HISTORY_SLICE, &s, err));
		stmt_bind_text(s, 1, old->id);
		stmt_bind_i64(s, 2, row);
		stmt_bind_i64(s, 3, version);
		stmt_bind_i64(s, 4, SLICE_ROWS);
		while (n < SLICE_ROWS) {
			TRY(stmt_step(s, &any, err));
			if (!any)
				break;
			list[n++] = (struct version){stmt_i64(s, 0), stmt_i64(s, 1), stmt_str(x->c->a, s, 2)};
		}
		stmt_reset(s);
		for (size_t i = 0; i < n; i++) {
			row = list[i].row;
			version = list[i].version;
			TRY(history_protect(x->c, old, new, row, version, list[i].text, err));
			x->values++;
		}
	} while (n == SLICE_ROWS);
	return RC_OK;
}

enum rc protect_rest(struct protecting *x, struct err *err)
{
	for (size_t i = 0; i < x->then->regs_n; i++) {
		const struct reg *old = &x->stood[i], *new = &x->then->regs[i];
		if (!protects(old, new))
			continue;
		for (size_t k = 0; becomes_personal(old, new) && k < new->fields_n; k++)
			if (field_storage(&old->fields[k]) == STORE_SEALED)
				TRY(move_column(x, old, new, &new->fields[k], err));
		TRY(move_history(x, old, new, err));
	}
	return RC_OK;
}

enum rc protect_scrub(const char *db_url, const struct model *m, struct arena *a, struct err *err)
{
	const char **tables = NEWS(a, m->regs_n + 1, const char *);
	size_t n = 0;
	struct db *db;
	for (size_t i = 0; i < m->regs_n; i++)
		tables[n++] = arena_cstr(a, m->regs[i].id);
	tables[n++] = "history";
	TRY(db_open(db_url, DB_WRITE, &db, err));
	enum rc rc = db_scrub(db, tables, n, err);
	db_close(db);
	return rc;
}
