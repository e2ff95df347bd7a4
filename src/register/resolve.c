/* resolve.c -- rows named by people: #id, a code, or a label that is unique within the unit (record.h). */
#include "base/utf8.h"
#include "register/narrow.h"
#include "register/row.h"

/* At most two ids of rows whose column holds the text; the second tells that it is not unique. */
static enum rc ids_by(struct db *db, struct arena *a, const struct reg *reg, const struct field *f, str text,
	int64_t org, int64_t out[2], int *out_n, struct err *err)
{
	struct stmt *s;
	bool row;
	str scope = org ? STR(" AND \"org\" = ?2") : STR("");
	str sql = arena_fmt(a,
		"SELECT \"id\" FROM \"%.*s\" WHERE \"%.*s\" = ?1 AND \"state\" <> 'void'%.*s ORDER BY \"id\" "
		"LIMIT 2",
		STR_ARG(reg->id), STR_ARG(f->id), STR_ARG(scope));
	TRY(db_prepare(db, sql.p, &s, err));
	stmt_bind_text(s, 1, text);
	if (org)
		stmt_bind_i64(s, 2, org);
	for (*out_n = 0; *out_n < 2;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		out[(*out_n)++] = stmt_i64(s, 0);
	}
	stmt_reset(s);
	return RC_OK;
}

static enum rc exists_id(
	struct db *db, struct arena *a, const struct reg *reg, int64_t id, bool *out, struct err *err)
{
	struct stmt *s;
	str sql = arena_fmt(a, "SELECT 1 FROM \"%.*s\" WHERE \"id\" = ?1", STR_ARG(reg->id));
	TRY(db_prepare(db, sql.p, &s, err));
	stmt_bind_i64(s, 1, id);
	TRY(stmt_step(s, out, err));
	stmt_reset(s);
	return RC_OK;
}

/* The root is also called by the city's name (contract.md, init). */
static bool names_root(struct arena *a, const struct city *c, str text)
{
	return str_eq(text, c->name) || str_is(text, "团市委") ||
	       str_eq(text, arena_fmt(a, "%.*s团委", STR_ARG(c->name)));
}

static enum rc resolve(struct db *db, struct arena *a, struct city *city, const struct reg *reg, str what,
	int64_t org, str text, int64_t *out_id, struct err *err)
{
	const struct reg_plan *p = &city->plans[reg->at];
	str t = narrow(a, text);
	int64_t id, ids[2];
	int n = 0;
	if (str_starts(t, STR("#")) && str_i64(str_from(t, 1), &id)) {
		bool is;
		TRY(exists_id(db, a, reg, id, &is, err));
		if (!is)
			return FAIL(
				err, RC_NOT_FOUND, "%.*s: there is no #%lld", STR_ARG(what), (long long)id);
		*out_id = id;
		return RC_OK;
	}
	if (str_is(reg->id, "org") && names_root(a, city, t)) {
		*out_id = city->root_org;
		return RC_OK;
	}
	const struct {
		const struct field *f;
		int64_t org;
		str text;
	} tries[] = {{p->code, 0, t}, {p->title, org, t}, {p->title, 0, t}, {p->title, 0, str_trim(text)}};
	for (size_t i = 0; i < sizeof tries / sizeof *tries && n == 0; i++) {
		if (tries[i].f == NULL || tries[i].f->sealed)
			continue;
		TRY(ids_by(db, a, reg, tries[i].f, tries[i].text, tries[i].org, ids, &n, err));
	}
	if (n == 0)
		return FAIL(err, RC_NOT_FOUND, "%.*s: “%.*s” is no code or name of %.*s", STR_ARG(what),
			STR_ARG(utf8_head(text, 60)), STR_ARG(label_text(&reg->label)));
	if (n > 1)
		return FAIL(err, RC_CONFLICT, "%.*s: several %.*s are named “%.*s”; give the code",
			STR_ARG(what), STR_ARG(label_text(&reg->label)), STR_ARG(utf8_head(text, 60)));
	*out_id = ids[0];
	return RC_OK;
}

static const struct reg *target(const struct city *city, const struct field *f)
{
	if (f->type == T_PERSON)
		return model_reg(city->model, STR("person"));
	if (f->type == T_ORG || f->type == T_ORGS)
		return model_reg(city->model, STR("org"));
	return f->to_reg;
}

enum rc resolve_row(struct db *db, struct city *city, const struct reg *reg, int64_t org, str text,
	int64_t *out_id, struct err *err)
{
	struct arena a = {0};
	enum rc rc = resolve(db, &a, city, reg, label_text(&reg->label), org, text, out_id, err);
	arena_done(&a);
	return rc;
}

enum rc resolve_ref(struct db *db, struct city *city, const struct field *f, int64_t org, str text,
	int64_t *out_id, struct err *err)
{
	struct arena a = {0};
	enum rc rc = resolve(db, &a, city, target(city, f), label_text(&f->label), org, text, out_id, err);
	arena_done(&a);
	return rc;
}

/* "甲、乙,丙" -> ",3,17,": each once, ascending unless the field is ordered. */
enum rc resolve_list(struct db *db, struct city *city, struct arena *a, const struct field *f, int64_t org,
	str text, str *out_ids, struct err *err)
{
	int64_t *ids = NULL;
	size_t n = 0, cap = 0;
	str rest = text;
	while (rest.n > 0) {
		size_t end = 0, k = 1;
		for (; end < rest.n; end++) {
			str here = str_from(rest, end);
			k = str_starts(here, STR("、")) || str_starts(here, STR("，")) ||
					    str_starts(here, STR("；"))
				    ? 3
			    : rest.p[end] == ',' || rest.p[end] == ';' || rest.p[end] == '\n' ? 1
											      : 0;
			if (k)
				break;
		}
		str one = str_trim(str_head(rest, end));
		rest = str_from(rest, end + (k ? k : 1));
		if (one.n == 0)
			continue;
		int64_t id;
		TRY(resolve_ref(db, city, f, org, one, &id, err));
		size_t at = 0;
		while (at < n && (f->ordered ? ids[at] != id : ids[at] < id))
			at++;
		if (at < n && ids[at] == id)
			continue;
		ids = arena_grow(a, ids, n, &cap, sizeof *ids);
		memmove(ids + at + 1, ids + at, (n - at) * sizeof *ids);
		ids[at] = id;
		n++;
	}
	str s = STR("");
	for (size_t i = 0; i < n; i++)
		s = arena_fmt(a, "%.*s%s%lld,", STR_ARG(s), i ? "" : ",", (long long)ids[i]);
	*out_ids = s;
	return RC_OK;
}
