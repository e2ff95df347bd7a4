/* model_apply.c -- apply: what a person may leave about himself, or a guardian about the child; docs/declaring.md, apply.h.
 * Refused here: a register without a person or without own writers, offers that are rows about people, questions whose
 * answers are not sealed. Runs after moves, access and public have been linked. */
#include "register/model_load.h"

static const struct field *field_named(
	struct load *l, const struct reg *r, const struct yaml *map, const char *key)
{
	const struct yaml *y = yaml_get(map, key);
	if (y == NULL || r == NULL || y->kind != YAML_SCALAR)
		return NULL;
	const struct field *f = reg_field(r, y->text);
	if (f == NULL)
		fault_at(l, y, hint_mean(l, reg_suggest_field(r, y->text)),
			N_("the register %.*s has no field “%.*s”"), STR_ARG(r->id), STR_ARG(y->text));
	return f;
}

static const struct field *dated(struct load *l, const struct reg *r, const struct yaml *map, const char *key)
{
	const struct field *f = field_named(l, r, map, key);
	if (f && f->type != T_DATE)
		fault_at(l, yaml_get(map, key), "", N_("“%s:” of “apply:” is a date"), key);
	return f;
}

static bool written_by_own(const struct reg *r)
{
	for (size_t i = 0; i < r->write_n; i++)
		if (str_is(r->write[i].relation, "own"))
			return true;
	return false;
}

static void offers(struct load *l, const struct reg *r, const struct yaml *map, struct reg_apply *x)
{
	const struct yaml *when = yaml_get(map, "when");
	x->to = field_named(l, r, map, "to");
	const struct reg *to = x->to ? x->to->to_reg : NULL;
	if (x->to && (x->to->type != T_REF || to == NULL || to->person || to->sensitivity > SENS_INTERNAL)) {
		fault_at(l, yaml_get(map, "to"), "",
			N_("“to:” of “apply:” refers to a register without people, public or internal"));
		return;
	}
	if (to == NULL && (when || yaml_get(map, "until") || yaml_get(map, "asks"))) {
		fault_at(l, map, "", N_("“%s:” is missing"), "to");
		return;
	}
	if (when && read_expr(l, when, to, EXPR_FREE, E_BOOL))
		x->when = when->text;
	x->until = dated(l, to, map, "until");
	x->asks = field_named(l, to, map, "asks");
	x->into = field_named(l, r, map, "into");
	if ((x->asks != NULL) != (x->into != NULL) ||
		(x->asks && (x->asks->type != T_TEXT || x->into->type != T_SEALED)))
		fault_at(l, map, "", N_("“asks:” is a text of what is offered, “into:” a sealed field"));
}

static void wishes(struct load *l, const struct reg *r, const struct yaml *map, struct reg_apply *x)
{
	const struct yaml *y = yaml_get(map, "choose");
	for (size_t i = 0; i < r->fields_n; i++)
		if (r->fields[i].type == T_REFS && (x->takes[i / 64] >> (i % 64) & 1))
			x->wishes = &r->fields[i];
	const struct reg *to = x->wishes ? x->wishes->to_reg : NULL;
	if (x->wishes && (to == NULL || to->sensitivity != SENS_PUBLIC || y == NULL))
		fault_at(l, map, "",
			N_("wishes are chosen from a public register, from rows that “choose:” names"));
	else if (to && read_expr(l, y, to, EXPR_FREE, E_BOOL))
		x->choose = y->text;
}

void apply_link(struct load *l, struct reg *r, const struct yaml *root)
{
	static const char *const keys[] = {"to", "when", "until", "within", "takes", "choose", "asks", "into",
		"dated", "agreed", "then", NULL};
	const struct yaml *map = yaml_get(root, "apply"), **list = NULL, *y;
	if (map == NULL || !is_map(l, map))
		return;
	struct reg_apply *x = NEW(l->a, struct reg_apply);
	keys_known(l, map, keys);
	if (r->person == NULL || !written_by_own(r))
		fault_at(l, map, "", N_("“apply:” needs “person:” and writers of relation own"));
	offers(l, r, map, x);
	x->within = get_flag(l, map, "within");
	size_t n = get_list(l, map, "takes", &list);
	for (size_t i = 0; i < n; i++) {
		const struct field *f = reg_field(r, list[i]->text);
		if (f == NULL || f == x->to || f == r->person || f->type == T_PERSON)
			fault_at(l, list[i], hint_mean(l, reg_suggest_field(r, list[i]->text)),
				N_("“%.*s” cannot be asked of who applies"), STR_ARG(list[i]->text));
		else
			x->takes[f->at / 64] |= (uint64_t)1 << (f->at % 64);
	}
	wishes(l, r, map, x);
	x->dated = dated(l, r, map, "dated");
	x->agreed = dated(l, r, map, "agreed");
	y = yaml_get(map, "then");
	x->then = y ? reg_move(r, y->text) : NULL;
	if (y && x->then == NULL)
		fault_at(l, y, "", N_("%.*s has no move “%.*s”"), STR_ARG(r->id), STR_ARG(y->text));
	r->apply = x;
}
