/* page_join.c -- see page_invite.h: /join, the side of who was invited. First the link, then the digits that were told,
 * an account name and a password, in one form. Whose link it is, is told only once the digits have held. */
#include "base/clock.h"
#include "guard/password.h"
#include "register/invitation.h"
#include "templates.h"
#include "web/door.h"
#include "web/page_invite.h"
#include "web/pages.h"
#include "web/site_in.h"

static enum rc show(struct page *p, struct join_page *g, struct err *err)
{
	enum password_policy policy;
	TRY(password_policy_of(p->r.db, &policy, err));
	g->level3 = policy == PASSWORD_LEVEL3;
	shell_fill(p, &g->shell, str_of(tr("Your account")), PLACE_NONE, STR(""));
	g->shell.plain = true;
	tpl_join(page_out(p), g);
	return RC_OK;
}

static enum rc join_form(struct page *p, struct err *err)
{
	struct join_page g = {0};
	return show(p, &g, err);
}

static enum rc claim_run(struct job_ctx *c, void *arg, struct err *err)
{
	return invitation_claim(c, arg, err);
}

static str words(struct page *p, const struct err *err)
{
	return arena_str(p->a, str_of(err->text));
}

/* What is amiss with the password, without trying the digits: those are counted. */
static bool amiss(struct page *p, struct join_page *g, const struct invitation_claim *x, str password,
	enum password_policy policy)
{
	struct err e = {0};
	if (x->told.n == 0)
		g->told_fault = str_of(tr("This is needed."));
	if (x->handle.n == 0)
		g->handle_fault = str_of(tr("This is needed."));
	if (password_rules(password, x->handle, policy, &e) != RC_OK)
		g->password_fault = words(p, &e);
	else if (!str_eq(password, page_input(p, "again")))
		g->again_fault = str_of(tr("The two passwords differ."));
	return g->told_fault.n || g->handle_fault.n || g->password_fault.n || g->again_fault.n;
}

static enum rc claim(struct page *p, struct join_page *g, struct attempt *t, struct err *err)
{
	struct err e = {0};
	struct actor nobody = actor_nobody();
	str password = page_input(p, "password"), told = STR("");
	enum password_policy policy;
	str typed = page_input(p, "told");
	for (size_t i = 0; i < typed.n; i++) /* 123 456 as it was told */
		if (typed.p[i] >= '0' && typed.p[i] <= '9')
			told = arena_fmt(p->a, "%.*s%c", STR_ARG(told), typed.p[i]);
	struct invitation_claim x = {.link = g->code, .told = told, .handle = page_input(p, "handle")};
	g->handle = x.handle;
	TRY(password_policy_of(p->r.db, &policy, err));
	if (amiss(p, g, &x, password, policy)) {
		p->q->out.status = 422;
		return show(p, g, err);
	}
	TRY(password_hash(p->a, password, &x.password_hash, err));
	enum rc rc = city_run(p->site->city, &nobody, p->a, (str){NULL, 0}, claim_run, &x, &e);
	if (rc == RC_OK) {
		struct door_proof proof = {.person = x.person};
		TRY(page_fresh(p, err));
		return door_enter(p, &proof, err);
	}
	p->q->out.status = 422;
	if (rc == RC_FOUND) {
		limiter_failed(p->site->limiter, t, clock_now_ms());
		g->told_fault =
			x.left ? arena_fmt(p->a,
					 trn("These are not the digits. %d try is left; then the link is "
					     "dead.",
						 "These are not the digits. %d tries are left; then the link "
						 "is dead.",
						 x.left),
					 x.left)
			       : str_of(tr("These are not the digits, and the link is dead now: ask your "
					   "unit for a new one."));
	} else if (rc == RC_CONFLICT || rc == RC_INVALID) {
		g->handle_fault = words(p, &e);
	} else if (rc == RC_DENIED) {
		g->known = false;
		g->fault = words(p, &e);
	} else {
		return FAIL(err, rc, "%s", e.text);
	}
	return show(p, g, err);
}

static enum rc join(struct page *p, struct err *err)
{
	struct join_page g = {.code = page_input(p, "code")};
	struct attempt t = {.handle = STR("join"), .address = p->q->address, .no_name = true};
	struct err e = {0};
	int64_t person;
	if (door_slow(p, &t, 0, &g.fault))
		return show(p, &g, err);
	if (invite_find(p->r.db, g.code, clock_now_ms(), &person, &e) != RC_OK) {
		TRY(door_failed(p, &t, 0, err));
		p->q->out.status = 422;
		g.fault = words(p, &e);
		return show(p, &g, err);
	}
	g.known = true;
	return pairs_has(&p->form, "told") ? claim(p, &g, &t, err) : show(p, &g, err);
}

static const struct input join_in[] = {{"code", INPUT_SECRET, 40, true}, {"told", INPUT_SECRET, 20, false},
	{"handle", INPUT_TEXT, 64, false}, {"password", INPUT_SECRET, 512, false},
	{"again", INPUT_SECRET, 512, false}, {0}};

const struct route routes_join[] = {
	{"GET", "/join", join_form, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs, ROUTE_HTML_ONLY},
	{"POST", "/join", join, ACCESS_PUBLIC, CSRF_ORIGIN, join_in, ROUTE_SLOW},
	{0},
};
