/* photo.c -- see photo.h. */
#include "register/photo.h"
#include "base/date.h"
#include "register/attach.h"
#include "register/consent_give.h"
#include "register/occasion.h"
#include "register/permit.h"
#include "register/row.h"

static const char Q_PEOPLE[] = "SELECT \"person\" FROM \"photo_person\" WHERE \"photo\" = ?1 AND"
			       " \"state\" = 'valid' ORDER BY \"id\"";
static const char Q_TAGS[] = "SELECT \"id\" FROM \"photo_person\" WHERE \"photo\" = ?1 ORDER BY \"id\"";
static const char Q_SHOW[] =
	"SELECT DISTINCT \"photo\" FROM \"photo_person\" WHERE \"person\" = ?1 ORDER BY \"photo\"";

static const struct reg *photos(const struct city *c)
{
	return model_reg(c->model, STR("photo"));
}

static const struct reg *tags(const struct city *c)
{
	return model_reg(c->model, STR("photo_person"));
}

const struct field *photo_of(const struct model *m, const struct reg *activity)
{
	const struct reg *reg = model_reg(m, STR("photo"));
	for (size_t i = 0; reg && i < reg->fields_n; i++)
		if (reg->fields[i].type == T_REF && reg->fields[i].to_reg == activity &&
			!str_is(reg->fields[i].id, "programme"))
			return &reg->fields[i];
	return NULL;
}

static void put(struct record_input *in, struct entry *e, const char *id, struct value v)
{
	const struct field *f = reg_field(in->reg, str_of(id));
	if (f == NULL || v.kind == V_NULL)
		return;
	e[in->entries_n++] = (struct entry){f, v};
	in->by_program[f->at / 64] |= (uint64_t)1 << (f->at % 64);
}

static struct value text(str s)
{
	return s.n ? (struct value){V_TEXT, 0, s} : (struct value){0};
}

static struct value number(int64_t i)
{
	return (struct value){V_INT, i, {NULL, 0}};
}

static enum rc tag(struct job_ctx *c, int64_t org, int64_t photo, int64_t person, struct err *err)
{
	struct entry e[2];
	struct record_input in = {.reg = tags(job_city(c)), .org = org, .entries = e, .source = STR("form")};
	int64_t id;
	put(&in, e, "photo", number(photo));
	put(&in, e, "person", number(person));
	return record_add(c, &in, &id, err);
}

enum rc photo_add(struct job_ctx *c, const struct photo_new *x, int64_t *out_id, struct err *err)
{
	struct city *city = job_city(c);
	struct entry e[8];
	struct record_input in = {
		.reg = photos(city), .org = x->activity->org, .entries = e, .source = STR("form")};
	const struct field *of = photo_of(city->model, x->activity->reg);
	if (in.reg == NULL || tags(city) == NULL || of == NULL)
		return FAIL(err, RC_NOT_FOUND, "photos of this kind of activity are not kept");
	if (x->people_n > PHOTO_PEOPLE_MAX)
		return FAIL(err, RC_LIMIT, "at most %d people in a photo", (int)PHOTO_PEOPLE_MAX);
	put(&in, e, "taken_on", text(x->day));
	put(&in, e, "caption", text(x->caption));
	if (x->programme)
		put(&in, e, "programme", number(x->programme));
	put(&in, e, arena_cstr(c->a, of->id), number(x->activity->id));
	put(&in, e, "faces", number((int64_t)x->people_n));
	put(&in, e, "picture", text(x->picture));
	put(&in, e, "thumb", text(x->thumb));
	TRY(record_add(c, &in, out_id, err));
	for (size_t i = 0; i < x->people_n; i++)
		TRY(tag(c, x->activity->org, *out_id, x->people[i], err));
	c->action = STR("add");
	c->subject = arena_fmt(c->a, "photo:%lld", (long long)*out_id);
	return RC_OK;
}

/* ---- who may be named in one ---- */

/* The register whose rows are a person each at a row of `at`: its key is the two. */
static const struct reg *people_at(const struct model *m, const struct reg *at, const struct field **out_of)
{
	for (size_t i = 0; i < m->regs_n; i++) {
		const struct reg *reg = &m->regs[i];
		if (reg->person == NULL || reg->key_n != 2 || reg->key_org)
			continue;
		*out_of = reg->key[0] == reg->person ? reg->key[1] : reg->key[0];
		bool both = reg->key[0] == reg->person || reg->key[1] == reg->person;
		if (both && (*out_of)->type == T_REF && (*out_of)->to_reg == at && (*out_of)->required)
			return reg;
	}
	return NULL;
}

static bool took_part(const struct record *rec)
{
	return !str_is(rec->state, "void") && !str_is(rec->state, "disputed") && !str_is(rec->state, "draft");
}

static enum rc people_of(struct reader *r, const struct reg *reg, const struct field *of, int64_t id,
	int64_t **out, size_t *out_n, struct err *err)
{
	struct record_query q = {.reg = reg,
		.where = arena_fmt(r->a, "%.*s = %lld", STR_ARG(of->id), (long long)id),
		.limit = PHOTO_CHOICES_MAX,
		.newest_first = true};
	struct record **list;
	size_t n;
	if (permit_reach(reg, &r->actor) == REACH_NONE)
		return RC_OK;
	enum rc rc = record_list(r, &q, &list, &n, err);
	if (rc == RC_DENIED)
		return RC_OK;
	TRY(rc);
	*out = NEWS(r->a, n + 1, int64_t);
	for (size_t i = 0; i < n; i++) {
		const struct value *who = &list[i]->values[reg->person->at];
		if (took_part(list[i]) && who->kind == V_INT)
			(*out)[(*out_n)++] = who->i;
	}
	return RC_OK;
}

enum rc photo_people(
	struct reader *r, const struct record *activity, int64_t **out, size_t *out_n, struct err *err)
{
	const struct model *m = r->city->model;
	const struct field *of;
	struct occasion o;
	struct occasion_person *unit;
	size_t n;
	*out = NULL;
	*out_n = 0;
	if (occasion_of(m, activity->reg, &o))
		return people_of(r, o.attendance, o.of, activity->id, out, out_n, err);
	const struct reg *reg = people_at(m, activity->reg, &of);
	if (reg)
		return people_of(r, reg, of, activity->id, out, out_n, err);
	for (size_t i = 0; i < activity->reg->fields_n; i++) {
		const struct field *f = &activity->reg->fields[i];
		if (f->type != T_REF || !f->required || activity->values[i].kind != V_INT)
			continue;
		reg = people_at(m, f->to_reg, &of);
		if (reg)
			return people_of(r, reg, of, activity->values[i].i, out, out_n, err);
	}
	TRY(occasion_unit(r, activity->org, &unit, &n, err));
	*out = NEWS(r->a, n + 1, int64_t);
	for (size_t i = 0; i < n; i++)
		(*out)[(*out_n)++] = unit[i].person;
	return RC_OK;
}

/* ---- who is in it ---- */

enum rc photo_consented(struct reader *r, int64_t person, bool *out, struct err *err)
{
	bool young;
	str day;
	TRY(consent_by_guardian(r->a, r->db, r->city, person, &young, err));
	TRY(consent_day(r->db, r->a, person, STR(PHOTO_PURPOSE), young, &day, err));
	*out = day.n > 0;
	return RC_OK;
}

static enum rc ids(struct db *db, struct arena *a, const char *sql, int64_t key, int64_t **out, size_t *out_n,
	struct err *err)
{
	struct stmt *s;
	bool row;
	size_t cap = 0;
	*out = NULL;
	*out_n = 0;
	TRY(db_prepare(db, sql, &s, err));
	stmt_bind_i64(s, 1, key);
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		*out = arena_grow(a, *out, *out_n, &cap, sizeof **out);
		(*out)[(*out_n)++] = stmt_i64(s, 0);
	}
}

enum rc photo_shown(struct reader *r, const struct record *photo, int64_t **out_people, size_t *out_n,
	bool *out_shown, struct err *err)
{
	const struct field *faces = reg_field(photo->reg, STR("faces"));
	TRY(ids(r->db, r->a, Q_PEOPLE, photo->id, out_people, out_n, err));
	*out_shown = str_is(photo->state, "kept") && faces && photo->values[faces->at].i == (int64_t)*out_n;
	for (size_t i = 0; i < *out_n && *out_shown; i++)
		TRY(photo_consented(r, (*out_people)[i], out_shown, err));
	return RC_OK;
}

enum rc photo_may_go_out(
	struct reader *r, const struct record *photo, int64_t **out_people, size_t *out_n, struct err *err)
{
	int64_t *people;
	size_t n;
	bool shown;
	TRY(photo_shown(r, photo, out_people ? out_people : &people, out_n ? out_n : &n, &shown, err));
	return shown ? RC_OK
		     : FAIL(err, RC_NOT_FOUND,
			       "this photo is not shown: it was taken down, or a consent has ended");
}

static const char Q_WITH[] =
	"SELECT \"id\" FROM \"photo\" WHERE \"article\" = ?1 AND \"state\" = 'kept' ORDER BY \"id\"";

enum rc photo_with_article(
	struct reader *r, int64_t article, struct record **out, size_t max, size_t *out_n, struct err *err)
{
	struct reader anybody = *r;
	int64_t *list;
	size_t n;
	*out_n = 0;
	if (photos(r->city) == NULL || reg_field(photos(r->city), STR("article")) == NULL)
		return RC_OK;
	anybody.actor = actor_operator(); /* what is shown has been consented to, of everybody in it */
	anybody.log = NULL;
	TRY(ids(r->db, r->a, Q_WITH, article, &list, &n, err));
	for (size_t i = 0; i < n && *out_n < max; i++) {
		int64_t *people;
		size_t people_n;
		bool shown;
		TRY(record_get(&anybody, photos(r->city), list[i], &out[*out_n], err));
		TRY(photo_shown(&anybody, out[*out_n], &people, &people_n, &shown, err));
		*out_n += shown;
	}
	return RC_OK;
}

enum rc photo_pixels(
	struct reader *r, const struct record *photo, const char *size, str *out_jpeg, struct err *err)
{
	struct reader anybody = *r;
	str name;
	anybody.actor = actor_operator();
	anybody.log = NULL;
	return attach_get(&anybody, photo, reg_field(photo->reg, str_of(size)), &name, out_jpeg, err);
}

static enum rc take_out(struct job_ctx *c, const struct reg *reg, int64_t id, struct err *err)
{
	struct record *rec;
	TRY(row_get(c->a, c->db, job_city(c), reg, id, &rec, err));
	return record_take_out(c, rec, err);
}

enum rc photo_consent_gone(struct job_ctx *c, int64_t person, struct err *err)
{
	struct city *city = job_city(c);
	int64_t *list, *rows;
	size_t n, rows_n;
	if (photos(city) == NULL || tags(city) == NULL)
		return RC_OK;
	TRY(ids(c->db, c->a, Q_SHOW, person, &list, &n, err));
	for (size_t i = 0; i < n; i++) {
		TRY(ids(c->db, c->a, Q_TAGS, list[i], &rows, &rows_n, err));
		for (size_t k = 0; k < rows_n; k++)
			TRY(take_out(c, tags(city), rows[k], err));
		TRY(take_out(c, photos(city), list[i], err));
	}
	return RC_OK;
}
