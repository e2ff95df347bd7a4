/* apply_form.c -- see page_apply.h: the form, and what was sent. */
#include "register/apply.h"
#include "register/permit.h"
#include "service/coordination/columns.h"
#include "templates.h"
#include "web/apply.h"
#include "web/form.h"
#include "web/page_apply.h"
#include "web/site_in.h"
#include "web/words.h"

struct applying {
	struct application what;
	struct offer offer;
	struct consent_text text; /* purpose empty: nothing is to be consented to */
	bool guardian;            /* the person may not consent alone */
	struct form form;         /* of `takes` */
	struct field *questions;
	size_t questions_n;
	str *answers;
	size_t bad; /* the question that does not fit */
	str question_fault, wishes_fault, fault;
	struct record **choices; /* for wishes */
	size_t choices_n;
	str wish[APPLY_WISHES];
	int64_t id;
};

/* What may be wished for: a public register, so nobody's permission is asked. */
static enum rc choices(struct page *p, struct applying *x, struct err *err)
{
	struct reader all = p->r;
	if (x->what.reg->apply->wishes == NULL)
		return RC_OK;
	all.actor = actor_operator();
	all.log = NULL;
	struct record_query q = {.reg = x->what.reg->apply->wishes->to_reg,
		.where = x->what.reg->apply->choose,
		.declared = true,
		.limit = 300,
		.newest_first = true};
	return record_list(&all, &q, &x->choices, &x->choices_n, err);
}

static enum rc begin(struct page *p, struct applying *x, struct err *err)
{
	const struct reg *reg = model_reg(p->site->city->model, page_arg(p, 0));
	if (reg == NULL || reg->apply == NULL)
		return FAIL(err, RC_NOT_FOUND, "There is nothing at this address.");
	x->what = (struct application){.reg = reg, .to = page_input_id(p, "for")};
	TRY(apply_whose(p, &x->what.person, err));
	TRY(apply_offer(&p->r, x->what.person, reg, x->what.to, &x->offer, err));
	TRY(apply_consent(&p->r, reg, x->what.person, &x->text, &x->guardian, err));
	if (reg->apply->asks)
		TRY(columns_read(p->a, x->offer.asks, &x->questions, &x->questions_n, err));
	x->answers = NEWS(p->a, x->questions_n + 1, str);
	TRY(choices(p, x, err));
	x->form = (struct form){
		.kind = FORM_NEW, .reg = reg, .in = NEWS(p->a, reg->fields_n + 1, struct form_input)};
	for (size_t i = 0; i < reg->fields_n; i++) {
		const struct field *f = &reg->fields[i];
		if (field_in(reg->apply->takes, f) && f != reg->apply->wishes)
			x->form.in[x->form.n++] = (struct form_input){.field = f, .required = f->required};
	}
	return RC_OK;
}

/* ---- the page ---- */

static void wishes_show(struct page *p, const struct applying *x, struct apply_form_page *g)
{
	static const char *const nth[APPLY_WISHES] = {
		N_("First wish"), N_("Second wish"), N_("Third wish"), N_("Fourth wish"), N_("Fifth wish")};
	const struct field *f = x->what.reg->apply->wishes;
	if (f == NULL)
		return;
	g->wishes_label = label_text(&f->label);
	g->wishes_fault = x->wishes_fault;
	g->wishes = NEWS(p->a, APPLY_WISHES, struct apply_wish);
	for (size_t k = 0; k < APPLY_WISHES; k++) {
		struct apply_wish *w = &g->wishes[g->wishes_n++];
		*w = (struct apply_wish){.name = arena_fmt(p->a, "%.*s.%zu", STR_ARG(f->id), k + 1),
			.label = str_of(tr(nth[k])),
			.options = NEWS(p->a, x->choices_n + 1, struct form_option)};
		for (size_t i = 0; i < x->choices_n; i++) {
			const struct record *rec = x->choices[i];
			str id = arena_fmt(p->a, "%lld", (long long)rec->id);
			w->options[w->options_n++] = (struct form_option){.value = id,
				.label = arena_fmt(p->a, "%.*s · %.*s", STR_ARG(record_title(p, rec)),
					STR_ARG(page_org_name(p, rec->org))),
				.here = str_eq(id, x->wish[k])};
		}
	}
}

static enum rc show(struct page *p, struct applying *x)
{
	const struct reg *reg = x->what.reg;
	struct apply_form_page g = {.heading = x->offer.title.n ? x->offer.title : label_text(&reg->label),
		.lead = label_text(&reg->help),
		.who = x->what.person == p->r.actor.person ? STR("") : apply_person(p, x->what.person),
		.action = arena_fmt(p->a, "/apply/%.*s", STR_ARG(reg->id)),
		.cancel = arena_fmt(p->a, "/apply%.*s", STR_ARG(apply_child(p, x->what.person, "?"))),
		.fault = x->fault,
		.verb = str_of(reg->apply->asks ? tr("Send my answers") : tr("Send the application"))};
	if (x->what.person != p->r.actor.person)
		g.child = arena_fmt(p->a, "%lld", (long long)x->what.person);
	if (x->what.to)
		g.to = arena_fmt(p->a, "%lld", (long long)x->what.to);
	if (x->offer.until.n)
		g.until = arena_fmt(p->a, tr("until %.*s"), STR_ARG(date_words(p, x->offer.until)));
	g.fields = NEWS(p->a, x->form.n + x->questions_n + 1, struct form_field);
	for (size_t i = 0; i < x->form.n; i++) {
		form_field_fill(p, &x->form, &x->form.in[i], &g.fields[g.fields_n]);
		g.files = g.files || g.fields[g.fields_n].file;
		g.fields_n++;
	}
	for (size_t i = 0; i < x->questions_n; i++) {
		struct form none = {0};
		struct form_input in = {.field = &x->questions[i],
			.text = x->answers[i],
			.required = x->questions[i].required};
		if (x->question_fault.n && x->bad == i)
			in.fault = x->question_fault;
		form_field_fill(p, &none, &in, &g.fields[g.fields_n++]);
	}
	wishes_show(p, x, &g);
	g.purpose = x->text.purpose.n ? label_text(&x->text.label) : STR("");
	g.consent = label_text(&x->text.text);
	g.version = x->text.version;
	g.guardian = x->text.purpose.n && x->guardian && x->what.person == p->r.actor.person;
	g.agreed = x->what.agreed.n > 0;
	shell_fill(p, &g.shell, g.heading, PLACE_APPLY, STR(""));
	shell_crumb(p, &g.shell, str_of(tr("Apply and answer")), g.cancel);
	tpl_apply_form(page_out(p), &g);
	return RC_OK;
}

enum rc apply_form(struct page *p, struct err *err)
{
	struct applying x = {0};
	TRY(begin(p, &x, err));
	if (x.offer.own)
		return FAIL(err, RC_CONFLICT, "this stands already: it is in the list of what you have sent");
	form_fill(p, &x.form);
	return show(p, &x);
}

/* ---- what was sent ---- */

static enum rc run(struct job_ctx *c, void *arg, struct err *err)
{
	struct applying *x = arg;
	return apply_leave(c, &x->what, &x->id, err);
}

/* Wishes in their order, a post once; they leave the form before form_take looks for strangers in it. */
static bool offered(const struct applying *x, int64_t id)
{
	for (size_t i = 0; i < x->choices_n; i++)
		if (x->choices[i]->id == id)
			return true;
	return false;
}

static str wishes_take(struct page *p, struct applying *x)
{
	str ids = STR("");
	const struct field *f = x->what.reg->apply->wishes;
	for (size_t k = 0; f && k < APPLY_WISHES; k++) {
		int64_t id;
		str s = pairs_get(&p->form, arena_printf(p->a, "%.*s.%zu", STR_ARG(f->id), k + 1));
		if (s.n == 0)
			continue;
		if (!str_i64(s, &id) || !offered(x, id)) {
			x->wishes_fault = str_of(tr("Choose from the lists."));
			continue;
		}
		x->wish[k] = s;
		for (size_t i = 0; i < k; i++)
			if (str_eq(x->wish[i], s))
				x->wishes_fault = str_of(tr("The same place stands twice."));
		ids = arena_fmt(p->a, "%.*s#%lld;", STR_ARG(ids), (long long)id);
	}
	return ids;
}

static void own_names_out(struct page *p, struct applying *x)
{
	static const char *const ours[] = {"child", "for", "agree"};
	const struct field *f = x->what.reg->apply->wishes;
	size_t kept = 0;
	struct pair *list = NEWS(p->a, p->form.n + 1, struct pair);
	for (size_t i = 0; i < p->form.n; i++) {
		str name = p->form.p[i].name;
		bool own = f && str_starts(name, arena_fmt(p->a, "%.*s.", STR_ARG(f->id)));
		for (size_t k = 0; k < sizeof ours / sizeof *ours; k++)
			own = own || str_is(name, ours[k]);
		for (size_t k = 0; k < x->questions_n; k++)
			own = own || str_eq(name, x->questions[k].id);
		if (!own)
			list[kept++] = p->form.p[i];
	}
	p->form = (struct pairs){list, kept};
}

static enum rc questions_take(struct page *p, struct applying *x, struct entry *out, struct err *err)
{
	struct value *values;
	struct err told;
	for (size_t i = 0; i < x->questions_n; i++)
		x->answers[i] = pairs_get(&p->form, arena_cstr(p->a, x->questions[i].id));
	if (columns_answer(p->a, x->questions, x->questions_n, x->answers, &values, &x->bad, &told) !=
		RC_OK) {
		x->question_fault = arena_str(p->a, str_of(told.text));
		return RC_OK;
	}
	(void)err;
	*out = (struct entry){x->what.reg->apply->into,
		{V_TEXT, 0, columns_pack(p->a, x->questions, x->questions_n, values)}};
	return RC_OK;
}

static enum rc amiss(struct page *p, struct applying *x, int status)
{
	p->q->out.status = status;
	return show(p, x);
}

static enum rc sent(struct page *p, const struct applying *x)
{
	page_go(p, arena_fmt(p->a, "/apply?done=1%.*s", STR_ARG(apply_child(p, x->what.person, "&"))));
	return RC_OK;
}

enum rc apply_sent(struct page *p, struct err *err)
{
	struct applying x = {0};
	struct entry answers = {0}, *entries;
	struct err told;
	TRY(begin(p, &x, err));
	if (x.offer.own) /* pressed twice */
		return sent(p, &x);
	str wishes = wishes_take(p, &x);
	x.what.agreed = page_input(p, "agree");
	if (x.questions_n)
		TRY(questions_take(p, &x, &answers, err));
	own_names_out(p, &x);
	TRY(form_take(p, &x.form, err));
	if (x.form.stranger.n)
		return FAIL(err, RC_INVALID, tr("This form has no field “%.*s”."),
			STR_ARG(str_head(x.form.stranger, 40)));
	if (x.form.faults_n || x.question_fault.n || x.wishes_fault.n)
		return amiss(p, &x, 422);
	x.what.n = form_entries(p, &x.form, &entries);
	struct entry *all = NEWS(p->a, x.what.n + 3, struct entry);
	memcpy(all, entries, x.what.n * sizeof *all);
	if (wishes.n) {
		const struct entry_place at = {p->r.db, p->site->city, p->a, 0, 0};
		TRY(entry_read_at(&at, x.what.reg->apply->wishes, wishes, &all[x.what.n++], err));
	}
	if (answers.field)
		all[x.what.n++] = answers;
	x.what.entries = all;
	enum rc rc = page_run(p, run, &x, &told);
	if (rc == RC_OK)
		return sent(p, &x);
	if (rc != RC_INVALID && rc != RC_CONFLICT)
		return FAIL(err, rc, "%s", told.text);
	TRY(page_fresh(p, err));
	x.fault = arena_str(p->a, str_of(told.text));
	return amiss(p, &x, rc == RC_CONFLICT ? 409 : 422);
}
