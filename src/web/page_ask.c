/* page_ask.c -- /street/help, /street/suggest: rows that anybody leaves (publish.h, door), and /street/receipt: the answer by
 * its code. Nothing of what was written stands in an address, a log or the browser's store; nobody signed in is noted.
 * Too many at once are asked to call: the text stays in the form. */
#include "base/clock.h"
#include "base/date.h"
#include "guard/code.h"
#include "register/case_people.h"
#include "service/casework/clock.h"
#include "templates.h"
#include "web/page_street.h"
#include "web/pages.h"
#include "web/site_in.h"

enum { LEAVE_PER_MINUTE = 30, LOOK_PER_MINUTE = 20 };
static const char NOTICE[] = "street-help-1";

static void choices(struct page *p, const struct field *f, str on, struct street_choice **out, size_t *n)
{
	*out = NEWS(p->a, f->choices_n + 1, struct street_choice);
	for (size_t i = 0; i < f->choices_n; i++)
		(*out)[(*n)++] = (struct street_choice){
			f->choices[i].id, label_text(&f->choices[i].label), str_eq(on, f->choices[i].id)};
}

static const struct reg *register_of(struct page *p, bool help)
{
	const struct reg *reg = page_reg(p, help ? "contact" : "feedback");
	return reg && reg->door ? reg : NULL;
}

/* Somebody is on the station's case now, so that a message reaches a person. */
static enum rc manned(struct page *p, const struct record *station, bool *out, struct err *err)
{
	struct case_anchor at = {station->reg, station->id};
	struct case_person *list;
	size_t n;
	TRY(case_people(p->r.db, p->a, &at, clock_today(), &list, &n, err));
	*out = n > 0;
	return RC_OK;
}

/* The station that reads it, one with people: the 12355 desk, else any. 0: nobody would, and no message is taken. */
static enum rc station_of(struct page *p, const struct field *f, int64_t *out, struct err *err)
{
	struct record **list;
	size_t n;
	*out = 0;
	if (f == NULL || f->to_reg == NULL || f->to_reg->open == NULL)
		return RC_OK;
	struct publish_query q = {.reg = f->to_reg, .limit = 50};
	TRY(publish_list(&p->r, &q, &list, &n, err));
	for (size_t i = 0; i < n; i++) {
		const struct field *kind = f->to_reg->open->kind;
		bool desk = kind && str_is(list[i]->values[kind->at].t, "desk_12355"), people;
		if (*out && !desk)
			continue;
		TRY(manned(p, list[i], &people, err));
		if (people)
			*out = list[i]->id;
		if (people && desk)
			break;
	}
	return RC_OK;
}

static enum rc form_show(struct page *p, bool help, str fault, struct err *err)
{
	struct street_form g = {.help = help, .fault = fault};
	const struct reg *reg = register_of(p, help);
	if (reg == NULL)
		return FAIL(err, RC_NOT_FOUND, "%s", tr("There is nothing at this address."));
	street_fill(p, &g.street, str_of(help ? tr("Ask for help") : tr("Complain or suggest")),
		help ? STREET_HELP : STREET_NONE);
	street_quiet(p, &g.street);
	if (!help)
		g.street.title = str_of(tr("Complain or suggest"));
	if (help) {
		int64_t station;
		TRY(station_of(p, reg_field(reg, STR("station")), &station, err));
		g.closed = station == 0;
	}
	g.action = help ? STR("/street/help") : STR("/street/suggest");
	g.intro = str_of(help ? tr("You need not say who you are. A person reads this, not a machine.")
			      : tr("With or without your name. It is answered within fifteen working days."));
	const struct field *kind = reg_field(reg, help ? STR("topic") : STR("kind")),
			   *harm = reg_field(reg, STR("harm"));
	g.label = label_text(&kind->label);
	choices(p, kind, page_input(p, "kind"), &g.choices, &g.choices_n);
	if (help && harm)
		choices(p, harm, page_input(p, "harm").n ? page_input(p, "harm") : STR("none"), &g.harms,
			&g.harms_n);
	if (p->q->method == HTTP_POST) {
		g.body = page_input(p, "body");
		g.reach = page_input(p, "reach");
		g.about = page_input(p, "about");
	}
	tpl_street_form(page_out(p), &g);
	return RC_OK;
}

static enum rc help_form(struct page *p, struct err *err)
{
	return form_show(p, true, STR(""), err);
}

static enum rc suggest_form(struct page *p, struct err *err)
{
	return form_show(p, false, STR(""), err);
}

struct gift {
	struct publish_gift gift;
	char code[CODE_TEXT_BYTES(PUBLISH_CODE_CHARS)];
	bool help;
};

static enum rc leave_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct gift *g = arg;
	int64_t id;
	return publish_leave(c, &g->gift, &id, err);
}

static void left(struct page *p, const struct job *job)
{
	const struct gift *x = job->arg;
	struct street_given g = {.code = str_of(x->code)};
	street_fill(p, &g.street, STR(""), STREET_NONE);
	street_quiet(p, &g.street);
	if (x->gift.due != DATE_NONE)
		g.due = date_str(p->a, x->gift.due);
	g.next = str_of(x->help ? tr("A person on duty reads it. If you are in danger meanwhile, call 110; "
				     "to be heard at once, 12355.")
				: tr("The answer can be read with this code."));
	tpl_street_given(page_out(p), &g);
}

/* The last day of the register's declared clock; DATE_NONE where it has none. */
static enum rc due_of(struct page *p, const struct reg *reg, int32_t *out, struct err *err)
{
	struct clock_rules *rules = NEW(p->a, struct clock_rules);
	struct workdays w;
	*out = DATE_NONE;
	TRY(clock_rules_read(p->a, p->site->city->model, rules, err));
	TRY(workday_shipped(p->a, &w, err));
	for (size_t i = 0; i < rules->n; i++) {
		const struct clock_rule *r = &rules->list[i];
		int64_t due;
		if (r->reg != reg || r->minutes || r->days == 0)
			continue;
		TRY(clock_term(&w, r, clock_now_ms(), false, &due, err));
		*out = clock_day_of(due - 1);
		return RC_OK;
	}
	return RC_OK;
}

static void put(struct gift *g, struct entry *e, const char *field, str text)
{
	const struct field *f = reg_field(g->gift.reg, str_of(field));
	if (f && text.n)
		e[g->gift.n++] = (struct entry){f, {V_TEXT, 0, text}};
}

static enum rc leave(struct page *p, bool help, struct err *err)
{
	struct gift *g = NEW(p->a, struct gift);
	struct entry *e = NEWS(p->a, 10, struct entry);
	g->help = help;
	g->gift.reg = register_of(p, help);
	if (g->gift.reg == NULL)
		return FAIL(err, RC_NOT_FOUND, "%s", tr("There is nothing at this address."));
	p->r.actor = actor_nobody(); /* whoever is signed in: this is nobody's */
	p->r.actor.address = STR("");
	const struct field *kind = reg_field(g->gift.reg, help ? STR("topic") : STR("kind"));
	str body = str_trim(page_input(p, "body")), harm = page_input(p, "harm");
	if (p->faults_n > 0 || body.n == 0 || field_choice(kind, page_input(p, "kind")) == NULL ||
		(help && page_input(p, "agree").n == 0)) {
		p->q->out.status = 422;
		return form_show(p, help,
			str_of(tr("Choose what it is about, write something, and agree to who may read it.")),
			err);
	}
	if (limiter_use(p->site->limiter, "street", (int64_t)(str_hash(p->q->address) >> 1), LEAVE_PER_MINUTE,
		    clock_now_ms()) > 0) {
		p->q->out.status = 429;
		return form_show(p, help,
			str_of(tr("Very many are writing just now. Your text stands below: send it again in "
				  "a minute, or call 12355.")),
			err);
	}
	put(g, e, help ? "topic" : "kind", page_input(p, "kind"));
	put(g, e, help ? "note" : "body", body);
	put(g, e, "reach", page_input(p, "reach"));
	if (help) {
		const struct field *f = reg_field(g->gift.reg, STR("harm")),
				   *minor = reg_field(g->gift.reg, STR("minor_concerned"));
		put(g, e, "way", STR("online"));
		put(g, e, "consented_to", str_of(NOTICE));
		if (f && field_choice(f, harm))
			put(g, e, "harm", harm);
		if (minor)
			e[g->gift.n++] =
				(struct entry){minor, {.kind = V_INT, .i = page_input(p, "minor").n > 0}};
		struct entry *station = NEW(p->a, struct entry);
		station->field = reg_field(g->gift.reg, STR("station"));
		TRY(station_of(p, station->field, &station->value.i, err));
		station->value.kind = V_INT;
		if (station->value.i == 0) {
			p->q->out.status = 503;
			return form_show(p, true, STR(""), err);
		}
		g->gift.program = station;
		g->gift.program_n = 1;
	} else {
		put(g, e, "about", page_input(p, "about"));
	}
	g->gift.entries = e;
	TRY(due_of(p, g->gift.reg, &g->gift.due, err));
	code_make(g->code, PUBLISH_CODE_CHARS);
	char plain[PUBLISH_CODE_CHARS + 1];
	if (!code_read(str_of(g->code), PUBLISH_CODE_CHARS, plain))
		return FAIL(err, RC_IO, "no code");
	g->gift.code = arena_str(p->a, str_of(plain));
	page_write(p, leave_run, g, STR(""), left, NULL);
	return RC_OK;
}

static enum rc help_post(struct page *p, struct err *err)
{
	return leave(p, true, err);
}

static enum rc suggest_post(struct page *p, struct err *err)
{
	return leave(p, false, err);
}

/* ---- the answer ---- */

static enum rc receipt_show(struct page *p, struct street_given *g)
{
	street_fill(p, &g->street, STR(""), STREET_NONE);
	street_quiet(p, &g->street);
	tpl_street_given(page_out(p), g);
	return RC_OK;
}

static enum rc receipt_form(struct page *p, struct err *err)
{
	struct street_given g = {.asked = true};
	(void)err;
	return receipt_show(p, &g);
}

static void told(struct page *p, const struct record *rec, struct street_given *g)
{
	const struct state *s = reg_state(rec->reg, rec->state);
	g->facts = NEWS(p->a, rec->reg->fields_n + 1, struct street_fact);
	g->facts[g->facts_n++] = (struct street_fact){
		.label = str_of(tr("State")), .text = s ? label_text(&s->label) : STR("")};
	for (size_t i = 0; i < rec->reg->fields_n; i++)
		if (rec->values[i].kind != V_NULL)
			g->facts[g->facts_n++] =
				(struct street_fact){.label = label_text(&rec->reg->fields[i].label),
					.text = value_text(p->a, &rec->reg->fields[i], &rec->values[i])};
}

static enum rc receipt(struct page *p, struct err *err)
{
	struct street_given g = {.asked = true};
	struct err none;
	if (limiter_use(p->site->limiter, "receipt", (int64_t)(str_hash(p->q->address) >> 1), LOOK_PER_MINUTE,
		    clock_now_ms()) > 0) {
		p->q->out.status = 429;
		g.fault = str_of(tr("Wait a minute, then try again."));
		return receipt_show(p, &g);
	}
	for (int help = 0; help < 2; help++) {
		const struct reg *reg = register_of(p, help != 0);
		struct record *rec;
		if (reg == NULL)
			continue;
		enum rc rc = publish_told(&p->r, reg, page_input(p, "code"), &rec, &none);
		if (rc == RC_OK) {
			told(p, rec, &g);
			return receipt_show(p, &g);
		}
		if (rc != RC_NOT_FOUND)
			return FAIL(err, rc, "%s", none.text);
	}
	p->q->out.status = 404;
	g.fault = str_of(tr("This is not a code of ours."));
	return receipt_show(p, &g);
}

static const struct input leave_in[] = {{"kind", INPUT_WORD, 40, true}, {"harm", INPUT_WORD, 40, false},
	{"about", INPUT_TEXT, 80, false}, {"body", INPUT_SECRET, 3000, true},
	{"reach", INPUT_SECRET, 120, false}, {"minor", INPUT_FLAG, 0, false}, {"agree", INPUT_FLAG, 0, false},
	{0}};
static const struct input receipt_in[] = {{"code", INPUT_SECRET, 40, true}, {0}};

const struct route routes_street_ask[] = {
	{"GET", "/street/help", help_form, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs, ROUTE_HTML_ONLY},
	{"POST", "/street/help", help_post, ACCESS_PUBLIC, CSRF_ORIGIN, leave_in, ROUTE_SLOW},
	{"GET", "/street/suggest", suggest_form, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs, ROUTE_HTML_ONLY},
	{"POST", "/street/suggest", suggest_post, ACCESS_PUBLIC, CSRF_ORIGIN, leave_in, ROUTE_SLOW},
	{"GET", "/street/receipt", receipt_form, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs, ROUTE_HTML_ONLY},
	{"POST", "/street/receipt", receipt, ACCESS_PUBLIC, CSRF_ORIGIN, receipt_in, ROUTE_SLOW},
	{0},
};
