/* pg_wire.h -- one PostgreSQL connection in pipeline mode, for engine_postgres.c; nobody else includes this.
 *
 * What is sent and not yet answered is a queue of flights. A statement whose rows nobody looks at (INSERT, UPDATE,
 * DELETE, BEGIN, SAVEPOINT) inside a transaction is only sent: its answer is read with the next one that is waited
 * for, so that a batch of writes costs one round trip and not one each. At most PG_FLIGHTS_MAX fly at a time: their
 * answers fit the socket's buffers, so that neither side ever waits for the other to read.
 *
 * Faults: the first statement that fails spoils the transaction. What flew behind it was not done; everything after it
 * answers with the same fault until the transaction or the savepoint is rolled back (as PostgreSQL has it). A lost
 * connection ends the transaction.
 *
 *     idle --BEGIN--> in_txn --a statement fails--> spoiled --ROLLBACK TO--> in_txn
 *                       '--COMMIT, ROLLBACK--> idle <--ROLLBACK--'    any --connection lost--> lost
 *
 * Error texts never hold values: of PostgreSQL's fields only the primary message is used, and of classes whose message
 * may quote a value (22, 23) not even that. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "store/db.h"
#include "store/pg_text.h"
#include <libpq-fe.h>

enum {
	PG_FLIGHTS_MAX = 256,
	PG_PIECE_ROWS = 2048,
	PG_INT8 = 20,
	PG_TEXT = 25,
	PG_BYTEA = 17,
	PG_INT8S = 1016
};

enum flight_kind { FLIGHT_PREPARE, FLIGHT_DESCRIBE, FLIGHT_RUN, FLIGHT_COMMIT, FLIGHT_SYNC };
struct flight {
	enum flight_kind kind;
	struct pg_stmt *of; /* NULL for a plain text */
	bool keep;          /* its rows are wanted */
};

struct pg {
	PGconn *c;
	bool in_txn, spoiled, lost;
	bool commit_failed; /* the last COMMIT was answered, and not with success */
	bool commit_warned; /* it stands here, but a standby may not have it */
	enum rc fault_rc;
	struct err fault; /* what spoiled it */
	struct flight flights[PG_FLIGHTS_MAX + 8];
	int flights_n;
	bool synced;            /* the last flight is a sync */
	uint64_t names, shapes; /* shapes: DDL so far; a statement prepared before it is prepared anew */
	int64_t changes;        /* rows touched by the last statement that was answered */
	struct buf keys;        /* foreign keys to be added before the commit, one a line: DEPTH TAB TEXT */
	struct buf piece;       /* of a COPY, not yet sent */
	char schema[64];
};

struct pg_value {
	Oid type; /* 0: null */
	const char *p;
	size_t n;
	struct buf own; /* when copied */
	unsigned char i[8];
};

struct pg_stmt {
	struct pg *pg;
	char *sql;
	enum pg_kind kind;
	int params_n;
	struct pg_value *params;
	Oid *types; /* as the server knows the prepared statement's parameters; 0: not told yet */
	char name[24];
	bool prepared; /* sent to the server, and not refused */
	bool known;    /* types are those that the server told */
	uint64_t shapes;
	struct arena words; /* numbers told as text, of the run at hand */
	bool many;          /* by a cursor, PG_PIECE_ROWS at a time */
	char cursor[24];    /* that is open, or empty */
	PGresult *rows;
	int row;
};

/* Opens the connection (pg_open.c); on failure PQfinish is left to do. */
MUST_USE enum rc pg_connect(struct pg *pg, const char *url, enum db_mode mode, struct err *err);
/* Host, database and schema, for people; never the password. */
void pg_place(const struct pg *pg, char *out, size_t n);
MUST_USE enum rc pg_cities(struct arena *a, const char *url, str **out, size_t *out_n, struct err *err);
/* Sends a statement with its bound values, preparing it where needed. wait: reads its answer and all before it. */
MUST_USE enum rc pg_execute(struct pg_stmt *s, bool wait, struct err *err);
/* The next piece of a cursor's rows, the first after declaring it. */
MUST_USE enum rc pg_fetch(struct pg_stmt *s, struct err *err);
void pg_fetch_end(struct pg_stmt *s);
/* Sends COMMIT and reads all answers. RC_UNKNOWN when the connection went before the answer came. */
MUST_USE enum rc pg_commit(struct pg *pg, struct err *err);
/* Reads all answers. */
MUST_USE enum rc pg_drain(struct pg *pg, struct err *err);
/* Statements without parameters or rows, not in a pipeline. */
MUST_USE enum rc pg_exec(struct pg *pg, const char *sql, struct err *err);
/* Out of the pipeline, all answers read, and back into it: what has spoilt the transaction meanwhile is told. */
MUST_USE enum rc pg_leave(struct pg *pg, struct err *err);
MUST_USE enum rc pg_come_back(struct pg *pg, struct err *err);
void pg_spoil(struct pg *pg, const PGresult *res);
/* load.h (pg_load.c). */
struct load_value;
MUST_USE enum rc pg_load_begin(struct pg *pg, const char *copy, struct err *err);
MUST_USE enum rc pg_load_row(struct pg *pg, const struct load_value *values, size_t n, struct err *err);
MUST_USE enum rc pg_load_end(struct pg *pg, struct err *err);
/* The statement's memory is about to go: reads what flies for it and lets the server forget it. */
void pg_forget(struct pg_stmt *s);
/* What a finished result or a lost connection says, as our error. */
enum rc pg_fault(struct pg *pg, const PGresult *res, struct err *err);
/* Is the other end still there? Looks without a round trip; only while nothing flies. */
bool pg_alive(struct pg *pg);
