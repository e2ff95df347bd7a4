/* session.c -- who asks: the session cookie of a browser, or a program's bearer token. */
#include "guard/session.h"
#include "base/clock.h"
#include "guard/account.h"
#include "guard/role.h"
#include "register/rights.h"
#include "web/site_in.h"

struct touch {
	struct arena a;
	struct job job;
	str token;
};

static enum rc touch_run(struct job_ctx *c, void *arg, struct err *err)
{
	const struct touch *t = arg;
	return session_touch(c, t->token, err);
}

static void touched(struct job *job, void *user)
{
	struct touch *t = user;
	(void)job;
	arena_done(&t->a);
	mem_resize(t, 0);
}

/* Nobody waits for it, so it outlives the request. */
static void touch(struct page *p)
{
	struct touch *t = mem_resize(NULL, sizeof *t);
	*t = (struct touch){0};
	t->token = arena_str(&t->a, p->session);
	t->job = (struct job){.actor = actor_bare(&t->a, &p->r.actor),
		.run = touch_run,
		.arg = t,
		.a = &t->a,
		.quiet = true,
		.done = touched,
		.done_user = t};
	writer_submit(p->site->city->writer, &t->job);
}

enum rc session_read(struct page *p, struct err *err)
{
	struct session s;
	struct account account;
	str bearer = http_header(p->q, "Authorization"), token = http_cookie(p->q, "session");
	p->r.actor = actor_nobody();
	p->r.actor.address = p->q->address;
	if (str_starts(bearer, STR("Bearer "))) {
		token = str_trim(str_from(bearer, 7));
		p->by_bearer = true;
	}
	if (token.n == 0 || session_find(p->r.db, token, clock_now_ms(), &s, NULL) != RC_OK)
		return RC_OK;
	if (s.program != p->by_bearer)
		return RC_OK;
	p->session = arena_str(p->a, token);
	TRY(role_actor(p->r.db, p->a, s.person, 0, clock_today(), &p->r.actor, err));
	p->r.actor.address = p->q->address;
	TRY(rights_load(p->r.db, p->site->city, p->a, &p->r.actor, err));
	TRY(account_by_person(p->r.db, p->a, s.person, &account, err));
	p->signed_in = true;
	p->who = record_label_open(&p->r, model_reg(p->site->city->model, STR("person")), s.person);
	p->csrf = csrf_token(p->a, p->site->city->seal, p->session);
	if (s.touch)
		touch(p);
	return RC_OK;
}
