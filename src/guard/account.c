/* account.c -- see account.h. */
#include "guard/account.h"
#include "base/hash.h"
#include "guard/code.h"
#include "guard/role.h"
#include "guard/session.h"
#include <stdio.h>

enum { CODE_CHARS = 20 };

static const char Q_BY_HANDLE[] = "SELECT person, handle, password, password_at, disabled FROM account"
				  " WHERE handle = ?1";
static const char Q_BY_PERSON[] = "SELECT person, handle, password, password_at, disabled FROM account"
				  " WHERE person = ?1";
static const char Q_CODES_GONE[] = "DELETE FROM claim WHERE person = ?1 AND used_at IS NULL";
static const char Q_CODE_ADD[] = "INSERT INTO claim(code, person, made_at, made_by, expires_at)"
				 " VALUES (?1, ?2, ?3, ?4, ?5)";
static const char Q_CODE[] =
	"SELECT person FROM claim WHERE code = ?1 AND used_at IS NULL AND expires_at > ?2 AND told IS NULL";
static const char Q_CODE_USED[] = "UPDATE claim SET used_at = ?2 WHERE code = ?1";
static const char Q_SET[] =
	"INSERT INTO account(person, handle, password, password_at, totp_step, disabled, made_at)"
	" VALUES (?1, ?2, ?3, ?4, 0, 0, ?4) ON CONFLICT (person) DO UPDATE SET"
	" handle = excluded.handle, password = excluded.password,"
	" password_at = excluded.password_at";
static const char Q_PASSWORD[] = "UPDATE account SET password = ?2, password_at = ?3 WHERE person = ?1";
static const char Q_DISABLE[] = "UPDATE account SET disabled = ?2 WHERE person = ?1";

static enum rc one(struct arena *a, struct stmt *s, struct account *out, struct err *err)
{
	bool row;
	TRY(stmt_step(s, &row, err));
	if (!row)
		return FAIL(err, RC_NOT_FOUND, "no such account");
	*out = (struct account){.person = stmt_i64(s, 0),
		.handle = stmt_str(a, s, 1),
		.password = stmt_str(a, s, 2),
		.password_at_ms = stmt_i64(s, 3),
		.disabled = stmt_i64(s, 4) != 0};
	stmt_reset(s);
	return RC_OK;
}

enum rc account_by_handle(struct db *db, struct arena *a, str handle, struct account *out, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, Q_BY_HANDLE, &s, err));
	stmt_bind_text(s, 1, handle);
	return one(a, s, out, err);
}

enum rc account_by_person(
	struct db *db, struct arena *a, int64_t person, struct account *out, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, Q_BY_PERSON, &s, err));
	stmt_bind_i64(s, 1, person);
	return one(a, s, out, err);
}

static void subject(struct job_ctx *c, const char *action, int64_t person)
{
	c->action = str_of(action);
	c->subject = person > 0 ? arena_fmt(c->a, "account:%lld", (long long)person) : STR("account");
}

static enum rc administrator(const struct job_ctx *c, int64_t person, struct err *err)
{
	static const str roles[] = {{"secadmin", 8}};
	return role_check_over(c, person, roles, 1, err);
}

/* ---- codes ---- */

static struct hash code_hash(str code)
{
	char plain[CODE_CHARS + 1];
	return code_read(code, CODE_CHARS, plain) ? hash_sha256((str){plain, CODE_CHARS}) : (struct hash){0};
}

static str hash_str(const struct hash *h)
{
	return (str){(const char *)h->b, HASH_BYTES};
}

enum rc account_code(struct job_ctx *c, int64_t person, char out[ACCOUNT_CODE_BYTES], struct err *err)
{
	struct stmt *s;
	char text[ACCOUNT_CODE_BYTES];
	subject(c, "account_code", person);
	TRY(administrator(c, person, err));
	TRY(db_prepare(c->db, Q_CODES_GONE, &s, err));
	stmt_bind_i64(s, 1, person);
	TRY(stmt_run(s, err));
	code_make(text, CODE_CHARS);
	struct hash h = code_hash(str_of(text));
	TRY(db_prepare(c->db, Q_CODE_ADD, &s, err));
	stmt_bind_blob(s, 1, hash_str(&h));
	stmt_bind_i64(s, 2, person);
	stmt_bind_i64(s, 3, c->now_ms);
	stmt_bind_i64(s, 4, c->actor->person);
	stmt_bind_i64(s, 5, c->now_ms + ACCOUNT_CODE_DAYS * (int64_t)86400000);
	TRY(stmt_run(s, err));
	memcpy(out, text, sizeof text);
	return RC_OK;
}

enum rc account_of_code(struct db *db, str code, int64_t now_ms, int64_t *out_person, struct err *err)
{
	struct stmt *s;
	bool row;
	struct hash h = code_hash(code);
	TRY(db_prepare(db, Q_CODE, &s, err));
	stmt_bind_blob(s, 1, hash_str(&h));
	stmt_bind_i64(s, 2, now_ms);
	TRY(stmt_step(s, &row, err));
	if (!row)
		return FAIL(err, RC_DENIED, "this code is wrong, used or too old; ask for a new one");
	*out_person = stmt_i64(s, 0);
	stmt_reset(s);
	return RC_OK;
}

/* ---- claiming and changing ---- */

static bool handle_good(str h)
{
	if (h.n < 3 || h.n > ACCOUNT_HANDLE_MAX_BYTES || h.p[0] < 'a' || h.p[0] > 'z')
		return false;
	for (size_t i = 0; i < h.n; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789._-", h.p[i]) == NULL || h.p[i] == 0)
			return false;
	return !str_is(h, "operator") && !str_is(h, "nobody");
}

enum rc account_claim(
	struct job_ctx *c, str code, str handle, str password_hash, int64_t *out_person, struct err *err)
{
	struct stmt *s;
	int64_t person;
	struct account old = {0}, other;
	subject(c, "account_claim", 0);
	TRY(account_of_code(c->db, code, c->now_ms, &person, err));
	subject(c, "account_claim", person);
	enum rc rc = account_by_person(c->db, c->a, person, &old, err);
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return rc;
	if (old.disabled)
		return FAIL(err, RC_DENIED, "this account is disabled");
	if (handle.n == 0)
		handle = old.handle;
	if (!handle_good(handle))
		return FAIL(err, RC_INVALID,
			"an account's name has 3 to %d of a-z, 0-9 and . _ -, beginning with a letter",
			(int)ACCOUNT_HANDLE_MAX_BYTES);
	rc = account_by_handle(c->db, c->a, handle, &other, err);
	if (rc == RC_OK && other.person != person)
		return FAIL(err, RC_CONFLICT, "the account name “%.*s” is taken", STR_ARG(handle));
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return rc;
	TRY(db_prepare(c->db, Q_SET, &s, err));
	stmt_bind_i64(s, 1, person);
	stmt_bind_text(s, 2, handle);
	stmt_bind_text(s, 3, password_hash);
	stmt_bind_i64(s, 4, c->now_ms);
	TRY(stmt_run(s, err));
	struct hash h = code_hash(code);
	TRY(db_prepare(c->db, Q_CODE_USED, &s, err));
	stmt_bind_blob(s, 1, hash_str(&h));
	stmt_bind_i64(s, 2, c->now_ms);
	TRY(stmt_run(s, err));
	TRY(session_end_all(c, person, err));
	subject(c, "account_claim", person);
	*out_person = person;
	if (err)
		*err = (struct err){0};
	return RC_OK;
}

enum rc account_password(struct job_ctx *c, str password_hash, struct err *err)
{
	struct stmt *s;
	subject(c, "account_password", c->actor->person);
	TRY(db_prepare(c->db, Q_PASSWORD, &s, err));
	stmt_bind_i64(s, 1, c->actor->person);
	stmt_bind_text(s, 2, password_hash);
	stmt_bind_i64(s, 3, c->now_ms);
	TRY(stmt_run(s, err));
	if (db_changes(c->db) == 0)
		return FAIL(err, RC_NOT_FOUND, "no such account");
	TRY(session_end_all(c, c->actor->person, err));
	subject(c, "account_password", c->actor->person);
	return RC_OK;
}

enum rc account_disable(struct job_ctx *c, int64_t person, bool disabled, struct err *err)
{
	struct stmt *s;
	const char *action = disabled ? "account_disable" : "account_enable";
	subject(c, action, person);
	TRY(administrator(c, person, err));
	TRY(db_prepare(c->db, Q_DISABLE, &s, err));
	stmt_bind_i64(s, 1, person);
	stmt_bind_i64(s, 2, disabled);
	TRY(stmt_run(s, err));
	if (db_changes(c->db) == 0)
		return FAIL(err, RC_NOT_FOUND, "no such account");
	if (disabled)
		TRY(session_end_all(c, person, err));
	subject(c, action, person);
	return RC_OK;
}

enum rc account_refused(struct job_ctx *c, const char *action, int64_t person, str address, struct err *err)
{
	subject(c, action, person);
	c->detail = arena_fmt(c->a, "from:%.*s", STR_ARG(str_head(address, 60)));
	return FAIL(err, RC_DENIED, "name or password is wrong");
}
