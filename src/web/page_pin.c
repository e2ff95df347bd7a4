/* page_pin.c -- /bind, where a one-time link binds this phone to a unit, and /pin, where phone and PIN sign in.
 * The link's code stands behind the # of its address, which a browser sends to nobody; qinghe.js puts it into the field.
 * Without scripts it is typed from the sheet. */
#include "base/clock.h"
#include "guard/account.h"
#include "register/duty.h"
#include "templates.h"
#include "web/door.h"
#include "web/me_rows.h"
#include "web/page_sign_in.h"
#include "web/pages.h"
#include "web/site_in.h"

enum { PHONE_COOKIE_S = DEVICE_DAYS * 86400 };

static void door(struct page *p, struct shell *shell, const char *title)
{
	shell_fill(p, shell, str_of(tr(title)), PLACE_NONE, STR(""));
	shell->plain = true;
}

static str person_name(struct page *p, int64_t person)
{
	return person ? record_label_open(&p->r, model_reg(p->site->city->model, STR("person")), person)
		      : STR("");
}

/* ---- binding ---- */

static enum rc bind_show(struct page *p, struct bind_page *g)
{
	door(p, &g->shell, N_("Bind this phone"));
	tpl_bind(page_out(p), g);
	return RC_OK;
}

static enum rc bind_form(struct page *p, struct err *err)
{
	struct bind_page g = {0};
	(void)err;
	return bind_show(p, &g);
}

struct bind {
	struct device_link link;
	str code, pin, name, place;
	char token[DEVICE_TOKEN_BYTES];
	int64_t person, device;
};

static enum rc bind_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct bind *b = arg;
	struct seal *seal = job_city(c)->seal;
	TRY(device_link_find(c->db, c->a, seal, b->code, c->now_ms, &b->link, err));
	b->person = b->link.person;
	if (b->person == 0)
		TRY(duty_take_up(c, b->link.org, b->link.role, b->name, &b->person, err));
	return device_bind(c, seal, b->code, b->person, b->pin, b->place, b->token, &b->device, err);
}

/* The link is good: who it is for, and what is asked. */
static enum rc bind_known(struct page *p, struct bind_page *g, const struct device_link *link)
{
	g->known = true;
	g->code = page_input(p, "code");
	g->unit = page_org_name(p, link->org);
	g->role = role_words(p, link->role);
	g->who = person_name(p, link->person);
	g->ask_name = link->person == 0;
	g->name = page_input(p, "name");
	return bind_show(p, g);
}

static enum rc bind_faults(struct page *p, struct bind_page *g, struct bind *b, bool *out_good)
{
	struct err told;
	*out_good = false;
	if (b->link.person == 0 && str_trim(b->name).n == 0)
		g->name_fault = str_of(tr("This is needed."));
	else if (pin_rules(b->pin, &told) != RC_OK)
		g->pin_fault = arena_str(p->a, str_of(told.text));
	else if (!str_eq(b->pin, page_input(p, "again")))
		g->again_fault = str_of(tr("The two PINs differ."));
	else
		*out_good = true;
	return RC_OK;
}

static enum rc bind(struct page *p, struct err *err)
{
	struct bind_page g = {.code = page_input(p, "code")};
	struct bind b = {.code = g.code,
		.pin = page_input(p, "pin"),
		.name = str_trim(page_input(p, "name")),
		.place = door_place(p)};
	struct attempt t = {.handle = STR("bind"), .address = p->q->address, .no_name = true};
	struct err told;
	bool good;
	if (door_slow(p, &t, 0, &g.fault))
		return bind_show(p, &g);
	if (device_link_find(p->r.db, p->a, p->site->city->seal, b.code, clock_now_ms(), &b.link, &told) !=
		RC_OK) {
		TRY(door_failed(p, &t, 0, err));
		p->q->out.status = 422;
		g.fault = arena_str(p->a, str_of(told.text));
		return bind_show(p, &g);
	}
	if (!pairs_has(&p->form, "pin"))
		return bind_known(p, &g, &b.link);
	TRY(bind_faults(p, &g, &b, &good));
	struct actor nobody = actor_nobody();
	if (good && city_run(p->site->city, &nobody, p->a, (str){NULL, 0}, bind_run, &b, &told) == RC_OK) {
		TRY(page_fresh(p, err));
		http_cookie_set(p->q, "phone", arena_str(p->a, str_of(b.token)), PHONE_COOKIE_S);
		struct door_proof proof = {
			.person = b.person, .proven = FACTOR_DEVICE, .device = b.device, .org = b.link.org};
		return door_enter(p, &proof, err);
	}
	if (good)
		g.pin_fault = arena_str(p->a, str_of(told.text));
	p->q->out.status = 422;
	return bind_known(p, &g, &b.link);
}

/* ---- signing in by phone and PIN ---- */

static enum rc find(struct page *p, struct device *d)
{
	return device_find(p->r.db, p->a, p->site->city->seal, http_cookie(p->q, "phone"), clock_now_ms(),
		clock_today(), d, NULL);
}

static enum rc pin_show(struct page *p, struct pin_page *g, const struct device *d)
{
	if (d) {
		g->unit = page_org_name(p, d->org);
		g->role = role_words(p, d->role);
		g->who = person_name(p, d->person);
	}
	g->gone = d == NULL;
	door(p, &g->shell, N_("Sign in with your PIN"));
	tpl_pin(page_out(p), g);
	return RC_OK;
}

static str next_of(const struct page *p)
{
	static const struct input address = {"next", INPUT_ADDRESS, 2000, true};
	str next = page_input(p, "next");
	return input_fault(&address, next) ? STR("/") : next;
}

static enum rc pin_form(struct page *p, struct err *err)
{
	struct pin_page g = {.next = page_input(p, "next")};
	struct device d;
	(void)err;
	if (p->signed_in) {
		page_go(p, next_of(p));
		return RC_OK;
	}
	return pin_show(p, &g, find(p, &d) == RC_OK ? &d : NULL);
}

struct pin {
	int64_t device;
	str pin;
	int left;
};

static enum rc pin_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct pin *x = arg;
	return device_pin(c, job_city(c)->seal, x->device, x->pin, &x->left, err);
}

static enum rc pin_post(struct page *p, struct err *err)
{
	struct pin_page g = {.next = page_input(p, "next")};
	struct device d;
	struct actor nobody = actor_nobody();
	struct pin x = {.pin = page_input(p, "pin")};
	if (find(p, &d) != RC_OK) {
		p->q->out.status = 403;
		return pin_show(p, &g, NULL);
	}
	x.device = d.id;
	struct attempt t = door_attempt(p, arena_fmt(p->a, "pin:%lld", (long long)d.id));
	if (door_slow(p, &t, d.person, &g.fault))
		return pin_show(p, &g, &d);
	enum rc rc = city_run(p->site->city, &nobody, p->a, (str){NULL, 0}, pin_run, &x, err);
	if (rc == RC_OK) {
		limiter_good(p->site->limiter, &t);
		http_cookie_set(p->q, "phone", http_cookie(p->q, "phone"), PHONE_COOKIE_S);
		struct door_proof proof = {.person = d.person,
			.proven = FACTOR_DEVICE,
			.device = d.id,
			.org = d.org,
			.next = next_of(p)};
		return door_enter(p, &proof, err);
	}
	if (rc != RC_FOUND)
		return rc;
	limiter_failed(p->site->limiter, &t, clock_now_ms());
	p->q->out.status = 403;
	if (x.left == 0) {
		http_cookie_set(p->q, "phone", STR(""), 0);
		return pin_show(p, &g, NULL);
	}
	g.fault = arena_fmt(p->a,
		trn("This PIN is wrong. %d try is left; then this phone is unbound.",
			"This PIN is wrong. %d tries are left; then this phone is unbound.", x.left),
		x.left);
	return pin_show(p, &g, &d);
}

static const struct input bind_in[] = {{"code", INPUT_SECRET, 40, true}, {"name", INPUT_TEXT, 40, false},
	{"pin", INPUT_SECRET, 20, false}, {"again", INPUT_SECRET, 20, false}, {0}};
static const struct input pin_get[] = {{"next", INPUT_ADDRESS, 2000, false}, {0}};
static const struct input pin_in[] = {
	{"pin", INPUT_SECRET, 20, true}, {"next", INPUT_ADDRESS, 2000, false}, {0}};

const struct route routes_pin[] = {
	{"GET", "/bind", bind_form, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs, ROUTE_HTML_ONLY},
	{"POST", "/bind", bind, ACCESS_PUBLIC, CSRF_ORIGIN, bind_in, ROUTE_SLOW},
	{"GET", "/pin", pin_form, ACCESS_PUBLIC, CSRF_READ_ONLY, pin_get, ROUTE_HTML_ONLY},
	{"POST", "/pin", pin_post, ACCESS_PUBLIC, CSRF_ORIGIN, pin_in, ROUTE_SLOW},
	{0},
};
