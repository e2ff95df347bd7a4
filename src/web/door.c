/* door.c -- see door.h. */
#include "web/door.h"
#include "base/clock.h"
#include "guard/account.h"
#include "guard/device.h"
#include "guard/factor.h"
#include "guard/password.h"
#include "web/site_in.h"

enum { KNOWN_COOKIE_S = 365 * 86400 };

/* ---- how often ---- */

struct attempt door_attempt(struct page *p, str name)
{
	return (struct attempt){.handle = name,
		.address = p->q->address,
		.device = device_check(p->site->city->seal, name, http_cookie(p->q, "device"))};
}

struct refusal {
	const char *action;
	int64_t person;
	str address;
};

static enum rc refused_run(struct job_ctx *c, void *arg, struct err *err)
{
	const struct refusal *r = arg;
	return account_refused(c, r->action, r->person, r->address, err);
}

static enum rc note_refusal(struct page *p, const char *action, int64_t person, struct err *err)
{
	struct refusal r = {action, person, p->q->address};
	struct actor nobody = actor_nobody();
	struct err told;
	enum rc rc = city_run(p->site->city, &nobody, p->a, (str){NULL, 0}, refused_run, &r, &told);
	return rc == RC_DENIED ? RC_OK : FAIL(err, RC_IO, "a refusal was not recorded");
}

bool door_slow(struct page *p, const struct attempt *t, int64_t person, str *out_words)
{
	int64_t now = clock_now_ms();
	int wait = limiter_wait(p->site->limiter, t, now);
	if (wait == 0)
		return false;
	if (limiter_tell(p->site->limiter, t, now))
		(void)!note_refusal(p, "limit", person, NULL);
	p->q->out.status = 429;
	http_add(p->q, "Retry-After", arena_printf(p->a, "%d", wait));
	*out_words = arena_fmt(p->a, tr("Too many tries. Wait %d seconds, then try again."), wait);
	return true;
}

enum rc door_failed(struct page *p, const struct attempt *t, int64_t person, struct err *err)
{
	limiter_failed(p->site->limiter, t, clock_now_ms());
	return note_refusal(p, "sign_in", person, err);
}

/* ---- in ---- */

static bool ua_has(str ua, const char *word)
{
	return str_find(ua, str_of(word)) != SIZE_MAX;
}

str door_place(struct page *p)
{
	static const struct {
		const char *mark, *name;
	} browsers[] = {{"MicroMessenger", N_("WeChat")}, {"Edg", "Edge"}, {"Firefox", "Firefox"},
		{"Chrome", "Chrome"}, {"Safari", "Safari"}},
	  systems[] = {{"HarmonyOS", "HarmonyOS"}, {"OpenHarmony", "HarmonyOS"}, {"Windows", "Windows"},
		  {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Mac OS", "macOS"},
		  {"Linux", "Linux"}};
	str ua = http_header(p->q, "User-Agent");
	const char *browser = N_("Browser"), *system = "";
	for (size_t i = sizeof browsers / sizeof *browsers; i-- > 0;)
		if (ua_has(ua, browsers[i].mark))
			browser = browsers[i].name;
	for (size_t i = sizeof systems / sizeof *systems; i-- > 0;)
		if (ua_has(ua, systems[i].mark))
			system = systems[i].name;
	return arena_fmt(
		p->a, "%s%s%s · %.*s", tr(browser), system[0] ? " · " : "", system, STR_ARG(p->q->address));
}

const char *door_next(enum session_level level)
{
	return level == SESSION_CODE      ? "/sign-in/code"
	       : level == SESSION_ENROL   ? "/me/second-factor"
	       : level == SESSION_EXPIRED ? "/me/password"
					  : "/";
}

static enum rc level_for(struct page *p, const struct door_proof *proof, const struct account *account,
	enum session_level *out, struct err *err)
{
	enum factor needs;
	enum password_policy policy;
	bool set;
	int left;
	*out = SESSION_WHOLE;
	if (proof->device)
		return RC_OK;
	TRY(factor_state(p->r.db, proof->person, &set, &left, err));
	TRY(password_policy_of(p->r.db, &policy, err));
	TRY(role_needs(
		p->r.db, p->a, &p->site->city->model->roles, proof->person, clock_today(), &needs, err));
	if (set && proof->proven < FACTOR_CODE)
		*out = SESSION_CODE;
	else if (password_has_expired(account->password_at_ms, clock_now_ms(), policy))
		*out = SESSION_EXPIRED;
	else if (needs > proof->proven)
		*out = SESSION_ENROL;
	return RC_OK;
}

struct start {
	struct session_new n;
	str old;
	char token[SESSION_TOKEN_BYTES];
};

static enum rc start_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct start *s = arg;
	if (s->old.n)
		TRY(session_end(c, s->old, err));
	return session_start(c, &s->n, s->token, err);
}

enum rc door_start(struct page *p, const struct door_proof *proof, enum session_level *out, struct err *err)
{
	struct start s = {.old = http_cookie(p->q, "session"),
		.n = {.person = proof->person,
			.proven = proof->proven,
			.device = proof->device,
			.org = proof->org,
			.place = door_place(p),
			.address = p->q->address}};
	struct account account;
	struct actor actor;
	TRY(account_by_person(p->r.db, p->a, proof->person, &account, err));
	TRY(level_for(p, proof, &account, &s.n.level, err));
	TRY(role_actor(p->r.db, p->a, proof->person, 0, clock_today(), &actor, err));
	TRY(city_run(p->site->city, &actor, p->a, (str){NULL, 0}, start_run, &s, err));
	http_cookie_set(p->q, "session", arena_str(p->a, str_of(s.token)), -1);
	if (s.n.level == SESSION_WHOLE && proof->device == 0)
		http_cookie_set(p->q, "device", device_token(p->a, p->site->city->seal, account.handle),
			KNOWN_COOKIE_S);
	*out = s.n.level;
	return RC_OK;
}

enum rc door_enter(struct page *p, const struct door_proof *proof, struct err *err)
{
	enum session_level level;
	TRY(door_start(p, proof, &level, err));
	if (level == SESSION_WHOLE) {
		page_go(p, proof->next.n ? proof->next : STR("/"));
	} else {
		struct buf b = {0};
		buf_puts(&b, door_next(level));
		if (proof->next.n > 1) {
			buf_puts(&b, "?next=");
			html_url(&b, proof->next);
		}
		page_go(p, arena_str(p->a, buf_str(&b)));
		buf_done(&b);
	}
	return RC_OK;
}

/* ---- asking again ---- */

enum rc door_asks_code(struct page *p, bool *out, struct err *err)
{
	bool set,
		fresh = p->sess.proven == FACTOR_CODE && clock_now_ms() - p->sess.made_at_ms < DOOR_FRESH_MS;
	int left;
	TRY(factor_state(p->r.db, p->sess.person, &set, &left, err));
	*out = set && !fresh && p->sess.device == 0;
	return RC_OK;
}

struct again {
	struct seal *seal;
	int64_t person, device;
	str secret, code;
	int left;
};

static enum rc code_run(struct job_ctx *c, void *arg, struct err *err)
{
	const struct again *x = arg;
	return factor_prove(c, x->seal, x->person, x->code, err);
}

static enum rc pin_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct again *x = arg;
	return device_pin(c, x->seal, x->device, x->secret, &x->left, err);
}

static enum rc held(struct page *p, struct again *x, bool *out, struct err *err)
{
	struct account account;
	struct err told;
	struct actor who = {.person = x->person, .name = STR("")};
	bool asks;
	*out = false;
	if (x->device) {
		*out = city_run(p->site->city, &who, p->a, (str){NULL, 0}, pin_run, x, &told) == RC_OK;
		return RC_OK;
	}
	TRY(account_by_person(p->r.db, p->a, x->person, &account, err));
	if (!password_matches(account.password, x->secret))
		return RC_OK;
	TRY(door_asks_code(p, &asks, err));
	*out = !asks || city_run(p->site->city, &who, p->a, (str){NULL, 0}, code_run, x, &told) == RC_OK;
	return RC_OK;
}

enum rc door_ask_again(
	struct page *p, str password, str code, bool *out_held, str *out_fault, struct err *err)
{
	struct again x = {.seal = p->site->city->seal,
		.person = p->sess.person,
		.device = p->sess.device,
		.secret = password,
		.code = code};
	struct attempt t = door_attempt(p, arena_fmt(p->a, "again:%lld", (long long)x.person));
	*out_held = false;
	if (door_slow(p, &t, x.person, out_fault))
		return RC_OK;
	TRY(held(p, &x, out_held, err));
	if (*out_held) {
		limiter_good(p->site->limiter, &t);
		return RC_OK;
	}
	p->q->out.status = 422;
	*out_fault = str_of(
		tr("That is not right. Type the password that holds now, and the code that shows now."));
	return door_failed(p, &t, x.person, err);
}
