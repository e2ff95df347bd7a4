/* page_mine.c -- see page_mine.h. */
#include "web/page_mine.h"
#include "base/clock.h"
#include "base/date.h"
#include "register/apply.h"
#include "register/own.h"
#include "service/volunteer/certificate.h"
#include "service/volunteer/signup.h"
#include "templates.h"
#include "web/apply.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"

static str hours_words(struct page *p, int64_t minutes)
{
	long long h = (long long)(minutes / 60), m = (long long)(minutes % 60);
	return m ? arena_fmt(p->a, tr("%lld h %lld min"), h, m) : arena_fmt(p->a, tr("%lld h"), h);
}

static str told_of(struct page *p, const struct signup_event *e, const struct mine_event *row)
{
	if (e->own && e->guardian_lacks)
		return str_of(tr("Signed up, the guardian's word lacks"));
	if (e->accepted)
		return str_of(tr("You have a place"));
	if (e->waiting)
		return arena_fmt(p->a, tr("Waiting list, number %lld"), (long long)e->waiting);
	return e->own       ? str_of(tr("Signed up, the unit confirms it"))
	       : row->ended ? str_of(tr("Signing up has ended"))
			    : STR("");
}

static str places_of(struct page *p, const struct signup_event *e)
{
	int64_t left = e->capacity - e->taken;
	if (e->capacity == 0)
		return STR("");
	if (left == 0)
		return str_of(tr("full"));
	return left > 0
		       ? arena_fmt(p->a, trn("%lld place left", "%lld places left", left), (long long)left)
		       : arena_fmt(p->a, trn("full, %lld waits", "full, %lld wait", -left), (long long)-left);
}

static enum rc events(struct page *p, struct mine_page *g, int64_t person, struct err *err)
{
	struct signup_event *list;
	size_t n;
	bool lacks = false;
	if (person > 0)
		TRY(signup_may(&p->r, person, &lacks, &g->guardian, err));
	if (lacks && !g->own)
		g->consents_href = arena_fmt(p->a, "/me/consents%.*s", STR_ARG(apply_child(p, person, "?")));
	TRY(signup_events(&p->r, person, &list, &n, err));
	g->events = NEWS(p->a, n + 1, struct mine_event);
	for (size_t i = 0; i < n; i++) {
		const struct signup_event *e = &list[i];
		struct mine_event *row = &g->events[g->events_n++];
		int32_t until;
		*row = (struct mine_event){.event = e->event,
			.title = e->title,
			.about = arena_fmt(p->a, "%.*s · %.*s%s%.*s", STR_ARG(date_words(p, e->held_on)),
				STR_ARG(page_org_name(p, e->org)), e->place.n ? " · " : "",
				STR_ARG(e->place)),
			.places = places_of(p, e),
			.signed_up = e->own != 0,
			.waits = e->waiting > 0,
			.shut = lacks || (g->guardian && g->own),
			.lacks = e->own && e->guardian_lacks && !g->own,
			.look = e->own && e->guardian_lacks ? "wait"
				: e->accepted               ? "done"
				: e->waiting                ? "wait"
							    : "info"};
		row->ended = date_parse(e->until, &until) && until < clock_today();
		if (e->until.n)
			row->until =
				arena_fmt(p->a, tr("sign up until %.*s"), STR_ARG(date_words(p, e->until)));
		if (e->own && !e->waiting)
			row->code = arena_fmt(p->a, "%.4s-%.4s", e->code, e->code + 4);
		row->told = told_of(p, e, row);
	}
	return RC_OK;
}

static void span(struct page *p, str *from, str *to)
{
	struct ymd today = date_ymd(clock_today());
	*from = page_input(p, "from");
	*to = page_input(p, "to");
	int32_t day;
	if (!date_parse(*from, &day))
		*from = date_str(p->a, date_of(today.year, 1, 1));
	if (!date_parse(*to, &day))
		*to = date_str(p->a, clock_today());
}

static enum rc hours(struct page *p, struct mine_page *g, int64_t person, struct err *err)
{
	struct served *list;
	size_t n;
	int64_t minutes = 0, times = 0;
	span(p, &g->from, &g->to);
	TRY(served_by(&p->r, person, g->from, g->to, &list, &n, err));
	g->served = NEWS(p->a, n + 1, struct mine_served);
	for (size_t i = 0; i < n; i++) {
		minutes += list[i].minutes;
		times += list[i].events;
		g->served[g->served_n++] = (struct mine_served){list[i].org, page_org_name(p, list[i].org),
			hours_words(p, list[i].minutes),
			arena_fmt(p->a, trn("%lld event", "%lld events", list[i].events),
				(long long)list[i].events)};
	}
	g->hours = hours_words(p, minutes);
	g->hours_words = arena_fmt(p->a,
		trn("served at %lld event this year", "served at %lld events this year", times),
		(long long)times);
	return RC_OK;
}

/* The operator has no row of its own; a child's page is the guardian's to open. */
static enum rc mine_whose(struct page *p, int64_t *out, struct err *err)
{
	*out = p->r.actor.person;
	return page_input_id(p, "child") ? apply_whose(p, out, err) : RC_OK;
}

struct gather {
	struct page *p;
	struct mine_page *g;
	size_t cap;
};

static bool certificate(void *user, const struct record *rec)
{
	struct gather *x = user;
	struct page *p = x->p;
	struct mine_page *g = x->g;
	const struct field *number = reg_field(rec->reg, STR("number")),
			   *on = reg_field(rec->reg, STR("issued_on")),
			   *time = reg_field(rec->reg, STR("hours"));
	struct chip chip = state_chip(rec->reg, rec->state);
	g->certificates =
		arena_grow(p->a, g->certificates, g->certificates_n, &x->cap, sizeof *g->certificates);
	g->certificates[g->certificates_n++] =
		(struct mine_certificate){.number = arena_str(p->a, rec->values[number->at].t),
			.href = arena_fmt(p->a, "/certificates/%lld", (long long)rec->id),
			.about = arena_fmt(p->a, "%.*s · %.*s · %.*s", STR_ARG(page_org_name(p, rec->org)),
				STR_ARG(hours_words(p, rec->values[time->at].i)),
				STR_ARG(date_words(p, rec->values[on->at].t))),
			.state = chip.label,
			.look = chip.look};
	return true;
}

/* Questions that wait for an answer. */
static enum rc waiting(struct page *p, struct mine_page *g, int64_t person, struct err *err)
{
	struct offer *list;
	size_t n;
	int64_t asked = 0;
	if (person <= 0)
		return RC_OK;
	TRY(apply_offers(&p->r, person, &list, &n, err));
	for (size_t i = 0; i < n; i++)
		asked += list[i].asks.n > 0 && list[i].own == 0;
	if (asked)
		g->waiting = arena_fmt(
			p->a, trn("%lld survey waits", "%lld surveys wait", asked), (long long)asked);
	return RC_OK;
}

static void people(struct page *p, struct mine_page *g, int64_t person)
{
	const struct actor *who = &p->r.actor;
	g->people = NEWS(p->a, who->children_n + 1, struct mydata_child);
	if (who->children_n)
		g->people[g->people_n++] = (struct mydata_child){p->who, STR("/mine"), g->own};
	for (size_t i = 0; i < who->children_n; i++)
		g->people[g->people_n++] = (struct mydata_child){apply_person(p, who->children[i]),
			arena_fmt(p->a, "/mine%.*s", STR_ARG(apply_child(p, who->children[i], "?"))),
			person == who->children[i]};
}

static enum rc show(struct page *p, struct mine_page *g, struct err *err)
{
	static const struct {
		const char *name, *words;
	} told[] = {{"signup", N_("You are signed up.")}, {"leave", N_("Your sign-up is taken back.")}};
	int64_t person;
	TRY(mine_whose(p, &person, err));
	for (size_t i = 0; i < sizeof told / sizeof *told; i++)
		if (str_is(page_input(p, "done"), told[i].name))
			g->told = str_of(tr(told[i].words));
	const struct reg *reg = model_reg(p->site->city->model, STR("service_certificate"));
	struct gather x = {p, g, 0};
	g->own = person == p->r.actor.person;
	g->name = g->own ? p->who : apply_person(p, person);
	g->child = g->own ? STR("") : arena_fmt(p->a, "%lld", (long long)person);
	g->apply_href = arena_fmt(p->a, "/apply%.*s", STR_ARG(apply_child(p, person, "?")));
	g->data_href = arena_fmt(p->a, "/me/data%.*s", STR_ARG(apply_child(p, person, "?")));
	people(p, g, person);
	TRY(events(p, g, person, err));
	TRY(hours(p, g, person, err));
	if (reg && person > 0)
		TRY(own_each(&p->r, person, reg, certificate, &x, err));
	TRY(waiting(p, g, person, err));
	shell_fill(p, &g->shell, str_of(tr("My page")), PLACE_MINE, STR(""));
	tpl_mine(page_out(p), g);
	return RC_OK;
}

static enum rc mine(struct page *p, struct err *err)
{
	struct mine_page g = {0};
	return show(p, &g, err);
}

/* ---- acts ---- */

struct act {
	int64_t event, person, id;
	struct certificate_order order;
};

static enum rc ask_run(struct job_ctx *c, void *arg, struct err *err)
{
	const struct act *x = arg;
	return signup_ask(c, x->event, x->person, err);
}

static enum rc leave_run(struct job_ctx *c, void *arg, struct err *err)
{
	const struct act *x = arg;
	return signup_leave(c, x->event, x->person, err);
}

static enum rc issue_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct act *x = arg;
	return certificate_issue(c, &x->order, &x->id, err);
}

/* What cannot be done is told on the page, where it was asked. */
static enum rc run(struct page *p, enum rc (*job)(struct job_ctx *c, void *arg, struct err *err),
	struct act *x, bool *out_done, struct err *err)
{
	struct mine_page g = {0};
	struct err told;
	enum rc rc = page_run(p, job, x, &told);
	*out_done = rc == RC_OK;
	if (rc == RC_OK)
		return RC_OK;
	if (rc != RC_INVALID && rc != RC_CONFLICT && rc != RC_NOT_FOUND)
		return FAIL(err, rc, "%s", told.text);
	p->q->out.status = rc == RC_INVALID ? 422 : error_status(rc);
	g.fault = arena_str(p->a, str_of(told.text));
	TRY(page_fresh(p, err));
	return show(p, &g, err);
}

static enum rc signup(struct page *p, struct err *err)
{
	struct act x = {.event = page_input_id(p, "event")};
	bool leaves = str_is(page_input(p, "act"), "leave"), done;
	TRY(mine_whose(p, &x.person, err));
	TRY(run(p, leaves ? leave_run : ask_run, &x, &done, err));
	if (done)
		page_go(p, arena_fmt(p->a, "/mine?done=%s%.*s", leaves ? "leave" : "signup",
				   STR_ARG(apply_child(p, x.person, "&"))));
	return RC_OK;
}

static enum rc issue(struct page *p, struct err *err)
{
	struct act x = {.order = {.org = page_input_id(p, "org")}};
	bool done;
	TRY(mine_whose(p, &x.order.person, err));
	span(p, &x.order.from, &x.order.to);
	TRY(run(p, issue_run, &x, &done, err));
	if (done)
		page_go(p, arena_fmt(p->a, "/certificates/%lld", (long long)x.id));
	return RC_OK;
}

static const struct input mine_get[] = {{"done", INPUT_WORD, 20, false}, {"child", INPUT_ID, 0, false},
	{"from", INPUT_WORD, 10, false}, {"to", INPUT_WORD, 10, false}, {0}};
static const struct input signup_in[] = {
	{"event", INPUT_ID, 0, true}, {"act", INPUT_ACT, 20, false}, {"child", INPUT_ID, 0, false}, {0}};
static const struct input issue_in[] = {{"org", INPUT_ID, 0, true}, {"child", INPUT_ID, 0, false},
	{"from", INPUT_WORD, 10, false}, {"to", INPUT_WORD, 10, false}, {0}};

const struct route routes_mine[] = {
	{"GET", "/mine", mine, ACCESS_SIGNED_IN, CSRF_READ_ONLY, mine_get, ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"POST", "/mine/signup", signup, ACCESS_SIGNED_IN, CSRF_TOKEN, signup_in, ROUTE_SLOW},
	{"POST", "/mine/certificate", issue, ACCESS_SIGNED_IN, CSRF_TOKEN, issue_in, ROUTE_SLOW},
	{0},
};
