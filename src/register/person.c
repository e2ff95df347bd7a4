/* person.c -- see person.h. Invariants:
 *   1. find holds, for each person, exactly the entries of the values that stand (person_index writes them anew).
 *   2. No name, ID or phone is bound to a statement but as blind index or envelope. */
#include "register/person.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/ident.h"
#include "base/utf8.h"
#include "guard/seal.h"
#include "register/narrow.h"
#include "register/permit.h"
#include "register/pinyin.h"
#include "register/row.h"

static const char Q_FIND_DROP[] = "DELETE FROM find WHERE person = ?1";
static const char Q_FIND_ADD[] =
	"INSERT INTO find (kind, h, person) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
static const char Q_FIND[] = "SELECT person FROM find WHERE kind = ?1 AND h = ?2 ORDER BY person LIMIT ?3";

enum { CANDIDATES_MAX = 2000 };

str person_name_clean(struct arena *a, str name)
{
	str t = narrow(a, name);
	bool latin = false;
	for (size_t i = 0; i < t.n; i++)
		latin |= (t.p[i] >= 'a' && t.p[i] <= 'z') || (t.p[i] >= 'A' && t.p[i] <= 'Z');
	/* Blanks part Latin names only; inside 欧阳 小明 they are layout. */
	return latin ? t : narrow_tight(a, t);
}

static struct value *own(const struct record *rec, const char *id)
{
	const struct field *f = reg_field(rec->reg, str_of(id));
	return f ? &rec->values[f->at] : NULL;
}

static void derived(const struct record *rec, const char *id, str text)
{
	struct value *v = own(rec, id);
	if (v && v->kind == V_NULL)
		*v = (struct value){.kind = V_TEXT, .t = text};
}

void person_derive(struct arena *a, struct record *rec)
{
	const struct value *number = own(rec, "citizen_id"), *birth = own(rec, "birth_date");
	struct value *identified = own(rec, "identified");
	struct ident id = {.born = DATE_NONE};
	if (number && number->kind == V_TEXT)
		id = ident_check(number->t, clock_today());
	if (id.born != DATE_NONE) {
		derived(rec, "birth_date", date_str(a, id.born));
		derived(rec, "sex", id.male ? STR("male") : STR("female"));
		if (identified)
			*identified = (struct value){.kind = V_INT, .i = 1};
	}
	if (birth && birth->kind == V_TEXT && birth->t.n >= 7)
		derived(rec, "birth_month", str_head(birth->t, 7));
}

int32_t person_born(const struct record *rec)
{
	const struct value *birth = own(rec, "birth_date"), *number = own(rec, "citizen_id"),
			   *month = own(rec, "birth_month");
	int32_t day;
	char first[DATE_TEXT_BYTES];
	if (birth && birth->kind == V_TEXT && date_parse(birth->t, &day))
		return day;
	if (number && number->kind == V_TEXT) {
		struct ident id = ident_check(number->t, clock_today());
		if (id.born != DATE_NONE)
			return id.born;
	}
	if (month == NULL || month->kind != V_TEXT || month->t.n != 7)
		return DATE_NONE;
	memcpy(first, month->t.p, 7);
	memcpy(first + 7, "-01", 3);
	return date_parse((str){first, 10}, &day) ? day : DATE_NONE;
}

static const struct field *field(const struct city *c, const char *id)
{
	return reg_field(model_reg(c->model, STR("person")), str_of(id));
}

static str text_of(const struct city *c, const struct record *rec, const char *id)
{
	const struct field *f = field(c, id);
	return f && rec->values[f->at].kind == V_TEXT ? rec->values[f->at].t : (str){NULL, 0};
}

static enum rc find_add(struct job_ctx *c, const char *kind, str text, int64_t person, struct err *err)
{
	struct stmt *s;
	if (text.n == 0)
		return RC_OK;
	struct blind h = seal_blind(job_city(c)->seal, str_of(kind), text);
	TRY(db_prepare(c->db, Q_FIND_ADD, &s, err));
	stmt_bind_text(s, 1, str_of(kind));
	stmt_bind_blob(s, 2, (str){(const char *)h.b, BLIND_BYTES});
	stmt_bind_i64(s, 3, person);
	return stmt_run(s, err);
}

enum rc person_forget(struct job_ctx *c, int64_t person, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(c->db, Q_FIND_DROP, &s, err));
	stmt_bind_i64(s, 1, person);
	return stmt_run(s, err);
}

enum rc person_index(struct job_ctx *c, int64_t person, struct err *err)
{
	struct city *city = job_city(c);
	struct record *rec;
	TRY(row_get(c->a, c->db, city, model_reg(city->model, STR("person")), person, &rec, err));
	str name = person_name_clean(c->a, text_of(city, rec, "name"));
	if (rec->version > 1)
		TRY(person_forget(c, person, err));
	TRY(find_add(c, "name", name, person, err));
	TRY(find_add(c, "given", str_from(name, surname_bytes(name)), person, err));
	TRY(find_add(c, "initials", pinyin_initials(c->a, name), person, err));
	TRY(find_add(c, "id", text_of(city, rec, "citizen_id"), person, err));
	return find_add(c, "phone", text_of(city, rec, "phone"), person, err);
}

static enum rc find_ids(struct db *db, struct city *city, const char *kind, str text, int64_t *out,
	size_t cap, size_t *out_n, struct err *err)
{
	struct stmt *s;
	bool row;
	*out_n = 0;
	struct blind h = seal_blind(city->seal, str_of(kind), text);
	TRY(db_prepare(db, Q_FIND, &s, err));
	stmt_bind_text(s, 1, str_of(kind));
	stmt_bind_blob(s, 2, (str){(const char *)h.b, BLIND_BYTES});
	stmt_bind_i64(s, 3, (int64_t)cap);
	while (*out_n < cap) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		out[(*out_n)++] = stmt_i64(s, 0);
	}
	stmt_reset(s);
	return RC_OK;
}

/* What matching needs of one candidate. */
struct candidate {
	struct record *rec;
	str name, citizen_id, phone, birth_month;
};

static enum rc candidate(
	struct db *db, struct city *city, struct arena *a, int64_t id, struct candidate *out, struct err *err)
{
	TRY(row_get(a, db, city, model_reg(city->model, STR("person")), id, &out->rec, err));
	out->name = person_name_clean(a, text_of(city, out->rec, "name"));
	out->citizen_id = text_of(city, out->rec, "citizen_id");
	out->phone = text_of(city, out->rec, "phone");
	out->birth_month = text_of(city, out->rec, "birth_month");
	return RC_OK;
}

/* The input with its texts in the form that is kept. */
struct wanted {
	str name, citizen_id, phone, birth_month, sex;
	int64_t unit;
};

static enum rc read_wanted(
	struct arena *a, struct city *city, const struct person_input *in, struct wanted *w, struct err *err)
{
	struct value v;
	*w = (struct wanted){.name = person_name_clean(a, in->name), .unit = in->unit, .sex = in->sex};
	if (in->citizen_id.n) {
		TRY(value_parse(a, field(city, "citizen_id"), in->citizen_id, &v, err));
		w->citizen_id = v.t;
	}
	if (in->phone.n) {
		TRY(value_parse(a, field(city, "phone"), in->phone, &v, err));
		w->phone = v.t;
	}
	w->birth_month = in->birth_month;
	if (w->citizen_id.n) {
		struct ident id = ident_check(w->citizen_id, clock_today());
		if (id.born != DATE_NONE)
			w->birth_month = str_head(date_str(a, id.born), 7);
		if (w->sex.n == 0)
			w->sex = id.male ? STR("male") : STR("female");
	}
	if (w->name.n == 0 && w->citizen_id.n == 0)
		return FAIL(err, RC_INVALID, "the person has neither a name nor a citizen ID");
	return RC_OK;
}

static enum rc by_citizen_id(struct db *db, struct city *city, struct arena *a, const struct wanted *w,
	int64_t *out_person, struct err *err)
{
	int64_t id;
	size_t n;
	struct candidate c;
	TRY(find_ids(db, city, "id", w->citizen_id, &id, 1, &n, err));
	if (n == 0)
		return RC_OK;
	TRY(candidate(db, city, a, id, &c, err));
	if (w->name.n && c.name.n && !str_eq(w->name, c.name))
		return FAIL(err, RC_CONFLICT,
			"this citizen ID stands already under another name (person #%lld): compare the "
			"papers",
			(long long)id);
	*out_person = id;
	return RC_OK;
}

/* Could this candidate be the wanted person at all? */
static bool compatible(const struct candidate *c, const struct wanted *w)
{
	if (w->citizen_id.n && c->citizen_id.n && !str_eq(w->citizen_id, c->citizen_id))
		return false;
	return !(w->birth_month.n && c->birth_month.n && !str_eq(w->birth_month, c->birth_month));
}

static enum rc by_name(struct db *db, struct city *city, struct arena *a, const struct wanted *w,
	int64_t *out_person, struct err *err)
{
	int64_t ids[CANDIDATES_MAX], by_month = 0, alone = 0;
	size_t n, same_month = 0, same_unit = 0;
	TRY(find_ids(db, city, "name", w->name, ids, CANDIDATES_MAX, &n, err));
	for (size_t i = 0; i < n; i++) {
		struct candidate c;
		TRY(candidate(db, city, a, ids[i], &c, err));
		if (!compatible(&c, w))
			continue;
		if (w->phone.n && str_eq(w->phone, c.phone)) {
			*out_person = ids[i];
			return RC_OK;
		}
		if (c.rec->org != w->unit)
			continue;
		alone = ids[i];
		same_unit++;
		if (w->birth_month.n && str_eq(w->birth_month, c.birth_month)) {
			by_month = ids[i];
			same_month++;
		}
	}
	if (same_month == 1)
		*out_person = by_month;
	else if (same_month == 0 && same_unit == 1)
		*out_person = alone;
	return RC_OK;
}

static enum rc find(struct db *db, struct city *city, struct arena *a, const struct wanted *w,
	int64_t *out_person, struct err *err)
{
	*out_person = 0;
	if (w->citizen_id.n)
		TRY(by_citizen_id(db, city, a, w, out_person, err));
	if (*out_person == 0 && w->name.n)
		TRY(by_name(db, city, a, w, out_person, err));
	return RC_OK;
}

enum rc person_find(struct db *db, struct city *city, struct arena *a, const struct person_input *in,
	int64_t *out_person, struct err *err)
{
	struct wanted w;
	TRY(read_wanted(a, city, in, &w, err));
	return find(db, city, a, &w, out_person, err);
}

static void put(struct city *city, struct entry *list, size_t *n, const char *id, str text)
{
	const struct field *f = field(city, id);
	if (f && text.n)
		list[(*n)++] = (struct entry){f, {.kind = V_TEXT, .t = text}};
}

/* What the input knows and the record lacks; of a phone also what differs. */
static size_t news(struct city *city, const struct wanted *w, const struct record *rec, struct entry *list)
{
	size_t n = 0;
	bool is_new = rec == NULL;
	if (is_new || (w->phone.n && !str_eq(w->phone, text_of(city, rec, "phone"))))
		put(city, list, &n, "phone", w->phone);
	if (is_new)
		put(city, list, &n, "name", w->name);
	if (is_new || text_of(city, rec, "citizen_id").n == 0)
		put(city, list, &n, "citizen_id", w->citizen_id);
	if (is_new || text_of(city, rec, "birth_month").n == 0)
		put(city, list, &n, "birth_month", w->birth_month);
	if (is_new || text_of(city, rec, "sex").n == 0)
		put(city, list, &n, "sex", w->sex);
	const struct field *f = field(city, "identified");
	bool identified = rec && f && rec->values[f->at].i == 1;
	if (f && (is_new || (w->citizen_id.n && !identified)))
		list[n++] = (struct entry){f, {.kind = V_INT, .i = w->citizen_id.n > 0}};
	return n;
}

enum rc person_resolve(struct job_ctx *c, const struct person_input *in, int64_t *out_person, bool *out_new,
	bool *out_changed, struct err *err)
{
	struct city *city = job_city(c);
	const struct reg *reg = model_reg(city->model, STR("person"));
	struct wanted w;
	struct entry list[8];
	int64_t id;
	TRY(read_wanted(c->a, city, in, &w, err));
	TRY(find(c->db, city, c->a, &w, &id, err));
	*out_new = *out_changed = false;
	if (id == 0) {
		struct record_input input = {
			.reg = reg, .org = w.unit, .entries = list, .source = STR("import")};
		input.entries_n = news(city, &w, NULL, list);
		TRY(record_add(c, &input, out_person, err));
		*out_new = true;
		return RC_OK;
	}
	struct record *rec;
	TRY(row_get(c->a, c->db, city, reg, id, &rec, err));
	size_t n = news(city, &w, rec, list);
	if (n > 0) {
		TRY(record_set(c, reg, id, 0, list, n, err));
		*out_changed = true;
	}
	*out_person = id;
	return RC_OK;
}

/* Which index a search text asks for. */
static const char *kind_of(struct arena *a, str *text)
{
	str t = narrow_tight(a, *text);
	bool digits = t.n > 0, letters = t.n > 0;
	for (size_t i = 0; i < t.n; i++) {
		char c = t.p[i];
		bool digit = c >= '0' && c <= '9';
		digits &= digit || (i + 1 == t.n && (c == 'x' || c == 'X'));
		letters &= (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
	}
	*text = t;
	if (digits && t.n >= 15) {
		struct ident id = ident_check(t, clock_today());
		*text = id.valid ? arena_str(a, str_of(id.normal)) : t;
		return "id";
	}
	if (digits)
		return "phone";
	*text = letters ? narrow_label(a, t) : person_name_clean(a, *text);
	return letters ? "initials" : "name";
}

enum rc person_search(
	struct reader *r, str text, int64_t *out_ids, size_t cap, size_t *out_n, struct err *err)
{
	int64_t ids[CANDIDATES_MAX];
	size_t n;
	const struct reg *reg = model_reg(r->city->model, STR("person"));
	str t = text;
	const char *kind = kind_of(r->a, &t);
	TRY(find_ids(r->db, r->city, kind, t, ids, CANDIDATES_MAX, &n, err));
	if (n == 0 && strcmp(kind, "name") == 0)
		TRY(find_ids(r->db, r->city, "given", t, ids, CANDIDATES_MAX, &n, err));
	*out_n = 0;
	for (size_t i = 0; i < n && *out_n < cap; i++) {
		struct record *rec;
		TRY(row_get(r->a, r->db, r->city, reg, ids[i], &rec, err));
		if (permit_read(r->tree, &r->actor, rec))
			out_ids[(*out_n)++] = ids[i];
	}
	return RC_OK;
}
