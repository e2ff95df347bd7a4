/* invite.c -- see invite.h. */
#include "guard/invite.h"
#include "base/hash.h"
#include "base/rand.h"
#include "guard/code.h"
#include <sodium.h>
#include <stdio.h>

enum { LINK_LETTERS = 20 };

static const char Q_GONE[] = "DELETE FROM claim WHERE person = ?1 AND used_at IS NULL";
static const char Q_ADD[] = "INSERT INTO claim(code, person, made_at, made_by, expires_at, told)"
			    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
static const char Q_FIND[] = "SELECT person, told, fails FROM claim WHERE code = ?1 AND used_at IS NULL"
			     " AND expires_at > ?2 AND told IS NOT NULL";
static const char Q_HELD[] = "UPDATE claim SET told = NULL WHERE code = ?1";
static const char Q_WRONG[] = "UPDATE claim SET fails = fails + 1 WHERE code = ?1";
static const char Q_DEAD[] = "DELETE FROM claim WHERE code = ?1";
static const char Q_WAITS[] = "SELECT MAX(expires_at) FROM claim WHERE person = ?1 AND used_at IS NULL"
			      " AND expires_at > ?2 AND told IS NOT NULL";

static str bytes(const struct hash *h)
{
	return (str){(const char *)h->b, HASH_BYTES};
}

static struct hash link_hash(str link)
{
	char plain[LINK_LETTERS + 1];
	return code_read(link, LINK_LETTERS, plain) ? hash_sha256((str){plain, LINK_LETTERS})
						    : (struct hash){0};
}

/* The digits bound to their link, under a key of the city: the database alone does not give six digits away. */
static struct hash told_hash(struct seal *seal, const struct hash *link, str told)
{
	struct hash key = seal_key(seal, STR("invite"));
	str parts[] = {bytes(link), told};
	struct hash h = hash_hmac_join(HASH_SHA256, bytes(&key), parts, 2);
	sodium_memzero(&key, sizeof key);
	return h;
}

static enum rc no_account(struct job_ctx *c, int64_t person, struct err *err)
{
	struct account old = {0};
	enum rc rc = account_by_person(c->db, c->a, person, &old, NULL);
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return FAIL(err, rc, "the account could not be read");
	return old.password.n == 0 && !old.disabled
		       ? RC_OK
		       : FAIL(err, RC_CONFLICT,
				 "this person has an account already; a lost password is the security "
				 "administrator's to replace");
}

enum rc invite_make(struct job_ctx *c, struct seal *seal, int64_t person, struct invite *out, struct err *err)
{
	struct stmt *s;
	struct invite made;
	uint32_t n;
	TRY(no_account(c, person, err));
	code_make(made.link, LINK_LETTERS);
	do /* no digit comes oftener than another */
		rand_bytes((unsigned char *)&n, sizeof n);
	while (n >= 4294000000U);
	snprintf(made.told, sizeof made.told, "%06u", (unsigned)(n % 1000000));
	struct hash link = link_hash(str_of(made.link)), told = told_hash(seal, &link, str_of(made.told));
	TRY(db_prepare(c->db, Q_GONE, &s, err));
	stmt_bind_i64(s, 1, person);
	TRY(stmt_run(s, err));
	TRY(db_prepare(c->db, Q_ADD, &s, err));
	stmt_bind_blob(s, 1, bytes(&link));
	stmt_bind_i64(s, 2, person);
	stmt_bind_i64(s, 3, c->now_ms);
	stmt_bind_i64(s, 4, c->actor->person);
	stmt_bind_i64(s, 5, c->now_ms + INVITE_DAYS * (int64_t)86400000);
	stmt_bind_blob(s, 6, bytes(&told));
	TRY(stmt_run(s, err));
	*out = made;
	sodium_memzero(&made, sizeof made);
	return RC_OK;
}

static enum rc read(struct db *db, const struct hash *link, int64_t now_ms, int64_t *out_person,
	struct hash *out_told, int *out_fails, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, Q_FIND, &s, err));
	stmt_bind_blob(s, 1, bytes(link));
	stmt_bind_i64(s, 2, now_ms);
	TRY(stmt_step(s, &row, err));
	if (!row)
		return FAIL(
			err, RC_DENIED, "this link is wrong, used or too old; ask your unit for a new one");
	str told = stmt_blob(s, 1);
	*out_person = stmt_i64(s, 0);
	*out_fails = (int)stmt_i64(s, 2);
	*out_told = (struct hash){0};
	if (told.n == HASH_BYTES)
		memcpy(out_told->b, told.p, HASH_BYTES);
	stmt_reset(s);
	return RC_OK;
}

enum rc invite_find(struct db *db, str link, int64_t now_ms, int64_t *out_person, struct err *err)
{
	struct hash h = link_hash(link), told;
	int fails;
	return read(db, &h, now_ms, out_person, &told, &fails, err);
}

enum rc invite_prove(struct job_ctx *c, struct seal *seal, str link, str told, int *out_left, struct err *err)
{
	struct stmt *s;
	struct hash h = link_hash(link), want;
	int64_t person;
	int fails;
	c->action = STR("invite_prove");
	c->subject = STR("account");
	TRY(read(c->db, &h, c->now_ms, &person, &want, &fails, err));
	c->subject = arena_fmt(c->a, "account:%lld", (long long)person);
	TRY(no_account(c, person, err));
	struct hash got = told_hash(seal, &h, str_trim(told));
	bool right = sodium_memcmp(got.b, want.b, HASH_BYTES) == 0;
	*out_left = right ? INVITE_TRIES : INVITE_TRIES - fails - 1;
	TRY(db_prepare(c->db, right ? Q_HELD : *out_left > 0 ? Q_WRONG : Q_DEAD, &s, err));
	stmt_bind_blob(s, 1, bytes(&h));
	TRY(stmt_run(s, err));
	if (!right)
		c->action = STR("invite_wrong");
	return right ? RC_OK : RC_FOUND;
}

enum rc invite_waits(struct db *db, int64_t person, int64_t now_ms, int64_t *out_until_ms, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, Q_WAITS, &s, err));
	stmt_bind_i64(s, 1, person);
	stmt_bind_i64(s, 2, now_ms);
	TRY(stmt_number(s, out_until_ms, err));
	return RC_OK;
}
