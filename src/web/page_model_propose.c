/* page_model_propose.c -- the forms of the model desk: a field, a label, a register, a figure, a file of rules or figures. What
 * holds becomes a row of model_change and its page is shown (page_model_change.c); what does not is told at its place. */
#include "base/clock.h"
#include "base/date.h"
#include "guard/role.h"
#include "register/model_change.h"
#include "templates.h"
#include "web/model_rules.h"
#include "web/page_model.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"

enum { FAULTS_SHOWN = 20 };

void desk_faults(struct page *p, struct model_desk *g, const struct model_fault *list, size_t n)
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

static struct entry text(const struct reg *r, const char *field, str v)
{
	return (struct entry){reg_field(r, str_of(field)), {.kind = V_TEXT, .t = v}};
}

static enum rc propose_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct model_proposal *x = arg;
	const struct reg *r = x->reg;
	struct entry e[] = {text(r, "register_id", x->of), text(r, "what", x->what), text(r, "why", x->why),
		text(r, "body", x->body), text(r, "proposed_on", date_str(c->a, clock_today())),
		text(r, "path", x->path), text(r, "before", x->before)};
	struct record_input in = {.reg = r,
		.org = job_city(c)->root_org,
		.entries = e,
		.entries_n = sizeof e / sizeof *e - (x->before.n == 0) - (x->path.n == 0),
		.state = STR("proposed"),
		.source = STR("form")};
	return record_add(c, &in, &x->id, err);
}

static enum rc body_of(struct page *p, const struct reg *reg, struct model_proposal *x, struct err *err)
{
	str id = page_input(p, "id"), zh = page_input(p, "zh"), en = page_input(p, "en");
	if (str_is(page_input(p, "act"), "keep")) {
		str keep = page_input(p, "keep");
		if (str_eq(keep, reg->keep) || keep.n == 0)
			return FAIL(err, RC_INVALID, "nothing was changed in it");
		x->body = change_keep(p->a, reg, keep);
		x->what = arena_fmt(p->a, tr("%.*s: kept for %.*s instead of %.*s"),
			STR_ARG(label_text(&reg->label)), STR_ARG(keep_words(p, keep)),
			STR_ARG(keep_words(p, reg->keep)));
		return RC_OK;
	}
	if (str_is(page_input(p, "act"), "protect")) {
		str level = page_input(p, "sensitivity"), seal = page_input(p, "seal");
		const struct field *f = seal.n ? reg_field(reg, seal) : NULL;
		if (level.n == 0 && f == NULL)
			return FAIL(err, RC_INVALID, "choose another sensitivity, or a field that is sealed");
		x->body = change_protect(p->a, reg, level, seal);
		x->what = f ? arena_fmt(p->a, tr("%.*s: “%.*s” sealed"), STR_ARG(label_text(&reg->label)),
				      STR_ARG(label_text(&f->label)))
			    : arena_fmt(p->a, tr("%.*s: protected more"), STR_ARG(label_text(&reg->label)));
		return RC_OK;
	}
	if (zh.n == 0 || en.n == 0)
		return FAIL(err, RC_INVALID, "a label is given in Chinese and in English");
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
	g->opens_keep = str_is(page_input(p, "act"), "keep");
	g->opens_protect = str_is(page_input(p, "act"), "protect");
	g->opens_field = !g->opens_label && !g->opens_keep && !g->opens_protect;
	g->keep = page_input(p, "keep");
	g->id = page_input(p, "id");
	g->zh = page_input(p, "zh");
	g->en = page_input(p, "en");
	g->help_zh = page_input(p, "help_zh");
	g->help_en = page_input(p, "help_en");
	g->choices = page_input(p, "choices");
	g->why = page_input(p, "why");
	g->required = page_input(p, "required").n > 0;
	desk_options(p, g, reg, page_input(p, "type"), page_input(p, "to"), g->id);
	p->q->out.status = 422;
	desk_register_show(p, g, reg);
}

/* Tries it; holds: becomes a row and its page is shown. Else g has the faults, 422. */
enum rc desk_try(
	struct page *p, struct model_proposal *x, struct model_desk *g, bool *out_kept, struct err *err)
{
	struct change_text text = {.path = x->path, .body = x->body};
	struct change_trial t = {0};
	*out_kept = false;
	enum rc rc = change_try(p->a, p->site->city, p->r.db, &text, &t, err);
	if (rc == RC_OK && t.faults_n == 0)
		rc = model_rules_hold(p, x->path, t.model, err);
	model_done(t.model);
	if (rc == RC_OK && t.faults_n == 0) {
		TRY(page_run(p, propose_job, x, err));
		page_go(p, page_hrefs(p, "/model/changes/%lld", (long long)x->id));
		*out_kept = true;
		return RC_OK;
	}
	p->q->out.status = 422;
	if (rc == RC_OK)
		desk_faults(p, g, t.faults, t.faults_n);
	return rc;
}

/* A fault that is no place in a file. */
enum rc desk_told(struct page *p, struct model_desk *g, enum rc rc, const struct err *err)
{
	if (rc != RC_INVALID)
		return rc;
	struct model_fault one = {
		.mark = {"", 0, 0}, .message = arena_cstr(p->a, str_of(err->text)), .source = "", .hint = ""};
	p->q->out.status = 422;
	desk_faults(p, g, &one, 1);
	g->faults[0].where = STR("");
	return RC_OK;
}

enum rc desk_may_propose(struct page *p, struct err *err)
{
	static const str by[] = {{"sysadmin", 8}};
	return role_check(&p->r.actor, by, 1, err);
}

enum rc desk_inputs_hold(struct page *p, struct err *err)
{
	return p->faults_n ? FAIL(err, RC_INVALID, "%.*s: %.*s", STR_ARG(p->faults[0].name),
				     STR_ARG(p->faults[0].value))
			   : RC_OK;
}

static enum rc proposed(struct page *p, struct err *err)
{
	const struct reg *reg = model_reg(p->site->city->model, page_arg(p, 0));
	struct model_proposal x = {.reg = page_reg(p, "model_change"), .why = page_input(p, "why")};
	struct model_desk g = {0};
	bool kept = false;
	TRY(desk_may_propose(p, err));
	if (reg == NULL)
		return FAIL(err, RC_NOT_FOUND, "there is no register “%.*s”", STR_ARG(page_arg(p, 0)));
	x.of = reg->id;
	enum rc rc = desk_inputs_hold(p, err);
	if (rc == RC_OK)
		rc = body_of(p, reg, &x, err);
	if (rc == RC_OK)
		rc = desk_try(p, &x, &g, &kept, err);
	TRY(desk_told(p, &g, rc, err));
	if (!kept)
		again(p, &g, reg);
	return RC_OK;
}

static const struct input propose_inputs[] = {{"act", INPUT_ACT, 10, true}, {"id", INPUT_WORD, 40, false},
	{"zh", INPUT_TEXT, 40, false}, {"en", INPUT_TEXT, 60, false}, {"keep", INPUT_WORD, 10, false},
	{"sensitivity", INPUT_WORD, 20, false}, {"seal", INPUT_WORD, 40, false},
	{"type", INPUT_WORD, 20, false}, {"to", INPUT_WORD, 40, false}, {"choices", INPUT_TEXT, 1000, false},
	{"required", INPUT_FLAG, 0, false}, {"help_zh", INPUT_TEXT, 200, false},
	{"help_en", INPUT_TEXT, 200, false}, {"why", INPUT_TEXT, 300, true}, {0}};
const struct route routes_model_propose[] = {
	{"POST", "/model/registers/{register}", proposed, ACCESS_OFFICE, CSRF_TOKEN, propose_inputs,
		ROUTE_SLOW},
	{0},
};
