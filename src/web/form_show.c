/* form_show.c -- see form.h: the declaration and what came, as the page of a form. */
#include "base/utf8.h"
#include "register/permit.h"
#include "templates.h"
#include "web/form.h"
#include "web/page_form.h"
#include "web/site_in.h"
#include "web/words.h"

enum { RADIOS_MAX = 5, LINE_CHARS = 120, MORE_FROM = 4 };

static const char *hint_of(const struct field *f)
{
	static const char *const hints[T_SEALED_STRUCT + 1] = {
		[T_DATE] = N_("such as 2026-11-24, 11.24 or 20261124"),
		[T_MONTH] = N_("such as 2026-11"),
		[T_TIME] = N_("such as 2026-11-24 14:00"),
		[T_MONEY] = N_("in yuan, such as 1280.50"),
		[T_HOURS] = N_("such as 1.5, 1:30 or 90 minutes"),
		[T_PERSON] = N_("name, pinyin initials, ID number or phone"),
		[T_ORG] = N_("name, pinyin initials or code"),
		[T_REF] = N_("name, pinyin initials, code or #number"),
		[T_REFS] = N_("names or codes, parted by commas"),
		[T_ORGS] = N_("names or codes, parted by commas"),
		[T_REGION] = N_("six to twelve digits"),
	};
	return hints[f->type] ? tr(hints[f->type]) : "";
}

static void options_fill(struct page *p, const struct form_input *in, struct form_field *out)
{
	const struct field *f = in->field;
	if (f->type == T_BOOL) {
		out->options = NEWS(p->a, 2, struct form_option);
		out->options[0] = (struct form_option){STR("1"), str_of(tr("yes")), {0}, {0}, false};
		out->options[1] = (struct form_option){STR("0"), str_of(tr("no")), {0}, {0}, false};
		out->options_n = 2;
	} else {
		out->options = NEWS(p->a, f->choices_n + 1, struct form_option);
		for (size_t i = 0; i < f->choices_n; i++)
			out->options[out->options_n++] = (struct form_option){
				f->choices[i].id, label_text(&f->choices[i].label), {0}, {0}, false};
	}
	for (size_t i = 0; i < out->options_n; i++) {
		out->options[i].here = str_eq(in->text, out->options[i].value);
		out->options[i].id = arena_fmt(p->a, "%.*s-%zu", STR_ARG(f->id), i);
	}
	out->radios = out->options_n <= RADIOS_MAX;
	out->choice = !out->radios;
}

static void picks_fill(struct page *p, const struct form_input *in, struct form_field *out)
{
	out->picks = NEWS(p->a, in->picks_n + 1, struct form_option);
	for (size_t i = 0; i < in->picks_n; i++) {
		const struct pick *k = &in->picks[i];
		str unit = page_org_name(p, k->org);
		str note = in->field->type == T_ORG || in->field->at < 0 ? k->code
			   : k->code.n && !str_eq(k->code, k->label)
				   ? arena_fmt(p->a, "%.*s%s%.*s", STR_ARG(k->code), tr(", "), STR_ARG(unit))
				   : unit;
		out->picks[out->picks_n++] =
			(struct form_option){.value = arena_fmt(p->a, "%lld", (long long)k->id),
				.label = k->label,
				.note = note,
				.id = arena_fmt(p->a, "%.*s-pick-%zu", STR_ARG(in->field->id), i),
				.here = in->picks_n == 1};
	}
}

void form_field_fill(
	struct page *p, const struct form *f, const struct form_input *in, struct form_field *out)
{
	const struct field *d = in->field;
	*out = (struct form_field){.name = d->id,
		.label = label_text(&d->label),
		.help = label_text(&d->help),
		.fault = in->fault,
		.text = in->text,
		.as = in->as,
		.ref = in->id,
		.hint = str_of(hint_of(d)),
		.theirs = in->theirs,
		.optional = !in->required,
		.sealed = in->keeps};
	bool number = d->type == T_INTEGER || d->type == T_COUNT;
	out->digits = number;
	out->numeric = d->type == T_DECIMAL || d->type == T_MONEY;
	if (d->type == T_CHOICE || d->type == T_BOOL) {
		options_fill(p, in, out);
	} else if (pick_target(p->site->city->model, d)) {
		out->pick = true;
		bool list = d->type == T_REFS || d->type == T_ORGS;
		const struct reg *to = pick_target(p->site->city->model, d);
		if (!list)
			out->suggest_href =
				arena_fmt(p->a, "/pick/%.*s/%.*s", STR_ARG(to->id), STR_ARG(d->id));
		picks_fill(p, in, out);
	} else if (d->type == T_FILE) {
		out->file = true;
		out->stands = f->now && in->text.n > 0 && in->fault.n == 0;
	} else if (d->type == T_SEALED ||
		   (d->type == T_TEXT && (d->max_chars == 0 || d->max_chars > LINE_CHARS))) {
		out->area = true;
	} else {
		out->line = true;
	}
	out->has_help = out->help.n > 0 || out->hint.n > 0 || out->sealed;
	const struct reg *reg = f->reg;
	struct record *twin;
	if (in->twin && record_get(&p->r, reg, in->twin, &twin, NULL) == RC_OK)
		out->twin_href = page_hrefs(p, "/r/%.*s/%lld", STR_ARG(reg->id), (long long)in->twin);
}

/* What most rows say stands open; the rest of a long form folds away until it holds something. */
static bool is_first(const struct form *f, const struct form_input *in)
{
	const struct reg *reg = f->reg;
	if (f->kind == FORM_MOVE || in->required || in->field->at < 0 || in->fault.n > 0 || in->theirs.n > 0)
		return true;
	if (in->field == reg->person || in->field == reg->happens_field || in->field == reg->n_field)
		return true;
	for (size_t i = 0; i < reg->key_n; i++)
		if (reg->key[i] == in->field)
			return true;
	for (size_t i = 0; i < reg->list_n; i++)
		if (reg->list[i] == in->field)
			return true;
	return false;
}

static void fields_fill(struct page *p, struct form *f, struct form_page *g)
{
	size_t rest = 0;
	g->fields = NEWS(p->a, f->n + 1, struct form_field);
	g->more = NEWS(p->a, f->n + 1, struct form_field);
	g->faults = NEWS(p->a, f->n + 2, struct form_fault);
	for (size_t i = 0; i < f->n; i++)
		rest += !is_first(f, &f->in[i]);
	for (size_t i = 0; i < f->n; i++) {
		const struct form_input *in = &f->in[i];
		bool first = rest < MORE_FROM || is_first(f, in);
		struct form_field *out = first ? &g->fields[g->fields_n++] : &g->more[g->more_n++];
		form_field_fill(p, f, in, out);
		g->files = g->files || out->file;
		g->more_open =
			g->more_open || (!first && (in->text.n > 0 || in->keeps) && f->kind == FORM_EDIT);
		if (in->fault.n > 0)
			g->faults[g->faults_n++] = (struct form_fault){in->field->id, out->label, in->fault};
	}
	if (f->reason_fault.n > 0)
		g->faults[g->faults_n++] =
			(struct form_fault){STR("_reason"), str_of(tr("Reason")), f->reason_fault};
	if (g->faults_n == 1)
		g->faults_n = 0; /* one stands at its field; from two on they are listed on top as well */
}

/* In which state a row begins: where the declaration knows a second one for what is past already. */
static void states_fill(struct page *p, struct form *f, struct form_page *g)
{
	const struct reg *reg = f->reg;
	if (f->kind != FORM_NEW || reg->states_n < 2 || reg->import_state.n == 0 ||
		str_eq(reg->import_state, reg->states[0].id))
		return;
	const struct state *two[] = {&reg->states[0], reg_state(reg, reg->import_state)};
	g->states = NEWS(p->a, 2, struct form_option);
	for (size_t i = 0; i < 2; i++)
		g->states[g->states_n++] = (struct form_option){.value = two[i]->id,
			.label = label_text(&two[i]->label),
			.id = arena_fmt(p->a, "_state-%zu", i),
			.here = f->state.n ? str_eq(f->state, two[i]->id) : i == 0};
}

/* The fields whose change may make this row another's double: key, unique ones, of a person the name and the numbers. */
static void twin_fill(struct page *p, const struct form *f, struct form_page *g)
{
	static const char *const people[] = {"name", "citizen_id", "phone"};
	const struct reg *reg = f->reg;
	bool person = str_is(reg->id, "person");
	if (f->kind != FORM_NEW)
		return;
	for (size_t i = 0; i < f->n; i++) {
		const struct field *field = f->in[i].field;
		bool key = field->unique;
		for (size_t k = 0; k < reg->key_n; k++)
			key = key || reg->key[k] == field;
		for (size_t k = 0; person && k < sizeof people / sizeof *people; k++)
			key = key || str_is(field->id, people[k]);
		if (key)
			g->twin_keys =
				arena_fmt(p->a, "%.*s %.*s", STR_ARG(g->twin_keys), STR_ARG(field->id));
	}
	if (g->twin_keys.n > 0)
		g->twin_action = page_hrefs(p, "/r/%.*s/twin", STR_ARG(reg->id));
}

void form_show(struct page *p, struct form *f, const struct form_words *w)
{
	const struct reg *reg = f->reg;
	struct form_page g = {.heading = w->heading,
		.lead = w->lead,
		.verb = w->verb,
		.grave = w->grave,
		.action = w->action,
		.cancel = w->cancel,
		.told = w->told,
		.top = f->top,
		.reason = f->reason,
		.reason_fault = f->reason_fault,
		.asks_reason = f->kind == FORM_MOVE,
		.reason_needed = f->move && f->move->needs_reason,
		.drafts = w->drafts,
		.drafted = f->drafted,
		.minor = reg->sensitivity >= SENS_MINOR};
	if (f->key.n == 0)
		form_key_new(p, f);
	g.key = f->key;
	g.version = f->version ? arena_fmt(p->a, "%lld", (long long)f->version) : STR("");
	if (f->stranger.n > 0 && g.top.n == 0)
		g.top = arena_fmt(
			p->a, tr("This form has no field “%.*s”."), STR_ARG(utf8_head(f->stranger, 40)));
	fields_fill(p, f, &g);
	states_fill(p, f, &g);
	twin_fill(p, f, &g);
	shell_fill(p, &g.shell, g.heading, PLACE_REGISTERS, reg->group);
	shell_lively(p, &g.shell);
	shell_crumb(
		p, &g.shell, group_label(reg->group), page_hrefs(p, "/registers/%.*s", STR_ARG(reg->group)));
	shell_crumb(p, &g.shell, label_text(&reg->label), page_hrefs(p, "/r/%.*s", STR_ARG(reg->id)));
	if (f->now)
		shell_crumb(p, &g.shell, record_title(p, f->now), w->cancel);
	tpl_form(page_out(p), &g);
}

void form_problem(struct page *p, const struct form *f)
{
	struct pair *list = NEWS(p->a, f->n + 3, struct pair);
	size_t n = 0;
	for (size_t i = 0; i < f->n; i++)
		if (f->in[i].fault.n > 0)
			list[n++] = (struct pair){f->in[i].field->id, f->in[i].fault};
	if (f->stranger.n > 0)
		list[n++] =
			(struct pair){f->stranger, str_of(tr("This is no field that can be written here."))};
	if (f->reason_fault.n > 0)
		list[n++] = (struct pair){STR("reason"), f->reason_fault};
	problem_answer(p, 422, arena_cstr(p->a, f->top), list, n);
}
