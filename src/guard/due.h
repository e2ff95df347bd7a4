/* due.h -- time-driven work: table due(rule, subject, at, done_at). A row is work that is due at an instant; a rule is the
 * function that does it. Rules with every_ms renew themselves: the job that does one tick plans the next.
 *
 *     due_plan(db, "authorisation.notice", "17", at)      inside any job; the same (rule, subject, at) twice is one
 *     due_pass(...)                                       everything that is due by now, oldest first, each in a job of its own
 *     due_start / due_stop                                a thread of `serve` that passes every second
 *
 * Once per key: the job first marks its row done, and if somebody else has, does nothing; mark, work and audit row commit
 * together. Ticks missed while nothing ran are caught up in order, one by one; of a rule with `collapse` only the last. A tick
 * that fails stays due and is tried again after DUE_RETRY_MS, and others go on meanwhile. The clock is base/clock.h's, so that
 * --now and tests decide. */
#pragma once
#include "guard/job.h"

enum { DUE_RETRY_MS = 60000, DUE_PASS_MAX = 1000, DUE_KEEP_DAYS = 90 };

struct due_tick {
	str rule, subject;
	int64_t at_ms;
};

struct due_rule {
	const char *name;
	int64_t every_ms; /* 0: only what was planned */
	bool collapse;
	bool quiet; /* no audit row: it touches no records */
	enum rc (*run)(struct job_ctx *c, void *user, const struct due_tick *t, struct err *err);
};

struct due;

/* rules[n] and user (handed to the rules) outlive it. log is told of ticks that fail: rule and subject are ids. */
struct due *due_new(struct writer *w, const char *db_url, const struct due_rule *rules, size_t n, void *user,
	void (*log)(void *user, const struct due_tick *t, enum rc rc));
void due_free(struct due *d); /* stops the thread */
/* Called after each pass of the thread, outside of any job: for what has effects outside (guard/outbox.h). */
void due_after(struct due *d, void (*fn)(void *user, struct writer *w, struct db *db));

MUST_USE enum rc due_plan(struct db *db, str rule, str subject, int64_t at_ms, struct err *err);
/* What is open, oldest first, at most 1000. */
MUST_USE enum rc due_list(
	struct db *db, struct arena *a, struct due_tick **out, size_t *out_n, struct err *err);
/* One pass; *out_ran and *out_failed count ticks. */
MUST_USE enum rc due_pass(struct due *d, int *out_ran, int *out_failed, struct err *err);
MUST_USE enum rc due_start(struct due *d, struct err *err);
