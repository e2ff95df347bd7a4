/* job.h -- every change is a job: authorised, written, audited and committed together, or not at all.
 *
 * A job is a re-runnable function without outside effects. The writer takes the waiting jobs together, each in a
 * savepoint, and commits the batch durably; then it answers all of them. A job that fails is rolled back alone and
 * leaves an audit row of its refusal. No audit row, no commit. Nothing is acknowledged before it is durable.
 *
 *     batch:  BEGIN, epoch + 1 (reload what another process changed)
 *             for each job: look up the idempotency key -> SAVEPOINT, run(), RELEASE | ROLLBACK TO
 *             observers' before_commit (figure cells are flushed here), the jobs' audit rows, COMMIT, answers
 *
 * Idempotency: (actor, key, body digest) kept 7 days with the answer; the same key and digest gives the old answer
 * without running, the same key with another digest is RC_CONFLICT. No key: always runs.
 *
 * Audit: one row per job in its own transaction: seq, at, actor, action, subject (register and id, never values),
 * digest of the change, result, previous head; head = SHA-256(previous head | row). audit.h verifies.
 *
 * The command line runs jobs through writer_run (a batch of one, or a slice of an import); `serve` has one writer
 * thread and writer_submit. Both take the same path. run() may be called again after a storage error: it must not
 * keep state between calls other than its output, which it fills from scratch. RC_OK and RC_FOUND from run() commit.
 *
 * The queue holds WRITER_QUEUE_MAX jobs; one more is answered RC_LIMIT at once. A batch is at most WRITER_BATCH_MAX jobs;
 * a long job (an import's slice) looks at writer_waiting and ends early.
 * When a batch as a whole fails (the engine gave it up, before_commit failed), its jobs run again one by one, so that
 * only the guilty one fails. A commit whose outcome is not known: the connection is opened anew, and the batch has
 * landed if its last audit row stands; else it runs again, and only if that fails too the answer is RC_UNKNOWN. */
#pragma once
#include "base/tr.h"
#include "guard/actor.h"
#include "store/db.h"

struct writer;
struct seal;

enum {
	WRITER_QUEUE_MAX = 10000,
	WRITER_BATCH_MAX = 256,
	JOB_REPLY_MAX_BYTES = 4096,
	JOB_KEY_MAX_BYTES = 200,
	JOB_KEY_KEEP_DAYS = 7
};

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
	str reply;   /* job_reply */
};

struct job {
	struct actor actor;
	str key, body_digest; /* idempotency; key empty: none */
	enum rc (*run)(struct job_ctx *c, void *arg, struct err *err);
	void *arg;
	/* Bookkeeping without content (a session's last use): no audit row and no key. Never for records. A quiet job that
	 * fails leaves its refusal like any other. */
	bool quiet;
	/* Only to see what it would do: once run() is done all that it wrote is taken back, and nothing is audited but a
	 * refusal. What it has put into memory (reply, arg) stays. */
	bool dry;
	struct arena *a; /* results live here; the submitter's, not touched by it until the answer */
	/* For writer_submit: called on the writer thread after the commit (when the queue is full: by writer_submit). The
	 * job may be freed in it. */
	void (*done)(struct job *job, void *user);
	void *done_user;
	/* Out. */
	enum rc rc;
	struct err err;
	bool replayed;    /* the answer is that of an earlier run of the same key: `reply` holds it */
	str reply;        /* set by run() through job_reply; kept with the key (<= 4 KB) */
	struct job *next; /* the writer's */
	enum lang lang;   /* the submitter's, set by the writer */
};

void job_reply(struct job_ctx *c, str reply); /* at most JOB_REPLY_MAX_BYTES */

/* Called inside the batch's transaction. Any may be NULL. */
struct writer_hooks {
	void *user; /* becomes job_ctx.user */
	/* reload: another process wrote (or may have: the first batch, a connection opened anew) */
	enum rc (*batch_begin)(void *user, struct db *db, bool reload, struct err *err);
	enum rc (*before_commit)(void *user, struct db *db, struct err *err);
	void (*job_rolled_back)(void *user, struct db *db); /* a savepoint was undone */
	void (*batch_abandoned)(void *user);                /* the whole batch was undone; it may run again */
	void (*committed)(void *user);
};

MUST_USE enum rc writer_open(
	const char *db_url, const struct writer_hooks *hooks, struct writer **out_writer, struct err *err);
struct db *writer_db(
	struct writer *w);           /* for set-up before jobs run; do not keep it, it may be opened anew */
void writer_close(struct writer *w); /* runs what waits, stops the thread */

/* One job on the calling thread (or through the thread when it runs). Returns job->rc; err is filled like job->err. */
MUST_USE enum rc writer_run(struct writer *w, struct job *job, struct err *err);
MUST_USE enum rc writer_start(struct writer *w, struct err *err); /* the thread */
void writer_submit(struct writer *w, struct job *job);
int writer_waiting(struct writer *w); /* jobs in the queue */

/* What /metrics tells; since the writer was opened. */
struct writer_stats {
	int64_t batches, jobs, last_batch_jobs, refused;
	int64_t commit_us_sum, commit_us_max, commit_us_last;
	int waiting;
};
void writer_stats(struct writer *w, struct writer_stats *out);

/* A ballast (store/ballast.h) that is released when the disk is full; from then on jobs are refused (RC_IO) until there is
 * room again, but for quiet ones and read notes: pages can still be read. The caller keeps it. NULL: none. */
struct ballast;
void writer_ballast(struct writer *w, struct ballast *b);
bool writer_is_full(struct writer *w);

/* Reads of minors' data announce themselves first: one durable row, before a byte leaves. Queued like a job: a page
 * that may not wait submits one with run = read_note_run and arg = the note. */
struct read_note {
	str what; /* "care_child:12,17,19", at most AUDIT_TEXT_MAX_BYTES */
	str purpose;
	str basis; /* what opened them: "authorisation:4 case:rights_case:9", at most AUDIT_TEXT_MAX_BYTES */
};
MUST_USE enum rc writer_announce_read(
	struct writer *w, const struct actor *actor, const struct read_note *n, struct err *err);
enum rc read_note_run(struct job_ctx *c, void *note, struct err *err);
