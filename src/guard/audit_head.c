/* audit_head.c -- see audit_head.h. */
#include "guard/audit_head.h"
#include "base/date.h"
#include "guard/seal.h"
#include <stdio.h>
#include <string.h>

static const char Q_END[] = "SELECT audit_seq, audit_head FROM city WHERE one = 1";
static const char Q_PUT[] = "INSERT INTO audit_signed(seq, at, head, sig) VALUES (?1, ?2, ?3, ?4)"
			    " ON CONFLICT (seq) DO NOTHING";
static const char Q_KEPT[] = "SELECT seq, at, head, sig FROM audit_signed ORDER BY seq";
static const char Q_HEAD[] = "SELECT head FROM audit WHERE seq = ?1"
			     " UNION ALL SELECT head FROM audit_cut WHERE seq = ?1";
static const char Q_CUT[] = "SELECT MAX(seq) FROM audit_cut";
static const char Q_CUT_UNSIGNED[] =
	"SELECT MIN(c.seq) FROM audit_cut c LEFT JOIN audit_signed g ON g.seq = c.seq"
	" AND g.head = c.head WHERE g.seq IS NULL";

static void secret_of(struct seal *seal, struct sign_secret *out)
{
	struct hash seed = seal_key(seal, STR("audit head"));
	sign_secret_of(seed.b, out);
}

/* The part that is signed. */
static str signed_part(struct arena *a, int64_t seq, int64_t at_ms, str head, const struct sign_key *key)
{
	char at[INSTANT_TEXT_BYTES];
	instant_text(at_ms, at);
	return arena_fmt(a, "qinghe-audit-head 1 %lld %s %.*s %.*s", (long long)seq, at,
		STR_ARG(hex_str(a, head.p, head.n)), STR_ARG(hex_str(a, key->b, SIGN_KEY_BYTES)));
}

static enum rc sign_head(struct job_ctx *c, struct seal *seal, int64_t seq, str head,
	char out_line[AUDIT_HEAD_LINE_BYTES], struct err *err)
{
	struct stmt *s;
	struct sign_secret secret;
	unsigned char sig[SIGN_BYTES];
	secret_of(seal, &secret);
	str part = signed_part(c->a, seq, c->now_ms, head, &secret.key);
	sign_text(&secret, part, sig);
	sign_forget(&secret);
	TRY(db_prepare(c->db, Q_PUT, &s, err));
	stmt_bind_i64(s, 1, seq);
	stmt_bind_i64(s, 2, c->now_ms);
	stmt_bind_blob(s, 3, head);
	stmt_bind_blob(s, 4, (str){(const char *)sig, SIGN_BYTES});
	TRY(stmt_run(s, err));
	c->subject = arena_fmt(c->a, "audit:%lld", (long long)seq);
	snprintf(out_line, AUDIT_HEAD_LINE_BYTES, "%.*s %.*s", STR_ARG(part),
		STR_ARG(hex_str(c->a, sig, SIGN_BYTES)));
	return RC_OK;
}

enum rc audit_head_sign(
	struct job_ctx *c, struct seal *seal, char out_line[AUDIT_HEAD_LINE_BYTES], struct err *err)
{
	struct stmt *s;
	bool row;
	c->action = STR("audit_sign");
	TRY(db_prepare(c->db, Q_END, &s, err));
	TRY(stmt_step(s, &row, err));
	int64_t seq = row ? stmt_i64(s, 0) : 0;
	str head = row ? arena_str(c->a, stmt_blob(s, 1)) : STR("");
	stmt_reset(s);
	if (seq == 0 || head.n != HASH_BYTES)
		return FAIL(err, RC_NOT_FOUND, "the audit log is empty");
	return sign_head(c, seal, seq, head, out_line, err);
}

enum rc audit_head_sign_at(struct job_ctx *c, struct seal *seal, int64_t seq, const struct hash *head,
	char out_line[AUDIT_HEAD_LINE_BYTES], struct err *err)
{
	struct stmt *s;
	bool row;
	c->action = STR("audit_sign");
	TRY(db_prepare(c->db, Q_HEAD, &s, err));
	stmt_bind_i64(s, 1, seq);
	TRY(stmt_step(s, &row, err));
	bool same =
		row && stmt_blob(s, 0).n == HASH_BYTES && memcmp(stmt_blob(s, 0).p, head->b, HASH_BYTES) == 0;
	stmt_reset(s);
	if (!same)
		return FAIL(err, RC_FOUND, "audit: row %lld was altered", (long long)seq);
	return sign_head(c, seal, seq, (str){(const char *)head->b, HASH_BYTES}, out_line, err);
}

enum rc audit_head_list(
	struct db *db, struct arena *a, struct seal *seal, str **out, size_t *out_n, struct err *err)
{
	struct stmt *s;
	enum rc rc;
	struct sign_secret secret;
	size_t cap = 0;
	*out = NULL;
	*out_n = 0;
	secret_of(seal, &secret);
	struct sign_key key = secret.key;
	sign_forget(&secret);
	TRY(db_prepare(db, Q_KEPT, &s, err));
	while (stmt_next(s, &rc, err)) {
		str part = signed_part(a, stmt_i64(s, 0), stmt_i64(s, 1), stmt_blob(s, 2), &key),
		    sig = stmt_blob(s, 3);
		*out = arena_grow(a, *out, *out_n, &cap, sizeof **out);
		(*out)[(*out_n)++] =
			arena_fmt(a, "%.*s %.*s", STR_ARG(part), STR_ARG(hex_str(a, sig.p, sig.n)));
	}
	return rc;
}

enum rc audit_head_read(str line, struct audit_signed_head *out, struct err *err)
{
	str field[7];
	unsigned char sig[SIGN_BYTES];
	struct sign_key by;
	size_t n = 0;
	line = str_trim(line);
	for (str rest = line; n < 7 && rest.n > 0; n++)
		field[n] = str_cut(rest, ' ', &rest);
	*out = (struct audit_signed_head){0};
	if (n != 7 || !str_is(field[0], "qinghe-audit-head") || !str_is(field[1], "1") ||
		!str_i64(field[2], &out->seq) || !hex_parse(field[4], out->head.b, HASH_BYTES) ||
		!hex_parse(field[5], by.b, sizeof by.b) || !hex_parse(field[6], sig, sizeof sig))
		return FAIL(err, RC_FOUND, "“%.*s” is no signed head of an audit log",
			STR_ARG(str_head(line, 80)));
	hex_text(by.b, sizeof by.b, out->key);
	if (!sign_check(&by, str_head(line, line.n - field[6].n - 1), sig))
		return FAIL(err, RC_FOUND, "the signature of head %lld does not hold", (long long)out->seq);
	return RC_OK;
}

enum rc audit_head_check(
	struct db *db, struct seal *seal, const struct audit_signed_head *h, str key, struct err *err)
{
	struct stmt *s;
	bool row;
	int64_t cut = 0;
	if (seal) {
		struct sign_secret own;
		secret_of(seal, &own);
		char ours[2 * SIGN_KEY_BYTES + 1];
		hex_text(own.key.b, SIGN_KEY_BYTES, ours);
		sign_forget(&own);
		if (strcmp(h->key, ours) != 0)
			return FAIL(err, RC_FOUND, "head %lld was signed by another key than this city's",
				(long long)h->seq);
	}
	if (key.n && !str_is(key, h->key))
		return FAIL(err, RC_FOUND, "head %lld was signed by another key", (long long)h->seq);
	TRY(db_prepare(db, Q_HEAD, &s, err));
	stmt_bind_i64(s, 1, h->seq);
	TRY(stmt_step(s, &row, err));
	bool same = row && stmt_blob(s, 0).n == HASH_BYTES &&
		    memcmp(stmt_blob(s, 0).p, h->head.b, HASH_BYTES) == 0;
	stmt_reset(s);
	if (same)
		return RC_OK;
	TRY(db_number(db, Q_CUT, &cut, err));
	if (!row && h->seq < cut)
		return FAIL(err, RC_FOUND,
			"head %lld lies in the archive up to row %lld: look for this line there and verify "
			"the "
			"archive",
			(long long)h->seq, (long long)cut);
	if (!row)
		return FAIL(err, RC_FOUND, "audit: row %lld, whose head was signed, is missing",
			(long long)h->seq);
	return FAIL(err, RC_FOUND, "audit: row %lld is not the one whose head was signed", (long long)h->seq);
}

enum rc audit_heads_check(
	struct db *db, struct arena *a, struct seal *seal, int64_t *out_seq, struct err *err)
{
	str *list;
	size_t n;
	TRY(audit_head_list(db, a, seal, &list, &n, err));
	for (size_t i = 0; i < n; i++) {
		struct audit_signed_head h;
		enum rc rc = audit_head_read(list[i], &h, err);
		*out_seq = h.seq;
		TRY(rc);
		TRY(audit_head_check(db, seal, &h, STR(""), err));
	}
	TRY(db_number(db, Q_CUT_UNSIGNED, out_seq, err));
	return *out_seq == 0 ? RC_OK
			     : FAIL(err, RC_FOUND, "the checkpoint at row %lld bears no signature",
				       (long long)*out_seq);
}
