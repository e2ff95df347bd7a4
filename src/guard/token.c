/* token.c -- see token.h. */
#include "guard/token.h"
#include "base/hash.h"
#include "base/rand.h"
#include "base/utf8.h"
#include <sodium.h>

enum { RANDOM_BYTES = 32, TOUCH_MS = 120000 };
static const int64_t DAY_MS = 86400000;

static const char Q_NEXT[] =
	"SELECT coalesce(max(id), 0) + 1, (SELECT count(*) FROM token AS o WHERE o.person = ?1"
	" AND o.ended_at IS NULL AND o.expires_at > ?2) FROM token";
static const char Q_ADD[] =
	"INSERT INTO token(id, hash, person, name, scope, proven, duty, org, made_at, expires_at)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
static const char Q_FIND[] =
	"SELECT t.id, t.person, t.duty, t.org, t.made_at, t.expires_at, t.used_at, t.name, t.scope, t.proven"
	" FROM token AS t JOIN account AS a ON a.person = t.person"
	" WHERE t.hash = ?1 AND t.expires_at > ?2 AND t.ended_at IS NULL AND a.disabled = 0";
static const char Q_TOUCH[] = "UPDATE token SET used_at = ?2 WHERE id = ?1";
static const char Q_OWNER[] = "SELECT person FROM token WHERE id = ?1 AND ended_at IS NULL";
static const char Q_END[] = "UPDATE token SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL";
static const char Q_LIST[] =
	"SELECT t.id, t.person, t.duty, t.org, t.made_at, t.expires_at, t.used_at, t.name, t.scope, t.proven"
	" FROM token AS t WHERE (?1 = 0 OR t.person = ?1)"
	" AND t.expires_at > ?2 AND t.ended_at IS NULL ORDER BY t.id DESC LIMIT 1000";

static const struct {
	const char *text;
	int bits;
} scopes[] = {{"registers:read", TOKEN_REGISTERS_READ},
	{"registers:write", TOKEN_REGISTERS_READ | TOKEN_REGISTERS_WRITE},
	{"figures:read", TOKEN_FIGURES_READ}, {"figures:write", TOKEN_FIGURES_READ | TOKEN_FIGURES_WRITE}};
enum { SCOPES = sizeof scopes / sizeof *scopes };

bool token_scope_parse(str text, int *out)
{
	*out = 0;
	while (text.n > 0) {
		str one = str_trim(str_cut(text, ',', &text));
		size_t i = 0;
		while (i < SCOPES && !str_is(one, scopes[i].text))
			i++;
		if (i == SCOPES)
			return false;
		*out |= scopes[i].bits;
	}
	return *out != 0;
}

void token_scope_text(int scope, char out[TOKEN_SCOPE_TEXT_BYTES])
{
	size_t n = 0;
	out[0] = 0;
	for (size_t i = 0; i < SCOPES; i++) {
		bool writes = i % 2 == 1, has = (scope & scopes[i].bits) == scopes[i].bits;
		bool covered = !writes && (scope & scopes[i + 1].bits) == scopes[i + 1].bits;
		if (has && !covered)
			n += (size_t)snprintf(
				out + n, TOKEN_SCOPE_TEXT_BYTES - n, "%s%s", n ? "," : "", scopes[i].text);
	}
}

static str hash_str(const struct hash *h)
{
	return (str){(const char *)h->b, HASH_BYTES};
}

static enum rc judge(const struct job_ctx *c, const struct token *what, struct err *err)
{
	size_t chars = utf8_count(what->name);
	if (chars == 0 || chars > TOKEN_NAME_MAX_CHARS || !utf8_clean(what->name))
		return FAIL(err, RC_INVALID,
			"a token needs a name of at most %d characters that says what it is for",
			(int)TOKEN_NAME_MAX_CHARS);
	if (what->scope == 0)
		return FAIL(err, RC_INVALID,
			"a token needs a scope: registers:read, registers:write, figures:read, "
			"figures:write");
	if (what->expires_at_ms <= c->now_ms || what->expires_at_ms > c->now_ms + TOKEN_DAYS_MAX * DAY_MS)
		return FAIL(err, RC_INVALID, "a token lasts from one day to %d days", (int)TOKEN_DAYS_MAX);
	if (c->actor->person <= 0)
		return FAIL(err, RC_DENIED, "a token acts for a person with an account: use --as");
	return RC_OK;
}

enum rc token_make(struct job_ctx *c, const struct token *what, char out[TOKEN_TEXT_BYTES], int64_t *out_id,
	struct err *err)
{
	unsigned char random[RANDOM_BYTES];
	char text[TOKEN_TEXT_BYTES] = "qh_", scope[TOKEN_SCOPE_TEXT_BYTES];
	struct stmt *s;
	bool row;
	token_scope_text(what->scope, scope);
	c->action = STR("token_make");
	c->subject = arena_fmt(c->a, "account:%lld", (long long)c->actor->person);
	c->detail = arena_fmt(c->a, "%s org:%lld", scope, (long long)what->org);
	TRY(judge(c, what, err));
	TRY(db_prepare(c->db, Q_NEXT, &s, err));
	stmt_bind_i64(s, 1, c->actor->person);
	stmt_bind_i64(s, 2, c->now_ms);
	TRY(stmt_step(s, &row, err));
	int64_t id = row ? stmt_i64(s, 0) : 1, have = row ? stmt_i64(s, 1) : 0;
	stmt_reset(s);
	if (have >= TOKENS_MAX)
		return FAIL(
			err, RC_LIMIT, "one person has at most %d tokens; revoke one first", (int)TOKENS_MAX);
	rand_bytes(random, sizeof random);
	sodium_bin2base64(
		text + 3, sizeof text - 3, random, sizeof random, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	struct hash h = hash_sha256(str_of(text));
	TRY(db_prepare(c->db, Q_ADD, &s, err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_blob(s, 2, hash_str(&h));
	stmt_bind_i64(s, 3, c->actor->person);
	stmt_bind_text(s, 4, what->name);
	stmt_bind_i64(s, 5, what->scope);
	stmt_bind_i64(s, 6, what->proven);
	stmt_bind_i64(s, 7, what->duty);
	stmt_bind_i64(s, 8, what->org);
	stmt_bind_i64(s, 9, c->now_ms);
	stmt_bind_i64(s, 10, what->expires_at_ms);
	TRY(stmt_run(s, err));
	memcpy(out, text, sizeof text);
	*out_id = id;
	return RC_OK;
}

static struct token read_row(struct arena *a, struct stmt *s)
{
	return (struct token){.id = stmt_i64(s, 0),
		.person = stmt_i64(s, 1),
		.duty = stmt_i64(s, 2),
		.org = stmt_i64(s, 3),
		.made_at_ms = stmt_i64(s, 4),
		.expires_at_ms = stmt_i64(s, 5),
		.used_at_ms = stmt_i64(s, 6),
		.name = stmt_str(a, s, 7),
		.scope = (int)stmt_i64(s, 8),
		.proven = (enum factor)stmt_i64(s, 9)};
}

enum rc token_find(
	struct db *db, struct arena *a, str text, int64_t now_ms, struct token *out, struct err *err)
{
	struct hash h = hash_sha256(text);
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, Q_FIND, &s, err));
	stmt_bind_blob(s, 1, hash_str(&h));
	stmt_bind_i64(s, 2, now_ms);
	TRY(stmt_step(s, &row, err));
	if (!row)
		return FAIL(err, RC_DENIED, "this token is wrong, revoked or too old");
	*out = read_row(a, s);
	stmt_reset(s);
	out->touch = now_ms - out->used_at_ms > TOUCH_MS;
	return RC_OK;
}

static enum rc at_now(struct job_ctx *c, const char *sql, int64_t id, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(c->db, sql, &s, err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_i64(s, 2, c->now_ms);
	return stmt_run(s, err);
}

enum rc token_touch(struct job_ctx *c, int64_t id, struct err *err)
{
	return at_now(c, Q_TOUCH, id, err);
}

enum rc token_end(struct job_ctx *c, int64_t id, struct err *err)
{
	static const str by[] = {{"secadmin", 8}, {"sysadmin", 8}};
	struct stmt *s;
	c->action = STR("token_end");
	c->subject = arena_fmt(c->a, "token:%lld", (long long)id);
	TRY(db_prepare(c->db, Q_OWNER, &s, err));
	stmt_bind_i64(s, 1, id);
	int64_t owner;
	TRY(stmt_number(s, &owner, err));
	if (owner == 0 || owner != c->actor->person)
		TRY(role_check_over(c, owner, by, 2, err));
	if (owner == 0)
		return FAIL(err, RC_NOT_FOUND, "no such token, or it was revoked already");
	return at_now(c, Q_END, id, err);
}

enum rc token_list(struct db *db, struct arena *a, int64_t person, int64_t now_ms, struct token **out,
	size_t *out_n, struct err *err)
{
	struct stmt *s;
	enum rc rc;
	struct token *list = NULL;
	size_t n = 0, cap = 0;
	TRY(db_prepare(db, Q_LIST, &s, err));
	stmt_bind_i64(s, 1, person);
	stmt_bind_i64(s, 2, now_ms);
	while (stmt_next(s, &rc, err)) {
		list = arena_grow(a, list, n, &cap, sizeof *list);
		list[n++] = read_row(a, s);
	}
	TRY(rc);
	*out = list;
	*out_n = n;
	return RC_OK;
}
