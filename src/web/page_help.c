/* page_help.c -- /help: the guide. Registers and figures explain themselves from their declarations, pages from
 * model/help/screens.yaml, the first hour from model/help/tour.yaml (register/help_book.h). */
#include "web/page_help.h"
#include "base/utf8.h"
#include "register/help_book.h"
#include "register/permit.h"
#include "register/pinyin.h"
#include "templates.h"
#include "web/help_in.h"
#include "web/pages.h"
#include "web/site_in.h"
#include <stdlib.h>

static void show(struct page *p, struct help_page *g)
{
	shell_fill(p, &g->shell, g->heading, PLACE_NONE, STR(""));
	if (!g->index)
		shell_crumb(p, &g->shell, str_of(tr("Help")), page_href(p, STR("/help")));
	tpl_help(page_out(p), g);
}

static enum rc of_register(struct page *p, struct err *err)
{
	const struct model *m = p->site->city->model;
	const struct reg *reg = model_reg(m, page_arg(p, 0));
	if (reg == NULL)
		return FAIL(err, RC_NOT_FOUND, "there is no register “%.*s”", STR_ARG(page_arg(p, 0)));
	struct help_page g = {.heading = label_text(&reg->label)};
	g.lead = help_joined(p, arena_fmt(p->a, tr("Holds %.*s."), STR_ARG(label_text(&reg->holds))), " ",
		label_text(&reg->help));
	if (permit_reach(reg, &p->r.actor) != REACH_NONE) {
		g.go_href = page_hrefs(p, "/r/%.*s", STR_ARG(reg->id));
		g.go_label = str_of(tr("To the register"));
	}
	help_register_sections(p, &g, reg);
	show(p, &g);
	return RC_OK;
}

static enum rc of_figure(struct page *p, struct err *err)
{
	const struct figure *f = model_figure(p->site->city->model, page_arg(p, 0));
	if (f == NULL)
		return FAIL(err, RC_NOT_FOUND, "there is no figure “%.*s”", STR_ARG(page_arg(p, 0)));
	struct help_page g = {.heading = label_text(&f->label), .lead = label_text(&f->definition)};
	if (g.lead.n == 0 && f->parent)
		g.lead = label_text(&f->parent->definition);
	if (actor_has_office(&p->r.actor)) {
		g.go_href = page_hrefs(p, "/figures/%.*s", STR_ARG(f->id));
		g.go_label = str_of(tr("To the figure"));
	}
	help_figure_sections(p, &g, f);
	show(p, &g);
	return RC_OK;
}

/* ---- a page ---- */

static void label_rows(struct page *p, struct help_page *g, const char *id, const char *label,
	const struct label *list, size_t n, bool steps)
{
	struct help_section *s = help_section_add(p, g, id, label, n);
	s->steps = steps;
	for (size_t i = 0; i < n; i++)
		help_row_add(s, label_text(&list[i]), STR(""));
	help_keep(g, s);
}

static enum rc of_screen(struct page *p, struct err *err)
{
	const struct help_screen *x = help_screen(p->site->help, page_arg(p, 0));
	if (x == NULL)
		return FAIL(
			err, RC_NOT_FOUND, "there is no page “%.*s” in the guide", STR_ARG(page_arg(p, 0)));
	struct help_page g = {.heading = label_text(&x->label), .lead = label_text(&x->what)};
	struct help_section *s = help_section_add(p, &g, "who", tr("Who may"), 1);
	help_row_add(s, label_text(&x->who), STR(""));
	label_rows(p, &g, "steps", tr("What one does here"), x->steps, x->steps_n, true);
	label_rows(p, &g, "slips", tr("Common mistakes"), x->slips, x->slips_n, false);
	for (size_t i = 0; i < x->routes_n; i++)
		if (str_find_byte(x->routes[i], '{') == SIZE_MAX && p->signed_in && g.go_href.n == 0) {
			g.go_href = page_href(p, x->routes[i]);
			g.go_label = str_of(tr("To the page"));
		}
	show(p, &g);
	return RC_OK;
}

/* ---- the index and the search ---- */

static bool speaks_of(struct page *p, const struct label *l, str asked)
{
	return str_speaks_of(l->zh, asked) || str_speaks_of(l->en, asked) ||
	       str_speaks_of(pinyin_initials(p->a, l->zh), asked);
}

static bool reg_speaks(struct page *p, const struct reg *r, str asked)
{
	bool hit = asked.n == 0 || speaks_of(p, &r->label, asked) || str_speaks_of(r->id, asked) ||
		   speaks_of(p, &r->holds, asked) || str_speaks_of(r->help.zh, asked) ||
		   str_speaks_of(r->help.en, asked);
	for (size_t i = 0; !hit && i < r->fields_n; i++) {
		hit = str_speaks_of(r->fields[i].label.zh, asked) ||
		      str_speaks_of(r->fields[i].label.en, asked);
		for (size_t k = 0; !hit && k < r->fields[i].also_n; k++)
			hit = str_speaks_of(r->fields[i].also[k], asked);
	}
	return hit;
}

static int by_label(const void *a, const void *b)
{
	const struct help_row *x = a, *y = b;
	return pinyin_order(x->label, y->label);
}

static void sorted(struct help_section *s)
{
	if (s->rows_n)
		qsort(s->rows, s->rows_n, sizeof *s->rows, by_label);
}

static void registers(struct page *p, struct help_page *g)
{
	const struct model *m = p->site->city->model;
	str groups[40];
	size_t n = group_list(m, groups, sizeof groups / sizeof *groups);
	if (g->searched)
		n = 1;
	for (size_t k = 0; k < n; k++) {
		struct help_section *s = help_section_add(p, g,
			g->searched ? "registers" : arena_cstr(p->a, groups[k]),
			g->searched ? tr("Registers") : arena_cstr(p->a, group_label(groups[k])), m->regs_n);
		for (size_t i = 0; i < m->regs_n; i++) {
			const struct reg *r = &m->regs[i];
			if ((!g->searched && !str_eq(r->group, groups[k])) || !reg_speaks(p, r, g->asked))
				continue;
			help_row_add(s, label_text(&r->label), label_text(&r->holds))->href =
				arena_fmt(p->a, "/help/registers/%.*s", STR_ARG(r->id));
		}
		sorted(s);
		help_keep(g, s);
	}
}

static void figures(struct page *p, struct help_page *g)
{
	const struct model *m = p->site->city->model;
	struct help_section *s = help_section_add(p, g, "figures", tr("Figures"), m->figures_n);
	for (size_t i = 0; i < m->figures_n; i++) {
		const struct figure *f = &m->figures[i];
		if ((f->parent && !g->searched) ||
			!(g->asked.n == 0 || speaks_of(p, &f->label, g->asked) ||
				str_speaks_of(f->id, g->asked) || str_speaks_of(f->definition.zh, g->asked) ||
				str_speaks_of(f->definition.en, g->asked)))
			continue;
		help_row_add(s, label_text(&f->label), label_text(&f->definition))->href =
			arena_fmt(p->a, "/help/figures/%.*s", STR_ARG(f->id));
	}
	sorted(s);
	help_keep(g, s);
}

static void screens(struct page *p, struct help_page *g)
{
	const struct help_book *b = p->site->help;
	struct help_section *s = help_section_add(p, g, "screens", tr("Pages"), b->screens_n);
	for (size_t i = 0; i < b->screens_n; i++) {
		const struct help_screen *x = &b->screens[i];
		bool hit = g->asked.n == 0 || speaks_of(p, &x->label, g->asked) ||
			   speaks_of(p, &x->what, g->asked);
		for (size_t k = 0; !hit && k < x->steps_n; k++)
			hit = str_speaks_of(x->steps[k].zh, g->asked) ||
			      str_speaks_of(x->steps[k].en, g->asked);
		for (size_t k = 0; !hit && k < x->slips_n; k++)
			hit = str_speaks_of(x->slips[k].zh, g->asked) ||
			      str_speaks_of(x->slips[k].en, g->asked);
		if (hit)
			help_row_add(s, label_text(&x->label), label_text(&x->what))->href =
				arena_fmt(p->a, "/help/screens/%.*s", STR_ARG(x->id));
	}
	help_keep(g, s);
}

static enum rc index_show(struct page *p, struct err *err)
{
	struct help_page g = {
		.heading = str_of(tr("Help")), .index = true, .asked = str_trim(page_input(p, "q"))};
	(void)err;
	g.searched = g.asked.n > 0;
	g.lead = str_of(
		tr("Every register, figure and page in its own words. The ? on each page leads here."));
	screens(p, &g);
	registers(p, &g);
	figures(p, &g);
	g.found_none = g.sections_n == 0;
	show(p, &g);
	return RC_OK;
}

/* ---- the first hour ---- */

static bool done(struct page *p, const struct help_task *t)
{
	int64_t n = 0;
	struct record_query q = {.reg = t->reg, .where = t->where, .org = p->r.actor.org};
	return t->reg && permit_reach(t->reg, &p->r.actor) != REACH_NONE &&
	       record_count(&p->r, &q, &n, NULL) == RC_OK && n > 0;
}

static void tour_section(struct page *p, struct help_page *g, const struct help_tour *t)
{
	struct help_section *s = help_section_add(
		p, g, arena_cstr(p->a, t->role), arena_cstr(p->a, label_text(&t->label)), t->tasks_n);
	size_t ticked = 0, tickable = 0;
	s->steps = true;
	for (size_t i = 0; i < t->tasks_n; i++) {
		struct help_row *r =
			help_row_add(s, label_text(&t->tasks[i].task), label_text(&t->tasks[i].how));
		r->href = page_href(p, t->tasks[i].href);
		r->ticks = t->tasks[i].reg != NULL;
		r->done = done(p, &t->tasks[i]);
		r->mark = r->done ? str_of(tr("done")) : STR("");
		ticked += r->done;
		tickable += r->ticks;
	}
	s->lead = arena_fmt(p->a, tr("%zu of %zu done, as the records of your unit tell."), ticked, tickable);
}

static enum rc tour(struct page *p, struct err *err)
{
	const struct help_book *b = p->site->help;
	struct help_page g = {.heading = str_of(tr("The first hour"))};
	(void)err;
	g.lead = str_of(tr("Real work in the order in which it is met; what is done ticks itself."));
	for (size_t i = 0; i < b->tours_n; i++)
		if (actor_has_role(&p->r.actor, b->tours[i].role))
			tour_section(p, &g, &b->tours[i]);
	for (size_t i = 0; g.sections_n == 0 && i < b->tours_n; i++)
		tour_section(p, &g, &b->tours[i]);
	show(p, &g);
	return RC_OK;
}

str help_here(struct page *p)
{
	const char *path = p->route ? p->route->path : "";
	if (str_starts(str_of(path), STR("/r/{register}")) && page_arg(p, 0).n &&
		model_reg(p->site->city->model, page_arg(p, 0)))
		return arena_fmt(p->a, "/help/registers/%.*s", STR_ARG(page_arg(p, 0)));
	if (str_starts(str_of(path), STR("/figures/{figure}")) &&
		model_figure(p->site->city->model, page_arg(p, 0)))
		return arena_fmt(p->a, "/help/figures/%.*s", STR_ARG(page_arg(p, 0)));
	const struct help_screen *x = help_of_route(p->site->help, path);
	return x ? arena_fmt(p->a, "/help/screens/%.*s", STR_ARG(x->id)) : STR("/help");
}

static const struct input index_inputs[] = {{"q", INPUT_TEXT, 40, false}, {0}};

const struct route routes_help[] = {
	{"GET", "/help", index_show, ACCESS_SIGNED_IN, CSRF_READ_ONLY, index_inputs, ROUTE_HTML_ONLY},
	{"GET", "/help/tour", tour, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/help/registers/{register}", of_register, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs,
		ROUTE_HTML_ONLY},
	{"GET", "/help/figures/{figure}", of_figure, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs,
		ROUTE_HTML_ONLY},
	{"GET", "/help/screens/{screen}", of_screen, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs,
		ROUTE_HTML_ONLY},
	{0},
};
