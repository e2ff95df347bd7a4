/* audit.c -- see audit.h. */
#include "guard/audit.h"
#include <assert.h>
#include <stdio.h>
#include <threads.h>

static const char Q_ADD[] = "INSERT INTO audit(seq, at, actor, action, subject, detail, result, prev, head,"
			    " address) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
static const char Q_ALL[] =
	"SELECT seq, at, actor, action, subject, detail, result, prev, head, address FROM audit"
	" ORDER BY seq";
static const char Q_NEWEST[] = "SELECT seq, at, actor, action, subject, detail, result, prev, head, address"
			       " FROM audit WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2";
static const char Q_CUT[] = "SELECT seq, head FROM audit_cut ORDER BY seq DESC LIMIT 1";
static const char Q_END[] = "SELECT audit_seq, audit_head FROM city WHERE one = 1";

static const char Q_KIND[] = "SELECT value FROM setting WHERE name = 'audit_hash'";
static const char Q_KIND_SET[] = "INSERT INTO setting(name, value) VALUES ('audit_hash', ?1)";

enum rc audit_kind(struct db *db, enum hash_kind *out, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, Q_KIND, &s, err));
	TRY(stmt_step(s, &row, err));
	*out = row && str_is(stmt_text(s, 0), "sm3") ? HASH_SM3 : HASH_SHA256;
	stmt_reset(s);
	return RC_OK;
}

enum rc audit_kind_set(struct db *db, enum hash_kind kind, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, Q_KIND_SET, &s, err));
	stmt_bind_text(s, 1, kind == HASH_SM3 ? STR("sm3") : STR("sha256"));
	return stmt_run(s, err);
}

static void put_number(char *out, uint64_t v, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		out[i] = (char)(v >> (8 * (bytes - 1 - i)));
}

struct hash audit_head_of(enum hash_kind kind, const struct audit_row *r, const struct hash *prev)
{
	const str fields[] = {r->actor, r->action, r->subject, r->detail, r->result, r->address};
	enum { FIELDS = sizeof fields / sizeof *fields };
	/* Rows without an address are hashed without that field, as all were before it came. */
	size_t fields_n = r->address.n ? FIELDS : FIELDS - 1;
	char numbers[16 + 4 * FIELDS];
	str parts[2 + 2 * FIELDS];
	size_t n = 0;
	put_number(numbers, (uint64_t)r->seq, 8);
	put_number(numbers + 8, (uint64_t)r->at_ms, 8);
	parts[n++] = (str){numbers, 16};
	for (size_t i = 0; i < fields_n; i++) {
		put_number(numbers + 16 + 4 * i, fields[i].n, 4);
		parts[n++] = (str){numbers + 16 + 4 * i, 4};
		parts[n++] = fields[i];
	}
	parts[n++] = (str){(const char *)prev->b, HASH_BYTES};
	return hash_join(kind, parts, n);
}

/* ---- rows are added ---- */

/* One statement for several rows: what a statement costs by itself is most of what a row costs. */
enum { STEP_MANY = 32, STEP_SOME = 8, COLUMNS = 10 };

static char add_many[8192], add_some[2048]; /* Q_ADD with as many rows */
static once_flag texts_once = ONCE_FLAG_INIT;

static void text_of(char *out, size_t size, int rows)
{
	int n = snprintf(out, size, "%s", Q_ADD);
	for (int at = COLUMNS + 1; at <= rows * COLUMNS; at++)
		n += snprintf(out + n, size - (size_t)n, "%s?%d%s", at % COLUMNS == 1 ? ", (" : ", ", at,
			at % COLUMNS == 0 ? ")" : "");
	assert((size_t)n < size);
}

static void texts(void)
{
	text_of(add_many, sizeof add_many, STEP_MANY);
	text_of(add_some, sizeof add_some, STEP_SOME);
}

/* heads[0] is the row's prev, heads[1] its own. */
static void bind_row(
	struct stmt *s, int at, int64_t seq, const struct audit_row *r, const struct hash heads[2])
{
	stmt_bind_i64(s, at + 1, seq);
	stmt_bind_i64(s, at + 2, r->at_ms);
	stmt_lend_text(s, at + 3, r->actor);
	stmt_lend_text(s, at + 4, r->action);
	stmt_lend_text(s, at + 5, r->subject);
	stmt_lend_text(s, at + 6, r->detail);
	stmt_lend_text(s, at + 7, r->result);
	stmt_lend_blob(s, at + 8, (str){(const char *)heads[0].b, HASH_BYTES});
	stmt_lend_blob(s, at + 9, (str){(const char *)heads[1].b, HASH_BYTES});
	stmt_lend_text(s, at + 10, r->address);
}

/* n is 1, STEP_SOME or STEP_MANY. */
static enum rc add(
	struct db *db, struct audit_chain *chain, const struct audit_row *rows, size_t n, struct err *err)
{
	const char *sql = n == STEP_MANY ? add_many : n == STEP_SOME ? add_some : Q_ADD;
	struct hash heads[STEP_MANY + 1] = {chain->head};
	struct stmt *s;
	TRY(db_prepare(db, sql, &s, err));
	for (size_t i = 0; i < n; i++) {
		struct audit_row r = rows[i];
		r.seq = chain->seq + 1 + (int64_t)i;
		heads[i + 1] = audit_head_of(chain->kind, &r, &heads[i]);
		bind_row(s, (int)i * COLUMNS, r.seq, &r, &heads[i]);
	}
	TRY(stmt_run(s, err));
	*chain = (struct audit_chain){chain->seq + (int64_t)n, heads[n], chain->kind};
	return RC_OK;
}

static bool is_too_long(const struct audit_row *r)
{
	const str fields[] = {r->actor, r->action, r->subject, r->detail, r->result, r->address};
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (fields[i].n > AUDIT_TEXT_MAX_BYTES)
			return true;
	return false;
}

enum rc audit_append(
	struct db *db, struct audit_chain *chain, const struct audit_row *rows, size_t n, struct err *err)
{
	struct audit_chain end = *chain;
	for (size_t i = 0; i < n; i++)
		if (is_too_long(&rows[i]))
			return FAIL(err, RC_LIMIT, "too much for one row of the audit log");
	call_once(&texts_once, texts);
	for (size_t i = 0, step; i < n; i += step) {
		step = n - i >= STEP_MANY ? STEP_MANY : n - i >= STEP_SOME ? STEP_SOME : 1;
		TRY(add(db, &end, rows + i, step, err));
	}
	*chain = end;
	return RC_OK;
}

const char *audit_result(enum rc rc)
{
	switch (rc) {
	case RC_OK:
		return "ok";
	case RC_FOUND:
		return "found";
	case RC_INVALID:
		return "invalid";
	case RC_DENIED:
		return "denied";
	case RC_NOT_FOUND:
		return "not_found";
	case RC_CONFLICT:
		return "conflict";
	case RC_LIMIT:
		return "limit";
	case RC_IO:
		return "io";
	case RC_UNKNOWN:
		return "unknown";
	}
	return "unknown";
}

static struct audit_row row_of(struct stmt *s)
{
	return (struct audit_row){.seq = stmt_i64(s, 0),
		.at_ms = stmt_i64(s, 1),
		.actor = stmt_text(s, 2),
		.action = stmt_text(s, 3),
		.subject = stmt_text(s, 4),
		.detail = stmt_text(s, 5),
		.result = stmt_text(s, 6),
		.address = stmt_text(s, 9)};
}

static bool is_hash(str bytes, const struct hash *h)
{
	return bytes.n == HASH_BYTES && memcmp(bytes.p, h->b, HASH_BYTES) == 0;
}

/* The row must follow the chain; moves the chain on. */
static enum rc follow(struct stmt *s, struct audit_chain *chain, struct err *err)
{
	struct audit_row r = row_of(s);
	long long seq = (long long)chain->seq + 1;
	if (r.seq != seq)
		return FAIL(err, RC_FOUND, "audit: row %lld is missing", seq);
	if (!is_hash(stmt_blob(s, 7), &chain->head))
		return FAIL(err, RC_FOUND, "audit: row %lld does not follow the row before it", seq);
	struct hash head = audit_head_of(chain->kind, &r, &chain->head);
	if (!is_hash(stmt_blob(s, 8), &head))
		return FAIL(err, RC_FOUND, "audit: row %lld was altered", seq);
	*chain = (struct audit_chain){seq, head, chain->kind};
	return RC_OK;
}

static enum rc checkpoint(struct db *db, struct audit_chain *out, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, Q_CUT, &s, err));
	TRY(stmt_step(s, &row, err));
	if (row && stmt_blob(s, 1).n == HASH_BYTES) {
		out->seq = stmt_i64(s, 0);
		memcpy(out->head.b, stmt_blob(s, 1).p, HASH_BYTES);
	}
	stmt_reset(s);
	return RC_OK;
}

enum rc audit_verify(struct db *db, int64_t *out_rows, int64_t *out_bad_seq, struct err *err)
{
	struct stmt *s;
	enum rc rc;
	bool row;
	struct audit_chain chain = {0};
	TRY(audit_kind(db, &chain.kind, err));
	TRY(checkpoint(db, &chain, err));
	TRY(db_prepare(db, Q_ALL, &s, err));
	while (stmt_next(s, &rc, err)) {
		rc = follow(s, &chain, err);
		if (rc != RC_OK) {
			stmt_reset(s);
			*out_rows = chain.seq;
			*out_bad_seq = chain.seq + 1;
			return rc;
		}
	}
	TRY(rc);
	TRY(db_prepare(db, Q_END, &s, err));
	TRY(stmt_step(s, &row, err));
	bool whole = row && stmt_i64(s, 0) == chain.seq && is_hash(stmt_blob(s, 1), &chain.head);
	int64_t last = row ? stmt_i64(s, 0) : 0;
	stmt_reset(s);
	*out_rows = chain.seq;
	*out_bad_seq = 0;
	if (whole)
		return RC_OK;
	*out_bad_seq = last > chain.seq ? chain.seq + 1 : chain.seq;
	return last > chain.seq
		       ? FAIL(err, RC_FOUND, "audit: rows %lld to %lld are missing at the end",
				 (long long)chain.seq + 1, (long long)last)
		       : FAIL(err, RC_FOUND, "audit: row %lld is not the one the city remembers as last",
				 (long long)chain.seq);
}

enum rc audit_each(
	struct db *db, bool (*visit)(void *user, const struct audit_row *r), void *user, struct err *err)
{
	struct stmt *s;
	enum rc rc;
	TRY(db_prepare(db, Q_ALL, &s, err));
	while (stmt_next(s, &rc, err)) {
		struct audit_row r = row_of(s);
		if (!visit(user, &r)) {
			stmt_reset(s);
			return RC_OK;
		}
	}
	return rc;
}

enum rc audit_list(struct db *db, int64_t before_seq, int limit,
	bool (*visit)(void *user, const struct audit_row *r), void *user, struct err *err)
{
	struct stmt *s;
	enum rc rc;
	TRY(db_prepare(db, Q_NEWEST, &s, err));
	stmt_bind_i64(s, 1, before_seq > 0 ? before_seq : INT64_MAX);
	stmt_bind_i64(s, 2, limit);
	while (stmt_next(s, &rc, err)) {
		struct audit_row r = row_of(s);
		if (!visit(user, &r)) {
			stmt_reset(s);
			return RC_OK;
		}
	}
	return rc;
}
