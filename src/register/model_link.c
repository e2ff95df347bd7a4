/* model_link.c -- what a register says about its own fields and about other registers: references, key, event date,
 * person, moves, list, and the expressions of grade and checks. Runs when all registers are read. */
#include "register/model_load.h"

/* Names of moves that say enough by themselves (glossary: Buttons). */
#define LABEL(zh, en) \
	{ \
		{(zh), sizeof(zh) - 1}, \
		{ \
			(en), sizeof(en) - 1 \
		} \
	}
static const struct {
	const char *id;
	struct label label;
} MOVES[] = {
	{"submit", LABEL("提交审核", "Submit")},
	{"accept", LABEL("审核通过", "Accept")},
	{"return", LABEL("退回修改", "Return")},
	{"reject", LABEL("不予通过", "Reject")},
	{"withdraw", LABEL("撤回", "Withdraw")},
	{"cancel", LABEL("取消活动", "Cancel")},
	{"void", LABEL("作废", "Void")},
	{"correct", LABEL("更正", "Correct")},
	{"confirm", LABEL("确认", "Confirm")},
	{"dispute", LABEL("提出争议", "Dispute")},
	{"complete", LABEL("完成", "Complete")},
	{"close", LABEL("办结", "Close")},
	{"reopen", LABEL("重新办理", "Reopen")},
	{"assign", LABEL("分派", "Assign")},
	{"refer", LABEL("转介", "Refer")},
	{"transfer", LABEL("移交", "Transfer")},
	{"acknowledge", LABEL("签收", "Acknowledge")},
	{"send", LABEL("报送", "Send up")},
	{"publish", LABEL("发布", "Publish")},
	{"take_down", LABEL("撤下", "Take down")},
};

static const struct field *own_field(struct load *l, const struct reg *r, const struct yaml *y)
{
	const struct field *f = reg_field(r, y->text);
	if (f == NULL)
		fault_at(l, y, hint_mean(l, reg_suggest_field(r, y->text)),
			N_("the register %.*s has no field “%.*s”"), STR_ARG(r->id), STR_ARG(y->text));
	return f;
}

static const struct yaml *scalar_of(const struct yaml *root, const char *key)
{
	const struct yaml *y = yaml_get(root, key);
	return y && y->kind == YAML_SCALAR && y->text.n ? y : NULL;
}

static const struct yaml *field_yaml(
	const struct reg_source *s, const struct field *f, const struct source **out_at)
{
	const struct yaml *fields = yaml_get(&s->base->root, "fields");
	for (size_t i = 0; fields && fields->kind == YAML_MAP && i < fields->n; i++)
		if (str_eq(fields->pairs[i].key, f->id)) {
			*out_at = s->base;
			return &fields->pairs[i].value;
		}
	for (size_t k = 0; k < s->extensions_n; k++) {
		fields = yaml_get(&s->extensions[k]->root, "fields");
		for (size_t i = 0; fields && fields->kind == YAML_MAP && i < fields->n; i++)
			if (str_eq(fields->pairs[i].key, f->id)) {
				*out_at = s->extensions[k];
				return &fields->pairs[i].value;
			}
	}
	return NULL;
}

static void link_targets(struct load *l, struct reg *r, const struct reg_source *s)
{
	for (size_t i = 0; i < r->fields_n; i++) {
		struct field *f = &r->fields[i];
		if (f->to.n == 0)
			continue;
		f->to_reg = model_reg(l->m, f->to);
		if (f->to_reg)
			continue;
		const struct yaml *map = field_yaml(s, f, &l->at);
		const struct yaml *to = map ? yaml_get(map, "to") : NULL;
		fault_mark(l, to ? to->line : f->mark.line, to ? to->column : f->mark.column,
			hint_mean(l, model_suggest_reg(l->m, f->to)), N_("there is no register “%.*s”"),
			STR_ARG(f->to));
	}
	l->at = s->base;
}

static void link_belongs(struct load *l, struct reg *r, const struct yaml *root)
{
	const struct yaml **list = NULL;
	size_t n = get_list(l, root, "belongs", &list);
	if (yaml_get(root, "belongs") == NULL)
		fault_at(l, root, "", N_("“%s:” is missing"), "belongs");
	if (n == 0)
		return;
	if (!str_is(list[0]->text, "org"))
		fault_at(l, list[0], tr("write org or [org, cohosts]"), N_("a row belongs to its org first"));
	if (n > 2)
		fault_at(l, list[2], tr("write org or [org, cohosts]"), N_("one field of co-hosts at most"));
	if (n < 2)
		return;
	r->cohosts = own_field(l, r, list[1]);
	if (r->cohosts && r->cohosts->type != T_ORGS)
		fault_at(l, list[1], "", N_("co-hosts need a field of type orgs"));
}

static void link_happens(struct load *l, struct reg *r, const struct yaml *root)
{
	const struct yaml *y = scalar_of(root, "happens");
	struct path p;
	if (y == NULL || !read_path(l, y, r, &p))
		return;
	r->happens = y->text;
	r->happens_field = p.steps_n == 0 ? p.last : NULL;
	if (p.type != E_DATE && p.type != E_INSTANT && p.type != E_MONTH)
		fault_at(l, y, "", N_("“happens:” needs a date"));
	else if (p.last && p.last->sealed)
		fault_at(l, y, "", N_("a sealed date cannot be the event date"));
}

static void link_person(struct load *l, struct reg *r, const struct yaml *root)
{
	const struct yaml *y = scalar_of(root, "person");
	if (y == NULL || (r->person = own_field(l, r, y)) == NULL)
		return;
	if (!str_is(r->person->to, "person") || (r->person->type != T_PERSON && r->person->type != T_REF))
		fault_at(l, y, "", N_("“person:” needs a field of type person"));
}

static void link_key(struct load *l, struct reg *r, const struct yaml *root)
{
	const struct yaml **list = NULL;
	size_t n = get_list(l, root, "key", &list);
	if (n == 0) {
		if (yaml_get(root, "key") == NULL)
			fault_at(l, root, tr("write key: row where a row has no natural key"),
				N_("“%s:” is missing"), "key");
		return;
	}
	if (n == 1 && str_is(list[0]->text, "row") && !reg_field(r, STR("row"))) {
		r->key_row = true;
		return;
	}
	r->key = NEWS(l->a, n + 1, const struct field *);
	for (size_t i = 0; i < n; i++) {
		if (str_is(list[i]->text, "org")) {
			r->key_org = true;
			continue;
		}
		const struct field *f = own_field(l, r, list[i]);
		if (f == NULL)
			continue;
		if (f->type == T_SEALED_STRUCT || f->type == T_REFS || f->type == T_ORGS || f->type == T_FILE)
			fault_at(l, list[i], "", N_("the field “%.*s” cannot belong to a key"),
				STR_ARG(f->id));
		else
			r->key[r->key_n++] = f;
	}
}

/* ---- moves ---- */

static void need_state(struct load *l, const struct reg *r, const struct yaml *y)
{
	struct nearest near = {.wrong = y->text};
	if (reg_state(r, y->text))
		return;
	for (size_t i = 0; i < r->states_n; i++)
		nearest_try(&near, r->states[i].id);
	fault_at(l, y, hint_mean(l, near.best), N_("no state “%.*s” is declared"), STR_ARG(y->text));
}

static void move_needs(struct load *l, const struct reg *r, struct move *m, const struct yaml *map)
{
	const struct yaml **list = NULL;
	size_t n = get_list(l, map, "needs", &list);
	m->needs = NEWS(l->a, n + 1, const struct field *);
	for (size_t i = 0; i < n; i++) {
		const struct field *f = NULL;
		if (str_is(list[i]->text, "reason") && reg_field(r, STR("reason")) == NULL)
			m->needs_reason = true;
		else if ((f = own_field(l, r, list[i])) != NULL)
			m->needs[m->needs_n++] = f;
	}
	const struct yaml *stamps = scalar_of(map, "stamps");
	if (stamps && (m->stamps = own_field(l, r, stamps)) != NULL && m->stamps->type != T_DATE &&
		m->stamps->type != T_TIME)
		fault_at(l, stamps, "", N_("“stamps:” needs a field of type date"));
}

static void link_move(struct load *l, const struct reg *r, struct move *m, const struct yaml_pair *p)
{
	static const char *const keys[] = {"label", "from", "to", "by", "needs", "stamps", "not_by", NULL};
	const struct yaml *map = &p->value, **from = NULL;
	m->id = p->key;
	m->mark = (struct mark){l->at->name, p->line, p->column};
	keys_known(l, map, keys);
	for (size_t i = 0; i < sizeof MOVES / sizeof *MOVES; i++)
		if (str_is(m->id, MOVES[i].id))
			m->label = MOVES[i].label;
	get_label(l, map, "label", m->label.zh.n == 0, &m->label);
	m->from_n = get_list(l, map, "from", &from);
	if (yaml_get(map, "from") == NULL)
		fault_at(l, map, "", N_("“%s:” is missing"), "from");
	m->from = NEWS(l->a, m->from_n + 1, str);
	for (size_t i = 0; i < m->from_n; i++) {
		m->from[i] = from[i]->text;
		need_state(l, r, from[i]);
	}
	m->to = get_text(l, map, "to", true);
	if (m->to.n)
		need_state(l, r, yaml_get(map, "to"));
	if (yaml_get(map, "by") == NULL)
		fault_at(l, map, "", N_("“%s:” is missing"), "by");
	get_roles(l, map, "by", &m->by, &m->by_n);
	m->not_by = get_text(l, map, "not_by", false);
	move_needs(l, r, m, map);
}

static void link_moves(struct load *l, struct reg *r, const struct yaml *root)
{
	const struct yaml *map = yaml_get(root, "moves");
	if (map == NULL || !is_map(l, map))
		return;
	r->moves = NEWS(l->a, map->n + 1, struct move);
	for (size_t i = 0; i < map->n; i++)
		if (good_id(l, map->pairs[i].key, map->pairs[i].line, map->pairs[i].column, false) &&
			is_map(l, &map->pairs[i].value))
			link_move(l, r, &r->moves[r->moves_n++], &map->pairs[i]);
	for (size_t i = 0; i < r->moves_n; i++)
		if (r->moves[i].not_by.n && reg_move(r, r->moves[i].not_by) == NULL)
			fault_mark(l, r->moves[i].mark.line, r->moves[i].mark.column, "",
				N_("“not_by:” names no move of this register"));
}

/* ---- grade, checks, list ---- */

static void link_grade(struct load *l, struct reg *r, const struct yaml *root)
{
	const struct yaml *map = yaml_get(root, "grade");
	if (map == NULL || !is_map(l, map))
		return;
	r->grades = NEWS(l->a, map->n + 1, struct grade_rule);
	for (size_t i = 0; i < map->n; i++) {
		const struct yaml_pair *p = &map->pairs[i];
		struct grade_rule *g = &r->grades[r->grades_n];
		if (p->key.n != 1 || p->key.p[0] < 'A' || p->key.p[0] > 'D') {
			fault_mark(l, p->line, p->column, "", N_("a grade is A, B, C or D"));
			continue;
		}
		g->letter = p->key.p[0];
		bool always = p->value.kind == YAML_SCALAR && str_is(p->value.text, "true");
		if (!always)
			g->when = read_expr(l, &p->value, r, EXPR_FIGURE, E_BOOL);
		if (always != (i + 1 == map->n))
			fault_at(l, &p->value, "",
				always ? N_("nothing can stand behind “true”")
				       : N_("the last grade must be “true”"));
		r->grades_n++;
	}
}

static void link_checks(struct load *l, struct reg *r, const struct source *from, size_t *cap)
{
	static const char *const keys[] = {"when", "say", "level", NULL};
	l->at = from;
	const struct yaml *list = yaml_get(&from->root, "checks");
	if (list == NULL)
		return;
	if (list->kind != YAML_LIST) {
		fault_at(l, list, tr("write - when: …"), N_("a list was expected here"));
		return;
	}
	for (size_t i = 0; i < list->n; i++) {
		const struct yaml *map = &list->items[i];
		struct check c = {.mark = mark_of(l, map)};
		if (!is_map(l, map))
			continue;
		keys_known(l, map, keys);
		const struct yaml *when = yaml_get(map, "when");
		if (when)
			c.when = read_expr(l, when, r, EXPR_FREE, E_BOOL);
		else
			fault_at(l, map, "", N_("“%s:” is missing"), "when");
		get_label(l, map, "say", true, &c.say);
		str level = get_text(l, map, "level", false);
		c.warn = str_is(level, "warn");
		if (level.n && !c.warn && !str_is(level, "refuse"))
			fault_at(l, yaml_get(map, "level"), "", N_("a check's level is warn or refuse"));
		r->checks = arena_grow(l->a, r->checks, r->checks_n, cap, sizeof c);
		r->checks[r->checks_n++] = c;
	}
}

static void link_list(struct load *l, struct reg *r, const struct yaml *root)
{
	const struct yaml **list = NULL;
	size_t n = get_list(l, root, "list", &list);
	r->list = NEWS(l->a, n + 1, const struct field *);
	r->list_ids = NEWS(l->a, n + 1, str);
	if (yaml_get(root, "list") == NULL)
		fault_at(l, root, "", N_("“%s:” is missing"), "list");
	for (size_t i = 0; i < n; i++) {
		const struct field *f = system_column(list[i]->text) ? NULL : own_field(l, r, list[i]);
		if (f == NULL && !system_column(list[i]->text))
			continue;
		r->list[r->list_n] = f;
		r->list_ids[r->list_n++] = list[i]->text;
	}
}

void registers_link(struct load *l)
{
	for (size_t i = 0; i < l->m->regs_n; i++) {
		l->at = l->reg_sources[i].base;
		link_targets(l, &l->m->regs[i], &l->reg_sources[i]);
	}
	for (size_t i = 0; i < l->m->regs_n; i++) {
		struct reg *r = &l->m->regs[i];
		const struct reg_source *s = &l->reg_sources[i];
		const struct yaml *root = &s->base->root;
		size_t cap = 0;
		l->at = s->base;
		roles_judge(l, r, root);
		labels_judge(l, r, root);
		link_belongs(l, r, root);
		link_happens(l, r, root);
		link_person(l, r, root);
		link_key(l, r, root);
		link_moves(l, r, root);
		link_grade(l, r, root);
		link_list(l, r, root);
		link_checks(l, r, s->base, &cap);
		access_link(l, r, root);
		shared_judge(l, r, root);
		public_link(l, r, root);
		apply_link(l, r, root);
		for (size_t k = 0; k < s->extensions_n; k++)
			link_checks(l, r, s->extensions[k], &cap);
	}
}
