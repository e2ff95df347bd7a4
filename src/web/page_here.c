/* page_here.c -- see page_onsite.h: the side of who came. */
#include "base/clock.h"
#include "base/date.h"
#include "guard/site_code.h"
#include "register/permit.h"
#include "templates.h"
#include "web/door.h"
#include "web/page_jot.h"
#include "web/page_onsite.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"

struct here {
	struct occasion o;
	struct record *event;
	int64_t person, row;
	bool again;
};

/* The code is the right to know what it stands on: title, unit and day of the event, nothing else of it. */
static enum rc event_of(struct page *p, struct here *x, struct err *err)
{
	const struct reg *reg = model_reg(p->site->city->model, page_arg(p, 0));
	struct reader city = p->r;
	int64_t id;
	city.actor = actor_operator();
	city.log = NULL;
	if (reg == NULL || !occasion_of(p->site->city->model, reg, &x->o) || !str_i64(page_arg(p, 1), &id) ||
		reg->sensitivity >= SENS_PERSONAL)
		return FAIL(err, RC_NOT_FOUND, "There is nothing at this address.");
	enum rc rc = record_get(&city, reg, id, &x->event, err);
	return rc == RC_OK ? RC_OK
			   : FAIL(err, rc == RC_NOT_FOUND ? rc : RC_IO, "There is nothing at this address.");
}

static str what_of(struct page *p, const struct here *x)
{
	return arena_fmt(p->a, "%.*s:%lld", STR_ARG(x->o.event->id), (long long)x->event->id);
}

static bool is_open(const struct here *x)
{
	int32_t first, last;
	const struct field *ends = reg_field(x->o.event, STR("ends_on"));
	if (!str_eq(x->event->state, x->o.event->states[0].id) ||
		!date_parse(x->event->values[x->o.day->at].t, &first))
		return false;
	last = first;
	if (ends && x->event->values[ends->at].kind == V_TEXT)
		(void)date_parse(x->event->values[ends->at].t, &last);
	return first <= clock_today() && clock_today() <= last;
}

/* A good code is turned into a ticket in the cookie; a ticket that still holds is as good. */
static bool proven(struct page *p, const struct here *x, struct here_page *g)
{
	struct seal *seal = p->site->city->seal;
	str what = what_of(p, x), code = page_input(p, "c");
	int64_t now = clock_now_ms();
	char ticket[SITE_TICKET_BYTES];
	if (code.n == 0)
		return site_ticket_good(seal, what, http_cookie(p->q, "here"), now);
	struct attempt t = door_attempt(p, arena_fmt(p->a, "here:%.*s", STR_ARG(what)));
	t.no_name = true;
	if (door_slow(p, &t, 0, &g->fault))
		return false;
	if (site_code_good(seal, what, code, now)) {
		site_ticket(seal, what, now, ticket);
		http_cookie_set(p->q, "here", arena_str(p->a, str_of(ticket)), SITE_TICKET_MS / 1000);
		return true;
	}
	limiter_failed(p->site->limiter, &t, now);
	g->fault = str_of(
		tr("This code is not the one that stands there now: it changes every 30 seconds, and one of "
		   "yesterday is of no use. Scan the code on the screen once more, or type it."));
	return false;
}

static str name_of(struct page *p, int64_t person)
{
	return record_label_open(&p->r, model_reg(p->site->city->model, STR("person")), person);
}

static void people(struct page *p, struct here_page *g)
{
	g->people = NEWS(p->a, p->r.actor.children_n + 2, struct here_choice);
	if (p->r.actor.children_n == 0)
		return;
	g->people[g->people_n++] =
		(struct here_choice){arena_fmt(p->a, "%lld", (long long)p->r.actor.person), p->who, true};
	for (size_t i = 0; i < p->r.actor.children_n; i++)
		g->people[g->people_n++] =
			(struct here_choice){arena_fmt(p->a, "%lld", (long long)p->r.actor.children[i]),
				name_of(p, p->r.actor.children[i]), false};
}

static enum rc show(struct page *p, struct here_page *g, const struct here *x)
{
	str title = x->event->values[x->o.title->at].t;
	g->action = arena_fmt(p->a, "/here/%.*s/%lld", STR_ARG(x->o.event->id), (long long)x->event->id);
	g->heading = g->known ? title : str_of(tr("Checking in"));
	if (g->known)
		g->about = arena_fmt(p->a, "%.*s · %.*s", STR_ARG(page_org_name(p, x->event->org)),
			STR_ARG(date_words(p, x->event->values[x->o.day->at].t)));
	g->sign_in = p->signed_in ? STR("") : arena_fmt(p->a, "/sign-in?next=%.*s", STR_ARG(g->action));
	if (p->signed_in)
		people(p, g);
	shell_fill(p, &g->shell, g->heading, PLACE_ME, STR(""));
	g->shell.plain = true;
	tpl_here(page_out(p), g);
	return RC_OK;
}

static enum rc here(struct page *p, struct err *err)
{
	struct here x = {0};
	struct here_page g = {0};
	TRY(event_of(p, &x, err));
	g.known = proven(p, &x, &g);
	g.open = g.known && is_open(&x);
	g.done = str_is(page_input(p, "done"), "1") && g.known;
	g.again = g.done && str_is(page_input(p, "again"), "1");
	if (!g.known && page_input(p, "c").n)
		p->q->out.status = p->q->out.status == 429 ? 429 : 403;
	if (g.known && !g.open && !g.done)
		g.told = str_of(tr("Checking in is for the day of the activity, until it is ended on site."));
	return show(p, &g, &x);
}

/* ---- checking in ---- */

static enum rc here_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct here *x = arg;
	enum rc rc = occasion_came(c, &x->o, x->event, x->person, STR("site_code"), &x->row, err);
	x->again = rc == RC_FOUND;
	return rc == RC_FOUND ? RC_OK : rc;
}

/* The right of whoever leads the site, lent for this one event: the code that was scanned is what gives it. */
static struct actor lent(struct page *p, const struct here *x)
{
	struct actor who = p->r.actor;
	struct case_of *cases = NEWS(p->a, 1, struct case_of);
	*cases = (struct case_of){x->o.event->id, STR("site_lead"), x->event->id};
	who.cases = cases;
	who.cases_n = 1;
	who.roles[0] = STR("site_lead");
	who.roles_n = 1;
	who.org = x->event->org;
	return who;
}

static enum rc check_in(struct page *p, struct err *err)
{
	struct here x = {0};
	struct here_page g = {0};
	struct err told;
	TRY(event_of(p, &x, err));
	g.known = proven(p, &x, &g);
	g.open = g.known && is_open(&x);
	x.person = page_input_id(p, "who") ? page_input_id(p, "who") : p->r.actor.person;
	if (x.person != p->r.actor.person && !actor_guards(&p->r.actor, x.person))
		return FAIL(err, RC_DENIED, "you check in yourself and the children whose guardian you are");
	if (!g.open) {
		p->q->out.status = 403;
		g.told =
			g.fault.n ? STR("")
			: g.known
				? str_of(tr("Checking in is for the day of the activity, until it is ended "
					    "on site."))
				: str_of(tr(
					  "Scan the code on the screen first: it shows that you are there."));
		return show(p, &g, &x);
	}
	struct actor who = lent(p, &x);
	enum rc rc = city_run(p->site->city, &who, p->a, (str){NULL, 0}, here_run, &x, &told);
	if (rc == RC_INVALID) { /* a check of the register: too young, no consent */
		p->q->out.status = 422;
		g.told = arena_str(p->a, str_of(told.text));
		return show(p, &g, &x);
	}
	if (rc != RC_OK)
		return FAIL(err, rc, "%s", told.text);
	page_go(p, arena_fmt(p->a, "/here/%.*s/%lld?done=1%s", STR_ARG(x.o.event->id), (long long)x.event->id,
			   x.again ? "&again=1" : ""));
	return RC_OK;
}

static const struct input here_get[] = {
	{"c", INPUT_WORD, 12, false}, {"done", INPUT_FLAG, 0, false}, {"again", INPUT_FLAG, 0, false}, {0}};
static const struct input here_in[] = {{"who", INPUT_ID, 0, false}, {0}};

const struct route routes_here[] = {
	{"GET", "/here/{register}/{id}", here, ACCESS_PUBLIC, CSRF_READ_ONLY, here_get,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"POST", "/here/{register}/{id}", check_in, ACCESS_SIGNED_IN, CSRF_TOKEN, here_in, ROUTE_SLOW},
	{0},
};
