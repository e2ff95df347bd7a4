/* permit_write.c -- who writes which fields of a row, and who makes which move (permit.h). */
#include "base/buf.h"
#include "register/permit_in.h"

void permit_editable(const struct reg *reg, str role, uint64_t set[2])
{
	for (size_t i = 0; i < reg->edit_n; i++)
		if (str_eq(reg->edit[i].role, role)) {
			set[0] |= reg->edit[i].set[0];
			set[1] |= reg->edit[i].set[1];
			return;
		}
	if (!str_is(role, "self") && !str_is(role, "guardian"))
		set[0] = set[1] = UINT64_MAX;
}

/* What a person has handed in (apply.h) stands as it is, until it is taken or sent back. */
static bool handed_in(const struct record *rec)
{
	const struct move *then = rec->reg->apply ? rec->reg->apply->then : NULL;
	for (size_t i = 0; then && i < then->from_n; i++)
		if (str_eq(then->from[i], rec->state))
			return false;
	return then != NULL;
}

/* Does this role, by this permission, reach the row? */
static bool reaches_row(const struct tree *t, const struct actor *actor, const struct record *rec,
	str relation, str role, bool is_new)
{
	int64_t person = permit_person_of(rec);
	if (str_is(relation, "own"))
		return person > 0 &&
		       ((person == actor->person && (str_is(role, "self") || actor_has_role(actor, role))) ||
			       (str_is(role, "guardian") && actor_guards(actor, person)));
	if (str_is(relation, "subtree"))
		return actor_has_role(actor, role) && permit_in_scope(t, actor, rec->org);
	if (permit_case(actor, rec, role))
		return true;
	/* A new case of one's own: the row itself stands for it, and names the writer. */
	for (size_t i = 0; is_new && rec->reg->case_row && i < rec->reg->members_n; i++)
		if (str_eq(rec->reg->members[i].role, role) && actor_has_role(actor, role) &&
			rec->values[rec->reg->members[i].field->at].i == actor->person &&
			permit_in_scope(t, actor, rec->org))
			return true;
	return false;
}

/* Who is named in such a field comes on the case: nobody puts himself on the case of another row. */
static enum rc not_onto_a_case(const struct actor *actor, const struct record *rec, struct err *err)
{
	const struct reg *reg = rec->reg;
	for (size_t i = 0; i < reg->members_n && reg->cases_n > 0; i++) {
		const struct member_rule *m = &reg->members[i];
		if (rec->values[m->field->at].i == actor->person && actor_has_role(actor, m->role) &&
			permit_case(actor, rec, m->role) == NULL)
			return FAIL(err, RC_DENIED, "nobody puts himself on a case");
	}
	return RC_OK;
}

static enum rc readable(
	const struct tree *t, const struct actor *actor, const struct record *rec, struct err *err)
{
	if (rec->reg->sensitivity < SENS_MINOR || permit_read(t, actor, rec))
		return RC_OK;
	return FAIL(err, RC_DENIED, "you may not read this row of %.*s, so you may not change it",
		STR_ARG(label_text(&rec->reg->label)));
}

/* A stranger leaves a row in the fields that the door takes. */
static enum rc by_the_door(const struct reg *reg, const uint64_t wanted[2], struct err *err)
{
	for (size_t i = 0; i < reg->fields_n; i++)
		if (field_in(wanted, &reg->fields[i]) && !field_in(reg->door->takes, &reg->fields[i]))
			return FAIL(err, RC_DENIED, "the field %.*s is not yours to write",
				STR_ARG(label_text(&reg->fields[i].label)));
	return RC_OK;
}

enum rc permit_write(const struct tree *t, const struct actor *actor, const struct record *rec,
	const uint64_t wanted[2], bool is_new, struct err *err)
{
	const struct reg *reg = rec->reg;
	uint64_t may[2] = {0};
	bool any = false;
	if (actor_is_operator(actor))
		return RC_OK;
	if (actor->person < 0 && is_new && reg->door)
		return by_the_door(reg, wanted, err);
	for (size_t i = 0; i < reg->write_n; i++)
		for (size_t k = 0; k < reg->write[i].roles_n; k++)
			if (reaches_row(
				    t, actor, rec, reg->write[i].relation, reg->write[i].roles[k], is_new) &&
				(is_new || !str_is(reg->write[i].relation, "own") || !handed_in(rec))) {
				any = true;
				permit_editable(reg, reg->write[i].roles[k], may);
			}
	if (!any)
		return FAIL(err, RC_DENIED, "you may not write %.*s of this unit",
			STR_ARG(label_text(&reg->label)));
	for (size_t i = 0; i < reg->fields_n; i++)
		if (field_in(wanted, &reg->fields[i]) && !field_in(may, &reg->fields[i]))
			return FAIL(err, RC_DENIED, "the field %.*s is not yours to write",
				STR_ARG(label_text(&reg->fields[i].label)));
	TRY(not_onto_a_case(actor, rec, err));
	return is_new ? RC_OK : readable(t, actor, rec, err);
}

/* A role that the declaration lets reach rows by their case alone moves only those. */
static bool by_case_alone(const struct reg *reg, str role)
{
	bool cases = false;
	for (int w = 0; w < 2; w++) {
		const struct permission *list = w ? reg->write : reg->read;
		for (size_t i = 0; i < (w ? reg->write_n : reg->read_n); i++)
			for (size_t k = 0; k < list[i].roles_n; k++)
				if (str_eq(list[i].roles[k], role)) {
					if (str_is(list[i].relation, "subtree"))
						return false;
					cases = cases || str_is(list[i].relation, "case");
				}
	}
	return cases;
}

enum rc permit_move(const struct tree *t, const struct actor *actor, const struct record *rec,
	const struct move *m, struct err *err)
{
	if (actor_is_operator(actor))
		return RC_OK;
	for (size_t i = 0; i < m->by_n; i++) {
		str role = m->by[i];
		bool personal = str_is(role, "self") || str_is(role, "guardian");
		str relation = personal                        ? STR("own")
			       : by_case_alone(rec->reg, role) ? STR("case")
							       : STR("subtree");
		if (reaches_row(t, actor, rec, relation, role, false))
			return readable(t, actor, rec, err);
	}
	return FAIL(err, RC_DENIED, "%.*s of %.*s is not yours to do", STR_ARG(label_text(&m->label)),
		STR_ARG(label_text(&rec->reg->label)));
}

/* ---- the matrix ---- */

struct lines {
	struct arena *a;
	struct permit_line *list;
	size_t n, cap;
};

static struct permit_line *line_add(
	struct lines *l, const struct reg *reg, str act, str relation, str role, const char *needs)
{
	l->list = arena_grow(l->a, l->list, l->n, &l->cap, sizeof *l->list);
	struct permit_line *x = &l->list[l->n++];
	*x = (struct permit_line){.reg = reg, .act = act, .relation = relation, .role = role, .needs = needs};
	return x;
}

static const char *need_of(const struct reg *reg, str relation)
{
	if (str_is(relation, "case"))
		return "case";
	return str_is(relation, "subtree") && reg->sensitivity >= SENS_MINOR ? "authorisation" : "";
}

static void move_lines(struct lines *l, const struct reg *reg, const struct move *m)
{
	for (size_t i = 0; i < m->by_n; i++) {
		bool personal = str_is(m->by[i], "self") || str_is(m->by[i], "guardian");
		str relation = personal                       ? STR("own")
			       : by_case_alone(reg, m->by[i]) ? STR("case")
							      : STR("subtree");
		struct permit_line *x = line_add(l, reg, arena_fmt(l->a, "do:%.*s", STR_ARG(m->id)), relation,
			m->by[i], need_of(reg, relation));
		for (size_t k = 0; k < m->needs_n; k++)
			x->fields[m->needs[k]->at / 64] |= (uint64_t)1 << (m->needs[k]->at % 64);
		if (m->stamps)
			x->fields[m->stamps->at / 64] |= (uint64_t)1 << (m->stamps->at % 64);
	}
}

/* What needs no account: rows that are public in some states, rows that anybody leaves and reads again by his code. */
static void open_lines(struct lines *l, const struct reg *reg)
{
	if (reg->open) {
		struct buf b = {0};
		for (size_t i = 0; i < reg->open->states_n; i++)
			buf_printf(&b, "%s%.*s", i ? "," : "", STR_ARG(reg->open->states[i]));
		struct permit_line *x = line_add(l, reg, STR("read"), STR("public"), STR("anybody"),
			arena_printf(l->a, "%.*s%s", STR_ARG(buf_str(&b)), reg->open->when ? " when" : ""));
		memcpy(x->fields, reg->open->shown, sizeof x->fields);
		buf_done(&b);
	}
	if (reg->door) {
		struct permit_line *x = line_add(l, reg, STR("write"), STR("door"), STR("anybody"), "");
		memcpy(x->fields, reg->door->takes, sizeof x->fields);
		x = line_add(l, reg, STR("read"), STR("door"), STR("anybody"), "code");
		memcpy(x->fields, reg->door->tells, sizeof x->fields);
	}
}

void permit_lines(struct arena *a, const struct reg *reg, struct permit_line **out, size_t *out_n)
{
	struct lines l = {.a = a};
	for (int w = 0; w < 2; w++) {
		const struct permission *list = w ? reg->write : reg->read;
		for (size_t i = 0; i < (w ? reg->write_n : reg->read_n); i++)
			for (size_t k = 0; k < list[i].roles_n; k++) {
				const char *needs = need_of(reg, list[i].relation);
				struct permit_line *x = line_add(&l, reg, w ? STR("write") : STR("read"),
					list[i].relation, list[i].roles[k], needs);
				if (w)
					permit_editable(reg, list[i].roles[k], x->fields);
				else
					permit_shown(reg, list[i].roles[k], x->fields);
			}
	}
	if ((reg->shared[0] | reg->shared[1]) != 0) {
		struct permit_line *x =
			line_add(&l, reg, STR("read"), STR("agreement"), STR("partner_contact"), "agreement");
		memcpy(x->fields, reg->shared, sizeof x->fields);
	}
	for (size_t i = 0; i < reg->moves_n; i++)
		move_lines(&l, reg, &reg->moves[i]);
	open_lines(&l, reg);
	*out = l.list;
	*out_n = l.n;
}
