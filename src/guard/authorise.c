/* authorise.c -- see authorise.h. */
#include "guard/authorise.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/utf8.h"
#include "guard/outbox.h"
#include "guard/role.h"
#include "guard/seal.h"

static const char OPEN_DATE[] = "9999-12-31";
static const char Q_FORCE[] =
	"SELECT "
	"x.id, x.person, x.org, x.approved_by, x.asked_by, x.duty, x.role, x.purpose, x.state, x.from_date,"
	" x.to_date, x.may_export, x.at, x.revoked_at, x.reason"
	" FROM authorisation x WHERE x.person = ?1 AND x.from_date <= ?2 AND x.to_date > ?2"
	" AND x.state = 'approved' AND x.revoked_at IS NULL AND (?3 = '' OR x.purpose = ?3)"
	" AND (x.duty = 0 OR EXISTS (SELECT 1 FROM role d WHERE d.id = x.duty AND d.from_date <= ?2"
	" AND d.to_date > ?2)) ORDER BY x.id";
static const char Q_ALL[] =
	"SELECT x.id, x.person, x.org, x.approved_by, x.asked_by, x.duty, x.role, x.purpose, x.state, "
	"x.from_date,"
	" x.to_date, x.may_export, x.at, x.revoked_at, x.reason"
	" FROM authorisation x WHERE (?1 = 0 OR x.person = ?1) AND (?2 = '' OR x.state = ?2)"
	" ORDER BY x.id DESC LIMIT ?3";
static const char Q_ONE[] =
	"SELECT "
	"x.id, x.person, x.org, x.approved_by, x.asked_by, x.duty, x.role, x.purpose, x.state, x.from_date,"
	" x.to_date, x.may_export, x.at, x.revoked_at, x.reason"
	" FROM authorisation x WHERE x.id = ?1";
static const char Q_NEXT[] = "SELECT coalesce(max(id), 0) + 1 FROM authorisation";
static const char Q_ADD[] = "INSERT INTO authorisation(id, person, role, org, purpose, from_date, to_date, "
			    "approved_by, at, state,"
			    " asked_by, duty, may_export, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
			    "?9, ?10, ?11, ?12, ?13, ?14)";
static const char Q_DECIDE[] =
	"UPDATE authorisation SET state = ?2, approved_by = ?3, at = ?4 WHERE id = ?1 AND state = 'asked'";
static const char Q_REVOKE[] = "UPDATE authorisation SET revoked_at = ?2, revoked_by = ?3 WHERE id = ?1"
			       " AND revoked_at IS NULL AND state = 'approved'";

static const str APPROVERS[] = {{"secadmin", 8}, {"city_staff", 10}, {"leader", 6}};
enum { APPROVERS_N = sizeof APPROVERS / sizeof *APPROVERS };

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

/* where: table and column. Under the city's key: what is written here is about staff at work. */
static struct seal_place place(const char *where, int64_t id)
{
	str column, table = str_cut(str_of(where), '.', &column);
	return (struct seal_place){.table = table, .column = column, .row = id, .kind = SEAL_CITY};
}

static enum rc opened(struct arena *a, struct seal *seal, const char *table, int64_t id, str envelope,
	str *out, struct err *err)
{
	*out = STR("");
	if (seal == NULL || envelope.n == 0)
		return RC_OK;
	struct seal_place at = place(table, id);
	return seal_get(a, seal, &at, envelope, out, err);
}

static enum rc bind_sealed(struct job_ctx *c, struct seal *seal, struct stmt *s, int at, const char *table,
	int64_t id, str text, struct err *err)
{
	struct seal_place where = place(table, id);
	str envelope;
	if (text.n == 0) {
		stmt_bind_null(s, at);
		return RC_OK;
	}
	TRY(seal_put(c->a, seal, &where, text, &envelope, err));
	stmt_bind_blob(s, at, envelope);
	return RC_OK;
}

static enum rc words_fit(str text, struct err *err)
{
	return utf8_count(text) <= REASON_MAX_CHARS
		       ? RC_OK
		       : FAIL(err, RC_INVALID, "a reason has at most %d characters", (int)REASON_MAX_CHARS);
}

static bool name_good(str s)
{
	if (s.n == 0 || s.n > ROLE_NAME_MAX_BYTES)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || s.p[i] == '_' || (s.p[i] >= '0' && s.p[i] <= '9')))
			return false;
	return true;
}

/* ---- standing authorisations ---- */

static enum rc gather(struct arena *a, struct seal *seal, struct stmt *s, struct authorisation **out,
	size_t *out_n, struct err *err)
{
	enum rc rc;
	struct authorisation *list = NULL;
	size_t n = 0, cap = 0;
	while (stmt_next(s, &rc, err)) {
		list = arena_grow(a, list, n, &cap, sizeof *list);
		list[n] = (struct authorisation){.id = stmt_i64(s, 0),
			.person = stmt_i64(s, 1),
			.org = stmt_i64(s, 2),
			.approved_by = stmt_i64(s, 3),
			.asked_by = stmt_i64(s, 4),
			.duty = stmt_i64(s, 5),
			.role = stmt_str(a, s, 6),
			.purpose = stmt_str(a, s, 7),
			.state = stmt_str(a, s, 8),
			.from = day_of(stmt_text(s, 9)),
			.to = day_of(stmt_text(s, 10)),
			.may_export = stmt_i64(s, 11) != 0,
			.at_ms = stmt_i64(s, 12),
			.revoked_at_ms = stmt_i64(s, 13)};
		rc = opened(
			a, seal, "authorisation.reason", list[n].id, stmt_blob(s, 14), &list[n].reason, err);
		if (rc != RC_OK) {
			stmt_reset(s);
			return rc;
		}
		n++;
	}
	TRY(rc);
	*out = list;
	*out_n = n;
	return RC_OK;
}

enum rc authorisation_list(struct db *db, struct arena *a, int64_t person, str purpose, int32_t day,
	struct authorisation **out, size_t *out_n, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, Q_FORCE, &s, err));
	stmt_bind_i64(s, 1, person);
	bind_day(s, 2, day);
	stmt_bind_text(s, 3, purpose);
	return gather(a, NULL, s, out, out_n, err);
}

enum rc authorisation_all(struct db *db, struct arena *a, struct seal *seal, int64_t person, str state,
	int limit, struct authorisation **out, size_t *out_n, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, Q_ALL, &s, err));
	stmt_bind_i64(s, 1, person);
	stmt_bind_text(s, 2, state);
	stmt_bind_i64(s, 3, limit);
	return gather(a, seal, s, out, out_n, err);
}

static enum rc complete(const struct authorisation *what, struct err *err)
{
	if (what->person <= 0 || what->org <= 0 || !name_good(what->purpose) || !name_good(what->role) ||
		what->from >= what->to || what->to > what->from + AUTHORISATION_DAYS_MAX)
		return FAIL(err, RC_INVALID,
			"an authorisation needs a person, a role, an organisation, a purpose and at most %d "
			"days",
			(int)AUTHORISATION_DAYS_MAX);
	return words_fit(what->reason, err);
}

static enum rc put(struct job_ctx *c, struct seal *seal, const struct authorisation *what, str state,
	int64_t *out_id, struct err *err)
{
	struct stmt *s;
	int64_t id;
	TRY(db_number(c->db, Q_NEXT, &id, err));
	TRY(db_prepare(c->db, Q_ADD, &s, err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_i64(s, 2, what->person);
	stmt_bind_text(s, 3, what->role);
	stmt_bind_i64(s, 4, what->org);
	stmt_bind_text(s, 5, what->purpose);
	bind_day(s, 6, what->from);
	bind_day(s, 7, what->to);
	stmt_bind_i64(s, 8, what->approved_by);
	stmt_bind_i64(s, 9, c->now_ms);
	stmt_bind_text(s, 10, state);
	stmt_bind_i64(s, 11, what->asked_by);
	stmt_bind_i64(s, 12, what->duty);
	stmt_bind_i64(s, 13, what->may_export);
	TRY(bind_sealed(c, seal, s, 14, "authorisation.reason", id, what->reason, err));
	TRY(stmt_run(s, err));
	*out_id = id;
	return RC_OK;
}

static void told(struct job_ctx *c, const char *action, const struct authorisation *what)
{
	c->action = str_of(action);
	c->subject = arena_fmt(c->a, "person:%lld", (long long)what->person);
	c->detail = arena_fmt(c->a, "%.*s org:%lld%s", STR_ARG(str_head(what->purpose, ROLE_NAME_MAX_BYTES)),
		(long long)what->org, what->may_export ? " export" : "");
}

enum rc authorisation_ask(struct job_ctx *c, struct seal *seal, const struct authorisation *what,
	int64_t *out_id, struct err *err)
{
	struct authorisation asked = *what;
	asked.approved_by = 0;
	asked.asked_by = c->actor->person;
	told(c, "authorise_ask", what);
	TRY(complete(what, err));
	if (!actor_is_operator(c->actor) && what->person != c->actor->person)
		return FAIL(err, RC_DENIED, "each asks for an authorisation of their own");
	if (!actor_is_operator(c->actor) && !actor_has_role(c->actor, what->role))
		return FAIL(err, RC_DENIED, "you do not hold that role");
	if (str_trim(what->reason).n == 0)
		return FAIL(err, RC_INVALID, "say what it is needed for");
	return put(c, seal, &asked, STR("asked"), out_id, err);
}

/* Never oneself; the operator names somebody, others are the one. */
static enum rc other_person(const struct job_ctx *c, int64_t approver, int64_t person, struct err *err)
{
	if (approver <= 0 || approver == person ||
		(!actor_is_operator(c->actor) && approver != c->actor->person))
		return FAIL(err, RC_DENIED, "an authorisation is approved by a named other person");
	return RC_OK;
}

enum rc authorisation_grant(struct job_ctx *c, struct seal *seal, const struct authorisation *what,
	int64_t *out_id, struct err *err)
{
	told(c, "authorise", what);
	TRY(role_check(c->actor, APPROVERS, APPROVERS_N, err));
	TRY(other_person(c, what->approved_by, what->person, err));
	TRY(complete(what, err));
	TRY(scope_check(c, what->org, err));
	TRY(put(c, seal, what, STR("approved"), out_id, err));
	c->detail = arena_fmt(c->a, "authorisation:%lld %.*s", (long long)*out_id, STR_ARG(c->detail));
	return RC_OK;
}

static enum rc one(struct job_ctx *c, int64_t id, struct authorisation **out, struct err *err)
{
	struct stmt *s;
	size_t n;
	TRY(db_prepare(c->db, Q_ONE, &s, err));
	stmt_bind_i64(s, 1, id);
	TRY(gather(c->a, NULL, s, out, &n, err));
	return n ? RC_OK : FAIL(err, RC_NOT_FOUND, "there is no authorisation #%lld", (long long)id);
}

enum rc authorisation_decide(struct job_ctx *c, int64_t id, bool yes, struct err *err)
{
	struct stmt *s;
	struct authorisation *list;
	c->action = yes ? STR("authorise") : STR("authorise_refuse");
	c->subject = arena_fmt(c->a, "authorisation:%lld", (long long)id);
	TRY(role_check(c->actor, APPROVERS, APPROVERS_N, err));
	TRY(one(c, id, &list, err));
	told(c, yes ? "authorise" : "authorise_refuse", list);
	c->detail = arena_fmt(c->a, "authorisation:%lld %.*s", (long long)id, STR_ARG(c->detail));
	TRY(scope_check(c, list->org, err));
	if (yes)
		TRY(other_person(c, c->actor->person, list->person, err));
	TRY(db_prepare(c->db, Q_DECIDE, &s, err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_text(s, 2, yes ? STR("approved") : STR("refused"));
	stmt_bind_i64(s, 3, c->actor->person);
	stmt_bind_i64(s, 4, c->now_ms);
	TRY(stmt_run(s, err));
	return db_changes(c->db) ? RC_OK : FAIL(err, RC_CONFLICT, "this has been decided already");
}

enum rc authorisation_revoke(struct job_ctx *c, int64_t id, struct err *err)
{
	struct stmt *s;
	struct authorisation *what;
	c->action = STR("authorise_revoke");
	c->subject = arena_fmt(c->a, "authorisation:%lld", (long long)id);
	TRY(role_check(c->actor, APPROVERS, APPROVERS_N, err));
	TRY(one(c, id, &what, err));
	TRY(scope_check(c, what->org, err));
	TRY(db_prepare(c->db, Q_REVOKE, &s, err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_i64(s, 2, c->now_ms);
	stmt_bind_i64(s, 3, c->actor->person);
	TRY(stmt_run(s, err));
	return db_changes(c->db)
		       ? RC_OK
		       : FAIL(err, RC_NOT_FOUND, "no such authorisation, or it was revoked already");
}

/* ---- break-glass ---- */

static const char Q_GLASS_NEXT[] = "SELECT coalesce(max(id), 0) + 1 FROM break_glass";
static const char Q_GLASS_ADD[] =
	"INSERT INTO break_glass(id, person, register, \"row\", at, until_at, reviewed_by, justified, reason)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, ?7)";
static const char Q_GLASS_NOW[] =
	"SELECT "
	"id, person, register, \"row\", at, until_at, reviewed_at, reviewed_by, justified, reason, review"
	" FROM break_glass WHERE person = ?1 AND until_at > ?2 ORDER BY id";
static const char Q_GLASS_ALL[] =
	"SELECT "
	"id, person, register, \"row\", at, until_at, reviewed_at, reviewed_by, justified, reason, review"
	" FROM break_glass WHERE ?1 = 0 OR reviewed_at IS NULL"
	" ORDER BY id DESC LIMIT ?2";
static const char Q_GLASS_WHO[] = "SELECT person, at FROM break_glass WHERE id = ?1";
static const char Q_GLASS_REVIEW[] =
	"UPDATE break_glass SET reviewed_at = ?2, reviewed_by = ?3, justified = ?4,"
	" review = ?5 WHERE id = ?1 AND reviewed_at IS NULL";
static const char Q_ALERTED[] =
	"SELECT DISTINCT r.person FROM role r WHERE r.role IN ('secadmin', 'leader')"
	" AND r.from_date <= ?1 AND r.to_date > ?1 AND (?2 = 0 OR r.org = ?2 OR EXISTS (SELECT 1 FROM "
	"org_anc x"
	" WHERE x.org = ?2 AND x.anc = r.org AND x.from_date <= ?1 AND x.to_date > ?1)) ORDER BY r.person";
static const str REVIEWERS[] = {{"secadmin", 8}, {"leader", 6}};
enum { REVIEWERS_N = sizeof REVIEWERS / sizeof *REVIEWERS, ALERTED_MAX = 64 };

static enum rc alerted(
	struct job_ctx *c, int64_t org, int64_t who[ALERTED_MAX], size_t *out_n, struct err *err)
{
	struct stmt *s;
	char today[DATE_TEXT_BYTES];
	date_text(clock_day_of(c->now_ms), today);
	TRY(db_prepare(c->db, Q_ALERTED, &s, err));
	stmt_bind_text(s, 1, str_of(today));
	stmt_bind_i64(s, 2, org);
	enum rc rc;
	for (*out_n = 0; *out_n < ALERTED_MAX && stmt_next(s, &rc, err);)
		who[(*out_n)++] = stmt_i64(s, 0);
	stmt_reset(s);
	return rc;
}

/* To the security administrators and leaders who may review it, to all of the city where there are none; ids only, sealed
 * like every letter. */
static enum rc alert(struct job_ctx *c, struct seal *seal, int64_t glass, struct err *err)
{
	int64_t who[ALERTED_MAX];
	size_t n;
	TRY(alerted(c, c->actor->org, who, &n, err));
	if (n == 0)
		TRY(alerted(c, 0, who, &n, err));
	for (size_t i = 0; i < n; i++) {
		str to = arena_fmt(c->a, "person:%lld", (long long)who[i]),
		    body = arena_fmt(c->a, "break_glass:%lld", (long long)glass);
		TRY(outbox_put(c, seal, STR("alert"), to, body, err));
	}
	return RC_OK;
}

enum rc glass_open(struct job_ctx *c, struct seal *seal, str reg, int64_t row, str reason, int64_t *out_id,
	struct err *err)
{
	struct stmt *s;
	int64_t id;
	c->action = STR("break_glass");
	c->subject =
		arena_fmt(c->a, "%.*s:%lld", STR_ARG(str_head(reg, ROLE_NAME_MAX_BYTES)), (long long)row);
	if (c->actor->person <= 0)
		return FAIL(err, RC_DENIED, "break-glass is for a named person");
	if (str_trim(reason).n == 0)
		return FAIL(err, RC_INVALID, "say what the emergency is");
	if (!name_good(reg) || row <= 0)
		return FAIL(err, RC_INVALID, "break-glass opens one row");
	TRY(words_fit(reason, err));
	TRY(db_number(c->db, Q_GLASS_NEXT, &id, err));
	TRY(db_prepare(c->db, Q_GLASS_ADD, &s, err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_i64(s, 2, c->actor->person);
	stmt_bind_text(s, 3, reg);
	stmt_bind_i64(s, 4, row);
	stmt_bind_i64(s, 5, c->now_ms);
	stmt_bind_i64(s, 6, c->now_ms + (int64_t)GLASS_MINUTES * 60000);
	TRY(bind_sealed(c, seal, s, 7, "break_glass.reason", id, reason, err));
	TRY(stmt_run(s, err));
	c->detail = arena_fmt(c->a, "break_glass:%lld", (long long)id);
	*out_id = id;
	return alert(c, seal, id, err);
}

enum rc glass_within(
	struct db *db, const struct actor *actor, const struct glass *z, bool *out, struct err *err)
{
	return scope_person(db, actor, z->person, clock_day_of(z->opened_at_ms), out, err);
}

enum rc glass_review(
	struct job_ctx *c, struct seal *seal, int64_t id, bool justified, str words, struct err *err)
{
	struct stmt *s;
	bool row;
	c->action = STR("break_glass_review");
	c->subject = arena_fmt(c->a, "break_glass:%lld", (long long)id);
	c->detail = justified ? STR("justified") : STR("not justified");
	TRY(role_check(c->actor, REVIEWERS, REVIEWERS_N, err));
	if (str_trim(words).n == 0)
		return FAIL(err, RC_INVALID, "a review says what was found");
	TRY(words_fit(words, err));
	TRY(db_prepare(c->db, Q_GLASS_WHO, &s, err));
	stmt_bind_i64(s, 1, id);
	TRY(stmt_step(s, &row, err));
	if (!row)
		return FAIL(err, RC_NOT_FOUND, "there is no break-glass #%lld", (long long)id);
	struct glass z = {.person = stmt_i64(s, 0), .opened_at_ms = stmt_i64(s, 1)};
	stmt_reset(s);
	if (z.person == c->actor->person)
		return FAIL(err, RC_DENIED, "nobody reviews his own break-glass");
	TRY(glass_within(c->db, c->actor, &z, &row, err));
	if (!row)
		return FAIL(err, RC_DENIED,
			"this was opened by somebody of a unit outside your scope: who stands above it "
			"reviews "
			"it");
	TRY(db_prepare(c->db, Q_GLASS_REVIEW, &s, err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_i64(s, 2, c->now_ms);
	stmt_bind_i64(s, 3, c->actor->person);
	stmt_bind_i64(s, 4, justified);
	TRY(bind_sealed(c, seal, s, 5, "break_glass.review", id, words, err));
	TRY(stmt_run(s, err));
	return db_changes(c->db) ? RC_OK : FAIL(err, RC_CONFLICT, "this has been reviewed already");
}

static enum rc gather_glass(struct arena *a, struct seal *seal, struct stmt *s, struct glass **out,
	size_t *out_n, struct err *err)
{
	enum rc rc;
	struct glass *list = NULL;
	size_t n = 0, cap = 0;
	while (stmt_next(s, &rc, err)) {
		list = arena_grow(a, list, n, &cap, sizeof *list);
		struct glass *g = &list[n++];
		*g = (struct glass){.id = stmt_i64(s, 0),
			.person = stmt_i64(s, 1),
			.reg = stmt_str(a, s, 2),
			.row = stmt_i64(s, 3),
			.opened_at_ms = stmt_i64(s, 4),
			.until_ms = stmt_i64(s, 5),
			.reviewed_at_ms = stmt_i64(s, 6),
			.reviewed_by = stmt_i64(s, 7),
			.justified = stmt_i64(s, 8) != 0};
		rc = opened(a, seal, "break_glass.reason", g->id, stmt_blob(s, 9), &g->reason, err);
		if (rc == RC_OK)
			rc = opened(a, seal, "break_glass.review", g->id, stmt_blob(s, 10), &g->review, err);
		if (rc != RC_OK) {
			stmt_reset(s);
			return rc;
		}
	}
	TRY(rc);
	*out = list;
	*out_n = n;
	return RC_OK;
}

enum rc glass_list(struct db *db, struct arena *a, int64_t person, int64_t now_ms, struct glass **out,
	size_t *out_n, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, Q_GLASS_NOW, &s, err));
	stmt_bind_i64(s, 1, person);
	stmt_bind_i64(s, 2, now_ms);
	return gather_glass(a, NULL, s, out, out_n, err);
}

enum rc glass_all(struct db *db, struct arena *a, struct seal *seal, const struct actor *actor,
	bool unreviewed, int limit, struct glass **out, size_t *out_n, struct err *err)
{
	struct stmt *s;
	struct glass *list;
	size_t n;
	TRY(db_prepare(db, Q_GLASS_ALL, &s, err));
	stmt_bind_i64(s, 1, unreviewed);
	stmt_bind_i64(s, 2, limit);
	TRY(gather_glass(a, seal, s, &list, &n, err));
	*out = list;
	*out_n = 0;
	for (size_t i = 0; i < n; i++) {
		bool within = list[i].person == actor->person;
		if (!within)
			TRY(glass_within(db, actor, &list[i], &within, err));
		if (within)
			list[(*out_n)++] = list[i];
	}
	return RC_OK;
}

/* ---- cases ---- */

static const char Q_CASE_NEXT[] = "SELECT coalesce(max(id), 0) + 1 FROM case_member";
static const char Q_CASE_ADD[] =
	"INSERT INTO case_member(id, register, \"row\", person, role, from_date, to_date, at, actor)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
static const char Q_CASE_END[] = "UPDATE case_member SET to_date = ?2 WHERE id = ?1 AND to_date > ?2";
static const char Q_CASE_OF[] = "SELECT register, \"row\", role FROM case_member WHERE person = ?1"
				" AND from_date <= ?2 AND to_date > ?2 ORDER BY id";

enum rc case_add(struct job_ctx *c, str reg, int64_t row, int64_t person, str role, int32_t from, int32_t to,
	int64_t *out_id, struct err *err)
{
	static const str by[] = {
		{"secadmin", 8}, {"county_staff", 12}, {"city_staff", 10}, {"case_worker", 11}};
	struct stmt *s;
	int64_t id;
	c->action = STR("case_add");
	c->subject =
		arena_fmt(c->a, "%.*s:%lld", STR_ARG(str_head(reg, ROLE_NAME_MAX_BYTES)), (long long)row);
	c->detail = arena_fmt(
		c->a, "person:%lld %.*s", (long long)person, STR_ARG(str_head(role, ROLE_NAME_MAX_BYTES)));
	TRY(role_check(c->actor, by, 4, err));
	if (person == c->actor->person)
		return FAIL(err, RC_DENIED, "nobody puts himself on a case");
	if (!name_good(reg) || !name_good(role) || row <= 0 || person <= 0 || from >= to)
		return FAIL(
			err, RC_INVALID, "a case member needs a row, a person, a role and a span of days");
	TRY(db_number(c->db, Q_CASE_NEXT, &id, err));
	TRY(db_prepare(c->db, Q_CASE_ADD, &s, err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_text(s, 2, reg);
	stmt_bind_i64(s, 3, row);
	stmt_bind_i64(s, 4, person);
	stmt_bind_text(s, 5, role);
	bind_day(s, 6, from);
	bind_day(s, 7, to);
	stmt_bind_i64(s, 8, c->now_ms);
	stmt_bind_i64(s, 9, c->actor->person);
	TRY(stmt_run(s, err));
	*out_id = id;
	return RC_OK;
}

enum rc case_end(struct job_ctx *c, int64_t id, int32_t to, struct err *err)
{
	static const str by[] = {
		{"secadmin", 8}, {"county_staff", 12}, {"city_staff", 10}, {"case_worker", 11}};
	struct stmt *s;
	c->action = STR("case_end");
	c->subject = arena_fmt(c->a, "case_member:%lld", (long long)id);
	TRY(role_check(c->actor, by, 4, err));
	TRY(db_prepare(c->db, Q_CASE_END, &s, err));
	stmt_bind_i64(s, 1, id);
	bind_day(s, 2, to);
	TRY(stmt_run(s, err));
	return db_changes(c->db) ? RC_OK : FAIL(err, RC_NOT_FOUND, "no such member, or it has ended already");
}

enum rc case_list(struct db *db, struct arena *a, int64_t person, int32_t day, struct case_of **out,
	size_t *out_n, struct err *err)
{
	struct stmt *s;
	enum rc rc;
	struct case_of *list = NULL;
	size_t n = 0, cap = 0;
	TRY(db_prepare(db, Q_CASE_OF, &s, err));
	stmt_bind_i64(s, 1, person);
	bind_day(s, 2, day);
	while (stmt_next(s, &rc, err)) {
		list = arena_grow(a, list, n, &cap, sizeof *list);
		list[n++] = (struct case_of){
			.reg = stmt_str(a, s, 0), .row = stmt_i64(s, 1), .role = stmt_str(a, s, 2)};
	}
	TRY(rc);
	*out = list;
	*out_n = n;
	return RC_OK;
}
