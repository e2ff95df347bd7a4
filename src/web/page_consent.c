/* page_consent.c -- /me/consents: what one consents to, by oneself or as guardian of a child; the text as it stands, its
 * version with every consent; withdrawing is as easy as giving (PIPL 14 to 16, 31). See page_mydata.h. */
#include "register/consent_give.h"
#include "register/consent_text.h"
#include "register/own.h"
#include "templates.h"
#include "web/page_mydata.h"
#include "web/pages.h"
#include "web/site_in.h"

static const struct reg *consent_reg(struct page *p)
{
	return model_reg(p->site->city->model, STR("consent"));
}

static enum rc whose(struct page *p, int64_t *out, struct err *err)
{
	int64_t child = page_input_id(p, "child");
	*out = child ? child : p->r.actor.person;
	return own_may(&p->r, *out, err);
}

static str text(const struct record *rec, const char *id)
{
	const struct field *f = reg_field(rec->reg, str_of(id));
	return f && rec->values[f->at].kind == V_TEXT ? rec->values[f->at].t : STR("");
}

/* The purposes' rows, the newest that stands of each. */
struct gather {
	struct page *p;
	struct consent_page *g;
};

static bool one(void *user, const struct record *rec)
{
	struct gather *x = user;
	for (size_t i = 0; i < x->g->rows_n; i++) {
		struct consent_row *row = &x->g->rows[i];
		if (!str_eq(row->purpose, text(rec, "purpose_id")))
			continue;
		bool valid = str_is(rec->state, "valid");
		if (row->id && !valid)
			continue;
		row->id = valid ? rec->id : 0;
		row->given = date_words(x->p, text(rec, "given_on"));
		row->given_version = text(rec, "text_version");
		row->withdrawn = valid ? STR("") : date_words(x->p, text(rec, "withdrawn_on"));
		row->older = valid && !str_eq(row->given_version, row->version);
	}
	return true;
}

static enum rc consents_show(struct page *p, struct consent_page *g, int64_t person, struct err *err)
{
	const struct reg *reg = consent_reg(p);
	struct consent_text *texts;
	struct gather x = {p, g};
	size_t n;
	if (reg == NULL)
		return FAIL(err, RC_NOT_FOUND, "the model has no register consent");
	TRY(consent_texts(p->a, p->site->city->model, &texts, &n, err));
	g->rows = NEWS(p->a, n + 1, struct consent_row);
	for (size_t i = 0; i < n; i++)
		g->rows[g->rows_n++] = (struct consent_row){.purpose = texts[i].purpose,
			.version = texts[i].version,
			.label = label_text(&texts[i].label),
			.text = label_text(&texts[i].text)};
	TRY(own_each(&p->r, person, reg, one, &x, err));
	g->child = page_input(p, "child");
	g->name = record_label_open(&p->r, model_reg(p->site->city->model, STR("person")), person);
	g->people = NEWS(p->a, p->r.actor.children_n + 2, struct mydata_child);
	for (size_t i = 0; i < p->r.actor.children_n; i++) {
		int64_t child = p->r.actor.children[i];
		if (i == 0)
			g->people[g->people_n++] = (struct mydata_child){
				p->who, STR("/me/consents"), person == p->r.actor.person};
		g->people[g->people_n++] = (struct mydata_child){
			record_label_open(&p->r, model_reg(p->site->city->model, STR("person")), child),
			arena_fmt(p->a, "/me/consents?child=%lld", (long long)child), person == child};
	}
	TRY(contact_words(p, &g->contact, err));
	shell_fill(p, &g->shell, str_of(tr("Consents")), PLACE_ME, STR(""));
	shell_crumb(p, &g->shell, str_of(tr("My data")), page_href(p, STR("/me/data")));
	tpl_consents(page_out(p), g);
	return RC_OK;
}

static enum rc consents(struct page *p, struct err *err)
{
	struct consent_page g = {0};
	int64_t person;
	if (str_is(page_input(p, "done"), "given"))
		g.told = str_of(tr("Your consent is recorded, with the version of the text."));
	else if (str_is(page_input(p, "done"), "withdrawn"))
		g.told = str_of(tr("Withdrawn. What rests on this consent is no longer shown, and its "
				   "deletion is asked for."));
	TRY(whose(p, &person, err));
	return consents_show(p, &g, person, err);
}

/* ---- giving and withdrawing ---- */

struct order {
	int64_t person, guardian, id; /* guardian 0: the person itself; id: withdrawn */
	str purpose, version;
};

static enum rc give_job(struct job_ctx *c, void *arg, struct err *err)
{
	const struct order *x = arg;
	struct consent_order o = {x->person, x->guardian, x->purpose, x->version};
	return consent_give(c, &o, err);
}

static enum rc withdraw_job(struct job_ctx *c, void *arg, struct err *err)
{
	const struct order *x = arg;
	const struct reg *reg = model_reg(job_city(c)->model, STR("consent"));
	const struct move *m = reg_move(reg, STR("consent_withdraw"));
	if (m == NULL)
		return FAIL(err, RC_NOT_FOUND, "the model's register consent has another shape");
	return record_do(c, reg, x->id, 0, m, NULL, 0, STR(""), err);
}

static enum rc sent(struct page *p, struct err *err)
{
	struct order x = {.purpose = page_input(p, "purpose"),
		.version = page_input(p, "version"),
		.id = page_input_id(p, "id")};
	struct consent_page g = {0};
	struct err told;
	bool gives = str_is(page_input(p, "act"), "give");
	if (consent_reg(p) == NULL)
		return FAIL(err, RC_NOT_FOUND, "the model has no register consent");
	if (!gives && !str_is(page_input(p, "act"), "withdraw"))
		return FAIL(err, RC_INVALID, "this form has no act “%.*s”",
			STR_ARG(str_head(page_input(p, "act"), 20)));
	TRY(whose(p, &x.person, err));
	x.guardian = x.person != p->r.actor.person ? p->r.actor.person : 0;
	enum rc rc =
		gives ? consent_text_holds(p->a, p->site->city->model, x.purpose, x.version, &told) : RC_OK;
	if (rc == RC_OK)
		rc = page_run(p, gives ? give_job : withdraw_job, &x, &told);
	if (rc == RC_OK) {
		page_go(p, arena_fmt(p->a, "/me/consents?done=%s%s%.*s", gives ? "given" : "withdrawn",
				   x.guardian ? "&child=" : "",
				   STR_ARG(x.guardian ? page_input(p, "child") : STR(""))));
		return RC_OK;
	}
	if (rc == RC_DENIED || rc == RC_IO)
		return FAIL(err, rc, "%s", told.text);
	p->q->out.status = rc == RC_CONFLICT ? 409 : 422;
	g.fault = arena_str(p->a, str_of(told.text));
	TRY(page_fresh(p, err));
	return consents_show(p, &g, x.person, err);
}

static const struct input show_in[] = {{"child", INPUT_ID, 0, false}, {"done", INPUT_WORD, 10, false}, {0}};
static const struct input sent_in[] = {{"child", INPUT_ID, 0, false}, {"act", INPUT_ACT, 10, true},
	{"purpose", INPUT_WORD, 40, false}, {"version", INPUT_TEXT, 40, false}, {"id", INPUT_ID, 0, false},
	{0}};

const struct route routes_consent[] = {
	{"GET", "/me/consents", consents, ACCESS_SIGNED_IN, CSRF_READ_ONLY, show_in,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"POST", "/me/consents", sent, ACCESS_SIGNED_IN, CSRF_TOKEN, sent_in, ROUTE_SLOW},
	{0},
};
