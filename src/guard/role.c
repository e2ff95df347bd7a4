/* role.c -- see role.h. */
#include "guard/role.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/date.h"
#include "guard/account.h"

static const char OPEN_DATE[] = "9999-12-31";
static const char Q_LIST[] = "SELECT id, person, org, role, from_date, to_date FROM role WHERE person = ?1"
			     " AND from_date <= ?2 AND to_date > ?2 ORDER BY org, id";
static const char Q_HOLDERS[] = "SELECT id, person, org, role, from_date, to_date FROM role"
				" WHERE (?1 = '' OR role = ?1) AND from_date <= ?2 AND to_date > ?2"
				" ORDER BY id";
static const char Q_HOME[] = "SELECT org FROM role WHERE person = ?1 AND from_date <= ?2 AND to_date > ?2"
			     " ORDER BY id LIMIT 1";
static const char Q_SPAN[] =
	"SELECT id, role, org, CASE WHEN from_date <= ?2 AND to_date >= ?3 THEN 1 ELSE 0 END FROM role"
	" WHERE person = ?1 AND from_date < ?3 AND to_date > ?2 ORDER BY id";
static const char Q_NEXT[] = "SELECT coalesce(max(id), 0) + 1 FROM role";
static const char Q_ADD[] = "INSERT INTO role(id, person, role, org, from_date, to_date, at, actor)"
			    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
static const char Q_END[] = "UPDATE role SET to_date = ?2 WHERE id = ?1 AND to_date > ?2";

enum rc role_check(const struct actor *actor, const str *roles, size_t n, struct err *err)
{
	if (actor_is_operator(actor))
		return RC_OK;
	struct buf b = {.max_bytes = ERR_TEXT_BYTES / 2};
	for (size_t i = 0; i < n; i++) {
		if (actor_has_role(actor, roles[i])) {
			buf_done(&b);
			return RC_OK;
		}
		buf_printf(&b, "%s%.*s", i ? ", " : "", STR_ARG(roles[i]));
	}
	enum rc rc = FAIL(err, RC_DENIED, "this is for: %.*s", STR_ARG(buf_str(&b)));
	buf_done(&b);
	return rc;
}

static const char Q_ORG[] = "SELECT org FROM role WHERE id = ?1";
static const char Q_WITHIN[] =
	"SELECT 1 FROM org_anc WHERE org = ?1 AND anc = ?2 AND from_date <= ?3 AND to_date > ?3";

enum rc scope_check(const struct job_ctx *c, int64_t org, struct err *err)
{
	struct stmt *s;
	bool row;
	char today[DATE_TEXT_BYTES];
	if (c->actor->org == 0 || c->actor->org == org)
		return RC_OK;
	date_text(clock_day_of(c->now_ms), today);
	TRY(db_prepare(c->db, Q_WITHIN, &s, err));
	stmt_bind_i64(s, 1, org);
	stmt_bind_i64(s, 2, c->actor->org);
	stmt_bind_text(s, 3, str_of(today));
	TRY(stmt_step(s, &row, err));
	stmt_reset(s);
	return row ? RC_OK : FAIL(err, RC_DENIED, "organisation #%lld is outside your scope", (long long)org);
}

/* The register of people is the one that guard knows: accounts are bound to its rows. A database that was only just made
 * has none yet. */
static const char Q_OUTSIDE[] =
	"SELECT COUNT(*) FROM (SELECT org FROM role WHERE person = ?1 AND from_date <= ?2 AND to_date > ?2"
	" UNION SELECT \"org\" FROM \"person\" WHERE \"id\" = ?1) u WHERE u.org <> ?3 AND NOT EXISTS"
	" (SELECT 1 FROM org_anc x WHERE x.org = u.org AND x.anc = ?3 AND x.from_date <= ?4 AND x.to_date > "
	"?4)";
static const char Q_OUTSIDE_ROLES[] =
	"SELECT COUNT(*) FROM role u WHERE u.person = ?1 AND u.from_date <= ?2 AND u.to_date > ?2"
	" AND u.org <> ?3 AND NOT EXISTS (SELECT 1 FROM org_anc x WHERE x.org = u.org AND x.anc = ?3"
	" AND x.from_date <= ?4 AND x.to_date > ?4)";

enum rc scope_person(struct db *db, const struct actor *actor, int64_t person, int32_t day, bool *out_within,
	struct err *err)
{
	struct stmt *s;
	int64_t outside;
	char then[DATE_TEXT_BYTES], today[DATE_TEXT_BYTES];
	*out_within = true;
	if (actor->org == 0 || actor->person == person)
		return RC_OK;
	date_text(day, then);
	date_text(clock_today(), today);
	TRY(db_prepare(db, db_has_table(db, "person") ? Q_OUTSIDE : Q_OUTSIDE_ROLES, &s, err));
	stmt_bind_i64(s, 1, person);
	stmt_bind_text(s, 2, str_of(then));
	stmt_bind_i64(s, 3, actor->org);
	stmt_bind_text(s, 4, str_of(today));
	TRY(stmt_number(s, &outside, err));
	*out_within = outside == 0;
	return RC_OK;
}

enum rc role_check_over(const struct job_ctx *c, int64_t person, const str *roles, size_t n, struct err *err)
{
	bool within;
	TRY(role_check(c->actor, roles, n, err));
	TRY(scope_person(c->db, c->actor, person, clock_day_of(c->now_ms), &within, err));
	return within ? RC_OK
		      : FAIL(err, RC_DENIED,
				"this person belongs to a unit outside your scope, or holds a role in one: "
				"ask the administrator above it");
}

static int32_t day_of(str date)
{
	int32_t day;
	return !str_is(date, OPEN_DATE) && date_parse(date, &day) ? day : ROLE_OPEN;
}

static void bind_day(struct stmt *s, int at, int32_t day)
{
	char text[DATE_TEXT_BYTES];
	if (day == ROLE_OPEN) {
		stmt_bind_text(s, at, STR(OPEN_DATE));
		return;
	}
	date_text(day, text);
	stmt_bind_text(s, at, str_of(text));
}

static enum rc gather(struct arena *a, struct stmt *s, struct role **out, size_t *out_n, struct err *err)
{
	enum rc rc;
	struct role *list = NULL;
	size_t n = 0, cap = 0;
	while (stmt_next(s, &rc, err)) {
		list = arena_grow(a, list, n, &cap, sizeof *list);
		list[n++] = (struct role){.id = stmt_i64(s, 0),
			.person = stmt_i64(s, 1),
			.org = stmt_i64(s, 2),
			.role = stmt_str(a, s, 3),
			.from = day_of(stmt_text(s, 4)),
			.to = day_of(stmt_text(s, 5))};
	}
	TRY(rc);
	*out = list;
	*out_n = n;
	return RC_OK;
}

enum rc role_list(struct db *db, struct arena *a, int64_t person, int32_t day, struct role **out,
	size_t *out_n, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, Q_LIST, &s, err));
	stmt_bind_i64(s, 1, person);
	bind_day(s, 2, day);
	return gather(a, s, out, out_n, err);
}

enum rc role_holders(struct db *db, struct arena *a, str role, int32_t day, struct role **out, size_t *out_n,
	struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, Q_HOLDERS, &s, err));
	stmt_bind_text(s, 1, role);
	bind_day(s, 2, day);
	return gather(a, s, out, out_n, err);
}

static enum rc home(struct db *db, int64_t person, int32_t day, int64_t *out, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, Q_HOME, &s, err));
	stmt_bind_i64(s, 1, person);
	bind_day(s, 2, day);
	TRY(stmt_number(s, out, err));
	return RC_OK;
}

enum rc role_actor(struct db *db, struct arena *a, int64_t person, int64_t org, int32_t day,
	struct actor *out, struct err *err)
{
	struct role *list;
	size_t n;
	struct account account = {0};
	struct actor actor = {.person = person, .org = org};
	enum rc rc = account_by_person(db, a, person, &account, NULL);
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return FAIL(err, rc, "the account could not be read");
	actor.name = account.handle.n ? account.handle : arena_fmt(a, "#%lld", (long long)person);
	if (org == 0)
		TRY(home(db, person, day, &actor.org, err));
	TRY(role_list(db, a, person, day, &list, &n, err));
	for (size_t i = 0; i < n && actor.roles_n < ACTOR_ROLES_MAX; i++)
		if (list[i].org == actor.org && !actor_has_role(&actor, list[i].role))
			actor.roles[actor.roles_n++] = list[i].role;
	if (org != 0 && actor.roles_n == 0)
		return FAIL(err, RC_DENIED, "you hold no role in that organisation");
	*out = actor;
	return RC_OK;
}

enum rc role_actor_named(
	struct db *db, struct arena *a, str text, int32_t day, struct actor *out, struct err *err)
{
	int64_t person;
	struct account account;
	if (str_is(text, "operator")) {
		*out = actor_operator();
		return RC_OK;
	}
	bool number = str_starts(text, STR("#")) && str_i64(str_from(text, 1), &person) && person > 0;
	enum rc rc = number ? account_by_person(db, a, person, &account, err)
			    : account_by_handle(db, a, text, &account, err);
	if (number &&
		rc == RC_NOT_FOUND) { /* a person with roles, or none, who has not claimed an account yet */
		if (err)
			*err = (struct err){0};
		return role_actor(db, a, person, 0, day, out, err);
	}
	if (rc == RC_NOT_FOUND)
		return FAIL(err, RC_NOT_FOUND, "no account “%.*s”; --as takes its name or #person",
			STR_ARG(text));
	TRY(rc);
	if (account.disabled)
		return FAIL(err, RC_DENIED, "this account is disabled");
	return role_actor(db, a, account.person, 0, day, out, err);
}

const struct role_kind *role_kind(const struct role_kinds *all, str id)
{
	for (size_t i = 0; i < all->n; i++)
		if (str_eq(all->list[i].id, id))
			return &all->list[i];
	return NULL;
}

/* A role that the model has dropped asks for the most. */
static enum factor factor_of(const struct role_kinds *all, str role)
{
	const struct role_kind *k = role_kind(all, role);
	return k ? k->factor : FACTOR_CODE;
}

void role_narrow(struct actor *actor, const struct role_kinds *all, enum factor proven)
{
	int n = 0;
	for (int i = 0; i < actor->roles_n; i++)
		if (factor_of(all, actor->roles[i]) <= proven)
			actor->roles[n++] = actor->roles[i];
	actor->roles_n = n;
	actor->citizen = true;
	for (int i = 0; i < n; i++) {
		const struct role_kind *k = role_kind(all, actor->roles[i]);
		actor->citizen = actor->citizen && (k == NULL || k->resident);
	}
}

enum rc role_needs(struct db *db, struct arena *a, const struct role_kinds *all, int64_t person, int32_t day,
	enum factor *out, struct err *err)
{
	struct role *list;
	size_t n;
	*out = FACTOR_NONE;
	TRY(role_list(db, a, person, day, &list, &n, err));
	for (size_t i = 0; i < n; i++)
		if (factor_of(all, list[i].role) > *out)
			*out = factor_of(all, list[i].role);
	return RC_OK;
}

/* ---- granting ---- */

/* Either may name the other. */
static bool excludes(const struct role_kind *a, const struct role_kind *b)
{
	for (size_t i = 0; i < a->excludes_n; i++)
		if (str_eq(a->excludes[i], b->id))
			return true;
	for (size_t i = 0; i < b->excludes_n; i++)
		if (str_eq(b->excludes[i], a->id))
			return true;
	return false;
}

/* Does what a person holds in [from, to) bar the new role? *out_same: held there already. */
static enum rc beside(struct job_ctx *c, const struct role_kinds *all, int64_t person,
	const struct role_kind *kind, int64_t org, int32_t from, int32_t to, int64_t *out_same,
	struct err *err)
{
	struct stmt *s;
	enum rc rc;
	*out_same = 0;
	TRY(db_prepare(c->db, Q_SPAN, &s, err));
	stmt_bind_i64(s, 1, person);
	bind_day(s, 2, from);
	bind_day(s, 3, to);
	while (stmt_next(s, &rc, err)) {
		const struct role_kind *held = role_kind(all, stmt_text(s, 1));
		if (str_eq(stmt_text(s, 1), kind->id) && stmt_i64(s, 2) == org && stmt_i64(s, 3) != 0)
			*out_same = stmt_i64(s, 0);
		if (held && excludes(kind, held)) {
			stmt_reset(s);
			return FAIL(err, RC_INVALID,
				"%.*s and %.*s must be two people, and this one is %.*s already",
				STR_ARG(kind->id), STR_ARG(held->id), STR_ARG(held->id));
		}
	}
	return rc;
}

enum rc role_grant(struct job_ctx *c, const struct role_kinds *all, int64_t person, str role, int64_t org,
	int32_t from, int32_t to, int64_t *out_id, struct err *err)
{
	static const str by[] = {{"secadmin", 8}};
	const struct role_kind *kind = role_kind(all, role);
	struct stmt *s;
	int64_t id;
	c->action = STR("role_grant");
	c->subject = arena_fmt(c->a, "person:%lld", (long long)person);
	c->detail = arena_fmt(
		c->a, "%.*s org:%lld", STR_ARG(str_head(role, ROLE_NAME_MAX_BYTES)), (long long)org);
	TRY(role_check(c->actor, by, 1, err));
	if (person == c->actor->person)
		return FAIL(err, RC_DENIED, "nobody grants a role to himself");
	if (kind == NULL || !kind->granted)
		return FAIL(err, RC_INVALID, "there is no role “%.*s” to be given",
			STR_ARG(str_head(role, ROLE_NAME_MAX_BYTES)));
	if (person <= 0 || org <= 0 || from >= to)
		return FAIL(err, RC_INVALID, "a role needs a person, an organisation and a span of days");
	TRY(scope_check(c, org, err));
	TRY(beside(c, all, person, kind, org, from, to, out_id, err));
	if (*out_id)
		return RC_OK;
	TRY(db_number(c->db, Q_NEXT, &id, err));
	TRY(db_prepare(c->db, Q_ADD, &s, err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_i64(s, 2, person);
	stmt_bind_text(s, 3, role);
	stmt_bind_i64(s, 4, org);
	bind_day(s, 5, from);
	bind_day(s, 6, to);
	stmt_bind_i64(s, 7, c->now_ms);
	stmt_bind_i64(s, 8, c->actor->person);
	TRY(stmt_run(s, err));
	*out_id = id;
	return RC_OK;
}

enum rc role_end(struct job_ctx *c, int64_t id, int32_t to, struct err *err)
{
	static const str by[] = {{"secadmin", 8}};
	struct stmt *s;
	bool row;
	c->action = STR("role_end");
	c->subject = arena_fmt(c->a, "role:%lld", (long long)id);
	TRY(role_check(c->actor, by, 1, err));
	TRY(db_prepare(c->db, Q_ORG, &s, err));
	stmt_bind_i64(s, 1, id);
	TRY(stmt_step(s, &row, err));
	int64_t org = row ? stmt_i64(s, 0) : 0;
	stmt_reset(s);
	if (row)
		TRY(scope_check(c, org, err));
	TRY(db_prepare(c->db, Q_END, &s, err));
	stmt_bind_i64(s, 1, id);
	bind_day(s, 2, to);
	TRY(stmt_run(s, err));
	return db_changes(c->db) ? RC_OK : FAIL(err, RC_NOT_FOUND, "no such role, or it has ended already");
}
