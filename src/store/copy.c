/* copy.c -- see copy.h. */
#include "store/copy.h"
#include "base/buf.h"
#include "store/engine.h"
#include "store/load.h"

enum { TELL_EVERY_ROWS = 4096 };

static const char Q_SQLITE_COLUMNS[] = "SELECT name, type FROM pragma_table_info(?1) ORDER BY cid";
static const char Q_POSTGRESQL_COLUMNS[] =
	"SELECT a.attname, CASE a.atttypid WHEN 20 THEN 'INTEGER' WHEN 25 THEN 'TEXT' ELSE 'BLOB' END"
	" FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relname = ?1"
	" AND c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = current_schema())"
	" AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

struct columns {
	str *names;
	enum load_kind *kinds;
	size_t n, names_cap, kinds_cap;
};

static enum rc columns_of(struct arena *a, struct db *db, str table, struct columns *out, struct err *err)
{
	struct stmt *s;
	bool row;
	bool lite = strcmp(db_engine(db), "sqlite") == 0;
	*out = (struct columns){0};
	TRY(db_prepare(db, lite ? Q_SQLITE_COLUMNS : Q_POSTGRESQL_COLUMNS, &s, err));
	stmt_bind_text(s, 1, table);
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			break;
		out->names = arena_grow(a, out->names, out->n, &out->names_cap, sizeof *out->names);
		out->kinds = arena_grow(a, out->kinds, out->n, &out->kinds_cap, sizeof *out->kinds);
		str type = stmt_text(s, 1);
		out->kinds[out->n] = str_is(type, "INTEGER") ? LOAD_I64
				     : str_is(type, "TEXT")  ? LOAD_TEXT
							     : LOAD_BLOB;
		out->names[out->n++] = stmt_str(a, s, 0);
	}
	return out->n ? RC_OK
		      : FAIL(err, RC_INVALID, "the table %.*s does not stand where it should",
				STR_ARG(table));
}

/* The target may have lost nothing and gained columns that are renamed and empty: those of the target count. */
static enum rc all_stand(const struct columns *want, const struct columns *have, str table, struct err *err)
{
	for (size_t i = 0; i < want->n; i++) {
		size_t k = 0;
		while (k < have->n && !str_eq(have->names[k], want->names[i]))
			k++;
		if (k == have->n || have->kinds[k] != want->kinds[i])
			return FAIL(err, RC_INVALID,
				"%.*s.%.*s does not stand in the city as it is declared: qinghe model plan, "
				"then "
				"model apply",
				STR_ARG(table), STR_ARG(want->names[i]));
	}
	return RC_OK;
}

static void take(struct stmt *s, const struct columns *c, struct load_value *values)
{
	for (size_t i = 0; i < c->n; i++) {
		int at = (int)i;
		values[i] = (struct load_value){.kind = stmt_null(s, at) ? LOAD_NULL : c->kinds[i]};
		if (values[i].kind == LOAD_I64)
			values[i].i = stmt_i64(s, at);
		else if (values[i].kind == LOAD_TEXT)
			values[i].t = stmt_text(s, at);
		else if (values[i].kind == LOAD_BLOB)
			values[i].t = stmt_blob(s, at);
	}
}

static enum rc rows(struct stmt *s, struct load *l, const struct columns *c, struct load_value *values,
	struct copy_progress *p, struct err *err)
{
	bool row;
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		take(s, c, values);
		enum rc rc = load_row(l, values, err);
		if (rc != RC_OK) {
			stmt_reset(s);
			return rc;
		}
		if (++p->rows % TELL_EVERY_ROWS == 0 && p->told)
			p->told(p->user, p->rows);
	}
}

static enum rc copy(
	struct arena *a, struct db *from, struct db *to, str table, struct copy_progress *p, struct err *err)
{
	struct columns want, have;
	struct buf sql AUTO(buf_done) = {0};
	struct stmt *s;
	struct load *l;
	TRY(columns_of(a, to, table, &want, err));
	TRY(columns_of(a, from, table, &have, err));
	TRY(all_stand(&want, &have, table, err));
	TRY(db_prepare(to, arena_printf(a, "DELETE FROM \"%.*s\"", STR_ARG(table)), &s, err));
	TRY(stmt_run(s, err));
	buf_puts(&sql, "SELECT ");
	for (size_t i = 0; i < want.n; i++)
		buf_printf(&sql, "%s\"%.*s\"", i ? ", " : "", STR_ARG(want.names[i]));
	buf_printf(&sql, " FROM \"%.*s\" ORDER BY 1", STR_ARG(table));
	TRY(db_prepare(from, sql.p, &s, err));
	stmt_many(s);
	TRY(load_begin(to, table, want.names, want.n, &l, err));
	enum rc rc = rows(s, l, &want, NEWS(a, want.n, struct load_value), p, err);
	enum rc ended = load_end(l, rc == RC_OK ? err : NULL);
	return rc == RC_OK ? ended : rc;
}

enum rc copy_table(struct db *from, struct db *to, str table, struct copy_progress *p, struct err *err)
{
	struct arena a = {0};
	enum rc rc = copy(&a, from, to, table, p, err);
	arena_done(&a);
	return rc;
}

void copy_done(struct db *to)
{
	if (to->engine->loaded)
		to->engine->loaded(to);
}
