/* db.h -- the database port: one connection, its prepared statements, its transactions.
 *
 * SQL is text in the portable subset (architecture.md decision 10), prepared once per connection and kept: asking for
 * the same text again returns the same statement, reset and unbound. Parameters are ?1 ?2 ... Words of the port, put
 * into each engine's own spelling by db_prepare:
 *     "id" {in ?1}            membership in a list of integers bound by stmt_bind_ids
 *     {days A | B}            whole days from ISO date A to ISO date B (either may be an expression)
 *     {age B | D}             full years at date D of one born in month B (YYYY-MM): counts from the month's first day
 *     {month X}               'YYYY-MM' of an ISO date
 *     {day X}                 ISO date (UTC) of milliseconds X since 1970; add the city's offset for local days
 * Values are 64-bit integers, UTF-8 text, bytes and null; no floating point crosses the port. Booleans are 0/1,
 * dates ISO text, instants milliseconds UTC.
 *
 * A struct db belongs to one thread. Only the writer (guard/job.h) opens one for writing; readers hold one snapshot
 * per request (db_snapshot .. db_snapshot_end). Engines: engine_sqlite.c (WAL, synchronous=FULL, foreign keys on,
 * double-quoted strings off, no extensions) and engine_postgres.c (14 or later, one schema a city).
 *
 * DDL is SQLite's: INTEGER, TEXT, BLOB, STRICT, WITHOUT ROWID; text compares by bytes. A table may refer to one that a
 * later statement of the same transaction makes. What two engines do differently, a caller allows for:
 *   - stmt_run in a transaction may only send the statement; its fault is told by a later step, db_flush or db_commit.
 *     Who needs it told there and then calls stmt_run_now.
 *   - A statement that fails may spoil the transaction: nothing more is done until it, or the savepoint, is rolled back.
 *     Where a conflict is expected, write ON CONFLICT DO NOTHING and look at db_changes, or take a savepoint.
 *   - Rows come in no order but that of ORDER BY.
 *
 * Errors: RC_IO with the engine's words, never with bound values; RC_CONFLICT for a unique or foreign key. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include <stdint.h>

struct db;
struct stmt;

enum db_mode { DB_READ, DB_WRITE, DB_CREATE };
enum { DB_WAIT_MS = 25000, DB_WAIT_READER_MS = 5000 };

/* url: a file path or postgresql://... DB_CREATE makes a new, empty database and fails where one stands. */
MUST_USE enum rc db_open(const char *url, enum db_mode mode, struct db **out_db, struct err *err);
void db_close(struct db *db);
const char *db_engine(const struct db *db); /* "sqlite", "postgresql" */

/* One or more statements without parameters or rows (DDL, pragmas of migrations). */
MUST_USE enum rc db_exec(struct db *db, const char *sql, struct err *err);

/* The statement is the connection's; valid until db_close. `sql` may be any memory. */
MUST_USE enum rc db_prepare(struct db *db, const char *sql, struct stmt **out_stmt, struct err *err);
void stmt_bind_i64(struct stmt *s, int at, int64_t v); /* at counts from 1 */
void stmt_bind_text(struct stmt *s, int at, str v);    /* copied; a NULL slice is the empty text */
void stmt_bind_blob(struct stmt *s, int at, str v);    /* copied */
void stmt_lend_text(
	struct stmt *s, int at, str v); /* not copied: the bytes stay until the statement is reset */
void stmt_lend_blob(struct stmt *s, int at, str v);
void stmt_bind_null(struct stmt *s, int at);
void stmt_bind_ids(struct stmt *s, int at, const int64_t *ids, size_t n); /* for {in ?n} */

/* One step: *out_row tells whether a row stands; after the last (or on error) the statement is reset. */
MUST_USE enum rc stmt_step(struct stmt *s, bool *out_row, struct err *err);
/* Each row of a query; after the last one, or a fault, the statement is reset, and *out_rc says which:
 *     enum rc rc;
 *     while (stmt_next(s, &rc, err))
 *         ... stmt_i64(s, 0) ...          who leaves the loop early resets it
 *     TRY(rc); */
bool stmt_next(struct stmt *s, enum rc *out_rc, struct err *err);
/* The first column of a query's first row as a whole number, then reset: 0 where there is no row, or null. */
MUST_USE enum rc stmt_number(struct stmt *s, int64_t *out, struct err *err);
MUST_USE enum rc db_number(struct db *db, const char *sql, int64_t *out, struct err *err); /* nothing bound */
MUST_USE enum rc stmt_run(struct stmt *s, struct err *err);     /* steps to the end, rows are dropped */
MUST_USE enum rc stmt_run_now(struct stmt *s, struct err *err); /* and its fault is told now */
/* Before the first step of a statement whose rows may be more than memory should hold at once: inside a transaction or
 * snapshot they are then fetched piece by piece, on an engine that would else read them all. */
void stmt_many(struct stmt *s);
void stmt_reset(struct stmt *s); /* when a row loop is left early */
int stmt_columns(const struct stmt *s);
bool stmt_null(struct stmt *s, int column);   /* columns count from 0 */
int64_t stmt_i64(struct stmt *s, int column); /* 0 for null */
str stmt_text(struct stmt *s, int column);    /* valid until the next step; {NULL,0} for null */
str stmt_blob(struct stmt *s, int column);
str stmt_str(struct arena *a, struct stmt *s, int column); /* a copy that lives */

bool db_has_table(struct db *db, const char *name);
/* What the city takes, indexes and all; without the room that was given back. */
MUST_USE enum rc db_bytes(struct db *db, int64_t *out, struct err *err);
/* The checksums that the engine keeps of its pages, looked at in the file itself (SQLite: store/pages.h). PostgreSQL looks at
 * its own whenever it reads a page, and only says whether it has them. */
struct db_pages {
	bool carried;                  /* false: the pages carry none */
	int64_t looked_at, bad, first; /* first: the number of the first bad page */
};
MUST_USE enum rc db_pages(struct db *db, struct db_pages *out, struct err *err);
/* Takes the pages as they stand, after somebody has written to the file with another program: those whose checksum does not
 * fit (out->bad) get a new one. Nobody may have the database open: RC_CONFLICT. PostgreSQL: RC_INVALID. */
MUST_USE enum rc db_pages_anew(const char *url, struct db_pages *out, struct err *err);
int64_t db_changes(struct db *db); /* rows touched by the last statement */
/* Failed fsyncs of this process so far, also those that the engine does not tell its callers of (a checkpoint's).
 * When it moves, the writer opens its connection anew before it writes again. */
long db_sync_faults(void);
/* Does the server take a few megabytes more? False where it does not, does not answer, or the engine cannot say. */
bool db_has_room(const char *url);
/* Writes tables anew, so that no page of theirs holds what was taken out of them, and gives the log up where nobody reads
 * it any more. Outside a transaction; others wait meanwhile. */
MUST_USE enum rc db_scrub(struct db *db, const char *const *tables, size_t n, struct err *err);
/* Makes all that is committed durable by writing it anew: after a commit of unknown outcome turned out to stand, for it
 * may stand in the system's memory only. RC_UNKNOWN when that cannot be had. */
MUST_USE enum rc db_settle(struct db *db, struct err *err);

/* Takes away a database that DB_CREATE made and that never became a city (RC: none, the fault before it is told). */
void db_unmake(const char *url);
/* Within a transaction: references are looked at at its end, all of them. */
MUST_USE enum rc db_defer_references(struct db *db, struct err *err);
/* The addresses of all cities that stand in the same PostgreSQL database, by name of schema, whichever schema the url
 * names; of a file: itself. */
MUST_USE enum rc db_cities(struct arena *a, const char *url, str **out, size_t *out_n, struct err *err);
/* Waits for all statements that were only sent. */
MUST_USE enum rc db_flush(struct db *db, struct err *err);
/* As db_open, for a database that stood before: a server that does not answer is asked again, with growing pauses, for
 * DB_WAIT_MS (DB_READ: DB_WAIT_READER_MS). */
MUST_USE enum rc db_open_waiting(const char *url, enum db_mode mode, struct db **out_db, struct err *err);
/* A new connection in the old one's place, waited for in the same way, statements and all; outside a transaction. On
 * failure only db_close is left. */
MUST_USE enum rc db_reopen(struct db *db, struct err *err);
/* The url for people and logs: without the password. */
str db_shown(struct arena *a, const char *url);

/* Transactions. Writer: db_begin takes the write lock at once (PostgreSQL: the first UPDATE of city does). Nested:
 * named by depth. db_begin and db_snapshot open a lost connection anew. */
MUST_USE enum rc db_begin(struct db *db, struct err *err);
MUST_USE enum rc db_commit(struct db *db, struct err *err); /* RC_UNKNOWN: reopen and look */
void db_rollback(struct db *db);
MUST_USE enum rc db_savepoint(struct db *db, struct err *err);
MUST_USE enum rc db_release(struct db *db, struct err *err);
void db_rollback_to(struct db *db);    /* undo to the last savepoint and drop it */
bool db_in_transaction(struct db *db); /* false after the engine gave the transaction up by itself */
MUST_USE enum rc db_snapshot(struct db *db, struct err *err);
void db_snapshot_end(struct db *db);
/* How long each snapshot of this connection may stand; 0: as long as it takes. After that every step fails with RC_LIMIT,
 * one in the middle of a long statement too (on PostgreSQL such a statement may last as long again), until the snapshot is
 * ended: who reads too long keeps the log from shrinking for everybody. */
MUST_USE enum rc db_snapshot_limit(struct db *db, int64_t ms, struct err *err);
