/* due.c -- see due.h. */
#include "guard/due.h"
#include "base/clock.h"
#include <pthread.h>

enum { POSTPONED_MAX = 64, LOOK_MS = 1000 };

struct postponed {
	uint64_t key;
	int64_t until_us;
};

struct due {
	struct writer *writer;
	char *url;
	const struct due_rule *rules;
	size_t n;
	void *user;
	void (*log)(void *user, const struct due_tick *t, enum rc rc);
	void (*after)(void *user, struct writer *w, struct db *db);
	struct db *db; /* read connection */
	struct postponed postponed[POSTPONED_MAX];
	size_t next_postponed;
	bool seeded;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool running, ending;
};

static const char Q_DUE[] = "SELECT rule, subject, at FROM due WHERE done_at IS NULL AND at <= ?1"
			    " ORDER BY at, rule, subject LIMIT 1000";
static const char Q_PLAN[] = "INSERT INTO due(rule, subject, at, done_at) VALUES (?1, ?2, ?3, NULL)"
			     " ON CONFLICT (rule, subject, at) DO NOTHING";
static const char Q_DONE[] = "UPDATE due SET done_at = ?4 WHERE rule = ?1 AND subject = ?2 AND at = ?3"
			     " AND done_at IS NULL";
static const char Q_OPEN[] = "SELECT 1 FROM due WHERE rule = ?1 AND subject = '' AND done_at IS NULL LIMIT 1";

struct due *due_new(struct writer *w, const char *db_url, const struct due_rule *rules, size_t n, void *user,
	void (*log)(void *user, const struct due_tick *t, enum rc rc))
{
	struct due *d = mem_resize(NULL, sizeof *d);
	*d = (struct due){.writer = w, .rules = rules, .n = n, .user = user, .log = log};
	d->url = memcpy(mem_resize(NULL, strlen(db_url) + 1), db_url, strlen(db_url) + 1);
	pthread_mutex_init(&d->lock, NULL);
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&d->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return d;
}

void due_after(struct due *d, void (*fn)(void *user, struct writer *w, struct db *db))
{
	d->after = fn;
}

void due_free(struct due *d)
{
	if (d == NULL)
		return;
	if (d->running) {
		pthread_mutex_lock(&d->lock);
		d->ending = true;
		pthread_cond_signal(&d->wake);
		pthread_mutex_unlock(&d->lock);
		pthread_join(d->thread, NULL);
	}
	db_close(d->db);
	pthread_cond_destroy(&d->wake);
	pthread_mutex_destroy(&d->lock);
	mem_resize(d->url, 0);
	mem_resize(d, 0);
}

enum rc due_plan(struct db *db, str rule, str subject, int64_t at_ms, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, Q_PLAN, &s, err));
	stmt_bind_text(s, 1, rule);
	stmt_bind_text(s, 2, subject);
	stmt_bind_i64(s, 3, at_ms);
	return stmt_run(s, err);
}

/* ---- one tick ---- */

struct ticking {
	struct due *d;
	const struct due_rule *rule;
	struct due_tick tick;
};

/* The next of a rule that renews itself. Of one that collapses: the last that is not in the future, and *out_skip that this
 * tick has been overtaken by it. */
static int64_t next_at(const struct due_rule *r, int64_t at_ms, int64_t now_ms, bool *out_skip)
{
	int64_t next = at_ms + r->every_ms;
	*out_skip = r->collapse && next <= now_ms;
	return *out_skip ? next + (now_ms - next) / r->every_ms * r->every_ms : next;
}

static enum rc tick_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct ticking *t = arg;
	struct stmt *s;
	c->action = STR("due");
	c->subject = t->tick.subject.n
			     ? arena_fmt(c->a, "%.*s:%.*s", STR_ARG(t->tick.rule), STR_ARG(t->tick.subject))
			     : t->tick.rule;
	TRY(db_prepare(c->db, Q_DONE, &s, err));
	stmt_bind_text(s, 1, t->tick.rule);
	stmt_bind_text(s, 2, t->tick.subject);
	stmt_bind_i64(s, 3, t->tick.at_ms);
	stmt_bind_i64(s, 4, c->now_ms);
	TRY(stmt_run(s, err));
	if (db_changes(c->db) == 0)
		return RC_OK; /* another process was first */
	bool skip = false;
	if (t->rule->every_ms > 0) {
		int64_t next = next_at(t->rule, t->tick.at_ms, c->now_ms, &skip);
		TRY(due_plan(c->db, t->tick.rule, t->tick.subject, next, err));
	}
	if (skip)
		return RC_OK;
	return t->rule->run(c, t->d->user, &t->tick, err);
}

static enum rc run_tick(
	struct due *d, const struct due_rule *rule, const struct due_tick *tick, struct err *err)
{
	struct arena a = {0};
	struct ticking t = {d, rule, *tick};
	struct job job = {
		.actor = actor_operator(), .run = tick_job, .arg = &t, .a = &a, .quiet = rule->quiet};
	enum rc rc = writer_run(d->writer, &job, err);
	arena_done(&a);
	return rc;
}

/* ---- a pass ---- */

static const struct due_rule *rule_named(const struct due *d, str name)
{
	for (size_t i = 0; i < d->n; i++)
		if (str_is(name, d->rules[i].name))
			return &d->rules[i];
	return NULL;
}

static uint64_t key_of(const struct due_tick *t)
{
	return str_hash(t->rule) * 31 + str_hash(t->subject);
}

static bool is_postponed(const struct due *d, const struct due_tick *t)
{
	for (size_t i = 0; i < POSTPONED_MAX; i++)
		if (d->postponed[i].key == key_of(t) && clock_mono_us() < d->postponed[i].until_us)
			return true;
	return false;
}

static enum rc seed_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct due *d = arg;
	for (size_t i = 0; i < d->n; i++) {
		const struct due_rule *r = &d->rules[i];
		struct stmt *s;
		bool row;
		if (r->every_ms == 0)
			continue;
		TRY(db_prepare(c->db, Q_OPEN, &s, err));
		stmt_bind_text(s, 1, str_of(r->name));
		TRY(stmt_step(s, &row, err));
		stmt_reset(s);
		if (!row)
			TRY(due_plan(
				c->db, str_of(r->name), (str){0}, c->now_ms - c->now_ms % r->every_ms, err));
	}
	return RC_OK;
}

static enum rc seed(struct due *d, struct err *err)
{
	struct arena a = {0};
	struct job job = {.actor = actor_operator(), .run = seed_job, .arg = d, .a = &a, .quiet = true};
	enum rc rc = d->seeded ? RC_OK : writer_run(d->writer, &job, err);
	d->seeded = d->seeded || rc == RC_OK;
	arena_done(&a);
	return rc;
}

static enum rc ticks_until(struct db *db, struct arena *a, int64_t until_ms, struct due_tick **out,
	size_t *out_n, struct err *err)
{
	struct stmt *s;
	enum rc rc;
	size_t cap = 0;
	*out = NULL;
	*out_n = 0;
	TRY(db_prepare(db, Q_DUE, &s, err));
	stmt_bind_i64(s, 1, until_ms);
	while (stmt_next(s, &rc, err)) {
		*out = arena_grow(a, *out, *out_n, &cap, sizeof **out);
		(*out)[(*out_n)++] = (struct due_tick){stmt_str(a, s, 0), stmt_str(a, s, 1), stmt_i64(s, 2)};
	}
	return rc;
}

enum rc due_list(struct db *db, struct arena *a, struct due_tick **out, size_t *out_n, struct err *err)
{
	return ticks_until(db, a, INT64_MAX, out, out_n, err);
}

static enum rc look(struct due *d, struct arena *a, struct due_tick **out, size_t *out_n, struct err *err)
{
	if (d->db == NULL)
		TRY(db_open(d->url, DB_READ, &d->db, err));
	return ticks_until(d->db, a, clock_now_ms(), out, out_n, err);
}

/* The same ticks in order; true when any ran, so that what it planned is looked at as well. */
static bool pass_once(struct due *d, const struct due_tick *ticks, size_t n, int *ran, int *failed)
{
	bool any = false;
	for (size_t i = 0; i < n && *ran + *failed < DUE_PASS_MAX; i++) {
		const struct due_rule *rule = rule_named(d, ticks[i].rule);
		if (rule == NULL || is_postponed(d, &ticks[i]))
			continue; /* a rule of a newer program, or of one that is not here */
		struct err why = {0};
		enum rc rc = run_tick(d, rule, &ticks[i], &why);
		if (rc == RC_OK || rc == RC_FOUND) {
			any = true;
			++*ran;
			continue;
		}
		++*failed;
		d->postponed[d->next_postponed++ % POSTPONED_MAX] =
			(struct postponed){key_of(&ticks[i]), clock_mono_us() + DUE_RETRY_MS * INT64_C(1000)};
		if (d->log)
			d->log(d->user, &ticks[i], rc);
	}
	return any;
}

enum rc due_pass(struct due *d, int *out_ran, int *out_failed, struct err *err)
{
	int ran = 0, failed = 0;
	TRY(seed(d, err));
	for (bool more = true; more;) {
		struct arena a = {0};
		struct due_tick *ticks;
		size_t n;
		enum rc rc = look(d, &a, &ticks, &n, err);
		more = rc == RC_OK && pass_once(d, ticks, n, &ran, &failed) && ran + failed < DUE_PASS_MAX;
		arena_done(&a);
		if (rc != RC_OK)
			return rc;
	}
	*out_ran = ran;
	*out_failed = failed;
	return RC_OK;
}

static void *watch(void *arg)
{
	struct due *d = arg;
	pthread_mutex_lock(&d->lock);
	while (!d->ending) {
		int ran, failed;
		pthread_mutex_unlock(&d->lock);
		if (due_pass(d, &ran, &failed, NULL) != RC_OK) {
			db_close(d->db); /* opened anew at the next pass */
			d->db = NULL;
		} else if (d->after && d->db) {
			d->after(d->user, d->writer, d->db);
		}
		pthread_mutex_lock(&d->lock);
		int64_t at = clock_mono_us() + LOOK_MS * 1000;
		struct timespec until = {.tv_sec = at / 1000000, .tv_nsec = at % 1000000 * 1000};
		if (!d->ending)
			pthread_cond_timedwait(&d->wake, &d->lock, &until);
	}
	pthread_mutex_unlock(&d->lock);
	return NULL;
}

enum rc due_start(struct due *d, struct err *err)
{
	d->running = pthread_create(&d->thread, NULL, watch, d) == 0;
	return d->running ? RC_OK : FAIL(err, RC_IO, "no more threads can be started");
}
