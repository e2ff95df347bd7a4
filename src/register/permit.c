/* permit.c -- see permit.h. */
#include "register/permit.h"
#include "base/clock.h"

static bool any_role(const struct actor *actor, const str *roles, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (actor_has_role(actor, roles[i]))
			return true;
	return false;
}

static bool in_scope(const struct tree *t, const struct actor *actor, int64_t org)
{
	return actor->org == 0 || tree_under(t, org, actor->org, clock_today());
}

static bool names_self(const struct permission *p)
{
	for (size_t i = 0; i < p->roles_n; i++)
		if (str_is(p->roles[i], "self"))
			return true;
	return false;
}

static bool allowed(const struct tree *t, const struct actor *actor, const struct permission *list, size_t n,
	int64_t org, int64_t person)
{
	if (actor_is_operator(actor))
		return true;
	for (size_t i = 0; i < n; i++) {
		const struct permission *p = &list[i];
		bool own = str_is(p->relation, "own") && person != 0 && person == actor->person;
		bool subtree = str_is(p->relation, "subtree") && in_scope(t, actor, org);
		bool is_self = own && names_self(p);
		if (is_self || ((own || subtree) && any_role(actor, p->roles, p->roles_n)))
			return true;
	}
	return false;
}

static int64_t person_of(const struct record *rec)
{
	if (str_is(rec->reg->id, "person"))
		return rec->id;
	return rec->reg->person ? rec->values[rec->reg->person->at].i : 0;
}

enum reach permit_reach(const struct reg *reg, const struct actor *actor)
{
	if (actor_is_operator(actor))
		return REACH_ALL;
	enum reach reach = REACH_NONE;
	for (size_t i = 0; i < reg->read_n; i++) {
		const struct permission *p = &reg->read[i];
		if (str_is(p->relation, "subtree") && any_role(actor, p->roles, p->roles_n))
			return actor->org ? REACH_SUBTREE : REACH_ALL;
		if (str_is(p->relation, "own"))
			reach = REACH_OWN;
	}
	return reach;
}

bool permit_read(const struct tree *t, const struct actor *actor, const struct record *rec)
{
	return allowed(t, actor, rec->reg->read, rec->reg->read_n, rec->org, person_of(rec));
}

bool permit_label(const struct tree *t, const struct actor *actor, const struct record *rec)
{
	return rec->reg->sensitivity < SENS_PERSONAL || permit_read(t, actor, rec);
}

bool permit_sealed(const struct actor *actor, const struct reg *reg, const struct field *f)
{
	if (!f->sealed)
		return true;
	if (actor_is_operator(actor))
		return reg->sensitivity != SENS_SEALED || (f->type != T_SEALED && f->type != T_SEALED_STRUCT);
	return reg->sensitivity < SENS_MINOR || str_is(f->id, "name");
}

bool permit_rows(const struct reg *reg, const struct actor *actor)
{
	return permit_reach(reg, actor) >= REACH_SUBTREE;
}

struct asked_path {
	const struct actor *actor;
	const struct reg *closed;
};

static void ask_path(void *user, const struct path *p, bool exists)
{
	struct asked_path *x = user;
	for (int i = exists ? 0 : 1; i <= p->steps_n && x->closed == NULL; i++) {
		const struct reg *reg = p->regs[i];
		if (reg->sensitivity != SENS_PUBLIC && !str_is(reg->id, "org") && !permit_rows(reg, x->actor))
			x->closed = reg;
	}
}

enum rc permit_expr(const struct actor *actor, const struct expr *e, struct err *err)
{
	struct asked_path x = {.actor = actor};
	if (actor_is_operator(actor))
		return RC_OK;
	expr_each_path(e, ask_path, &x);
	return x.closed ? FAIL(err, RC_DENIED, "the condition asks %.*s, which you may not read",
				  STR_ARG(label_text(&x.closed->label)))
			: RC_OK;
}

enum rc permit_write(const struct tree *t, const struct actor *actor, const struct reg *reg, int64_t org,
	int64_t person, struct err *err)
{
	if (allowed(t, actor, reg->write, reg->write_n, org, person))
		return RC_OK;
	return FAIL(err, RC_DENIED, "you may not write %.*s of this unit", STR_ARG(label_text(&reg->label)));
}

enum rc permit_move(const struct tree *t, const struct actor *actor, const struct record *rec,
	const struct move *m, struct err *err)
{
	bool self = person_of(rec) != 0 && person_of(rec) == actor->person;
	if (actor_is_operator(actor))
		return RC_OK;
	for (size_t i = 0; i < m->by_n; i++)
		if ((self && str_is(m->by[i], "self")) ||
			(actor_has_role(actor, m->by[i]) && in_scope(t, actor, rec->org)))
			return RC_OK;
	return FAIL(err, RC_DENIED, "%.*s of %.*s is not yours to do", STR_ARG(label_text(&m->label)),
		STR_ARG(label_text(&rec->reg->label)));
}
