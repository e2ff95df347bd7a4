/* bench/load.c -- rows in bulk, in one transaction, ROWS at a time: a prepared INSERT each (on PostgreSQL they fly in a
 * pipeline) against store/load.h (on PostgreSQL COPY in binary, on SQLite the same INSERT), into a table of the shape of
 * `imported` with its indexes. The peer of both is an INSERT that is waited for, as a program without a pipeline does it.
 * URL: a file to be made, or an empty PostgreSQL schema. Prints rows a second of the wall, best of five, interleaved. */
#include "store/load.h"
#include "base/clock.h"
#include "base/hash.h"
#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 5000, SLICES = 4, ROUNDS = 5, COLUMNS = 6 };
enum way { WAITED, INSERTED, LOADED, WAYS };
static const char *const SAID[WAYS] = {"waited for", "prepared INSERT", "load.h"};
static const char TABLE[] = "CREATE TABLE imported(register TEXT NOT NULL, \"row\" INTEGER NOT NULL, digest "
			    "BLOB NOT NULL, import INTEGER NOT "
			    "NULL, version INTEGER NOT NULL, inserted INTEGER NOT NULL, PRIMARY KEY "
			    "(register, \"row\")) STRICT, WITHOUT "
			    "ROWID; CREATE INDEX imported_import ON imported(import); CREATE INDEX "
			    "imported_digest ON imported(digest);";
static const char PUT[] =
	"INSERT INTO imported (register, \"row\", digest, import, version, inserted) VALUES (?1, ?2, ?3, "
	"?4, ?5, ?6)";
static int64_t next = 1;

static enum rc by_insert(struct db *db, bool wait, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, PUT, &s, err));
	for (int i = 0; i < ROWS; i++, next++) {
		struct hash h = hash_sha256((str){(const char *)&next, sizeof next});
		stmt_bind_text(s, 1, STR("service_record"));
		stmt_bind_i64(s, 2, next);
		stmt_bind_blob(s, 3, (str){(const char *)h.b, HASH_BYTES});
		stmt_bind_i64(s, 4, 1);
		stmt_bind_i64(s, 5, 1);
		stmt_bind_i64(s, 6, 1);
		TRY(wait ? stmt_run_now(s, err) : stmt_run(s, err));
	}
	return RC_OK;
}

static enum rc by_load(struct db *db, struct err *err)
{
	static const str columns[COLUMNS] = {
		{"register", 8}, {"row", 3}, {"digest", 6}, {"import", 6}, {"version", 7}, {"inserted", 8}};
	struct load *l;
	enum rc rc = RC_OK;
	struct err end;
	TRY(load_begin(db, STR("imported"), columns, COLUMNS, &l, err));
	for (int i = 0; i < ROWS && rc == RC_OK; i++, next++) {
		struct hash h = hash_sha256((str){(const char *)&next, sizeof next});
		const struct load_value v[COLUMNS] = {{.kind = LOAD_TEXT, .t = STR("service_record")},
			{.kind = LOAD_I64, .i = next},
			{.kind = LOAD_BLOB, .t = {(const char *)h.b, HASH_BYTES}}, {.kind = LOAD_I64, .i = 1},
			{.kind = LOAD_I64, .i = 1}, {.kind = LOAD_I64, .i = 1}};
		rc = load_row(l, v, err);
	}
	enum rc ended = load_end(l, rc == RC_OK ? err : &end);
	return rc != RC_OK ? rc : ended;
}

static enum rc round_of(struct db *db, enum way way, int64_t *best, struct err *err)
{
	int64_t began = clock_mono_us();
	for (int i = 0; i < SLICES; i++) {
		TRY(db_begin(db, err));
		TRY(way == LOADED ? by_load(db, err) : by_insert(db, way == WAITED, err));
		TRY(db_commit(db, err));
	}
	int64_t us = clock_mono_us() - began;
	*best = us < *best ? us : *best;
	return RC_OK;
}

static enum rc all(struct db *db, int64_t best[WAYS], struct err *err)
{
	TRY(db_begin(db, err));
	TRY(db_exec(db, TABLE, err));
	TRY(db_commit(db, err));
	for (int r = 0; r < ROUNDS; r++)
		for (enum way w = 0; w < WAYS; w++)
			TRY(round_of(db, w, &best[w], err));
	return RC_OK;
}

int main(int argc, char **argv)
{
	struct db *db;
	struct err err = {0};
	int64_t best[WAYS] = {INT64_MAX, INT64_MAX, INT64_MAX};
	if (argc != 2)
		return fprintf(stderr, "usage: load URL\n"), 2;
	if (db_open(argv[1], DB_CREATE, &db, &err) != RC_OK || all(db, best, &err) != RC_OK)
		return fprintf(stderr, "%s\n", err.text), 1;
	for (enum way w = 0; w < WAYS; w++)
		printf("   %-16s %9.0f rows/s  %.2f of the prepared INSERT\n", SAID[w],
			1e6 * ROWS * SLICES / (double)best[w], (double)best[INSERTED] / (double)best[w]);
	db_close(db);
	return 0;
}
