/* session.c -- see session.h. */
#include "guard/session.h"
#include "base/hash.h"
#include "base/rand.h"
#include <sodium.h>

enum { MASK_BYTES = 16, TOUCH_MS = 120000, MINUTE_MS = 60000 };

static const int64_t IDLE_MS = SESSION_IDLE_MINUTES * 60000LL;

static const char Q_ADD[] =
	"INSERT INTO session(token, person, made_at, seen_at, expires_at, level, proven, org,"
	" device, place) VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
static const char Q_SWEEP[] = "DELETE FROM session WHERE expires_at <= ?1";
static const char Q_FIND[] = "SELECT s.token, s.person, s.made_at, s.seen_at, s.expires_at, s.level, "
			     "s.proven, s.org, s.device, s.place"
			     " FROM session AS s JOIN account AS a ON a.person = s.person"
			     " WHERE s.token = ?1 AND s.expires_at > ?2 AND a.disabled = 0";
static const char Q_TOUCH[] = "UPDATE session SET seen_at = ?2 WHERE token = ?1 AND seen_at < ?2";
static const char Q_ORG[] = "UPDATE session SET org = ?2 WHERE token = ?1";
static const char Q_END[] = "DELETE FROM session WHERE token = ?1";
static const char Q_END_ALL[] = "DELETE FROM session WHERE person = ?1";
static const char Q_END_DEVICE[] = "DELETE FROM session WHERE device = ?1";
static const char Q_LIST[] =
	"SELECT token, person, made_at, seen_at, expires_at, level, proven, org, device, place FROM session"
	" WHERE person = ?1 AND expires_at > ?2 ORDER BY made_at DESC, token LIMIT 200";

static str at_rest(struct hash *h, str token)
{
	*h = hash_sha256(token);
	return (str){(const char *)h->b, HASH_BYTES};
}

static int64_t lasts_ms(enum session_level level)
{
	return (level == SESSION_WHOLE         ? SESSION_HOURS * 60LL
		       : level == SESSION_CODE ? SESSION_CODE_MINUTES
					       : SESSION_DOOR_MINUTES) *
	       MINUTE_MS;
}

static void named(struct job_ctx *c, const char *action, int64_t person)
{
	c->action = str_of(action);
	c->subject = arena_fmt(c->a, "account:%lld", (long long)person);
}

void session_random(unsigned char out[SESSION_RANDOM_BYTES])
{
	rand_bytes(out, SESSION_RANDOM_BYTES);
}

enum rc session_start(
	struct job_ctx *c, const struct session_new *n, char out[SESSION_TOKEN_BYTES], struct err *err)
{
	unsigned char random[SESSION_RANDOM_BYTES];
	char token[SESSION_TOKEN_BYTES];
	struct hash h;
	struct stmt *s;
	named(c, n->level == SESSION_WHOLE ? "sign_in" : "sign_in_half", n->person);
	c->detail = arena_fmt(c->a, "proven:%d device:%lld from:%.*s", (int)n->proven, (long long)n->device,
		STR_ARG(str_head(n->address, 60)));
	session_random(random);
	sodium_bin2base64(
		token, sizeof token, random, sizeof random, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	TRY(db_prepare(c->db, Q_SWEEP, &s, err));
	stmt_bind_i64(s, 1, c->now_ms);
	TRY(stmt_run(s, err));
	TRY(db_prepare(c->db, Q_ADD, &s, err));
	stmt_bind_blob(s, 1, at_rest(&h, str_of(token)));
	stmt_bind_i64(s, 2, n->person);
	stmt_bind_i64(s, 3, c->now_ms);
	stmt_bind_i64(s, 4, c->now_ms + lasts_ms(n->level));
	stmt_bind_i64(s, 5, n->level);
	stmt_bind_i64(s, 6, n->proven);
	stmt_bind_i64(s, 7, n->org);
	stmt_bind_i64(s, 8, n->device);
	stmt_bind_text(s, 9, str_head(n->place, SESSION_PLACE_MAX_BYTES));
	TRY(stmt_run(s, err));
	memcpy(out, token, sizeof token);
	return RC_OK;
}

static struct session read_row(struct arena *a, struct stmt *s)
{
	struct session x = {.person = stmt_i64(s, 1),
		.made_at_ms = stmt_i64(s, 2),
		.seen_at_ms = stmt_i64(s, 3),
		.expires_at_ms = stmt_i64(s, 4),
		.level = (enum session_level)stmt_i64(s, 5),
		.proven = (enum factor)stmt_i64(s, 6),
		.org = stmt_i64(s, 7),
		.device = stmt_i64(s, 8),
		.place = stmt_str(a, s, 9)};
	str h = stmt_blob(s, 0);
	if (h.n == HASH_BYTES)
		hex_text(h.p, (SESSION_ID_BYTES - 1) / 2, x.id);
	return x;
}

static bool idle(const struct session *s, int64_t now_ms)
{
	return now_ms - s->seen_at_ms > IDLE_MS;
}

enum rc session_find(
	struct db *db, struct arena *a, str token, int64_t now_ms, struct session *out, struct err *err)
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
		found = read_row(a, s);
		stmt_reset(s);
	}
	if (!row || idle(&found, now_ms))
		return FAIL(err, RC_DENIED, "please sign in again");
	found.touch = now_ms - found.seen_at_ms > TOUCH_MS;
	*out = found;
	return RC_OK;
}

static enum rc with_token(struct job_ctx *c, const char *sql, str token, int64_t value, struct err *err)
{
	struct hash h;
	struct stmt *s;
	TRY(db_prepare(c->db, sql, &s, err));
	stmt_bind_blob(s, 1, at_rest(&h, token));
	if (sql != Q_END)
		stmt_bind_i64(s, 2, value);
	return stmt_run(s, err);
}

enum rc session_touch(struct job_ctx *c, str token, struct err *err)
{
	return with_token(c, Q_TOUCH, token, c->now_ms, err);
}

enum rc session_set_org(struct job_ctx *c, str token, int64_t org, struct err *err)
{
	named(c, "duty", c->actor->person);
	c->detail = arena_fmt(c->a, "org:%lld", (long long)org);
	return with_token(c, Q_ORG, token, org, err);
}

enum rc session_end(struct job_ctx *c, str token, struct err *err)
{
	named(c, "sign_out", c->actor->person);
	return with_token(c, Q_END, token, 0, err);
}

static enum rc with_number(struct job_ctx *c, const char *sql, int64_t n, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(c->db, sql, &s, err));
	stmt_bind_i64(s, 1, n);
	return stmt_run(s, err);
}

enum rc session_end_all(struct job_ctx *c, int64_t person, struct err *err)
{
	named(c, "sign_out_all", person);
	return with_number(c, Q_END_ALL, person, err);
}

enum rc session_end_by(struct job_ctx *c, int64_t person, struct err *err)
{
	static const str by[] = {{"secadmin", 8}, {"sysadmin", 8}};
	named(c, "sign_out_all", person);
	if (person != c->actor->person)
		TRY(role_check_over(c, person, by, 2, err));
	return session_end_all(c, person, err);
}

enum rc session_end_device(struct job_ctx *c, int64_t device, struct err *err)
{
	return with_number(c, Q_END_DEVICE, device, err);
}

enum rc session_end_named(struct job_ctx *c, int64_t person, str id, struct err *err)
{
	static const str by[] = {{"secadmin", 8}, {"sysadmin", 8}};
	struct stmt *s;
	str token = {NULL, 0};
	named(c, "sign_out_one", person);
	if (person != c->actor->person)
		TRY(role_check_over(c, person, by, 2, err));
	TRY(db_prepare(c->db, Q_LIST, &s, err));
	stmt_bind_i64(s, 1, person);
	stmt_bind_i64(s, 2, 0);
	for (bool row = true; row && token.n == 0;) {
		TRY(stmt_step(s, &row, err));
		if (row && str_is(id, read_row(c->a, s).id))
			token = arena_str(c->a, stmt_blob(s, 0));
	}
	stmt_reset(s);
	if (token.n == 0)
		return FAIL(err, RC_NOT_FOUND, "that session has ended already");
	TRY(db_prepare(c->db, Q_END, &s, err));
	stmt_bind_blob(s, 1, token);
	return stmt_run(s, err);
}

enum rc session_list(struct db *db, struct arena *a, int64_t person, int64_t now_ms, struct session **out,
	size_t *out_n, struct err *err)
{
	struct stmt *s;
	enum rc rc;
	struct session *list = NULL;
	size_t n = 0, cap = 0;
	TRY(db_prepare(db, Q_LIST, &s, err));
	stmt_bind_i64(s, 1, person);
	stmt_bind_i64(s, 2, now_ms);
	while (stmt_next(s, &rc, err)) {
		struct session one = read_row(a, s);
		if (idle(&one, now_ms))
			continue;
		list = arena_grow(a, list, n, &cap, sizeof *list);
		list[n++] = one;
	}
	TRY(rc);
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
