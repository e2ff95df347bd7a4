/* case_people.c -- see case_people.h. */
#include "register/case_people.h"
#include "base/clock.h"
#include "base/date.h"
#include "guard/authorise.h"
#include "register/permit.h"
#include "register/row.h"

static const char Q_PEOPLE[] =
	"SELECT id, person, role, from_date, to_date FROM case_member WHERE register = ?1 AND \"row\" = ?2"
	" AND from_date <= ?3 AND to_date > ?3 ORDER BY id LIMIT 200";
static const char Q_MEMBER[] = "SELECT register, \"row\" FROM case_member WHERE id = ?1";

static bool anchors_others(const struct model *m, const struct reg *reg)
{
	for (size_t i = 0; i < m->regs_n; i++)
		for (size_t k = 0; k < m->regs[i].cases_n; k++)
			if (m->regs[i].cases[k]->to_reg == reg)
				return true;
	return false;
}

size_t case_anchors(const struct model *m, const struct record *rec, struct case_anchor out[CASE_ANCHORS_MAX])
{
	const struct reg *reg = rec->reg;
	size_t n = 0;
	if (reg->case_row || anchors_others(m, reg))
		out[n++] = (struct case_anchor){reg, rec->id};
	for (size_t i = 0; i < reg->cases_n && n < CASE_ANCHORS_MAX; i++) {
		const struct value *v = &rec->values[reg->cases[i]->at];
		if (v->kind == V_INT)
			out[n++] = (struct case_anchor){reg->cases[i]->to_reg, v->i};
	}
	return n;
}

static void add_role(struct arena *a, str **list, size_t *n, str role)
{
	size_t cap = *n;
	for (size_t i = 0; i < *n; i++)
		if (str_eq((*list)[i], role))
			return;
	*list = arena_grow(a, *list, *n, &cap, sizeof **list);
	(*list)[(*n)++] = role;
}

static bool belongs(const struct reg *reg, const struct reg *anchor)
{
	for (size_t k = 0; k < reg->cases_n; k++)
		if (reg->cases[k]->to_reg == anchor)
			return true;
	return reg == anchor && reg->case_row;
}

void case_roles(struct arena *a, const struct model *m, const struct reg *anchor, str **out, size_t *out_n)
{
	*out = NULL;
	*out_n = 0;
	for (size_t i = 0; i < m->regs_n; i++) {
		const struct reg *reg = &m->regs[i];
		for (size_t k = 0; belongs(reg, anchor) && k < reg->read_n; k++)
			for (size_t r = 0; str_is(reg->read[k].relation, "case") && r < reg->read[k].roles_n;
				r++)
				add_role(a, out, out_n, reg->read[k].roles[r]);
	}
}

enum rc case_people(struct db *db, struct arena *a, const struct case_anchor *at, int32_t day,
	struct case_person **out, size_t *out_n, struct err *err)
{
	struct stmt *s;
	size_t cap = 0;
	char text[DATE_TEXT_BYTES];
	*out = NULL;
	*out_n = 0;
	date_text(day, text);
	TRY(db_prepare(db, Q_PEOPLE, &s, err));
	stmt_bind_text(s, 1, at->reg->id);
	stmt_bind_i64(s, 2, at->row);
	stmt_bind_text(s, 3, str_of(text));
	for (;;) {
		bool row;
		struct case_person x = {0};
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		x.id = stmt_i64(s, 0);
		x.person = stmt_i64(s, 1);
		x.role = stmt_str(a, s, 2);
		if (!date_parse(stmt_text(s, 3), &x.from) || !date_parse(stmt_text(s, 4), &x.to))
			x.to = DATE_NONE; /* for good */
		*out = arena_grow(a, *out, *out_n, &cap, sizeof **out);
		(*out)[(*out_n)++] = x;
	}
}

bool case_people_may(const struct tree *t, const struct actor *actor, const struct record *rec)
{
	static const str staff[] = {{"county_staff", 12}, {"city_staff", 10}};
	struct basis b;
	if (actor_is_operator(actor) || actor_has_role(actor, STR("secadmin")))
		return true;
	for (size_t i = 0; i < sizeof staff / sizeof *staff; i++)
		if (actor_has_role(actor, staff[i]) &&
			(actor->org == 0 || tree_under(t, rec->org, actor->org, clock_today())))
			return true;
	return actor_has_role(actor, STR("case_worker")) && permit_basis(t, actor, rec, &b) &&
	       b.kind == BASIS_CASE;
}

static enum rc may(struct job_ctx *c, const struct reg *reg, int64_t row, struct err *err)
{
	struct city *city = job_city(c);
	struct record *rec;
	TRY(row_get(c->a, c->db, city, reg, row, &rec, err));
	TRY(city_tree_now(city, c->db, err));
	return case_people_may(city->tree, c->actor, rec)
		       ? RC_OK
		       : FAIL(err, RC_DENIED, "this case is not yours: its people are named by its own unit");
}

enum rc case_people_add(struct job_ctx *c, void *case_person_new, struct err *err)
{
	struct case_person_new *x = case_person_new;
	const struct model *m = job_city(c)->model;
	str *roles;
	size_t n;
	bool known = false;
	c->action = STR("case_add");
	c->subject = arena_fmt(c->a, "%.*s:%lld", STR_ARG(x->reg->id), (long long)x->row);
	case_roles(c->a, m, x->reg, &roles, &n);
	for (size_t i = 0; i < n; i++)
		known = known || str_eq(roles[i], x->role);
	if (!known)
		return FAIL(err, RC_INVALID, "nobody works on a case of %.*s as “%.*s”",
			STR_ARG(label_text(&x->reg->label)), STR_ARG(str_head(x->role, 40)));
	TRY(may(c, x->reg, x->row, err));
	return case_add(
		c, x->reg->id, x->row, x->person, x->role, clock_day_of(c->now_ms), x->to, &x->id, err);
}

enum rc case_people_end(struct job_ctx *c, void *id, struct err *err)
{
	int64_t member = *(const int64_t *)id, row;
	struct stmt *s;
	bool found;
	c->action = STR("case_end");
	c->subject = arena_fmt(c->a, "case_member:%lld", (long long)member);
	TRY(db_prepare(c->db, Q_MEMBER, &s, err));
	stmt_bind_i64(s, 1, member);
	TRY(stmt_step(s, &found, err));
	const struct reg *reg = found ? model_reg(job_city(c)->model, stmt_text(s, 0)) : NULL;
	row = found ? stmt_i64(s, 1) : 0;
	stmt_reset(s);
	if (reg == NULL)
		return FAIL(err, RC_NOT_FOUND, "no such member, or it has ended already");
	TRY(may(c, reg, row, err));
	return case_end(c, member, clock_day_of(c->now_ms), err);
}
