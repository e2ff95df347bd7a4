/* house.c -- see house.h. */
#include "guard/house.h"
#include "base/clock.h"
#include "base/date.h"
#include "guard/audit_head.h"
#include "guard/growth.h"
#include "guard/outbox.h"

static const int64_t DAY_MS = 86400000;

static const char Q_SESSIONS[] = "DELETE FROM session WHERE expires_at < ?1";
static const char Q_CLAIMS[] = "DELETE FROM claim WHERE expires_at < ?1 OR used_at < ?1";
static const char Q_KEYS[] = "DELETE FROM idempotency WHERE at < ?1";
static const char Q_TICKS[] = "DELETE FROM due WHERE done_at < ?1";
static const char Q_LETTERS[] = "DELETE FROM outbox WHERE sent_at < ?1";
static const char Q_BACKUP[] = "SELECT value FROM setting WHERE name = 'backup_at'";
static const char Q_BACKUP_PUT[] = "INSERT INTO setting(name, value) VALUES ('backup_at', ?1)"
				   " ON CONFLICT (name) DO UPDATE SET value = excluded.value";
static const char Q_FOUNDED[] = "SELECT founded_at FROM city WHERE one = 1";
static const char Q_ENDING[] = "SELECT id, to_date FROM authorisation WHERE revoked_at IS NULL AND state = "
			       "'approved' AND to_date > ?1"
			       " AND to_date <= ?2 ORDER BY id";
static const char Q_HEADS_TO[] = "SELECT value FROM setting WHERE name = 'outbox.heads'";
static const char Q_RETENTION[] =
	"SELECT at FROM due WHERE rule = 'retention.run' AND done_at IS NULL ORDER BY at LIMIT 1";
static const char Q_STANDS[] =
	"SELECT person FROM authorisation WHERE id = ?1 AND revoked_at IS NULL AND to_date > ?2";

static enum rc older(struct db *db, const char *sql, int64_t than_ms, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, sql, &s, err));
	stmt_bind_i64(s, 1, than_ms);
	return stmt_run(s, err);
}

static enum rc sweep(struct job_ctx *c, void *user, const struct due_tick *t, struct err *err)
{
	(void)user, (void)t;
	TRY(older(c->db, Q_SESSIONS, c->now_ms, err));
	TRY(older(c->db, Q_CLAIMS, c->now_ms - 30 * DAY_MS, err));
	TRY(older(c->db, Q_KEYS, c->now_ms - JOB_KEY_KEEP_DAYS * DAY_MS, err));
	TRY(older(c->db, Q_TICKS, c->now_ms - DUE_KEEP_DAYS * DAY_MS, err));
	return older(c->db, Q_LETTERS, c->now_ms - OUTBOX_KEEP_DAYS * DAY_MS, err);
}

enum rc house_backup_done(struct job_ctx *c, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(c->db, Q_BACKUP_PUT, &s, err));
	stmt_bind_text(s, 1, arena_fmt(c->a, "%lld", (long long)c->now_ms));
	return stmt_run(s, err);
}

enum rc house_backup_at(struct db *db, int64_t *out_at_ms, int64_t *out_founded_ms, struct err *err)
{
	struct stmt *s;
	bool row;
	*out_at_ms = *out_founded_ms = 0;
	TRY(db_prepare(db, Q_BACKUP, &s, err));
	TRY(stmt_step(s, &row, err));
	if (row && !str_i64(stmt_text(s, 0), out_at_ms))
		*out_at_ms = 0;
	stmt_reset(s);
	TRY(db_prepare(db, Q_FOUNDED, &s, err));
	TRY(stmt_step(s, &row, err));
	if (row)
		*out_founded_ms = stmt_i64(s, 0);
	stmt_reset(s);
	return RC_OK;
}

bool house_backup_is_old(int64_t at_ms, int64_t founded_ms, int64_t now_ms)
{
	return now_ms - (at_ms ? at_ms : founded_ms) > BACKUP_AGE_MAX_DAYS * DAY_MS;
}

static enum rc backup_age(struct job_ctx *c, void *user, const struct due_tick *t, struct err *err)
{
	const struct house *h = user;
	int64_t at, founded;
	(void)t;
	TRY(house_backup_at(c->db, &at, &founded, err));
	if (!house_backup_is_old(at, founded, c->now_ms))
		return RC_OK;
	c->detail = STR("backup overdue");
	return outbox_put(c, h->seal, STR("alert"), STR("backup"),
		arena_fmt(c->a, "backup: %lld", (long long)((c->now_ms - (at ? at : founded)) / DAY_MS)),
		err);
}

/* The instant at which the notice for an authorisation that ends on `to` is due. */
static int64_t notice_at(int32_t to)
{
	return (int64_t)(to - HOUSE_NOTICE_DAYS) * DAY_MS - clock_zone() * INT64_C(60000);
}

static enum rc authorisation_end(struct job_ctx *c, void *user, const struct due_tick *t, struct err *err)
{
	struct stmt *s;
	enum rc rc;
	char today[DATE_TEXT_BYTES], until[DATE_TEXT_BYTES];
	int32_t day = clock_day_of(c->now_ms);
	struct {
		int64_t id;
		int32_t to;
	} *list = NULL;
	size_t n = 0, cap = 0;
	(void)user, (void)t;
	date_text(day, today);
	date_text(day + HOUSE_NOTICE_DAYS, until);
	TRY(db_prepare(c->db, Q_ENDING, &s, err));
	stmt_bind_text(s, 1, str_of(today));
	stmt_bind_text(s, 2, str_of(until));
	while (stmt_next(s, &rc, err)) {
		list = arena_grow(c->a, list, n, &cap, sizeof *list);
		list[n].id = stmt_i64(s, 0);
		if (date_parse(stmt_text(s, 1), &list[n].to))
			n++;
	}
	TRY(rc);
	for (size_t i = 0; i < n; i++)
		TRY(due_plan(c->db, STR("authorisation.notice"),
			arena_fmt(c->a, "%lld", (long long)list[i].id), notice_at(list[i].to), err));
	return RC_OK;
}

static enum rc authorisation_notice(struct job_ctx *c, void *user, const struct due_tick *t, struct err *err)
{
	const struct house *h = user;
	struct stmt *s;
	char today[DATE_TEXT_BYTES];
	int64_t id, person;
	bool row;
	if (!str_i64(t->subject, &id))
		return RC_OK;
	date_text(clock_day_of(c->now_ms), today);
	TRY(db_prepare(c->db, Q_STANDS, &s, err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_text(s, 2, str_of(today));
	TRY(stmt_step(s, &row, err));
	person = row ? stmt_i64(s, 0) : 0;
	stmt_reset(s);
	if (!row)
		return RC_OK; /* revoked or over meanwhile */
	return outbox_put(c, h->seal, STR("alert"), arena_fmt(c->a, "person:%lld", (long long)person),
		arena_fmt(c->a, "authorisation:%lld", (long long)id), err);
}

static enum rc sign_head(struct job_ctx *c, void *user, const struct due_tick *t, struct err *err)
{
	const struct house *h = user;
	char line[AUDIT_HEAD_LINE_BYTES];
	struct stmt *s;
	bool row;
	(void)t;
	TRY(audit_head_sign(c, h->seal, line, err));
	TRY(db_prepare(c->db, Q_HEADS_TO, &s, err));
	TRY(stmt_step(s, &row, err));
	str to = row ? stmt_str(c->a, s, 0) : STR("");
	stmt_reset(s);
	return to.n ? outbox_put(c, h->seal, STR("mail"), to, str_of(line), err) : RC_OK;
}

enum rc house_retention_at(struct db *db, int64_t *out_at_ms, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, Q_RETENTION, &s, err));
	TRY(stmt_number(s, out_at_ms, err));
	return RC_OK;
}

static enum rc retention(struct job_ctx *c, void *user, const struct due_tick *t, struct err *err)
{
	const struct house *h = user;
	int64_t planned, rows = 0, at = c->now_ms + RETENTION_NOTICE_DAYS * DAY_MS;
	char day[DATE_TEXT_BYTES];
	(void)t;
	TRY(house_retention_at(c->db, &planned, err));
	if (planned || h->retain_due == NULL)
		return RC_OK;
	TRY(h->retain_due(c, &rows, err));
	if (rows == 0)
		return RC_OK;
	date_text(clock_day_of(at), day);
	c->detail = arena_fmt(c->a, "rows:%lld on:%s", (long long)rows, day);
	TRY(due_plan(c->db, STR("retention.run"), arena_fmt(c->a, "%lld", (long long)rows), at, err));
	return outbox_put(
		c, h->seal, STR("alert"), STR("retention"), arena_fmt(c->a, "retention: %s", day), err);
}

static enum rc retention_run(struct job_ctx *c, void *user, const struct due_tick *t, struct err *err)
{
	struct house *h = user;
	(void)c, (void)t, (void)err;
	h->retain_now = true; /* its jobs are its own: house_errands, behind the pass */
	return RC_OK;
}

static enum rc finder(struct job_ctx *c, void *user, const struct due_tick *t, struct err *err)
{
	struct house *h = user;
	(void)c, (void)t, (void)err;
	h->find_now = true;
	return RC_OK;
}

/* What an errand could not do is found due again by the next day's tick. */
static void errand(bool *now, enum rc (*run)(void *user, struct err *err), void *user)
{
	struct err err;
	bool asked = *now && run;
	*now = false;
	if (asked && run(user, &err) != RC_OK)
		return;
}

void house_errands(struct house *house)
{
	errand(&house->retain_now, house->retain, house->retain_user);
	errand(&house->find_now, house->find, house->find_user);
}

static enum rc files(struct job_ctx *c, void *user, const struct due_tick *t, struct err *err)
{
	const struct house *h = user;
	(void)t;
	return h->sweep_files ? h->sweep_files(c, err) : RC_OK;
}

static enum rc growth(struct job_ctx *c, void *user, const struct due_tick *t, struct err *err)
{
	const struct house *h = user;
	struct growth g;
	int32_t today = clock_day_of(c->now_ms);
	(void)t;
	TRY(growth_note(c, today, err));
	if (h->db_url == NULL)
		return RC_OK;
	TRY(growth_look(c->db, h->db_url, today, &g, err));
	if (!growth_is_full_soon(&g))
		return RC_OK;
	c->detail = STR("disk full soon");
	return outbox_put(c, h->seal, STR("alert"), STR("disk"),
		arena_fmt(c->a, "disk: %lld", (long long)g.full_in_days), err);
}

#define EVERY_HOUR 3600000
#define EVERY_DAY 86400000

const struct due_rule house_rules[] = {
	{"sweep", EVERY_HOUR, true, true, sweep},
	{"backup.age", EVERY_DAY, true, true, backup_age},
	{"authorisation.end", EVERY_DAY, true, true, authorisation_end},
	{"authorisation.notice", 0, false, false, authorisation_notice},
	{"audit.sign", EVERY_DAY, true, false, sign_head},
	{"retention", EVERY_DAY, true, true, retention},
	{"retention.run", 0, true, false, retention_run},
	{"finder", EVERY_DAY, true, true, finder},
	{"files", EVERY_DAY, true, true, files},
	{"growth", EVERY_DAY, true, true, growth},
};
const size_t house_rules_n = sizeof house_rules / sizeof *house_rules;

static void send_letters(void *user, struct writer *w, struct db *db)
{
	struct house *h = user;
	int sent, failed;
	int64_t now = clock_mono_us();
	house_errands(h);
	if (h->looked_us == 0)
		h->looked_us = now - (DAY_MS - EVERY_HOUR) * 1000;
	if (h->look && now - h->looked_us > DAY_MS * 1000) {
		h->looked_us = now;
		h->look(h->look_user);
	}
	if (outbox_send(w, db, h->seal, &sent, &failed, NULL) != RC_OK)
		return; /* looked at again in a second */
}

enum rc house_start(struct writer *w, const char *db_url, struct house *house,
	void (*log)(void *user, const struct due_tick *t, enum rc rc), struct due **out_due, struct err *err)
{
	struct due *d = due_new(w, db_url, house_rules, house_rules_n, house, log);
	due_after(d, send_letters);
	enum rc rc = due_start(d, err);
	if (rc != RC_OK) {
		due_free(d);
		return rc;
	}
	*out_due = d;
	return RC_OK;
}
