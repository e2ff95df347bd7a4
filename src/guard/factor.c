/* factor.c -- see factor.h. */
#include "guard/factor.h"
#include "guard/code.h"
#include "guard/role.h"
#include "guard/session.h"
#include <sodium.h>

static const char Q_GET[] = "SELECT totp, totp_step FROM account WHERE person = ?1 AND disabled = 0";
static const char Q_SET[] = "UPDATE account SET totp = ?2, totp_step = ?3 WHERE person = ?1";
static const char Q_STEP[] = "UPDATE account SET totp_step = ?2 WHERE person = ?1 AND totp_step < ?2";
static const char Q_OFF[] =
	"UPDATE account SET totp = NULL, totp_step = 0 WHERE person = ?1 AND totp IS NOT NULL";
static const char Q_CODES_GONE[] = "DELETE FROM recovery WHERE person = ?1";
static const char Q_CODE_ADD[] = "INSERT INTO recovery(person, code, used_at) VALUES (?1, ?2, NULL)";
static const char Q_CODE_USE[] =
	"UPDATE recovery SET used_at = ?3 WHERE person = ?1 AND code = ?2 AND used_at IS NULL";
static const char Q_STATE[] =
	"SELECT CASE WHEN totp IS NULL THEN 0 ELSE 1 END, (SELECT count(*) FROM recovery AS r"
	" WHERE r.person = ?1 AND r.used_at IS NULL) FROM account WHERE person = ?1";

static void subject(struct job_ctx *c, const char *action, int64_t person)
{
	c->action = str_of(action);
	c->subject = arena_fmt(c->a, "account:%lld", (long long)person);
}

static struct seal_place place(int64_t person)
{
	return (struct seal_place){
		.table = STR("account"), .column = STR("totp"), .row = person, .kind = SEAL_CITY};
}

struct totp_secret factor_offer(struct seal *seal, str session_token)
{
	struct totp_secret s;
	struct hash key = seal_key(seal, STR("totp offer"));
	struct hash h = hash_hmac(HASH_SHA256, (str){(const char *)key.b, HASH_BYTES}, session_token);
	memcpy(s.b, h.b, sizeof s.b);
	return s;
}

static struct hash recovery_hash(struct seal *seal, int64_t person, const char *plain)
{
	char who[24];
	struct hash key = seal_key(seal, STR("recovery"));
	int n = snprintf(who, sizeof who, "%lld:", (long long)person);
	str parts[] = {{who, (size_t)n}, {plain, RECOVERY_CHARS}};
	return hash_hmac_join(HASH_SHA256, (str){(const char *)key.b, HASH_BYTES}, parts, 2);
}

static enum rc codes_put(
	struct job_ctx *c, struct seal *seal, int64_t person, struct recovery *out, struct err *err)
{
	struct stmt *s;
	char plain[RECOVERY_CHARS + 1];
	TRY(db_prepare(c->db, Q_CODES_GONE, &s, err));
	stmt_bind_i64(s, 1, person);
	TRY(stmt_run(s, err));
	for (int i = 0; i < RECOVERY_CODES; i++) {
		code_make(out->code[i], RECOVERY_CHARS);
		(void)code_read(str_of(out->code[i]), RECOVERY_CHARS, plain);
		struct hash h = recovery_hash(seal, person, plain);
		TRY(db_prepare(c->db, Q_CODE_ADD, &s, err));
		stmt_bind_i64(s, 1, person);
		stmt_bind_blob(s, 2, (str){(const char *)h.b, HASH_BYTES});
		TRY(stmt_run(s, err));
	}
	return RC_OK;
}

enum rc factor_set(struct job_ctx *c, struct seal *seal, const struct totp_secret *secret, str code,
	struct recovery *out, struct err *err)
{
	struct stmt *s;
	int64_t person = c->actor->person, step = totp_step(secret, code, c->now_ms);
	subject(c, "factor_set", person);
	if (step < 0)
		return FAIL(err, RC_DENIED, "this code does not fit; take the one that shows now");
	struct seal_place at = place(person);
	str envelope;
	TRY(seal_put(c->a, seal, &at, (str){(const char *)secret->b, sizeof secret->b}, &envelope, err));
	TRY(db_prepare(c->db, Q_SET, &s, err));
	stmt_bind_i64(s, 1, person);
	stmt_bind_blob(s, 2, envelope);
	stmt_bind_i64(s, 3, step);
	TRY(stmt_run(s, err));
	if (db_changes(c->db) == 0)
		return FAIL(err, RC_NOT_FOUND, "no such account");
	TRY(codes_put(c, seal, person, out, err));
	TRY(session_end_all(c, person, err));
	subject(c, "factor_set", person);
	return RC_OK;
}

static enum rc secret_of(struct db *db, struct arena *a, struct seal *seal, int64_t person, bool *out_set,
	struct totp_secret *out, struct err *err)
{
	struct stmt *s;
	bool row;
	str envelope = {NULL, 0}, plain;
	*out_set = false;
	TRY(db_prepare(db, Q_GET, &s, err));
	stmt_bind_i64(s, 1, person);
	TRY(stmt_step(s, &row, err));
	if (!row)
		return RC_OK;
	if (!stmt_null(s, 0))
		envelope = arena_str(a, stmt_blob(s, 0));
	stmt_reset(s);
	if (envelope.n == 0)
		return RC_OK;
	struct seal_place at = place(person);
	TRY(seal_get(a, seal, &at, envelope, &plain, err));
	if (plain.n != sizeof out->b)
		return FAIL(err, RC_IO, "a second factor is damaged");
	memcpy(out->b, plain.p, sizeof out->b);
	*out_set = true;
	return RC_OK;
}

static enum rc paper(
	struct job_ctx *c, struct seal *seal, int64_t person, str code, bool *out_used, struct err *err)
{
	struct stmt *s;
	char plain[RECOVERY_CHARS + 1];
	*out_used = false;
	if (!code_read(code, RECOVERY_CHARS, plain))
		return RC_OK;
	struct hash h = recovery_hash(seal, person, plain);
	TRY(db_prepare(c->db, Q_CODE_USE, &s, err));
	stmt_bind_i64(s, 1, person);
	stmt_bind_blob(s, 2, (str){(const char *)h.b, HASH_BYTES});
	stmt_bind_i64(s, 3, c->now_ms);
	TRY(stmt_run(s, err));
	*out_used = db_changes(c->db) > 0;
	return RC_OK;
}

enum rc factor_prove(struct job_ctx *c, struct seal *seal, int64_t person, str code, struct err *err)
{
	struct totp_secret secret;
	struct stmt *s;
	bool set, used = false;
	subject(c, "factor_prove", person);
	TRY(secret_of(c->db, c->a, seal, person, &set, &secret, err));
	if (set) {
		int64_t step = totp_step(&secret, code, c->now_ms);
		sodium_memzero(&secret, sizeof secret);
		if (step >= 0) {
			TRY(db_prepare(c->db, Q_STEP, &s, err));
			stmt_bind_i64(s, 1, person);
			stmt_bind_i64(s, 2, step);
			TRY(stmt_run(s, err));
			if (db_changes(c->db) > 0)
				return RC_OK;
			return FAIL(err, RC_DENIED, "this code has been used; wait for the next one");
		}
		TRY(paper(c, seal, person, code, &used, err));
		c->detail = STR("recovery code");
	}
	return used ? RC_OK : FAIL(err, RC_DENIED, "this code does not fit; take the one that shows now");
}

enum rc factor_new_codes(struct job_ctx *c, struct seal *seal, struct recovery *out, struct err *err)
{
	subject(c, "factor_codes", c->actor->person);
	return codes_put(c, seal, c->actor->person, out, err);
}

enum rc factor_reset(struct job_ctx *c, int64_t person, struct err *err)
{
	static const str by[] = {{"secadmin", 8}};
	struct stmt *s;
	subject(c, "factor_reset", person);
	TRY(role_check_over(c, person, by, 1, err));
	TRY(db_prepare(c->db, Q_OFF, &s, err));
	stmt_bind_i64(s, 1, person);
	TRY(stmt_run(s, err));
	if (db_changes(c->db) == 0)
		return FAIL(err, RC_NOT_FOUND, "no second factor is set up there");
	TRY(db_prepare(c->db, Q_CODES_GONE, &s, err));
	stmt_bind_i64(s, 1, person);
	TRY(stmt_run(s, err));
	TRY(session_end_all(c, person, err));
	subject(c, "factor_reset", person);
	return RC_OK;
}

enum rc factor_state(struct db *db, int64_t person, bool *out_set, int *out_left, struct err *err)
{
	struct stmt *s;
	bool row;
	*out_set = false;
	*out_left = 0;
	TRY(db_prepare(db, Q_STATE, &s, err));
	stmt_bind_i64(s, 1, person);
	TRY(stmt_step(s, &row, err));
	if (row) {
		*out_set = stmt_i64(s, 0) != 0;
		*out_left = (int)stmt_i64(s, 1);
		stmt_reset(s);
	}
	return RC_OK;
}

enum rc factor_demo_code(struct db *db, struct arena *a, struct seal *seal, int64_t person, int64_t now_ms,
	char out[TOTP_DIGITS_MAX + 1], struct err *err)
{
	struct totp_secret secret;
	bool set;
	if (!seal_is_demo(seal))
		return FAIL(err, RC_DENIED,
			"codes are shown of a demo city only; elsewhere the authenticator shows them");
	TRY(secret_of(db, a, seal, person, &set, &secret, err));
	if (!set)
		return FAIL(err, RC_NOT_FOUND, "no second factor is set up there");
	return totp_at(&secret, now_ms, TOTP_DIGITS, out) ? RC_OK
							  : FAIL(err, RC_IO, "a second factor is damaged");
}
