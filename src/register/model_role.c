/* model_role.c -- the files of roles/: what a person can be. A folder without any (a small one of a test) has the built-in ones. */
#include "base/embed.h"
#include "register/label.h"
#include "register/model_load.h"

enum { ROLES_MAX = 200 };
static const char BUILT_IN[] = "model/roles/office.yaml";

/* Every file below roles/; `each` gets the map `roles:` with l->at set. */
static void each_file(struct load *l, void (*each)(struct load *l, const struct yaml *roles))
{
	for (size_t i = 0; i < l->sources_n; i++) {
		struct source *s = &l->sources[i];
		if (!s->read || !path_in(s->path, "roles/"))
			continue;
		static const char *const keys[] = {"roles", NULL};
		const struct yaml *map = yaml_get(&s->root, "roles");
		l->at = s;
		keys_known(l, &s->root, keys);
		if (map && is_map(l, map))
			each(l, map);
	}
}

static void factor_read(struct load *l, struct role_kind *k, const struct yaml *map)
{
	const struct yaml *y = yaml_get(map, "second_factor");
	str text = get_text(l, map, "second_factor", false);
	if (y == NULL || text.n == 0)
		return;
	if (str_is(text, "code"))
		k->factor = FACTOR_CODE;
	else if (str_is(text, "device"))
		k->factor = FACTOR_DEVICE;
	else
		fault_at(l, y, "", N_("a second factor is “code” or “device”"));
}

static void clearance_read(struct load *l, struct role_kind *k, const struct yaml *map)
{
	static const char *const levels[] = {"public", "internal", "personal", "minor", "sealed"};
	const struct yaml *y = yaml_get(map, "clearance");
	k->clearance = SENS_PERSONAL;
	get_texts(l, map, "compartments", &k->compartments, &k->compartments_n);
	if (y == NULL)
		return;
	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
		if (str_is(y->text, levels[i])) {
			k->clearance = (int)i;
			return;
		}
	fault_at(l, y, "", N_("a clearance is public, internal, personal, minor or sealed"));
}

static void role_read(struct load *l, const struct yaml_pair *p)
{
	static const char *const keys[] = {"label", "second_factor", "excludes", "resident", "granted",
		"clearance", "compartments", NULL};
	struct role_kinds *all = &l->m->roles;
	struct label label = {0};
	if (!good_id(l, p->key, p->line, p->column, false) || !is_map(l, &p->value))
		return;
	if (role_kind(all, p->key)) {
		fault_mark(l, p->line, p->column, "", N_("the role “%.*s” is declared already"),
			STR_ARG(p->key));
		return;
	}
	if (all->n == ROLES_MAX || p->key.n > ROLE_NAME_MAX_BYTES) {
		fault_mark(l, p->line, p->column, "", N_("at most %d roles, of at most %d letters"),
			(int)ROLES_MAX, (int)ROLE_NAME_MAX_BYTES);
		return;
	}
	keys_known(l, &p->value, keys);
	get_label(l, &p->value, "label", true, &label);
	struct role_kind k = {.id = p->key, .zh = label.zh, .en = label.en};
	factor_read(l, &k, &p->value);
	clearance_read(l, &k, &p->value);
	k.resident = get_flag(l, &p->value, "resident");
	k.granted = yaml_get(&p->value, "granted") == NULL || get_flag(l, &p->value, "granted");
	get_texts(l, &p->value, "excludes", &k.excludes, &k.excludes_n);
	l->m->role_list[all->n++] = k;
}

static void file_read(struct load *l, const struct yaml *map)
{
	for (size_t i = 0; i < map->n; i++)
		role_read(l, &map->pairs[i]);
}

/* What a role excludes must be there. */
static void file_link(struct load *l, const struct yaml *map)
{
	for (size_t i = 0; i < map->n; i++) {
		str *none;
		size_t n;
		if (map->pairs[i].value.kind == YAML_MAP)
			get_roles(l, &map->pairs[i].value, "excludes", &none, &n);
	}
}

static void built_in(struct load *l)
{
	l->sources = arena_grow(l->a, l->sources, l->sources_n, &l->sources_cap, sizeof *l->sources);
	struct source *s = &l->sources[l->sources_n++];
	*s = (struct source){
		.name = BUILT_IN, .path = STR("roles/office.yaml"), .text = embed_find(BUILT_IN)};
	s->read = yaml_read(l->a, s->text, &s->root, NULL, NULL, NULL) == RC_OK;
}

void roles_read(struct load *l)
{
	bool any = false;
	for (size_t i = 0; i < l->sources_n; i++)
		any |= path_in(l->sources[i].path, "roles/");
	if (!any)
		built_in(l);
	l->m->role_list = NEWS(l->a, ROLES_MAX, struct role_kind);
	l->m->roles.list = l->m->role_list;
	each_file(l, file_read);
	each_file(l, file_link);
}

/* Minors' records of a unit and all below it are not read with a password alone. */
void roles_judge(struct load *l, const struct reg *r, const struct yaml *root)
{
	for (size_t i = 0; r->sensitivity >= SENS_MINOR && i < r->read_n; i++)
		for (size_t k = 0; str_is(r->read[i].relation, "subtree") && k < r->read[i].roles_n; k++) {
			const struct role_kind *role = role_kind(&l->m->roles, r->read[i].roles[k]);
			if (role && role->factor == FACTOR_NONE)
				fault_at(l, yaml_get(root, "read"), tr("give the role second_factor: code"),
					N_("“%.*s” would read minors' records with a password alone"),
					STR_ARG(role->id));
		}
}

/* No declaration lets a role into what its label does not dominate; one's own rows are one's own. */
void labels_judge(struct load *l, const struct reg *r, const struct yaml *root)
{
	for (int w = 0; w < 2; w++) {
		const struct permission *list = w ? r->write : r->read;
		for (size_t i = 0; i < (w ? r->write_n : r->read_n); i++)
			for (size_t k = 0; !str_is(list[i].relation, "own") && k < list[i].roles_n; k++) {
				const struct role_kind *role = role_kind(&l->m->roles, list[i].roles[k]);
				if (role && !label_role_dominates(role, r))
					fault_at(l, yaml_get(root, w ? "write" : "read"),
						tr("raise its clearance in roles/, or name this purpose "
						   "among its compartments"),
						N_("the label of “%.*s” does not reach this register"),
						STR_ARG(role->id));
			}
	}
}

/* What no department can ever be shown is not declared as shared. */
void shared_judge(struct load *l, const struct reg *r, const struct yaml *root)
{
	const struct role_kind *partner = role_kind(&l->m->roles, STR("partner_contact"));
	if ((r->shared[0] | r->shared[1]) != 0 && partner && !label_role_dominates(partner, r))
		fault_at(l, yaml_get(root, "share"), "",
			N_("the label of “%.*s” does not reach this register"), STR_ARG(partner->id));
}

const struct role_kind *model_role(const struct model *m, str id)
{
	return role_kind(&m->roles, id);
}

str role_label(const struct role_kind *k)
{
	struct label label = {k->zh, k->en};
	return label_text(&label);
}
