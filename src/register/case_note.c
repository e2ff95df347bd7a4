/* case_note.c -- see case_note.h. */
#include "register/case_note.h"
#include "base/clock.h"
#include "base/date.h"
#include "guard/seal.h"
#include "register/case_people.h"
#include "register/permit.h"
#include "register/row.h"
#include <sodium.h>

static const char Q_KEY[] = "SELECT public, locked, custodian FROM custody_key WHERE person = ?1";
static const char Q_KEY_ADD[] = "INSERT INTO custody_key (person, custodian, public, locked, made_at)"
				" VALUES (?1, ?2, ?3, ?4, ?5)";
static const char Q_CUSTODIANS[] =
	"SELECT person, public FROM custody_key WHERE custodian = 1 ORDER BY person LIMIT 3";
static const char Q_RELOCK[] = "UPDATE custody_key SET locked = ?2 WHERE person = ?1";

/* ---- keys ---- */

static bool read_public(struct stmt *s, int column, int64_t person, struct custody_public *out)
{
	str b = stmt_blob(s, column);
	out->person = person;
	if (b.n == CUSTODY_KEY_BYTES)
		memcpy(out->b, b.p, CUSTODY_KEY_BYTES);
	return b.n == CUSTODY_KEY_BYTES;
}

/* *out_n: 0 or 2; a single one does not count yet. */
static enum rc custodians(struct db *db, struct custody_public out[2], size_t *out_n, struct err *err)
{
	struct stmt *s;
	bool row;
	size_t n = 0;
	TRY(db_prepare(db, Q_CUSTODIANS, &s, err));
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			break;
		if (n < 2 && !read_public(s, 1, stmt_i64(s, 0), &out[n]))
			return FAIL(err, RC_IO, "the public key of a custodian is damaged");
		n++;
	}
	*out_n = n;
	return RC_OK;
}

enum rc case_note_key_job(struct job_ctx *c, void *key, struct err *err)
{
	const struct case_note_key *k = key;
	struct custody_public public, two[2];
	struct record *person;
	struct stmt *s;
	str locked;
	size_t n;
	c->action = STR("custody_key");
	c->subject = arena_fmt(c->a, "person:%lld", (long long)k->person);
	if (!actor_is_operator(c->actor) && (k->custodian || c->actor->person != k->person))
		return FAIL(err, RC_DENIED,
			"a key for case notes is made by its own person; custodians are named by the "
			"operator");
	TRY(row_get(c->a, c->db, job_city(c), model_reg(job_city(c)->model, STR("person")), k->person,
		&person, err));
	TRY(custodians(c->db, two, &n, err));
	if (k->custodian && n >= 2)
		return FAIL(err, RC_CONFLICT, "there are two custodians already");
	TRY(custody_make(c->a, k->person, k->password, &public, &locked, err));
	TRY(db_prepare(c->db, Q_KEY_ADD, &s, err));
	stmt_bind_i64(s, 1, k->person);
	stmt_bind_i64(s, 2, k->custodian);
	stmt_bind_blob(s, 3, (str){(const char *)public.b, CUSTODY_KEY_BYTES});
	stmt_bind_blob(s, 4, locked);
	stmt_bind_i64(s, 5, c->now_ms);
	enum rc rc = stmt_run(s, err);
	return rc == RC_CONFLICT ? FAIL(err, RC_CONFLICT, "person #%lld has a key for case notes already",
					   (long long)k->person)
				 : rc;
}

enum rc case_note_unlock(struct db *db, struct arena *a, int64_t person, str password,
	struct custody_secret *out, struct err *err)
{
	struct custody_public public;
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, Q_KEY, &s, err));
	stmt_bind_i64(s, 1, person);
	TRY(stmt_step(s, &row, err));
	if (!row || !read_public(s, 0, person, &public))
		return FAIL(err, RC_DENIED, "there is no key of this person");
	str locked = stmt_str(a, s, 1);
	stmt_reset(s);
	return custody_unlock(&public, locked, password, out, err);
}

/* ---- writing ---- */

struct readers {
	struct custody_public list[CUSTODY_READERS_MAX];
	size_t n;
};

static enum rc add_reader(struct job_ctx *c, struct readers *x, int64_t person, struct err *err)
{
	struct stmt *s;
	bool row;
	for (size_t i = 0; i < x->n; i++)
		if (x->list[i].person == person)
			return RC_OK;
	if (person <= 0 || x->n == CUSTODY_READERS_MAX)
		return RC_OK;
	TRY(db_prepare(c->db, Q_KEY, &s, err));
	stmt_bind_i64(s, 1, person);
	TRY(stmt_step(s, &row, err));
	if (row && stmt_i64(s, 2) == 0 && read_public(s, 0, person, &x->list[x->n]))
		x->n++;
	stmt_reset(s);
	return RC_OK;
}

static enum rc add_members(struct job_ctx *c, struct readers *x, const struct record *rec, struct err *err)
{
	struct case_anchor at[CASE_ANCHORS_MAX];
	size_t n = case_anchors(job_city(c)->model, rec, at);
	for (size_t i = 0; i < n; i++) {
		struct case_person *list;
		size_t list_n;
		TRY(case_people(c->db, c->a, &at[i], clock_day_of(c->now_ms), &list, &list_n, err));
		for (size_t k = 0; k < list_n; k++)
			TRY(add_reader(c, x, list[k].person, err));
	}
	return RC_OK;
}

/* The staff that the row names, and the members of its case. */
static enum rc add_case(struct job_ctx *c, const struct record *rec, struct readers *x, struct err *err)
{
	for (size_t i = 0; i < rec->reg->fields_n; i++) {
		const struct field *f = &rec->reg->fields[i];
		if (f->type == T_PERSON && f != rec->reg->person && rec->values[i].kind == V_INT)
			TRY(add_reader(c, x, rec->values[i].i, err));
	}
	return add_members(c, x, rec, err);
}

static enum rc readers_of(struct job_ctx *c, const struct record *rec, struct readers *x, struct err *err)
{
	x->n = 0;
	TRY(add_reader(c, x, c->actor->person, err));
	TRY(add_case(c, rec, x, err));
	return x->n > 0 ? RC_OK
			: FAIL(err, RC_INVALID,
				  "nobody of this case has a key for case notes: name the counsellor, who "
				  "makes one "
				  "with “qinghe custody key”");
}

bool case_note_is(const struct field *f, const struct value *v)
{
	return f->custody && v->kind == V_TEXT && custody_is(v->t);
}

/* The place is bound without the person: a merge moves the row to the survivor without opening the note. */
static struct seal_place note_place(const struct reg *reg, const struct field *f, int64_t id)
{
	return (struct seal_place){.table = reg->id, .column = f->id, .row = id, .kind = SEAL_CITY};
}

enum rc case_note_seal(struct job_ctx *c, struct record *rec, struct err *err)
{
	struct custody_public two[2];
	struct readers x = {.n = 0};
	for (size_t i = 0; i < rec->reg->fields_n; i++) {
		const struct field *f = &rec->reg->fields[i];
		struct value *v = &rec->values[i];
		size_t n = 0;
		str sealed;
		if (!f->custody || v->kind != V_TEXT || case_note_is(f, v))
			continue;
		TRY(custodians(c->db, two, &n, err));
		if (n < 2)
			return RC_OK;
		TRY(readers_of(c, rec, &x, err));
		struct seal_place at = note_place(rec->reg, f, rec->id);
		TRY(custody_seal(
			c->a, seal_mode(job_city(c)->seal), x.list, x.n, two, &at, v->t, &sealed, err));
		v->t = sealed;
	}
	return RC_OK;
}

/* ---- reading ---- */

enum rc case_note_read(struct reader *r, const struct reg *reg, int64_t id, const struct field *f,
	const struct custody_secret *secrets, size_t n, str *out_plain, struct err *err)
{
	struct record *seen, *whole;
	TRY(record_get(r, reg, id, &seen, err)); /* may this actor see the row at all? */
	TRY(row_get(r->a, r->db, r->city, reg, id, &whole, err));
	const struct value *v = &whole->values[f->at];
	struct seal_place at = note_place(reg, f, id);
	if (!case_note_is(f, v))
		return FAIL(err, RC_NOT_FOUND, "%.*s #%lld has no case note there",
			STR_ARG(label_text(&reg->label)), (long long)id);
	return n == 2 ? custody_recover(r->a, secrets, &at, v->t, out_plain, err)
		      : custody_open(r->a, secrets, &at, v->t, out_plain, err);
}

enum rc case_note_people(struct reader *r, const struct reg *reg, int64_t id, const struct field *f,
	int64_t out[CUSTODY_READERS_MAX], size_t *out_n, struct err *err)
{
	struct record *seen, *whole;
	int64_t all[CUSTODY_READERS_MAX + 2];
	*out_n = 0;
	TRY(record_get(
		r, reg, id, &seen, err)); /* who may open a note of a row is told to whom the row is open */
	TRY(row_get(r->a, r->db, r->city, reg, id, &whole, err));
	const struct value *v = &whole->values[f->at];
	size_t n = case_note_is(f, v) ? custody_people(v->t, all) : 0;
	for (size_t i = 0; n > 2 && i < n - 2; i++)
		out[(*out_n)++] = all[i];
	return RC_OK;
}

/* ---- letting another in ---- */

bool case_note_has_key(struct db *db, int64_t person)
{
	struct stmt *s;
	bool row = false, has = false;
	if (db_prepare(db, Q_KEY, &s, NULL) != RC_OK)
		return false;
	stmt_bind_i64(s, 1, person);
	if (stmt_step(s, &row, NULL) == RC_OK && row)
		has = stmt_i64(s, 2) == 0;
	stmt_reset(s);
	return has;
}

enum rc case_note_relock_job(struct job_ctx *c, void *relock, struct err *err)
{
	const struct case_note_relock *x = relock;
	struct custody_secret secret;
	struct stmt *s;
	str locked;
	c->action = STR("custody_relock");
	c->subject = arena_fmt(c->a, "person:%lld", (long long)x->person);
	if (c->actor->person != x->person)
		return FAIL(err, RC_DENIED, "nobody changes another's key for case notes");
	TRY(case_note_unlock(c->db, c->a, x->person, x->old, &secret, err));
	enum rc rc = custody_relock(c->a, &secret, x->password, &locked, err);
	custody_forget(&secret);
	TRY(rc);
	TRY(db_prepare(c->db, Q_RELOCK, &s, err));
	stmt_bind_i64(s, 1, x->person);
	stmt_bind_blob(s, 2, locked);
	return stmt_run(s, err);
}

enum rc case_note_opened_job(struct job_ctx *c, void *opened, struct err *err)
{
	const struct case_note_opened *x = opened;
	(void)err;
	c->action = STR("note_open");
	c->subject = arena_fmt(c->a, "%.*s:%lld", STR_ARG(x->reg->id), (long long)x->row);
	c->detail = x->field->id;
	return RC_OK;
}

/* The readers that the note has, by their keys of today, and the one who is let in. */
static enum rc readers_with(struct job_ctx *c, const struct case_note_share *x, str envelope,
	struct readers *out, struct err *err)
{
	int64_t all[CUSTODY_READERS_MAX + 2];
	size_t n = custody_people(envelope, all);
	out->n = 0;
	TRY(add_reader(c, out, x->with, err));
	for (size_t i = 0; n > 2 && i < n - 2; i++)
		if (!x->leave || all[i] != x->secret->public.person)
			TRY(add_reader(c, out, all[i], err));
	return RC_OK;
}

static enum rc share_note(struct job_ctx *c, struct case_note_share *x, const struct field *f,
	const struct value *v, struct entry *out, struct err *err)
{
	struct city *city = job_city(c);
	struct custody_public two[2];
	struct readers to;
	struct seal_place at = note_place(x->reg, f, x->row);
	str plain;
	size_t n;
	TRY(custodians(c->db, two, &n, err));
	if (n < 2)
		return FAIL(err, RC_INVALID, "there are no two custodians");
	TRY(custody_open(c->a, x->secret, &at, v->t, &plain, err));
	enum rc rc = readers_with(c, x, v->t, &to, err);
	*out = (struct entry){f, {.kind = V_TEXT}};
	if (rc == RC_OK)
		rc = custody_seal(
			c->a, seal_mode(city->seal), to.list, to.n, two, &at, plain, &out->value.t, err);
	sodium_memzero((void *)(uintptr_t)plain.p, plain.n);
	return rc;
}

static enum rc is_of_case(
	struct job_ctx *c, const struct record *rec, const struct case_note_share *x, struct err *err)
{
	struct readers own = {.n = 0};
	if (!case_note_has_key(c->db, x->with))
		return FAIL(err, RC_INVALID,
			"that person has no key for case notes yet: one makes it under "
			"“My account”");
	TRY(add_case(c, rec, &own, err));
	for (size_t i = 0; i < own.n; i++)
		if (own.list[i].person == x->with)
			return RC_OK;
	return FAIL(err, RC_INVALID, "that person is not of this case: put the person on it first");
}

enum rc case_note_share_job(struct job_ctx *c, void *share, struct err *err)
{
	struct case_note_share *x = share;
	struct city *city = job_city(c);
	struct record *rec;
	struct entry list[REG_FIELDS_MAX];
	size_t n = 0;
	c->action = STR("note_share");
	c->subject = arena_fmt(c->a, "%.*s:%lld", STR_ARG(x->reg->id), (long long)x->row);
	c->detail = arena_fmt(c->a, "with:%lld%s", (long long)x->with, x->leave ? " leave" : "");
	TRY(row_get(c->a, c->db, city, x->reg, x->row, &rec, err));
	TRY(city_tree_now(city, c->db, err));
	if (x->secret->public.person != c->actor->person || !permit_read(city->tree, c->actor, rec))
		return FAIL(err, RC_DENIED, "this note is not yours to share");
	TRY(is_of_case(c, rec, x, err));
	for (size_t i = 0; i < x->reg->fields_n; i++) {
		const struct field *f = &x->reg->fields[i];
		if (!case_note_is(f, &rec->values[i]))
			continue;
		enum rc rc = share_note(c, x, f, &rec->values[i], &list[n], err);
		if (rc == RC_OK)
			n++;
		else if (rc != RC_DENIED) /* sealed to others: stays as it is */
			return rc;
	}
	if (n == 0)
		return FAIL(err, RC_NOT_FOUND, "no note of this row opens with your key");
	x->notes = (int)n;
	str action = c->action, subject = c->subject, detail = c->detail;
	TRY(record_reseal(c, x->reg, x->row, list, n, err));
	c->action = action;
	c->subject = subject;
	c->detail = detail;
	return RC_OK;
}
