/* permit.c -- see permit.h. The writing side stands in permit_write.c. */
#include "register/permit.h"
#include "base/clock.h"
#include "register/case_note.h"
#include "register/permit_in.h"

bool permit_in_scope(const struct tree *t, const struct actor *actor, int64_t org)
{
	return actor->org == 0 || tree_under(t, org, actor->org, clock_today());
}

int64_t permit_person_of(const struct record *rec)
{
	if (str_is(rec->reg->id, "person"))
		return rec->id;
	return rec->reg->person ? rec->values[rec->reg->person->at].i : 0;
}

void permit_shown(const struct reg *reg, str role, uint64_t set[2])
{
	for (size_t i = 0; i < reg->show_n; i++)
		if (str_eq(reg->show[i].role, role)) {
			set[0] |= reg->show[i].set[0];
			set[1] |= reg->show[i].set[1];
			return;
		}
	reg_ordinary(reg, set);
}

static void operator_sees(const struct reg *reg, uint64_t set[2])
{
	set[0] = set[1] = UINT64_MAX;
	for (size_t i = 0; i < reg->fields_n && reg->sensitivity == SENS_SEALED; i++)
		if (reg->fields[i].type == T_SEALED || reg->fields[i].type == T_SEALED_STRUCT)
			set[i / 64] &= ~((uint64_t)1 << (i % 64));
}

/* ---- why a row is open ---- */

static void open_by(struct basis *b, enum basis_kind kind, int64_t id)
{
	if (b->kind != BASIS_NONE)
		return;
	b->kind = kind;
	b->id = id;
}

static void by_own(
	const struct actor *actor, const struct record *rec, const struct permission *p, struct basis *b)
{
	int64_t person = permit_person_of(rec);
	for (size_t i = 0; person > 0 && i < p->roles_n; i++) {
		str role = p->roles[i];
		bool self = person == actor->person && (str_is(role, "self") || actor_has_role(actor, role));
		bool guards = str_is(role, "guardian") && actor_guards(actor, person);
		if (!self && !guards)
			continue;
		open_by(b, self ? BASIS_OWN : BASIS_GUARDIAN, 0);
		permit_shown(rec->reg, role, b->fields);
	}
}

static const struct grant *authorised(
	const struct tree *t, const struct actor *actor, const struct record *rec, str role)
{
	for (size_t i = 0; i < actor->grants_n; i++) {
		const struct grant *g = &actor->grants[i];
		if (g->kind == GRANT_STANDING && str_eq(g->role, role) &&
			str_eq(g->purpose, rec->reg->purpose) &&
			tree_under(t, rec->org, g->org, clock_today()))
			return g;
	}
	return NULL;
}

static void by_subtree(const struct tree *t, const struct actor *actor, const struct record *rec,
	const struct permission *p, struct basis *b)
{
	for (size_t i = 0; i < p->roles_n; i++) {
		const struct grant *g = NULL;
		if (!actor_has_role(actor, p->roles[i]) || !permit_in_scope(t, actor, rec->org))
			continue;
		if (rec->reg->sensitivity >= SENS_MINOR &&
			(g = authorised(t, actor, rec, p->roles[i])) == NULL)
			continue;
		open_by(b, g ? BASIS_AUTHORISATION : BASIS_ROLE, g ? g->id : 0);
		b->may_export = b->may_export || g == NULL || g->may_export;
		permit_shown(rec->reg, p->roles[i], b->fields);
	}
}

static bool refers_to(const struct value *v, const struct field *f, int64_t row)
{
	int64_t id;
	if (f->type != T_REFS)
		return v->kind == V_INT && v->i == row;
	for (str rest = v->t; v->kind == V_TEXT && rest.n > 0;)
		if (str_i64(str_cut(rest, ',', &rest), &id) && id == row)
			return true;
	return false;
}

const struct case_of *permit_case(const struct actor *actor, const struct record *rec, str role)
{
	const struct reg *reg = rec->reg;
	for (size_t i = 0; i < actor->cases_n; i++) {
		const struct case_of *c = &actor->cases[i];
		if (!str_eq(c->role, role))
			continue;
		if (reg->case_row && c->row == rec->id && str_eq(c->reg, reg->id))
			return c;
		for (size_t k = 0; k < reg->cases_n; k++)
			if (str_eq(c->reg, reg->cases[k]->to_reg->id) &&
				refers_to(&rec->values[reg->cases[k]->at], reg->cases[k], c->row))
				return c;
	}
	return NULL;
}

static void by_case(
	const struct actor *actor, const struct record *rec, const struct permission *p, struct basis *b)
{
	for (size_t i = 0; i < p->roles_n; i++) {
		const struct case_of *c = permit_case(actor, rec, p->roles[i]);
		if (c == NULL)
			continue;
		if (b->kind == BASIS_NONE)
			b->reg = c->reg;
		open_by(b, BASIS_CASE, c->row);
		permit_shown(rec->reg, p->roles[i], b->fields);
	}
}

static bool glass_fits(const struct grant *g, const struct record *rec)
{
	if (g->kind != GRANT_GLASS)
		return false;
	return (str_eq(g->reg, rec->reg->id) && g->row == rec->id) ||
	       (str_is(g->reg, "person") && g->row == permit_person_of(rec));
}

/* Agreements open their fields; break-glass what the role would see if it reached the row. */
static void by_grant(
	const struct tree *t, const struct actor *actor, const struct record *rec, struct basis *b)
{
	const struct reg *reg = rec->reg;
	for (size_t i = 0; i < actor->grants_n; i++) {
		const struct grant *g = &actor->grants[i];
		if (g->kind == GRANT_SHARING && str_eq(g->reg, reg->id) &&
			tree_under(t, rec->org, g->org, clock_today())) {
			open_by(b, BASIS_SHARING, g->id);
			b->fields[0] |= g->fields[0];
			b->fields[1] |= g->fields[1];
		}
		if (!glass_fits(g, rec))
			continue;
		for (size_t k = 0; k < reg->read_n; k++)
			for (size_t r = 0; r < reg->read[k].roles_n; r++)
				if (actor_has_role(actor, reg->read[k].roles[r])) {
					open_by(b, BASIS_GLASS, g->id);
					permit_shown(reg, reg->read[k].roles[r], b->fields);
				}
	}
}

bool permit_basis(
	const struct tree *t, const struct actor *actor, const struct record *rec, struct basis *out)
{
	const struct reg *reg = rec->reg;
	*out = (struct basis){0};
	if (actor_is_operator(actor)) {
		out->kind = BASIS_OPERATOR;
		out->may_export = true;
		operator_sees(reg, out->fields);
		return true;
	}
	for (size_t i = 0; i < reg->read_n; i++) {
		const struct permission *p = &reg->read[i];
		if (str_is(p->relation, "own"))
			by_own(actor, rec, p, out);
		else if (str_is(p->relation, "subtree"))
			by_subtree(t, actor, rec, p, out);
		else
			by_case(actor, rec, p, out);
	}
	by_grant(t, actor, rec, out);
	return out->kind != BASIS_NONE;
}

bool permit_read(const struct tree *t, const struct actor *actor, const struct record *rec)
{
	struct basis b;
	return permit_basis(t, actor, rec, &b);
}

str basis_text(struct arena *a, const struct basis *b)
{
	static const char *const names[] = {"none", "operator", "own", "guardian", "role", "authorisation",
		"case", "agreement", "break_glass"};
	if (b->kind == BASIS_CASE)
		return arena_fmt(a, "case:%.*s:%lld", STR_ARG(b->reg), (long long)b->id);
	if (b->id)
		return arena_fmt(a, "%s:%lld", names[b->kind], (long long)b->id);
	return str_of(names[b->kind]);
}

void permit_mask(struct record *rec, const struct basis *b)
{
	for (size_t i = 0; i < rec->reg->fields_n; i++) {
		const struct field *f = &rec->reg->fields[i];
		if (rec->values[i].kind == V_NULL ||
			(field_in(b->fields, f) && !case_note_is(f, &rec->values[i])))
			continue;
		rec->values[i] = (struct value){0};
		rec->hidden[i / 64] |= (uint64_t)1 << (i % 64);
	}
}

/* ---- how far, and which columns ---- */

/* The roles by which the actor reaches some row through this permission. */
static bool reaches(const struct reg *reg, const struct actor *actor, const struct permission *p, str role)
{
	if (str_is(p->relation, "own"))
		return str_is(role, "self") || (str_is(role, "guardian") && actor->children_n > 0) ||
		       actor_has_role(actor, role);
	if (str_is(p->relation, "subtree")) {
		if (!actor_has_role(actor, role))
			return false;
		if (reg->sensitivity < SENS_MINOR)
			return true;
		for (size_t i = 0; i < actor->grants_n; i++)
			if (actor->grants[i].kind == GRANT_STANDING && str_eq(actor->grants[i].role, role) &&
				str_eq(actor->grants[i].purpose, reg->purpose))
				return true;
		return false;
	}
	for (size_t i = 0; i < actor->cases_n; i++) {
		const struct case_of *c = &actor->cases[i];
		if (!str_eq(c->role, role))
			continue;
		if (reg->case_row && str_eq(c->reg, reg->id))
			return true;
		for (size_t k = 0; k < reg->cases_n; k++)
			if (str_eq(c->reg, reg->cases[k]->to_reg->id))
				return true;
	}
	return false;
}

static bool by_glass(const struct reg *reg, const struct actor *actor, const struct grant *g)
{
	if (g->kind != GRANT_GLASS || !(str_eq(g->reg, reg->id) || (str_is(g->reg, "person") && reg->person)))
		return false;
	for (size_t i = 0; i < reg->read_n; i++)
		for (size_t k = 0; k < reg->read[i].roles_n; k++)
			if (actor_has_role(actor, reg->read[i].roles[k]))
				return true;
	return false;
}

enum reach permit_reach(const struct reg *reg, const struct actor *actor)
{
	if (actor_is_operator(actor))
		return REACH_ALL;
	enum reach reach = REACH_NONE;
	for (size_t i = 0; i < reg->read_n; i++)
		for (size_t k = 0; k < reg->read[i].roles_n; k++) {
			const struct permission *p = &reg->read[i];
			if (!reaches(reg, actor, p, p->roles[k]))
				continue;
			enum reach r = str_is(p->relation, "own")    ? REACH_OWN
				       : str_is(p->relation, "case") ? REACH_SOME
				       : actor->org                  ? REACH_SUBTREE
								     : REACH_ALL;
			reach = r > reach ? r : reach;
		}
	for (size_t i = 0; i < actor->grants_n && reach < REACH_SOME; i++)
		if ((actor->grants[i].kind == GRANT_SHARING && str_eq(actor->grants[i].reg, reg->id)) ||
			by_glass(reg, actor, &actor->grants[i]))
			reach = REACH_SOME;
	return reach;
}

bool permit_rows(const struct reg *reg, const struct actor *actor)
{
	return permit_reach(reg, actor) >= REACH_SUBTREE;
}

bool permit_rows_of(const struct tree *t, const struct reg *reg, const struct actor *actor, int64_t org,
	struct basis *out)
{
	*out = (struct basis){.kind = BASIS_OPERATOR};
	if (actor_is_operator(actor))
		return true;
	out->kind = BASIS_NONE;
	for (size_t i = 0; i < reg->read_n; i++) {
		struct record any = {.reg = reg, .org = org, .values = (struct value[REG_FIELDS_MAX]){{0}}};
		if (str_is(reg->read[i].relation, "subtree"))
			by_subtree(t, actor, &any, &reg->read[i], out);
	}
	return out->kind != BASIS_NONE;
}

static void gather(uint64_t set[2], const uint64_t more[2], bool every, bool *any)
{
	for (int i = 0; i < 2; i++)
		set[i] = every && *any ? set[i] & more[i] : set[i] | more[i];
	*any = true;
}

void permit_columns(const struct reg *reg, const struct actor *actor, bool every, uint64_t set[2])
{
	bool any = false;
	set[0] = set[1] = 0;
	if (actor_is_operator(actor)) {
		operator_sees(reg, set);
		return;
	}
	for (size_t i = 0; i < reg->read_n; i++)
		for (size_t k = 0; k < reg->read[i].roles_n; k++) {
			uint64_t more[2] = {0};
			if (!reaches(reg, actor, &reg->read[i], reg->read[i].roles[k]))
				continue;
			/* Where an actor reaches rows beyond his own, his own are too few to ask about. */
			if (every && str_is(reg->read[i].relation, "own") &&
				permit_reach(reg, actor) > REACH_OWN)
				continue;
			permit_shown(reg, reg->read[i].roles[k], more);
			gather(set, more, every, &any);
		}
	for (size_t i = 0; i < actor->grants_n; i++) {
		const struct grant *g = &actor->grants[i];
		if (g->kind == GRANT_SHARING && str_eq(g->reg, reg->id)) {
			gather(set, g->fields, every, &any);
		} else if (by_glass(reg, actor, g)) {
			uint64_t more[2] = {0};
			for (size_t k = 0; k < reg->read_n; k++)
				for (size_t r = 0; r < reg->read[k].roles_n; r++)
					if (actor_has_role(actor, reg->read[k].roles[r]))
						permit_shown(reg, reg->read[k].roles[r], more);
			gather(set, more, every, &any);
		}
	}
}

/* ---- what a list is narrowed to ---- */

static void add_id(struct arena *a, int64_t **list, size_t *n, int64_t id)
{
	size_t cap = *n;
	for (size_t i = 0; i < *n; i++)
		if ((*list)[i] == id)
			return;
	*list = arena_grow(a, *list, *n, &cap, sizeof **list);
	(*list)[(*n)++] = id;
}

/* The part of an authorisation's subtree that lies in the actor's scope; 0: none. */
static int64_t common(const struct tree *t, const struct actor *actor, int64_t org)
{
	if (permit_in_scope(t, actor, org))
		return org;
	return tree_under(t, actor->org, org, clock_today()) ? actor->org : 0;
}

static void scope_subtree(struct arena *a, const struct tree *t, const struct reg *reg,
	const struct actor *actor, str role, struct scope *s)
{
	if (reg->sensitivity < SENS_MINOR) {
		if (actor->org == 0)
			s->all = true;
		else
			add_id(a, &s->orgs, &s->orgs_n, actor->org);
		return;
	}
	for (size_t i = 0; i < actor->grants_n; i++) {
		const struct grant *g = &actor->grants[i];
		int64_t org;
		if (g->kind == GRANT_STANDING && str_eq(g->role, role) && str_eq(g->purpose, reg->purpose) &&
			(org = common(t, actor, g->org)) != 0)
			add_id(a, &s->orgs, &s->orgs_n, org);
	}
}

static void scope_case(
	struct arena *a, const struct reg *reg, const struct actor *actor, str role, struct scope *s)
{
	for (size_t i = 0; i < actor->cases_n; i++) {
		const struct case_of *c = &actor->cases[i];
		if (!str_eq(c->role, role))
			continue;
		if (reg->case_row && str_eq(c->reg, reg->id))
			add_id(a, &s->rows, &s->rows_n, c->row);
		for (size_t k = 0; k < reg->cases_n; k++)
			if (str_eq(c->reg, reg->cases[k]->to_reg->id)) {
				if (s->cases == NULL)
					s->cases = NEWS(a, reg->cases_n, struct scope_case);
				s->cases_n = reg->cases_n;
				s->cases[k].field = reg->cases[k];
				add_id(a, &s->cases[k].ids, &s->cases[k].n, c->row);
			}
	}
}

static void scope_own(struct arena *a, const struct actor *actor, str role, struct scope *s)
{
	if (str_is(role, "self") || actor_has_role(actor, role))
		add_id(a, &s->persons, &s->persons_n, actor->person);
	if (str_is(role, "guardian"))
		for (size_t i = 0; i < actor->children_n; i++)
			add_id(a, &s->persons, &s->persons_n, actor->children[i]);
}

void permit_scope(struct arena *a, const struct tree *t, const struct reg *reg, const struct actor *actor,
	struct scope *out)
{
	*out = (struct scope){.all = actor_is_operator(actor)};
	for (size_t i = 0; i < reg->read_n && !out->all; i++)
		for (size_t k = 0; k < reg->read[i].roles_n; k++) {
			const struct permission *p = &reg->read[i];
			if (!reaches(reg, actor, p, p->roles[k]))
				continue;
			if (str_is(p->relation, "own"))
				scope_own(a, actor, p->roles[k], out);
			else if (str_is(p->relation, "subtree"))
				scope_subtree(a, t, reg, actor, p->roles[k], out);
			else
				scope_case(a, reg, actor, p->roles[k], out);
		}
	for (size_t i = 0; i < actor->grants_n; i++) {
		const struct grant *g = &actor->grants[i];
		if (g->kind == GRANT_SHARING && str_eq(g->reg, reg->id))
			add_id(a, &out->orgs, &out->orgs_n, g->org);
		else if (by_glass(reg, actor, g) && str_eq(g->reg, reg->id))
			add_id(a, &out->rows, &out->rows_n, g->row);
		else if (by_glass(reg, actor, g))
			add_id(a, &out->persons, &out->persons_n, g->row);
	}
}

/* ---- conditions ---- */

struct asked_path {
	const struct actor *actor;
	const struct reg *closed;
	const struct field *hidden;
};

static void ask_path(void *user, const struct path *p, bool exists)
{
	struct asked_path *x = user;
	for (int i = 0; i <= p->steps_n && x->closed == NULL && x->hidden == NULL; i++) {
		const struct reg *reg = p->regs[i];
		const struct field *f = i < p->steps_n ? p->steps[i] : p->last;
		uint64_t seen[2];
		bool base = i == 0 && !exists;
		if (!base && reg->sensitivity != SENS_PUBLIC && !str_is(reg->id, "org") &&
			!permit_rows(reg, x->actor)) {
			x->closed = reg;
			return;
		}
		permit_columns(reg, x->actor, true, seen);
		if (f && (base || reg->sensitivity != SENS_PUBLIC) && !field_in(seen, f))
			x->hidden = f;
	}
}

enum rc permit_expr(const struct actor *actor, const struct expr *e, struct err *err)
{
	struct asked_path x = {.actor = actor};
	if (actor_is_operator(actor))
		return RC_OK;
	expr_each_path(e, ask_path, &x);
	if (x.hidden)
		return FAIL(err, RC_DENIED, "the condition asks the field %.*s, which you may not read",
			STR_ARG(label_text(&x.hidden->label)));
	return x.closed ? FAIL(err, RC_DENIED, "the condition asks %.*s, which you may not read",
				  STR_ARG(label_text(&x.closed->label)))
			: RC_OK;
}
