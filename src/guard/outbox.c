/* outbox.c -- see outbox.h. */
#include "guard/outbox.h"
#include "base/clock.h"
#include "base/file.h"
#include "guard/seal.h"
#include "net/outbound.h"

enum { SEND_MAX = 100, MINUTE_MS = 60000 };

static const char Q_NEXT[] = "SELECT coalesce(max(id), 0) + 1 FROM outbox";
static const char Q_PUT[] = "INSERT INTO outbox(id, kind, address, body, made_at, tries, next_at)"
			    " VALUES (?1, ?2, ?3, ?4, ?5, 0, ?5)";
static const char Q_WAITING[] = "SELECT id, kind, address, body, tries FROM outbox WHERE sent_at IS NULL"
				" AND next_at <= ?1 AND tries < ?2 ORDER BY id LIMIT 100";
static const char Q_SENT[] =
	"UPDATE outbox SET sent_at = ?2, tries = tries + 1 WHERE id = ?1 AND sent_at IS NULL";
static const char Q_FAILED[] = "UPDATE outbox SET tries = ?3, next_at = ?2 WHERE id = ?1 AND sent_at IS NULL";
static const char Q_SETTING[] = "SELECT value FROM setting WHERE name = ?1";

static const char *const kinds[] = {"alert", "mail", "hook", "file"};

static struct seal_place place(const char *column, int64_t id)
{
	return (struct seal_place){
		.table = STR("outbox"), .column = str_of(column), .row = id, .kind = SEAL_CITY, .subject = 0};
}

enum rc outbox_put(struct job_ctx *c, struct seal *seal, str kind, str address, str body, struct err *err)
{
	struct stmt *s;
	bool row, known = false;
	str sealed_address, sealed_body;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		known = known || str_is(kind, kinds[i]);
	if (!known || address.n == 0 || address.n > 500 || body.n > OUTBOX_BODY_MAX_BYTES)
		return FAIL(err, RC_INVALID, "this is no message that can be sent");
	TRY(db_prepare(c->db, Q_NEXT, &s, err));
	TRY(stmt_step(s, &row, err));
	int64_t id = row ? stmt_i64(s, 0) : 1;
	stmt_reset(s);
	struct seal_place at = place("address", id), bt = place("body", id);
	TRY(seal_put(c->a, seal, &at, address, &sealed_address, err));
	TRY(seal_put(c->a, seal, &bt, body, &sealed_body, err));
	TRY(db_prepare(c->db, Q_PUT, &s, err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_text(s, 2, kind);
	stmt_bind_blob(s, 3, sealed_address);
	stmt_bind_blob(s, 4, sealed_body);
	stmt_bind_i64(s, 5, c->now_ms);
	return stmt_run(s, err);
}

/* ---- sending ---- */

struct channels {
	str mail, from, hook, folder, alerts;
};

static enum rc setting(struct db *db, struct arena *a, const char *name, str *out, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, Q_SETTING, &s, err));
	stmt_bind_text(s, 1, str_of(name));
	TRY(stmt_step(s, &row, err));
	*out = row ? stmt_str(a, s, 0) : (str){0};
	stmt_reset(s);
	return RC_OK;
}

static enum rc channels_read(struct db *db, struct arena *a, struct channels *ch, struct err *err)
{
	TRY(setting(db, a, "outbox.mail", &ch->mail, err));
	TRY(setting(db, a, "outbox.from", &ch->from, err));
	TRY(setting(db, a, "outbox.hook", &ch->hook, err));
	TRY(setting(db, a, "outbox.alerts", &ch->alerts, err));
	return setting(db, a, "outbox.folder", &ch->folder, err);
}

struct message {
	int64_t id, tries;
	str kind, address, body;
};

static bool is_name(str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			    c == '-' || c == '_'))
			return false;
	}
	return s.n > 0 && s.n <= 100;
}

static enum rc to_folder(
	struct arena *a, const struct channels *ch, str name, str body, int64_t id, struct err *err)
{
	if (!is_name(name))
		return FAIL(err, RC_INVALID, "this is no address that messages may go to");
	return file_write(
		arena_printf(a, "%.*s/%lld-%.*s.txt", STR_ARG(ch->folder), (long long)id, STR_ARG(name)),
		body, err);
}

/* RC_NOT_FOUND: no such channel is set up. */
static enum rc hand_over(struct arena *a, const struct channels *ch, const struct message *m, struct err *err)
{
	str id = arena_fmt(a, "outbox-%lld", (long long)m->id);
	bool alert = str_is(m->kind, "alert");
	str to = alert ? ch->alerts : m->address;
	if ((alert || str_is(m->kind, "mail")) && ch->mail.n && ch->from.n && to.n)
		return outbound_mail(a, ch->mail.p, ch->from.p, to, STR("青禾"), m->body, id, err);
	if ((alert || str_is(m->kind, "hook")) && ch->hook.n)
		return outbound_post(a, ch->hook.p, alert ? STR("/alert") : m->address, m->body, id, err);
	if ((alert || str_is(m->kind, "file")) && ch->folder.n)
		return to_folder(a, ch, alert ? STR("alert") : m->address, m->body, m->id, err);
	return FAIL(err, RC_NOT_FOUND, "nothing is set up for messages of this kind");
}

struct outcome {
	const struct message *m;
	enum rc rc;
};

static enum rc outcome_job(struct job_ctx *c, void *arg, struct err *err)
{
	const struct outcome *o = arg;
	struct stmt *s;
	int64_t tries = o->rc == RC_INVALID ? OUTBOX_TRIES_MAX : o->m->tries + 1;
	int64_t minutes = o->m->tries < 10 ? INT64_C(1) << o->m->tries : 1440;
	c->action = STR("outbox");
	c->subject = arena_fmt(c->a, "outbox:%lld", (long long)o->m->id);
	c->detail = o->rc == RC_OK ? STR("sent") : tries == OUTBOX_TRIES_MAX ? STR("given up") : STR("again");
	TRY(db_prepare(c->db, o->rc == RC_OK ? Q_SENT : Q_FAILED, &s, err));
	stmt_bind_i64(s, 1, o->m->id);
	stmt_bind_i64(s, 2, o->rc == RC_OK ? c->now_ms : c->now_ms + minutes * MINUTE_MS);
	if (o->rc != RC_OK)
		stmt_bind_i64(s, 3, tries);
	return stmt_run(s, err);
}

static enum rc read_waiting(
	struct db *db, struct arena *a, struct message *out, size_t *out_n, struct err *err)
{
	struct stmt *s;
	bool row;
	*out_n = 0;
	TRY(db_prepare(db, Q_WAITING, &s, err));
	stmt_bind_i64(s, 1, clock_now_ms());
	stmt_bind_i64(s, 2, OUTBOX_TRIES_MAX);
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row || *out_n == SEND_MAX)
			break;
		out[(*out_n)++] =
			(struct message){stmt_i64(s, 0), stmt_i64(s, 4), stmt_str(a, s, 1), {0}, {0}};
		out[*out_n - 1].address = arena_str(a, stmt_blob(s, 2));
		out[*out_n - 1].body = arena_str(a, stmt_blob(s, 3));
	}
	stmt_reset(s);
	return RC_OK;
}

static enum rc open_message(struct arena *a, struct seal *seal, struct message *m, struct err *err)
{
	struct seal_place at = place("address", m->id), bt = place("body", m->id);
	TRY(seal_get(a, seal, &at, m->address, &m->address, err));
	return seal_get(a, seal, &bt, m->body, &m->body, err);
}

static enum rc send_one(struct writer *w, struct seal *seal, const struct channels *ch, struct message *m,
	bool *out_sent, bool *out_tried, struct err *err)
{
	struct arena a = {0};
	struct err why = {0};
	enum rc rc = open_message(&a, seal, m, &why);
	if (rc == RC_OK)
		rc = hand_over(&a, ch, m, &why);
	else
		rc = RC_INVALID;
	*out_sent = rc == RC_OK;
	*out_tried = rc != RC_NOT_FOUND;
	if (*out_tried) {
		struct outcome o = {m, rc};
		struct job job = {.actor = actor_operator(), .run = outcome_job, .arg = &o, .a = &a};
		rc = writer_run(w, &job, err);
	} else {
		rc = RC_OK;
	}
	arena_done(&a);
	return rc;
}

enum rc outbox_send(
	struct writer *w, struct db *db, struct seal *seal, int *out_sent, int *out_failed, struct err *err)
{
	struct arena a = {0};
	struct channels ch = {0};
	struct message *m = NEWS(&a, SEND_MAX, struct message);
	size_t n = 0;
	*out_sent = *out_failed = 0;
	enum rc rc = channels_read(db, &a, &ch, err);
	if (rc == RC_OK && (ch.mail.n || ch.hook.n || ch.folder.n))
		rc = read_waiting(db, &a, m, &n, err);
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		bool sent, tried;
		rc = send_one(w, seal, &ch, &m[i], &sent, &tried, err);
		*out_sent += sent;
		*out_failed += tried && !sent;
	}
	arena_done(&a);
	return rc;
}

/* ---- setting up ---- */

static const char Q_COUNT[] =
	"SELECT CAST(coalesce(SUM(CASE WHEN sent_at IS NULL AND tries < ?1 THEN 1 ELSE 0 END), 0) AS BIGINT),"
	" CAST(coalesce(SUM(CASE WHEN sent_at IS NULL AND tries >= ?1 THEN 1 ELSE 0 END), 0) AS BIGINT),"
	" CAST(coalesce(SUM(CASE WHEN sent_at IS NULL THEN 0 ELSE 1 END), 0) AS BIGINT) FROM outbox";
static const char Q_SET[] = "INSERT INTO setting(name, value) VALUES (?1, ?2)"
			    " ON CONFLICT (name) DO UPDATE SET value = excluded.value";
static const char Q_UNSET[] = "DELETE FROM setting WHERE name = ?1";

enum rc outbox_count(struct db *db, struct outbox_count *out, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, Q_COUNT, &s, err));
	stmt_bind_i64(s, 1, OUTBOX_TRIES_MAX);
	TRY(stmt_step(s, &row, err));
	*out = (struct outbox_count){0};
	if (row)
		*out = (struct outbox_count){stmt_i64(s, 0), stmt_i64(s, 1), stmt_i64(s, 2)};
	stmt_reset(s);
	return RC_OK;
}

static bool may_stand(struct arena *a, str name, str value)
{
	const char *v = arena_cstr(a, value);
	if (str_is(name, "mail"))
		return outbound_may(v, true);
	if (str_is(name, "hook"))
		return outbound_may(v, false);
	if (str_is(name, "folder"))
		return value.n < 1000;
	return str_find_byte(value, '@') != SIZE_MAX && value.n < 200;
}

enum rc outbox_set(struct job_ctx *c, str name, str value, struct err *err)
{
	static const char *const names[] = {"mail", "from", "alerts", "heads", "hook", "folder"};
	struct stmt *s;
	bool known = false;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		known = known || str_is(name, names[i]);
	if (!actor_is_operator(c->actor) && !actor_has_role(c->actor, STR("sysadmin")))
		return FAIL(err, RC_DENIED, "only the system administrator sets where messages go");
	if (!known)
		return FAIL(err, RC_INVALID, "the settings are mail, from, alerts, heads, hook and folder");
	if (value.n > 0 && !may_stand(c->a, name, value))
		return FAIL(err, RC_INVALID,
			"this is no address for it: mail wants smtps://HOST, hook https://HOST/PATH, from "
			"and alerts a mail "
			"address");
	TRY(db_prepare(c->db, value.n ? Q_SET : Q_UNSET, &s, err));
	stmt_bind_text(s, 1, arena_fmt(c->a, "outbox.%.*s", STR_ARG(name)));
	if (value.n)
		stmt_bind_text(s, 2, value);
	return stmt_run(s, err);
}
