/* keys.c -- see keys.h. */
#include "register/keys.h"
#include "base/clock.h"
#include "guard/keystore.h"
#include "guard/seal.h"
#include "register/reindex.h"
#include "register/reseal.h"

static const char Q_SETTING[] = "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) "
				"DO UPDATE SET value = excluded.value";

static const char Q_BEGUN[] = "SELECT CAST(value AS BIGINT) FROM setting WHERE name = 'key_rotate_at'";

struct noted {
	const char *action, *setting;
	str detail;
};

static enum rc note_job(struct job_ctx *c, void *arg, struct err *err)
{
	const struct noted *n = arg;
	struct stmt *s;
	c->action = str_of(n->action);
	c->subject = STR("keys");
	c->detail = n->detail;
	if (!actor_is_operator(c->actor))
		return FAIL(
			err, RC_DENIED, "only the operator, who holds database and key file, may do this");
	if (n->setting == NULL)
		return RC_OK;
	TRY(db_prepare(c->db, Q_SETTING, &s, err));
	stmt_bind_text(s, 1, str_of(n->setting));
	stmt_bind_text(s, 2, arena_fmt(c->a, "%lld", (long long)c->now_ms));
	return stmt_run(s, err);
}

enum rc keys_note(struct city *c, const struct actor *actor, const char *action, const char *setting,
	str detail, struct err *err)
{
	struct noted n = {action, setting, detail};
	struct arena a = {0};
	enum rc rc = city_run(c, actor, &a, (str){NULL, 0}, note_job, &n, err);
	arena_done(&a);
	return rc;
}

/* ---- keys without rows ---- */

struct rows {
	struct db *db;
	const char *sql;
};

static enum rc stands(void *user, int64_t subject, bool *out, struct err *err)
{
	const struct rows *r = user;
	struct stmt *s;
	TRY(db_prepare(r->db, r->sql, &s, err));
	stmt_bind_i64(s, 1, subject);
	TRY(stmt_step(s, out, err));
	stmt_reset(s);
	return RC_OK;
}

static enum rc sweep_job(struct job_ctx *c, void *arg, struct err *err)
{
	int64_t *orphans = arg, gone;
	const struct model *m = job_city(c)->model;
	*orphans = 0;
	for (size_t i = 0; i < m->regs_n; i++) {
		str sql = arena_fmt(c->a, "SELECT 1 FROM \"%.*s\" WHERE \"id\" = ?1", STR_ARG(m->regs[i].id));
		struct rows r = {c->db, sql.p};
		TRY(keystore_sweep(seal_store(job_city(c)->seal), m->regs[i].id, stands, &r, &gone, err));
		*orphans += gone;
	}
	c->action = STR("key_sweep");
	c->subject = STR("keys");
	c->detail = arena_fmt(c->a, "orphans:%lld", (long long)*orphans);
	return RC_OK;
}

enum rc keys_rotate(struct city *c, const struct actor *actor, int suite, bool index,
	void (*told)(void *user, int64_t values), void *user, struct keys_rotated *out, struct err *err)
{
	struct arena a = {0};
	struct keystore *store = seal_store(c->seal);
	*out = (struct keys_rotated){0};
	TRY(keys_note(c, actor, "key_rotate", "key_rotate_at", (str){NULL, 0}, err));
	if (suite)
		TRY(keystore_suite_set(store, suite, err));
	TRY(reseal_all(c, actor, told, user, &out->values, err));
	enum rc rc = city_run(c, actor, &a, (str){NULL, 0}, sweep_job, &out->orphans, err);
	arena_done(&a);
	if (rc == RC_OK && index)
		rc = reindex_all(c, actor, told, user, &out->indexed, err);
	/* Moves the store's epoch: other processes look up the index's generation too; then nobody asks for the entries
	 * under the key before. */
	if (rc == RC_OK)
		rc = keystore_rotate(store, clock_now_ms(), &out->keys, err);
	return rc == RC_OK ? reindex_sweep(c, actor, err) : rc;
}

enum rc keys_left(struct reader *r, struct keys_left *out, struct err *err)
{
	struct keystore_state keys;
	struct reindex_left left;
	struct stmt *s;
	int64_t begun;
	*out = (struct keys_left){0};
	TRY(keystore_state(seal_store(r->city->seal), &keys, err));
	TRY(reindex_left(r, &left, err));
	TRY(db_prepare(r->db, Q_BEGUN, &s, err));
	TRY(stmt_number(s, &begun, err));
	out->begun_at_ms = begun > keys.generation_at_ms ? begun : 0;
	out->index = left.next;
	out->old_entries = left.old;
	return RC_OK;
}
