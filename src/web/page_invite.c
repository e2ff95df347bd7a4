/* page_invite.c -- see page_invite.h: the unit's side. */
#include "web/page_invite.h"
#include "base/clock.h"
#include "register/invitation.h"
#include "register/permit.h"
#include "register/person.h"
#include "templates.h"
#include "web/links.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"

enum { FOUND_MAX = 30 };

static const struct reg *people(struct page *p)
{
	return model_reg(p->site->city->model, STR("person"));
}

static enum rc row_fill(struct page *p, struct invite_row *row, const struct record *rec, struct err *err)
{
	static const struct {
		const char *words, *look;
	} states[] = {[INVITATION_OPEN] = {N_("no account yet"), ""},
		[INVITATION_WAITS] = {N_("invited"), "wait"},
		[INVITATION_HAS] = {N_("has an account"), "done"},
		[INVITATION_OFFICE] = {N_("from the administrator"), "info"},
		[INVITATION_CONSENT] = {N_("guardian's consent first"), "late"}};
	enum invitation_state s;
	TRY(invitation_state(&p->r, rec, &s, err));
	*row = (struct invite_row){.id = arena_fmt(p->a, "%lld", (long long)rec->id),
		.name = record_title(p, rec),
		.unit = page_org_name(p, rec->org),
		.state = str_of(tr(states[s].words)),
		.look = states[s].look,
		.may = s == INVITATION_OPEN || s == INVITATION_WAITS};
	return RC_OK;
}

static enum rc list(struct page *p, struct invites_page *g, struct err *err)
{
	struct record **rows, *one;
	size_t n;
	int64_t ids[FOUND_MAX];
	g->q = str_trim(page_input(p, "q"));
	g->rows = NEWS(p->a, INVITES_ROWS + FOUND_MAX, struct invite_row);
	if (g->q.n) {
		TRY(person_search(&p->r, g->q, ids, FOUND_MAX, &n, err));
		for (size_t i = 0; i < n; i++)
			if (record_get(&p->r, people(p), ids[i], &one, NULL) == RC_OK)
				TRY(row_fill(p, &g->rows[g->rows_n++], one, err));
		return RC_OK;
	}
	struct record_query q = {.reg = people(p), .org = p->org, .after = p->after, .limit = INVITES_ROWS};
	TRY(record_list(&p->r, &q, &rows, &n, err));
	for (size_t i = 0; i < n; i++)
		TRY(row_fill(p, &g->rows[g->rows_n++], rows[i], err));
	if (n == INVITES_ROWS)
		g->older_href = page_here(p, "after", arena_fmt(p->a, "%lld", (long long)rows[n - 1]->id));
	return RC_OK;
}

static enum rc show(struct page *p, struct invites_page *g, struct err *err)
{
	if (permit_reach(people(p), &p->r.actor) < REACH_SUBTREE)
		return FAIL(err, RC_DENIED,
			"accounts are given by who may read the people of the unit: ask for the "
			"authorisation first");
	TRY(list(p, g, err));
	g->scope = p->scope_name;
	shell_fill(p, &g->shell, str_of(tr("Accounts for our people")), PLACE_ME, STR(""));
	tpl_invites(page_out(p), g);
	return RC_OK;
}

static enum rc invites(struct page *p, struct err *err)
{
	struct invites_page g = {0};
	return show(p, &g, err);
}

struct order {
	struct invitation *list;
	size_t n;
};

static enum rc make_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return invitations_make(c, o->list, o->n, err);
}

static enum rc sheet(struct page *p, const struct order *o, struct err *err)
{
	struct invites_page g = {.sheet = true, .scope = p->scope_name};
	g.slips = NEWS(p->a, o->n + 1, struct link_row);
	g.rows = NEWS(p->a, o->n + 1, struct invite_row);
	g.until = instant_words(p, clock_now_ms() + INVITE_DAYS * (int64_t)86400000);
	for (size_t i = 0; i < o->n; i++) {
		struct record *who;
		TRY(record_get(&p->r, people(p), o->list[i].person, &who, err));
		str name = record_title(p, who);
		TRY(link_row_fill(p, &g.slips[g.slips_n++], "/join", name, STR(""),
			page_org_name(p, who->org), o->list[i].made.link, err));
		g.rows[g.rows_n++] = (struct invite_row){.name = name,
			.told = arena_fmt(p->a, "%.3s %.3s", o->list[i].made.told, o->list[i].made.told + 3)};
	}
	shell_fill(p, &g.shell, str_of(tr("Accounts for our people")), PLACE_ME, STR(""));
	shell_crumb(p, &g.shell, str_of(tr("Accounts for our people")), page_href(p, STR("/invites")));
	tpl_invites(page_out(p), &g);
	return RC_OK;
}

static enum rc make(struct page *p, struct err *err)
{
	struct invites_page g = {0};
	struct err told;
	struct order o = {.list = NEWS(p->a, p->form.n + 1, struct invitation)};
	for (size_t i = 0; i < p->form.n; i++)
		if (str_is(p->form.p[i].name, "who") && str_i64(p->form.p[i].value, &o.list[o.n].person))
			o.n++;
	enum rc rc = page_run(p, make_run, &o, &told);
	TRY(page_fresh(p, err));
	if (rc == RC_OK)
		return sheet(p, &o, err);
	if (rc == RC_DENIED || rc == RC_IO)
		return FAIL(err, rc, "%s", told.text);
	p->q->out.status = rc == RC_CONFLICT ? 409 : 422;
	g.fault = arena_str(p->a, str_of(told.text));
	return show(p, &g, err);
}

static const struct input list_in[] = {{"q", INPUT_TEXT, 40, false}, {0}};
static const struct input make_in[] = {{"who", INPUT_ID, 0, false}, {"q", INPUT_TEXT, 40, false}, {0}};

const struct route routes_invite[] = {
	{"GET", "/invites", invites, ACCESS_OFFICE, CSRF_READ_ONLY, list_in, ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"POST", "/invites", make, ACCESS_OFFICE, CSRF_TOKEN, make_in, ROUTE_SLOW},
	{0},
};
