/* pg_load.c -- load.h on PostgreSQL: COPY ... FROM STDIN (FORMAT binary). The stream: a signature, flags and the length
 * of an extension (0); a row is its number of columns (16 bits) and for each a length (32 bits; -1 is null) and the
 * bytes; the end is the number -1. It is sent in pieces of PIECE_BYTES. */
#include "store/load.h"
#include "store/pg_wire.h"

enum { PIECE_BYTES = 64 << 10 };

static void put(struct buf *b, uint64_t v, int bytes)
{
	for (int i = bytes - 1; i >= 0; i--)
		buf_putc(b, (char)(v >> (8 * i)));
}

static enum rc send(struct pg *pg, struct err *err)
{
	int sent = PQputCopyData(pg->c, pg->piece.p, (int)pg->piece.n);
	buf_clear(&pg->piece);
	return sent == 1 ? RC_OK : pg_fault(pg, NULL, err);
}

enum rc pg_load_begin(struct pg *pg, const char *copy, struct err *err)
{
	static const char SIGNATURE[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"; /* 11 + 4 + 4 bytes */
	TRY(pg_leave(pg, err));
	PGresult *res = PQexec(pg->c, copy);
	bool begun = PQresultStatus(res) == PGRES_COPY_IN;
	if (!begun)
		pg_spoil(pg, res);
	PQclear(res);
	if (!begun)
		return pg_come_back(pg, err);
	buf_clear(&pg->piece);
	buf_add(&pg->piece, (str){SIGNATURE, 19});
	return RC_OK;
}

enum rc pg_load_row(struct pg *pg, const struct load_value *values, size_t n, struct err *err)
{
	struct buf *b = &pg->piece;
	put(b, n, 2);
	for (size_t i = 0; i < n; i++) {
		const struct load_value *v = &values[i];
		if (v->kind == LOAD_NULL) {
			put(b, UINT32_MAX, 4);
		} else if (v->kind == LOAD_I64) {
			put(b, 8, 4);
			put(b, (uint64_t)v->i, 8);
		} else {
			put(b, v->t.n, 4);
			buf_add(b, v->t);
		}
	}
	if (!buf_ok(b))
		return FAIL(err, RC_LIMIT, "database: a row is too long");
	return b->n >= PIECE_BYTES ? send(pg, err) : RC_OK;
}

enum rc pg_load_end(struct pg *pg, struct err *err)
{
	PGresult *res;
	put(&pg->piece, UINT16_MAX, 2);
	TRY(send(pg, err));
	if (PQputCopyEnd(pg->c, NULL) != 1)
		return pg_fault(pg, NULL, err);
	while ((res = PQgetResult(pg->c)) != NULL) {
		if (PQresultStatus(res) != PGRES_COMMAND_OK)
			pg_spoil(pg, res);
		PQclear(res);
	}
	return pg_come_back(pg, err);
}
