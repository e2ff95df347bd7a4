/* job.h -- every change is a job: authorised, written, audited and committed together, or not at all.
 *
 * A job is a re-runnable function without outside effects. The writer takes the waiting jobs together, each in a
 * savepoint, and commits the batch durably; then it answers all of them. A job that fails is rolled back alone and
 * leaves an audit row of its refusal. Nothing is acknowledged before it is durable.
 *
 *     batch:  BEGIN, epoch + 1 (reload what another process changed)
 *             for each job: look up the idempotency key -> SAVEPOINT, run(), audit row, RELEASE | ROLLBACK TO
 *             observers' before_commit (figure cells are flushed here), COMMIT, answers
 *
 * Idempotency: (actor, key, body digest) kept 7 days with the answer; the same key and digest gives the old answer
 * without running, the same key with another digest is RC_CONFLICT. No key: always runs.
 *
 * Audit: one row per job in its own transaction: seq, at, actor, action, subject (register and id, never values),
 * digest of the change, result, previous head; head = SHA-256(previous head | row). audit.h verifies.
 *
 * The command line runs jobs through writer_run (a batch of one, or a slice of an import); `serve` has one writer
 * thread and writer_submit. Both take the same path. run() may be called again after a storage error: it must not
 * keep state between calls other than its output, which it fills from scratch. */
#pragma once
#include "guard/actor.h"
#include "store/db.h"

struct writer;
struct seal;

/* What a job sees. `user` is the city (register/city.h), set by writer_open's caller. */
struct job_ctx {
	struct db *db;
	struct arena *a; /* lives until the answer is taken */
	const struct actor *actor;
	int64_t now_ms;
	void *user;
	/* Filled by run() for the audit row: what was done to what. */
	str action;  /* "add", "set", "do:confirm", "import", "move" ... */
	str subject; /* "service_record:812" */
	str detail;  /* ids and digests only */
};

struct job {
	struct actor actor;
	str key, body_digest; /* idempotency; key empty: none */
	enum rc (*run)(struct job_ctx *c, void *arg, struct err *err);
	void *arg;
	struct arena *a; /* results live here; the submitter's */
	/* For writer_submit: called on the writer thread after the commit. */
	void (*done)(struct job *job, void *user);
	void *done_user;
	/* Out. */
	enum rc rc;
	struct err err;
	bool replayed;    /* the answer is that of an earlier run of the same key: `reply` holds it */
	str reply;        /* set by run() through job_reply; kept with the key (<= 4 KB) */
	struct job *next; /* the writer's */
};

void job_reply(struct job_ctx *c, str reply);

/* Called inside the batch's transaction. Any may be NULL. */
struct writer_hooks {
	void *user; /* becomes job_ctx.user */
	enum rc (*batch_begin)(
		void *user, struct db *db, bool reload, struct err *err); /* reload: another process wrote */
	enum rc (*before_commit)(void *user, struct db *db, struct err *err);
	void (*job_rolled_back)(void *user, struct db *db); /* a savepoint was undone */
	void (*batch_abandoned)(void *user);                /* the whole batch was undone; it may run again */
	void (*committed)(void *user);
};

MUST_USE enum rc writer_open(
	const char *db_url, const struct writer_hooks *hooks, struct writer **out_writer, struct err *err);
struct db *writer_db(struct writer *w); /* for set-up before jobs run */
void writer_close(struct writer *w);    /* runs what waits, stops the thread */

/* One job on the calling thread (or through the thread when it runs). Returns job->rc; err is filled like job->err. */
MUST_USE enum rc writer_run(struct writer *w, struct job *job, struct err *err);
MUST_USE enum rc writer_start(struct writer *w, struct err *err); /* the thread */
void writer_submit(struct writer *w, struct job *job);

/* Reads of minors' data announce themselves first: one durable row, before a byte leaves. Queued like a job. */
struct read_note {
	str what; /* "care_child:12,17,19" */
	str purpose;
	int64_t authorisation;
};
MUST_USE enum rc writer_announce_read(
	struct writer *w, const struct actor *actor, const struct read_note *n, struct err *err);
