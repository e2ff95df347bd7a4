/* pick.c -- see pick.h. */
#include "register/pick.h"
#include "register/narrow.h"
#include "register/permit.h"
#include "register/person.h"
#include "register/pinyin.h"
#include "register/row.h"

const struct reg *pick_target(const struct model *m, const struct field *f)
{
	if (f->type == T_PERSON)
		return model_reg(m, STR("person"));
	if (f->type == T_ORG || f->type == T_ORGS)
		return model_reg(m, STR("org"));
	return f->type == T_REF || f->type == T_REFS ? f->to_reg : NULL;
}

static enum rc people(struct reader *r, const struct reg *reg, str text, struct pick *out, size_t cap,
	size_t *out_n, struct err *err)
{
	int64_t ids[50];
	size_t n = 0, most = sizeof ids / sizeof *ids;
	*out_n = 0;
	if (str_trim(text).n == 0)
		return RC_OK;
	TRY(person_search(r, text, ids, cap < most ? cap : most, &n, err));
	for (size_t i = 0; i < n; i++) {
		struct record *rec;
		TRY(row_get(r->a, r->db, r->city, reg, ids[i], &rec, err));
		out[i] = (struct pick){ids[i], rec->org, record_label(r, reg, ids[i]), {NULL, 0}};
	}
	*out_n = n;
	return RC_OK;
}

struct wanted {
	str text, lower;
	bool letters; /* may be initials */
	int64_t id;
};

static struct wanted wanted_of(struct arena *a, str text)
{
	struct wanted w = {.text = narrow(a, text), .lower = narrow_label(a, text), .letters = true};
	if (str_starts(w.text, STR("#")) && !str_i64(str_from(w.text, 1), &w.id))
		w.id = 0;
	for (size_t i = 0; i < w.lower.n; i++)
		w.letters = w.letters && w.lower.p[i] >= 'a' && w.lower.p[i] <= 'z';
	return w;
}

static str text_at(const struct record *rec, const struct field *f)
{
	return f && !f->sealed && rec->values[f->at].kind == V_TEXT ? rec->values[f->at].t : (str){NULL, 0};
}

static bool fits(struct arena *a, const struct wanted *w, const struct pick *p)
{
	if (w->text.n == 0 || w->id == p->id)
		return true;
	if (str_starts(narrow_label(a, p->code), w->lower) ||
		str_find(narrow_label(a, p->label), w->lower) != SIZE_MAX)
		return true;
	return w->letters && str_find(pinyin_initials(a, p->label), w->lower) != SIZE_MAX;
}

enum rc pick_find(struct reader *r, const struct reg *reg, str text, struct pick *out, size_t cap,
	size_t *out_n, struct err *err)
{
	if (str_is(reg->id, "person"))
		return people(r, reg, text, out, cap, out_n, err);
	const struct reg_plan *plan = &r->city->plans[reg->at];
	struct wanted w = wanted_of(r->a, text);
	struct stmt *s;
	bool row, closed = reg->sensitivity >= SENS_PERSONAL;
	/* Labels of other registers stand open wherever they are referred to; of these, only what may be searched by. */
	uint64_t seen[2];
	permit_columns(reg, &r->actor, true, seen);
	const struct field *title = plan->title, *code = plan->code;
	if (closed && title && !field_in(seen, title))
		title = NULL;
	if (closed && code && !field_in(seen, code))
		code = NULL;
	*out_n = 0;
	str sql = arena_fmt(r->a,
		"SELECT %.*s FROM \"%.*s\" r WHERE r.\"state\" <> 'void' ORDER BY r.\"id\" DESC LIMIT %d",
		STR_ARG(plan->columns), STR_ARG(reg->id), PICK_LOOK_MAX);
	TRY(db_prepare(r->db, sql.p, &s, err));
	while (*out_n < cap) {
		struct record *rec;
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		enum rc rc = row_read(r->a, r->city, reg, s, 0, false, &rec, err);
		if (rc != RC_OK) {
			stmt_reset(s);
			return rc;
		}
		struct pick p = {rec->id, rec->org, text_at(rec, title), text_at(rec, code)};
		if (p.label.n == 0)
			p.label = p.code.n ? p.code : arena_fmt(r->a, "#%lld", (long long)rec->id);
		if (!fits(r->a, &w, &p) || (closed && !permit_read(r->tree, &r->actor, rec)))
			continue;
		if (closed)
			p.label = record_label(r, reg, rec->id); /* masked, and noted, as everywhere */
		out[(*out_n)++] = p;
	}
	stmt_reset(s);
	return RC_OK;
}
