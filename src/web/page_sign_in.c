/* page_sign_in.c -- /sign-in, /claim, /sign-out, /me. Password hashes take 0.1 s: the posts run on workers. */
#include "web/page_sign_in.h"
#include "base/clock.h"
#include "guard/account.h"
#include "guard/password.h"
#include "guard/role.h"
#include "guard/session.h"
#include "templates.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"

enum { DEVICE_COOKIE_S = 365 * 86400 };

static void door(struct page *p, struct sign_in_page *g, const char *title)
{
	shell_fill(p, &g->shell, str_of(tr(title)), PLACE_NONE, STR(""));
	g->shell.plain = true;
}

static str next_of(const struct page *p)
{
	static const struct input address = {"next", INPUT_ADDRESS, 2000, true};
	str next = page_input(p, "next");
	return input_fault(&address, next) ? STR("/") : next; /* of a form, faults are only noted */
}

static enum rc sign_in_form(struct page *p, struct err *err)
{
	struct sign_in_page g = {.next = page_input(p, "next"),
		.claimed = page_input(p, "claimed").n > 0,
		.left = page_input(p, "left").n > 0};
	(void)err;
	if (p->signed_in) {
		page_go(p, next_of(p));
		return RC_OK;
	}
	door(p, &g, N_("Sign in"));
	tpl_sign_in(page_out(p), &g);
	return RC_OK;
}

/* ---- signing in ---- */

struct start {
	int64_t person;
	char token[SESSION_TOKEN_BYTES];
};

static enum rc start_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct start *s = arg;
	return session_start(c, s->person, false, s->token, err);
}

static enum rc refused_run(struct job_ctx *c, void *arg, struct err *err)
{
	const int64_t *person = arg;
	return account_refused(c, *person, err);
}

static void sign_in_refused(struct page *p, const char *words)
{
	struct sign_in_page g = {.handle = page_input(p, "handle"), .next = page_input(p, "next")};
	g.fault = arena_str(p->a, str_of(words));
	if (p->json) {
		error_answer(p, p->q->out.status, words);
		return;
	}
	door(p, &g, N_("Sign in"));
	tpl_sign_in(page_out(p), &g);
}

static enum rc let_in(struct page *p, const struct account *account, struct err *err)
{
	struct start s = {.person = account->person};
	struct actor actor;
	TRY(role_actor(p->r.db, p->a, account->person, 0, clock_today(), &actor, err));
	TRY(city_run(p->site->city, &actor, p->a, (str){NULL, 0}, start_run, &s, err));
	http_cookie_set(p->q, "session", arena_str(p->a, str_of(s.token)), -1);
	http_cookie_set(
		p->q, "device", device_token(p->a, p->site->city->seal, account->handle), DEVICE_COOKIE_S);
	page_go(p, next_of(p));
	return RC_OK;
}

static enum rc sign_in(struct page *p, struct err *err)
{
	struct account account = {0};
	struct err none;
	str handle = page_input(p, "handle"), password = page_input(p, "password");
	struct seal *seal = p->site->city->seal;
	struct attempt t = {.handle = handle,
		.address = p->q->address,
		.device = device_check(seal, handle, http_cookie(p->q, "device"))};
	int wait = limiter_wait(p->site->limiter, &t, clock_now_ms());
	if (wait > 0) {
		p->q->out.status = 429;
		http_add(p->q, "Retry-After", arena_printf(p->a, "%d", wait));
		sign_in_refused(
			p, arena_printf(p->a, tr("Too many tries. Wait %d seconds, then try again."), wait));
		return RC_OK;
	}
	enum rc found = account_by_handle(p->r.db, p->a, handle, &account, &none);
	bool right = password_matches(account.password, password) && found == RC_OK && !account.disabled;
	if (right) {
		limiter_good(p->site->limiter, &t);
		return let_in(p, &account, err);
	}
	limiter_failed(p->site->limiter, &t, clock_now_ms());
	struct actor nobody = actor_nobody();
	if (city_run(p->site->city, &nobody, p->a, (str){NULL, 0}, refused_run, &account.person, &none) ==
		RC_OK)
		return FAIL(err, RC_IO, "a refusal was not recorded");
	p->q->out.status = 403;
	sign_in_refused(p, tr("Name or password is wrong. If you have forgotten it, your unit's "
			      "administrator gives you a new code."));
	return RC_OK;
}

/* ---- claiming ---- */

struct claim {
	str code, handle, hash;
	int64_t person;
};

static enum rc claim_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct claim *m = arg;
	return account_claim(c, m->code, m->handle, m->hash, &m->person, err);
}

static enum rc claim_form(struct page *p, struct err *err)
{
	struct sign_in_page g = {.code = page_input(p, "code")};
	(void)err;
	door(p, &g, N_("Claim your account"));
	tpl_claim(page_out(p), &g);
	return RC_OK;
}

static enum rc claim_again(struct page *p, struct sign_in_page *g)
{
	p->q->out.status = 422;
	g->code = page_input(p, "code");
	g->handle = page_input(p, "handle");
	door(p, g, N_("Claim your account"));
	tpl_claim(page_out(p), g);
	return RC_OK;
}

static str fault_text(struct page *p, const struct err *err)
{
	return arena_str(p->a, str_of(err->text));
}

static enum rc claim(struct page *p, struct err *err)
{
	struct sign_in_page g = {0};
	struct err e = {0};
	struct claim m = {.code = page_input(p, "code"), .handle = page_input(p, "handle")};
	str password = page_input(p, "password");
	struct attempt t = {.handle = STR("claim"), .address = p->q->address};
	enum password_policy policy;
	for (size_t i = 0; i < p->faults_n; i++) {
		str *at = str_is(p->faults[i].name, "code")     ? &g.fault
			  : str_is(p->faults[i].name, "handle") ? &g.handle_fault
			  : str_is(p->faults[i].name, "again")  ? &g.again_fault
								: &g.password_fault;
		*at = p->faults[i].value;
	}
	if (p->faults_n > 0)
		return claim_again(p, &g);
	int wait = limiter_wait(p->site->limiter, &t, clock_now_ms());
	if (wait > 0) {
		g.fault = arena_fmt(p->a, tr("Too many tries. Wait %d seconds, then try again."), wait);
		return claim_again(p, &g);
	}
	TRY(password_policy_of(p->r.db, &policy, err));
	if (account_of_code(p->r.db, m.code, clock_now_ms(), &m.person, &e) != RC_OK) {
		limiter_failed(p->site->limiter, &t, clock_now_ms());
		g.fault = fault_text(p, &e);
	} else if (password_rules(password, m.handle, policy, &e) != RC_OK) {
		g.password_fault = fault_text(p, &e);
	} else if (!str_eq(password, page_input(p, "again"))) {
		g.again_fault = str_of(tr("The two passwords differ."));
	} else {
		TRY(password_hash(p->a, password, &m.hash, err));
		struct actor nobody = actor_nobody();
		if (city_run(p->site->city, &nobody, p->a, (str){NULL, 0}, claim_run, &m, &e) == RC_OK) {
			page_go(p, STR("/sign-in?claimed=1"));
			return RC_OK;
		}
		g.handle_fault = fault_text(p, &e);
	}
	return claim_again(p, &g);
}

/* ---- leaving, one's own page ---- */

static enum rc end_run(struct job_ctx *c, void *arg, struct err *err)
{
	return session_end(c, *(const str *)arg, err);
}

static enum rc sign_out(struct page *p, struct err *err)
{
	TRY(page_run(p, end_run, &p->session, err));
	http_cookie_set(p->q, "session", STR(""), 0);
	http_add(p->q, "Clear-Site-Data", "\"cache\", \"storage\"");
	page_go(p, STR("/sign-in?left=1"));
	return RC_OK;
}

static str role_words(struct page *p, str role)
{
	const struct role_kind *k = model_role(p->site->city->model, role);
	return k ? role_label(k) : role;
}

static enum rc me(struct page *p, struct err *err)
{
	struct me_page g = {.name = p->who};
	struct account account;
	struct role *roles;
	struct session *sessions;
	size_t roles_n, sessions_n;
	TRY(account_by_person(p->r.db, p->a, p->r.actor.person, &account, err));
	TRY(role_list(p->r.db, p->a, p->r.actor.person, clock_today(), &roles, &roles_n, err));
	TRY(session_list(p->r.db, p->a, p->r.actor.person, clock_now_ms(), &sessions, &sessions_n, err));
	g.handle = account.handle;
	g.staff = roles_n > 0;
	g.roles = NEWS(p->a, roles_n + 1, struct me_role);
	for (size_t i = 0; i < roles_n; i++)
		g.roles[g.roles_n++] = (struct me_role){
			.label = role_words(p, roles[i].role), .unit = page_org_name(p, roles[i].org)};
	g.sessions = NEWS(p->a, sessions_n + 1, struct me_session);
	for (size_t i = 0; i < sessions_n; i++)
		g.sessions[g.sessions_n++] =
			(struct me_session){.from = instant_words(p, sessions[i].made_at_ms),
				.seen = instant_words(p, sessions[i].seen_at_ms),
				.program = sessions[i].program};
	shell_fill(p, &g.shell, str_of(tr("My account")), PLACE_ME, STR(""));
	tpl_me(page_out(p), &g);
	return RC_OK;
}

static const struct input in_form[] = {{"next", INPUT_ADDRESS, 2000, false},
	{"claimed", INPUT_FLAG, 0, false}, {"left", INPUT_FLAG, 0, false}, {0}};
static const struct input in_post[] = {{"handle", INPUT_TEXT, 64, true},
	{"password", INPUT_SECRET, 512, true}, {"next", INPUT_ADDRESS, 2000, false}, {0}};
static const struct input claim_get[] = {{"code", INPUT_TEXT, 40, false}, {0}};
static const struct input claim_post[] = {{"code", INPUT_TEXT, 40, true}, {"handle", INPUT_TEXT, 64, false},
	{"password", INPUT_SECRET, 512, true}, {"again", INPUT_SECRET, 512, true}, {0}};

const struct route routes_sign_in[] = {
	{"GET", "/sign-in", sign_in_form, ACCESS_PUBLIC, CSRF_READ_ONLY, in_form, ROUTE_HTML_ONLY},
	{"POST", "/sign-in", sign_in, ACCESS_PUBLIC, CSRF_ORIGIN, in_post, ROUTE_SLOW},
	{"GET", "/claim", claim_form, ACCESS_PUBLIC, CSRF_READ_ONLY, claim_get, ROUTE_HTML_ONLY},
	{"POST", "/claim", claim, ACCESS_PUBLIC, CSRF_ORIGIN, claim_post, ROUTE_SLOW},
	{"POST", "/sign-out", sign_out, ACCESS_SIGNED_IN, CSRF_TOKEN, no_inputs, ROUTE_SLOW},
	{"GET", "/me", me, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs, ROUTE_HTML_ONLY},
	{0},
};
