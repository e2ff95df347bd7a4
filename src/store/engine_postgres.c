/* engine_postgres.c -- PostgreSQL (14 or later) by libpq behind engine.h: one schema a city.
 *
 * The schema is named by the URL's options (?options=-csearch_path%3DNAME), public without. Values travel in binary:
 * integers 8 bytes, text and bytes as they are, lists of ids as an array. Statements are prepared at their first use,
 * when the types of what is bound are known, and kept (pg_wire.h). Connections are direct, not through a transaction
 * pooler. Readers ask for read-only transactions and go to the primary, so that what was acknowledged is seen; a writer
 * goes to the one host of several that takes writes (target_session_attrs), and waits at most LOCK_MS for another
 * process's batch. synchronous_commit is on unless the URL says more. */
#include "store/engine.h"
#include "store/pg_wire.h"
#include <stdio.h>

static struct pg *conn(struct db *db)
{
	return db->conn;
}

static bool claims(const char *url)
{
	return str_starts(str_of(url), STR("postgresql:")) || str_starts(str_of(url), STR("postgres:"));
}

/* ---- opening ---- */

static enum rc tables(struct db *db, int64_t *out, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db,
		"SELECT COUNT(*) FROM pg_class c WHERE c.relkind IN ('r', 'p')"
		" AND c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = current_schema())",
		&s, err));
	TRY(stmt_step(s, &row, err));
	*out = stmt_i64(s, 0);
	stmt_reset(s);
	return RC_OK;
}

static enum rc create(struct db *db, struct err *err)
{
	char text[128], where[256];
	int64_t n = 0;
	struct pg *pg = conn(db);
	pg_place(pg, where, sizeof where);
	if (strcmp(pg->schema, "public") != 0) {
		snprintf(text, sizeof text, "CREATE SCHEMA IF NOT EXISTS \"%s\"", pg->schema);
		TRY(pg_exec(pg, text, err));
	}
	TRY(tables(db, &n, err));
	return n == 0 ? RC_OK : FAIL(err, RC_CONFLICT, "%s: tables stand there already", where);
}

static enum rc open_(struct db *db, const char *url, enum db_mode mode, struct err *err)
{
	struct pg *pg = mem_resize(NULL, sizeof *pg);
	*pg = (struct pg){0};
	db->conn = pg;
	TRY(pg_connect(pg, url, mode, err));
	if (mode == DB_CREATE)
		return create(db, err);
	if (db_has_table(db, "city"))
		return RC_OK;
	char where[256];
	pg_place(pg, where, sizeof where);
	return pg->lost || pg->spoiled
		       ? FAIL(err, RC_IO, "database: the connection to the server was lost")
		       : FAIL(err, RC_NOT_FOUND, "no city at %s; “qinghe init” makes one", where);
}

static void close_(struct db *db)
{
	struct pg *pg = conn(db);
	if (pg == NULL)
		return;
	PQfinish(pg->c);
	buf_done(&pg->keys);
	buf_done(&pg->piece);
	mem_resize(pg, 0);
	db->conn = NULL;
}

/* ---- statements ---- */

static enum rc exec(struct db *db, const char *sql, struct err *err)
{
	struct pg *pg = conn(db);
	struct buf text AUTO(buf_done) = {.max_bytes = 2 * WORDS_SQL_MAX_BYTES};
	struct buf keys AUTO(buf_done) = {0};
	if (pg->in_txn &&
		pg_kind_of(str_of(sql)) ==
			PG_SHAPES) /* tables whose rows still wait for their references to be looked at cannot be changed */
		buf_puts(&text, "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; ");
	TRY(pg_text(&text, &keys, str_of(sql), err));
	pg->shapes += pg_kind_of(str_of(sql)) == PG_SHAPES;
	TRY(pg_exec(pg, text.p, err));
	for (str rest = buf_str(&keys), line; rest.n;) {
		line = str_cut(rest, '\n', &rest);
		if (pg->in_txn)
			buf_printf(&pg->keys, "%d\t%.*s\n", db->depth, STR_ARG(line));
		else
			TRY(pg_exec(pg, arena_printf(&db->a, "%.*s", STR_ARG(line)), err));
	}
	return RC_OK;
}

static enum rc prepare(struct db *db, str sql, void **out_h, struct err *err)
{
	struct buf text AUTO(buf_done) = {.max_bytes = 2 * WORDS_SQL_MAX_BYTES};
	if (!pg_is_one(sql))
		return FAIL(err, RC_INVALID, "statement: exactly one is wanted");
	TRY(pg_text(&text, NULL, sql, err));
	struct pg_stmt *h = mem_resize(NULL, sizeof *h);
	*h = (struct pg_stmt){
		.pg = conn(db), .kind = pg_kind_of(buf_str(&text)), .params_n = pg_params(buf_str(&text))};
	h->sql = memcpy(mem_resize(NULL, text.n + 1), text.p, text.n + 1);
	size_t n = (size_t)h->params_n;
	if (n) {
		h->params = memset(mem_resize(NULL, n * sizeof *h->params), 0, n * sizeof *h->params);
		h->types = memset(mem_resize(NULL, n * sizeof *h->types), 0, n * sizeof *h->types);
	}
	*out_h = h;
	return RC_OK;
}

static void reset(void *handle)
{
	struct pg_stmt *h = handle;
	arena_reset(&h->words);
	if (h->cursor[0])
		pg_fetch_end(h);
	h->many = false;
	PQclear(h->rows);
	h->rows = NULL;
	h->row = 0;
}

static void finalize(void *handle)
{
	struct pg_stmt *h = handle;
	reset(h);
	pg_forget(h);
	for (int i = 0; i < h->params_n; i++)
		buf_done(&h->params[i].own);
	arena_done(&h->words);
	mem_resize(h->params, 0);
	mem_resize(h->types, 0);
	mem_resize(h->sql, 0);
	mem_resize(h, 0);
}

static void unbind(void *handle)
{
	struct pg_stmt *h = handle;
	for (int i = 0; i < h->params_n; i++)
		h->params[i].type = 0;
}

static struct pg_value *param(void *handle, int at)
{
	struct pg_stmt *h = handle;
	return at >= 1 && at <= h->params_n ? &h->params[at - 1] : NULL;
}

static void big_endian(unsigned char out[8], int64_t v)
{
	for (int i = 0; i < 8; i++)
		out[i] = (unsigned char)((uint64_t)v >> (56 - 8 * i));
}

static bool bind_i64(void *h, int at, int64_t v)
{
	struct pg_value *p = param(h, at);
	if (p == NULL)
		return false;
	big_endian(p->i, v);
	p->type = PG_INT8;
	p->p = (const char *)p->i;
	p->n = 8;
	return true;
}

static bool bind_bytes(void *h, int at, str v, bool lent, Oid type)
{
	struct pg_value *p = param(h, at);
	if (p == NULL || v.n > INT32_MAX)
		return false;
	p->type = type;
	if (!lent) {
		buf_clear(&p->own);
		buf_add(&p->own, v);
		if (!buf_ok(&p->own))
			return false;
		v = buf_str(&p->own);
	}
	p->p = v.p;
	p->n = v.n;
	return true;
}

static bool bind_text(void *h, int at, str v, bool lent)
{
	return bind_bytes(h, at, v, lent, PG_TEXT);
}

static bool bind_blob(void *h, int at, str v, bool lent)
{
	return bind_bytes(h, at, v, lent, PG_BYTEA);
}

static bool bind_null(void *h, int at)
{
	struct pg_value *p = param(h, at);
	if (p)
		p->type = 0;
	return p != NULL;
}

static void put_i32(struct buf *b, uint32_t v)
{
	for (int i = 3; i >= 0; i--)
		buf_putc(b, (char)(v >> (8 * i)));
}

/* An array of bigint as it travels: dimensions, nulls, element type, length, lower bound; then length and value each. */
static bool bind_ids(void *h, int at, const int64_t *ids, size_t n)
{
	struct pg_value *p = param(h, at);
	if (p == NULL || n > INT32_MAX / 16)
		return false;
	struct buf *b = &p->own;
	buf_clear(b);
	buf_reserve(b, 20 + 12 * n);
	put_i32(b, n ? 1 : 0);
	put_i32(b, 0);
	put_i32(b, PG_INT8);
	if (n) {
		put_i32(b, (uint32_t)n);
		put_i32(b, 1);
	}
	for (size_t i = 0; i < n; i++) {
		unsigned char v[8];
		big_endian(v, ids[i]);
		put_i32(b, 8);
		buf_add(b, (str){(const char *)v, 8});
	}
	p->type = PG_INT8S;
	p->p = b->p;
	p->n = b->n;
	return buf_ok(b);
}

static void many(void *handle)
{
	struct pg_stmt *h = handle;
	h->many = h->pg->in_txn && h->kind == PG_READS;
}

static enum rc step(struct stmt *s, bool *out_row, struct err *err)
{
	struct pg_stmt *h = s->h;
	if (h->rows)
		h->row++;
	else if (!h->many)
		TRY(pg_execute(h, true, err));
	if (h->many && (h->rows == NULL || (h->row == PQntuples(h->rows) && h->row == PG_PIECE_ROWS)))
		TRY(pg_fetch(h, err));
	*out_row = h->rows && h->row < PQntuples(h->rows);
	return RC_OK;
}

static enum rc run(struct stmt *s, struct err *err)
{
	return pg_execute(s->h, false, err);
}

static enum rc flush(struct db *db, struct err *err)
{
	return pg_drain(conn(db), err);
}

/* ---- values ---- */

static int columns(void *h)
{
	return PQnfields(((struct pg_stmt *)h)->rows);
}

static bool null(void *handle, int column)
{
	struct pg_stmt *h = handle;
	return PQgetisnull(h->rows, h->row, column);
}

static uint64_t number(const unsigned char *p, int n)
{
	uint64_t v = 0;
	for (int i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

/* numeric, as SUM of bigints gives where no CAST stands: groups of four decimal digits; the fraction is dropped. */
static int64_t numeric(const unsigned char *p)
{
	int groups = (int)number(p, 2), weight = (int16_t)number(p + 2, 2);
	int64_t v = 0;
	for (int i = 0; i <= weight; i++)
		v = v * 10000 + (i < groups ? (int64_t)number(p + 8 + 2 * i, 2) : 0);
	return number(p + 4, 2) == 0x4000 ? -v : v;
}

enum { OID_BOOL = 16, OID_INT2 = 21, OID_INT4 = 23, OID_NUMERIC = 1700 };

static int64_t i64(void *handle, int column)
{
	struct pg_stmt *h = handle;
	const unsigned char *p = (const unsigned char *)PQgetvalue(h->rows, h->row, column);
	int64_t v = 0;
	if (null(h, column))
		return 0;
	switch (PQftype(h->rows, column)) {
	case PG_INT8:
		return (int64_t)number(p, 8);
	case OID_INT4:
		return (int32_t)number(p, 4);
	case OID_INT2:
		return (int16_t)number(p, 2);
	case OID_BOOL:
		return p[0];
	case OID_NUMERIC:
		return numeric(p);
	default:
		str_i64((str){(const char *)p, (size_t)PQgetlength(h->rows, h->row, column)}, &v);
		return v;
	}
}

static str blob(void *handle, int column)
{
	struct pg_stmt *h = handle;
	if (null(h, column))
		return (str){0};
	return (str){PQgetvalue(h->rows, h->row, column), (size_t)PQgetlength(h->rows, h->row, column)};
}

/* A number is told as text where that is asked for. */
static str text(void *handle, int column)
{
	struct pg_stmt *h = handle;
	if (null(h, column))
		return (str){0};
	switch (PQftype(h->rows, column)) {
	case PG_INT8:
	case OID_INT4:
	case OID_INT2:
	case OID_BOOL:
	case OID_NUMERIC:
		return arena_fmt(&h->words, "%lld", (long long)i64(h, column));
	default:
		return blob(h, column);
	}
}

static int64_t changes(struct db *db)
{
	return pg_drain(conn(db), NULL) == RC_OK ? conn(db)->changes : 0;
}

static enum rc pages(struct db *db, struct db_pages *out, struct err *err)
{
	int64_t on;
	TRY(db_number(
		db, "SELECT CASE WHEN current_setting('data_checksums') = 'on' THEN 1 ELSE 0 END", &on, err));
	*out = (struct db_pages){.carried = on != 0};
	return RC_OK;
}

/* ---- transactions ---- */

static enum rc commit(struct db *db, struct err *err)
{
	return pg_commit(conn(db), err);
}

/* A commit of its own: its sync, and its standby, confirm all that came before it in the log. */
static enum rc settle(struct db *db, struct err *err)
{
	struct pg *pg = conn(db);
	pg->commit_warned = false;
	if (pg_exec(pg, "UPDATE city SET epoch = epoch WHERE one = 1", NULL) == RC_OK && !pg->commit_warned)
		return RC_OK;
	return FAIL(err, RC_UNKNOWN, "database: the disk does not confirm what was written (%d)", 0);
}

static bool in_transaction(struct db *db)
{
	return conn(db)->in_txn;
}

static bool lost(struct db *db)
{
	return !pg_alive(conn(db));
}

static enum rc limit(struct db *db, struct err *err)
{
	char text[64];
	snprintf(text, sizeof text, "SET statement_timeout = %lld", (long long)db->limit_ms);
	return pg_exec(conn(db), text, err);
}

/* ---- in bulk ---- */

static enum rc load_start(struct db *db, const char *copy, struct err *err)
{
	return pg_load_begin(conn(db), copy, err);
}

static enum rc load_put(struct db *db, const struct load_value *values, size_t n, struct err *err)
{
	return pg_load_row(conn(db), values, n, err);
}

static enum rc load_stop(struct db *db, struct err *err)
{
	return pg_load_end(conn(db), err);
}

static void loaded(struct db *db)
{
	(void)!pg_exec(conn(db), "ANALYZE", NULL);
}

const struct engine engine_postgres = {
	.name = "postgresql",
	.claims = claims,
	.words = pg_words,
	.open = open_,
	.close = close_,
	.exec = exec,
	.prepare = prepare,
	.finalize = finalize,
	.unbind = unbind,
	.bind_i64 = bind_i64,
	.bind_text = bind_text,
	.bind_blob = bind_blob,
	.bind_null = bind_null,
	.bind_ids = bind_ids,
	.step = step,
	.run = run,
	.flush = flush,
	.many = many,
	.reset = reset,
	.columns = columns,
	.null = null,
	.i64 = i64,
	.text = text,
	.blob = blob,
	.changes = changes,
	.pages = pages,
	.begin = "BEGIN",
	.scrub_each = "VACUUM FULL ",
	.snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
	.bytes = "SELECT CAST(coalesce(sum(pg_total_relation_size(c.oid)), 0) AS BIGINT) FROM pg_class c"
		 " WHERE c.relkind = 'r' AND c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE "
		 "n.nspname ="
		 " current_schema())",
	.room = "CREATE TABLE qinghe_room AS SELECT g FROM generate_series(1, 100000) g",
	.has_table =
		"SELECT 1 FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relname = ?1"
		" AND c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = current_schema())",
	.commit = commit,
	.settle = settle,
	.in_transaction = in_transaction,
	.cities = pg_cities,
	.load_begin = load_start,
	.load_row = load_put,
	.load_end = load_stop,
	.loaded = loaded,
	.lost = lost,
	.limit = limit,
};
