/* person_match.c -- who is meant: the matching of person.h. What is sealed is compared by its blind index in table find;
 * nothing is opened. */
#include "base/clock.h"
#include "base/date.h"
#include "base/ident.h"
#include "guard/seal.h"
#include "register/person.h"
#include "register/row.h"

static const char Q_BY_ID[] =
	"SELECT f.person, CASE WHEN EXISTS (SELECT 1 FROM find n WHERE n.kind = 'name' AND "
	"n.h = ?2 AND n.person = f.person) THEN 1 ELSE 0 END "
	"FROM find f WHERE f.kind = 'id' AND f.h = ?1 ORDER BY f.person LIMIT 1";
/* Of one name: those of the unit or with the phone; where an ID is given, those that have none yet. */
static const char Q_BY_NAME[] =
	"SELECT p.\"id\", p.\"birth_month\", CASE WHEN x.person IS NULL THEN 0 ELSE 1 END FROM find f "
	"JOIN \"person\" p ON p.\"id\" = f.person "
	"LEFT JOIN find x ON x.kind = 'phone' AND x.h = ?4 AND x.person = f.person "
	"WHERE f.kind = 'name' AND f.h = ?2 AND p.\"state\" <> 'void' AND (p.\"org\" = ?3 OR x.person IS NOT "
	"NULL) "
	"AND (?1 = 0 OR NOT EXISTS (SELECT 1 FROM find y WHERE y.person = f.person AND y.kind = 'id')) "
	"ORDER BY p.\"id\"";
static const char Q_STANDING[] = "SELECT p.\"birth_month\", p.\"sex\", p.\"identified\", "
				 "CASE WHEN EXISTS (SELECT 1 FROM find y WHERE y.person = p.\"id\" AND "
				 "y.kind = 'id') THEN 1 ELSE 0 END, "
				 "CASE WHEN EXISTS (SELECT 1 FROM find x WHERE x.kind = 'phone' AND x.h = ?2 "
				 "AND x.person = p.\"id\") THEN 1 "
				 "ELSE 0 END FROM \"person\" p WHERE p.\"id\" = ?1";
static const char Q_UNMAKE[] = "DELETE FROM \"person\" WHERE \"id\" = ?1";

static const struct field *field(const struct city *c, const char *id)
{
	return reg_field(model_reg(c->model, STR("person")), str_of(id));
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
		w->sex = id.male ? STR("male") : STR("female"); /* the ID's, where both are given */
	}
	if (w->name.n == 0 && w->citizen_id.n == 0)
		return FAIL(err, RC_INVALID, "the person has neither a name nor a citizen ID");
	return RC_OK;
}

static void bind_blind(struct stmt *s, int at, struct city *city, const char *kind, str text)
{
	struct blind h = {{0}};
	if (text.n)
		h = seal_blind(city->seal, str_of(kind), text);
	stmt_bind_blob(s, at, (str){(const char *)h.b, BLIND_BYTES});
}

static enum rc by_citizen_id(
	struct db *db, struct city *city, const struct wanted *w, int64_t *out_person, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, Q_BY_ID, &s, err));
	bind_blind(s, 1, city, "id", w->citizen_id);
	bind_blind(s, 2, city, "name", w->name);
	TRY(stmt_step(s, &row, err));
	if (!row)
		return RC_OK;
	int64_t id = stmt_i64(s, 0), same_name = stmt_i64(s, 1);
	stmt_reset(s);
	if (w->name.n && !same_name)
		return FAIL(err, RC_CONFLICT,
			"this citizen ID stands already under another name (person #%lld): compare the "
			"papers",
			(long long)id);
	*out_person = id;
	return RC_OK;
}

/* Rules 2 to 4 of person.h over the people of that name. */
static enum rc by_name(
	struct db *db, struct city *city, const struct wanted *w, int64_t *out_person, struct err *err)
{
	struct stmt *s;
	bool row;
	int64_t by_month = 0, alone = 0;
	size_t same_month = 0, same_unit = 0;
	TRY(db_prepare(db, Q_BY_NAME, &s, err));
	stmt_bind_i64(s, 1, w->citizen_id.n > 0);
	bind_blind(s, 2, city, "name", w->name);
	stmt_bind_i64(s, 3, w->unit);
	bind_blind(s, 4, city, "phone", w->phone);
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			break;
		str month = stmt_text(s, 1);
		if (w->birth_month.n && month.n && !str_eq(w->birth_month, month))
			continue;
		if (w->phone.n && stmt_i64(s, 2)) {
			*out_person = stmt_i64(s, 0);
			stmt_reset(s);
			return RC_OK;
		}
		alone = stmt_i64(s, 0);
		same_unit++;
		if (w->birth_month.n && month.n) {
			by_month = alone;
			same_month++;
		}
	}
	if (same_month == 1)
		*out_person = by_month;
	else if (same_month == 0 && same_unit == 1)
		*out_person = alone;
	return RC_OK;
}

static enum rc find(
	struct db *db, struct city *city, const struct wanted *w, int64_t *out_person, struct err *err)
{
	*out_person = 0;
	if (w->citizen_id.n)
		TRY(by_citizen_id(db, city, w, out_person, err));
	if (*out_person == 0 && w->name.n)
		TRY(by_name(db, city, w, out_person, err));
	return RC_OK;
}

enum rc person_find(struct db *db, struct city *city, struct arena *a, const struct person_input *in,
	int64_t *out_person, struct err *err)
{
	struct wanted w;
	TRY(read_wanted(a, city, in, &w, err));
	return find(db, city, &w, out_person, err);
}

/* What is known already of somebody. */
struct standing {
	bool birth_month, sex, identified, citizen_id, same_phone;
};

static enum rc standing_of(struct db *db, struct city *city, int64_t person, const struct wanted *w,
	struct standing *out, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, Q_STANDING, &s, err));
	stmt_bind_i64(s, 1, person);
	bind_blind(s, 2, city, "phone", w->phone);
	TRY(stmt_step(s, &row, err));
	if (!row)
		return FAIL(err, RC_IO, "person #%lld stands in the index of names but not in its register",
			(long long)person);
	*out = (struct standing){.birth_month = stmt_text(s, 0).n > 0,
		.sex = stmt_text(s, 1).n > 0,
		.identified = stmt_i64(s, 2) == 1,
		.citizen_id = stmt_i64(s, 3),
		.same_phone = stmt_i64(s, 4)};
	stmt_reset(s);
	return RC_OK;
}

static void put(struct city *city, struct entry *list, size_t *n, const char *id, str text)
{
	const struct field *f = field(city, id);
	if (f && text.n)
		list[(*n)++] = (struct entry){f, {.kind = V_TEXT, .t = text}};
}

/* What the input knows and the record lacks; of a phone also what differs. */
static size_t news(struct city *city, const struct wanted *w, const struct standing *now, struct entry *list)
{
	size_t n = 0;
	if (!now->same_phone)
		put(city, list, &n, "phone", w->phone);
	if (!now->citizen_id)
		put(city, list, &n, "citizen_id", w->citizen_id);
	if (!now->birth_month)
		put(city, list, &n, "birth_month", w->birth_month);
	if (!now->sex)
		put(city, list, &n, "sex", w->sex);
	const struct field *f = field(city, "identified");
	if (f && w->citizen_id.n && !now->identified)
		list[n++] = (struct entry){f, {.kind = V_INT, .i = 1}};
	return n;
}

static enum rc make(struct job_ctx *c, const struct wanted *w, int64_t *out_person, struct err *err)
{
	struct city *city = job_city(c);
	struct entry list[8];
	struct standing none = {0};
	size_t n = news(city, w, &none, list);
	put(city, list, &n, "name", w->name);
	struct record_input input = {.reg = model_reg(city->model, STR("person")),
		.org = w->unit,
		.entries = list,
		.entries_n = n,
		.source = STR("import")};
	return record_add(c, &input, out_person, err);
}

enum rc person_resolve(struct job_ctx *c, const struct person_input *in, int64_t *out_person, bool *out_new,
	bool *out_changed, struct err *err)
{
	struct city *city = job_city(c);
	struct wanted w;
	struct standing now;
	struct entry list[8];
	int64_t id;
	TRY(read_wanted(c->a, city, in, &w, err));
	TRY(find(c->db, city, &w, &id, err));
	*out_new = id == 0;
	*out_changed = false;
	if (id == 0)
		return make(c, &w, out_person, err);
	*out_person = id;
	TRY(standing_of(c->db, city, id, &w, &now, err));
	size_t n = news(city, &w, &now, list);
	*out_changed = n > 0;
	return n ? record_set(c, model_reg(city->model, STR("person")), id, 0, list, n, err) : RC_OK;
}

enum rc person_unmake(struct job_ctx *c, int64_t person, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(c->db, Q_UNMAKE, &s, err));
	stmt_bind_i64(s, 1, person);
	TRY(stmt_run(s, err));
	return person_forget(c, person, err);
}
