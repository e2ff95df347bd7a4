/* model_reg.c -- one register from its file: what can be read without knowing the other registers. */
#include "register/model_load.h"
#include "store/migrate.h"

static const char *const REG_KEYS[] = {"register", "label", "holds", "help", "system", "group", "belongs",
	"happens", "person", "key", "sensitivity", "purpose", "keep", "fields", "grade", "states",
	"import_state", "moves", "checks", "list", "read", "write", "case", "members", "guardian", "show",
	"edit", "withhold", "consent", "share", "public", "door", "apply", NULL};
static const char *const EXTEND_KEYS[] = {
	"extend", "fields", "checks", "label", "labels", "keep", "sensitivity", "seal", NULL};

/* Columns that every register has. */
static const char *const SYSTEM[] = {"id", "org", "state", "version", "entered_by", "entered_at",
	"changed_by", "changed_at", "source", NULL};

bool system_column(str id)
{
	for (const char *const *s = SYSTEM; *s; s++)
		if (str_is(id, *s))
			return true;
	return false;
}

static size_t count_fields(const struct reg_source *s)
{
	const struct yaml *f = yaml_get(&s->base->root, "fields");
	size_t n = f && f->kind == YAML_MAP ? f->n : 0;
	for (size_t i = 0; i < s->extensions_n; i++) {
		f = yaml_get(&s->extensions[i]->root, "fields");
		n += f && f->kind == YAML_MAP ? f->n : 0;
	}
	return n;
}

static void read_fields(struct load *l, struct reg *r, const struct source *from)
{
	l->at = from;
	const struct yaml *map = yaml_get(&from->root, "fields");
	if (map == NULL || !is_map(l, map))
		return;
	for (size_t i = 0; i < map->n; i++) {
		const struct yaml_pair *p = &map->pairs[i];
		if (system_column(p->key)) {
			fault_mark(l, p->line, p->column, "", N_("every register has “%.*s” already"),
				STR_ARG(p->key));
		} else if (reg_field(r, p->key)) {
			fault_mark(l, p->line, p->column, "",
				N_("the field “%.*s” stands in the register already"), STR_ARG(p->key));
		} else if (r->fields_n == REG_FIELDS_MAX) {
			fault_mark(l, p->line, p->column, "", N_("more than %d fields"), (int)REG_FIELDS_MAX);
			return;
		} else {
			field_read(l, r, &r->fields[r->fields_n], p);
			r->fields_n++;
		}
	}
}

static void read_states(struct load *l, struct reg *r, const struct yaml *root)
{
	static const char *const keys[] = {"label", NULL};
	const struct yaml *map = yaml_get(root, "states");
	r->import_state = get_text(l, root, "import_state", false);
	if (map == NULL || !is_map(l, map))
		return;
	r->states = NEWS(l->a, map->n + 1, struct state);
	for (size_t i = 0; i < map->n; i++) {
		const struct yaml_pair *p = &map->pairs[i];
		struct state *s = &r->states[r->states_n];
		if (!good_id(l, p->key, p->line, p->column, false) || !is_map(l, &p->value))
			continue;
		keys_known(l, &p->value, keys);
		s->id = p->key;
		get_label(l, &p->value, "label", true, &s->label);
		r->states_n++;
	}
	const struct yaml *y = yaml_get(root, "import_state");
	if (y && r->import_state.n && !reg_state(r, r->import_state))
		fault_at(l, y, "", N_("no state “%.*s” is declared"), STR_ARG(r->import_state));
}

void get_roles(struct load *l, const struct yaml *map, const char *key, str **out, size_t *out_n)
{
	const struct yaml **list = NULL;
	const struct role_kinds *all = &l->m->roles;
	size_t n = get_list(l, map, key, &list);
	*out = NEWS(l->a, n + 1, str);
	*out_n = 0;
	for (size_t i = 0; i < n; i++) {
		if (role_kind(all, list[i]->text)) {
			(*out)[(*out_n)++] = list[i]->text;
			continue;
		}
		struct nearest near = {.wrong = list[i]->text};
		for (size_t k = 0; k < all->n; k++)
			nearest_try(&near, all->list[k].id);
		fault_at(l, list[i], hint_mean(l, near.best), N_("the role “%.*s” is not known"),
			STR_ARG(list[i]->text));
	}
}

static void read_permission(
	struct load *l, const struct yaml *root, const char *key, struct permission **out, size_t *out_n)
{
	static const char *const relations[] = {"own", "subtree", "case", NULL};
	const struct yaml *map = yaml_get(root, key);
	if (map == NULL) {
		fault_at(l, root, "", N_("“%s:” is missing"), key);
		return;
	}
	if (!is_map(l, map))
		return;
	keys_known(l, map, relations);
	*out = NEWS(l->a, map->n + 1, struct permission);
	for (size_t i = 0; i < map->n; i++) {
		struct permission *p = &(*out)[(*out_n)++];
		p->relation = map->pairs[i].key;
		const char *relation = arena_cstr(l->a, p->relation);
		get_roles(l, map, relation, &p->roles, &p->roles_n);
	}
}

static bool read_sensitivity(struct load *l, const struct yaml *root, enum sensitivity *out)
{
	static const char *const names[] = {"public", "internal", "personal", "minor", "sealed"};
	str text = get_text(l, root, "sensitivity", true);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_is(text, names[i])) {
			*out = (enum sensitivity)i;
			return true;
		}
	if (text.n)
		fault_at(l, yaml_get(root, "sensitivity"), tr("public, internal, personal, minor or sealed"),
			N_("“%.*s” is no degree of sensitivity"), STR_ARG(text));
	return false;
}

static bool good_time(str text)
{
	size_t i = 0;
	if (str_is(text, "forever"))
		return true;
	while (i < text.n && text.p[i] >= '0' && text.p[i] <= '9')
		i++;
	return i > 0 && i <= 3 && i + 1 == text.n && strchr("ymd", text.p[i]) != NULL;
}

/* keep: 6y | forever | {for: 6y, after: skeleton} */
static void read_keep(struct load *l, struct reg *r, const struct yaml *root)
{
	static const char *const keys[] = {"for", "after", NULL};
	const struct yaml *y = yaml_get(root, "keep");
	if (y && y->kind == YAML_MAP) {
		keys_known(l, y, keys);
		str time = get_text(l, y, "for", true), after = get_text(l, y, "after", true);
		r->keep = arena_fmt(l->a, "%.*s, after: %.*s", STR_ARG(time), STR_ARG(after));
		if (!good_time(time) || !str_is(after, "skeleton"))
			fault_at(l, y, tr("6y, 18m, 30d, forever or {for: 6y, after: skeleton}"),
				N_("no time to keep"));
		return;
	}
	r->keep = get_text(l, root, "keep", true);
	if (r->keep.n && !good_time(r->keep))
		fault_at(l, y, tr("6y, 18m, 30d, forever or {for: 6y, after: skeleton}"),
			N_("no time to keep"));
}

/* Other labels: of the register, and of fields by their id. */
static void read_labels(struct load *l, struct reg *r, const struct source *from)
{
	const struct yaml *map = yaml_get(&from->root, "labels");
	get_label(l, &from->root, "label", false, &r->label);
	if (map == NULL || !is_map(l, map))
		return;
	for (size_t i = 0; i < map->n; i++) {
		const struct yaml_pair *p = &map->pairs[i];
		struct field *f = NULL;
		for (size_t k = 0; k < r->fields_n; k++)
			if (str_eq(r->fields[k].id, p->key))
				f = &r->fields[k];
		if (f)
			read_label(l, &p->value, &f->label);
		else
			fault_mark(l, p->line, p->column, hint_mean(l, reg_suggest_field(r, p->key)),
				N_("the register %.*s has no field “%.*s”"), STR_ARG(r->id), STR_ARG(p->key));
	}
}

/* The time that a city keeps rows instead of the register's own; once, for two would be a matter of their order. */
static void read_own_keep(struct load *l, struct reg *r, const struct reg_source *s)
{
	const char *first = NULL;
	for (size_t i = 0; i < s->extensions_n; i++) {
		const struct yaml *root = &s->extensions[i]->root;
		l->at = s->extensions[i];
		if (yaml_get(root, "keep") == NULL)
			continue;
		if (first)
			fault_at(l, yaml_get(root, "keep"),
				tr("take that change back first, or write the time there"),
				N_("how long the register %.*s keeps is said in %s already"), STR_ARG(r->id),
				first);
		first = s->extensions[i]->name;
		read_keep(l, r, root);
	}
}

/* seal: [FIELD, ...]: fields that are sealed from here on. */
static void read_seal(struct load *l, struct reg *r, const struct yaml *root)
{
	const struct yaml **list;
	size_t n = get_list(l, root, "seal", &list);
	for (size_t i = 0; i < n; i++) {
		struct field *f = NULL;
		for (size_t k = 0; k < r->fields_n; k++)
			if (str_eq(r->fields[k].id, list[i]->text))
				f = &r->fields[k];
		if (f == NULL)
			fault_at(l, list[i], hint_mean(l, reg_suggest_field(r, list[i]->text)),
				N_("the register %.*s has no field “%.*s”"), STR_ARG(r->id),
				STR_ARG(list[i]->text));
		else if (f->type != T_TEXT)
			fault_at(l, list[i],
				tr("raise the sensitivity of the register, or give it a sealed field beside "
				   "this one"),
				N_("only a text is sealed afterwards; “%.*s” is none"), STR_ARG(f->id));
		else
			f->sealed = true;
	}
}

/* A city may protect more than the program does, never less. */
static void read_protection(struct load *l, struct reg *r, const struct reg_source *s)
{
	enum sensitivity own = r->sensitivity, asked;
	for (size_t i = 0; i < s->extensions_n; i++) {
		const struct yaml *root = &s->extensions[i]->root;
		l->at = s->extensions[i];
		if (yaml_get(root, "sensitivity") && read_sensitivity(l, root, &asked)) {
			if (asked < own)
				fault_at(l, yaml_get(root, "sensitivity"),
					tr("what may be told of it is said by the public part, `show:` and "
					   "rules/street.yaml; a register of its own may hold less"),
					N_("the sensitivity of the register %.*s is not lowered"),
					STR_ARG(r->id));
			r->sensitivity = asked > r->sensitivity ? asked : r->sensitivity;
		}
		read_seal(l, r, root);
	}
}

static void read_reg(struct load *l, struct reg *r, const struct reg_source *s)
{
	const struct yaml *root = &s->base->root;
	const struct yaml_pair *id = yaml_pair_of(root, "register");
	l->at = s->base;
	r->mark = mark_of(l, &id->value);
	keys_known(l, root, REG_KEYS);
	if (good_id(l, r->id, id->value.line, id->value.column, false) &&
		id_free(l, r->id, id->value.line, id->value.column) && migrate_owns(r->id))
		fault_at(l, &id->value, "", N_("“%.*s” is a table of the program itself"), STR_ARG(r->id));
	get_label(l, root, "label", true, &r->label);
	get_label(l, root, "holds", false, &r->holds);
	get_label(l, root, "help", false, &r->help);
	r->system = get_text(l, root, "system", true);
	r->group = get_text(l, root, "group", true);
	r->purpose = get_text(l, root, "purpose", true);
	read_sensitivity(l, root, &r->sensitivity);
	read_keep(l, r, root);
	if (yaml_get(root, "fields") == NULL)
		fault_at(l, root, "", N_("“%s:” is missing"), "fields");
	r->fields = NEWS(l->a, count_fields(s) + 1, struct field);
	read_fields(l, r, s->base);
	for (size_t i = 0; i < s->extensions_n; i++) {
		l->at = s->extensions[i];
		keys_known(l, &s->extensions[i]->root, EXTEND_KEYS);
		read_fields(l, r, s->extensions[i]);
	}
	for (size_t i = 0; i < s->extensions_n; i++) {
		l->at = s->extensions[i];
		read_labels(l, r, s->extensions[i]);
	}
	read_own_keep(l, r, s);
	read_protection(l, r, s);
	l->at = s->base;
	const struct field *n = reg_field(r, STR("n"));
	r->n_field = n && n->type == T_COUNT ? n : NULL;
	read_states(l, r, root);
	read_permission(l, root, "read", &r->read, &r->read_n);
	read_permission(l, root, "write", &r->write, &r->write_n);
}

/* ---- all registers ---- */

static size_t index_of(const struct load *l, str id)
{
	for (size_t i = 0; i < l->m->regs_n; i++)
		if (str_eq(l->m->regs[i].id, id))
			return i;
	return SIZE_MAX;
}

static void found_register(struct load *l, const struct source *s)
{
	str id = get_text(l, &s->root, "register", true);
	size_t i = index_of(l, id);
	if (id.n == 0)
		return;
	if (i != SIZE_MAX) {
		fault_at(l, yaml_get(&s->root, "register"), "",
			N_("the register “%.*s” stands in %s already"), STR_ARG(id),
			l->reg_sources[i].base->name);
		return;
	}
	if (l->m->regs_n == MODEL_REGISTERS_MAX) {
		fault_at(l, &s->root, "", N_("more than %d registers"), (int)MODEL_REGISTERS_MAX);
		return;
	}
	l->reg_sources[l->m->regs_n].base = s;
	l->m->regs[l->m->regs_n] = (struct reg){.id = id, .at = (int)l->m->regs_n};
	l->m->regs_n++;
}

static void found_extension(struct load *l, const struct source *s)
{
	str id = get_text(l, &s->root, "extend", true);
	size_t i = index_of(l, id);
	if (i == SIZE_MAX) {
		if (id.n)
			fault_at(l, yaml_get(&s->root, "extend"), hint_mean(l, model_suggest_reg(l->m, id)),
				N_("there is no register “%.*s”"), STR_ARG(id));
		return;
	}
	struct reg_source *rs = &l->reg_sources[i];
	rs->extensions = arena_grow(
		l->a, rs->extensions, rs->extensions_n, &rs->extensions_cap, sizeof *rs->extensions);
	rs->extensions[rs->extensions_n++] = s;
}

void registers_read(struct load *l)
{
	l->m->regs = NEWS(l->a, MODEL_REGISTERS_MAX, struct reg);
	l->reg_sources = NEWS(l->a, MODEL_REGISTERS_MAX, struct reg_source);
	for (int extensions = 0; extensions < 2; extensions++)
		for (size_t i = 0; i < l->sources_n; i++) {
			const struct source *s = &l->sources[i];
			if (!s->read || !path_in(s->path, "registers/"))
				continue;
			l->at = s;
			bool extends = yaml_get(&s->root, "extend") != NULL;
			if (extends && extensions)
				found_extension(l, s);
			else if (!extends && !extensions)
				found_register(l, s);
		}
	for (size_t i = 0; i < l->m->regs_n; i++) {
		read_reg(l, &l->m->regs[i], &l->reg_sources[i]);
		map_put(&l->m->reg_by_id, l->m->regs[i].id, &l->m->regs[i]);
	}
}
