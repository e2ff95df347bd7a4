/* meter.c -- see meter.h. */
#include "web/meter.h"
#include "base/clock.h"
#include "web/site_in.h"

/* An account, or a stranger's address as a number below zero. */
static int64_t who_asks(const struct page *p)
{
	return p->r.actor.person > 0 ? p->r.actor.person : -(int64_t)(str_hash(p->q->address) >> 2) - 2;
}

static enum rc told_run(struct job_ctx *c, void *arg, struct err *err)
{
	c->action = STR("limit");
	c->subject = str_of(arg);
	return FAIL(err, RC_DENIED, "asked too often");
}

struct told {
	struct arena a;
	struct job job;
};

static void told_done(struct job *job, void *user)
{
	struct told *t = user;
	(void)job;
	arena_done(&t->a);
	mem_resize(t, 0);
}

/* A row of refusal, once a minute; nobody waits for it. */
static void tell(struct page *p, const char *what)
{
	if (limiter_use(p->site->limiter, "told", who_asks(p), 1, clock_now_ms()))
		return;
	struct told *t = mem_resize(NULL, sizeof *t);
	*t = (struct told){0};
	t->job = (struct job){.actor = actor_bare(&t->a, &p->r.actor),
		.run = told_run,
		.arg = (void *)(uintptr_t)arena_cstr(&t->a, str_of(what)),
		.a = &t->a,
		.done = told_done,
		.done_user = t};
	writer_submit(p->site->city->writer, &t->job);
}

static bool answer(struct page *p, const char *what, int wait)
{
	if (wait == 0)
		return false;
	tell(p, what);
	error_answer(p, 429,
		arena_printf(
			p->a, tr("That was asked for too often in a short time. Wait %d seconds."), wait));
	http_add(p->q, "Retry-After", arena_printf(p->a, "%d", wait));
	return true;
}

bool meter_waits(struct page *p, const char *what, int per_minute)
{
	return answer(p, what, limiter_use(p->site->limiter, what, who_asks(p), per_minute, clock_now_ms()));
}

static bool upload_over(struct page *p)
{
	return answer(p, "upload",
		limiter_take(p->site->limiter, "upload", who_asks(p), (int64_t)p->q->body.n,
			UPLOAD_MAX_BYTES_PER_HOUR, 3600, clock_now_ms()));
}

bool meter_over(struct page *p)
{
	if ((p->route->flags & ROUTE_UPLOAD) && upload_over(p))
		return true;
	if ((p->route->flags & ROUTE_FILE) && meter_waits(p, "file", FILES_PER_MINUTE))
		return true;
	return pairs_get(&p->q->query, "where").n > 0 && meter_waits(p, "search", SEARCHES_PER_MINUTE);
}
