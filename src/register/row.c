/* row.c -- see row.h. */
#include "register/row.h"

struct seal_place row_place(
	const struct reg *reg, const struct field *f, int64_t id, int64_t person, int64_t part)
{
	struct seal_place at = {
		.table = reg->id, .column = f->id, .part = part, .row = id, .kind = SEAL_CITY};
	if (person > 0) {
		at.kind = SEAL_PERSON;
		at.subject = person;
	} else if (reg->sensitivity >= SENS_PERSONAL) {
		at.kind = reg->id;
		at.subject = id;
	}
	return at;
}

int64_t row_person(const struct record *rec)
{
	if (str_is(rec->reg->id, "person"))
		return rec->id;
	const struct field *f = rec->reg->person;
	return f && rec->values[f->at].kind == V_INT ? rec->values[f->at].i : 0;
}

/* A sealed value inside is text; integers are written out and read back. */
static struct value opened(const struct field *f, str plain)
{
	int64_t i;
	struct field bare = *f;
	bare.sealed = false;
	if (field_storage(&bare) == STORE_INT && str_i64(plain, &i))
		return (struct value){.kind = V_INT, .i = i};
	return (struct value){.kind = V_TEXT, .t = plain};
}

enum rc row_open(struct arena *a, struct city *c, const struct record *rec, const struct field *f,
	int64_t part, str envelope, struct value *out, struct err *err)
{
	struct seal_place at = row_place(rec->reg, f, rec->id, row_person(rec), part);
	struct err why;
	str plain;
	enum rc rc = seal_get(a, c->seal, &at, envelope, &plain, &why);
	*out = (struct value){0};
	if (rc == RC_NOT_FOUND)
		return RC_OK;
	if (rc != RC_OK)
		return FAIL(err, rc, "%s", why.text);
	*out = opened(f, plain);
	return RC_OK;
}

static enum rc column(struct arena *a, struct city *c, const struct record *rec, const struct field *f,
	struct stmt *s, int at, bool open, struct value *out, struct err *err)
{
	*out = (struct value){0};
	if (stmt_null(s, at))
		return RC_OK;
	switch (field_storage(f)) {
	case STORE_INT:
		*out = (struct value){.kind = V_INT, .i = stmt_i64(s, at)};
		return RC_OK;
	case STORE_TEXT:
		*out = (struct value){.kind = V_TEXT, .t = stmt_str(a, s, at)};
		return RC_OK;
	case STORE_SEALED:
		break;
	}
	if (!open)
		return RC_OK;
	return row_open(a, c, rec, f, 0, stmt_blob(s, at), out, err);
}

enum rc row_read(struct arena *a, struct city *c, const struct reg *reg, struct stmt *s, int first, bool open,
	struct record **out, struct err *err)
{
	struct record *rec = NEW(a, struct record);
	rec->reg = reg;
	rec->id = stmt_i64(s, first);
	rec->org = stmt_i64(s, first + 1);
	rec->state = stmt_str(a, s, first + 2);
	rec->version = stmt_i64(s, first + 3);
	rec->entered_by = stmt_i64(s, first + 4);
	rec->entered_at = stmt_i64(s, first + 5);
	rec->changed_by = stmt_i64(s, first + 6);
	rec->changed_at = stmt_i64(s, first + 7);
	rec->source = stmt_str(a, s, first + 8);
	rec->values = NEWS(a, reg->fields_n + 1, struct value);
	if (reg->person) /* first: it says whose key opens the others */
		TRY(column(a, c, rec, reg->person, s, first + SYSTEM_COLUMNS + reg->person->at, open,
			&rec->values[reg->person->at], err));
	for (size_t i = 0; i < reg->fields_n; i++)
		TRY(column(a, c, rec, &reg->fields[i], s, first + SYSTEM_COLUMNS + (int)i, open,
			&rec->values[i], err));
	*out = rec;
	return RC_OK;
}

static str plain_of(struct arena *a, const struct value *v)
{
	return v->kind == V_INT ? arena_fmt(a, "%lld", (long long)v->i) : v->t;
}

enum rc row_seal(struct arena *a, struct city *c, const struct record *rec, const struct field *f,
	int64_t part, str *out_envelope, struct err *err)
{
	struct seal_place at = row_place(rec->reg, f, rec->id, row_person(rec), part);
	return seal_put(a, c->seal, &at, plain_of(a, &rec->values[f->at]), out_envelope, err);
}

/* Texts are lent: the callers run the statement before the arena goes. */
static enum rc bind_value(struct arena *a, struct city *c, const struct record *rec, const struct field *f,
	struct stmt *s, int at, struct err *err)
{
	const struct value *v = &rec->values[f->at];
	str envelope;
	if (v->kind == V_NULL)
		stmt_bind_null(s, at);
	else if (field_storage(f) == STORE_SEALED) {
		TRY(row_seal(a, c, rec, f, 0, &envelope, err));
		stmt_lend_blob(s, at, envelope);
	} else if (v->kind == V_INT)
		stmt_bind_i64(s, at, v->i);
	else
		stmt_lend_text(s, at, v->t);
	return RC_OK;
}

int64_t row_entered(const struct city *c)
{
	int64_t next = seal_index_next(c->seal);
	return next ? next : seal_index_generation(c->seal);
}

struct generations row_asked(const struct city *c)
{
	int64_t next = seal_index_next(c->seal); /* first: seal.h */
	return (struct generations){{seal_index_generation(c->seal), next}, next ? 2 : 1};
}

void row_bind_blind(struct arena *a, struct city *c, const struct reg *reg, const struct field *f,
	const struct value *v, int64_t generation, struct stmt *s, int at)
{
	if (v->kind == V_NULL) {
		stmt_bind_null(s, at);
		return;
	}
	str kind = arena_fmt(a, "%.*s.%.*s", STR_ARG(reg->id), STR_ARG(f->id));
	struct blind h = seal_blind_at(c->seal, generation, kind, plain_of(a, v));
	stmt_bind_blob(s, at, (str){(const char *)h.b, BLIND_BYTES});
}

enum rc row_bind(struct arena *a, struct city *c, const struct record *rec, struct stmt *s, struct err *err)
{
	const struct reg_plan *p = &c->plans[rec->reg->at];
	const int64_t ints[] = {
		rec->version, rec->entered_by, rec->entered_at, rec->changed_by, rec->changed_at};
	stmt_bind_i64(s, 1, rec->id);
	stmt_bind_i64(s, 2, rec->org);
	stmt_lend_text(s, 3, rec->state);
	for (int i = 0; i < 5; i++)
		stmt_bind_i64(s, 4 + i, ints[i]);
	stmt_lend_text(s, 9, rec->source);
	int at = SYSTEM_COLUMNS;
	for (size_t i = 0; i < rec->reg->fields_n; i++)
		TRY(bind_value(a, c, rec, &rec->reg->fields[i], s, ++at, err));
	for (size_t i = 0; i < p->blind_n; i++)
		row_bind_blind(
			a, c, rec->reg, p->blind[i], &rec->values[p->blind[i]->at], row_entered(c), s, ++at);
	return RC_OK;
}

static enum rc no_other(struct stmt *s, int64_t self, struct err *err)
{
	bool row;
	TRY(stmt_step(s, &row, err));
	bool other = row && stmt_i64(s, 0) != self;
	stmt_reset(s);
	return other ? FAIL(err, RC_CONFLICT, "another row has the same key or unique value") : RC_OK;
}

static enum rc no_other_of_key(
	struct arena *a, struct db *db, struct city *c, const struct record *rec, struct err *err)
{
	const struct reg *reg = rec->reg;
	struct stmt *s;
	if (c->plans[reg->at].by_key.n == 0)
		return RC_OK;
	TRY(db_prepare(db, c->plans[reg->at].by_key.p, &s, err));
	for (size_t i = 0; i < reg->key_n; i++) {
		const struct field *f = reg->key[i];
		const struct value *v = &rec->values[f->at];
		if (v->kind == V_NULL)
			return RC_OK;
		if (f->sealed)
			row_bind_blind(a, c, reg, f, v, seal_index_generation(c->seal), s, (int)i + 1);
		else if (v->kind == V_INT)
			stmt_bind_i64(s, (int)i + 1, v->i);
		else
			stmt_bind_text(s, (int)i + 1, v->t);
	}
	if (reg->key_org)
		stmt_bind_i64(s, (int)reg->key_n + 1, rec->org);
	return no_other(s, rec->id, err);
}

enum rc row_alone(struct arena *a, struct db *db, struct city *c, const struct record *rec, struct err *err)
{
	const struct reg *reg = rec->reg;
	const struct reg_plan *p = &c->plans[reg->at];
	bool voids = reg_state(reg, STR("void"));
	if (p->blind_n == 0 || seal_index_next(c->seal) == 0 || (voids && str_is(rec->state, "void")))
		return RC_OK;
	for (size_t i = 0; i < p->blind_n; i++) {
		const struct field *f = p->blind[i];
		struct stmt *s;
		if (!f->unique || rec->values[f->at].kind == V_NULL)
			continue;
		str sql = arena_fmt(a, "SELECT \"id\" FROM \"%.*s\" WHERE \"%.*s_blind\" = ?1%s",
			STR_ARG(reg->id), STR_ARG(f->id), voids ? " AND \"state\" <> 'void'" : "");
		TRY(db_prepare(db, sql.p, &s, err));
		row_bind_blind(a, c, reg, f, &rec->values[f->at], seal_index_generation(c->seal), s, 1);
		TRY(no_other(s, rec->id, err));
	}
	return no_other_of_key(a, db, c, rec, err);
}

bool value_eq(const struct value *x, const struct value *y)
{
	return x->kind == y->kind && x->i == y->i && str_eq(x->t, y->t);
}

/* Is it a narrow change (plan.h)? Then the field, if any. */
static bool is_narrow(const struct reg_plan *p, const struct record *old, const struct record *rec,
	const struct field **out_field)
{
	*out_field = NULL;
	for (size_t i = 0; i < rec->reg->fields_n; i++) {
		if (value_eq(&rec->values[i], &old->values[i]))
			continue;
		/* Another person: the sealed values come under that one's key. */
		if (*out_field || plan_has_blind(p, &rec->reg->fields[i]) ||
			&rec->reg->fields[i] == rec->reg->person)
			return false;
		*out_field = &rec->reg->fields[i];
	}
	return rec->org == old->org && str_eq(rec->source, old->source);
}

enum rc row_update(struct arena *a, struct db *db, struct city *c, const struct record *old,
	const struct record *rec, struct err *err)
{
	const struct reg_plan *p = &c->plans[rec->reg->at];
	const struct field *f;
	struct stmt *s;
	TRY(row_alone(a, db, c, rec, err));
	if (!is_narrow(p, old, rec, &f)) {
		TRY(db_prepare(db, p->update.p, &s, err));
		TRY(row_bind(a, c, rec, s, err));
		return p->unique ? stmt_run_now(s, err) : stmt_run(s, err);
	}
	TRY(db_prepare(db, plan_narrow(a, p, f).p, &s, err));
	stmt_bind_i64(s, 1, rec->id);
	stmt_lend_text(s, 2, rec->state);
	stmt_bind_i64(s, 3, rec->version);
	stmt_bind_i64(s, 4, rec->changed_by);
	stmt_bind_i64(s, 5, rec->changed_at);
	if (f)
		TRY(bind_value(a, c, rec, f, s, 6, err));
	return p->unique ? stmt_run_now(s, err) : stmt_run(s, err);
}

enum rc row_get(struct arena *a, struct db *db, struct city *c, const struct reg *reg, int64_t id,
	struct record **out, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, c->plans[reg->at].get.p, &s, err));
	stmt_bind_i64(s, 1, id);
	TRY(stmt_step(s, &row, err));
	if (!row)
		return FAIL(err, RC_NOT_FOUND, "there is no %.*s #%lld", STR_ARG(label_text(&reg->label)),
			(long long)id);
	enum rc rc = row_read(a, c, reg, s, 0, true, out, err);
	stmt_reset(s);
	return rc;
}
