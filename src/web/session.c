/* session.c -- who asks: the session cookie of a browser, or a program's bearer token. */
#include "guard/session.h"
#include "base/clock.h"
#include "guard/account.h"
#include "guard/role.h"
#include "guard/token.h"
#include "register/rights.h"
#include "web/site_in.h"

struct touch {
	struct arena a;
	struct job job;
	str token;
	int64_t program; /* a program's token */
};

static enum rc touch_run(struct job_ctx *c, void *arg, struct err *err)
{
	const struct touch *t = arg;
	return t->program ? token_touch(c, t->program, err) : session_touch(c, t->token, err);
}

static void touched(struct job *job, void *user)
{
	struct touch *t = user;
	(void)job;
	arena_done(&t->a);
	mem_resize(t, 0);
}

/* Nobody waits for it, so it outlives the request. */
static void touch(struct page *p, int64_t program)
{
	struct touch *t = mem_resize(NULL, sizeof *t);
	*t = (struct touch){0};
	t->token = arena_str(&t->a, p->session);
	t->program = program;
	t->job = (struct job){.actor = actor_bare(&t->a, &p->r.actor),
		.run = touch_run,
		.arg = t,
		.a = &t->a,
		.quiet = true,
		.done = touched,
		.done_user = t};
	writer_submit(p->site->city->writer, &t->job);
}

/* What was proven bounds all that opens rows: roles, and beside them cases worked on as a role, broken glass and the
 * agreements of departments, which want a code. A program breaks no glass. */
static enum rc rights(struct page *p, struct actor *actor, enum factor proven, struct err *err)
{
	const struct role_kinds *all = &p->site->city->model->roles;
	size_t grants = 0, cases = 0;
	role_narrow(actor, all, proven);
	actor->address = p->q->address;
	TRY(rights_load(p->r.db, p->site->city, p->a, actor, err));
	struct grant *g = NEWS(p->a, actor->grants_n + 1, struct grant);
	struct case_of *c = NEWS(p->a, actor->cases_n + 1, struct case_of);
	for (size_t i = 0; i < actor->grants_n; i++)
		if (actor->grants[i].kind == GRANT_STANDING ||
			(proven == FACTOR_CODE && (!p->by_bearer || actor->grants[i].kind != GRANT_GLASS)))
			g[grants++] = actor->grants[i];
	for (size_t i = 0; i < actor->cases_n; i++) {
		const struct role_kind *k = role_kind(all, actor->cases[i].role);
		if (k && k->factor <= proven)
			c[cases++] = actor->cases[i];
	}
	actor->grants = g;
	actor->grants_n = grants;
	actor->cases = c;
	actor->cases_n = cases;
	return RC_OK;
}

static void known(struct page *p, int64_t person)
{
	p->signed_in = true;
	p->who = record_label_open(&p->r, model_reg(p->site->city->model, STR("person")), person);
}

/* The duty may have ended since the token was made: then it opens nothing. */
static enum rc program(struct page *p, str text, struct err *err)
{
	struct token t;
	struct actor actor;
	enum rc rc = token_find(p->r.db, p->a, text, clock_now_ms(), &t, err);
	if (rc == RC_OK)
		rc = role_actor(p->r.db, p->a, t.person, t.duty, clock_today(), &actor, err);
	if (rc == RC_DENIED) /* no such token, or the duty has ended */
		return RC_OK;
	TRY(rc);
	if (t.org && (actor.org == 0 || tree_under(p->r.tree, t.org, actor.org, clock_today())))
		actor.org = t.org;
	else if (t.org)
		return RC_OK;
	TRY(rights(p, &actor, t.proven, err));
	p->r.actor = actor;
	p->scope = t.scope;
	known(p, t.person);
	if (t.touch)
		touch(p, t.id);
	return RC_OK;
}

/* A phone reaches its own unit: one that has units under it now is no longer what was bound. */
static bool phone_holds(struct page *p)
{
	size_t n;
	tree_subtree(p->a, p->r.tree, p->sess.org, clock_today(), &n);
	return n == 1;
}

static enum rc browser(struct page *p, str token, struct err *err)
{
	struct session s;
	struct actor actor;
	enum rc rc = session_find(p->r.db, p->a, token, clock_now_ms(), &s, err);
	if (rc == RC_DENIED)
		return RC_OK;
	TRY(rc);
	p->session = arena_str(p->a, token);
	p->csrf = csrf_token(p->a, p->site->city->seal, p->session);
	p->sess = s;
	if (s.level == SESSION_WHOLE) {
		rc = role_actor(p->r.db, p->a, s.person, s.org, clock_today(), &actor, err);
		if (rc == RC_DENIED && s.device == 0) /* that duty has ended: another, or one's own data */
			rc = role_actor(p->r.db, p->a, s.person, 0, clock_today(), &actor, err);
		if (rc == RC_DENIED || (s.device && !phone_holds(p))) {
			p->sess = (struct session){0};
			return RC_OK;
		}
		TRY(rc);
		TRY(rights(p, &actor, s.proven, err));
		p->r.actor = actor;
		known(p, s.person);
	}
	if (s.touch)
		touch(p, 0);
	return RC_OK;
}

enum rc session_read(struct page *p, struct err *err)
{
	str bearer = http_header(p->q, "Authorization"), token = http_cookie(p->q, "session");
	p->r.actor = actor_nobody();
	p->r.actor.address = p->q->address;
	p->by_bearer = str_starts(bearer, STR("Bearer "));
	if (p->by_bearer)
		return program(p, str_trim(str_from(bearer, 7)), err);
	return token.n ? browser(p, token, err) : RC_OK;
}
