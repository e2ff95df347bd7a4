/* load.c -- see load.h. */
#include "store/load.h"
#include "base/buf.h"
#include "store/engine.h"

struct load {
	struct db *db;
	struct stmt *s; /* NULL where the engine has its own way */
	size_t n;
};

static void names(struct buf *b, const str *columns, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%s\"%.*s\"", i ? ", " : "", STR_ARG(columns[i]));
}

enum rc load_begin(
	struct db *db, str table, const str *columns, size_t n, struct load **out_load, struct err *err)
{
	struct buf list AUTO(buf_done) = {0}, sql AUTO(buf_done) = {0};
	struct load l = {.db = db, .n = n};
	names(&list, columns, n);
	if (db->engine->load_begin) {
		buf_printf(&sql, "COPY \"%.*s\" (%.*s) FROM STDIN (FORMAT binary)", STR_ARG(table),
			STR_ARG(buf_str(&list)));
		TRY(db->engine->load_begin(db, sql.p, err));
	} else {
		buf_printf(&sql, "INSERT INTO \"%.*s\" (%.*s) VALUES (", STR_ARG(table),
			STR_ARG(buf_str(&list)));
		for (size_t i = 0; i < n; i++)
			buf_printf(&sql, "%s?%zu", i ? ", " : "", i + 1);
		buf_puts(&sql, ")");
		TRY(db_prepare(db, sql.p, &l.s, err));
	}
	*out_load = mem_resize(NULL, sizeof **out_load);
	**out_load = l;
	return RC_OK;
}

enum rc load_row(struct load *l, const struct load_value *values, struct err *err)
{
	if (l->s == NULL)
		return l->db->engine->load_row(l->db, values, l->n, err);
	for (size_t i = 0; i < l->n; i++) {
		const struct load_value *v = &values[i];
		int at = (int)i + 1;
		if (v->kind == LOAD_NULL)
			stmt_bind_null(l->s, at);
		else if (v->kind == LOAD_I64)
			stmt_bind_i64(l->s, at, v->i);
		else if (v->kind == LOAD_TEXT)
			stmt_lend_text(l->s, at, v->t);
		else
			stmt_lend_blob(l->s, at, v->t);
	}
	return stmt_run(l->s, err);
}

enum rc load_end(struct load *l, struct err *err)
{
	enum rc rc = l->s ? RC_OK : l->db->engine->load_end(l->db, err);
	mem_resize(l, 0);
	return rc;
}
