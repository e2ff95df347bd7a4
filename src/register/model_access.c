/* model_access.c -- what a register declares about who reaches which of its rows and fields: case, members, show, edit,
 * withhold, consent, share, guardian (docs/declaring.md, Access). Runs when all registers are read. */
#include "register/model_load.h"

static void set_add(uint64_t set[2], const struct field *f)
{
	set[f->at / 64] |= (uint64_t)1 << (f->at % 64);
}

static const struct field *own_field(struct load *l, const struct reg *r, const struct yaml *y)
{
	const struct field *f = reg_field(r, y->text);
	if (f == NULL)
		fault_at(l, y, hint_mean(l, reg_suggest_field(r, y->text)),
			N_("the register %.*s has no field “%.*s”"), STR_ARG(r->id), STR_ARG(y->text));
	return f;
}

/* A list of this register's fields as a set. */
static void field_set(
	struct load *l, const struct reg *r, const struct yaml *map, const char *key, uint64_t set[2])
{
	const struct yaml **list = NULL;
	size_t n = get_list(l, map, key, &list);
	for (size_t i = 0; i < n; i++) {
		const struct field *f = own_field(l, r, list[i]);
		if (f)
			set_add(set, f);
	}
}

void reg_ordinary(const struct reg *r, uint64_t set[2])
{
	for (size_t i = 0; i < r->fields_n; i++)
		if (!r->fields[i].sealed || r->sensitivity < SENS_MINOR || str_is(r->fields[i].id, "name"))
			set_add(set, &r->fields[i]);
}

static void reg_all(const struct reg *r, uint64_t set[2])
{
	for (size_t i = 0; i < r->fields_n; i++)
		set_add(set, &r->fields[i]);
}

/* show: {helper: all, lawyer: ordinary, county_staff: [child, risk]} */
static void link_role_fields(struct load *l, struct reg *r, const struct yaml *root, const char *key,
	struct role_fields **out, size_t *out_n)
{
	const struct yaml *map = yaml_get(root, key);
	if (map == NULL || !is_map(l, map))
		return;
	*out = NEWS(l->a, map->n + 1, struct role_fields);
	for (size_t i = 0; i < map->n; i++) {
		const struct yaml_pair *p = &map->pairs[i];
		struct role_fields *f = &(*out)[*out_n];
		if (model_role(l->m, p->key) == NULL) {
			fault_mark(l, p->line, p->column, "", N_("the role “%.*s” is not known"),
				STR_ARG(p->key));
			continue;
		}
		f->role = p->key;
		(*out_n)++;
		if (p->value.kind == YAML_SCALAR && str_is(p->value.text, "all"))
			reg_all(r, f->set);
		else if (p->value.kind == YAML_SCALAR && str_is(p->value.text, "ordinary"))
			reg_ordinary(r, f->set);
		else
			field_set(l, r, map, arena_cstr(l->a, p->key), f->set);
	}
}

/* case: [row, child, rights_case]: this row, or rows that it refers to, stand for the case. */
static void link_case(struct load *l, struct reg *r, const struct yaml *root)
{
	const struct yaml **list = NULL;
	size_t n = get_list(l, root, "case", &list);
	r->cases = NEWS(l->a, n + 1, const struct field *);
	for (size_t i = 0; i < n; i++) {
		if (str_is(list[i]->text, "row")) {
			r->case_row = true;
			continue;
		}
		const struct field *f = own_field(l, r, list[i]);
		if (f == NULL)
			continue;
		if (f->to_reg == NULL || f->type == T_ORGS)
			fault_at(l, list[i], "", N_("“case:” names row, or fields that refer to one row"));
		else
			r->cases[r->cases_n++] = f;
	}
}

/* members: {helper: {field: helper, while: "state = 'valid'"}} */
static void link_members(struct load *l, struct reg *r, const struct yaml *root)
{
	static const char *const keys[] = {"field", "while", NULL};
	const struct yaml *map = yaml_get(root, "members");
	if (map == NULL || !is_map(l, map))
		return;
	r->members = NEWS(l->a, map->n + 1, struct member_rule);
	for (size_t i = 0; i < map->n; i++) {
		const struct yaml_pair *p = &map->pairs[i];
		struct member_rule *m = &r->members[r->members_n];
		if (!is_map(l, &p->value))
			continue;
		keys_known(l, &p->value, keys);
		const struct yaml *field = yaml_get(&p->value, "field"), *when = yaml_get(&p->value, "while");
		m->role = p->key;
		m->field = field && field->kind == YAML_SCALAR ? own_field(l, r, field) : NULL;
		if (field == NULL || when == NULL)
			fault_at(l, &p->value, "", N_("“%s:” is missing"), field ? "while" : "field");
		if (when)
			m->when = read_expr(l, when, r, EXPR_FREE, E_BOOL);
		if (m->field && !str_is(m->field->to, "person") && m->field->type != T_PERSON)
			fault_at(l, field, "", N_("“members:” needs a field of type person"));
		else if (m->field && m->when)
			r->members_n++;
	}
	if (r->members_n && !r->case_row && r->cases_n == 0)
		fault_at(l, map, "", N_("“members:” needs “case:”"));
}

static void link_guardian(struct load *l, struct reg *r, const struct yaml *root)
{
	static const char *const keys[] = {"field", "proof", "while", NULL};
	const struct yaml *map = yaml_get(root, "guardian");
	if (map == NULL || !is_map(l, map))
		return;
	keys_known(l, map, keys);
	const struct yaml *field = yaml_get(map, "field"), *when = yaml_get(map, "while");
	if (field == NULL || when == NULL || r->person == NULL) {
		fault_at(l, map, "", N_("“guardian:” needs field, while, and the register a person"));
		return;
	}
	r->guardian = own_field(l, r, field);
	if (yaml_get(map, "proof"))
		r->guardian_proof = own_field(l, r, yaml_get(map, "proof"));
	r->guardian_when = read_expr(l, when, r, EXPR_FREE, E_BOOL);
}

/* consent: row, or the fields that are stored only with one. */
static void link_consent(struct load *l, struct reg *r, const struct yaml *root)
{
	const struct yaml *y = yaml_get(root, "consent");
	if (y == NULL)
		return;
	if (y->kind == YAML_SCALAR && str_is(y->text, "row"))
		r->consent_row = true;
	else
		field_set(l, r, root, "consent", r->consent);
	if (r->person == NULL)
		fault_at(l, y, "", N_("“consent:” needs a register of persons"));
}

static bool names(const struct permission *list, size_t n, const char *role)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < list[i].roles_n; k++)
			if (str_is(list[i].roles[k], role))
				return true;
	return false;
}

static bool names_relation(const struct permission *list, size_t n, const char *relation)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(list[i].relation, relation))
			return true;
	return false;
}

/* Administrators read no records, the leader none of minors (GB/T 22239 8.1.4; security.md, item 34). */
static void closed_to(struct load *l, const struct reg *r, const struct yaml *root)
{
	static const struct {
		const char *role;
		enum sensitivity least;
	} closed[] = {{"auditadmin", SENS_PUBLIC}, {"sysadmin", SENS_PERSONAL}, {"secadmin", SENS_PERSONAL},
		{"leader", SENS_MINOR}};
	for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
		for (int write = 0; write < 2; write++)
			if (r->sensitivity >= closed[i].least &&
				names(write ? r->write : r->read, write ? r->write_n : r->read_n,
					closed[i].role))
				fault_at(l, yaml_get(root, write ? "write" : "read"), "",
					N_("records of this degree are closed to the role “%s”"),
					closed[i].role);
	if ((names_relation(r->read, r->read_n, "case") || names_relation(r->write, r->write_n, "case")) &&
		!r->case_row && r->cases_n == 0)
		fault_at(l, yaml_get(root, "read"), "",
			N_("the relation case needs “case:”, the rows that stand for it"));
}

/* Nobody changes a row of minors that he may not read (permit.h): a move given to such a role could never be made. */
static void moves_readable(struct load *l, const struct reg *r, const struct yaml *root)
{
	for (size_t i = 0; r->sensitivity >= SENS_MINOR && i < r->moves_n; i++)
		for (size_t k = 0; k < r->moves[i].by_n; k++)
			if (!names(r->read, r->read_n, arena_cstr(l->a, r->moves[i].by[k])))
				fault_at(l, yaml_get(root, "moves"), "",
					N_("the move “%.*s” is given to “%.*s”, who may not read these rows"),
					STR_ARG(r->moves[i].id), STR_ARG(r->moves[i].by[k]));
}

void access_link(struct load *l, struct reg *r, const struct yaml *root)
{
	link_case(l, r, root);
	link_members(l, r, root);
	link_guardian(l, r, root);
	link_role_fields(l, r, root, "show", &r->show, &r->show_n);
	link_role_fields(l, r, root, "edit", &r->edit, &r->edit_n);
	field_set(l, r, root, "withhold", r->withheld);
	field_set(l, r, root, "share", r->shared);
	link_consent(l, r, root);
	closed_to(l, r, root);
	moves_readable(l, r, root);
}
