/* audit_head.c -- see audit_head.h. */
#include "guard/audit_head.h"
#include "base/date.h"
#include "base/sign.h"
#include "guard/seal.h"
#include <stdio.h>

static const char Q_END[] = "SELECT audit_seq, audit_head FROM city WHERE one = 1";
static const char Q_PUT[] = "INSERT INTO audit_signed(seq, at, head, sig) VALUES (?1, ?2, ?3, ?4)"
			    " ON CONFLICT (seq) DO NOTHING";
static const char Q_KEPT[] = "SELECT seq, at, head, sig FROM audit_signed ORDER BY seq";
static const char Q_HEAD[] = "SELECT head FROM audit WHERE seq = ?1";

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

enum rc audit_head_sign(
	struct job_ctx *c, struct seal *seal, char out_line[AUDIT_HEAD_LINE_BYTES], struct err *err)
{
	struct stmt *s;
	bool row;
	struct sign_secret secret;
	unsigned char sig[SIGN_BYTES];
	c->action = STR("audit_sign");
	TRY(db_prepare(c->db, Q_END, &s, err));
	TRY(stmt_step(s, &row, err));
	int64_t seq = row ? stmt_i64(s, 0) : 0;
	str head = row ? arena_str(c->a, stmt_blob(s, 1)) : STR("");
	stmt_reset(s);
	if (seq == 0 || head.n != HASH_BYTES)
		return FAIL(err, RC_NOT_FOUND, "the audit log is empty");
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

enum rc audit_head_list(
	struct db *db, struct arena *a, struct seal *seal, str **out, size_t *out_n, struct err *err)
{
	struct stmt *s;
	struct sign_secret secret;
	size_t cap = 0;
	*out = NULL;
	*out_n = 0;
	secret_of(seal, &secret);
	struct sign_key key = secret.key;
	sign_forget(&secret);
	TRY(db_prepare(db, Q_KEPT, &s, err));
	for (;;) {
		bool row;
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		str part = signed_part(a, stmt_i64(s, 0), stmt_i64(s, 1), stmt_blob(s, 2), &key),
		    sig = stmt_blob(s, 3);
		*out = arena_grow(a, *out, *out_n, &cap, sizeof **out);
		(*out)[(*out_n)++] =
			arena_fmt(a, "%.*s %.*s", STR_ARG(part), STR_ARG(hex_str(a, sig.p, sig.n)));
	}
}

enum rc audit_head_check(
	struct db *db, struct seal *seal, str line, str key, int64_t *out_seq, struct err *err)
{
	str field[7], rest = str_trim(line);
	unsigned char head[HASH_BYTES], sig[SIGN_BYTES];
	struct sign_key by;
	struct stmt *s;
	bool row;
	size_t n = 0;
	for (; n < 7 && rest.n > 0; n++)
		field[n] = str_cut(rest, ' ', &rest);
	*out_seq = 0;
	if (n != 7 || !str_is(field[0], "qinghe-audit-head") || !str_is(field[1], "1") ||
		!str_i64(field[2], out_seq) || !hex_parse(field[4], head, sizeof head) ||
		!hex_parse(field[5], by.b, sizeof by.b) || !hex_parse(field[6], sig, sizeof sig))
		return FAIL(err, RC_FOUND, "“%.*s” is no signed head of an audit log",
			STR_ARG(str_head(line, 80)));
	line = str_trim(line);
	if (!sign_check(&by, str_head(line, line.n - field[6].n - 1), sig))
		return FAIL(err, RC_FOUND, "the signature of head %lld does not hold", (long long)*out_seq);
	if (seal) {
		struct sign_secret own;
		secret_of(seal, &own);
		bool ours = memcmp(own.key.b, by.b, sizeof by.b) == 0;
		sign_forget(&own);
		if (!ours)
			return FAIL(err, RC_FOUND, "head %lld was signed by another key than this city's",
				(long long)*out_seq);
	}
	if (key.n && !str_eq(key, field[5]))
		return FAIL(err, RC_FOUND, "head %lld was signed by another key", (long long)*out_seq);
	TRY(db_prepare(db, Q_HEAD, &s, err));
	stmt_bind_i64(s, 1, *out_seq);
	TRY(stmt_step(s, &row, err));
	bool same =
		row && stmt_blob(s, 0).n == HASH_BYTES && memcmp(stmt_blob(s, 0).p, head, HASH_BYTES) == 0;
	stmt_reset(s);
	if (!row)
		return FAIL(err, RC_FOUND, "audit: row %lld, whose head was signed, is missing",
			(long long)*out_seq);
	return same ? RC_OK
		    : FAIL(err, RC_FOUND, "audit: row %lld is not the one whose head was signed",
			      (long long)*out_seq);
}
