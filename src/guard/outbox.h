/* outbox.h -- what is to leave the house. Written inside the job that wants it said, sent after its commit, at least once.
 *
 *     kind  address                     goes
 *     mail  someone@example.org         by the mail server of setting outbox.mail (smtp:// or smtps://), from outbox.from
 *     hook  a path such as /hook/7      POST below the address of setting outbox.hook (https://…)
 *     file  a name such as notice-7     into the folder of setting outbox.folder
 *
 * Address and body are sealed by the city's key; the log and the errors hold ids. Nothing else is ever connected to: the host
 * is the configured one (net/outbound.h), an address cannot name another, and a redirect is an error. A message that cannot go
 * is tried again after 1, 2, 4 ... minutes, at most a day apart, OUTBOX_TRIES_MAX times; then it stays, unsent, and `status`
 * tells. Each carries its id (Message-ID, Idempotency-Key, the file's name), so that a receiver can drop a second copy. */
#pragma once
#include "guard/job.h"

struct seal;

enum { OUTBOX_TRIES_MAX = 20, OUTBOX_BODY_MAX_BYTES = 64 << 10, OUTBOX_KEEP_DAYS = 30 };

/* Inside a job. RC_INVALID: unknown kind, or an address that is none. */
MUST_USE enum rc outbox_put(
	struct job_ctx *c, struct seal *seal, str kind, str address, str body, struct err *err);

/* Sends what waits (at most 100), on the calling thread; each outcome is a job. Nothing is configured: nothing is tried.
 * db: any connection for reading. */
MUST_USE enum rc outbox_send(
	struct writer *w, struct db *db, struct seal *seal, int *out_sent, int *out_failed, struct err *err);

struct outbox_count {
	int64_t waiting, given_up, sent;
};
MUST_USE enum rc outbox_count(struct db *db, struct outbox_count *out, struct err *err);
/* Inside a job, by the operator or the system administrator: mail, from, alerts, heads, hook or folder; an empty value takes it back. */
MUST_USE enum rc outbox_set(struct job_ctx *c, str name, str value, struct err *err);
