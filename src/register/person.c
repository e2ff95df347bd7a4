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
	"INSERT INTO find (kind, h, person, generation) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
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

static enum rc find_put(struct job_ctx *c, const char *kind, struct blind h, int64_t person,
	int64_t generation, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(c->db, Q_FIND_ADD, &s, err));
	stmt_bind_text(s, 1, str_of(kind));
	stmt_bind_blob(s, 2, (str){(const char *)h.b, BLIND_BYTES});
	stmt_bind_i64(s, 3, person);
	stmt_bind_i64(s, 4, generation);
	return stmt_run(s, err);
}

/* Under the key in use, and under the next one while the index is made anew. */
static enum rc find_add(struct job_ctx *c, const char *kind, str text, int64_t person, struct err *err)
{
	struct seal *seal = job_city(c)->seal;
	int64_t next = seal_index_next(seal);
	if (text.n == 0)
		return RC_OK;
	TRY(find_put(
		c, kind, seal_blind(seal, str_of(kind), text), person, seal_index_generation(seal), err));
	return next ? find_put(c, kind, seal_blind_at(seal, next, str_of(kind), text), person, next, err)
		    : RC_OK;
}

enum rc person_forget(struct job_ctx *c, int64_t person, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(c->db, Q_FIND_DROP, &s, err));
	stmt_bind_i64(s, 1, person);
	return stmt_run(s, err);
}

enum rc person_index(struct job_ctx *c, const struct record *rec, struct err *err)
{
	struct city *city = job_city(c);
	str name = person_name_clean(c->a, text_of(city, rec, "name"));
	if (rec->version > 1)
		TRY(person_forget(c, rec->id, err));
	TRY(find_add(c, "name", name, rec->id, err));
	TRY(find_add(c, "given", str_from(name, surname_bytes(name)), rec->id, err));
	TRY(find_add(c, "initials", pinyin_initials(c->a, name), rec->id, err));
	TRY(find_add(c, "id", text_of(city, rec, "citizen_id"), rec->id, err));
	return find_add(c, "phone", text_of(city, rec, "phone"), rec->id, err);
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
	/* Who does not see a field does not search by it. */
	uint64_t seen[2];
	const struct field *by = reg_field(reg, strcmp(kind, "id") == 0      ? STR("citizen_id")
						: strcmp(kind, "phone") == 0 ? STR("phone")
									     : STR("name"));
	permit_columns(reg, &r->actor, true, seen);
	if (by && !field_in(seen, by))
		return RC_OK;
	for (size_t i = 0; i < n && *out_n < cap; i++) {
		struct record *rec;
		TRY(row_get(r->a, r->db, r->city, reg, ids[i], &rec, err));
		if (permit_read(r->tree, &r->actor, rec))
			out_ids[(*out_n)++] = ids[i];
	}
	return RC_OK;
}
