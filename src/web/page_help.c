/* page_help.c -- /help: the guide. Registers and figures explain themselves from their declarations, pages from
 * model/help/screens.yaml, the first hour from model/help/tour.yaml (register/help_book.h). */
#include "web/page_help.h"
#include "base/utf8.h"
#include "register/expr.h"
#include "register/help_book.h"
#include "register/permit.h"
#include "register/pinyin.h"
#include "register/used.h"
#include "templates.h"
#include "web/help.h"
#include "web/page_figure.h"
#include "web/pages.h"
#include "web/site_in.h"
#include <stdlib.h>

enum { SECTIONS_MAX = 40 };

static struct help_section *section(
	struct page *p, struct help_page *g, const char *id, const char *label, size_t cap)
{
	if (g->sections == NULL)
		g->sections = NEWS(p->a, SECTIONS_MAX, struct help_section);
	if (g->sections_n == SECTIONS_MAX)
		g->sections_n--;
	struct help_section *s = &g->sections[g->sections_n++];
	*s = (struct help_section){
		.id = str_of(id), .label = str_of(label), .rows = NEWS(p->a, cap + 1, struct help_row)};
	return s;
}

static struct help_row *row(struct help_section *s, str label, str text)
{
	struct help_row *r = &s->rows[s->rows_n++];
	*r = (struct help_row){.label = label, .text = text};
	return r;
}

/* A section that nothing stands in is none. */
static void keep(struct help_page *g, const struct help_section *s)
{
	g->sections_n -= s->rows_n == 0;
}

static void show(struct page *p, struct help_page *g)
{
	shell_fill(p, &g->shell, g->heading, PLACE_NONE, STR(""));
	if (!g->index)
		shell_crumb(p, &g->shell, str_of(tr("Help")), page_href(p, STR("/help")));
	tpl_help(page_out(p), g);
}

static str joined(struct page *p, str a, const char *between, str b)
{
	return a.n && b.n ? arena_fmt(p->a, "%.*s%s%.*s", STR_ARG(a), between, STR_ARG(b)) : a.n ? a : b;
}

static str role_words(struct page *p, const str *roles, size_t n)
{
	str out = STR("");
	for (size_t i = 0; i < n; i++) {
		const struct role_kind *k = model_role(p->site->city->model, roles[i]);
		out = joined(p, out, tr(", "), k ? role_label(k) : roles[i]);
	}
	return out;
}

/* ---- a register ---- */

str help_type_words(struct page *p, const struct field *f)
{
	static const char *const words[] = {[T_TEXT] = N_("text"),
		[T_INTEGER] = N_("whole number"),
		[T_DECIMAL] = N_("number"),
		[T_MONEY] = N_("amount in yuan"),
		[T_HOURS] = N_("hours"),
		[T_COUNT] = N_("count"),
		[T_DATE] = N_("date"),
		[T_MONTH] = N_("month"),
		[T_TIME] = N_("date and time"),
		[T_BOOL] = N_("yes or no"),
		[T_CHOICE] = N_("one of several"),
		[T_REF] = N_("reference"),
		[T_REFS] = N_("references"),
		[T_PERSON] = N_("person"),
		[T_ORG] = N_("unit"),
		[T_ORGS] = N_("units"),
		[T_REGION] = N_("region"),
		[T_FILE] = N_("file, sealed"),
		[T_PHONE] = N_("telephone, sealed"),
		[T_CITIZEN_ID] = N_("citizen ID, sealed"),
		[T_CREDIT_CODE] = N_("credit code"),
		[T_SEALED] = N_("text, sealed"),
		[T_SEALED_STRUCT] = N_("kept by the program, sealed")};
	str s = str_of(tr(words[f->type]));
	if (f->to_reg && (f->type == T_REF || f->type == T_REFS))
		s = joined(p, s, tr(": "), label_text(&f->to_reg->label));
	return s;
}

static void field_row(struct page *p, struct help_section *s, const struct field *f)
{
	str text = label_text(&f->help), choices = STR(""), also = STR("");
	for (size_t i = 0; i < f->choices_n; i++)
		choices = joined(p, choices, tr(", "), label_text(&f->choices[i].label));
	for (size_t i = 0; i < f->also_n; i++)
		also = joined(p, also, tr(", "), f->also[i]);
	text = joined(p, text, " ", choices);
	if (also.n)
		text = joined(
			p, text, tr("; "), arena_fmt(p->a, tr("headers taken too: %.*s"), STR_ARG(also)));
	struct help_row *r = row(s, label_text(&f->label), text);
	r->mark = joined(p, help_type_words(p, f), tr(", "), f->required ? str_of(tr("required")) : STR(""));
}

static str state_words(struct page *p, const struct reg *reg, const str *ids, size_t n)
{
	str out = STR("");
	for (size_t i = 0; i < n; i++) {
		const struct state *s = reg_state(reg, ids[i]);
		out = joined(p, out, tr(", "), s ? label_text(&s->label) : ids[i]);
	}
	return out;
}

static void moves(struct page *p, struct help_page *g, const struct reg *reg)
{
	struct help_section *s = section(p, g, "states", tr("States, and who moves a row on"), reg->moves_n);
	for (size_t i = 0; i < reg->moves_n; i++) {
		const struct move *m = &reg->moves[i];
		str needs = m->needs_reason ? str_of(tr("a reason")) : STR("");
		for (size_t k = 0; k < m->needs_n; k++)
			needs = joined(p, needs, tr(", "), label_text(&m->needs[k]->label));
		str text = role_words(p, m->by, m->by_n);
		if (needs.n)
			text = arena_fmt(p->a, tr("%.*s; needs %.*s"), STR_ARG(text), STR_ARG(needs));
		struct help_row *r = row(s, label_text(&m->label), text);
		str from = state_words(p, reg, m->from, m->from_n), to = state_words(p, reg, &m->to, 1);
		r->mark = arena_fmt(p->a, "%.*s → %.*s", STR_ARG(from), STR_ARG(to));
	}
	keep(g, s);
}

static void permissions(struct page *p, struct help_page *g, const struct reg *reg)
{
	static const struct {
		const char *id, *words;
	} relations[] = {{"own", N_("one's own rows")}, {"subtree", N_("rows of one's unit and those below")},
		{"case", N_("rows of one's case")}};
	struct help_section *s = section(p, g, "who", tr("Who may"), reg->read_n + reg->write_n);
	for (int writes = 0; writes < 2; writes++) {
		const struct permission *list = writes ? reg->write : reg->read;
		size_t n = writes ? reg->write_n : reg->read_n;
		for (size_t i = 0; i < n; i++) {
			const char *what = "";
			for (size_t k = 0; k < sizeof relations / sizeof *relations; k++)
				if (str_is(list[i].relation, relations[k].id))
					what = tr(relations[k].words);
			row(s, arena_fmt(p->a, writes ? tr("may write %s") : tr("may read %s"), what),
				role_words(p, list[i].roles, list[i].roles_n));
		}
	}
	if (reg->sensitivity >= SENS_MINOR)
		s->lead = str_of(
			tr("Data of minors or sealed data: the role alone opens nothing, an authorisation or "
			   "a case is needed besides, and each reading is recorded."));
	keep(g, s);
}

static void used_rows(
	struct page *p, struct help_page *g, const struct used *list, size_t n, const char *label)
{
	struct help_section *s = section(p, g, "used", label, n);
	for (size_t i = 0; i < n; i++) {
		const struct used *u = &list[i];
		struct help_row *r = row(s, u->label, u->how);
		r->mark = str_of(used_kind_words(u->kind));
		if (u->kind == USED_FIGURE)
			r->href = arena_fmt(p->a, "/help/figures/%.*s", STR_ARG(u->id));
		else if (u->kind == USED_REGISTER)
			r->href = arena_fmt(p->a, "/help/registers/%.*s", STR_ARG(u->id));
	}
	keep(g, s);
}

static void slips(struct page *p, struct help_page *g, const struct reg *reg)
{
	struct help_section *s = section(p, g, "slips", tr("What it refuses or warns of"), reg->checks_n);
	for (size_t i = 0; i < reg->checks_n; i++) {
		struct help_row *r = row(s, label_text(&reg->checks[i].say), STR(""));
		r->mark = str_of(reg->checks[i].warn ? tr("warns") : tr("refused"));
	}
	keep(g, s);
}

static void imports(struct page *p, struct help_page *g, const struct reg *reg)
{
	struct help_section *s = section(p, g, "import", tr("How to bring in a sheet"), 5);
	const struct state *st = reg_state(reg, reg->import_state);
	row(s, str_of(tr("Columns")),
		str_of(tr("The labels above, their English ids or the other headers named there; in any "
			  "order, header in "
			  "any row.")));
	if (st)
		row(s, str_of(tr("State")),
			arena_fmt(p->a, tr("Without a column 状态 the rows become “%.*s”."),
				STR_ARG(label_text(&st->label))));
	str key = reg->key_org ? str_of(tr("the unit")) : STR("");
	for (size_t i = 0; i < reg->key_n; i++)
		key = joined(p, key, tr(" + "), label_text(&reg->key[i]->label));
	row(s, str_of(tr("The same row again")),
		key.n ? arena_fmt(p->a, tr("is known by %.*s: it is corrected, not doubled."), STR_ARG(key))
		      : str_of(tr("is known by its whole content only.")));
	struct help_row *r = row(s, str_of(tr("Bring in a sheet")), STR(""));
	r->href = arena_fmt(p->a, "/import?register=%.*s", STR_ARG(reg->id));
	r->text = arena_fmt(p->a, tr("an entry form: qinghe template %.*s -o form.xlsx"), STR_ARG(reg->id));
}

static void kept(struct page *p, struct help_page *g, const struct reg *reg)
{
	static const char *const words[] = {[SENS_PUBLIC] = N_("public"),
		[SENS_INTERNAL] = N_("internal"),
		[SENS_PERSONAL] = N_("personal"),
		[SENS_MINOR] = N_("of minors"),
		[SENS_SEALED] = N_("sealed")};
	struct help_section *s = section(p, g, "kept", tr("How it is protected and kept"), 4 + reg->grades_n);
	row(s, str_of(tr("Sensitivity")), str_of(tr(words[reg->sensitivity])));
	row(s, str_of(tr("Kept for")), reg->keep);
	row(s, str_of(tr("Counts on")),
		reg->happens_field ? label_text(&reg->happens_field->label) : reg->happens);
	for (size_t i = 0; i < reg->grades_n; i++)
		row(s, arena_fmt(p->a, tr("Evidence %c"), reg->grades[i].letter),
			grade_words(reg->grades[i].letter));
}

void help_register_sections(struct page *p, struct help_page *g, const struct reg *reg)
{
	struct used *used;
	size_t n;
	struct help_section *s = section(p, g, "fields", tr("What is filled in"), reg->fields_n);
	for (size_t i = 0; i < reg->fields_n; i++)
		field_row(p, s, &reg->fields[i]);
	moves(p, g, reg);
	permissions(p, g, reg);
	used_reg(p->a, p->site->city->model, reg, NULL, &used, &n);
	used_rows(p, g, used, n, tr("Where it is used"));
	imports(p, g, reg);
	slips(p, g, reg);
	kept(p, g, reg);
}

static enum rc of_register(struct page *p, struct err *err)
{
	const struct model *m = p->site->city->model;
	const struct reg *reg = model_reg(m, page_arg(p, 0));
	if (reg == NULL)
		return FAIL(err, RC_NOT_FOUND, "there is no register “%.*s”", STR_ARG(page_arg(p, 0)));
	struct help_page g = {.heading = label_text(&reg->label)};
	g.lead = joined(p, arena_fmt(p->a, tr("Holds %.*s."), STR_ARG(label_text(&reg->holds))), " ",
		label_text(&reg->help));
	if (permit_reach(reg, &p->r.actor) != REACH_NONE) {
		g.go_href = page_hrefs(p, "/r/%.*s", STR_ARG(reg->id));
		g.go_label = str_of(tr("To the register"));
	}
	help_register_sections(p, &g, reg);
	show(p, &g);
	return RC_OK;
}

/* ---- a figure ---- */

static str grain_words(struct page *p, const struct figure *f)
{
	static const char *const words[] = {[G_ROW] = N_("the number of rows"),
		[G_SUM] = N_("a field added up over the rows"),
		[G_DISTINCT] = N_("the number of different ones, each once"),
		[G_STOCK] = N_("what is in force on the last day"),
		[G_BALANCE] = N_("the sum up to the last day"),
		[G_LAST] = N_("the latest value of each"),
		[G_MEDIAN] = N_("the median"),
		[G_RATE] = N_("one figure divided by another; never a number of its own")};
	str s = str_of(tr(words[f->grain]));
	return f->grain_path.n ? arena_fmt(p->a, "%.*s (%.*s)", STR_ARG(s), STR_ARG(f->grain_path)) : s;
}

void help_figure_sections(struct page *p, struct help_page *g, const struct figure *f)
{
	const struct figure *of = f->of ? f : f->rate_of;
	struct used *used;
	size_t n;
	struct help_section *s = section(p, g, "how", tr("How it is counted"), 8);
	struct help_row *r = row(s, str_of(tr("Value")), grain_words(p, f));
	if (f->of) {
		r = row(s, str_of(tr("Register")), label_text(&f->of->label));
		r->href = arena_fmt(p->a, "/help/registers/%.*s", STR_ARG(f->of->id));
	}
	if (f->rate_of) {
		r = row(s, str_of(tr("Divided")), label_text(&f->rate_of->label));
		r->href = arena_fmt(p->a, "/help/figures/%.*s", STR_ARG(f->rate_of->id));
		r = row(s, str_of(tr("By")), label_text(&f->rate_over->label));
		r->href = arena_fmt(p->a, "/help/figures/%.*s", STR_ARG(f->rate_over->id));
	}
	row(s, str_of(tr("Unit of count")), figure_unit_text(p, f, 2));
	if (f->where)
		row(s, str_of(tr("Counted where")), expr_text(p->a, f->where));
	if (of && of->of)
		row(s, str_of(tr("Date")),
			of->on.n ? of->on : joined(p, of->stock_from, " – ", of->stock_to));
	if (f->never_appraise)
		row(s, str_of(tr("Never in an appraisal")),
			str_of(tr("study time, votes, likes, forwards and check-ins are no basis of "
				  "appraisal (国办函〔2026〕12号)")));
	used_figure(p->a, p->site->city->model, f, &used, &n);
	used_rows(p, g, used, n, tr("Where it is used"));
	s = section(p, g, "slips", tr("Common mistakes"), 4);
	if (f->distinct_person)
		row(s, str_of(tr("It cannot be told as people")),
			str_of(tr("Rows that only report a head-count do not say who came; then attendances "
				  "are told "
				  "instead.")));
	if (f->grain == G_STOCK)
		row(s, str_of(tr("It is not a sum of months")),
			str_of(tr(
				"It says what is in force on the last day; what ended before is left out.")));
	row(s, str_of(tr("It is not as expected")),
		str_of(tr("Look at unit and period at the top, then at the rows; mend the row, and the "
			  "figure follows.")));
	if (f->of && f->of->states_n)
		row(s, str_of(tr("A row is missing")),
			str_of(tr("Mostly its state: what is planned, pending or returned does not count "
				  "yet.")));
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
	struct help_section *s = section(p, g, id, label, n);
	s->steps = steps;
	for (size_t i = 0; i < n; i++)
		row(s, label_text(&list[i]), STR(""));
	keep(g, s);
}

static enum rc of_screen(struct page *p, struct err *err)
{
	const struct help_screen *x = help_screen(p->site->help, page_arg(p, 0));
	if (x == NULL)
		return FAIL(
			err, RC_NOT_FOUND, "there is no page “%.*s” in the guide", STR_ARG(page_arg(p, 0)));
	struct help_page g = {.heading = label_text(&x->label), .lead = label_text(&x->what)};
	struct help_section *s = section(p, &g, "who", tr("Who may"), 1);
	row(s, label_text(&x->who), STR(""));
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

static bool has(str text, str asked)
{
	for (size_t i = 0; asked.n && i + asked.n <= text.n; i++) {
		size_t k = 0;
		while (k < asked.n &&
			(text.p[i + k] | (text.p[i + k] >= 'A' && text.p[i + k] <= 'Z' ? 32 : 0)) ==
				(asked.p[k] | (asked.p[k] >= 'A' && asked.p[k] <= 'Z' ? 32 : 0)))
			k++;
		if (k == asked.n)
			return true;
	}
	return false;
}

static bool speaks_of(struct page *p, const struct label *l, str asked)
{
	return has(l->zh, asked) || has(l->en, asked) || has(pinyin_initials(p->a, l->zh), asked);
}

static bool reg_speaks(struct page *p, const struct reg *r, str asked)
{
	bool hit = asked.n == 0 || speaks_of(p, &r->label, asked) || has(r->id, asked) ||
		   speaks_of(p, &r->holds, asked) || has(r->help.zh, asked) || has(r->help.en, asked);
	for (size_t i = 0; !hit && i < r->fields_n; i++) {
		hit = has(r->fields[i].label.zh, asked) || has(r->fields[i].label.en, asked);
		for (size_t k = 0; !hit && k < r->fields[i].also_n; k++)
			hit = has(r->fields[i].also[k], asked);
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
		struct help_section *s = section(p, g,
			g->searched ? "registers" : arena_cstr(p->a, groups[k]),
			g->searched ? tr("Registers") : arena_cstr(p->a, group_label(groups[k])), m->regs_n);
		for (size_t i = 0; i < m->regs_n; i++) {
			const struct reg *r = &m->regs[i];
			if ((!g->searched && !str_eq(r->group, groups[k])) || !reg_speaks(p, r, g->asked))
				continue;
			row(s, label_text(&r->label), label_text(&r->holds))->href =
				arena_fmt(p->a, "/help/registers/%.*s", STR_ARG(r->id));
		}
		sorted(s);
		keep(g, s);
	}
}

static void figures(struct page *p, struct help_page *g)
{
	const struct model *m = p->site->city->model;
	struct help_section *s = section(p, g, "figures", tr("Figures"), m->figures_n);
	for (size_t i = 0; i < m->figures_n; i++) {
		const struct figure *f = &m->figures[i];
		if ((f->parent && !g->searched) ||
			!(g->asked.n == 0 || speaks_of(p, &f->label, g->asked) || has(f->id, g->asked) ||
				has(f->definition.zh, g->asked) || has(f->definition.en, g->asked)))
			continue;
		row(s, label_text(&f->label), label_text(&f->definition))->href =
			arena_fmt(p->a, "/help/figures/%.*s", STR_ARG(f->id));
	}
	sorted(s);
	keep(g, s);
}

static void screens(struct page *p, struct help_page *g)
{
	const struct help_book *b = p->site->help;
	struct help_section *s = section(p, g, "screens", tr("Pages"), b->screens_n);
	for (size_t i = 0; i < b->screens_n; i++) {
		const struct help_screen *x = &b->screens[i];
		bool hit = g->asked.n == 0 || speaks_of(p, &x->label, g->asked) ||
			   speaks_of(p, &x->what, g->asked);
		for (size_t k = 0; !hit && k < x->steps_n; k++)
			hit = has(x->steps[k].zh, g->asked) || has(x->steps[k].en, g->asked);
		for (size_t k = 0; !hit && k < x->slips_n; k++)
			hit = has(x->slips[k].zh, g->asked) || has(x->slips[k].en, g->asked);
		if (hit)
			row(s, label_text(&x->label), label_text(&x->what))->href =
				arena_fmt(p->a, "/help/screens/%.*s", STR_ARG(x->id));
	}
	keep(g, s);
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
	struct help_section *s =
		section(p, g, arena_cstr(p->a, t->role), arena_cstr(p->a, label_text(&t->label)), t->tasks_n);
	size_t ticked = 0, tickable = 0;
	s->steps = true;
	for (size_t i = 0; i < t->tasks_n; i++) {
		struct help_row *r = row(s, label_text(&t->tasks[i].task), label_text(&t->tasks[i].how));
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
