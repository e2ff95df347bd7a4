/* used.c -- see used.h. */
#include "register/used.h"
#include "base/tr.h"
#include "register/expr.h"

struct gather {
	struct arena *a;
	const struct model *m;
	const struct reg *reg;
	const struct field *field; /* NULL: the register */
	struct used *list;
	size_t n, cap;
	bool hit; /* of the expression at hand */
};

static void add(struct gather *g, enum used_kind kind, str id, str label, const char *how)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->list[i].kind == kind && str_eq(g->list[i].id, id) && str_is(g->list[i].how, how))
			return;
	g->list = arena_grow(g->a, g->list, g->n, &g->cap, sizeof *g->list);
	g->list[g->n++] = (struct used){kind, id, label, str_of(how)};
}

const char *used_kind_words(enum used_kind k)
{
	static const char *const words[] = {[USED_FIGURE] = N_("figure"),
		[USED_CHECK] = N_("check of rows"),
		[USED_MOVE] = N_("change of state"),
		[USED_REGISTER] = N_("register"),
		[USED_FORM] = N_("form and list"),
		[USED_REPORT] = N_("report"),
		[USED_IMPORT] = N_("import"),
		[USED_RULE] = N_("rule"),
		[USED_SCALE] = N_("scale")};
	return tr(words[k]);
}

/* ---- paths ---- */

static void see_path(void *user, const struct path *p, bool exists)
{
	struct gather *g = user;
	(void)exists;
	for (int i = 0; i <= p->steps_n; i++) {
		const struct field *f = i < p->steps_n ? p->steps[i] : p->last;
		g->hit = g->hit || (p->regs[i] == g->reg && (g->field ? f == g->field : i > 0));
	}
}

static bool reads(struct gather *g, const struct expr *e)
{
	g->hit = false;
	if (e)
		expr_each_path(e, see_path, g);
	return g->hit;
}

static bool follows(struct gather *g, const struct reg *from, str path)
{
	struct path p;
	struct err err;
	g->hit = false;
	if (path.n && from && path_parse(g->m, from, path, &p, &err) == RC_OK)
		see_path(g, &p, false);
	return g->hit;
}

static void figures(struct gather *g)
{
	for (size_t i = 0; i < g->m->figures_n; i++) {
		const struct figure *f = &g->m->figures[i];
		const str paths[] = {f->on, f->grain_path, f->stock_from, f->stock_to, f->last_per};
		const char *how = NULL;
		if (f->of == NULL)
			continue;
		if (!g->field && f->of == g->reg)
			how = tr("counts its rows");
		else if (reads(g, f->where))
			how = tr("its condition reads it");
		else if (reads(g, f->grain_expr))
			how = tr("its value is made of it");
		for (size_t k = 0; how == NULL && k < sizeof paths / sizeof *paths; k++)
			if (follows(g, f->of, paths[k]))
				how = k == 0 ? tr("its date") : tr("its value is made of it");
		if (how)
			add(g, USED_FIGURE, f->id, label_text(&f->label), how);
	}
}

static void checks(struct gather *g)
{
	for (size_t i = 0; i < g->m->regs_n; i++) {
		const struct reg *r = &g->m->regs[i];
		for (size_t k = 0; k < r->checks_n; k++)
			if (reads(g, r->checks[k].when))
				add(g, USED_CHECK, r->id, label_text(&r->checks[k].say), tr("reads it"));
		for (size_t k = 0; k < r->grades_n; k++)
			if (reads(g, r->grades[k].when))
				add(g, USED_CHECK, r->id, label_text(&r->label),
					tr("its evidence grade reads it"));
	}
}

/* ---- the register's own form ---- */

static void form(struct gather *g)
{
	const struct reg *r = g->reg;
	const struct field *f = g->field;
	str label = label_text(&r->label);
	if (f == NULL)
		return;
	for (size_t i = 0; i < r->key_n; i++)
		if (r->key[i] == f)
			add(g, USED_FORM, r->id, label, tr("part of its natural key"));
	if (f == r->happens_field)
		add(g, USED_FORM, r->id, label, tr("the date that a row counts on"));
	if (f == r->person)
		add(g, USED_FORM, r->id, label, tr("the person whose row it is"));
	for (size_t i = 0; i < r->list_n; i++)
		if (r->list[i] == f)
			add(g, USED_FORM, r->id, label, tr("a column of its list"));
	for (size_t i = 0; i < r->moves_n; i++) {
		const struct move *m = &r->moves[i];
		bool needs = m->stamps == f;
		for (size_t k = 0; k < m->needs_n; k++)
			needs = needs || m->needs[k] == f;
		if (needs)
			add(g, USED_MOVE, r->id, label_text(&m->label), tr("asks for it or stamps it"));
	}
}

static void referring(struct gather *g)
{
	for (size_t i = 0; i < g->m->regs_n && !g->field; i++)
		for (size_t k = 0; k < g->m->regs[i].fields_n; k++)
			if (g->m->regs[i].fields[k].to_reg == g->reg && &g->m->regs[i] != g->reg)
				add(g, USED_REGISTER, g->m->regs[i].id, label_text(&g->m->regs[i].label),
					tr("refers to it"));
}

/* ---- texts ---- */

static bool goes_on(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
	       c == '.';
}

bool used_named(str text, str id)
{
	size_t from = 0;
	while (id.n && from < text.n) {
		size_t at = str_find(str_from(text, from), id);
		if (at == SIZE_MAX)
			return false;
		at += from;
		bool before = at > 0 && goes_on(text.p[at - 1]);
		bool after = at + id.n < text.n && goes_on(text.p[at + id.n]);
		if (!before && !after)
			return true;
		from = at + 1;
	}
	return false;
}

static bool kind_of_text(str path, enum used_kind *out)
{
	static const struct {
		const char *folder;
		enum used_kind kind;
	} kinds[] = {{"reports/", USED_REPORT}, {"imports/", USED_IMPORT}, {"rules/", USED_RULE},
		{"instruments/", USED_SCALE}};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (str_starts(path, str_of(kinds[i].folder))) {
			*out = kinds[i].kind;
			return true;
		}
	return false;
}

static void texts(struct gather *g, str id, str besides)
{
	for (size_t i = 0; i < g->m->texts_n; i++) {
		const struct model_text *t = &g->m->texts[i];
		enum used_kind kind;
		if (kind_of_text(t->path, &kind) && used_named(t->text, id) &&
			(besides.n == 0 || used_named(t->text, besides)))
			add(g, kind, t->path, t->path, tr("names it"));
	}
}

void used_reg(struct arena *a, const struct model *m, const struct reg *reg, const struct field *field,
	struct used **out, size_t *out_n)
{
	struct gather g = {.a = a, .m = m, .reg = reg, .field = field};
	figures(&g);
	size_t counted = g.n;
	checks(&g);
	form(&g);
	referring(&g);
	texts(&g, field ? field->id : reg->id, field ? reg->id : STR(""));
	for (size_t i = 0; i < counted; i++) /* a report speaks of it through its figures */
		for (size_t k = 0; k < m->texts_n; k++)
			if (str_starts(m->texts[k].path, STR("reports/")) &&
				used_named(m->texts[k].text, g.list[i].id))
				add(&g, USED_REPORT, m->texts[k].path, m->texts[k].path,
					tr("prints a figure that rests on it"));
	*out = g.list;
	*out_n = g.n;
}

void used_figure(
	struct arena *a, const struct model *m, const struct figure *f, struct used **out, size_t *out_n)
{
	struct gather g = {.a = a, .m = m};
	for (size_t i = 0; i < m->figures_n; i++) {
		const struct figure *x = &m->figures[i];
		bool part = false;
		for (size_t k = 0; k < x->parts_n; k++)
			part = part || x->parts[k] == f;
		if (x->rate_of == f || x->rate_over == f)
			add(&g, USED_FIGURE, x->id, label_text(&x->label),
				tr("a rate that divides by or is made of it"));
		if (x->parent == f)
			add(&g, USED_FIGURE, x->id, label_text(&x->label), tr("stands with it"));
		if (part)
			add(&g, USED_FIGURE, x->id, label_text(&x->label), tr("it is a part of this one"));
		if (str_eq(x->full, f->id))
			add(&g, USED_FIGURE, x->id, label_text(&x->label),
				tr("says whether all are covered by it"));
	}
	texts(&g, f->id, STR(""));
	*out = g.list;
	*out_n = g.n;
}
