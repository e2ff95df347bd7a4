/* page_model.c -- /model: the model desk, for administrators. What is declared, where it is used; see page_model.h. */
#include "web/page_model.h"
#include "guard/role.h"
#include "register/retain_rules.h"
#include "register/used.h"
#include "templates.h"
#include "web/help.h"
#include "web/pages.h"
#include "web/rule_words.h"
#include "web/site_in.h"
#include "web/words.h"

enum { CHANGES_SHOWN = 200, FIELDS_SHOWN = 200 };

static const struct {
	const char *folder, *label;
} texts[] = {{"instruments/", N_("Scales")}, {"imports/", N_("Imports")}, {"reports/", N_("Reports")},
	{"roles/", N_("Roles")}, {"help/", N_("Guide")}};

enum rc desk_administrator(struct page *p, struct err *err)
{
	static const str by[] = {{"sysadmin", 8}, {"secadmin", 8}};
	return role_check(&p->r.actor, by, 2, err);
}

struct help_section *desk_section(struct page *p, struct model_desk *g, str id, str label, size_t cap)
{
	struct help_section *s = &g->sections[g->sections_n++];
	*s = (struct help_section){.id = id, .label = label, .rows = NEWS(p->a, cap + 1, struct help_row)};
	return s;
}

struct help_row *desk_row(struct help_section *s, str label, str text, str mark, str href)
{
	s->rows[s->rows_n] = (struct help_row){.label = label, .text = text, .mark = mark, .href = href};
	return &s->rows[s->rows_n++];
}

void desk_show(struct page *p, struct model_desk *g, bool index)
{
	shell_fill(p, &g->shell, g->heading, PLACE_NONE, STR(""));
	if (!index)
		shell_crumb(p, &g->shell, str_of(tr("Model desk")), page_href(p, STR("/model")));
	tpl_model(page_out(p), g);
}

/* ---- the index ---- */

static enum rc changes(struct page *p, struct model_desk *g, struct err *err)
{
	const struct reg *reg = page_reg(p, "model_change");
	struct record_query q = {.reg = reg, .limit = CHANGES_SHOWN, .newest_first = true};
	struct record **rows;
	size_t n;
	TRY(record_list(&p->r, &q, &rows, &n, err));
	struct help_section *s =
		desk_section(p, g, STR("changes"), str_of(tr("Changes of this city")), n + 1);
	for (size_t i = 0; i < n; i++) {
		const struct value *v = rows[i]->values;
		desk_row(s, v[reg_field(reg, STR("what"))->at].t,
			arena_fmt(p->a, "%.*s · %.*s",
				STR_ARG(date_words(p, v[reg_field(reg, STR("proposed_on"))->at].t)),
				STR_ARG(v[reg_field(reg, STR("why"))->at].t)),
			state_chip(reg, rows[i]->state).label,
			page_hrefs(p, "/model/changes/%lld", (long long)rows[i]->id));
	}
	if (n == 0)
		s->lead = str_of(tr("None: the city stands on the program's own declarations."));
	return RC_OK;
}

static void text_section(struct page *p, struct model_desk *g, size_t k)
{
	const struct model *m = p->site->city->model;
	str folder = str_of(texts[k].folder);
	struct help_section *s =
		desk_section(p, g, str_head(folder, folder.n - 1), str_of(tr(texts[k].label)), m->texts_n);
	for (size_t i = 0; i < m->texts_n; i++)
		if (str_starts(m->texts[i].path, folder))
			desk_row(s, m->texts[i].path, STR(""),
				arena_fmt(p->a, tr("%zu bytes"), m->texts[i].text.n), STR(""));
}

/* Each file of rules by what it is for. */
static void rules_section(struct page *p, struct model_desk *g)
{
	const struct model *m = p->site->city->model;
	struct help_section *s = desk_section(p, g, STR("rules"), str_of(tr("Rules")), m->texts_n);
	for (size_t i = 0; i < m->texts_n; i++) {
		str path = m->texts[i].path;
		if (!str_starts(path, STR("rules/")) || !str_ends(path, STR(".yaml")))
			continue;
		str file = str_head(str_from(path, 6), path.n - 11);
		const struct rule_file_words *w = rule_file_words(file);
		desk_row(s, w ? str_of(tr(w->label)) : file, w ? str_of(tr(w->lead)) : STR(""), path,
			arena_fmt(p->a, "/model/rules/%.*s", STR_ARG(file)));
	}
}

/* Fields whose words, help or name hold what was asked. */
static void fields_found(struct page *p, struct model_desk *g, str asked)
{
	const struct model *m = p->site->city->model;
	struct help_section *s =
		desk_section(p, g, STR("fields"), str_of(tr("Fields of registers")), FIELDS_SHOWN);
	for (size_t i = 0; i < m->regs_n; i++)
		for (size_t k = 0; k < m->regs[i].fields_n && s->rows_n < FIELDS_SHOWN; k++) {
			const struct field *f = &m->regs[i].fields[k];
			if (desk_match(p, asked, &f->label, &f->help, f->id))
				desk_row(s, label_text(&f->label), label_text(&f->help),
					label_text(&m->regs[i].label),
					arena_fmt(p->a, "/model/registers/%.*s#h-impact",
						STR_ARG(m->regs[i].id)));
		}
	g->sections_n -= s->rows_n == 0;
}

static enum rc index_show(struct page *p, struct err *err)
{
	const struct model *m = p->site->city->model;
	struct model_desk g = {.heading = str_of(tr("Model desk"))};
	TRY(desk_administrator(p, err));
	g.lead = arena_fmt(p->a, tr("%zu registers, %zu figures; digest %.*s"), m->regs_n, m->figures_n,
		STR_ARG(str_head(m->digest, 12)));
	g.sections = NEWS(p->a, 12, struct help_section);
	g.makes = actor_has_role(&p->r.actor, STR("sysadmin"));
	g.asked = page_input(p, "q");
	g.searches = true;
	g.search_at = STR("/model");
	if (g.asked.n == 0)
		TRY(changes(p, &g, err));
	struct help_section *s = desk_section(p, &g, STR("registers"), str_of(tr("Registers")), m->regs_n);
	for (size_t i = 0; i < m->regs_n; i++)
		if (desk_match(p, g.asked, &m->regs[i].label, &m->regs[i].holds, m->regs[i].id))
			desk_row(s, label_text(&m->regs[i].label), label_text(&m->regs[i].holds),
				m->regs[i].id,
				arena_fmt(p->a, "/model/registers/%.*s", STR_ARG(m->regs[i].id)));
	g.sections_n -= s->rows_n == 0;
	if (g.asked.n)
		fields_found(p, &g, g.asked);
	s = desk_section(p, &g, STR("figures"), str_of(tr("Figures")), m->figures_n);
	for (size_t i = 0; i < m->figures_n; i++)
		if (m->figures[i].parent == NULL && desk_match(p, g.asked, &m->figures[i].label,
							    &m->figures[i].definition, m->figures[i].id))
			desk_row(s, label_text(&m->figures[i].label), label_text(&m->figures[i].definition),
				m->figures[i].id,
				arena_fmt(p->a, "/model/figures/%.*s", STR_ARG(m->figures[i].id)));
	g.sections_n -= s->rows_n == 0;
	if (g.asked.n)
		desk_rules_found(p, &g, g.asked);
	else
		rules_section(p, &g);
	for (size_t k = 0; g.asked.n == 0 && k < sizeof texts / sizeof *texts; k++)
		text_section(p, &g, k);
	g.makes = g.makes && g.asked.n == 0;
	g.found_none = g.sections_n == 0;
	desk_show(p, &g, true);
	return RC_OK;
}

/* ---- a register ---- */

static const enum field_type offered[] = {T_TEXT, T_INTEGER, T_COUNT, T_MONEY, T_HOURS, T_DATE, T_MONTH,
	T_BOOL, T_CHOICE, T_REF, T_ORG, T_SEALED};

void desk_options(struct page *p, struct model_desk *g, const struct reg *reg, str type, str to, str field)
{
	const struct model *m = p->site->city->model;
	g->types = NEWS(p->a, sizeof offered / sizeof *offered, struct form_option);
	for (size_t i = 0; i < sizeof offered / sizeof *offered; i++) {
		str name = str_of(field_type_name(offered[i]));
		g->types[g->types_n++] = (struct form_option){.value = name,
			.label = help_type_words(p, &(struct field){.type = offered[i]}),
			.here = str_eq(type, name)};
	}
	g->registers = NEWS(p->a, m->regs_n + 1, struct form_option);
	for (size_t i = 0; i < m->regs_n; i++)
		g->registers[g->registers_n++] = (struct form_option){.value = m->regs[i].id,
			.label = label_text(&m->regs[i].label),
			.here = str_eq(to, m->regs[i].id)};
	g->fields = NEWS(p->a, reg->fields_n + 1, struct form_option);
	for (size_t i = 0; i < reg->fields_n; i++)
		g->fields[g->fields_n++] = (struct form_option){.value = reg->fields[i].id,
			.label = label_text(&reg->fields[i].label),
			.here = str_eq(field, reg->fields[i].id)};
}

/* What a city may protect more: a higher sensitivity, a text in the clear. */
static void protections(struct page *p, struct model_desk *g, const struct reg *reg)
{
	static const struct {
		const char *id, *words;
	} levels[] = {[SENS_PUBLIC] = {"public", N_("public")},
		[SENS_INTERNAL] = {"internal", N_("internal")},
		[SENS_PERSONAL] = {"personal", N_("personal")},
		[SENS_MINOR] = {"minor", N_("of minors")},
		[SENS_SEALED] = {"sealed", N_("sealed")}};
	str level = page_input(p, "sensitivity"), seal = page_input(p, "seal");
	g->levels = NEWS(p->a, sizeof levels / sizeof *levels, struct form_option);
	for (size_t i = (size_t)reg->sensitivity + 1; i < sizeof levels / sizeof *levels; i++)
		g->levels[g->levels_n++] = (struct form_option){.value = str_of(levels[i].id),
			.label = str_of(tr(levels[i].words)),
			.here = str_is(level, levels[i].id)};
	g->texts = NEWS(p->a, reg->fields_n + 1, struct form_option);
	for (size_t i = 0; i < reg->fields_n; i++)
		if (reg->fields[i].type == T_TEXT && !reg->fields[i].sealed)
			g->texts[g->texts_n++] = (struct form_option){.value = reg->fields[i].id,
				.label = label_text(&reg->fields[i].label),
				.here = str_eq(seal, reg->fields[i].id)};
}

/* Of each field: what a change of it would touch. */
static void impact(struct page *p, struct model_desk *g, const struct reg *reg)
{
	struct help_section *s = desk_section(
		p, g, STR("impact"), str_of(tr("What a change of a field would touch")), reg->fields_n);
	for (size_t i = 0; i < reg->fields_n; i++) {
		struct used *u;
		size_t n;
		str words = STR("");
		used_reg(p->a, p->site->city->model, reg, &reg->fields[i], &u, &n);
		for (size_t k = 0; k < n; k++)
			words = arena_fmt(p->a, "%.*s%s%s %.*s", STR_ARG(words), k ? tr(", ") : "",
				used_kind_words(u[k].kind), STR_ARG(u[k].label));
		desk_row(s, label_text(&reg->fields[i].label), n ? words : str_of(tr("nothing else")),
			reg->fields[i].id, STR(""));
	}
}

/* The file; of a figure it is changed as a whole. */
static void source(struct page *p, struct model_desk *g, const struct mark *mark)
{
	struct help_section *s = desk_section(p, g, STR("source"), str_of(tr("Where it is declared")), 1);
	str file = str_of(mark->file), name = file;
	for (size_t at; (at = str_find(name, STR("/"))) != SIZE_MAX;)
		name = str_from(name, at + 1);
	bool figures = str_find(file, STR("figures/")) != SIZE_MAX;
	desk_row(s, arena_fmt(p->a, "%.*s:%d", STR_ARG(file), mark->line), STR(""), STR(""),
		figures && actor_has_role(&p->r.actor, STR("sysadmin"))
			? arena_fmt(p->a, "/model/files/figures/%.*s", STR_ARG(name))
			: STR(""));
}

/* Between which times a city may keep it, each with its source. */
static str keep_limits(struct page *p, const struct reg *reg)
{
	struct retain_limit *list;
	size_t n;
	struct err err;
	str words = STR("");
	if (retain_limits(p->a, p->site->city->model, &list, &n, &err) != RC_OK)
		return words;
	for (size_t i = 0; i < n; i++) {
		if (!retain_limit_binds(&list[i], reg))
			continue;
		bool least = list[i].at_least.n > 0;
		words = arena_fmt(p->a,
			least ? tr("%.*s%sat least %.*s (%.*s)") : tr("%.*s%sat most %.*s (%.*s)"),
			STR_ARG(words), words.n ? tr("; ") : "",
			STR_ARG(keep_words(p, least ? list[i].at_least : list[i].at_most)),
			STR_ARG(label_text(&list[i].law)));
	}
	return words;
}

void desk_register_show(struct page *p, struct model_desk *g, const struct reg *reg)
{
	struct help_page h = {0};
	g->heading = label_text(&reg->label);
	g->lead = arena_fmt(p->a, "%.*s · %.*s · %.*s", STR_ARG(reg->id), STR_ARG(reg->system),
		STR_ARG(label_text(&reg->holds)));
	g->changes = actor_has_role(&p->r.actor, STR("sysadmin"));
	g->action = arena_fmt(p->a, "/model/registers/%.*s", STR_ARG(reg->id));
	if (g->keep.n == 0)
		g->keep = reg->keep;
	g->keep_limits = keep_limits(p, reg);
	if (g->changes)
		protections(p, g, reg);
	help_register_sections(p, &h, reg);
	g->sections = NEWS(p->a, h.sections_n + 4, struct help_section);
	impact(p, g, reg);
	desk_rules_of(p, g, reg, NULL);
	for (size_t i = 0; i < h.sections_n; i++)
		g->sections[g->sections_n++] = h.sections[i];
	source(p, g, &reg->mark);
	desk_show(p, g, false);
}

static enum rc of_register(struct page *p, struct err *err)
{
	const struct reg *reg = model_reg(p->site->city->model, page_arg(p, 0));
	struct model_desk g = {0};
	TRY(desk_administrator(p, err));
	if (reg == NULL)
		return FAIL(err, RC_NOT_FOUND, "there is no register “%.*s”", STR_ARG(page_arg(p, 0)));
	desk_options(p, &g, reg, STR("text"), STR(""), STR(""));
	desk_register_show(p, &g, reg);
	return RC_OK;
}

static enum rc of_figure(struct page *p, struct err *err)
{
	const struct figure *f = model_figure(p->site->city->model, page_arg(p, 0));
	struct model_desk g = {0};
	struct help_page h = {0};
	TRY(desk_administrator(p, err));
	if (f == NULL)
		return FAIL(err, RC_NOT_FOUND, "there is no figure “%.*s”", STR_ARG(page_arg(p, 0)));
	g.heading = label_text(&f->label);
	g.lead = arena_fmt(p->a, "%.*s · %.*s", STR_ARG(f->id), STR_ARG(label_text(&f->definition)));
	help_figure_sections(p, &h, f);
	g.sections = NEWS(p->a, h.sections_n + 2, struct help_section);
	for (size_t i = 0; i < h.sections_n; i++)
		g.sections[g.sections_n++] = h.sections[i];
	desk_rules_of(p, &g, NULL, f);
	source(p, &g, &f->mark);
	desk_show(p, &g, false);
	return RC_OK;
}

static const struct input index_inputs[] = {{"q", INPUT_TEXT, 60, false}, {0}};

const struct route routes_model[] = {
	{"GET", "/model", index_show, ACCESS_OFFICE, CSRF_READ_ONLY, index_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/model/registers/{register}", of_register, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/model/figures/{figure}", of_figure, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{0},
};
