/* page_sign_in.c -- /sign-in, /sign-in/code, /claim, /sign-out. Password hashes take 0.1 s: the posts run on workers. */
#include "web/page_sign_in.h"
#include "base/clock.h"
#include "guard/account.h"
#include "guard/factor.h"
#include "guard/password.h"
#include "templates.h"
#include "web/door.h"
#include "web/pages.h"
#include "web/site_in.h"

static void door(struct page *p, struct shell *shell, const char *title)
{
	shell_fill(p, shell, str_of(tr(title)), PLACE_NONE, STR(""));
	shell->plain = true;
}

static str next_of(const struct page *p)
{
	static const struct input address = {"next", INPUT_ADDRESS, 2000, true};
	str next = page_input(p, "next");
	return input_fault(&address, next) ? STR("/") : next; /* of a form, faults are only noted */
}

static enum rc sign_in_show(struct page *p, struct sign_in_page *g)
{
	g->phone = http_cookie(p->q, "phone").n > 0;
	door(p, &g->shell, N_("Sign in"));
	tpl_sign_in(page_out(p), g);
	return RC_OK;
}

static enum rc sign_in_form(struct page *p, struct err *err)
{
	struct sign_in_page g = {.next = page_input(p, "next"), .left = page_input(p, "left").n > 0};
	(void)err;
	if (p->signed_in) {
		page_go(p, next_of(p));
		return RC_OK;
	}
	return sign_in_show(p, &g);
}

/* ---- signing in ---- */

struct code {
	struct seal *seal;
	int64_t person;
	str text;
};

static enum rc code_run(struct job_ctx *c, void *arg, struct err *err)
{
	const struct code *x = arg;
	return factor_prove(c, x->seal, x->person, x->text, err);
}

static enum rc code_prove(struct page *p, int64_t person, str text, struct err *err)
{
	struct code x = {p->site->city->seal, person, text};
	struct actor nobody = actor_nobody();
	return city_run(p->site->city, &nobody, p->a, (str){NULL, 0}, code_run, &x, err);
}

static enum rc sign_in_refused(struct page *p, str words)
{
	struct sign_in_page g = {
		.handle = page_input(p, "handle"), .next = page_input(p, "next"), .fault = words};
	if (p->json) {
		error_answer(p, p->q->out.status, arena_cstr(p->a, words));
		return RC_OK;
	}
	return sign_in_show(p, &g);
}

/* Name, password and, where it was typed along, the code: one of them wrong looks like another. */
static enum rc sign_in(struct page *p, struct err *err)
{
	struct account account = {0};
	struct err none;
	str handle = page_input(p, "handle"), password = page_input(p, "password"),
	    code = page_input(p, "code");
	struct attempt t = door_attempt(p, handle), t2;
	str words;
	if (door_slow(p, &t, 0, &words))
		return sign_in_refused(p, words);
	enum rc found = account_by_handle(p->r.db, p->a, handle, &account, &none);
	bool right = password_matches(account.password, password) && found == RC_OK && !account.disabled,
	     set = false;
	int left;
	if (right)
		TRY(factor_state(p->r.db, account.person, &set, &left, err));
	struct door_proof proof = {.person = account.person, .next = next_of(p)};
	if (right && set && code.n) {
		t2 = door_attempt(p, arena_fmt(p->a, "code:%lld", (long long)account.person));
		t2.device = t.device;
		if (door_slow(p, &t2, account.person, &words))
			return sign_in_refused(p, words);
		right = code_prove(p, account.person, code, &none) == RC_OK;
		proof.proven = FACTOR_CODE;
		if (!right)
			limiter_failed(p->site->limiter, &t2, clock_now_ms());
	}
	if (right) {
		limiter_good(p->site->limiter, &t);
		return door_enter(p, &proof, err);
	}
	TRY(door_failed(p, &t, account.person, err));
	p->q->out.status = 403;
	return sign_in_refused(
		p, str_of(tr("Name, password or code is wrong. If you have forgotten the password, "
			     "your unit's administrator gives you a new one-time code.")));
}

/* ---- the second step ---- */

static enum rc code_show(struct page *p, struct sign_in_page *g)
{
	char now[TOTP_DIGITS_MAX + 1];
	/* A demo's keys are known to everybody: its codes may as well be shown. */
	if (factor_demo_code(p->r.db, p->a, p->site->city->seal, p->sess.person, clock_now_ms(), now, NULL) ==
		RC_OK)
		g->demo_code = arena_str(p->a, str_of(now));
	g->next = next_of(p);
	door(p, &g->shell, N_("Your code"));
	tpl_code(page_out(p), g);
	return RC_OK;
}

static bool waits_for_code(struct page *p)
{
	if (p->sess.level == SESSION_CODE && !p->signed_in)
		return true;
	page_go(p, str_of(p->signed_in ? "/" : door_next(p->sess.level)));
	return false;
}

static enum rc code_form(struct page *p, struct err *err)
{
	struct sign_in_page g = {0};
	(void)err;
	return waits_for_code(p) ? code_show(p, &g) : RC_OK;
}

static enum rc code_post(struct page *p, struct err *err)
{
	struct sign_in_page g = {0};
	struct account account;
	struct err told;
	if (!waits_for_code(p))
		return RC_OK;
	struct attempt t = door_attempt(p, arena_fmt(p->a, "code:%lld", (long long)p->sess.person));
	TRY(account_by_person(p->r.db, p->a, p->sess.person, &account, err));
	t.device = door_attempt(p, account.handle).device;
	if (door_slow(p, &t, p->sess.person, &g.code_fault))
		return code_show(p, &g);
	if (code_prove(p, p->sess.person, page_input(p, "code"), &told) == RC_OK) {
		struct door_proof proof = {
			.person = p->sess.person, .proven = FACTOR_CODE, .next = next_of(p)};
		limiter_good(p->site->limiter, &t);
		return door_enter(p, &proof, err);
	}
	TRY(door_failed(p, &t, p->sess.person, err));
	p->q->out.status = 403;
	g.code_fault = arena_str(p->a, str_of(told.text));
	return code_show(p, &g);
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

static enum rc claim_show(struct page *p, struct claim_page *g, struct err *err)
{
	enum password_policy policy;
	TRY(password_policy_of(p->r.db, &policy, err));
	g->level3 = policy == PASSWORD_LEVEL3;
	door(p, &g->shell, N_("Claim your account"));
	tpl_claim(page_out(p), g);
	return RC_OK;
}

static enum rc claim_form(struct page *p, struct err *err)
{
	struct claim_page g = {.code = page_input(p, "code")};
	return claim_show(p, &g, err);
}

static enum rc claim_again(struct page *p, struct claim_page *g, struct err *err)
{
	p->q->out.status = p->q->out.status == 200 ? 422 : p->q->out.status;
	g->code = page_input(p, "code");
	g->handle = page_input(p, "handle");
	return claim_show(p, g, err);
}

static str fault_text(struct page *p, const struct err *err)
{
	return arena_str(p->a, str_of(err->text));
}

static enum rc claim(struct page *p, struct err *err)
{
	struct claim_page g = {0};
	struct err e = {0};
	struct claim m = {.code = page_input(p, "code"), .handle = page_input(p, "handle")};
	str password = page_input(p, "password");
	struct attempt t = {.handle = STR("claim"), .address = p->q->address, .no_name = true};
	enum password_policy policy;
	for (size_t i = 0; i < p->faults_n; i++) {
		str *at = str_is(p->faults[i].name, "code")     ? &g.fault
			  : str_is(p->faults[i].name, "handle") ? &g.handle_fault
			  : str_is(p->faults[i].name, "again")  ? &g.again_fault
								: &g.password_fault;
		*at = p->faults[i].value;
	}
	if (p->faults_n > 0)
		return claim_again(p, &g, err);
	if (door_slow(p, &t, 0, &g.fault))
		return claim_again(p, &g, err);
	TRY(password_policy_of(p->r.db, &policy, err));
	if (account_of_code(p->r.db, m.code, clock_now_ms(), &m.person, &e) != RC_OK) {
		TRY(door_failed(p, &t, 0, err));
		g.fault = fault_text(p, &e);
	} else if (password_rules(password, m.handle, policy, &e) != RC_OK) {
		g.password_fault = fault_text(p, &e);
	} else if (!str_eq(password, page_input(p, "again"))) {
		g.again_fault = str_of(tr("The two passwords differ."));
	} else {
		TRY(password_hash(p->a, password, &m.hash, err));
		struct actor nobody = actor_nobody();
		if (city_run(p->site->city, &nobody, p->a, (str){NULL, 0}, claim_run, &m, &e) == RC_OK) {
			/* Straight on to what is asked next, without typing the password again. Where a second factor
			 * stands already (a lost password), its code is asked for as at every sign-in. */
			struct door_proof proof = {.person = m.person};
			TRY(page_fresh(p, err));
			return door_enter(p, &proof, err);
		}
		g.handle_fault = fault_text(p, &e);
	}
	return claim_again(p, &g, err);
}

/* ---- leaving, one's own page ---- */

static enum rc end_run(struct job_ctx *c, void *arg, struct err *err)
{
	return session_end(c, *(const str *)arg, err);
}

static enum rc sign_out(struct page *p, struct err *err)
{
	struct actor who = p->r.actor;
	who.person = p->sess.person;
	TRY(city_run(p->site->city, &who, p->a, (str){NULL, 0}, end_run, &p->session, err));
	http_cookie_set(p->q, "session", STR(""), 0);
	http_add(p->q, "Clear-Site-Data", "\"cache\", \"storage\"");
	page_go(p, STR("/sign-in?left=1"));
	return RC_OK;
}

static const struct input in_form[] = {
	{"next", INPUT_ADDRESS, 2000, false}, {"left", INPUT_FLAG, 0, false}, {0}};
static const struct input in_post[] = {{"handle", INPUT_TEXT, 64, true},
	{"password", INPUT_SECRET, 512, true}, {"code", INPUT_SECRET, 40, false},
	{"next", INPUT_ADDRESS, 2000, false}, {0}};
static const struct input code_get[] = {{"next", INPUT_ADDRESS, 2000, false}, {0}};
static const struct input code_in[] = {
	{"code", INPUT_SECRET, 40, true}, {"next", INPUT_ADDRESS, 2000, false}, {0}};
static const struct input claim_get[] = {{"code", INPUT_TEXT, 40, false}, {0}};
static const struct input claim_post[] = {{"code", INPUT_TEXT, 40, true}, {"handle", INPUT_TEXT, 64, false},
	{"password", INPUT_SECRET, 512, true}, {"again", INPUT_SECRET, 512, true}, {0}};

const struct route routes_sign_in[] = {
	{"GET", "/sign-in", sign_in_form, ACCESS_PUBLIC, CSRF_READ_ONLY, in_form, ROUTE_HTML_ONLY},
	{"POST", "/sign-in", sign_in, ACCESS_PUBLIC, CSRF_ORIGIN, in_post, ROUTE_SLOW},
	{"GET", "/sign-in/code", code_form, ACCESS_DOOR, CSRF_READ_ONLY, code_get, ROUTE_HTML_ONLY},
	{"POST", "/sign-in/code", code_post, ACCESS_DOOR, CSRF_TOKEN, code_in, ROUTE_SLOW},
	{"GET", "/claim", claim_form, ACCESS_PUBLIC, CSRF_READ_ONLY, claim_get, ROUTE_HTML_ONLY},
	{"POST", "/claim", claim, ACCESS_PUBLIC, CSRF_ORIGIN, claim_post, ROUTE_SLOW},
	{"POST", "/sign-out", sign_out, ACCESS_DOOR, CSRF_TOKEN, no_inputs, ROUTE_SLOW},
	{0},
};
