/* The write job: nothing is acknowledged before it is durable, a job that fails fails alone. */
#include "base/clock.h"
#include "base/rand.h"
#include "database.h"
#include "guard/audit.h"
#include "guard/job.h"
#include "store/migrate.h"
#include "tests.h"
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

static char path[TEST_URL_BYTES];

static void forget(void)
{
	test_db_forget(path);
}

static void city(void)
{
	struct err err;
	struct db *db;
	test_db_url(path, "job");
	assert_ok(db_open(path, DB_CREATE, &db, &err), &err);
	assert_ok(migrate_up(db, &err), &err);
	assert_ok(db_exec(db, "CREATE TABLE mark(id INTEGER PRIMARY KEY, who INTEGER NOT NULL) STRICT", &err),
		&err);
	db_close(db);
}

static int64_t one(struct db *db, const char *sql)
{
	struct err err;
	struct stmt *s;
	bool row;
	assert_ok(db_prepare(db, sql, &s, &err), &err);
	assert_ok(stmt_step(s, &row, &err), &err);
	assert_true(row);
	int64_t v = stmt_i64(s, 0);
	stmt_reset(s);
	return v;
}

static int64_t look(const char *sql)
{
	struct err err;
	struct db *db;
	assert_ok(db_open(path, DB_READ, &db, &err), &err);
	int64_t v = one(db, sql);
	db_close(db);
	return v;
}

static void chain_holds(void)
{
	struct err err;
	struct db *db;
	int64_t rows, bad;
	assert_ok(db_open(path, DB_READ, &db, &err), &err);
	assert_ok(audit_verify(db, &rows, &bad, &err), &err);
	db_close(db);
}

/* A job that writes its own number; the odd trades of a test in `how`. */
struct mark {
	int64_t id, who;
	enum { FINE, FAIL_AFTER, GIVE_UP, GIVE_UP_ONCE } how;
	int runs;
};

static enum rc put(struct job_ctx *c, void *arg, struct err *err)
{
	struct mark *m = arg;
	struct stmt *s;
	c->action = STR("add");
	c->subject = arena_fmt(c->a, "mark:%lld", (long long)m->id);
	m->runs++;
	TRY(db_prepare(c->db, "INSERT INTO mark VALUES (?1, ?2)", &s, err));
	stmt_bind_i64(s, 1, m->id);
	stmt_bind_i64(s, 2, m->who);
	TRY(stmt_run(s, err));
	if (m->how == FAIL_AFTER)
		return FAIL(err, RC_DENIED, "not you");
	if (m->how == GIVE_UP || (m->how == GIVE_UP_ONCE && m->runs == 1)) {
		/* What SQLITE_FULL or an I/O error does: the engine rolls all of it back by itself. */
		TRY(db_exec(c->db, "ROLLBACK", err));
		return FAIL(err, RC_IO, "the disk is on fire");
	}
	job_reply(c, c->subject);
	return RC_OK;
}

static void a_failed_job_leaves_no_trace_but_its_refusal(void **state)
{
	(void)state;
	city();
	struct err err;
	struct writer *w;
	struct arena a = {0};
	struct mark good = {1, 7, FINE, 0}, bad = {2, 7, FAIL_AFTER, 0};
	assert_ok(writer_open(path, NULL, &w, &err), &err);
	struct job job = {.actor = actor_operator(), .run = put, .arg = &good, .a = &a};
	assert_ok(writer_run(w, &job, &err), &err);
	assert_true(str_is(job.reply, "mark:1"));
	job = (struct job){.actor = {.person = 12}, .run = put, .arg = &bad, .a = &a, .key = STR("k")};
	assert_int_equal(writer_run(w, &job, &err), RC_DENIED);
	assert_true(strstr(err.text, "not you") != NULL);
	writer_close(w);
	assert_int_equal(look("SELECT count(*) FROM mark"), 1);
	assert_int_equal(look("SELECT count(*) FROM idempotency"), 0);
	assert_int_equal(
		look("SELECT count(*) FROM audit WHERE seq = 1 AND actor = 'operator' AND action = 'add'"
		     " AND subject = 'mark:1' AND result = 'ok'"),
		1);
	assert_int_equal(look("SELECT count(*) FROM audit WHERE seq = 2 AND actor = 'person:12'"
			      " AND subject = 'mark:2' AND result = 'denied'"),
		1);
	chain_holds();
	forget();
	arena_done(&a);
}

static void the_same_key_gives_the_old_answer_and_does_nothing(void **state)
{
	(void)state;
	city();
	struct err err;
	struct writer *w;
	struct arena a = {0};
	struct mark m = {1, 7, FINE, 0};
	assert_ok(writer_open(path, NULL, &w, &err), &err);
	struct job first = {.actor = actor_operator(),
		.run = put,
		.arg = &m,
		.a = &a,
		.key = STR("k"),
		.body_digest = STR("d1")};
	struct job job = first;
	clock_set(1000LL * 86400000, false);
	assert_ok(writer_run(w, &job, &err), &err);
	job = first;
	assert_ok(writer_run(w, &job, &err), &err);
	assert_true(job.replayed);
	assert_true(str_is(job.reply, "mark:1"));
	assert_int_equal(m.runs, 1);
	job = first;
	job.body_digest = STR("d2");
	assert_int_equal(writer_run(w, &job, &err), RC_CONFLICT);
	assert_int_equal(m.runs, 1);
	job = first;
	job.actor.person = 5; /* another's key is another key */
	assert_int_equal(writer_run(w, &job, &err), RC_CONFLICT);
	assert_int_equal(m.runs, 2);
	assert_int_equal(one(writer_db(w), "SELECT count(*) FROM mark"), 1);
	clock_set(1007LL * 86400000 + 1, false); /* after seven days it runs again */
	m.id = 3;
	job = first;
	job.body_digest = STR("d3");
	assert_ok(writer_run(w, &job, &err), &err);
	assert_false(job.replayed);
	assert_int_equal(one(writer_db(w), "SELECT count(*) FROM mark"), 2);
	assert_int_equal(one(writer_db(w), "SELECT count(*) FROM idempotency"), 1);
	clock_unset();
	writer_close(w);
	chain_holds();
	forget();
	arena_done(&a);
}

/* ---- hooks ---- */

struct seen {
	int begins, reloads, commits, abandoned, undone, before;
	enum rc before_rc;
	int64_t poison; /* before_commit fails while this mark stands */
};

static enum rc on_begin(void *user, struct db *db, bool reload, struct err *err)
{
	(void)db;
	(void)err;
	struct seen *s = user;
	s->begins++;
	s->reloads += reload;
	return RC_OK;
}

static enum rc on_before(void *user, struct db *db, struct err *err)
{
	struct seen *s = user;
	struct stmt *q;
	bool row;
	s->before++;
	TRY(db_prepare(db, "SELECT 1 FROM mark WHERE id = ?1", &q, err));
	stmt_bind_i64(q, 1, s->poison);
	TRY(stmt_step(q, &row, err));
	stmt_reset(q);
	return row ? FAIL(err, RC_INVALID, "cells do not add up") : RC_OK;
}

static void on_undone(void *user, struct db *db)
{
	(void)db;
	((struct seen *)user)->undone++;
}

static void on_abandoned(void *user)
{
	((struct seen *)user)->abandoned++;
}

static void on_committed(void *user)
{
	((struct seen *)user)->commits++;
}

static struct writer_hooks hooks(struct seen *s)
{
	return (struct writer_hooks){.user = s,
		.batch_begin = on_begin,
		.before_commit = on_before,
		.job_rolled_back = on_undone,
		.batch_abandoned = on_abandoned,
		.committed = on_committed};
}

static void an_abandoned_batch_runs_again(void **state)
{
	(void)state;
	city();
	struct err err;
	struct writer *w;
	struct arena a = {0};
	struct seen seen = {.poison = 99};
	struct writer_hooks h = hooks(&seen);
	struct mark m = {1, 7, GIVE_UP_ONCE, 0};
	assert_ok(writer_open(path, &h, &w, &err), &err);
	struct job job = {.actor = actor_operator(), .run = put, .arg = &m, .a = &a};
	assert_ok(writer_run(w, &job, &err), &err);
	assert_int_equal(m.runs, 2);
	assert_int_equal(seen.abandoned, 1);
	assert_int_equal(seen.commits, 1);
	m = (struct mark){2, 7, GIVE_UP, 0};
	assert_int_equal(writer_run(w, &job, &err), RC_IO);
	assert_true(strstr(err.text, "on fire") != NULL);
	m = (struct mark){99, 7, FINE, 0};
	assert_int_equal(writer_run(w, &job, &err), RC_INVALID);
	assert_true(strstr(err.text, "add up") != NULL);
	writer_close(w);
	assert_int_equal(look("SELECT count(*) FROM mark"), 1);
	assert_int_equal(look("SELECT count(*) FROM audit"), 1);
	chain_holds();
	forget();
	arena_done(&a);
}

/* ---- many threads ---- */

enum { THREADS = 64, EACH = 60 };

struct client {
	struct writer *w;
	int64_t who;
	int good, bad;
	bool wrong;
};

static void *submit_all(void *arg)
{
	struct client *c = arg;
	struct arena a = {0};
	struct err err;
	for (int i = 0; i < EACH; i++) {
		struct mark m = {c->who * 1000 + i, c->who, FINE, 0};
		if (i % 7 == 3)
			m.how = FAIL_AFTER;
		if (i % 29 == 11)
			m.how = GIVE_UP_ONCE;
		if (c->who == 5 && i == 20)
			m.id = -1; /* the poison: before_commit refuses the batch that holds it */
		struct job job = {.actor = {.person = c->who}, .run = put, .arg = &m, .a = &a};
		enum rc rc = writer_run(c->w, &job, &err);
		if (m.id == -1)
			c->wrong |= rc != RC_INVALID;
		else if (m.how == FAIL_AFTER)
			c->wrong |= rc != RC_DENIED;
		else
			c->wrong |= rc != RC_OK;
		if (rc == RC_OK)
			c->good++;
		else
			c->bad++;
		arena_reset(&a);
	}
	arena_done(&a);
	return NULL;
}

static void sixty_four_threads_find_all_that_was_acknowledged(void **state)
{
	(void)state;
	city();
	struct err err;
	struct writer *w;
	struct seen seen = {.poison = -1};
	struct writer_hooks h = hooks(&seen);
	static struct client clients[THREADS];
	pthread_t threads[THREADS];
	assert_ok(writer_open(path, &h, &w, &err), &err);
	assert_ok(writer_start(w, &err), &err);
	int64_t good = 0, bad = 0;
	for (int i = 0; i < THREADS; i++) {
		clients[i] = (struct client){.w = w, .who = i + 1};
		assert_int_equal(pthread_create(&threads[i], NULL, submit_all, &clients[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_false(clients[i].wrong);
		good += clients[i].good;
		bad += clients[i].bad;
	}
	writer_close(w);
	assert_int_equal(good + bad, THREADS * EACH);
	assert_int_equal(look("SELECT count(*) FROM mark"), good);
	assert_int_equal(look("SELECT count(*) FROM audit WHERE result = 'ok'"), good);
	assert_int_equal(look("SELECT count(*) FROM audit WHERE result = 'denied'"), bad - 1);
	assert_true(seen.commits < good); /* they did share batches */
	assert_true(seen.abandoned >= 1);
	assert_int_equal(seen.reloads, 1 + seen.abandoned);
	chain_holds();
	forget();
}

/* ---- two processes ---- */

enum { ROUNDS = 150, IN_TURN = 2 };

/* One of the two. Its first IN_TURN jobs alternate with the other's, so that each surely has to read again what the
 * other wrote, however the machine schedules them; then both run freely. 'mine' is readable when it is this one's turn. */
static int write_beside_another(int who, int mine, int other)
{
	struct err err;
	struct writer *w;
	struct arena a = {0};
	struct seen seen = {.poison = -1};
	struct writer_hooks h = hooks(&seen);
	if (writer_open(path, &h, &w, &err) != RC_OK)
		return 1;
	for (int i = 0; i < ROUNDS; i++) {
		struct mark m = {who * 1000 + i, who, FINE, 0};
		struct job job = {.actor = {.person = who + 1}, .run = put, .arg = &m, .a = &a};
		char turn = 0;
		if (i < IN_TURN && read(mine, &turn, 1) != 1)
			return 4;
		if (writer_run(w, &job, &err) != RC_OK)
			return 2;
		if (i < IN_TURN && write(other, &turn, 1) != 1)
			return 5;
		usleep(200);
	}
	writer_close(w);
	return seen.reloads > 1 && seen.reloads <= ROUNDS + 1 ? 0 : 3;
}

static void two_processes_write_one_chain(void **state)
{
	(void)state;
	city();
	int turn[2][2];
	pid_t child[2];
	for (int who = 0; who < 2; who++)
		assert_int_equal(pipe(turn[who]), 0);
	assert_int_equal(write(turn[0][1], "", 1), 1);
	for (int who = 0; who < 2; who++) {
		child[who] = fork();
		if (child[who] == 0) {
			alarm(120);
			_exit(write_beside_another(who, turn[who][0], turn[1 - who][1]));
		}
	}
	for (int who = 0; who < 2; who++) {
		int status;
		waitpid(child[who], &status, 0);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
		close(turn[who][0]);
		close(turn[who][1]);
	}
	assert_int_equal(look("SELECT count(*) FROM mark"), 2 * ROUNDS);
	assert_int_equal(look("SELECT epoch FROM city"), 2 * ROUNDS);
	chain_holds();
	forget();
}

/* ---- kill -9 ---- */

struct storm {
	struct writer *w;
	int pipe, who, round;
};

static void *storm_client(void *arg)
{
	struct storm *s = arg;
	struct arena a = {0};
	struct err err;
	for (int i = 0;; i++) {
		struct mark m = {((int64_t)s->round * 8 + s->who) * 1000000 + i, s->who, FINE, 0};
		m.how = i % 5 == 4 ? FAIL_AFTER : FINE;
		char key[32];
		snprintf(key, sizeof key, "k%lld", (long long)m.id);
		struct job job = {.actor = {.person = 1}, .run = put, .arg = &m, .a = &a, .key = str_of(key)};
		enum rc rc = writer_run(s->w, &job, &err);
		if (rc == RC_OK && write(s->pipe, &m.id, sizeof m.id) != sizeof m.id)
			_exit(4);
		arena_reset(&a);
	}
	return NULL;
}

static void storm_child(int pipe, int round)
{
	struct err err;
	struct storm s[8];
	pthread_t t;
	struct writer *w;
	if (writer_open(path, NULL, &w, &err) != RC_OK || writer_start(w, &err) != RC_OK)
		_exit(3);
	for (int i = 0; i < 8; i++) {
		s[i] = (struct storm){w, pipe, i, round};
		pthread_create(&t, NULL, storm_client, &s[i]);
	}
	pause();
}

/* Reads what the child acknowledges until there are `want` or half a minute has passed: how fast it is does not matter. */
static size_t acknowledged(int fd, size_t want, struct arena *a, int64_t **ids, size_t *n, size_t *cap)
{
	size_t got = 0;
	int64_t end = clock_mono_us() + 30000000, id;
	while (got < want && clock_mono_us() < end) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		if (poll(&p, 1, 100) <= 0)
			continue;
		if (read(fd, &id, sizeof id) != sizeof id)
			break;
		*ids = arena_grow(a, *ids, *n, cap, sizeof **ids);
		(*ids)[(*n)++] = id;
		got++;
	}
	return got;
}

static void what_was_acknowledged_survives_kill_9(void **state)
{
	(void)state;
	city();
	struct rng rng;
	struct arena a = {0};
	rng_init(&rng, 9);
	int64_t *acked = NULL;
	size_t n = 0, cap = 0;
	for (int round = 0; round < 24; round++) {
		int fd[2];
		assert_int_equal(pipe(fd), 0);
		pid_t child = fork();
		if (child == 0) {
			close(fd[0]);
			storm_child(fd[1], round);
			_exit(5);
		}
		close(fd[1]);
		/* A number that falls anywhere in the writer's batches, and a moment that falls anywhere in one. */
		size_t want = 1 + rng_below(&rng, 100);
		assert_int_equal(acknowledged(fd[0], want, &a, &acked, &n, &cap), want);
		usleep((useconds_t)rng_below(&rng, 5000));
		kill(child, SIGKILL);
		int status;
		waitpid(child, &status, 0);
		assert_true(WIFSIGNALED(status));
		acknowledged(fd[0], SIZE_MAX, &a, &acked, &n, &cap);
		close(fd[0]);
		struct err err;
		struct db *db;
		struct stmt *s;
		bool row;
		assert_ok(db_open(path, DB_READ, &db, &err), &err);
		/* One moment for all: on PostgreSQL the last commit may come after the one who asked for it has gone. */
		assert_ok(db_snapshot(db, &err), &err);
		assert_ok(db_prepare(db, "SELECT count(*) FROM mark WHERE id {in ?1}", &s, &err), &err);
		stmt_bind_ids(s, 1, acked, n);
		assert_ok(stmt_step(s, &row, &err), &err);
		assert_int_equal(stmt_i64(s, 0), n);
		stmt_reset(s);
		/* Row, key and audit row stand or fall together. */
		int64_t rows = one(db, "SELECT count(*) FROM mark");
		assert_int_equal(one(db, "SELECT count(*) FROM audit WHERE result = 'ok'"), rows);
		assert_int_equal(one(db, "SELECT count(*) FROM idempotency"), rows);
		assert_int_equal(one(db, "SELECT count(*) FROM mark WHERE id % 5 = 4"), 0);
		db_snapshot_end(db);
		db_close(db);
	}
	chain_holds();
	if (!test_server())
		assert_int_equal(
			look("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
	arena_done(&a);
	forget();
}

static void a_full_queue_says_so(void **state)
{
	(void)state;
	city();
	struct err err;
	struct writer *w;
	struct arena a = {0};
	assert_ok(writer_open(path, NULL, &w, &err), &err);
	struct mark m = {1, 1, FINE, 0};
	struct job job = {.actor = actor_operator(), .run = put, .arg = &m, .a = &a};
	writer_submit(w, &job); /* no thread: nobody would ever take it */
	assert_int_equal(job.rc, RC_LIMIT);
	assert_int_equal(m.runs, 0);
	writer_close(w);
	forget();
}

/* ---- the queue's bound ---- */

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static enum rc wait_at_gate(struct job_ctx *c, void *arg, struct err *err)
{
	(void)c;
	(void)arg;
	(void)err;
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	return RC_OK;
}

struct tally {
	int good, full, other;
};

static void count_answer(struct job *job, void *user)
{
	struct tally *t = user;
	pthread_mutex_lock(&gate);
	*(job->rc == RC_OK ? &t->good : job->rc == RC_LIMIT ? &t->full : &t->other) += 1;
	pthread_mutex_unlock(&gate);
}

static void the_queue_is_bounded_and_all_of_it_is_answered(void **state)
{
	(void)state;
	city();
	enum { MANY = WRITER_QUEUE_MAX + 600 };
	struct err err;
	struct writer *w;
	struct arena a = {0};
	struct tally tally = {0}, refused = {0};
	struct job *jobs = arena_array(&a, MANY, sizeof *jobs);
	assert_ok(writer_open(path, NULL, &w, &err), &err);
	assert_ok(writer_start(w, &err), &err);
	pthread_mutex_lock(&gate);
	for (int i = 0; i < MANY; i++) {
		jobs[i] = (struct job){.actor = {.person = 1},
			.quiet = true,
			.run = wait_at_gate,
			.a = &a,
			.done = count_answer,
			.done_user = &tally};
		if (writer_waiting(w) == WRITER_QUEUE_MAX) {
			jobs[i].done = NULL;
			writer_submit(w, &jobs[i]);
			/* or taken after all: the writer has begun its batch since the look */
			*(jobs[i].rc == RC_LIMIT ? &refused.full : &refused.good) += 1;
		} else {
			writer_submit(w, &jobs[i]);
		}
	}
	assert_in_range(writer_waiting(w), WRITER_QUEUE_MAX - WRITER_BATCH_MAX, WRITER_QUEUE_MAX);
	pthread_mutex_unlock(&gate);
	writer_close(w);
	assert_true(refused.full >= 600 - 2 * WRITER_BATCH_MAX);
	assert_int_equal(tally.good + refused.good + refused.full, MANY);
	assert_int_equal(tally.full + tally.other, 0);
	arena_done(&a);
	forget();
}

static void a_refusal_speaks_the_submitters_language(void **state)
{
	(void)state;
	city();
	struct err err;
	struct writer *w;
	struct arena a = {0};
	assert_ok(writer_open(path, NULL, &w, &err), &err);
	assert_ok(writer_start(w, &err), &err);
	char key[JOB_KEY_MAX_BYTES + 1];
	memset(key, 'k', sizeof key);
	struct mark m = {1, 1, FINE, 0};
	struct job job = {.actor = {.person = 1}, .run = put, .arg = &m, .a = &a, .key = {key, sizeof key}};
	tr_set(LANG_EN);
	assert_int_equal(writer_run(w, &job, &err), RC_LIMIT);
	assert_non_null(strstr(err.text, "longer than 200"));
	tr_set(LANG_ZH);
	assert_int_equal(writer_run(w, &job, &err), RC_LIMIT);
	assert_non_null(strstr(err.text, "幂等键"));
	writer_close(w);
	arena_done(&a);
	forget();
}

static void an_announced_read_is_a_row_before_it_returns(void **state)
{
	(void)state;
	city();
	struct err err;
	struct writer *w;
	assert_ok(writer_open(path, NULL, &w, &err), &err);
	assert_ok(writer_start(w, &err), &err);
	struct actor actor = {.person = 31};
	struct read_note n = {STR("care_child:12,17"), STR("visit"), STR("authorisation:4")};
	assert_ok(writer_announce_read(w, &actor, &n, &err), &err);
	assert_int_equal(look("SELECT count(*) FROM audit WHERE actor = 'person:31' AND action = 'read'"
			      " AND subject = 'care_child:12,17' AND detail = 'visit authorisation:4'"),
		1);
	writer_close(w);
	forget();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failed_job_leaves_no_trace_but_its_refusal),
		cmocka_unit_test(the_same_key_gives_the_old_answer_and_does_nothing),
		cmocka_unit_test(an_abandoned_batch_runs_again),
		cmocka_unit_test(sixty_four_threads_find_all_that_was_acknowledged),
		cmocka_unit_test(two_processes_write_one_chain),
		cmocka_unit_test(what_was_acknowledged_survives_kill_9),
		cmocka_unit_test(a_full_queue_says_so),
		cmocka_unit_test(the_queue_is_bounded_and_all_of_it_is_answered),
		cmocka_unit_test(a_refusal_speaks_the_submitters_language),
		cmocka_unit_test(an_announced_read_is_a_row_before_it_returns),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
