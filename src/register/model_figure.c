/* model_figure.c -- figures and their companions: model.md, A figure.
 *
 * A companion takes of, where, on, grain and unit from its parent unless it gives them; its where replaces the parent's.
 * Rates are linked last, when all ids are known. */
#include "register/model_load.h"

static const char *const FIGURE_KEYS[] = {"label", "definition", "of", "where", "on", "grain", "unit",
	"print", "companions", "full", "plan", "rate", "never_appraise", "parts", "rest", NULL};
static const char *const PRINTS[] = {"万", "万余", "千余", "百余", "十余", "万元", NULL};

static struct figure *new_figure(struct load *l, str id, int line, int column)
{
	struct model *m = l->m;
	if (map_get(&m->figure_by_id, id)) {
		fault_mark(l, line, column, "", N_("the figure “%.*s” stands in the model already"),
			STR_ARG(id));
		return NULL;
	}
	if (m->figures_n == MODEL_FIGURES_MAX) {
		fault_mark(l, line, column, "", N_("more than %d figures"), (int)MODEL_FIGURES_MAX);
		return NULL;
	}
	struct figure *f = &m->figures[m->figures_n];
	*f = (struct figure){.id = id, .at = (int)m->figures_n, .mark = {l->at->name, line, column}};
	m->figures_n++;
	map_put(&m->figure_by_id, id, f);
	return f;
}

static const struct yaml *figure_reg(struct load *l, struct figure *f, const struct yaml *map)
{
	const struct yaml *of = yaml_get(map, "of");
	str id = get_text(l, map, "of", f->parent == NULL);
	if (id.n == 0) {
		if (f->parent)
			f->of = f->parent->of;
		return of;
	}
	f->of = model_reg(l->m, id);
	if (f->of == NULL)
		fault_at(l, of, hint_mean(l, model_suggest_reg(l->m, id)), N_("there is no register “%.*s”"),
			STR_ARG(id));
	return of;
}

/* A path of the figure and what it must be. */
enum path_want { WANT_DAY, WANT_INT, WANT_REF };

static bool figure_path(
	struct load *l, const struct figure *f, const struct yaml *y, enum path_want want, struct path *out)
{
	if (!read_path(l, y, f->of, out))
		return false;
	bool sealed = out->last && out->last->sealed;
	if (want == WANT_DAY &&
		(sealed || (out->type != E_DATE && out->type != E_INSTANT && out->type != E_MONTH)))
		fault_at(l, y, "", N_("a date is needed here"));
	else if (want == WANT_INT &&
		 (sealed || out->type != E_INT ||
			 (out->last && out->last->type == T_DECIMAL && out->last->scale > 0)))
		fault_at(l, y, "", N_("only whole numbers, money and hours can be summed"));
	else if (want == WANT_REF && out->type != E_REF)
		fault_at(l, y, "", N_("a reference is needed here: person, org or ref"));
	else
		return true;
	return false;
}

static void int_unit(struct figure *f, const struct path *p)
{
	f->money = p->last && p->last->type == T_MONEY;
	f->minutes = p->last && p->last->type == T_HOURS;
}

static bool to_person(const struct path *p)
{
	if (p->last)
		return str_is(p->last->to, "person");
	return str_is(p->last_reg->id, "person") && str_is(p->last_id, "id");
}

/* A stock may count things instead of rows. */
static void stock_things(struct load *l, struct figure *f, const struct yaml *distinct)
{
	struct path p;
	if (distinct == NULL || !figure_path(l, f, distinct, WANT_REF, &p))
		return;
	f->grain_path = distinct->text;
	f->distinct_person = to_person(&p);
}

static void grain_stock(struct load *l, struct figure *f, const struct yaml *map)
{
	static const char *const keys[] = {"from", "to", "during", "distinct", NULL}, *const last[] = {
											      "last", NULL};
	struct path p;
	f->grain = G_STOCK;
	if (!is_map(l, map))
		return;
	keys_known(l, map, keys);
	const struct yaml *from = yaml_get(map, "from"), *to = yaml_get(map, "to");
	if (from == NULL)
		fault_at(l, map, "", N_("“%s:” is missing"), "from");
	else if (figure_path(l, f, from, WANT_DAY, &p))
		f->stock_from = from->text;
	if (to && to->kind == YAML_MAP) {
		keys_known(l, to, last);
		f->stock_to_last = true;
		to = yaml_get(to, "last");
	}
	if (to && figure_path(l, f, to, WANT_DAY, &p))
		f->stock_to = to->text;
	f->stock_during = get_flag(l, map, "during");
	stock_things(l, f, yaml_get(map, "distinct"));
}

static void grain_last(struct load *l, struct figure *f, const struct yaml *map)
{
	static const char *const keys[] = {"of", "per", NULL};
	struct path p;
	f->grain = G_LAST;
	if (!is_map(l, map))
		return;
	keys_known(l, map, keys);
	const struct yaml *of = yaml_get(map, "of"), *per = yaml_get(map, "per");
	if (of == NULL || per == NULL) {
		fault_at(l, map, "", N_("“%s:” is missing"), of ? "per" : "of");
		return;
	}
	if (figure_path(l, f, of, WANT_INT, &p)) {
		f->grain_path = of->text;
		int_unit(f, &p);
	}
	if (figure_path(l, f, per, WANT_REF, &p))
		f->last_per = per->text;
}

static void grain_of_kind(struct load *l, struct figure *f, str kind, const struct yaml *y)
{
	struct path p;
	if (str_is(kind, "sum") || str_is(kind, "balance")) {
		f->grain = str_is(kind, "sum") ? G_SUM : G_BALANCE;
		if (figure_path(l, f, y, WANT_INT, &p)) {
			f->grain_path = y->text;
			int_unit(f, &p);
		}
	} else if (str_is(kind, "distinct")) {
		f->grain = G_DISTINCT;
		if (figure_path(l, f, y, WANT_REF, &p)) {
			f->grain_path = y->text;
			f->distinct_person = to_person(&p);
		}
	} else if (str_is(kind, "median")) {
		f->grain = G_MEDIAN;
		f->grain_expr = read_expr(l, y, f->of, EXPR_FIGURE, E_INT);
		if (f->grain_expr) {
			f->money = expr_factor(f->grain_expr) == 100;
			f->minutes = expr_factor(f->grain_expr) == 60;
		}
	} else if (str_is(kind, "stock")) {
		grain_stock(l, f, y);
	} else if (str_is(kind, "last")) {
		grain_last(l, f, y);
	}
}

static void grain_of_parent(struct figure *f)
{
	const struct figure *p = f->parent;
	f->grain = p->grain;
	f->grain_path = p->grain_path;
	f->grain_expr = p->grain_expr;
	f->stock_from = p->stock_from;
	f->stock_to = p->stock_to;
	f->stock_to_last = p->stock_to_last;
	f->stock_during = p->stock_during;
	f->last_per = p->last_per;
	f->money = p->money;
	f->minutes = p->minutes;
	f->distinct_person = p->distinct_person;
}

static void figure_grain(struct load *l, struct figure *f, const struct yaml *map)
{
	static const char *const kinds[] = {"sum", "distinct", "stock", "balance", "last", "median", NULL};
	const struct yaml *g = yaml_get(map, "grain");
	if (g == NULL) {
		if (f->parent)
			grain_of_parent(f);
		else
			fault_at(l, map, tr("row, {sum: field}, {distinct: reference}, {stock: …}, …"),
				N_("“%s:” is missing"), "grain");
		return;
	}
	f->grain = G_ROW;
	if (g->kind == YAML_SCALAR && str_is(g->text, "row"))
		return;
	const struct yaml *stock = yaml_get(g, "stock"), *distinct = yaml_get(g, "distinct");
	if (stock && distinct && g->n == 2) { /* may stand beside the stock or in it */
		grain_stock(l, f, stock);
		stock_things(l, f, distinct);
		return;
	}
	if (g->kind != YAML_MAP || g->n != 1) {
		fault_at(l, g, tr("row, {sum: field}, {distinct: reference}, {stock: …}, …"), N_("no grain"));
		return;
	}
	keys_known(l, g, kinds);
	grain_of_kind(l, f, g->pairs[0].key, &g->pairs[0].value);
}

static void figure_on(struct load *l, struct figure *f, const struct yaml *map)
{
	const struct yaml *on = yaml_get(map, "on");
	struct path p;
	if (f->grain == G_STOCK) {
		if (on)
			fault_at(l, on, "", N_("a stock has no “on:”; its dates are from and to"));
		return;
	}
	bool same = f->parent && f->of == f->parent->of && f->parent->on.n;
	f->on = on == NULL ? (same ? f->parent->on : f->of->happens) : (str){"", 0};
	if (on && figure_path(l, f, on, WANT_DAY, &p))
		f->on = on->text;
	if (on == NULL && f->on.n == 0)
		fault_at(
			l, map, "", N_("the register %.*s has no event date; say “on:”"), STR_ARG(f->of->id));
}

static void figure_plan(struct load *l, struct figure *f, const struct yaml *map)
{
	static const char *const keys[] = {"year", "at_least", NULL};
	const struct yaml *plan = yaml_get(map, "plan");
	int64_t year = 0;
	if (plan == NULL || !is_map(l, plan))
		return;
	keys_known(l, plan, keys);
	if (get_number(l, plan, "year", 1900, 2200, &year) &&
		get_number(l, plan, "at_least", 0, INT64_MAX / 2, &f->plan_at_least))
		f->plan_year = (int)year;
}

static void figure_words(struct load *l, struct figure *f, const struct yaml *map)
{
	bool first = f->parent == NULL;
	if (!get_label(l, map, "label", first, &f->label) && !first)
		f->label = f->parent->label;
	if (!get_label(l, map, "definition", first, &f->definition) && !first)
		f->definition = f->parent->definition;
	f->unit = get_text(l, map, "unit", first);
	if (f->unit.n == 0 && !first)
		f->unit = f->parent->unit;
	f->print = get_text(l, map, "print", false);
	const char *const *p = PRINTS;
	while (*p && !str_is(f->print, *p))
		p++;
	if (f->print.n && *p == NULL)
		fault_at(l, yaml_get(map, "print"), "万 万余 千余 百余 十余 万元",
			N_("“%.*s” is no print rule"), STR_ARG(f->print));
	f->full = get_text(l, map, "full", false);
	f->never_appraise = get_flag(l, map, "never_appraise");
	if (!first && yaml_get(map, "never_appraise") == NULL)
		f->never_appraise = f->parent->never_appraise;
}

static void read_figure(struct load *l, struct figure *f, const struct yaml *map);

static void companions(struct load *l, struct figure *f, const struct yaml *map)
{
	const struct yaml *list = yaml_get(map, "companions");
	if (list == NULL || !is_map(l, list))
		return;
	if (f->parent) {
		fault_at(l, list, "", N_("a companion has no companions of its own"));
		return;
	}
	f->companions = NEWS(l->a, list->n + 1, const struct figure *);
	for (size_t i = 0; i < list->n; i++) {
		const struct yaml_pair *p = &list->pairs[i];
		if (!good_id(l, p->key, p->line, p->column, false) || !is_map(l, &p->value))
			continue;
		str id = arena_fmt(l->a, "%.*s.%.*s", STR_ARG(f->id), STR_ARG(p->key));
		struct figure *c = new_figure(l, id, p->line, p->column);
		if (c == NULL)
			continue;
		c->parent = f;
		c->system = f->system;
		f->companions[f->companions_n++] = c;
		read_figure(l, c, &p->value);
	}
}

static void read_figure(struct load *l, struct figure *f, const struct yaml *map)
{
	keys_known(l, map, FIGURE_KEYS);
	figure_words(l, f, map);
	figure_plan(l, f, map);
	if (yaml_get(map, "rate")) {
		f->grain = G_RATE;
		companions(l, f, map);
		return;
	}
	figure_reg(l, f, map);
	if (f->of == NULL)
		return;
	const struct yaml *where = yaml_get(map, "where");
	if (where)
		f->where = read_expr(l, where, f->of, EXPR_FIGURE, E_BOOL);
	else if (f->parent && f->parent->of == f->of)
		f->where = f->parent->where;
	figure_grain(l, f, map);
	figure_on(l, f, map);
	companions(l, f, map);
}

/* ---- rates, full, numbers per register: when all ids are known ---- */

static const struct figure *other(struct load *l, const struct yaml *y)
{
	struct nearest near = {.wrong = y->text};
	const struct figure *f = model_figure(l->m, y->text);
	if (f)
		return f;
	for (size_t i = 0; i < l->m->figures_n; i++)
		nearest_try(&near, l->m->figures[i].id);
	fault_at(l, y, hint_mean(l, near.best), N_("there is no figure “%.*s”"), STR_ARG(y->text));
	return NULL;
}

static bool additive(const struct figure *f)
{
	return f->grain == G_ROW || f->grain == G_SUM;
}

static bool stands_in(const struct figure *f, const struct figure *whole)
{
	for (const struct figure *at = whole; at; at = at->whole)
		if (at == f)
			return true;
	return false;
}

static void link_parts(struct load *l, struct figure *f, const struct yaml *map)
{
	const struct yaml **list, *rest = yaml_get(map, "rest");
	size_t n = get_list(l, map, "parts", &list);
	f->parts_rest = get_flag(l, map, "rest");
	if (rest && n == 0)
		fault_at(l, rest, "", N_("“rest:” stands beside “parts:”"));
	f->parts = NEWS(l->a, n + 1, const struct figure *);
	for (size_t i = 0; i < n; i++) {
		struct figure *part = (struct figure *)(uintptr_t)other(l, list[i]);
		if (part == NULL)
			continue;
		if (!additive(f) || !additive(part) || part->money != f->money || part->minutes != f->minutes)
			fault_at(l, list[i], "", N_("parts and whole count rows or sums, of one kind"));
		else if (part->whole || stands_in(part, f))
			fault_at(l, list[i], "", N_("“%.*s” is a part already, or the whole of this one"),
				STR_ARG(part->id));
		else
			(part->whole = f, f->parts[f->parts_n++] = part);
	}
}

static void link_figure(struct load *l, struct figure *f, const struct yaml *map)
{
	link_parts(l, f, map);

	static const char *const keys[] = {"of", "over", NULL};
	const struct yaml *rate = yaml_get(map, "rate"), *full = yaml_get(map, "full");
	if (rate && is_map(l, rate)) {
		keys_known(l, rate, keys);
		str of = get_text(l, rate, "of", true), over = get_text(l, rate, "over", true);
		f->rate_of = of.n ? other(l, yaml_get(rate, "of")) : NULL;
		f->rate_over = over.n ? other(l, yaml_get(rate, "over")) : NULL;
		if ((f->rate_of && f->rate_of->grain == G_RATE) ||
			(f->rate_over && f->rate_over->grain == G_RATE))
			fault_at(l, rate, "", N_("a rate cannot rest on a rate"));
	}
	if (full && f->full.n) {
		const struct figure *r = other(l, full);
		if (r && r->grain != G_RATE)
			fault_at(l, full, "", N_("“full:” needs a rate"));
	}
	const struct yaml *list = yaml_get(map, "companions");
	for (size_t i = 0; list && list->kind == YAML_MAP && i < list->n; i++) {
		str id = arena_fmt(l->a, "%.*s.%.*s", STR_ARG(f->id), STR_ARG(list->pairs[i].key));
		struct figure *c = map_get(&l->m->figure_by_id, id);
		if (c && c->parent == f)
			link_figure(l, c, &list->pairs[i].value);
	}
}

static void each_of_file(struct load *l, const struct source *s, bool link)
{
	static const char *const keys[] = {"system", "figures", NULL};
	l->at = s;
	const struct yaml *map = yaml_get(&s->root, "figures");
	if (!link)
		keys_known(l, &s->root, keys);
	str system = link ? (str){"", 0} : get_text(l, &s->root, "system", true);
	if (map == NULL || map->kind != YAML_MAP) {
		if (!link)
			fault_at(l, &s->root, "", N_("“%s:” is missing"), "figures");
		return;
	}
	for (size_t i = 0; i < map->n; i++) {
		const struct yaml_pair *p = &map->pairs[i];
		struct figure *f = link ? map_get(&l->m->figure_by_id, p->key) : NULL;
		if (link && f && f->mark.line == p->line && str_is(str_of(f->mark.file), l->at->name)) {
			link_figure(l, f, &p->value);
		} else if (!link && good_id(l, p->key, p->line, p->column, true) && is_map(l, &p->value) &&
			   (f = new_figure(l, p->key, p->line, p->column)) != NULL) {
			f->system = system;
			read_figure(l, f, &p->value);
		}
	}
}

static void count_per_register(struct load *l)
{
	size_t *n = NEWS(l->a, l->m->regs_n + 1, size_t);
	for (size_t i = 0; i < l->m->figures_n; i++) {
		const struct figure *f = &l->m->figures[i];
		if (f->of == NULL || ++n[f->of->at] != REG_FIGURES_MAX + 1)
			continue;
		for (size_t k = 0; k < l->sources_n; k++)
			if (str_is(str_of(f->mark.file), l->sources[k].name))
				l->at = &l->sources[k];
		fault_mark(l, f->mark.line, f->mark.column, "",
			N_("more than %d figures of the register %.*s"), (int)REG_FIGURES_MAX,
			STR_ARG(f->of->id));
	}
}

void figures_read(struct load *l)
{
	l->m->figures = NEWS(l->a, MODEL_FIGURES_MAX, struct figure);
	for (int link = 0; link < 2; link++)
		for (size_t i = 0; i < l->sources_n; i++)
			if (l->sources[i].read && path_in(l->sources[i].path, "figures/"))
				each_of_file(l, &l->sources[i], link != 0);
	count_per_register(l);
}
