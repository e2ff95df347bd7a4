/* page_model_new.c -- /model/new/KIND, /model/files/PATH: a register or a figure made by a form, a file of rules or figures written
 * anew. What comes of it: page_model_propose.c. */
#include "register/rule_book.h"
#include "templates.h"
#include "web/model_rules.h"
#include "web/page_model.h"
#include "web/pages.h"
#include "web/site_in.h"

/* ---- a new register, a new figure ---- */

static const struct form_option sensitivities[] = {{.value = {"public", 6}}, {.value = {"internal", 8}},
	{.value = {"personal", 8}}},
				grains[] = {{.value = {"row", 3}}, {.value = {"sum", 3}},
					{.value = {"distinct", 8}}};

static str sensitivity_words(str id)
{
	return str_of(str_is(id, "public")     ? tr("public: anybody may know it")
		      : str_is(id, "internal") ? tr("internal: of the office, nobody's data")
					       : tr("personal: data of persons"));
}

static str grain_words(str id)
{
	return str_of(str_is(id, "row")   ? tr("rows are counted")
		      : str_is(id, "sum") ? tr("a field is summed up")
					  : tr("different ones of a reference are counted"));
}

static struct form_option option(str value, str words, str here)
{
	return (struct form_option){.value = value, .label = words, .here = str_eq(value, here)};
}

static struct form_option *few(
	struct page *p, const struct form_option *list, size_t n, str here, str (*words)(str id))
{
	struct form_option *out = NEWS(p->a, n, struct form_option);
	for (size_t i = 0; i < n; i++)
		out[i] = option(list[i].value, words(list[i].value), here);
	return out;
}

/* The purposes that have a ground in law. */
static void purposes(struct page *p, struct model_new *g)
{
	struct rule *list;
	size_t n;
	struct err err;
	str here = page_input(p, "purpose").n ? page_input(p, "purpose") : STR("office");
	if (rule_book(p->a, p->site->city->model, STR("purposes"), &list, &n, &err) != RC_OK)
		return;
	g->purposes = NEWS(p->a, n + 1, struct form_option);
	for (size_t i = 0; i < n; i++)
		if (str_is(list[i].part, "purposes"))
			g->purposes[g->purposes_n++] = option(list[i].id, label_text(&list[i].label), here);
}

static void new_form_show(struct page *p, struct model_new *g)
{
	const struct model *m = p->site->city->model;
	str groups[32];
	size_t n = group_list(m, groups, 32);
	g->id = page_input(p, "id");
	g->zh = page_input(p, "zh");
	g->en = page_input(p, "en");
	g->text_zh = page_input(p, "text_zh");
	g->text_en = page_input(p, "text_en");
	g->where = page_input(p, "where");
	g->field = page_input(p, "field");
	g->unit = page_input(p, "unit");
	g->why = page_input(p, "why");
	g->sensitivities_n = sizeof sensitivities / sizeof *sensitivities;
	str level = page_input(p, "sensitivity"), grain = page_input(p, "grain");
	g->sensitivities = few(
		p, sensitivities, g->sensitivities_n, level.n ? level : STR("internal"), sensitivity_words);
	g->grains_n = sizeof grains / sizeof *grains;
	g->grains = few(p, grains, g->grains_n, grain, grain_words);
	g->groups = NEWS(p->a, n + 1, struct form_option);
	for (size_t i = 0; i < n; i++)
		g->groups[g->groups_n++] = option(groups[i], group_label(groups[i]), page_input(p, "group"));
	purposes(p, g);
	g->registers = NEWS(p->a, m->regs_n + 1, struct form_option);
	for (size_t i = 0; i < m->regs_n; i++)
		g->registers[g->registers_n++] =
			option(m->regs[i].id, label_text(&m->regs[i].label), page_input(p, "of"));
	shell_fill(p, &g->shell, str_of(g->figure ? tr("A new figure") : tr("A new register")), PLACE_NONE,
		STR(""));
	shell_crumb(p, &g->shell, str_of(tr("Model desk")), page_href(p, STR("/model")));
	tpl_model_new(page_out(p), g);
}

static enum rc new_show(struct page *p, struct err *err)
{
	struct model_new g = {.figure = str_is(page_arg(p, 0), "figure")};
	TRY(desk_may_propose(p, err));
	if (!g.figure && !str_is(page_arg(p, 0), "register"))
		return FAIL(err, RC_NOT_FOUND, "a register or a figure is made here");
	new_form_show(p, &g);
	return RC_OK;
}

static void new_register(struct page *p, struct model_proposal *x)
{
	struct change_register f = {.id = page_input(p, "id"),
		.zh = page_input(p, "zh"),
		.en = page_input(p, "en"),
		.holds_zh = page_input(p, "text_zh"),
		.holds_en = page_input(p, "text_en"),
		.group = page_input(p, "group"),
		.sensitivity = page_input(p, "sensitivity"),
		.purpose = page_input(p, "purpose"),
		.keep = STR("6y")};
	x->body = change_new_register(p->a, &f);
	x->of = f.id;
	x->what = arena_fmt(p->a, tr("new register “%.*s”"), STR_ARG(f.zh));
}

static void new_figure(struct page *p, struct model_proposal *x)
{
	const struct reg *of = model_reg(p->site->city->model, page_input(p, "of"));
	str grain = page_input(p, "grain");
	struct change_figure f = {.id = page_input(p, "id"),
		.system = of ? of->system : STR("S26"),
		.zh = page_input(p, "zh"),
		.en = page_input(p, "en"),
		.definition_zh = page_input(p, "text_zh"),
		.definition_en = page_input(p, "text_en"),
		.of = page_input(p, "of"),
		.where = str_trim(page_input(p, "where")),
		.grain = grain,
		.field = str_is(grain, "row") ? STR("") : page_input(p, "field"),
		.unit = page_input(p, "unit")};
	x->body = change_new_figure(p->a, &f);
	x->of = f.of;
	x->what = arena_fmt(p->a, tr("new figure “%.*s”"), STR_ARG(f.zh));
}

static enum rc new_sent(struct page *p, struct err *err)
{
	struct model_new g = {.figure = str_is(page_arg(p, 0), "figure")};
	struct model_proposal x = {.reg = page_reg(p, "model_change"), .why = page_input(p, "why")};
	struct model_desk d = {0};
	bool kept = false;
	TRY(desk_may_propose(p, err));
	enum rc rc = desk_inputs_hold(p, err);
	if (rc == RC_OK) {
		(g.figure ? new_figure : new_register)(p, &x);
		rc = desk_try(p, &x, &d, &kept, err);
	}
	TRY(desk_told(p, &d, rc, err));
	g.body = x.body;
	g.faults = d.faults;
	g.faults_n = d.faults_n;
	if (!kept)
		new_form_show(p, &g);
	return RC_OK;
}

/* ---- a whole file: rules, figures ---- */

static void file_form(struct page *p, struct model_file *g)
{
	g->action = arena_fmt(p->a, "/model/files/%.*s", STR_ARG(g->path));
	shell_fill(p, &g->shell, g->path, PLACE_NONE, STR(""));
	shell_crumb(p, &g->shell, str_of(tr("Model desk")), page_href(p, STR("/model")));
	tpl_model_file(page_out(p), g);
}

static enum rc file_of(struct page *p, str *out_path, str *out_text, struct err *err)
{
	TRY(desk_may_propose(p, err));
	*out_path = arena_fmt(p->a, "%.*s/%.*s", STR_ARG(page_arg(p, 0)), STR_ARG(page_arg(p, 1)));
	if (!str_is(page_arg(p, 0), "figures") && !model_rules_known(*out_path))
		return FAIL(err, RC_NOT_FOUND,
			"%.*s is not changed here; lay a folder over the declarations: qinghe model apply",
			STR_ARG(*out_path));
	TRY(change_source(p->a, p->r.db, *out_path, out_text, err));
	return out_text->n ? RC_OK : FAIL(err, RC_NOT_FOUND, "there is no file “%.*s”", STR_ARG(*out_path));
}

static enum rc file_show(struct page *p, struct err *err)
{
	struct model_file g = {0};
	TRY(file_of(p, &g.path, &g.body, err));
	file_form(p, &g);
	return RC_OK;
}

/* Browsers end lines of a text area by CR LF; the file has one LF at its end. */
static str lines_of(struct page *p, str text)
{
	struct buf b = {0};
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != '\r')
			buf_putc(&b, text.p[i]);
	str s = str_trim(buf_str(&b));
	s = arena_fmt(p->a, "%.*s\n", STR_ARG(s));
	buf_done(&b);
	return s;
}

static enum rc file_sent(struct page *p, struct err *err)
{
	struct model_file g = {0};
	struct model_desk d = {0};
	struct model_proposal x = {.reg = page_reg(p, "model_change"), .why = page_input(p, "why")};
	bool kept = false;
	TRY(file_of(p, &x.path, &x.before, err));
	x.of = x.path;
	x.body = lines_of(p, page_input(p, "body"));
	x.what = arena_fmt(p->a, tr("%.*s, written anew"), STR_ARG(x.path));
	enum rc rc = desk_inputs_hold(p, err);
	if (rc == RC_OK && str_eq(x.body, x.before))
		rc = FAIL(err, RC_INVALID, "nothing was changed in it");
	if (rc == RC_OK)
		rc = desk_try(p, &x, &d, &kept, err);
	TRY(desk_told(p, &d, rc, err));
	g.path = x.path;
	g.body = x.body;
	g.why = x.why;
	g.faults = d.faults;
	g.faults_n = d.faults_n;
	if (!kept)
		file_form(p, &g);
	return RC_OK;
}

static const struct input new_inputs[] = {{"id", INPUT_WORD, 40, true}, {"zh", INPUT_TEXT, 40, true},
	{"en", INPUT_TEXT, 60, true}, {"text_zh", INPUT_TEXT, 200, true}, {"text_en", INPUT_TEXT, 200, true},
	{"group", INPUT_WORD, 40, false}, {"sensitivity", INPUT_WORD, 20, false},
	{"purpose", INPUT_WORD, 40, false}, {"of", INPUT_WORD, 40, false}, {"where", INPUT_TEXT, 500, false},
	{"grain", INPUT_WORD, 20, false}, {"field", INPUT_WORD, 60, false}, {"unit", INPUT_TEXT, 10, false},
	{"why", INPUT_TEXT, 300, true}, {0}};
static const struct input file_inputs[] = {
	{"body", INPUT_TEXT, 20000, true}, {"why", INPUT_TEXT, 300, true}, {0}};

const struct route routes_model_new[] = {
	{"GET", "/model/new/{kind}", new_show, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs, ROUTE_HTML_ONLY},
	{"POST", "/model/new/{kind}", new_sent, ACCESS_OFFICE, CSRF_TOKEN, new_inputs, ROUTE_SLOW},
	{"GET", "/model/files/{folder}/{name}", file_show, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"POST", "/model/files/{folder}/{name}", file_sent, ACCESS_OFFICE, CSRF_TOKEN, file_inputs,
		ROUTE_SLOW},
	{0},
};
