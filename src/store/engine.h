/* engine.h -- what a database engine is to db.c; nobody else includes this.
 *
 * An engine is a const table of functions (engine_sqlite.c, engine_postgres.c). db.c keeps what is common: the statements by text, the
 * savepoint depth, which statements stand on a row. An engine function that fails fills err and returns RC_IO,
 * RC_CONFLICT (unique or foreign key) or, from commit, RC_UNKNOWN.
 * `conn` and `h` are the engine's own; h is NULL while a statement sleeps (db.c prepares it again at its next use). */
#pragma once
#include "base/map.h"
#include "store/db.h"
#include "store/load.h"
#include "store/words.h"

struct stmt {
	struct db *db;
	void *h;
	const char *sql;   /* as asked for */
	enum rc bind_rc;   /* the first binding that failed; told by the next step */
	bool active;       /* stands on a row */
	size_t active_at;  /* its place in db->active */
	uint64_t asked_at; /* the connection's count of db_prepare calls */
	/* Of the run at hand, for the trace. */
	int64_t took_us, rows, steps;
	bool failed;
};

struct engine {
	const char *name;
	bool (*claims)(const char *url);
	word_writer *words;
	enum rc (*open)(struct db *db, const char *url, enum db_mode mode, struct err *err);
	void (*close)(struct db *db);
	enum rc (*exec)(struct db *db, const char *sql, struct err *err);
	enum rc (*prepare)(struct db *db, str sql, void **out_h, struct err *err);
	void (*finalize)(void *h);
	void (*unbind)(void *h);
	bool (*bind_i64)(void *h, int at, int64_t v);
	bool (*bind_text)(void *h, int at, str v, bool lent);
	bool (*bind_blob)(void *h, int at, str v, bool lent);
	bool (*bind_null)(void *h, int at);
	bool (*bind_ids)(void *h, int at, const int64_t *ids, size_t n);
	enum rc (*step)(struct stmt *s, bool *out_row, struct err *err);
	enum rc (*run)(
		struct stmt *s, struct err *err); /* NULL: steps to the end; may only send it, see flush */
	enum rc (*flush)(struct db *db, struct err *err); /* NULL: run waits */
	void (*many)(void *h);                            /* stmt_many; NULL: rows are never read ahead */
	void (*reset)(void *h);
	int (*columns)(void *h);
	bool (*null)(void *h, int column);
	int64_t (*i64)(void *h, int column);
	str (*text)(void *h, int column);
	str (*blob)(void *h, int column);
	int64_t (*changes)(struct db *db);
	enum rc (*pages)(struct db *db, struct db_pages *out, struct err *err);
	enum rc (*pages_anew)(const char *url, struct db_pages *out, struct err *err); /* NULL: its server does */
	const char *begin, *snapshot, *has_table; /* statements; the last gives a row when ?1 is a table */
	const char *bytes;                        /* a statement: db_bytes */
	enum rc (*commit)(struct db *db, struct err *err);
	enum rc (*settle)(struct db *db, struct err *err);
	bool (*in_transaction)(struct db *db);
	/* load.h; NULL: by a prepared INSERT. begin takes the COPY statement. */
	enum rc (*load_begin)(struct db *db, const char *copy, struct err *err);
	enum rc (*load_row)(struct db *db, const struct load_value *values, size_t n, struct err *err);
	enum rc (*load_end)(struct db *db, struct err *err);
	/* NULL: a url is one city. */
	enum rc (*cities)(struct arena *a, const char *url, str **out, size_t *out_n, struct err *err);
	void (*unmake)(const char *url); /* NULL: nothing is left behind by a transaction that failed */
	/* A statement that takes a few megabytes of the disk until it is rolled back; NULL: db_has_room cannot say. */
	const char *room;
	const char *scrub_each,
		*scrub;    /* db_scrub: before the name of each table, and for the whole; NULL: none */
	const char *defer; /* statement, or NULL: db_defer_references */
	void (*loaded)(struct db *db); /* tables have been filled: tell the planner; NULL: it need not know */
	bool (*lost)(struct db *db);   /* the connection is gone; NULL: there is none to lose */
	/* db_snapshot_limit, when it is set and after each opening: ends a statement that runs past db->ends_us. */
	enum rc (*limit)(struct db *db, struct err *err);
};

enum { STMT_NEAR = 64 };

struct db {
	const struct engine *engine;
	const char *url;
	void *conn;
	enum db_mode mode;
	struct arena a; /* statements and their texts */
	struct map statements;
	struct stmt *near
		[STMT_NEAR]; /* by the address of the text asked for: named statements, found without hashing */
	struct stmt **all, **active;
	size_t all_n, all_cap, active_n, active_cap, awake_n;
	uint64_t asked;
	int depth; /* savepoints open */
	int64_t limit_ms,
		ends_us; /* db_snapshot_limit; when the snapshot at hand has stood long enough, or 0 */
};

extern const struct engine engine_sqlite, engine_postgres;

bool db_is_over(const struct db *db);
enum rc db_over(struct err *err); /* RC_LIMIT, in words */

/* The engine that wraps the one of an open connection (probe.h: faults). */
bool fault_wanted(void);
void fault_wear(struct db *db);

/* The trace (probe.h). 0: none is wanted. */
int64_t trace_begin(void);
void trace_stepped(struct stmt *s, int64_t began, enum rc rc, bool row);
void trace_ended(struct stmt *s);
void trace_committed(int64_t began, enum rc rc);
