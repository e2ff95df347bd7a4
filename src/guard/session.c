/* session.c -- see session.h. */
#include "guard/session.h"
#include "base/hash.h"
#include "base/rand.h"
#include <sodium.h>

enum { RANDOM_BYTES = 32, MASK_BYTES = 16, TOUCH_MS = 120000 };

static const int64_t IDLE_MS = SESSION_IDLE_MINUTES * 60000LL, WHOLE_MS = SESSION_HOURS * 3600000LL,
		     PROGRAM_MS = SESSION_PROGRAM_DAYS * 86400000LL;

static const char Q_ADD[] = "INSERT INTO session(token, person, made_at, seen_at, expires_at, program)"
			    " VALUES (?1, ?2, ?3, ?3, ?4, ?5)";
static const char Q_SWEEP[] = "DELETE FROM session WHERE expires_at <= ?1";
static const char Q_FIND[] =
	"SELECT s.person, s.made_at, s.seen_at, s.expires_at, s.program FROM session AS s"
	" JOIN account AS a ON a.person = s.person"
	" WHERE s.token = ?1 AND s.expires_at > ?2 AND a.disabled = 0";
static const char Q_TOUCH[] = "UPDATE session SET seen_at = ?2 WHERE token = ?1 AND seen_at < ?2";
static const char Q_END[] = "DELETE FROM session WHERE token = ?1";
static const char Q_END_ALL[] = "DELETE FROM session WHERE person = ?1";
static const char Q_LIST[] = "SELECT person, made_at, seen_at, expires_at, program FROM session"
			     " WHERE person = ?1 AND expires_at > ?2 ORDER BY made_at DESC LIMIT 200";

static str at_rest(struct hash *h, str token)
{
	*h = hash_sha256(token);
	return (str){(const char *)h->b, HASH_BYTES};
}

enum rc session_start(
	struct job_ctx *c, int64_t person, bool program, char out[SESSION_TOKEN_BYTES], struct err *err)
{
	unsigned char random[RANDOM_BYTES];
	char token[SESSION_TOKEN_BYTES];
	struct hash h;
	struct stmt *s;
	c->action = STR("sign_in");
	c->subject = arena_fmt(c->a, "account:%lld", (long long)person);
	rand_bytes(random, sizeof random);
	sodium_bin2base64(
		token, sizeof token, random, sizeof random, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	TRY(db_prepare(c->db, Q_SWEEP, &s, err));
	stmt_bind_i64(s, 1, c->now_ms);
	TRY(stmt_run(s, err));
	TRY(db_prepare(c->db, Q_ADD, &s, err));
	stmt_bind_blob(s, 1, at_rest(&h, str_of(token)));
	stmt_bind_i64(s, 2, person);
	stmt_bind_i64(s, 3, c->now_ms);
	stmt_bind_i64(s, 4, c->now_ms + (program ? PROGRAM_MS : WHOLE_MS));
	stmt_bind_i64(s, 5, program);
	TRY(stmt_run(s, err));
	memcpy(out, token, sizeof token);
	return RC_OK;
}

static struct session read_row(struct stmt *s)
{
	return (struct session){.person = stmt_i64(s, 0),
		.made_at_ms = stmt_i64(s, 1),
		.seen_at_ms = stmt_i64(s, 2),
		.expires_at_ms = stmt_i64(s, 3),
		.program = stmt_i64(s, 4) != 0};
}

static bool idle(const struct session *s, int64_t now_ms)
{
	return !s->program && now_ms - s->seen_at_ms > IDLE_MS;
}

enum rc session_find(struct db *db, str token, int64_t now_ms, struct session *out, struct err *err)
{
	struct hash h;
	struct stmt *s;
	bool row;
	struct session found = {0};
	TRY(db_prepare(db, Q_FIND, &s, err));
	stmt_bind_blob(s, 1, at_rest(&h, token));
	stmt_bind_i64(s, 2, now_ms);
	TRY(stmt_step(s, &row, err));
	if (row) {
		found = read_row(s);
		stmt_reset(s);
	}
	if (!row || idle(&found, now_ms))
		return FAIL(err, RC_DENIED, "please sign in again");
	found.touch = now_ms - found.seen_at_ms > TOUCH_MS;
	*out = found;
	return RC_OK;
}

enum rc session_touch(struct job_ctx *c, str token, struct err *err)
{
	struct hash h;
	struct stmt *s;
	TRY(db_prepare(c->db, Q_TOUCH, &s, err));
	stmt_bind_blob(s, 1, at_rest(&h, token));
	stmt_bind_i64(s, 2, c->now_ms);
	return stmt_run(s, err);
}

enum rc session_end(struct job_ctx *c, str token, struct err *err)
{
	struct hash h;
	struct stmt *s;
	c->action = STR("sign_out");
	c->subject = arena_fmt(c->a, "account:%lld", (long long)c->actor->person);
	TRY(db_prepare(c->db, Q_END, &s, err));
	stmt_bind_blob(s, 1, at_rest(&h, token));
	return stmt_run(s, err);
}

enum rc session_end_all(struct job_ctx *c, int64_t person, struct err *err)
{
	struct stmt *s;
	c->action = STR("sign_out_all");
	c->subject = arena_fmt(c->a, "account:%lld", (long long)person);
	TRY(db_prepare(c->db, Q_END_ALL, &s, err));
	stmt_bind_i64(s, 1, person);
	return stmt_run(s, err);
}

enum rc session_list(struct db *db, struct arena *a, int64_t person, int64_t now_ms, struct session **out,
	size_t *out_n, struct err *err)
{
	struct stmt *s;
	struct session *list = NULL;
	size_t n = 0, cap = 0;
	TRY(db_prepare(db, Q_LIST, &s, err));
	stmt_bind_i64(s, 1, person);
	stmt_bind_i64(s, 2, now_ms);
	for (;;) {
		bool row;
		TRY(stmt_step(s, &row, err));
		if (!row)
			break;
		struct session one = read_row(s);
		if (idle(&one, now_ms))
			continue;
		list = arena_grow(a, list, n, &cap, sizeof *list);
		list[n++] = one;
	}
	*out = list;
	*out_n = n;
	return RC_OK;
}

/* ---- forms ---- */

static struct hash csrf_of(struct seal *seal, str token)
{
	struct hash key = seal_key(seal, STR("csrf"));
	return hash_hmac(HASH_SHA256, (str){(const char *)key.b, HASH_BYTES}, token);
}

str csrf_token(struct arena *a, struct seal *seal, str session_token)
{
	unsigned char b[2 * MASK_BYTES];
	struct hash h = csrf_of(seal, session_token);
	rand_bytes(b, MASK_BYTES);
	for (size_t i = 0; i < MASK_BYTES; i++)
		b[MASK_BYTES + i] = (unsigned char)(b[i] ^ h.b[i]);
	return hex_str(a, b, sizeof b);
}

bool csrf_check(struct seal *seal, str session_token, str csrf)
{
	unsigned char b[2 * MASK_BYTES];
	struct hash h = csrf_of(seal, session_token);
	if (session_token.n == 0 || !hex_parse(csrf, b, sizeof b))
		return false;
	for (size_t i = 0; i < MASK_BYTES; i++)
		b[MASK_BYTES + i] = (unsigned char)(b[i] ^ b[MASK_BYTES + i]);
	return sodium_memcmp(b + MASK_BYTES, h.b, MASK_BYTES) == 0;
}
