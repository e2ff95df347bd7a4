/* device.c -- see device.h. */
#include "guard/device.h"
#include "base/date.h"
#include "base/rand.h"
#include "guard/code.h"
#include "guard/session.h"
#include <sodium.h>

enum { KEPT_DAYS = 90 };
static const int64_t DAY_MS = 86400000;

static const char Q_LINKS_GONE[] =
	"DELETE FROM device_link WHERE org = ?1 AND role = ?2 AND person = ?3 AND used_at IS NULL";
static const char Q_LINK_ADD[] =
	"INSERT INTO device_link(code, org, role, person, made_at, made_by, expires_at)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
static const char Q_LINK[] = "SELECT org, role, person, made_by, expires_at FROM device_link"
			     " WHERE code = ?1 AND used_at IS NULL AND expires_at > ?2";
static const char Q_LINK_USED[] = "UPDATE device_link SET used_at = ?2 WHERE code = ?1 AND used_at IS NULL";
static const char Q_NEXT[] = "SELECT coalesce(max(id), 0) + 1 FROM device";
static const char Q_ADD[] =
	"INSERT INTO device(id, token, person, org, role, pin, place, made_at, seen_at, fails,"
	" ended_why) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, 0, '')";
static const char Q_ACCOUNT[] =
	"INSERT INTO account(person, handle, password, password_at, totp_step, disabled, made_at)"
	" VALUES (?1, ?2, NULL, NULL, 0, 0, ?3) ON CONFLICT (person) DO NOTHING";
static const char Q_FIND[] =
	"SELECT d.id, d.person, d.org, d.made_at, d.seen_at, d.ended_at, d.role, d.place, d.ended_why, "
	"d.fails"
	" FROM device AS d JOIN account AS a ON a.person = d.person"
	" WHERE d.token = ?1 AND d.ended_at IS NULL AND d.seen_at > ?2 AND a.disabled = 0 AND EXISTS"
	" (SELECT 1 FROM role AS r WHERE r.person = d.person AND r.org = d.org AND r.role = d.role"
	" AND r.from_date <= ?3 AND r.to_date > ?3)";
static const char Q_ONE[] = "SELECT person, pin, fails FROM device WHERE id = ?1 AND ended_at IS NULL";
static const char Q_GOOD[] = "UPDATE device SET fails = 0, seen_at = ?2 WHERE id = ?1";
static const char Q_BAD[] = "UPDATE device SET fails = fails + 1 WHERE id = ?1";
static const char Q_PIN[] =
	"UPDATE device SET pin = ?2, fails = 0 WHERE id = ?1 AND person = ?3 AND ended_at IS NULL";
static const char Q_END[] =
	"UPDATE device SET ended_at = ?2, ended_why = ?3, pin = ?4 WHERE id = ?1 AND ended_at IS NULL";
static const char Q_DUTY[] =
	"SELECT id FROM device WHERE person = ?1 AND org = ?2 AND role = ?3 AND ended_at IS NULL ORDER BY id";
static const char Q_DUTY_LINKS[] = "DELETE FROM device_link WHERE org = ?1 AND role = ?2 AND used_at IS NULL";
static const char Q_LIST[] =
	"SELECT id, person, org, made_at, seen_at, ended_at, role, place, ended_why, fails FROM device"
	" WHERE person = ?1 AND (ended_at IS NULL OR ended_at > ?2)"
	" ORDER BY CASE WHEN ended_at IS NULL THEN 0 ELSE 1 END, id DESC LIMIT 100";
static const char Q_BOUND[] =
	"SELECT DISTINCT org FROM device WHERE role = ?1 AND ended_at IS NULL ORDER BY org";
static const char Q_LINKED[] = "SELECT DISTINCT org FROM device_link WHERE role = ?1 AND used_at IS NULL"
			       " AND expires_at > ?2 ORDER BY org";

static struct hash keyed(struct seal *seal, const char *purpose, int64_t n, str text)
{
	char head[24];
	struct hash key = seal_key(seal, str_of(purpose));
	int k = snprintf(head, sizeof head, "%lld:", (long long)n);
	str parts[] = {{head, (size_t)k}, text};
	return hash_hmac_join(HASH_SHA256, (str){(const char *)key.b, HASH_BYTES}, parts, 2);
}

static str bytes(const struct hash *h)
{
	return (str){(const char *)h->b, HASH_BYTES};
}

static struct hash link_hash(struct seal *seal, str code)
{
	char plain[LINK_CHARS + 1];
	if (!code_read(code, LINK_CHARS, plain))
		return (struct hash){0};
	return keyed(seal, "device link", 0, (str){plain, LINK_CHARS});
}

/* ---- links ---- */

enum rc device_link_make(struct job_ctx *c, struct seal *seal, const struct role_kinds *all,
	const struct device_link *what, char out[LINK_TEXT_BYTES], struct err *err)
{
	static const str by[] = {{"secadmin", 8}};
	const struct role_kind *kind = role_kind(all, what->role);
	struct stmt *s;
	char text[LINK_TEXT_BYTES];
	c->action = STR("device_link");
	c->subject = arena_fmt(c->a, "org:%lld", (long long)what->org);
	c->detail = arena_fmt(c->a, "%.*s person:%lld", STR_ARG(str_head(what->role, ROLE_NAME_MAX_BYTES)),
		(long long)what->person);
	TRY(role_check(c->actor, by, 1, err));
	TRY(scope_check(c, what->org, err));
	if (kind == NULL || kind->factor != FACTOR_DEVICE)
		return FAIL(err, RC_INVALID, "a phone does not carry the role “%.*s”",
			STR_ARG(str_head(what->role, ROLE_NAME_MAX_BYTES)));
	TRY(db_prepare(c->db, Q_LINKS_GONE, &s, err));
	stmt_bind_i64(s, 1, what->org);
	stmt_bind_text(s, 2, what->role);
	stmt_bind_i64(s, 3, what->person);
	TRY(stmt_run(s, err));
	code_make(text, LINK_CHARS);
	struct hash h = link_hash(seal, str_of(text));
	TRY(db_prepare(c->db, Q_LINK_ADD, &s, err));
	stmt_bind_blob(s, 1, bytes(&h));
	stmt_bind_i64(s, 2, what->org);
	stmt_bind_text(s, 3, what->role);
	stmt_bind_i64(s, 4, what->person);
	stmt_bind_i64(s, 5, c->now_ms);
	stmt_bind_i64(s, 6, c->actor->person);
	stmt_bind_i64(s, 7, c->now_ms + LINK_DAYS * DAY_MS);
	TRY(stmt_run(s, err));
	memcpy(out, text, sizeof text);
	return RC_OK;
}

enum rc device_link_find(struct db *db, struct arena *a, struct seal *seal, str code, int64_t now_ms,
	struct device_link *out, struct err *err)
{
	struct hash h = link_hash(seal, code);
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, Q_LINK, &s, err));
	stmt_bind_blob(s, 1, bytes(&h));
	stmt_bind_i64(s, 2, now_ms);
	TRY(stmt_step(s, &row, err));
	if (!row)
		return FAIL(err, RC_DENIED, "this link is used up or too old; ask for a new one");
	*out = (struct device_link){.org = stmt_i64(s, 0),
		.role = stmt_str(a, s, 1),
		.person = stmt_i64(s, 2),
		.made_by = stmt_i64(s, 3),
		.expires_at_ms = stmt_i64(s, 4)};
	stmt_reset(s);
	return RC_OK;
}

/* ---- binding ---- */

enum rc pin_rules(str pin, struct err *err)
{
	bool digits = pin.n == PIN_DIGITS, period[4] = {false, true, true, true}, up = true, down = true;
	for (size_t i = 0; digits && i < pin.n; i++) {
		digits = pin.p[i] >= '0' && pin.p[i] <= '9';
		for (size_t k = 1; k <= 3; k++)
			period[k] = period[k] && (i < k || pin.p[i] == pin.p[i - k]);
		up = up && (i == 0 || pin.p[i] == pin.p[i - 1] + 1);
		down = down && (i == 0 || pin.p[i] == pin.p[i - 1] - 1);
	}
	if (!digits)
		return FAIL(err, RC_INVALID, "a PIN has %d digits", (int)PIN_DIGITS);
	if (period[1] || period[2] || period[3] || up || down)
		return FAIL(err, RC_INVALID, "this PIN is too easy to guess; take other digits");
	return RC_OK;
}

static enum rc account_for(struct job_ctx *c, int64_t person, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(c->db, Q_ACCOUNT, &s, err));
	stmt_bind_i64(s, 1, person);
	stmt_bind_text(s, 2, arena_fmt(c->a, "phone-%lld", (long long)person));
	stmt_bind_i64(s, 3, c->now_ms);
	return stmt_run(s, err);
}

enum rc device_bind(struct job_ctx *c, struct seal *seal, str code, int64_t person, str pin, str place,
	char out[DEVICE_TOKEN_BYTES], int64_t *out_id, struct err *err)
{
	unsigned char random[32];
	char token[DEVICE_TOKEN_BYTES];
	struct device_link link;
	struct stmt *s;
	int64_t id;
	c->action = STR("device_bind");
	c->subject = STR("device");
	TRY(device_link_find(c->db, c->a, seal, code, c->now_ms, &link, err));
	c->subject = arena_fmt(c->a, "account:%lld", (long long)person);
	c->detail = arena_fmt(c->a, "org:%lld link_by:%lld", (long long)link.org, (long long)link.made_by);
	if (person <= 0 || (link.person != 0 && link.person != person))
		return FAIL(err, RC_DENIED, "this link is for somebody else");
	TRY(pin_rules(pin, err));
	struct hash h = link_hash(seal, code);
	TRY(db_prepare(c->db, Q_LINK_USED, &s, err));
	stmt_bind_blob(s, 1, bytes(&h));
	stmt_bind_i64(s, 2, c->now_ms);
	TRY(stmt_run(s, err));
	TRY(account_for(c, person, err));
	TRY(db_number(c->db, Q_NEXT, &id, err));
	rand_bytes(random, sizeof random);
	sodium_bin2base64(
		token, sizeof token, random, sizeof random, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	struct hash t = keyed(seal, "device token", 0, str_of(token)), p = keyed(seal, "device pin", id, pin);
	TRY(db_prepare(c->db, Q_ADD, &s, err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_blob(s, 2, bytes(&t));
	stmt_bind_i64(s, 3, person);
	stmt_bind_i64(s, 4, link.org);
	stmt_bind_text(s, 5, link.role);
	stmt_bind_blob(s, 6, bytes(&p));
	stmt_bind_text(s, 7, str_head(place, DEVICE_PLACE_MAX_BYTES));
	stmt_bind_i64(s, 8, c->now_ms);
	TRY(stmt_run(s, err));
	memcpy(out, token, sizeof token);
	*out_id = id;
	return RC_OK;
}

/* ---- using ---- */

static struct device read_row(struct arena *a, struct stmt *s)
{
	return (struct device){.id = stmt_i64(s, 0),
		.person = stmt_i64(s, 1),
		.org = stmt_i64(s, 2),
		.made_at_ms = stmt_i64(s, 3),
		.seen_at_ms = stmt_i64(s, 4),
		.ended_at_ms = stmt_i64(s, 5),
		.role = stmt_str(a, s, 6),
		.place = stmt_str(a, s, 7),
		.ended_why = stmt_str(a, s, 8),
		.fails = (int)stmt_i64(s, 9)};
}

enum rc device_find(struct db *db, struct arena *a, struct seal *seal, str token, int64_t now_ms, int32_t day,
	struct device *out, struct err *err)
{
	char date[DATE_TEXT_BYTES];
	struct hash h = keyed(seal, "device token", 0, token);
	struct stmt *s;
	bool row;
	date_text(day, date);
	TRY(db_prepare(db, Q_FIND, &s, err));
	stmt_bind_blob(s, 1, bytes(&h));
	stmt_bind_i64(s, 2, now_ms - DEVICE_DAYS * DAY_MS);
	stmt_bind_text(s, 3, str_of(date));
	TRY(stmt_step(s, &row, err));
	if (!row)
		return FAIL(err, RC_DENIED, "this phone is not bound to a unit any more; ask for a new link");
	*out = read_row(a, s);
	stmt_reset(s);
	return RC_OK;
}

static enum rc with_time(struct job_ctx *c, const char *sql, int64_t id, const char *why, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(c->db, sql, &s, err));
	stmt_bind_i64(s, 1, id);
	if (sql != Q_BAD)
		stmt_bind_i64(s, 2, c->now_ms);
	if (why) {
		stmt_bind_text(s, 3, str_of(why));
		stmt_bind_blob(s, 4, STR(""));
	}
	return stmt_run(s, err);
}

enum rc device_pin(struct job_ctx *c, struct seal *seal, int64_t id, str pin, int *out_left, struct err *err)
{
	struct hash h = keyed(seal, "device pin", id, pin);
	struct stmt *s;
	bool row;
	*out_left = 0;
	c->action = STR("pin");
	c->subject = STR("device");
	TRY(db_prepare(c->db, Q_ONE, &s, err));
	stmt_bind_i64(s, 1, id);
	TRY(stmt_step(s, &row, err));
	if (!row)
		return FAIL(err, RC_DENIED, "this phone is not bound to a unit any more; ask for a new link");
	int64_t person = stmt_i64(s, 0);
	int fails = (int)stmt_i64(s, 2);
	str kept = stmt_blob(s, 1);
	bool right = kept.n == HASH_BYTES && sodium_memcmp(kept.p, h.b, HASH_BYTES) == 0;
	stmt_reset(s);
	c->subject = arena_fmt(c->a, "account:%lld", (long long)person);
	c->detail = arena_fmt(c->a, "device:%lld", (long long)id);
	if (right) {
		*out_left = PIN_TRIES;
		return with_time(c, Q_GOOD, id, NULL, err);
	}
	*out_left = PIN_TRIES - fails - 1;
	TRY(with_time(c, Q_BAD, id, NULL, err));
	c->action = STR("pin_wrong");
	if (*out_left <= 0) {
		*out_left = 0;
		c->action = STR("device_wiped");
		TRY(with_time(c, Q_END, id, "wiped", err));
		TRY(session_end_device(c, id, err));
	}
	return RC_FOUND;
}

enum rc device_new_pin(struct job_ctx *c, struct seal *seal, int64_t id, str pin, struct err *err)
{
	struct hash h = keyed(seal, "device pin", id, pin);
	struct stmt *s;
	c->action = STR("pin_new");
	c->subject = arena_fmt(c->a, "account:%lld", (long long)c->actor->person);
	c->detail = arena_fmt(c->a, "device:%lld", (long long)id);
	TRY(pin_rules(pin, err));
	TRY(db_prepare(c->db, Q_PIN, &s, err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_blob(s, 2, bytes(&h));
	stmt_bind_i64(s, 3, c->actor->person);
	TRY(stmt_run(s, err));
	return db_changes(c->db) ? RC_OK : FAIL(err, RC_NOT_FOUND, "no such phone");
}

/* ---- ending, listing ---- */

static enum rc end_one(struct job_ctx *c, int64_t id, const char *why, struct err *err)
{
	TRY(with_time(c, Q_END, id, why, err));
	if (db_changes(c->db) == 0)
		return FAIL(err, RC_NOT_FOUND, "no such phone, or it is off already");
	return session_end_device(c, id, err);
}

enum rc device_end(struct job_ctx *c, int64_t id, const char *why, struct err *err)
{
	static const str by[] = {{"secadmin", 8}, {"sysadmin", 8}};
	struct stmt *s;
	bool row;
	int64_t person = 0;
	c->action = STR("device_end");
	c->subject = STR("device");
	TRY(db_prepare(c->db, Q_ONE, &s, err));
	stmt_bind_i64(s, 1, id);
	TRY(stmt_step(s, &row, err));
	if (row)
		person = stmt_i64(s, 0);
	stmt_reset(s);
	c->subject = arena_fmt(c->a, "account:%lld", (long long)person);
	c->detail = arena_fmt(c->a, "device:%lld %s", (long long)id, why);
	if (person != c->actor->person || person == 0)
		TRY(role_check_over(c, person, by, 2, err));
	return end_one(c, id, why, err);
}

enum rc device_end_duty(
	struct job_ctx *c, int64_t person, int64_t org, str role, const char *why, struct err *err)
{
	struct stmt *s;
	enum rc rc;
	int64_t *ids = NULL;
	size_t n = 0, cap = 0;
	TRY(db_prepare(c->db, Q_DUTY, &s, err));
	stmt_bind_i64(s, 1, person);
	stmt_bind_i64(s, 2, org);
	stmt_bind_text(s, 3, role);
	while (stmt_next(s, &rc, err)) {
		ids = arena_grow(c->a, ids, n, &cap, sizeof *ids);
		ids[n++] = stmt_i64(s, 0);
	}
	TRY(rc);
	for (size_t i = 0; i < n; i++)
		TRY(end_one(c, ids[i], why, err));
	TRY(db_prepare(c->db, Q_DUTY_LINKS, &s, err));
	stmt_bind_i64(s, 1, org);
	stmt_bind_text(s, 2, role);
	return stmt_run(s, err);
}

enum rc device_list(struct db *db, struct arena *a, int64_t person, int64_t now_ms, struct device **out,
	size_t *out_n, struct err *err)
{
	struct stmt *s;
	enum rc rc;
	struct device *list = NULL;
	size_t n = 0, cap = 0;
	TRY(db_prepare(db, Q_LIST, &s, err));
	stmt_bind_i64(s, 1, person);
	stmt_bind_i64(s, 2, now_ms - KEPT_DAYS * DAY_MS);
	while (stmt_next(s, &rc, err)) {
		list = arena_grow(a, list, n, &cap, sizeof *list);
		list[n++] = read_row(a, s);
	}
	TRY(rc);
	*out = list;
	*out_n = n;
	return RC_OK;
}

static enum rc ids(struct arena *a, struct stmt *s, int64_t **out, size_t *out_n, struct err *err)
{
	enum rc rc;
	size_t cap = 0;
	*out = NULL;
	*out_n = 0;
	while (stmt_next(s, &rc, err)) {
		*out = arena_grow(a, *out, *out_n, &cap, sizeof **out);
		(*out)[(*out_n)++] = stmt_i64(s, 0);
	}
	return rc;
}

enum rc device_units(struct db *db, struct arena *a, str role, int64_t now_ms, int64_t **out_bound,
	size_t *out_bound_n, int64_t **out_linked, size_t *out_linked_n, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, Q_BOUND, &s, err));
	stmt_bind_text(s, 1, role);
	TRY(ids(a, s, out_bound, out_bound_n, err));
	TRY(db_prepare(db, Q_LINKED, &s, err));
	stmt_bind_text(s, 1, role);
	stmt_bind_i64(s, 2, now_ms);
	return ids(a, s, out_linked, out_linked_n, err);
}
