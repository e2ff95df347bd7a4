/* handover.c -- see handover.h. */
#include "guard/handover.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "guard/device.h"
#include "guard/session.h"

static const char Q_NEXT[] = "SELECT coalesce(max(id), 0) + 1 FROM handover";
static const char Q_OPEN[] = "SELECT 1 FROM handover WHERE org = ?1 AND giver = ?2 AND done_at IS NULL"
			     " AND ended_at IS NULL";
static const char Q_ADD[] = "INSERT INTO handover(id, org, giver, taker, remark, made_at, made_by)"
			    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
static const char Q_ITEM[] = "INSERT INTO handover_item(handover, n, kind, what, field, \"row\")"
			     " VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
static const char Q_GET[] =
	"SELECT "
	"id, org, giver, taker, made_at, made_by, given_at, taken_at, done_at, ended_at, remark"
	" FROM handover WHERE id = ?1";
static const char Q_LIST[] =
	"SELECT "
	"id, org, giver, taker, made_at, made_by, given_at, taken_at, done_at, ended_at, remark"
	" FROM handover WHERE ?1 = 0 OR giver = ?1 OR taker = ?1"
	" ORDER BY CASE WHEN done_at IS NULL AND ended_at IS NULL THEN 0 ELSE 1 END, id DESC LIMIT 200";
static const char Q_ITEMS[] =
	"SELECT kind, what, field, \"row\" FROM handover_item WHERE handover = ?1 ORDER BY n";
static const char Q_GIVEN[] = "UPDATE handover SET given_at = ?2 WHERE id = ?1";
static const char Q_TAKEN[] = "UPDATE handover SET taken_at = ?2 WHERE id = ?1";
static const char Q_DONE[] = "UPDATE handover SET done_at = ?2 WHERE id = ?1";
static const char Q_ENDED[] = "UPDATE handover SET ended_at = ?2 WHERE id = ?1";
static const char Q_MAY_END[] =
	"UPDATE authorisation SET revoked_at = ?3 WHERE person = ?1 AND org = ?2 AND revoked_at IS NULL";

static struct seal_place place(int64_t id)
{
	return (struct seal_place){
		.table = STR("handover"), .column = STR("remark"), .row = id, .kind = SEAL_CITY};
}

static void subject(struct job_ctx *c, const char *action, int64_t id)
{
	c->action = str_of(action);
	c->subject = id ? arena_fmt(c->a, "handover:%lld", (long long)id) : STR("handover");
}

static enum rc item_add(
	struct job_ctx *c, int64_t id, int64_t *n, const struct handover_item *item, struct err *err)
{
	struct stmt *s;
	if (*n == HANDOVER_ITEMS_MAX)
		return FAIL(err, RC_LIMIT, "a hand-over has at most %d items", (int)HANDOVER_ITEMS_MAX);
	TRY(db_prepare(c->db, Q_ITEM, &s, err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_i64(s, 2, ++*n);
	stmt_bind_text(s, 3, item->kind);
	stmt_bind_text(s, 4, item->what);
	stmt_bind_text(s, 5, item->field);
	stmt_bind_i64(s, 6, item->row);
	return stmt_run(s, err);
}

/* Roles held in the organisation today, then the phones bound to them. */
static enum rc gather(struct job_ctx *c, const struct handover *what, int32_t today, int64_t id, int64_t *n,
	struct err *err)
{
	struct role *roles;
	struct device *devices;
	size_t roles_n, devices_n;
	TRY(role_list(c->db, c->a, what->giver, today, &roles, &roles_n, err));
	for (size_t i = 0; i < roles_n; i++) {
		struct handover_item item = {.kind = STR("role"), .what = roles[i].role, .row = roles[i].id};
		if (roles[i].org == what->org)
			TRY(item_add(c, id, n, &item, err));
	}
	TRY(device_list(c->db, c->a, what->giver, c->now_ms, &devices, &devices_n, err));
	for (size_t i = 0; i < devices_n; i++) {
		struct handover_item item = {
			.kind = STR("device"), .what = devices[i].role, .row = devices[i].id};
		if (devices[i].org == what->org && devices[i].ended_at_ms == 0)
			TRY(item_add(c, id, n, &item, err));
	}
	return *n ? RC_OK
		  : FAIL(err, RC_INVALID, "the one who hands over holds nothing in that organisation");
}

enum rc handover_make(struct job_ctx *c, struct seal *seal, const struct handover *what,
	const struct handover_item *rows, size_t rows_n, int64_t *out_id, struct err *err)
{
	static const str by[] = {{"secadmin", 8}};
	struct stmt *s;
	int64_t id, open, n = 0;
	subject(c, "handover_make", 0);
	c->detail = arena_fmt(c->a, "org:%lld %lld>%lld", (long long)what->org, (long long)what->giver,
		(long long)what->taker);
	if (c->actor->person != what->giver) {
		TRY(role_check(c->actor, by, 1, err));
		TRY(scope_check(c, what->org, err));
	}
	if (what->giver <= 0 || what->taker <= 0 || what->giver == what->taker || what->org <= 0)
		return FAIL(
			err, RC_INVALID, "a hand-over goes from one person to another, in one organisation");
	if (utf8_count(what->remark) > HANDOVER_REMARK_MAX_CHARS || !utf8_clean(what->remark))
		return FAIL(err, RC_INVALID, "a remark has at most %d characters",
			(int)HANDOVER_REMARK_MAX_CHARS);
	TRY(db_prepare(c->db, Q_OPEN, &s, err));
	stmt_bind_i64(s, 1, what->org);
	stmt_bind_i64(s, 2, what->giver);
	TRY(stmt_number(s, &open, err));
	if (open)
		return FAIL(err, RC_CONFLICT, "a hand-over from this person there is open already");
	TRY(db_prepare(c->db, Q_NEXT, &s, err));
	TRY(stmt_number(s, &id, err));
	struct seal_place at = place(id);
	str envelope = {NULL, 0};
	if (what->remark.n)
		TRY(seal_put(c->a, seal, &at, what->remark, &envelope, err));
	TRY(db_prepare(c->db, Q_ADD, &s, err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_i64(s, 2, what->org);
	stmt_bind_i64(s, 3, what->giver);
	stmt_bind_i64(s, 4, what->taker);
	if (what->remark.n)
		stmt_bind_blob(s, 5, envelope);
	else
		stmt_bind_null(s, 5);
	stmt_bind_i64(s, 6, c->now_ms);
	stmt_bind_i64(s, 7, c->actor->person);
	TRY(stmt_run(s, err));
	TRY(gather(c, what, clock_day_of(c->now_ms), id, &n, err));
	for (size_t i = 0; i < rows_n; i++)
		TRY(item_add(c, id, &n, &rows[i], err));
	subject(c, "handover_make", id);
	*out_id = id;
	return RC_OK;
}

/* ---- reading ---- */

static enum rc read_row(
	struct arena *a, struct seal *seal, struct stmt *s, struct handover *out, struct err *err)
{
	*out = (struct handover){.id = stmt_i64(s, 0),
		.org = stmt_i64(s, 1),
		.giver = stmt_i64(s, 2),
		.taker = stmt_i64(s, 3),
		.made_at_ms = stmt_i64(s, 4),
		.made_by = stmt_i64(s, 5),
		.given_at_ms = stmt_i64(s, 6),
		.taken_at_ms = stmt_i64(s, 7),
		.done_at_ms = stmt_i64(s, 8),
		.ended_at_ms = stmt_i64(s, 9)};
	if (!stmt_null(s, 10) && seal) {
		struct seal_place at = place(out->id);
		return seal_get(a, seal, &at, arena_str(a, stmt_blob(s, 10)), &out->remark, err);
	}
	return RC_OK;
}

enum rc handover_get(
	struct db *db, struct arena *a, struct seal *seal, int64_t id, struct handover *out, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, Q_GET, &s, err));
	stmt_bind_i64(s, 1, id);
	TRY(stmt_step(s, &row, err));
	if (!row)
		return FAIL(err, RC_NOT_FOUND, "no such hand-over");
	enum rc rc = read_row(a, seal, s, out, err);
	stmt_reset(s);
	return rc;
}

enum rc handover_items(struct db *db, struct arena *a, int64_t id, struct handover_item **out, size_t *out_n,
	struct err *err)
{
	struct stmt *s;
	enum rc rc;
	size_t cap = 0;
	*out = NULL;
	*out_n = 0;
	TRY(db_prepare(db, Q_ITEMS, &s, err));
	stmt_bind_i64(s, 1, id);
	while (stmt_next(s, &rc, err)) {
		*out = arena_grow(a, *out, *out_n, &cap, sizeof **out);
		(*out)[(*out_n)++] = (struct handover_item){.kind = stmt_str(a, s, 0),
			.what = stmt_str(a, s, 1),
			.field = stmt_str(a, s, 2),
			.row = stmt_i64(s, 3)};
	}
	return rc;
}

enum rc handover_list(struct db *db, struct arena *a, struct seal *seal, int64_t person,
	struct handover **out, size_t *out_n, struct err *err)
{
	struct stmt *s;
	enum rc rc;
	size_t cap = 0;
	*out = NULL;
	*out_n = 0;
	TRY(db_prepare(db, Q_LIST, &s, err));
	stmt_bind_i64(s, 1, person);
	while (stmt_next(s, &rc, err)) {
		*out = arena_grow(a, *out, *out_n, &cap, sizeof **out);
		rc = read_row(a, seal, s, &(*out)[*out_n], err);
		if (rc != RC_OK) {
			stmt_reset(s);
			return rc;
		}
		++*out_n;
	}
	return rc;
}

/* ---- signing and carrying out ---- */

static enum rc stamp(struct job_ctx *c, const char *sql, int64_t id, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(c->db, sql, &s, err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_i64(s, 2, c->now_ms);
	return stmt_run(s, err);
}

static enum rc still_open(struct job_ctx *c, int64_t id, struct handover *h, struct err *err)
{
	TRY(handover_get(c->db, c->a, NULL, id, h, err));
	if (h->done_at_ms)
		return FAIL(err, RC_CONFLICT, "this hand-over has been carried out already");
	if (h->ended_at_ms)
		return FAIL(err, RC_CONFLICT, "this hand-over was called off");
	return RC_OK;
}

enum rc handover_sign(struct job_ctx *c, int64_t id, bool giver, bool *out_complete, struct err *err)
{
	struct handover h;
	subject(c, giver ? "handover_give" : "handover_take", id);
	TRY(still_open(c, id, &h, err));
	bool paper = c->actor->person != h.giver && c->actor->person != h.taker &&
		     (actor_is_operator(c->actor) || actor_has_role(c->actor, STR("secadmin")));
	if (c->actor->person != (giver ? h.giver : h.taker) && !paper)
		return FAIL(err, RC_DENIED, "each side of a hand-over confirms for itself");
	c->detail = paper ? STR("on paper") : STR("");
	if (giver ? h.given_at_ms : h.taken_at_ms)
		return FAIL(err, RC_CONFLICT, "this side has confirmed already");
	TRY(stamp(c, giver ? Q_GIVEN : Q_TAKEN, id, err));
	*out_complete = (giver ? h.taken_at_ms : h.given_at_ms) != 0;
	return *out_complete ? stamp(c, Q_DONE, id, err) : RC_OK;
}

enum rc handover_carry_out(struct job_ctx *c, const struct role_kinds *all, const struct handover *h,
	int32_t today, struct err *err)
{
	struct actor signer = *c->actor, operator= actor_operator();
	const struct actor *was = c->actor;
	struct handover_item *items;
	struct stmt *s;
	size_t n;
	int64_t id;
	enum rc rc = handover_items(c->db, c->a, h->id, &items, &n, err);
	/* Both have signed: what follows is the sheet's doing, not the signer's. */
	c->actor = &operator;
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		if (!str_is(items[i].kind, "role"))
			continue;
		rc = role_end(c, items[i].row, today, err);
		if (rc == RC_OK)
			rc = role_grant(c, all, h->taker, items[i].what, h->org, today, ROLE_OPEN, &id, err);
		if (rc == RC_OK)
			rc = device_end_duty(c, h->giver, h->org, items[i].what, "handover", err);
	}
	if (rc == RC_OK && (rc = db_prepare(c->db, Q_MAY_END, &s, err)) == RC_OK) {
		stmt_bind_i64(s, 1, h->giver);
		stmt_bind_i64(s, 2, h->org);
		stmt_bind_i64(s, 3, c->now_ms);
		rc = stmt_run(s, err);
	}
	if (rc == RC_OK)
		rc = session_end_all(c, h->giver, err);
	c->actor = was;
	subject(c, "handover", h->id);
	c->detail = arena_fmt(c->a, "org:%lld %lld>%lld items:%zu signer:%lld", (long long)h->org,
		(long long)h->giver, (long long)h->taker, n, (long long)signer.person);
	return rc;
}

enum rc handover_call_off(struct job_ctx *c, int64_t id, struct err *err)
{
	static const str by[] = {{"secadmin", 8}};
	struct handover h;
	subject(c, "handover_call_off", id);
	TRY(still_open(c, id, &h, err));
	if (c->actor->person != h.giver && c->actor->person != h.taker) {
		TRY(role_check(c->actor, by, 1, err));
		TRY(scope_check(c, h.org, err));
	}
	return stamp(c, Q_ENDED, id, err);
}
