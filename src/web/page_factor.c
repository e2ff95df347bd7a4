/* page_factor.c -- /me/second-factor: setting up an authenticator, or another one; /me/codes: recovery codes anew. The
 * page that shows the secret writes nothing (guard/factor.h); codes on paper are shown once, in answer to the form. */
#include "base/clock.h"
#include "format/qr.h"
#include "guard/account.h"
#include "guard/factor.h"
#include "guard/role.h"
#include "templates.h"
#include "web/door.h"
#include "web/page_me.h"
#include "web/pages.h"
#include "web/site_in.h"

static str next_of(const struct page *p)
{
	static const struct input address = {"next", INPUT_ADDRESS, 2000, true};
	str next = page_input(p, "next");
	return input_fault(&address, next) ? STR("/") : next;
}

static enum rc picture(
	struct page *p, struct factor_page *g, const struct totp_secret *secret, struct err *err)
{
	struct account account;
	struct buf b = {0};
	TRY(account_by_person(p->r.db, p->a, p->sess.person, &account, err));
	str issuer = arena_fmt(p->a, "%s %.*s", tr("Qinghe"), STR_ARG(p->site->city->name));
	g->account = account.handle;
	g->secret = totp_text(p->a, secret);
	g->address = totp_address(p->a, secret, issuer, account.handle);
	enum rc rc = qr_svg(&b, g->address, str_of(tr("The picture for your authenticator")), err);
	if (rc == RC_OK)
		g->picture = html_trust(arena_str(p->a, buf_str(&b)));
	buf_done(&b);
	return rc;
}

static enum rc show(struct page *p, struct factor_page *g, struct err *err)
{
	struct totp_secret secret = factor_offer(p->site->city->seal, p->session);
	enum factor needs;
	char now[TOTP_DIGITS_MAX + 1];
	if (p->sess.device)
		return FAIL(err, RC_DENIED, "%s",
			tr("A second factor is set up after signing in by name and password, not by phone "
			   "and PIN."));
	if (p->sess.level == SESSION_CODE) {
		page_go(p, STR("/sign-in/code"));
		return RC_OK;
	}
	TRY(factor_state(p->r.db, p->sess.person, &g->set, &g->left, err));
	TRY(role_needs(
		p->r.db, p->a, &p->site->city->model->roles, p->sess.person, clock_today(), &needs, err));
	TRY(picture(p, g, &secret, err));
	g->required = needs > FACTOR_NONE;
	g->whole = p->signed_in;
	g->asks_password = p->signed_in && (g->set || clock_now_ms() - p->sess.made_at_ms >= DOOR_FRESH_MS);
	TRY(door_asks_code(p, &g->asks_code, err));
	g->next = next_of(p);
	/* A demo's keys are known to everybody: trying it out needs no authenticator. */
	if (seal_is_demo(p->site->city->seal) && totp_at(&secret, clock_now_ms(), TOTP_DIGITS, now))
		g->demo_code = arena_str(p->a, str_of(now));
	shell_fill(p, &g->shell, str_of(tr("Second factor")), PLACE_ME, STR(""));
	g->shell.plain = !p->signed_in;
	tpl_factor(page_out(p), g);
	return RC_OK;
}

static enum rc factor_form(struct page *p, struct err *err)
{
	struct factor_page g = {0};
	return show(p, &g, err);
}

struct order {
	struct totp_secret secret;
	str code;
	struct recovery paper;
};

static enum rc set_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return factor_set(c, job_city(c)->seal, &o->secret, o->code, &o->paper, err);
}

static enum rc codes_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return factor_new_codes(c, job_city(c)->seal, &o->paper, err);
}

/* The answer to the form, once: nothing of it is kept in the clear. */
static enum rc codes_show(struct page *p, struct factor_page *g, const struct recovery *paper)
{
	g->codes = NEWS(p->a, RECOVERY_CODES, struct factor_code);
	for (int i = 0; i < RECOVERY_CODES; i++)
		g->codes[g->codes_n++].text = arena_str(p->a, str_of(paper->code[i]));
	shell_fill(p, &g->shell, str_of(tr("Recovery codes")), PLACE_ME, STR(""));
	g->shell.plain = true;
	tpl_codes(page_out(p), g);
	return RC_OK;
}

/* Another authenticator in place of one that stands is what a thief would want: then password and code come first. */
static enum rc may_set(struct page *p, struct factor_page *g, bool *out, struct err *err)
{
	TRY(factor_state(p->r.db, p->sess.person, &g->set, &g->left, err));
	*out = true;
	if (p->signed_in && (g->set || clock_now_ms() - p->sess.made_at_ms >= DOOR_FRESH_MS))
		TRY(door_ask_again(
			p, page_input(p, "password"), page_input(p, "old"), out, &g->again_fault, err));
	return RC_OK;
}

static enum rc factor_post(struct page *p, struct err *err)
{
	struct factor_page g = {0};
	struct order o = {
		.secret = factor_offer(p->site->city->seal, p->session), .code = page_input(p, "code")};
	struct attempt t = door_attempt(p, arena_fmt(p->a, "set:%lld", (long long)p->sess.person));
	struct actor me = {.person = p->sess.person, .name = STR("")};
	struct err told;
	bool may;
	if (p->sess.device || p->sess.level == SESSION_CODE)
		return show(p, &g, err);
	if (door_slow(p, &t, p->sess.person, &g.fault))
		return show(p, &g, err);
	TRY(may_set(p, &g, &may, err));
	if (!may)
		return show(p, &g, err);
	if (city_run(p->site->city, &me, p->a, (str){NULL, 0}, set_run, &o, &told) != RC_OK) {
		limiter_failed(p->site->limiter, &t, clock_now_ms());
		p->q->out.status = 422;
		g.fault = arena_str(p->a, str_of(told.text));
		return show(p, &g, err);
	}
	TRY(page_fresh(p, err));
	struct door_proof proof = {.person = p->sess.person, .proven = FACTOR_CODE, .org = p->sess.org};
	enum session_level level;
	TRY(door_start(p, &proof, &level, err));
	g.next = next_of(p);
	return codes_show(p, &g, &o.paper);
}

static enum rc codes_post(struct page *p, struct err *err)
{
	struct factor_page g = {0};
	struct order o = {0};
	bool held;
	TRY(door_ask_again(p, page_input(p, "password"), page_input(p, "old"), &held, &g.again_fault, err));
	if (!held)
		return show(p, &g, err);
	TRY(page_run(p, codes_run, &o, err));
	g.next = STR("/me");
	return codes_show(p, &g, &o.paper);
}

static const struct input get_in[] = {{"next", INPUT_ADDRESS, 2000, false}, {0}};
static const struct input set_in[] = {{"code", INPUT_SECRET, 40, true},
	{"password", INPUT_SECRET, 512, false}, {"old", INPUT_SECRET, 40, false},
	{"next", INPUT_ADDRESS, 2000, false}, {0}};
static const struct input codes_in[] = {
	{"password", INPUT_SECRET, 512, true}, {"old", INPUT_SECRET, 40, false}, {0}};

const struct route routes_factor[] = {
	{"GET", "/me/second-factor", factor_form, ACCESS_DOOR, CSRF_READ_ONLY, get_in, ROUTE_HTML_ONLY},
	{"POST", "/me/second-factor", factor_post, ACCESS_DOOR, CSRF_TOKEN, set_in, ROUTE_SLOW},
	{"POST", "/me/codes", codes_post, ACCESS_SIGNED_IN, CSRF_TOKEN, codes_in, ROUTE_SLOW},
	{0},
};
