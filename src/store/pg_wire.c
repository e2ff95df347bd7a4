/* pg_wire.c -- see pg_wire.h. */
#include "store/pg_wire.h"
#include "store/ballast.h"
#include "store/engine.h"
#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- faults ---- */

static bool class_is(const char *state, const char *two)
{
	return strncmp(state, two, 2) == 0;
}

static const char *sqlstate(const PGresult *res)
{
	const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
	return state ? state : "";
}

static enum rc lost(struct pg *pg, struct err *err)
{
	pg->lost = true;
	pg->in_txn = false;
	pg->flights_n = 0;
	return FAIL(err, RC_IO, "database: the connection to the server was lost");
}

enum rc pg_fault(struct pg *pg, const PGresult *res, struct err *err)
{
	const char *state = sqlstate(res);
	const char *words = res ? PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	const char *what = res ? PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME) : NULL;
	if (PQstatus(pg->c) == CONNECTION_BAD || state[0] == 0)
		return lost(pg, err);
	if (strcmp(state, "23505") == 0)
		return FAIL(err, RC_CONFLICT, "database: unique constraint %s", what ? what : "");
	if (strcmp(state, "23503") == 0)
		return FAIL(err, RC_CONFLICT, "database: foreign key constraint %s", what ? what : "");
	if (class_is(state, "23"))
		return FAIL(err, RC_IO, "database: constraint %s (%s)", what ? what : "", state);
	if (class_is(state, "22"))
		return FAIL(err, RC_IO, "database: a value that does not fit (%s)", state);
	if (strcmp(state, "57014") == 0)
		return db_over(err);
	if (strcmp(state, "53100") == 0) {
		db_full_note();
		return FAIL(err, RC_IO, "database: the disk is full");
	}
	if (class_is(state, "40"))
		return FAIL(err, RC_IO, "database: another transaction was in the way (%s)", state);
	if (strcmp(state, "55P03") == 0)
		return FAIL(err, RC_IO, "database: busy, another process has been writing for too long");
	return FAIL(err, RC_IO, "database: %s (%s)", words ? words : "fault", state);
}

/* The first fault of a transaction is kept; outside of one it is only told. */
void pg_spoil(struct pg *pg, const PGresult *res)
{
	struct err e;
	if (pg->spoiled)
		return;
	pg->spoiled = true;
	pg->fault_rc = pg_fault(pg, res, &e);
	pg->fault = e;
}

static enum rc spoilt(struct pg *pg, struct err *err)
{
	enum rc rc = pg->fault_rc;
	if (err)
		*err = pg->fault;
	if (!pg->in_txn)
		pg->spoiled = false;
	return rc;
}

/* ---- answers ---- */

static void answered(struct pg *pg, struct flight *f, PGresult *res)
{
	ExecStatusType status = PQresultStatus(res);
	bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
	if (!good && status != PGRES_PIPELINE_ABORTED)
		pg_spoil(pg, res);
	switch (f->kind) {
	case FLIGHT_PREPARE:
		f->of->prepared = f->of->prepared && good;
		break;
	case FLIGHT_DESCRIBE:
		for (int i = 0; good && i < f->of->params_n && i < PQnparams(res); i++)
			f->of->types[i] = PQparamtype(res, i);
		f->of->known = good;
		break;
	case FLIGHT_RUN:
		if (f->of && !good && strcmp(sqlstate(res), "0A000") == 0)
			f->of->prepared = false; /* its tables have changed under it */
		if (good)
			pg->changes = strtoll(PQcmdTuples(res), NULL, 10);
		if (good && f->keep && status == PGRES_TUPLES_OK) {
			f->of->rows = res;
			return;
		}
		break;
	case FLIGHT_COMMIT:
		pg->in_txn = false;
		pg->commit_failed = !good || strcmp(PQcmdStatus(res), "COMMIT") != 0;
		if (status == PGRES_PIPELINE_ABORTED) /* it never ran */
			pg->in_txn = true;
		break;
	case FLIGHT_SYNC:
		break;
	}
	PQclear(res);
}

/* A result, or false when the connection is gone. out NULL: the end of an answer. */
static bool next_result(struct pg *pg, PGresult **out)
{
	*out = PQgetResult(pg->c);
	if (PQstatus(pg->c) != CONNECTION_BAD)
		return true;
	PQclear(*out);
	return false;
}

/* The answer to a sync. Outside a transaction it is here that deferred constraints speak. */
static bool land_sync(struct pg *pg)
{
	PGresult *res;
	for (int empty = 0; empty < 2;) {
		if (!next_result(pg, &res))
			return false;
		ExecStatusType status = PQresultStatus(res);
		if (res && status == PGRES_FATAL_ERROR)
			pg_spoil(pg, res);
		empty += res == NULL;
		PQclear(res);
		if (res && status == PGRES_PIPELINE_SYNC)
			return true;
	}
	return false;
}

/* One flight's answer; false when the connection is gone. */
static bool land(struct pg *pg, struct flight *f)
{
	PGresult *res;
	if (f->kind == FLIGHT_SYNC)
		return land_sync(pg);
	if (!next_result(pg, &res) || res == NULL)
		return false;
	answered(pg, f, res);
	while (next_result(pg, &res)) { /* the NULL that ends each answer */
		if (res == NULL)
			return true;
		if (PQresultStatus(res) == PGRES_FATAL_ERROR)
			pg_spoil(pg, res);
		PQclear(res);
	}
	return false;
}

static void fly(struct pg *pg, enum flight_kind kind, struct pg_stmt *of, bool keep)
{
	assert(pg->flights_n < (int)(sizeof pg->flights / sizeof *pg->flights));
	pg->flights[pg->flights_n++] = (struct flight){kind, of, keep};
	pg->synced = kind == FLIGHT_SYNC;
}

enum rc pg_drain(struct pg *pg, struct err *err)
{
	if (pg->lost)
		return lost(pg, err);
	if (pg->flights_n == 0)
		return pg->spoiled ? spoilt(pg, err) : RC_OK;
	if (!pg->synced) {
		if (!PQpipelineSync(pg->c)) {
			pg_spoil(pg, NULL);
			return lost(pg, err);
		}
		fly(pg, FLIGHT_SYNC, NULL, false);
	}
	for (int i = 0; i < pg->flights_n; i++)
		if (!land(pg, &pg->flights[i])) {
			for (int k = i; k < pg->flights_n; k++)
				if (pg->flights[k].of)
					pg->flights[k].of->prepared = false;
			return lost(pg, err);
		}
	pg->flights_n = 0;
	return pg->spoiled ? spoilt(pg, err) : RC_OK;
}

/* ---- sending ---- */

/* The prepared statement fits what is bound now. */
static bool fits(const struct pg_stmt *s)
{
	for (int i = 0; i < s->params_n; i++)
		if (s->params[i].type && s->params[i].type != s->types[i])
			return false;
	return true;
}

static enum rc prepare(struct pg_stmt *s, struct err *err)
{
	struct pg *pg = s->pg;
	if (s->prepared && !s->known && !fits(s))
		TRY(pg_drain(pg, err));
	s->prepared = s->prepared && s->shapes == pg->shapes;
	s->shapes = pg->shapes;
	if (s->prepared && fits(s))
		return RC_OK;
	for (int i = 0; i < s->params_n; i++)
		if (s->params[i].type)
			s->types[i] = s->params[i].type;
	snprintf(s->name, sizeof s->name, "q%llu", (unsigned long long)++pg->names);
	s->known = false;
	s->prepared = true;
	if (!PQsendPrepare(pg->c, s->name, s->sql, s->params_n, s->types))
		return lost(pg, err);
	fly(pg, FLIGHT_PREPARE, s, false);
	if (!PQsendDescribePrepared(pg->c, s->name))
		return lost(pg, err);
	fly(pg, FLIGHT_DESCRIBE, s, false);
	return RC_OK;
}

enum { PARAMS_FEW = 64 };

/* The prepared statement (text NULL), or a text that stands around it, with what is bound. */
static enum rc send(struct pg_stmt *s, const char *text, bool keep, struct err *err)
{
	Oid few_types[PARAMS_FEW], *types = few_types;
	const char *few_p[PARAMS_FEW], **p = few_p;
	int few_n[2 * PARAMS_FEW], *n = few_n;
	bool many = s->params_n > PARAMS_FEW;
	if (many) {
		p = mem_resize(NULL, (size_t)s->params_n * sizeof *p);
		n = mem_resize(NULL, 2 * (size_t)s->params_n * sizeof *n);
		types = mem_resize(NULL, (size_t)s->params_n * sizeof *types);
	}
	int *binary = n + s->params_n;
	for (int i = 0; i < s->params_n; i++) {
		const struct pg_value *v = &s->params[i];
		p[i] = v->type == 0 ? NULL : v->p ? v->p : "";
		n[i] = (int)v->n;
		binary[i] = 1;
		types[i] = v->type;
	}
	int sent = text ? PQsendQueryParams(s->pg->c, text, s->params_n, types, p, n, binary, 1)
			: PQsendQueryPrepared(s->pg->c, s->name, s->params_n, p, n, binary, 1);
	if (many) {
		mem_resize(p, 0);
		mem_resize(n, 0);
		mem_resize(types, 0);
	}
	if (!sent)
		return lost(s->pg, err);
	fly(s->pg, FLIGHT_RUN, s, keep);
	return RC_OK;
}

static enum rc push(struct pg *pg, struct err *err)
{
	if (!PQpipelineSync(pg->c))
		return lost(pg, err);
	fly(pg, FLIGHT_SYNC, NULL, false);
	return PQflush(pg->c) < 0 ? lost(pg, err) : RC_OK;
}

/* Foreign keys of tables made since the savepoint that is rolled back are not to be added. */
static void forget_keys(struct pg *pg, int depth)
{
	struct buf left;
	buf_init(&left, 0);
	for (str rest = buf_str(&pg->keys), line; rest.n;) {
		int64_t at = 0;
		line = str_cut(rest, '\n', &rest);
		str_i64(str_head(line, str_find_byte(line, '\t')), &at);
		if (at < depth)
			buf_printf(&left, "%.*s\n", STR_ARG(line));
	}
	buf_done(&pg->keys);
	pg->keys = left;
}

/* What goes before a statement that turns the transaction. */
static enum rc turn(struct pg_stmt *s, struct err *err)
{
	struct pg *pg = s->pg;
	const char *number = strrchr(s->sql, 's'); /* ROLLBACK TO s3 */
	int64_t depth = 0;
	switch (s->kind) {
	case PG_BEGINS:
		pg->spoiled = false;
		pg->in_txn = true;
		break;
	case PG_ROLLS_BACK_TO:
		(void)!pg_drain(pg, NULL);
		pg->spoiled = false;
		str_i64(str_of(number ? number + 1 : ""), &depth);
		forget_keys(pg, (int)depth);
		break;
	case PG_ROLLS_BACK:
		(void)!pg_drain(pg, NULL);
		pg->spoiled = false;
		buf_clear(&pg->keys);
		break;
	case PG_READS:
	case PG_SHAPES:
	case PG_WRITES:
	case PG_SAVES:
	case PG_COMMITS:
		break;
	}
	return pg->lost ? lost(pg, err) : RC_OK;
}

enum rc pg_execute(struct pg_stmt *s, bool wait, struct err *err)
{
	struct pg *pg = s->pg;
	assert(s->rows == NULL && s->kind != PG_COMMITS);
	TRY(turn(s, err));
	if (pg->spoiled)
		return spoilt(pg, err);
	if (pg->flights_n >= PG_FLIGHTS_MAX)
		TRY(pg_drain(pg, err));
	TRY(prepare(s, err));
	TRY(send(s, NULL, wait, err));
	if (s->kind ==
		PG_ROLLS_BACK) { /* sent at once, and read when there is time: nothing hangs on its answer */
		pg->in_txn = false;
		return push(pg, err);
	}
	if (!wait && pg->in_txn && s->kind != PG_READS && s->kind != PG_SHAPES)
		return RC_OK;
	return pg_drain(pg, err);
}

enum rc pg_fetch(struct pg_stmt *s, struct err *err)
{
	struct pg *pg = s->pg;
	char fetch[64];
	if (pg->spoiled)
		return spoilt(pg, err);
	if (s->cursor[0] == 0) {
		struct buf declare AUTO(buf_done) = {0};
		if (pg->flights_n >= PG_FLIGHTS_MAX)
			TRY(pg_drain(pg, err));
		snprintf(s->cursor, sizeof s->cursor, "c%llu", (unsigned long long)++pg->names);
		buf_printf(&declare, "DECLARE %s NO SCROLL CURSOR FOR %s", s->cursor, s->sql);
		TRY(send(s, declare.p, false, err));
	}
	PQclear(s->rows);
	s->rows = NULL;
	s->row = 0;
	snprintf(fetch, sizeof fetch, "FETCH %d FROM %s", (int)PG_PIECE_ROWS, s->cursor);
	if (!PQsendQueryParams(pg->c, fetch, 0, NULL, NULL, NULL, NULL, 1))
		return lost(pg, err);
	fly(pg, FLIGHT_RUN, s, true);
	return pg_drain(pg, err);
}

void pg_fetch_end(struct pg_stmt *s)
{
	char text[48];
	struct pg *pg = s->pg;
	snprintf(text, sizeof text, "CLOSE %s", s->cursor);
	bool open = s->cursor[0] && pg->in_txn && !pg->spoiled && !pg->lost;
	s->cursor[0] = 0;
	if (!open || (pg->flights_n >= PG_FLIGHTS_MAX && pg_drain(pg, NULL) != RC_OK))
		return;
	if (PQsendQueryParams(pg->c, text, 0, NULL, NULL, NULL, NULL, 1))
		fly(pg, FLIGHT_RUN, NULL, false);
}

void pg_forget(struct pg_stmt *s)
{
	struct pg *pg = s->pg;
	char text[48];
	for (int i = 0; i < pg->flights_n; i++)
		if (pg->flights[i].of == s) {
			(void)!pg_drain(pg, NULL);
			break;
		}
	if (!s->prepared || pg->lost || pg->spoiled)
		return;
	if (pg->flights_n >= PG_FLIGHTS_MAX && pg_drain(pg, NULL) != RC_OK)
		return;
	snprintf(text, sizeof text, "DEALLOCATE %s", s->name);
	if (PQsendQueryParams(pg->c, text, 0, NULL, NULL, NULL, NULL, 1))
		fly(pg, FLIGHT_RUN, NULL, false);
}

enum rc pg_commit(struct pg *pg, struct err *err)
{
	if (pg->keys.n) {
		struct buf text AUTO(buf_done) = {0};
		for (str rest = buf_str(&pg->keys), line; rest.n;) {
			line = str_cut(rest, '\n', &rest);
			buf_printf(&text, "%.*s;", STR_ARG(str_from(line, str_find_byte(line, '\t') + 1)));
		}
		buf_clear(&pg->keys);
		TRY(pg_exec(pg, text.p, err));
	}
	if (pg->spoiled)
		return spoilt(pg, err);
	if (pg->lost)
		return lost(pg, err);
	pg->commit_failed = pg->commit_warned = false;
	if (!PQsendQueryParams(pg->c, "COMMIT", 0, NULL, NULL, NULL, NULL, 1))
		return lost(pg, err);
	fly(pg, FLIGHT_COMMIT, NULL, false);
	struct err why;
	enum rc rc = pg_drain(pg, &why);
	if (pg->lost)
		return FAIL(err, RC_UNKNOWN, "database: the connection was lost at the commit");
	if (rc != RC_OK) {
		if (err)
			*err = why;
		return rc;
	}
	if (pg->commit_failed)
		return FAIL(err, RC_IO, "database: the transaction was given up");
	if (pg->commit_warned)
		return FAIL(err, RC_UNKNOWN, "database: no standby confirms what was written");
	return RC_OK;
}

enum rc pg_leave(struct pg *pg, struct err *err)
{
	TRY(pg_drain(pg, err));
	return PQexitPipelineMode(pg->c) ? RC_OK : lost(pg, err);
}

enum rc pg_come_back(struct pg *pg, struct err *err)
{
	PGTransactionStatusType now = PQtransactionStatus(pg->c);
	pg->in_txn = now == PQTRANS_INTRANS || now == PQTRANS_INERROR;
	enum rc rc = pg->spoiled ? spoilt(pg, err) : RC_OK;
	if (!pg->lost && !PQenterPipelineMode(pg->c))
		return lost(pg, err);
	return rc;
}

enum rc pg_exec(struct pg *pg, const char *sql, struct err *err)
{
	TRY(pg_leave(pg, err));
	PGresult *res = PQexec(pg->c, sql);
	ExecStatusType status = PQresultStatus(res);
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
		pg_spoil(pg, res);
	PQclear(res);
	return pg_come_back(pg, err);
}

bool pg_alive(struct pg *pg)
{
	if (pg->lost || PQstatus(pg->c) == CONNECTION_BAD)
		return false;
	if (pg->flights_n) /* of a rollback before */
		return pg_drain(pg, NULL) == RC_OK || !pg->lost;
	struct pollfd p = {.fd = PQsocket(pg->c), .events = POLLIN};
	if (poll(&p, 1, 0) == 0)
		return true;
	/* A notice, or the end. */
	return PQconsumeInput(pg->c) && PQstatus(pg->c) != CONNECTION_BAD;
}
