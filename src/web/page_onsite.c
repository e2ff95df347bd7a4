/* page_onsite.c -- see page_onsite.h: the side of who runs it. */
#include "web/page_onsite.h"
#include "base/clock.h"
#include "format/qr.h"
#include "guard/site_code.h"
#include "register/permit.h"
#include "register/person.h"
#include "register/pinyin.h"
#include "service/volunteer/signup.h"
#include "templates.h"
#include "web/links.h"
#include "web/page_jot.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"

struct onsite {
	struct occasion o;
	struct record *event;
	int64_t person, row;
	str name;
	size_t closed;
	bool again;
};

/* Who may write rows of who came to this event: its unit, or whoever leads the site. */
static enum rc may_run(struct page *p, const struct onsite *x, struct err *err)
{
	static const uint64_t none[2] = {0};
	struct record row = {.reg = x->o.attendance, .org = x->event->org};
	row.values = NEWS(p->a, row.reg->fields_n + 1, struct value);
	row.values[x->o.of->at] = (struct value){.kind = V_INT, .i = x->event->id};
	row.state = row.reg->states[0].id;
	return permit_write(p->r.tree, &p->r.actor, &row, none, true, err);
}

static enum rc event_of(struct page *p, struct onsite *x, struct err *err)
{
	int64_t id;
	TRY(jot_occasion(p, page_arg(p, 0), &x->o, err));
	if (!str_i64(page_arg(p, 1), &id) || id <= 0)
		return FAIL(err, RC_NOT_FOUND, "“%.*s” is no row number", STR_ARG(page_arg(p, 1)));
	TRY(record_get(&p->r, x->o.event, id, &x->event, err));
	return may_run(p, x, err);
}

static enum rc picture(struct page *p, struct onsite_page *g, const struct onsite *x, struct err *err)
{
	char code[SITE_CODE_BYTES];
	struct buf b = {0};
	str what = arena_fmt(p->a, "%.*s:%lld", STR_ARG(x->o.event->id), (long long)x->event->id);
	int64_t now = clock_now_ms();
	site_code(p->site->city->seal, what, now, code);
	g->code = arena_fmt(p->a, "%.4s-%.4s", code, code + 4);
	g->here = arena_fmt(p->a, "%.*s/here/%.*s/%lld", STR_ARG(links_base(p)), STR_ARG(x->o.event->id),
		(long long)x->event->id);
	int left = (int)((SITE_CODE_MS - now % SITE_CODE_MS) / 1000) + 1;
	g->left = arena_fmt(
		p->a, trn("the code changes in %d second", "the code changes in %d seconds", left), left);
	enum rc rc = qr_svg(&b, arena_fmt(p->a, "%.*s?c=%s", STR_ARG(g->here), code),
		str_of(tr("Code for checking in")), err);
	if (rc == RC_OK)
		g->picture = html_trust(arena_str(p->a, buf_str(&b)));
	buf_done(&b);
	return rc;
}

static str how_words(const struct record *rec)
{
	return str_is(rec->source, "site_code") ? str_of(tr("scanned")) : str_of(tr("written down"));
}

static enum rc arrivals(struct page *p, struct onsite_page *g, const struct onsite *x, struct err *err)
{
	struct record **list;
	size_t n;
	int64_t heads = 0;
	TRY(occasion_people(&p->r, &x->o, x->event->id, &list, &n, err));
	g->rows = NEWS(p->a, ONSITE_LAST, struct onsite_row);
	for (size_t i = 0; i < n; i++) {
		const struct value *many = &list[i]->values[x->o.n->at];
		heads += many->kind == V_INT ? many->i : 1;
		if (g->rows_n < ONSITE_LAST && list[i]->values[x->o.person->at].kind == V_INT)
			g->rows[g->rows_n++] =
				(struct onsite_row){.name = value_words(p, list[i], x->o.person),
					.when = instant_words(p, list[i]->entered_at),
					.how = how_words(list[i])};
	}
	g->count = arena_fmt(p->a, "%lld", (long long)heads);
	g->close_words =
		arena_fmt(p->a, trn("End it and record %lld person", "End it and record %lld people", heads),
			(long long)heads);
	return RC_OK;
}

static enum rc show(struct page *p, struct onsite_page *g, const struct onsite *x, struct err *err)
{
	g->owner = arena_fmt(p->a, "%lld", (long long)p->r.actor.person);
	g->heading = record_title(p, x->event);
	g->about = arena_fmt(p->a, "%.*s · %.*s", STR_ARG(page_org_name(p, x->event->org)),
		STR_ARG(date_words(p, x->event->values[x->o.day->at].t)));
	g->action = page_hrefs(p, "/onsite/%.*s/%lld", STR_ARG(x->o.event->id), (long long)x->event->id);
	g->part_href =
		page_hrefs(p, "/onsite/%.*s/%lld?near=1", STR_ARG(x->o.event->id), (long long)x->event->id);
	g->back_href = page_hrefs(p, "/jot/%.*s/%lld", STR_ARG(x->o.event->id), (long long)x->event->id);
	g->open = str_eq(x->event->state, x->o.event->states[0].id);
	if (g->open)
		TRY(picture(p, g, x, err));
	TRY(arrivals(p, g, x, err));
	if (str_is(page_input(p, "near"), "1")) {
		tpl_onsite_near(page_out(p), g);
		return RC_OK;
	}
	shell_fill(p, &g->shell, g->heading, PLACE_JOT, STR(""));
	g->shell.jot = asset_address(p->site, "jot.js");
	tpl_onsite(page_out(p), g);
	return RC_OK;
}

static enum rc onsite(struct page *p, struct err *err)
{
	struct onsite x = {0};
	struct onsite_page g = {0};
	TRY(event_of(p, &x, err));
	if (str_is(page_input(p, "again"), "1"))
		g.told = str_of(tr("Was on the list already: counted once."));
	return show(p, &g, &x, err);
}

/* ---- those without a phone ---- */

static bool is_exactly(const struct occasion_person *who, str text)
{
	return str_eq(who->name, text) || str_eq(who->initials, text);
}

static bool is_about(const struct occasion_person *who, str text)
{
	return str_starts(who->name, text) || str_starts(who->initials, text) ||
	       str_eq(str_from(who->name, surname_bytes(who->name)), text);
}

/* One of the unit's people: by number (picked), else by name or initials, else by their beginning. 0 and picks: several are
 * meant; 0 and none: nobody. */
static enum rc find(
	struct page *p, struct onsite_page *g, const struct onsite *x, int64_t *out, struct err *err)
{
	struct occasion_person *list;
	size_t n;
	int64_t picked = page_input_id(p, "who");
	TRY(occasion_unit(&p->r, x->event->org, &list, &n, err));
	*out = 0;
	g->picks = NEWS(p->a, ONSITE_PICKS, struct onsite_pick);
	for (int exact = 1; exact >= 0 && g->picks_n == 0; exact--)
		for (size_t i = 0; i < n && g->picks_n < ONSITE_PICKS; i++) {
			bool fits = picked  ? list[i].person == picked
				    : exact ? is_exactly(&list[i], x->name)
					    : is_about(&list[i], x->name);
			if (!fits)
				continue;
			*out = list[i].person;
			g->picks[g->picks_n++] = (struct onsite_pick){
				arena_fmt(p->a, "%lld", (long long)list[i].person), list[i].name};
		}
	if (g->picks_n == 1)
		g->picks_n = 0;
	else
		*out = 0;
	return RC_OK;
}

static enum rc came_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct onsite *x = arg;
	if (x->person == 0) {
		struct person_input in = {.name = x->name, .unit = x->event->org};
		bool is_new, changed;
		TRY(person_resolve(c, &in, &x->person, &is_new, &changed, err));
	}
	enum rc rc = occasion_came(c, &x->o, x->event, x->person, STR("form"), &x->row, err);
	x->again = rc == RC_FOUND;
	return rc == RC_FOUND ? RC_OK : rc;
}

/* Who signed up may show the code of it in place of the name (service/volunteer/signup.h). */
static enum rc by_code(struct page *p, struct onsite *x, struct err *err)
{
	if (!str_is(x->o.attendance->id, "service_record"))
		return RC_OK;
	return signup_by_code(
		p->r.db, p->site->city->seal, x->event->id, page_input(p, "name"), &x->person, err);
}

static enum rc came(struct page *p, struct onsite *x, struct onsite_page *g, struct err *err)
{
	struct err told;
	TRY(by_code(p, x, err));
	x->name = person_name_clean(p->a, page_input(p, "name"));
	g->typed = page_input(p, "name");
	if (x->person)
		x->name = STR("");
	else if (x->name.n == 0 && page_input_id(p, "who") == 0)
		g->fault = str_of(tr("This is needed."));
	else
		TRY(find(p, g, x, &x->person, err));
	bool new = str_is(page_input(p, "act"), "new") && x->name.n;
	if (g->fault.n == 0 && x->person == 0 && g->picks_n == 0 && !new) {
		g->unknown = true;
		g->fault = str_of(tr("Nobody of your unit is called so."));
	} else if (g->fault.n == 0 && x->person == 0 && g->picks_n) {
		g->fault = str_of(tr("Who of them is it?"));
	}
	if (g->fault.n) {
		p->q->out.status = 422;
		return show(p, g, x, err);
	}
	enum rc rc = page_run(p, came_run, x, &told);
	if (rc != RC_OK && rc != RC_INVALID)
		return FAIL(err, rc, "%s", told.text);
	if (rc == RC_INVALID) {
		p->q->out.status = 422;
		g->fault = arena_str(p->a, str_of(told.text));
		return show(p, g, x, err);
	}
	page_go(p, arena_fmt(p->a, "/onsite/%.*s/%lld%s", STR_ARG(x->o.event->id), (long long)x->event->id,
			   x->again ? "?again=1" : ""));
	return RC_OK;
}

/* ---- the end ---- */

static enum rc close_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct onsite *x = arg;
	return occasion_close(c, &x->o, x->event, &x->closed, err);
}

static enum rc act(struct page *p, struct err *err)
{
	struct onsite x = {0};
	struct onsite_page g = {0};
	TRY(event_of(p, &x, err));
	if (!str_is(page_input(p, "act"), "close"))
		return came(p, &x, &g, err);
	TRY(page_run(p, close_run, &x, err));
	page_go(p, arena_fmt(p->a, "/jot/%.*s/%lld?told=1", STR_ARG(x.o.event->id), (long long)x.event->id));
	return RC_OK;
}

static const struct input onsite_get[] = {
	{"near", INPUT_FLAG, 0, false}, {"again", INPUT_FLAG, 0, false}, {0}};
static const struct input onsite_in[] = {{"act", INPUT_ACT, 20, false}, {"name", INPUT_TEXT, 40, false},
	{"who", INPUT_ID, 0, false}, {"_key", INPUT_WORD, 64, false}, {0}};

const struct route routes_onsite[] = {
	{"GET", "/onsite/{register}/{id}", onsite, ACCESS_SIGNED_IN, CSRF_READ_ONLY, onsite_get,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"POST", "/onsite/{register}/{id}", act, ACCESS_SIGNED_IN, CSRF_TOKEN, onsite_in, ROUTE_SLOW},
	{0},
};
