/* job.c -- see job.h.
 *
 * Invariants:
 *   1. Only the thread that holds w->turn touches w->db, w->epoch, w->notes and the hooks: the writer thread, or a caller of
 *      writer_run while there is none.
 *   2. A job is answered (done, or writer_run returns) only after the commit of the batch that holds its rows, or after
 *      its failure is certain, or as RC_UNKNOWN.
 *   3. Every batch that writes more than quiet jobs leaves at least one audit row; it is durable if and only if its last
 *      one is.
 *   4. Between batches no transaction is open.
 *
 * A batch:   begin --body--> committed                       all answered
 *                  --body fails, engine gave up--> abandoned --> one by one --> once more --> failed
 *                  --commit unknown--> opened anew --> landed | abandoned (as above) */
#include "guard/job.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "guard/audit.h"
#include "store/ballast.h"
#include "store/migrate.h"
#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

struct writer {
	struct db *db; /* NULL when it could not be opened anew */
	char *url;
	struct writer_hooks hooks;
	int64_t epoch;             /* of our last batch; -1: reload */
	enum hash_kind chain_kind; /* of the audit; looked up at the first batch */
	bool chain_known;
	struct arena notes; /* the batch's: what its audit rows say */
	struct audit_row *rows;
	size_t rows_cap;
	int64_t pruned_at_ms;
	long sync_faults, full_faults;
	struct ballast *ballast;
	struct writer_stats stats; /* under lock */
	pthread_mutex_t turn;      /* invariant 1 */
	pthread_mutex_t lock;      /* the rest */
	pthread_cond_t wake;
	struct job *head, *tail;
	int waiting;
	bool running, stopping,
		opened; /* opened: it stood once, so that a server that is away is waited for */
	pthread_t thread;
};

static const char Q_EPOCH[] = "UPDATE city SET epoch = epoch + 1 WHERE one = 1"
			      " RETURNING epoch, audit_seq, audit_head";
static const char Q_CHAIN[] = "UPDATE city SET audit_seq = ?1, audit_head = ?2 WHERE one = 1";
static const char Q_HOLD[] = "UPDATE city SET epoch = epoch WHERE one = 1";
static const char Q_LANDED[] = "SELECT head FROM audit WHERE seq = ?1";
static const char Q_KEY[] =
	"SELECT digest, rc, reply FROM idempotency WHERE actor = ?1 AND name = ?2 AND at >= ?3";
static const char Q_KEEP[] = "INSERT INTO idempotency(actor, name, digest, at, rc, reply)"
			     " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
			     " ON CONFLICT (actor, name) DO UPDATE SET digest = excluded.digest,"
			     " at = excluded.at, rc = excluded.rc, reply = excluded.reply";
static const char Q_PRUNE[] = "DELETE FROM idempotency WHERE at < ?1";

static const int64_t KEEP_MS = (int64_t)JOB_KEY_KEEP_DAYS * 86400000, PRUNE_EVERY_MS = 3600000;

/* ---- the connection ---- */

/* Whatever was open is undone; the next batch has a connection of its own. */
static void disconnect(struct writer *w)
{
	db_close(w->db);
	w->db = NULL;
}

static enum rc connect_db(struct writer *w, struct err *err)
{
	if (w->db && db_sync_faults() == w->sync_faults)
		return RC_OK;
	disconnect(w);
	w->epoch = -1;
	w->sync_faults = db_sync_faults();
	TRY(w->opened ? db_open_waiting(w->url, DB_WRITE, &w->db, err)
		      : db_open(w->url, DB_WRITE, &w->db, err));
	w->opened = true;
	enum rc rc = migrate_check(w->db, err);
	if (rc != RC_OK)
		disconnect(w);
	return rc;
}

enum rc writer_open(
	const char *db_url, const struct writer_hooks *hooks, struct writer **out_writer, struct err *err)
{
	struct writer *w = mem_resize(NULL, sizeof *w);
	*w = (struct writer){.epoch = -1, .hooks = hooks ? *hooks : (struct writer_hooks){0}};
	w->url = memcpy(mem_resize(NULL, strlen(db_url) + 1), db_url, strlen(db_url) + 1);
	pthread_mutex_init(&w->turn, NULL);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->wake, NULL);
	enum rc rc = connect_db(w, err);
	if (rc != RC_OK) {
		writer_close(w);
		return rc;
	}
	*out_writer = w;
	return RC_OK;
}

struct db *writer_db(struct writer *w)
{
	return w->db;
}

void writer_close(struct writer *w)
{
	if (w == NULL)
		return;
	if (w->running) {
		pthread_mutex_lock(&w->lock);
		w->stopping = true;
		pthread_cond_signal(&w->wake);
		pthread_mutex_unlock(&w->lock);
		pthread_join(w->thread, NULL);
	}
	assert(w->head == NULL);
	db_close(w->db);
	arena_done(&w->notes);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	pthread_mutex_destroy(&w->turn);
	mem_resize(w->url, 0);
	mem_resize(w, 0);
}

/* ---- one job inside a batch ---- */

struct batch {
	struct job **jobs;
	size_t n;
	int64_t epoch;
	struct audit_chain chain; /* its end as it will stand after the commit */
	int64_t first_seq;        /* chain.seq at the start: equal means that nothing was written */
	size_t rows_n;            /* of w->rows */
	bool uncertain;           /* it may stand: running it again could do it twice */
	bool began, quiet;        /* quiet: a quiet job has written */
};

static bool is_done(enum rc rc)
{
	return rc == RC_OK || rc == RC_FOUND;
}

void job_reply(struct job_ctx *c, str reply)
{
	assert(reply.n <= JOB_REPLY_MAX_BYTES);
	c->reply = arena_str(c->a, reply);
}

/* The row of a job, kept until the batch ends: all are written at once, behind every savepoint. What a later job of the
 * batch frees (a model that was replaced) may not be pointed at. */
static void note(struct writer *w, struct batch *b, const struct job_ctx *c, enum rc result)
{
	str actor = STR("operator");
	if (c->actor->person < 0)
		actor = STR("nobody");
	else if (!actor_is_operator(c->actor))
		actor = arena_fmt(&w->notes, "person:%lld", (long long)c->actor->person);
	w->rows = arena_grow(&w->notes, w->rows, b->rows_n, &w->rows_cap, sizeof *w->rows);
	w->rows[b->rows_n++] = (struct audit_row){.at_ms = c->now_ms,
		.actor = actor,
		.action = c->action.n ? arena_str(&w->notes, c->action) : STR("job"),
		.subject = arena_str(&w->notes, utf8_head(c->subject, AUDIT_TEXT_MAX_BYTES)),
		.detail = arena_str(&w->notes, c->detail),
		.result = str_of(audit_result(result)),
		.address = arena_str(&w->notes, c->actor->address)};
}

/* Has this key been answered before? Fills the job when so. */
static enum rc replay(struct writer *w, struct job *job, int64_t now_ms, struct err *err)
{
	struct stmt *s;
	bool row;
	if (job->key.n > JOB_KEY_MAX_BYTES)
		return FAIL(
			err, RC_LIMIT, "the idempotency key is longer than %d bytes", (int)JOB_KEY_MAX_BYTES);
	TRY(db_prepare(w->db, Q_KEY, &s, err));
	stmt_bind_i64(s, 1, job->actor.person);
	stmt_bind_text(s, 2, job->key);
	stmt_bind_i64(s, 3, now_ms - KEEP_MS);
	TRY(stmt_step(s, &row, err));
	if (!row)
		return RC_OK;
	bool same = str_eq(stmt_blob(s, 0), job->body_digest);
	if (same) {
		job->replayed = true;
		job->rc = (enum rc)stmt_i64(s, 1);
		job->reply = arena_str(job->a, stmt_blob(s, 2));
	}
	stmt_reset(s);
	return same ? RC_OK : FAIL(err, RC_CONFLICT, "the idempotency key was used for something else");
}

static enum rc keep(
	struct writer *w, const struct job *job, const struct job_ctx *c, enum rc rc, struct err *err)
{
	if (job->key.n == 0)
		return RC_OK;
	struct stmt *s;
	TRY(db_prepare(w->db, Q_KEEP, &s, err));
	stmt_bind_i64(s, 1, job->actor.person);
	stmt_lend_text(s, 2, job->key);
	stmt_lend_blob(s, 3, job->body_digest);
	stmt_bind_i64(s, 4, c->now_ms);
	stmt_bind_i64(s, 5, rc);
	stmt_lend_blob(s, 6, c->reply);
	return stmt_run(s, err);
}

static enum rc gave_up(const struct job *job, struct err *err)
{
	if (err && job->err.text[0])
		*err = job->err;
	else
		FAIL(err, RC_IO, "the database gave the batch up");
	return RC_IO;
}

/* RC_OK: the job has its result, good or bad, and its audit row is noted. Else the whole batch cannot go on. */
static enum rc run_one(struct writer *w, struct batch *b, struct job *job, struct err *err)
{
	struct job_ctx c = {.db = w->db,
		.a = job->a,
		.actor = &job->actor,
		.now_ms = clock_now_ms(),
		.user = w->hooks.user};
	job->err = (struct err){0};
	job->replayed = false;
	job->reply = (str){0};
	tr_set(job->lang);
	enum rc rc = job->key.n ? replay(w, job, c.now_ms, &job->err) : RC_OK;
	if (job->replayed)
		return RC_OK;
	if (rc == RC_OK) {
		TRY(db_savepoint(w->db, err));
		rc = job->run(&c, job->arg, &job->err);
		if (is_done(rc) && db_flush(w->db, &job->err) != RC_OK)
			rc = job->err.rc;
		if (!db_in_transaction(w->db))
			return gave_up(job, err);
		if (is_done(rc) && job->dry) {
			db_rollback_to(w->db);
			if (w->hooks.job_rolled_back)
				w->hooks.job_rolled_back(w->hooks.user, w->db);
			job->rc = rc;
			job->reply = c.reply;
			return RC_OK;
		}
		if (is_done(rc)) {
			b->quiet = b->quiet || job->quiet;
			TRY(keep(w, job, &c, rc, err));
			if (!job->quiet)
				note(w, b, &c, rc);
			TRY(db_release(w->db, err));
			job->rc = rc;
			job->reply = c.reply;
			return RC_OK;
		}
		db_rollback_to(w->db);
		if (w->hooks.job_rolled_back)
			w->hooks.job_rolled_back(w->hooks.user, w->db);
	}
	if (!db_in_transaction(w->db))
		return gave_up(job, err);
	job->rc = rc;
	c.detail = utf8_head(c.detail, AUDIT_TEXT_MAX_BYTES);
	note(w, b, &c, rc);
	return RC_OK;
}

/* ---- a batch ---- */

static enum rc batch_start(struct writer *w, struct batch *b, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(w->db, Q_EPOCH, &s, err));
	TRY(stmt_step(s, &row, err));
	if (!row || stmt_blob(s, 2).n != HASH_BYTES)
		return FAIL(err, RC_IO, "the database has lost the row of its city");
	b->epoch = stmt_i64(s, 0);
	b->chain.seq = b->first_seq = stmt_i64(s, 1);
	memcpy(b->chain.head.b, stmt_blob(s, 2).p, HASH_BYTES);
	TRY(stmt_run(s, err));
	if (!w->chain_known)
		TRY(audit_kind(w->db, &w->chain_kind, err));
	w->chain_known = true;
	b->chain.kind = w->chain_kind;
	bool reload = b->epoch != w->epoch + 1;
	return w->hooks.batch_begin ? w->hooks.batch_begin(w->hooks.user, w->db, reload, err) : RC_OK;
}

static enum rc batch_end(struct writer *w, struct batch *b, struct err *err)
{
	struct stmt *s;
	int64_t now_ms = clock_now_ms();
	if (w->hooks.before_commit)
		TRY(w->hooks.before_commit(w->hooks.user, w->db, err));
	if (now_ms - w->pruned_at_ms >= PRUNE_EVERY_MS) {
		w->pruned_at_ms = now_ms;
		TRY(db_prepare(w->db, Q_PRUNE, &s, err));
		stmt_bind_i64(s, 1, now_ms - KEEP_MS);
		TRY(stmt_run(s, err));
	}
	TRY(audit_append(w->db, &b->chain, w->rows, b->rows_n, err));
	TRY(db_prepare(w->db, Q_CHAIN, &s, err));
	stmt_bind_i64(s, 1, b->chain.seq);
	stmt_bind_blob(s, 2, (str){(const char *)b->chain.head.b, HASH_BYTES});
	TRY(stmt_run(s, err));
	if (!db_in_transaction(w->db))
		return FAIL(err, RC_IO, "the database gave the batch up");
	return RC_OK;
}

static enum rc last_row_is(struct db *db, const struct batch *b, bool *out, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, Q_LANDED, &s, err));
	stmt_bind_i64(s, 1, b->chain.seq);
	TRY(stmt_step(s, &row, err));
	*out = row && stmt_blob(s, 0).n == HASH_BYTES &&
	       memcmp(stmt_blob(s, 0).p, b->chain.head.b, HASH_BYTES) == 0;
	stmt_reset(s);
	return RC_OK;
}

/* A server may still be at the commit that we lost sight of: the row of the city is free when it is through. */
static enum rc stands(struct writer *w, const struct batch *b, bool *out, struct err *err)
{
	struct stmt *s;
	TRY(connect_db(w, err));
	TRY(db_begin(w->db, err));
	enum rc rc = db_prepare(w->db, Q_HOLD, &s, err);
	if (rc == RC_OK)
		rc = stmt_run(s, err);
	if (rc == RC_OK)
		rc = last_row_is(w->db, b, out, err);
	db_rollback(w->db);
	return rc;
}

/* After a commit of unknown outcome: a new connection says whether the batch's last audit row stands. If it does, it is
 * made durable; if it does not, the batch may run again; if neither can be had, it is uncertain. What the commit said
 * stays in the caller's err. */
static enum rc look(struct writer *w, struct batch *b)
{
	struct err here;
	bool landed = false;
	disconnect(w);
	if (b->chain.seq == b->first_seq) /* quiet jobs may run twice, replays wrote nothing */
		return b->quiet ? RC_UNKNOWN : RC_OK;
	b->uncertain = stands(w, b, &landed, &here) != RC_OK || (landed && db_settle(w->db, &here) != RC_OK);
	return landed && !b->uncertain ? RC_OK : RC_UNKNOWN;
}

static void note_commit(struct writer *w, size_t jobs, int64_t us)
{
	pthread_mutex_lock(&w->lock);
	w->stats.batches++;
	w->stats.jobs += (int64_t)jobs;
	w->stats.last_batch_jobs = (int64_t)jobs;
	w->stats.commit_us_sum += us;
	w->stats.commit_us_last = us;
	if (us > w->stats.commit_us_max)
		w->stats.commit_us_max = us;
	pthread_mutex_unlock(&w->lock);
}

/* The first FULL gives the ballast back, so that what was begun can end at its second try. */
static void look_at_disk(struct writer *w)
{
	if (w->ballast && db_full_faults() != w->full_faults)
		ballast_release(w->ballast);
	w->full_faults = db_full_faults();
}

static bool only_dry(const struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (!b->jobs[i]->dry || !is_done(b->jobs[i]->rc))
			return false;
	return true;
}

static enum rc batch_try(struct writer *w, struct batch *b, struct err *err)
{
	b->began = b->quiet = b->uncertain = false;
	arena_reset(&w->notes);
	w->rows = NULL;
	w->rows_cap = b->rows_n = 0;
	TRY(connect_db(w, err));
	enum rc rc = db_begin(w->db, err);
	if (rc != RC_OK) {
		disconnect(w);
		return rc;
	}
	b->began = true;
	rc = batch_start(w, b, err);
	for (size_t i = 0; i < b->n && rc == RC_OK; i++)
		rc = run_one(w, b, b->jobs[i], err);
	if (rc == RC_OK &&
		only_dry(b)) { /* nothing is left to commit: the file stays as it was, to the byte */
		db_rollback(w->db);
		if (w->hooks.batch_abandoned)
			w->hooks.batch_abandoned(w->hooks.user);
		return RC_OK;
	}
	if (rc == RC_OK)
		rc = batch_end(w, b, err);
	if (rc == RC_OK) {
		int64_t began_us = clock_mono_us();
		rc = db_commit(w->db, err);
		note_commit(w, b->n, clock_mono_us() - began_us);
		if (rc == RC_UNKNOWN)
			rc = look(w, b);
		else if (rc == RC_OK)
			w->epoch = b->epoch;
	}
	look_at_disk(w); /* one job may have felt it and the others not */
	if (rc == RC_OK) {
		if (w->hooks.committed)
			w->hooks.committed(w->hooks.user);
		return RC_OK;
	}
	if (w->db)
		db_rollback(w->db);
	if (w->db && (rc == RC_IO || db_in_transaction(w->db)))
		disconnect(w);
	w->epoch = -1;
	if (w->hooks.batch_abandoned)
		w->hooks.batch_abandoned(w->hooks.user);
	return rc;
}

static void failed(struct job *job, enum rc rc, const struct err *err)
{
	job->rc = rc;
	job->err = *err;
	job->replayed = false;
	job->reply = (str){0};
}

/* All jobs have their answers afterwards. The caller has the turn. doubt: an earlier try may still come back from the
 * log after a power cut, since no later commit has overwritten it: its failure is not certain. */
static void run_batch(struct writer *w, struct job **jobs, size_t n, bool doubt)
{
	struct batch b = {.jobs = jobs, .n = n};
	struct err err = {0};
	enum lang lang = tr_lang();
	enum rc rc = batch_try(w, &b, &err);
	doubt = doubt || rc == RC_UNKNOWN;
	/* A batch that could not begin found its connection gone: the next try opens one. */
	bool retry = rc != RC_OK && (b.began || rc == RC_IO) && !b.uncertain;
	if (retry && n > 1) {
		for (size_t i = 0; i < n; i++)
			run_batch(w, &jobs[i], 1, doubt);
	} else {
		if (retry)
			rc = batch_try(w, &b, &err);
		for (size_t i = 0; i < n && rc != RC_OK; i++)
			failed(jobs[i], doubt ? RC_UNKNOWN : rc, &err);
	}
	tr_set(lang);
}

/* ---- the queue and its thread ---- */

static size_t take(struct writer *w, struct job **jobs)
{
	size_t n = 0;
	pthread_mutex_lock(&w->lock);
	while (w->head == NULL && !w->stopping)
		pthread_cond_wait(&w->wake, &w->lock);
	while (w->head && n < WRITER_BATCH_MAX) {
		jobs[n++] = w->head;
		w->head = w->head->next;
	}
	if (w->head == NULL)
		w->tail = NULL;
	w->waiting -= (int)n;
	pthread_mutex_unlock(&w->lock);
	return n;
}

static void *work(void *arg)
{
	struct writer *w = arg;
	struct job *jobs[WRITER_BATCH_MAX];
	for (size_t n; (n = take(w, jobs)) > 0;) {
		pthread_mutex_lock(&w->turn);
		run_batch(w, jobs, n, false);
		pthread_mutex_unlock(&w->turn);
		for (size_t i = 0; i < n; i++)
			if (jobs[i]->done)
				jobs[i]->done(jobs[i], jobs[i]->done_user);
	}
	return NULL;
}

enum rc writer_start(struct writer *w, struct err *err)
{
	sigset_t all, old;
	assert(!w->running);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int rc = pthread_create(&w->thread, NULL, work, w);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc != 0)
		return FAIL(err, RC_IO, "the writer's thread could not be started: %s", strerror(rc));
	w->running = true;
	return RC_OK;
}

void writer_submit(struct writer *w, struct job *job)
{
	assert(job->a && job->run && !(job->quiet && job->key.n));
	job->next = NULL;
	job->lang = tr_lang();
	bool full = writer_is_full(w) && !job->quiet && job->run != read_note_run;
	pthread_mutex_lock(&w->lock);
	bool room = w->waiting < WRITER_QUEUE_MAX && w->running && !w->stopping && !full;
	w->stats.refused += !room;
	if (room) {
		if (w->tail)
			w->tail->next = job;
		else
			w->head = job;
		w->tail = job;
		if (w->waiting++ == 0)
			pthread_cond_signal(&w->wake);
	}
	pthread_mutex_unlock(&w->lock);
	if (room)
		return;
	struct err err;
	if (full)
		failed(job,
			FAIL(&err, RC_IO,
				"the disk is full: nothing can be written until there is room again"),
			&err);
	else
		failed(job, FAIL(&err, RC_LIMIT, "too many changes are waiting; try again in a moment"),
			&err);
	if (job->done)
		job->done(job, job->done_user);
}

int writer_waiting(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	int n = w->waiting;
	pthread_mutex_unlock(&w->lock);
	return n;
}

void writer_stats(struct writer *w, struct writer_stats *out)
{
	pthread_mutex_lock(&w->lock);
	*out = w->stats;
	out->waiting = w->waiting;
	pthread_mutex_unlock(&w->lock);
}

void writer_ballast(struct writer *w, struct ballast *b)
{
	w->ballast = b;
	w->full_faults = db_full_faults();
}

bool writer_is_full(struct writer *w)
{
	return w->ballast && ballast_full(w->ballast);
}

struct waiter {
	pthread_mutex_t lock;
	pthread_cond_t answered;
	bool done;
};

static void release(struct job *job, void *user)
{
	(void)job;
	struct waiter *r = user;
	pthread_mutex_lock(&r->lock);
	r->done = true;
	pthread_cond_signal(&r->answered);
	pthread_mutex_unlock(&r->lock);
}

enum rc writer_run(struct writer *w, struct job *job, struct err *err)
{
	assert(job->a && job->run);
	if (w->running) {
		assert(!pthread_equal(pthread_self(), w->thread));
		struct waiter r = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
		job->done = release;
		job->done_user = &r;
		writer_submit(w, job);
		pthread_mutex_lock(&r.lock);
		while (!r.done)
			pthread_cond_wait(&r.answered, &r.lock);
		pthread_mutex_unlock(&r.lock);
	} else {
		job->lang = tr_lang();
		pthread_mutex_lock(&w->turn);
		run_batch(w, &job, 1, false);
		pthread_mutex_unlock(&w->turn);
	}
	if (err)
		*err = job->err;
	return job->rc;
}

/* ---- announced reads ---- */

enum rc read_note_run(struct job_ctx *c, void *arg, struct err *err)
{
	const struct read_note *n = arg;
	c->action = STR("read");
	c->subject = n->what;
	c->detail = n->basis.n ? arena_fmt(c->a, "%.*s %.*s", STR_ARG(n->purpose), STR_ARG(n->basis))
			       : n->purpose;
	if (n->what.n > AUDIT_TEXT_MAX_BYTES || c->detail.n > AUDIT_TEXT_MAX_BYTES)
		return FAIL(err, RC_LIMIT, "too many records in one announced read");
	return RC_OK;
}

enum rc writer_announce_read(
	struct writer *w, const struct actor *actor, const struct read_note *n, struct err *err)
{
	struct arena a = {0};
	struct read_note copy = *n;
	struct job job = {.actor = *actor, .run = read_note_run, .arg = &copy, .a = &a};
	enum rc rc = writer_run(w, &job, err);
	arena_done(&a);
	return rc;
}
