/* reindex.c -- see reindex.h. */
#include "register/reindex.h"
#include "base/buf.h"
#include "base/clock.h"
#include "guard/keystore.h"
#include "register/person.h"
#include "register/plan.h"
#include "register/retain.h"
#include "register/row.h"

enum { SLICE_ROWS = 500, SLICE_US = 150000, PAUSE_US = 20000, SWEEP_ENTRIES = 20000 };

static const char Q_SETTING[] = "SELECT value FROM setting WHERE name = ?1";
static const char Q_PUT[] = "INSERT INTO setting(name, value) VALUES (?1, ?2)"
			    " ON CONFLICT (name) DO UPDATE SET value = excluded.value";
static const char Q_UNPUT[] = "DELETE FROM setting WHERE name = ?1";
static const char Q_STANDS[] = "SELECT 1 FROM find WHERE person = ?1 LIMIT 1";
static const char Q_BETWEEN[] = "DELETE FROM find WHERE person > ?1 AND person <= ?2";
static const char Q_LAST[] = "SELECT MAX(person) FROM (SELECT person FROM find WHERE person > ?1 AND person "
			     "<= ?3 ORDER BY person LIMIT ?2) s";
static const char Q_TOP[] = "SELECT MAX(person) FROM find";
static const char Q_SWEEP[] = "DELETE FROM find WHERE person > ?1 AND person <= ?2 AND generation < ?3";

static const char Q_OLD[] = "SELECT COUNT(*) FROM find WHERE generation < ?1";

/* ---- what the settings say ---- */

static const char GENERATION[] = "blind_generation", NEXT[] = "blind_next";

/* "GENERATION" or "GENERATION AFTER REGISTER"; zeros where there is none. */
struct standing {
	int64_t generation, after;
	str reg;
};

static enum rc setting(
	struct arena *a, struct db *db, const char *name, struct standing *out, struct err *err)
{
	struct stmt *s;
	bool row;
	*out = (struct standing){0};
	TRY(db_prepare(db, Q_SETTING, &s, err));
	stmt_bind_text(s, 1, str_of(name));
	TRY(stmt_step(s, &row, err));
	if (!row)
		return RC_OK;
	str rest = arena_str(a, stmt_text(s, 0));
	stmt_reset(s);
	bool fits = str_i64(str_cut(rest, ' ', &rest), &out->generation);
	if (fits && rest.n)
		fits = str_i64(str_cut(rest, ' ', &rest), &out->after);
	out->reg = rest;
	return fits ? RC_OK : FAIL(err, RC_INVALID, "the setting %s of this city cannot be read", name);
}

static enum rc put(struct job_ctx *c, const char *name, str value, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(c->db, Q_PUT, &s, err));
	stmt_bind_text(s, 1, str_of(name));
	stmt_bind_text(s, 2, value);
	return stmt_run(s, err);
}

enum rc reindex_fresh(struct city *c, struct db *db, struct err *err)
{
	struct standing in_use, next;
	struct arena a = {0};
	enum rc rc = setting(&a, db, GENERATION, &in_use, err);
	if (rc == RC_OK)
		rc = setting(&a, db, NEXT, &next, err);
	arena_done(&a);
	TRY(rc);
	seal_index_use(c->seal, in_use.generation, next.generation);
	return RC_OK;
}

enum rc reindex_left(struct reader *r, struct reindex_left *out, struct err *err)
{
	struct standing in_use, next;
	struct stmt *s;
	TRY(setting(r->a, r->db, GENERATION, &in_use, err));
	TRY(setting(r->a, r->db, NEXT, &next, err));
	*out = (struct reindex_left){.next = next.generation};
	TRY(db_prepare(r->db, Q_OLD, &s, err));
	stmt_bind_i64(s, 1, in_use.generation);
	return stmt_number(s, &out->old, err);
}

/* ---- rows ---- */

/* The ids of a register behind `after`, a slice of them. */
static enum rc ids_of(struct job_ctx *c, const struct reg *reg, int64_t after, int64_t ids[SLICE_ROWS],
	size_t *out_n, struct err *err)
{
	struct stmt *s;
	str sql = arena_fmt(c->a, "SELECT \"id\" FROM \"%.*s\" WHERE \"id\" > ?1 ORDER BY \"id\" LIMIT %d",
		STR_ARG(reg->id), (int)SLICE_ROWS);
	*out_n = 0;
	TRY(db_prepare(c->db, sql.p, &s, err));
	stmt_bind_i64(s, 1, after);
	while (*out_n < SLICE_ROWS) {
		bool row;
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		ids[(*out_n)++] = stmt_i64(s, 0);
	}
	stmt_reset(s);
	return RC_OK;
}

static enum rc blind_columns(struct job_ctx *c, struct arena *a, const struct record *rec, struct err *err)
{
	struct city *city = job_city(c);
	const struct reg_plan *p = &city->plans[rec->reg->at];
	struct buf b AUTO(buf_done) = {0};
	struct stmt *s;
	if (p->blind_n == 0)
		return RC_OK;
	buf_printf(&b, "UPDATE \"%.*s\" SET ", STR_ARG(rec->reg->id));
	for (size_t i = 0; i < p->blind_n; i++)
		buf_printf(&b, "%s\"%.*s_blind\" = ?%d", i ? ", " : "", STR_ARG(p->blind[i]->id), (int)i + 2);
	buf_puts(&b, " WHERE \"id\" = ?1");
	TRY(db_prepare(c->db, arena_cstr(c->a, buf_str(&b)), &s, err));
	stmt_bind_i64(s, 1, rec->id);
	for (size_t i = 0; i < p->blind_n; i++)
		row_bind_blind(a, city, rec->reg, p->blind[i], &rec->values[p->blind[i]->at],
			row_entered(city), s, (int)i + 2);
	return stmt_run(s, err);
}

/* A row that stands for people past their term has no name of its own: nobody finds it. */
static bool has_name(const struct record *rec)
{
	const struct field *name = reg_field(rec->reg, STR("name"));
	const struct value *v = name ? &rec->values[name->at] : NULL;
	return v && v->kind == V_TEXT && !str_is(v->t, RETAIN_NAMELESS);
}

static enum rc is_found(struct job_ctx *c, int64_t person, bool *out, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(c->db, Q_STANDS, &s, err));
	stmt_bind_i64(s, 1, person);
	TRY(stmt_step(s, out, err));
	stmt_reset(s);
	return RC_OK;
}

/* anew: a person is found who is not void; else who is found today. */
static enum rc one(struct job_ctx *c, const struct reg *reg, int64_t id, bool anew, struct err *err)
{
	struct arena a = {0}, *kept = c->a;
	struct record *rec;
	bool stands = false;
	enum rc rc = row_get(&a, c->db, job_city(c), reg, id, &rec, err);
	if (rc == RC_OK)
		rc = blind_columns(c, &a, rec, err);
	if (rc == RC_OK && anew)
		stands = str_is(reg->id, "person") && !str_is(rec->state, "void");
	else if (rc == RC_OK && str_is(reg->id, "person"))
		rc = is_found(c, id, &stands, err);
	c->a = &a;
	if (rc == RC_OK && stands && has_name(rec)) {
		rec->version = 1; /* what stands stays: entries are only added */
		rc = person_index(c, rec, err);
	}
	c->a = kept;
	arena_done(&a);
	return rc;
}

static bool is_indexed(const struct city *city, const struct reg *reg)
{
	return city->plans[reg->at].blind_n > 0 || str_is(reg->id, "person");
}

/* ---- slices ---- */

struct slice {
	int64_t next, rows; /* rows: of this slice */
	size_t reg;         /* in the model: the register that is gone through, behind its row `after` */
	int64_t after;
	int64_t until; /* of a sweep: whoever is entered after its beginning is under the key in use */
	bool done;
};

static enum rc operator_only(const struct job_ctx *c, struct err *err)
{
	return actor_is_operator(c->actor)
		       ? RC_OK
		       : FAIL(err, RC_DENIED, "only the operator changes the key of the indexes");
}

static enum rc stand_at(struct job_ctx *c, const struct slice *x, struct err *err)
{
	return put(c, NEXT,
		arena_fmt(c->a, "%lld %lld %.*s", (long long)x->next, (long long)x->after,
			STR_ARG(job_city(c)->model->regs[x->reg].id)),
		err);
}

/* The first register from x->reg on that has an index; done where there is none. */
static void next_register(const struct city *city, struct slice *x)
{
	while (x->reg < city->model->regs_n && !is_indexed(city, &city->model->regs[x->reg]))
		x->reg++;
	x->done = x->reg == city->model->regs_n;
}

/* From its commit on every writer enters what it writes under the new key. One that was broken off goes on. */
static enum rc begin_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct slice *x = arg;
	struct city *city = job_city(c);
	struct standing in_use, next;
	c->action = STR("reindex");
	c->subject = STR("keys");
	TRY(operator_only(c, err));
	TRY(setting(c->a, c->db, GENERATION, &in_use, err));
	TRY(setting(c->a, c->db, NEXT, &next, err));
	*x = (struct slice){.next = in_use.generation + 1};
	const struct reg *reg = next.generation == x->next ? model_reg(city->model, next.reg) : NULL;
	if (reg) { /* where the register is gone, from the beginning: what is done already only costs time */
		x->reg = (size_t)reg->at;
		x->after = next.after;
	}
	next_register(city, x);
	if (!x->done)
		TRY(stand_at(c, x, err));
	c->detail = arena_fmt(c->a, "generation:%lld after:%lld", (long long)x->next, (long long)x->after);
	return RC_OK;
}

static enum rc slice_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct slice *into = arg, x = *into; /* may run again: nothing is kept until it has succeeded */
	struct city *city = job_city(c);
	const struct reg *reg = &city->model->regs[x.reg];
	int64_t ids[SLICE_ROWS], until = clock_mono_us() + SLICE_US;
	size_t n, k = 0;
	c->action = STR("reindex");
	c->subject = reg->id;
	TRY(operator_only(c, err));
	TRY(ids_of(c, reg, x.after, ids, &n, err));
	for (; k < n && (k == 0 || clock_mono_us() < until); k++)
		TRY(one(c, reg, ids[k], false, err));
	x.rows = (int64_t)k;
	x.after = k ? ids[k - 1] : x.after;
	c->detail = arena_fmt(c->a, "generation:%lld rows:%lld", (long long)x.next, (long long)x.rows);
	if (k == n && n < SLICE_ROWS) {
		x.reg++;
		x.after = 0;
		next_register(city, &x);
	}
	if (!x.done)
		TRY(stand_at(c, &x, err));
	*into = x;
	return RC_OK;
}

/* Every row is under the new key, people under both: from here on the new one is asked. */
static enum rc swap_job(struct job_ctx *c, void *arg, struct err *err)
{
	const struct slice *x = arg;
	struct stmt *s;
	c->action = STR("reindex");
	c->subject = STR("keys");
	c->detail = arena_fmt(c->a, "generation:%lld in use", (long long)x->next);
	TRY(operator_only(c, err));
	TRY(put(c, GENERATION, arena_fmt(c->a, "%lld", (long long)x->next), err));
	TRY(db_prepare(c->db, Q_UNPUT, &s, err));
	stmt_bind_text(s, 1, str_of(NEXT));
	return stmt_run(s, err);
}

/* One job; then others get their turn: who waits for the lock of an SQLite file looks every millisecond or oftener. */
static enum rc turn(struct city *c, const struct actor *actor,
	enum rc (*run)(struct job_ctx *, void *, struct err *), struct slice *x, struct err *err)
{
	struct arena a = {0};
	enum rc rc = city_run(c, actor, &a, (str){NULL, 0}, run, x, err);
	arena_done(&a);
	if (rc == RC_OK && !x->done)
		clock_sleep_us(PAUSE_US);
	return rc;
}

enum rc reindex_all(struct city *c, const struct actor *actor, void (*told)(void *user, int64_t rows),
	void *user, int64_t *out_rows, struct err *err)
{
	struct slice x = {0};
	*out_rows = 0;
	TRY(turn(c, actor, begin_job, &x, err));
	seal_index_use(c->seal, x.next - 1, x.next);
	enum rc rc =
		keystore_touch(seal_store(c->seal), err); /* whoever reads asks under both, from now on */
	while (rc == RC_OK && !x.done) {
		rc = turn(c, actor, slice_job, &x, err);
		*out_rows += rc == RC_OK ? x.rows : 0;
		if (rc == RC_OK && told)
			told(user, *out_rows);
	}
	TRY(rc);
	TRY(turn(c, actor, swap_job, &x, err));
	seal_index_use(c->seal, x.next, 0);
	return RC_OK;
}

static enum rc sweep_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct slice *into = arg, x = *into;
	struct stmt *s;
	bool row;
	struct standing in_use;
	c->action = STR("reindex_sweep");
	c->subject = STR("find");
	TRY(operator_only(c, err));
	TRY(setting(c->a, c->db, GENERATION, &in_use, err));
	if (x.until == 0)
		TRY(db_number(c->db, Q_TOP, &x.until, err));
	TRY(db_prepare(c->db, Q_LAST, &s, err));
	stmt_bind_i64(s, 1, x.after);
	stmt_bind_i64(s, 2, SWEEP_ENTRIES);
	stmt_bind_i64(s, 3, x.until);
	TRY(stmt_step(s, &row, err));
	int64_t last = row ? stmt_i64(s, 0) : 0;
	stmt_reset(s);
	x.done = last == 0;
	x.rows = 0;
	if (!x.done) {
		TRY(db_prepare(c->db, Q_SWEEP, &s, err));
		stmt_bind_i64(s, 1, x.after);
		stmt_bind_i64(s, 2, last);
		stmt_bind_i64(s, 3, in_use.generation);
		TRY(stmt_run_now(s, err));
		x.rows = db_changes(c->db);
		x.after = last;
	}
	c->detail = arena_fmt(c->a, "entries:%lld", (long long)x.rows);
	*into = x;
	return RC_OK;
}

enum rc reindex_sweep(struct city *c, const struct actor *actor, struct err *err)
{
	struct slice x = {0};
	while (!x.done)
		TRY(turn(c, actor, sweep_job, &x, err));
	return RC_OK;
}

/* ---- under the key in use: qinghe rebuild find ---- */

/* What is entered for ids behind after, up to last, goes: also what stands for nobody. */
static enum rc between_goes(struct job_ctx *c, int64_t after, int64_t last, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(c->db, Q_BETWEEN, &s, err));
	stmt_bind_i64(s, 1, after);
	stmt_bind_i64(s, 2, last);
	return stmt_run(s, err);
}

/* People are taken out and entered in one transaction, under the keys that the database names at that moment. */
static enum rc anew_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct slice *into = arg, x = *into;
	struct city *city = job_city(c);
	const struct reg *reg = &city->model->regs[x.reg];
	int64_t ids[SLICE_ROWS], until = clock_mono_us() + SLICE_US;
	bool people = str_is(reg->id, "person");
	size_t n, k = 0;
	c->action = STR("reindex");
	c->subject = reg->id;
	TRY(operator_only(c, err));
	TRY(reindex_fresh(city, c->db, err));
	TRY(ids_of(c, reg, x.after, ids, &n, err));
	for (; k < n && (k == 0 || clock_mono_us() < until); k++) {
		if (people)
			TRY(between_goes(c, x.after, ids[k], err));
		TRY(one(c, reg, ids[k], true, err));
		x.after = ids[k];
	}
	x.rows = (int64_t)k;
	c->detail = arena_fmt(c->a, "anew rows:%lld", (long long)x.rows);
	if (k == n && n < SLICE_ROWS) {
		if (people)
			TRY(between_goes(c, x.after, INT64_MAX, err));
		x.reg++;
		x.after = 0;
		next_register(city, &x);
	}
	*into = x;
	return RC_OK;
}

enum rc reindex_rebuild(struct city *c, const struct actor *actor, void (*told)(void *user, int64_t rows),
	void *user, struct err *err)
{
	struct slice x = {0};
	int64_t rows = 0;
	next_register(c, &x);
	while (!x.done) {
		TRY(turn(c, actor, anew_job, &x, err));
		rows += x.rows;
		if (told)
			told(user, rows);
	}
	return RC_OK;
}
