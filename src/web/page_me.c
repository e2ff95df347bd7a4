/* page_me.c -- /me: what I am here, where I am signed in, on which phones; my password, telephone and PIN. What matters is
 * asked for again before it changes (door_ask_again). */
#include "web/page_me.h"
#include "base/clock.h"
#include "guard/account.h"
#include "guard/device.h"
#include "guard/factor.h"
#include "guard/password.h"
#include "guard/token.h"
#include "register/permit.h"
#include "templates.h"
#include "web/door.h"
#include "web/me_rows.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"

static enum rc me(struct page *p, struct err *err)
{
	struct me_page g = {.name = p->who, .by_phone = p->sess.device != 0};
	struct account account = {0};
	static const struct {
		const char *name, *words;
	} told[] = {{"ended", N_("That session has ended.")}, {"device", N_("That phone is unbound.")},
		{"password", N_("Your password is changed; all other sessions have ended.")},
		{"pin", N_("Your PIN is changed.")}, {"phone", N_("Your telephone number is changed.")},
		{"duty", N_("You now work in the other duty.")}};
	for (size_t i = 0; i < sizeof told / sizeof *told; i++)
		if (str_is(page_input(p, "done"), told[i].name))
			g.told = str_of(tr(told[i].words));
	enum rc rc = account_by_person(p->r.db, p->a, p->sess.person, &account, err);
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return rc;
	TRY(factor_state(p->r.db, p->sess.person, &g.factor, &g.codes_left, err));
	g.handle = account.handle;
	g.has_password = account.password.n > 0;
	g.few_codes = g.factor && g.codes_left < 3;
	TRY(me_roles(p, &g, err));
	g.staff = actor_has_office(&p->r.actor);
	g.invites =
		permit_reach(model_reg(p->site->city->model, STR("person")), &p->r.actor) >= REACH_SUBTREE;
	g.secadmin = actor_has_role(&p->r.actor, STR("secadmin"));
	g.admin =
		actor_has_role(&p->r.actor, STR("secadmin")) || actor_has_role(&p->r.actor, STR("sysadmin"));
	TRY(me_sessions(p, p->sess.person, &g.sessions, &g.sessions_n, err));
	TRY(me_devices(p, p->sess.person, &g.devices, &g.devices_n, err));
	TRY(me_tokens(p, p->sess.person, &g.tokens, &g.tokens_n, err));
	shell_fill(p, &g.shell, str_of(tr("My account")), PLACE_ME, STR(""));
	tpl_me(page_out(p), &g);
	return RC_OK;
}

/* ---- ending sessions and phones, changing duty ---- */

struct act {
	str id, token, value;
	int64_t number, person, device;
};

static enum rc end_session_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct act *x = arg;
	return session_end_named(c, c->actor->person, x->id, err);
}

static enum rc end_session(struct page *p, struct err *err)
{
	struct act x = {.id = page_input(p, "id")};
	TRY(page_run(p, end_session_run, &x, err));
	page_go(p, str_is(x.id, p->sess.id) ? STR("/sign-in?left=1") : STR("/me?done=ended"));
	return RC_OK;
}

static enum rc end_others_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct act *x = arg;
	struct session *list;
	size_t n;
	TRY(session_list(c->db, c->a, c->actor->person, c->now_ms, &list, &n, err));
	for (size_t i = 0; i < n; i++)
		if (!str_is(x->id, list[i].id))
			TRY(session_end_named(c, c->actor->person, str_of(list[i].id), err));
	c->action = STR("sign_out_others");
	c->subject = arena_fmt(c->a, "account:%lld", (long long)c->actor->person);
	return RC_OK;
}

static enum rc end_others(struct page *p, struct err *err)
{
	struct act x = {.id = str_of(p->sess.id)};
	TRY(page_run(p, end_others_run, &x, err));
	page_go(p, STR("/me?done=ended"));
	return RC_OK;
}

static enum rc end_device_run(struct job_ctx *c, void *arg, struct err *err)
{
	return device_end(c, ((struct act *)arg)->number, "signed_off", err);
}

static enum rc end_device(struct page *p, struct err *err)
{
	struct act x = {.number = page_input_id(p, "id")};
	TRY(page_run(p, end_device_run, &x, err));
	page_go(p, x.number == p->sess.device ? STR("/sign-in?left=1") : STR("/me?done=device"));
	return RC_OK;
}

static enum rc duty_run(struct job_ctx *c, void *arg, struct err *err)
{
	const struct act *x = arg;
	return session_set_org(c, x->token, x->number, err);
}

static enum rc duty(struct page *p, struct err *err)
{
	struct act x = {.number = page_input_id(p, "org"), .token = p->session};
	struct actor there;
	if (p->sess.device)
		return FAIL(err, RC_DENIED, "a phone is bound to one unit");
	TRY(role_actor(p->r.db, p->a, p->sess.person, x.number, clock_today(), &there, err));
	TRY(page_run(p, duty_run, &x, err));
	page_go(p, STR("/me?done=duty"));
	return RC_OK;
}

/* ---- password ---- */

static enum rc password_show(struct page *p, struct me_secret_page *g, struct err *err)
{
	enum password_policy policy;
	struct account account;
	TRY(password_policy_of(p->r.db, &policy, err));
	TRY(account_by_person(p->r.db, p->a, p->sess.person, &account, err));
	TRY(door_asks_code(p, &g->factor, err));
	g->handle = account.handle;
	g->level3 = policy == PASSWORD_LEVEL3;
	g->expired = p->sess.level == SESSION_EXPIRED;
	if (account.password.n == 0) { /* it signs in by phone and PIN */
		page_go(p, STR("/me"));
		return RC_OK;
	}
	shell_fill(p, &g->shell, str_of(tr("New password")), PLACE_ME, STR(""));
	g->shell.plain = !p->signed_in;
	tpl_me_password(page_out(p), g);
	return RC_OK;
}

static enum rc password_form(struct page *p, struct err *err)
{
	struct me_secret_page g = {0};
	return password_show(p, &g, err);
}

static enum rc password_run(struct job_ctx *c, void *arg, struct err *err)
{
	return account_password(c, ((struct act *)arg)->value, err);
}

static enum rc password_post(struct page *p, struct err *err)
{
	struct me_secret_page g = {0};
	struct account account;
	struct err told;
	enum password_policy policy;
	bool held;
	str new = page_input(p, "new"), old = page_input(p, "password");
	TRY(account_by_person(p->r.db, p->a, p->sess.person, &account, err));
	TRY(password_policy_of(p->r.db, &policy, err));
	if (password_rules(new, account.handle, policy, &told) != RC_OK)
		g.new_fault = arena_str(p->a, str_of(told.text));
	else if (str_eq(new, old))
		g.new_fault = str_of(tr("The new password is the old one."));
	else if (!str_eq(new, page_input(p, "again")))
		g.again_fault = str_of(tr("The two passwords differ."));
	if (g.new_fault.n || g.again_fault.n) {
		p->q->out.status = 422;
		return password_show(p, &g, err);
	}
	TRY(door_ask_again(p, old, page_input(p, "code"), &held, &g.fault, err));
	if (!held)
		return password_show(p, &g, err);
	struct act x = {0};
	struct actor me = {.person = p->sess.person, .name = account.handle};
	TRY(password_hash(p->a, new, &x.value, err));
	TRY(city_run(p->site->city, &me, p->a, (str){NULL, 0}, password_run, &x, err));
	/* All sessions have ended, this one too: a new one with what was proven just now. */
	TRY(page_fresh(p, err));
	int left;
	TRY(factor_state(p->r.db, p->sess.person, &g.factor, &left, err));
	struct door_proof proof = {.person = p->sess.person,
		.proven = g.factor ? FACTOR_CODE : FACTOR_NONE,
		.org = p->sess.org,
		.next = STR("/me?done=password")};
	return door_enter(p, &proof, err);
}

/* ---- PIN ---- */

static enum rc pin_show(struct page *p, struct me_secret_page *g, struct err *err)
{
	(void)err;
	if (p->sess.device == 0) {
		page_go(p, STR("/me"));
		return RC_OK;
	}
	shell_fill(p, &g->shell, str_of(tr("New PIN")), PLACE_ME, STR(""));
	tpl_me_pin(page_out(p), g);
	return RC_OK;
}

static enum rc pin_form(struct page *p, struct err *err)
{
	struct me_secret_page g = {0};
	return pin_show(p, &g, err);
}

static enum rc pin_run(struct job_ctx *c, void *arg, struct err *err)
{
	const struct act *x = arg;
	return device_new_pin(c, job_city(c)->seal, x->device, x->value, err);
}

static enum rc pin_post(struct page *p, struct err *err)
{
	struct me_secret_page g = {0};
	struct act x = {.device = p->sess.device, .value = page_input(p, "new")};
	struct err told;
	bool held;
	if (pin_rules(x.value, &told) != RC_OK)
		g.new_fault = arena_str(p->a, str_of(told.text));
	else if (!str_eq(x.value, page_input(p, "again")))
		g.again_fault = str_of(tr("The two PINs differ."));
	if (x.device == 0 || g.new_fault.n || g.again_fault.n) {
		p->q->out.status = 422;
		return pin_show(p, &g, err);
	}
	TRY(door_ask_again(p, page_input(p, "password"), STR(""), &held, &g.fault, err));
	if (!held)
		return pin_show(p, &g, err);
	TRY(page_run(p, pin_run, &x, err));
	page_go(p, STR("/me?done=pin"));
	return RC_OK;
}

/* ---- telephone ---- */

static enum rc phone_show(struct page *p, struct me_secret_page *g, struct err *err)
{
	TRY(door_asks_code(p, &g->factor, err));
	g->expired = p->sess.device != 0; /* the PIN is asked for */
	shell_fill(p, &g->shell, str_of(tr("Telephone number")), PLACE_ME, STR(""));
	tpl_me_phone(page_out(p), g);
	return RC_OK;
}

static enum rc phone_form(struct page *p, struct err *err)
{
	struct me_secret_page g = {0};
	return phone_show(p, &g, err);
}

static enum rc phone_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct act *x = arg;
	const struct reg *reg = model_reg(job_city(c)->model, STR("person"));
	const struct field *f = reg_field(reg, STR("phone"));
	struct entry e;
	TRY(entry_read(c, f, 0, x->value, &e, err));
	TRY(record_set(c, reg, x->person, 0, &e, 1, err));
	c->action = STR("phone_new");
	return RC_OK;
}

static enum rc phone_post(struct page *p, struct err *err)
{
	struct me_secret_page g = {.value = page_input(p, "new")};
	struct act x = {.value = g.value, .person = p->sess.person};
	struct err told;
	bool held;
	TRY(door_ask_again(p, page_input(p, "password"), page_input(p, "code"), &held, &g.fault, err));
	if (!held)
		return phone_show(p, &g, err);
	enum rc rc = page_run(p, phone_run, &x, &told);
	if (rc == RC_OK) {
		page_go(p, STR("/me?done=phone"));
		return RC_OK;
	}
	if (rc != RC_INVALID && rc != RC_CONFLICT)
		return FAIL(err, rc, "%s", told.text);
	p->q->out.status = 422;
	g.new_fault = arena_str(p->a, str_of(told.text));
	return phone_show(p, &g, err);
}

static const struct input me_in[] = {{"done", INPUT_WORD, 20, false}, {0}};
static const struct input session_in[] = {{"id", INPUT_WORD, 16, true}, {0}};
static const struct input device_in[] = {{"id", INPUT_ID, 0, true}, {0}};
static const struct input duty_in[] = {{"org", INPUT_ID, 0, true}, {0}};
static const struct input password_in[] = {{"password", INPUT_SECRET, 512, true},
	{"code", INPUT_SECRET, 40, false}, {"new", INPUT_SECRET, 512, true},
	{"again", INPUT_SECRET, 512, true}, {"next", INPUT_ADDRESS, 2000, false}, {0}};
static const struct input password_get[] = {{"next", INPUT_ADDRESS, 2000, false}, {0}};
static const struct input phone_in[] = {{"password", INPUT_SECRET, 512, true},
	{"code", INPUT_SECRET, 40, false}, {"new", INPUT_SECRET, 40, true}, {0}};

const struct route routes_me[] = {
	{"GET", "/me", me, ACCESS_SIGNED_IN, CSRF_READ_ONLY, me_in, ROUTE_HTML_ONLY},
	{"POST", "/me/sessions/end", end_session, ACCESS_SIGNED_IN, CSRF_TOKEN, session_in, ROUTE_SLOW},
	{"POST", "/me/sessions/end-others", end_others, ACCESS_SIGNED_IN, CSRF_TOKEN, no_inputs, ROUTE_SLOW},
	{"POST", "/me/devices/end", end_device, ACCESS_SIGNED_IN, CSRF_TOKEN, device_in, ROUTE_SLOW},
	{"POST", "/me/duty", duty, ACCESS_SIGNED_IN, CSRF_TOKEN, duty_in, ROUTE_SLOW},
	{"GET", "/me/password", password_form, ACCESS_DOOR, CSRF_READ_ONLY, password_get, ROUTE_HTML_ONLY},
	{"POST", "/me/password", password_post, ACCESS_DOOR, CSRF_TOKEN, password_in, ROUTE_SLOW},
	{"GET", "/me/pin", pin_form, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs, ROUTE_HTML_ONLY},
	{"POST", "/me/pin", pin_post, ACCESS_SIGNED_IN, CSRF_TOKEN, password_in, ROUTE_SLOW},
	{"GET", "/me/phone", phone_form, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs, ROUTE_HTML_ONLY},
	{"POST", "/me/phone", phone_post, ACCESS_SIGNED_IN, CSRF_TOKEN, phone_in, ROUTE_SLOW},
	{0},
};
