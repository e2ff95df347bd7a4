/* page_model.c -- /model: the model desk, for administrators. What is declared and where it is used; a field added, a label
 * changed, by a change that is looked at, agreed to where it touches data of persons, applied and taken back
 * (register/model_change.h). */
#include "web/page_model.h"
#include "base/clock.h"
#include "base/date.h"
#include "guard/role.h"
#include "register/model_change.h"
#include "register/used.h"
#include "templates.h"
#include "web/help.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"

enum { CHANGES_SHOWN = 200, FAULTS_SHOWN = 20 };

static const struct {
	const char *folder, *label;
} texts[] = {{"rules/", N_("Rules")}, {"instruments/", N_("Scales")}, {"imports/", N_("Imports")},
	{"reports/", N_("Reports")}, {"roles/", N_("Roles")}, {"help/", N_("Guide")}};

static enum rc administrator(struct page *p, struct err *err)
{
	static const str by[] = {{"sysadmin", 8}, {"secadmin", 8}};
	return role_check(&p->r.actor, by, 2, err);
}

static struct help_section *add(struct page *p, struct model_desk *g, str id, str label, size_t cap)
{
	struct help_section *s = &g->sections[g->sections_n++];
	*s = (struct help_section){.id = id, .label = label, .rows = NEWS(p->a, cap + 1, struct help_row)};
	return s;
}

static struct help_row *row(struct help_section *s, str label, str text, str mark, str href)
{
	s->rows[s->rows_n] = (struct help_row){.label = label, .text = text, .mark = mark, .href = href};
	return &s->rows[s->rows_n++];
}

static void show(struct page *p, struct model_desk *g, bool index)
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
	struct help_section *s = add(p, g, STR("changes"), str_of(tr("Changes of this city")), n + 1);
	for (size_t i = 0; i < n; i++) {
		const struct value *v = rows[i]->values;
		row(s, v[reg_field(reg, STR("what"))->at].t,
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
		add(p, g, str_head(folder, folder.n - 1), str_of(tr(texts[k].label)), m->texts_n);
	for (size_t i = 0; i < m->texts_n; i++)
		if (str_starts(m->texts[i].path, folder))
			row(s, m->texts[i].path, STR(""),
				arena_fmt(p->a, tr("%zu bytes"), m->texts[i].text.n), STR(""));
}

static enum rc index_show(struct page *p, struct err *err)
{
	const struct model *m = p->site->city->model;
	struct model_desk g = {.heading = str_of(tr("Model desk"))};
	TRY(administrator(p, err));
	g.lead = arena_fmt(p->a, tr("%zu registers, %zu figures; digest %.*s"), m->regs_n, m->figures_n,
		STR_ARG(str_head(m->digest, 12)));
	g.sections = NEWS(p->a, 12, struct help_section);
	TRY(changes(p, &g, err));
	struct help_section *s = add(p, &g, STR("registers"), str_of(tr("Registers")), m->regs_n);
	for (size_t i = 0; i < m->regs_n; i++)
		row(s, label_text(&m->regs[i].label), label_text(&m->regs[i].holds), m->regs[i].id,
			arena_fmt(p->a, "/model/registers/%.*s", STR_ARG(m->regs[i].id)));
	s = add(p, &g, STR("figures"), str_of(tr("Figures")), m->figures_n);
	for (size_t i = 0; i < m->figures_n; i++)
		if (m->figures[i].parent == NULL)
			row(s, label_text(&m->figures[i].label), label_text(&m->figures[i].definition),
				m->figures[i].id,
				arena_fmt(p->a, "/model/figures/%.*s", STR_ARG(m->figures[i].id)));
	for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
		text_section(p, &g, k);
	show(p, &g, true);
	return RC_OK;
}

/* ---- a register ---- */

static const enum field_type offered[] = {T_TEXT, T_INTEGER, T_COUNT, T_MONEY, T_HOURS, T_DATE, T_MONTH,
	T_BOOL, T_CHOICE, T_REF, T_ORG, T_SEALED};

static void options(struct page *p, struct model_desk *g, const struct reg *reg, str type, str to, str field)
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

/* Of each field: what a change of it would touch. */
static void impact(struct page *p, struct model_desk *g, const struct reg *reg)
{
	struct help_section *s =
		add(p, g, STR("impact"), str_of(tr("What a change of a field would touch")), reg->fields_n);
	for (size_t i = 0; i < reg->fields_n; i++) {
		struct used *u;
		size_t n;
		str words = STR("");
		used_reg(p->a, p->site->city->model, reg, &reg->fields[i], &u, &n);
		for (size_t k = 0; k < n; k++)
			words = arena_fmt(p->a, "%.*s%s%s %.*s", STR_ARG(words), k ? tr(", ") : "",
				used_kind_words(u[k].kind), STR_ARG(u[k].label));
		row(s, label_text(&reg->fields[i].label), n ? words : str_of(tr("nothing else")),
			reg->fields[i].id, STR(""));
	}
}

static void source(struct page *p, struct model_desk *g, const struct mark *mark)
{
	struct help_section *s = add(p, g, STR("source"), str_of(tr("Where it is declared")), 1);
	row(s, arena_fmt(p->a, "%s:%d", mark->file, mark->line), STR(""), STR(""), STR(""));
}

static void register_show(struct page *p, struct model_desk *g, const struct reg *reg)
{
	struct help_page h = {0};
	g->heading = label_text(&reg->label);
	g->lead = arena_fmt(p->a, "%.*s · %.*s · %.*s", STR_ARG(reg->id), STR_ARG(reg->system),
		STR_ARG(label_text(&reg->holds)));
	g->changes = actor_has_role(&p->r.actor, STR("sysadmin"));
	g->action = arena_fmt(p->a, "/model/registers/%.*s", STR_ARG(reg->id));
	help_register_sections(p, &h, reg);
	g->sections = NEWS(p->a, h.sections_n + 3, struct help_section);
	impact(p, g, reg);
	for (size_t i = 0; i < h.sections_n; i++)
		g->sections[g->sections_n++] = h.sections[i];
	source(p, g, &reg->mark);
	show(p, g, false);
}

static enum rc of_register(struct page *p, struct err *err)
{
	const struct reg *reg = model_reg(p->site->city->model, page_arg(p, 0));
	struct model_desk g = {0};
	TRY(administrator(p, err));
	if (reg == NULL)
		return FAIL(err, RC_NOT_FOUND, "there is no register “%.*s”", STR_ARG(page_arg(p, 0)));
	options(p, &g, reg, STR("text"), STR(""), STR(""));
	register_show(p, &g, reg);
	return RC_OK;
}

static enum rc of_figure(struct page *p, struct err *err)
{
	const struct figure *f = model_figure(p->site->city->model, page_arg(p, 0));
	struct model_desk g = {0};
	struct help_page h = {0};
	TRY(administrator(p, err));
	if (f == NULL)
		return FAIL(err, RC_NOT_FOUND, "there is no figure “%.*s”", STR_ARG(page_arg(p, 0)));
	g.heading = label_text(&f->label);
	g.lead = arena_fmt(p->a, "%.*s · %.*s", STR_ARG(f->id), STR_ARG(label_text(&f->definition)));
	help_figure_sections(p, &h, f);
	g.sections = NEWS(p->a, h.sections_n + 1, struct help_section);
	for (size_t i = 0; i < h.sections_n; i++)
		g.sections[g.sections_n++] = h.sections[i];
	source(p, &g, &f->mark);
	show(p, &g, false);
	return RC_OK;
}

/* ---- proposing ---- */

static void faults(struct page *p, struct model_desk *g, const struct model_fault *list, size_t n)
{
	g->faults = NEWS(p->a, FAULTS_SHOWN, struct model_fault_line);
	for (size_t i = 0; i < n && g->faults_n < FAULTS_SHOWN; i++)
		g->faults[g->faults_n++] =
			(struct model_fault_line){.where = arena_fmt(p->a, "%s:%d:%d", list[i].mark.file,
							  list[i].mark.line, list[i].mark.column),
				.words = str_of(list[i].message),
				.source = str_trim(str_of(list[i].source)),
				.hint = str_of(list[i].hint)};
}

struct proposal {
	const struct reg *reg;
	str of, what, why, body, reason;
	int64_t id;
	const struct move *move;
};

static struct entry text(const struct reg *r, const char *field, str v)
{
	return (struct entry){reg_field(r, str_of(field)), {.kind = V_TEXT, .t = v}};
}

static enum rc propose_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct proposal *x = arg;
	const struct reg *r = x->reg;
	struct entry e[] = {text(r, "register_id", x->of), text(r, "what", x->what), text(r, "why", x->why),
		text(r, "body", x->body), text(r, "proposed_on", date_str(c->a, clock_today()))};
	struct record_input in = {.reg = r,
		.org = job_city(c)->root_org,
		.entries = e,
		.entries_n = sizeof e / sizeof *e,
		.state = STR("proposed"),
		.source = STR("form")};
	return record_add(c, &in, &x->id, err);
}

static enum rc body_of(struct page *p, const struct reg *reg, struct proposal *x, struct err *err)
{
	str id = page_input(p, "id"), zh = page_input(p, "zh"), en = page_input(p, "en");
	if (str_is(page_input(p, "act"), "label")) {
		const struct field *f = id.n ? reg_field(reg, id) : NULL;
		if (id.n && f == NULL)
			return FAIL(err, RC_INVALID, "the register %.*s has no field “%.*s”",
				STR_ARG(reg->id), STR_ARG(id));
		x->body = change_relabel(p->a, reg, f, zh, en);
		x->what = arena_fmt(p->a, tr("%.*s: “%.*s” becomes “%.*s”"), STR_ARG(label_text(&reg->label)),
			STR_ARG(f ? label_text(&f->label) : label_text(&reg->label)), STR_ARG(zh));
		return RC_OK;
	}
	for (size_t i = 0; i < reg->fields_n; i++)
		if (str_eq(reg->fields[i].label.zh, zh) || str_eq(reg->fields[i].label.en, en))
			return FAIL(err, RC_INVALID, "“%.*s” stands in this register already (%.*s)",
				STR_ARG(zh), STR_ARG(reg->fields[i].id));
	struct change_field f = {.id = id,
		.zh = zh,
		.en = en,
		.type = page_input(p, "type"),
		.to = page_input(p, "to"),
		.choices = page_input(p, "choices"),
		.help_zh = page_input(p, "help_zh"),
		.help_en = page_input(p, "help_en"),
		.required = page_input(p, "required").n > 0};
	if (!str_is(f.type, "ref"))
		f.to = STR("");
	x->what =
		arena_fmt(p->a, tr("%.*s: new field “%.*s”"), STR_ARG(label_text(&reg->label)), STR_ARG(zh));
	return change_add_field(p->a, reg, &f, &x->body, err);
}

/* The form once more, as it was sent. */
static void again(struct page *p, struct model_desk *g, const struct reg *reg)
{
	g->opens_label = str_is(page_input(p, "act"), "label");
	g->opens_field = !g->opens_label;
	g->id = page_input(p, "id");
	g->zh = page_input(p, "zh");
	g->en = page_input(p, "en");
	g->help_zh = page_input(p, "help_zh");
	g->help_en = page_input(p, "help_en");
	g->choices = page_input(p, "choices");
	g->why = page_input(p, "why");
	g->required = page_input(p, "required").n > 0;
	options(p, g, reg, page_input(p, "type"), page_input(p, "to"), g->id);
	p->q->out.status = 422;
	register_show(p, g, reg);
}

static enum rc proposed(struct page *p, struct err *err)
{
	static const str by[] = {{"sysadmin", 8}};
	const struct reg *reg = model_reg(p->site->city->model, page_arg(p, 0));
	struct proposal x = {.reg = page_reg(p, "model_change"), .why = page_input(p, "why")};
	struct model_desk g = {0};
	struct change_trial t = {0};
	TRY(role_check(&p->r.actor, by, 1, err));
	if (reg == NULL)
		return FAIL(err, RC_NOT_FOUND, "there is no register “%.*s”", STR_ARG(page_arg(p, 0)));
	x.of = reg->id;
	enum rc rc = p->faults_n ? FAIL(err, RC_INVALID, "%.*s: %.*s", STR_ARG(p->faults[0].name),
					   STR_ARG(p->faults[0].value))
				 : body_of(p, reg, &x, err);
	if (rc == RC_OK)
		rc = change_try(p->a, p->site->city, p->r.db, 0, x.body, &t, err);
	model_done(t.model);
	if (rc == RC_OK && t.faults_n == 0) {
		TRY(page_run(p, propose_job, &x, err));
		page_go(p, page_hrefs(p, "/model/changes/%lld", (long long)x.id));
		return RC_OK;
	}
	if (rc != RC_OK && rc != RC_INVALID)
		return rc;
	if (rc == RC_INVALID) {
		struct model_fault one = {.mark = {"", 0, 0}, .message = err->text, .source = "", .hint = ""};
		faults(p, &g, &one, 1);
		g.faults[0].where = STR("");
	} else
		faults(p, &g, t.faults, t.faults_n);
	again(p, &g, reg);
	return RC_OK;
}

/* ---- one change ---- */

static void plan(struct page *p, struct model_desk *g, const struct change_trial *t)
{
	struct help_section *s =
		add(p, g, STR("tables"), str_of(tr("What changes in the tables")), t->tables_n + 1);
	for (size_t i = 0; i < t->tables_n; i++)
		row(s, t->tables[i].say, STR(""), t->tables[i].loses ? str_of(tr("loses data")) : STR(""),
			STR(""));
	if (t->tables_n == 0)
		s->lead = str_of(tr("Nothing: words only."));
	s = add(p, g, STR("recounted"), str_of(tr("Figures that are counted anew")), t->recounted_n + 1);
	for (size_t i = 0; i < t->recounted_n; i++)
		row(s, label_text(&t->recounted[i]->label), STR(""), t->recounted[i]->id,
			arena_fmt(p->a, "/model/figures/%.*s", STR_ARG(t->recounted[i]->id)));
	if (t->recounted_n == 0)
		s->lead = str_of(tr("None."));
}

static void history(struct page *p, struct model_desk *g, const struct record *rec)
{
	struct record_version *v;
	size_t n = 0;
	if (record_history(&p->r, rec->reg, rec->id, &v, &n, NULL) != RC_OK)
		n = 0;
	struct help_section *s = add(p, g, STR("history"), str_of(tr("What happened")), n);
	for (size_t i = 0; i < n; i++)
		row(s, state_chip(rec->reg, v[i].record->state).label, v[i].reason,
			instant_words(p, v[i].at_ms), STR(""))
			->text = v[i].reason.n ? v[i].reason
				 : v[i].actor  ? record_label_open(&p->r, page_reg(p, "person"), v[i].actor)
					       : str_of(tr("Operator"));
}

static enum rc record_of(struct page *p, struct record **out, struct err *err)
{
	int64_t id;
	TRY(administrator(p, err));
	if (!str_i64(page_arg(p, 0), &id))
		return FAIL(err, RC_NOT_FOUND, "“%.*s” is no row number", STR_ARG(page_arg(p, 0)));
	return record_get(&p->r, page_reg(p, "model_change"), id, out, err);
}

static enum rc change_show(struct page *p, struct err *err)
{
	struct record *rec;
	struct change_trial t = {0};
	TRY(record_of(p, &rec, err));
	const struct reg *reg = rec->reg;
	struct chip chip = state_chip(reg, rec->state);
	bool system = actor_has_role(&p->r.actor, STR("sysadmin")),
	     security = actor_has_role(&p->r.actor, STR("secadmin"));
	bool open = str_is(rec->state, "proposed") || str_is(rec->state, "accepted");
	bool applied = str_is(rec->state, "applied");
	struct model_desk g = {.heading = rec->values[reg_field(reg, STR("what"))->at].t,
		.lead = rec->values[reg_field(reg, STR("why"))->at].t,
		.is_change = true,
		.body = rec->values[reg_field(reg, STR("body"))->at].t,
		.state = chip.label,
		.look = chip.look,
		.action = arena_fmt(p->a, "/model/changes/%lld", (long long)rec->id)};
	g.sections = NEWS(p->a, 4, struct help_section);
	if (open || applied) {
		TRY(change_try(p->a, p->site->city, p->r.db, rec->id, applied ? STR("") : g.body, &t, err));
		faults(p, &g, t.faults, t.faults_n);
		if (t.faults_n == 0)
			plan(p, &g, &t);
		model_done(t.model);
	}
	if (applied && g.sections_n)
		g.sections[0].label = str_of(tr("What taking it back changes in the tables"));
	bool agreed = str_is(rec->state, "accepted") && rec->changed_by != rec->entered_by;
	if (open && t.second)
		g.second = str_of(agreed ? tr("A security administrator has agreed to it.")
					 : tr("This register holds data of persons: a security administrator "
					      "agrees to it "
					      "first."));
	g.applies = open && system && t.faults_n == 0 && (agreed || !t.second);
	g.accepts = str_is(rec->state, "proposed") && security && t.second;
	g.rejects = open && (system || security);
	g.undoes = applied && system && t.faults_n == 0;
	history(p, &g, rec);
	show(p, &g, false);
	return RC_OK;
}

static enum rc move_job(struct job_ctx *c, void *arg, struct err *err)
{
	const struct proposal *x = arg;
	return record_do(c, x->reg, x->id, 0, x->move, NULL, 0, x->reason, err);
}

static enum rc change_act(struct page *p, struct err *err)
{
	struct record *rec;
	str act = page_input(p, "act");
	TRY(record_of(p, &rec, err));
	struct proposal x = {.reg = rec->reg, .id = rec->id, .reason = page_input(p, "reason")};
	if (str_is(act, "apply") || str_is(act, "undo")) {
		TRY(change_apply(p->a, &p->r, rec->id, str_is(act, "undo"), err));
		site_reopen(p->site);
	} else if (str_is(act, "accept") || str_is(act, "reject")) {
		x.move = reg_move(rec->reg, act);
		TRY(page_run(p, move_job, &x, err));
	} else {
		return FAIL(err, RC_INVALID, "“%.*s” is nothing that can be done here", STR_ARG(act));
	}
	page_go(p, page_hrefs(p, "/model/changes/%lld", (long long)rec->id));
	return RC_OK;
}

static const struct input propose_inputs[] = {{"act", INPUT_WORD, 10, true}, {"id", INPUT_WORD, 40, false},
	{"zh", INPUT_TEXT, 40, true}, {"en", INPUT_TEXT, 60, true}, {"type", INPUT_WORD, 20, false},
	{"to", INPUT_WORD, 40, false}, {"choices", INPUT_TEXT, 1000, false},
	{"required", INPUT_FLAG, 0, false}, {"help_zh", INPUT_TEXT, 200, false},
	{"help_en", INPUT_TEXT, 200, false}, {"why", INPUT_TEXT, 300, true}, {0}};
static const struct input act_inputs[] = {
	{"act", INPUT_WORD, 10, true}, {"reason", INPUT_TEXT, 300, false}, {0}};

const struct route routes_model[] = {
	{"GET", "/model", index_show, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs, ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/model/registers/{register}", of_register, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"POST", "/model/registers/{register}", proposed, ACCESS_OFFICE, CSRF_TOKEN, propose_inputs,
		ROUTE_SLOW},
	{"GET", "/model/figures/{figure}", of_figure, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/model/changes/{id}", change_show, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"POST", "/model/changes/{id}", change_act, ACCESS_OFFICE, CSRF_TOKEN, act_inputs, ROUTE_SLOW},
	{0},
};
