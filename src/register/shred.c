/* shred.c -- see shred.h. */
#include "register/shred.h"
#include "base/buf.h"
#include "base/clock.h"
#include "guard/keystore.h"
#include "guard/seal.h"
#include "guard/session.h"
#include "register/person.h"
#include "register/plan.h"
#include "register/row.h"

static const char Q_MERGED[] =
	"SELECT gone FROM person_merge WHERE kept = ?1 AND undone_at IS NULL ORDER BY gone";
static const char Q_SHREDDED[] = "SELECT subject, at, seq FROM audit WHERE action = 'shred' AND result = 'ok'"
				 " UNION ALL SELECT subject, at, seq FROM audit_shredded ORDER BY 3";
static const char Q_ACCOUNT_END[] =
	"UPDATE account SET handle = ?2, password = NULL, totp = NULL, disabled = 1 WHERE person = ?1";
static const char Q_CLAIMS_END[] = "DELETE FROM claim WHERE person = ?1";
static const char Q_RECOVERY_END[] = "DELETE FROM recovery WHERE person = ?1";
static const char Q_DEVICES_END[] = "DELETE FROM device WHERE person = ?1";
static const char Q_TOKENS_END[] = "DELETE FROM token WHERE person = ?1";

enum { REASON_MAX_BYTES = 300, PEOPLE_MAX = 1000 };

/* ---- who ---- */

struct asked {
	int64_t people[PEOPLE_MAX];
	int n;
	str reason;
};

static enum rc add_merged(struct job_ctx *c, struct asked *x, int64_t kept, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(c->db, Q_MERGED, &s, err));
	stmt_bind_i64(s, 1, kept);
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		bool known = x->n == PEOPLE_MAX;
		for (int i = 0; i < x->n; i++)
			known = known || x->people[i] == stmt_i64(s, 0);
		if (!known)
			x->people[x->n++] = stmt_i64(s, 0);
	}
}

/* The audit's row of the decision; nothing is changed yet. The reason is not kept: words about a person do not outlive
 * the person, and an audit row cannot be taken back. */
static enum rc ask_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct asked *x = arg;
	struct record *rec;
	int64_t person = x->people[0];
	c->action = STR("shred");
	c->subject = arena_fmt(c->a, "person:%lld", (long long)person);
	if (!actor_is_operator(c->actor))
		return FAIL(err, RC_DENIED, "only the operator destroys a person's key");
	TRY(row_get(
		c->a, c->db, job_city(c), model_reg(job_city(c)->model, STR("person")), person, &rec, err));
	x->n = 1;
	for (int i = 0; i < x->n; i++)
		TRY(add_merged(c, x, x->people[i], err));
	struct hash h = hash_of(seal_hash(job_city(c)->seal), x->reason);
	c->detail = arena_fmt(c->a, "people:%d reason:%.*s", x->n, STR_ARG(hex_str(c->a, h.b, 8)));
	return RC_OK;
}

/* ---- what could still tell ---- */

static enum rc run_for(struct job_ctx *c, const char *sql, int64_t person, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(c->db, sql, &s, err));
	stmt_bind_i64(s, 1, person);
	return stmt_run(s, err);
}

static enum rc clear_register(struct job_ctx *c, const struct reg *reg, int64_t person, struct err *err)
{
	const struct reg_plan *p = &job_city(c)->plans[reg->at];
	bool self = str_is(reg->id, "person");
	if (!self && reg->person == NULL)
		return RC_OK;
	str key = self ? STR("id") : reg->person->id;
	for (size_t i = 0; i < p->blind_n; i++)
		TRY(run_for(c,
			arena_fmt(c->a, "UPDATE \"%.*s\" SET \"%.*s_blind\" = NULL WHERE \"%.*s\" = ?1",
				STR_ARG(reg->id), STR_ARG(p->blind[i]->id), STR_ARG(key))
				.p,
			person, err));
	return run_for(c,
		arena_fmt(c->a,
			"DELETE FROM imported WHERE register = '%.*s' AND \"row\" IN (SELECT \"id\" FROM "
			"\"%.*s\" "
			"WHERE \"%.*s\" = ?1)",
			STR_ARG(reg->id), STR_ARG(reg->id), STR_ARG(key))
			.p,
		person, err);
}

static enum rc clear_account(struct job_ctx *c, int64_t person, struct err *err)
{
	struct stmt *s;
	TRY(session_end_all(c, person, err));
	TRY(run_for(c, Q_CLAIMS_END, person, err));
	TRY(run_for(c, Q_RECOVERY_END, person, err));
	TRY(run_for(c, Q_DEVICES_END, person, err));
	TRY(run_for(c, Q_TOKENS_END, person, err));
	TRY(db_prepare(c->db, Q_ACCOUNT_END, &s, err));
	stmt_bind_i64(s, 1, person);
	stmt_bind_text(s, 2, arena_fmt(c->a, "gone-%lld", (long long)person));
	return stmt_run(s, err);
}

struct open_notes {
	const struct shred_note *list;
	size_t n;
	int64_t people;
};

static enum rc clear_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct open_notes *x = arg;
	const struct model *m = job_city(c)->model;
	x->people = 0;
	for (size_t i = 0; i < x->n; i++) {
		if (!str_eq(x->list[i].kind, SEAL_PERSON))
			continue;
		int64_t person = x->list[i].subject;
		TRY(person_forget(c, person, err));
		for (size_t k = 0; k < m->regs_n; k++)
			TRY(clear_register(c, &m->regs[k], person, err));
		TRY(clear_account(c, person, err));
		x->people++;
	}
	c->action = STR("shred_settled");
	c->subject = x->people == 1 ? arena_fmt(c->a, "person:%lld", (long long)x->list[0].subject)
				    : STR("person");
	c->detail = arena_fmt(c->a, "people:%lld", (long long)x->people);
	return RC_OK;
}

enum rc shred_replay(struct city *c, int64_t *out_n, struct err *err)
{
	struct arena a = {0};
	struct shred_note *list;
	struct open_notes x = {0};
	struct actor operator= actor_operator();
	*out_n = 0;
	if (seal_store(c->seal) == NULL)
		return RC_OK;
	enum rc rc = keystore_notes(seal_store(c->seal), &a, true, &list, &x.n, err);
	x.list = list;
	if (rc == RC_OK && x.n > 0)
		rc = city_run(c, &operator, & a, (str){NULL, 0}, clear_job, &x, err);
	for (size_t i = 0; rc == RC_OK && i < x.n; i++)
		rc = keystore_settled(seal_store(c->seal), list[i].kind, list[i].subject, err);
	*out_n = x.people;
	arena_done(&a);
	return rc;
}

enum rc person_shred(struct city *c, const struct actor *actor, struct arena *a, int64_t person, str reason,
	int *out_people, struct err *err)
{
	struct asked x = {.people = {person}, .n = 1, .reason = reason};
	int64_t settled;
	if (str_trim(reason).n == 0 || reason.n > REASON_MAX_BYTES)
		return FAIL(err, RC_INVALID,
			"a reason of at most %d bytes is needed: it is what the audit vouches for",
			(int)REASON_MAX_BYTES);
	TRY(city_run(c, actor, a, (str){NULL, 0}, ask_job, &x, err));
	for (int i = 0; i < x.n; i++)
		TRY(seal_shred(c->seal, SEAL_PERSON, x.people[i], clock_now_ms(), err));
	*out_people = x.n;
	return shred_replay(c, &settled, err);
}

/* ---- an older key store, or an older database ---- */

struct notes {
	struct shred_note *list;
	size_t n, cap;
};

static void add(struct arena *a, struct notes *x, int64_t person, int64_t at_ms)
{
	x->list = arena_grow(a, x->list, x->n, &x->cap, sizeof *x->list);
	x->list[x->n++] = (struct shred_note){.kind = SEAL_PERSON, .subject = person, .at_ms = at_ms};
}

static enum rc audited(struct db *db, struct arena *a, struct notes *x, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, Q_SHREDDED, &s, err));
	for (;;) {
		int64_t person;
		str subject;
		TRY(stmt_step(s, &row, err));
		if (!row)
			break;
		subject = stmt_text(s, 0);
		if (str_starts(subject, STR("person:")) && str_i64(str_from(subject, 7), &person))
			add(a, x, person, stmt_i64(s, 1));
	}
	for (size_t i = 0; i < x->n; i++) {
		TRY(db_prepare(db, Q_MERGED, &s, err));
		stmt_bind_i64(s, 1, x->list[i].subject);
		for (;;) {
			TRY(stmt_step(s, &row, err));
			if (!row)
				break;
			add(a, x, stmt_i64(s, 0), x->list[i].at_ms);
		}
	}
	return RC_OK;
}

enum rc shred_from_audit(struct db *db, struct keystore *keys, int64_t *out_n, struct err *err)
{
	struct arena a = {0};
	struct notes x = {0};
	struct shred_note *list;
	size_t n = 0;
	enum rc rc = audited(db, &a, &x, err);
	if (rc == RC_OK)
		rc = keystore_replay(keys, x.list, x.n, err);
	if (rc == RC_OK)
		rc = keystore_notes(keys, &a, false, &list, &n, err);
	*out_n = (int64_t)n;
	arena_done(&a);
	return rc;
}
