/* photo.c -- see photo.h. */
#include "register/photo.h"
#include "base/date.h"
#include "register/consent_give.h"
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
