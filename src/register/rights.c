/* rights.c -- see rights.h. */
#include "register/rights.h"
#include "base/clock.h"
#include "base/date.h"
#include "guard/authorise.h"
#include "register/expr.h"
#include "register/label.h"

static const char Q_SHARED[] =
	"SELECT s.\"id\", s.\"org\", s.\"register_id\", s.\"field_ids\" FROM \"sharing_agreement\" s"
	" JOIN \"partner\" p ON p.\"id\" = s.\"partner\" WHERE p.\"contact\" = ?1 AND p.\"state\" = 'valid'"
	" AND s.\"state\" = 'valid' AND s.\"valid_from\" <= ?2 AND s.\"valid_to\" >= ?2 ORDER BY s.\"id\"";

struct gather {
	struct db *db;
	struct city *city;
	struct arena *a;
	struct actor *actor;
	struct grant *grants;
	size_t grants_n, grants_cap;
	struct case_of *cases;
	size_t cases_n, cases_cap;
	int64_t *children;
	size_t children_n, children_cap;
};

static void add_grant(struct gather *g, struct grant grant)
{
	g->grants = arena_grow(g->a, g->grants, g->grants_n, &g->grants_cap, sizeof *g->grants);
	g->grants[g->grants_n++] = grant;
}

static void add_case(struct gather *g, str reg, int64_t row, str role)
{
	if (row == 0)
		return;
	for (size_t i = 0; i < g->cases_n; i++)
		if (g->cases[i].row == row && str_eq(g->cases[i].reg, reg) && str_eq(g->cases[i].role, role))
			return;
	g->cases = arena_grow(g->a, g->cases, g->cases_n, &g->cases_cap, sizeof *g->cases);
	g->cases[g->cases_n++] = (struct case_of){.reg = reg, .row = row, .role = role};
}

static enum rc standing(struct gather *g, struct err *err)
{
	struct authorisation *list;
	struct glass *glass;
	size_t n;
	TRY(authorisation_list(g->db, g->a, g->actor->person, STR(""), clock_today(), &list, &n, err));
	for (size_t i = 0; i < n; i++)
		if (actor_has_role(g->actor, list[i].role))
			add_grant(g, (struct grant){.kind = GRANT_STANDING,
					     .id = list[i].id,
					     .org = list[i].org,
					     .role = list[i].role,
					     .purpose = list[i].purpose,
					     .may_export = list[i].may_export});
	TRY(glass_list(g->db, g->a, g->actor->person, clock_now_ms(), &glass, &n, err));
	for (size_t i = 0; i < n; i++)
		add_grant(g, (struct grant){.kind = GRANT_GLASS,
				     .id = glass[i].id,
				     .reg = glass[i].reg,
				     .row = glass[i].row});
	return RC_OK;
}

/* ---- cases ---- */

/* The columns of a register's case fields behind `what`. */
static str select_cases(struct gather *g, const struct reg *reg)
{
	str list = STR("r.\"id\"");
	for (size_t i = 0; i < reg->cases_n; i++)
		list = arena_fmt(g->a, "%.*s, r.\"%.*s\"", STR_ARG(list), STR_ARG(reg->cases[i]->id));
	return list;
}

static void add_anchor(struct gather *g, const struct field *f, struct stmt *s, int column, str role)
{
	if (f->type != T_REFS) {
		add_case(g, f->to_reg->id, stmt_i64(s, column), role);
		return;
	}
	for (str rest = stmt_text(s, column); rest.n > 0;) {
		int64_t id;
		if (str_i64(str_cut(rest, ',', &rest), &id))
			add_case(g, f->to_reg->id, id, role);
	}
}

static enum rc member_of(
	struct gather *g, const struct reg *reg, const struct member_rule *m, struct err *err)
{
	struct query q;
	struct stmt *s;
	query_init(&q, g->a, g->city->model, reg, g->city->seal);
	str when = query_expr(&q, m->when);
	int who = query_param_int(&q, g->actor->person);
	str sql = arena_fmt(g->a, "SELECT %.*s %.*s WHERE r.\"%.*s\" = ?%d AND (%.*s)",
		STR_ARG(select_cases(g, reg)), STR_ARG(query_from(&q)), STR_ARG(m->field->id), who,
		STR_ARG(when));
	TRY(db_prepare(g->db, sql.p, &s, err));
	query_bind(&q, s);
	for (;;) {
		bool row;
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		if (reg->case_row)
			add_case(g, reg->id, stmt_i64(s, 0), m->role);
		for (size_t i = 0; i < reg->cases_n; i++)
			add_anchor(g, reg->cases[i], s, 1 + (int)i, m->role);
	}
}

static bool is_between(const struct model *m, const struct reg *reg)
{
	for (size_t i = 0; i < m->regs_n; i++)
		for (size_t k = 0; k < m->regs[i].cases_n; k++)
			if (m->regs[i].cases[k]->to_reg == reg)
				return true;
	return false;
}

/* Rows of a register between that belong to cases known so far. */
static enum rc follow(
	struct gather *g, const struct reg *reg, const struct field *f, size_t known, struct err *err)
{
	int64_t *ids = NEWS(g->a, known + 1, int64_t);
	size_t n = 0;
	struct stmt *s;
	for (size_t i = 0; i < known; i++)
		if (str_eq(g->cases[i].reg, f->to_reg->id))
			ids[n++] = g->cases[i].row;
	if (n == 0 || f->type == T_REFS)
		return RC_OK;
	str sql = arena_fmt(g->a, "SELECT \"id\", \"%.*s\" FROM \"%.*s\" WHERE \"%.*s\" {in ?1}",
		STR_ARG(f->id), STR_ARG(reg->id), STR_ARG(f->id));
	TRY(db_prepare(g->db, sql.p, &s, err));
	stmt_bind_ids(s, 1, ids, n);
	for (;;) {
		bool row;
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		for (size_t i = 0; i < known; i++)
			if (g->cases[i].row == stmt_i64(s, 1) && str_eq(g->cases[i].reg, f->to_reg->id))
				add_case(g, reg->id, stmt_i64(s, 0), g->cases[i].role);
	}
}

static enum rc cases(struct gather *g, struct err *err)
{
	const struct model *m = g->city->model;
	struct case_of *list;
	size_t n;
	TRY(case_list(g->db, g->a, g->actor->person, clock_today(), &list, &n, err));
	for (size_t i = 0; i < n; i++)
		add_case(g, list[i].reg, list[i].row, list[i].role);
	for (size_t i = 0; i < m->regs_n; i++)
		for (size_t k = 0; k < m->regs[i].members_n; k++)
			if (actor_has_role(g->actor, m->regs[i].members[k].role))
				TRY(member_of(g, &m->regs[i], &m->regs[i].members[k], err));
	size_t known = g->cases_n;
	for (size_t i = 0; known > 0 && i < m->regs_n; i++)
		if (m->regs[i].cases_n > 0 && is_between(m, &m->regs[i]))
			for (size_t k = 0; k < m->regs[i].cases_n; k++)
				TRY(follow(g, &m->regs[i], m->regs[i].cases[k], known, err));
	return RC_OK;
}

/* ---- children, agreements ---- */

static enum rc children(struct gather *g, const struct reg *reg, struct err *err)
{
	struct query q;
	struct stmt *s;
	query_init(&q, g->a, g->city->model, reg, g->city->seal);
	str when = query_expr(&q, reg->guardian_when);
	int who = query_param_int(&q, g->actor->person);
	str sql = arena_fmt(g->a, "SELECT r.\"%.*s\" %.*s WHERE r.\"%.*s\" = ?%d AND (%.*s)",
		STR_ARG(reg->person->id), STR_ARG(query_from(&q)), STR_ARG(reg->guardian->id), who,
		STR_ARG(when));
	TRY(db_prepare(g->db, sql.p, &s, err));
	query_bind(&q, s);
	for (;;) {
		bool row;
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		g->children =
			arena_grow(g->a, g->children, g->children_n, &g->children_cap, sizeof *g->children);
		g->children[g->children_n++] = stmt_i64(s, 0);
	}
}

void rights_field_ids(struct arena *a, const struct reg *reg, str text, uint64_t set[2], str *out_unknown)
{
	*out_unknown = (str){NULL, 0};
	for (size_t i = 0; i < text.n;) {
		size_t from = i;
		while (i < text.n && ((text.p[i] >= 'a' && text.p[i] <= 'z') || text.p[i] == '_' ||
					     (text.p[i] >= '0' && text.p[i] <= '9')))
			i++;
		if (i == from) {
			i++;
			continue;
		}
		str id = {text.p + from, i - from};
		const struct field *f = reg_field(reg, id);
		if (f)
			set[f->at / 64] |= (uint64_t)1 << (f->at % 64);
		else if (out_unknown->n == 0)
			*out_unknown = arena_str(a, id);
	}
}

static enum rc shared(struct gather *g, struct err *err)
{
	struct stmt *s;
	char today[DATE_TEXT_BYTES];
	if (!actor_has_role(g->actor, STR("partner_contact")) ||
		model_reg(g->city->model, STR("sharing_agreement")) == NULL ||
		model_reg(g->city->model, STR("partner")) == NULL)
		return RC_OK;
	date_text(clock_today(), today);
	TRY(db_prepare(g->db, Q_SHARED, &s, err));
	stmt_bind_i64(s, 1, g->actor->person);
	stmt_bind_text(s, 2, str_of(today));
	for (;;) {
		bool row;
		str unknown;
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		const struct reg *reg = model_reg(g->city->model, stmt_text(s, 2));
		const struct role_kind *partner = model_role(g->city->model, STR("partner_contact"));
		/* No agreement opens what the role's label does not dominate, or what the register does not share today. */
		if (reg == NULL || partner == NULL || !label_role_dominates(partner, reg))
			continue;
		struct grant grant = {.kind = GRANT_SHARING,
			.id = stmt_i64(s, 0),
			.org = stmt_i64(s, 1),
			.reg = reg->id,
			.role = STR("partner_contact")};
		rights_field_ids(g->a, reg, stmt_text(s, 3), grant.fields, &unknown);
		grant.fields[0] &= reg->shared[0];
		grant.fields[1] &= reg->shared[1];
		if ((grant.fields[0] | grant.fields[1]) != 0)
			add_grant(g, grant);
	}
}

enum rc rights_load(struct db *db, struct city *city, struct arena *a, struct actor *actor, struct err *err)
{
	struct gather g = {.db = db, .city = city, .a = a, .actor = actor};
	if (actor->person <= 0)
		return RC_OK;
	TRY(standing(&g, err));
	TRY(cases(&g, err));
	for (size_t i = 0; i < city->model->regs_n; i++)
		if (city->model->regs[i].guardian)
			TRY(children(&g, &city->model->regs[i], err));
	TRY(shared(&g, err));
	actor->grants = g.grants;
	actor->grants_n = g.grants_n;
	actor->cases = g.cases;
	actor->cases_n = g.cases_n;
	actor->children = g.children;
	actor->children_n = g.children_n;
	return RC_OK;
}
