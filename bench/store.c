/* store.c -- durable single-row inserts (7 columns, 2 secondary indexes), side by side in one run:
 *   alone     one thread, one row a transaction
 *   bound     one thread, 64 rows a transaction, nothing else: what the disk and SQLite allow
 *   writer    64 changes open at a time through the write job (guard/job.h), each answered when durable: savepoint,
 *             audit row with its hash, epoch; submitted as `serve` does, without waiting threads
 *   threads   the same from 64 threads that wait
 *   unaudited writer with quiet jobs: what the audit row costs
 * Prints rows per second and per CPU second of the process, best of the rounds, and ratios to the bound; goals: architecture.md, What it must reach.
 * Before them the machine's own sync rate: 4 KB overwritten and fdatasync, one after another, in DIR (/tmp for a server).
 * usage: bench_store [DIR | postgresql://... [SECONDS_PER_CASE [ROUNDS [CASE]]]], CASE alone for a profiler; on PostgreSQL each case has a schema of its own:
 * tools/postgres start /tmp/pg durable; bench_store "$(...)"; tools/postgres stop /tmp/pg */
#include "base/clock.h"
#include "base/rand.h"
#include "guard/job.h"
#include "store/migrate.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS = 64 };

static const char Q_ADD[] = "INSERT INTO visit_bench VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

static char path[512];

struct rate {
	double wall, cpu; /* rows a second */
};

struct watch {
	int64_t wall_us, cpu_us;
};

static int64_t cpu_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static struct watch watch(void)
{
	return (struct watch){clock_mono_us(), cpu_us()};
}

static struct rate rate_of(struct watch from, int64_t rows)
{
	struct watch now = watch();
	return (struct rate){(double)rows * 1e6 / (double)(now.wall_us - from.wall_us),
		(double)rows * 1e6 / (double)(now.cpu_us - from.cpu_us)};
}

static double seconds = 2;

static void must(enum rc rc, const struct err *err)
{
	if (rc == RC_OK)
		return;
	fprintf(stderr, "bench_store: %s\n", err->text);
	exit(1);
}

static const char *server; /* postgresql://..., or NULL */

static void forget(void)
{
	static int n;
	if (server) {
		snprintf(path, sizeof path, "%s%coptions=-csearch_path%%3Dbench_%d_%d", server,
			strchr(server, '?') ? '&' : '?', (int)getpid(), n++);
		return;
	}
	static const char *const tails[] = {"", "-wal", "-shm"};
	char name[600];
	for (int i = 0; i < 3; i++) {
		snprintf(name, sizeof name, "%s%s", path, tails[i]);
		unlink(name);
	}
}

static void fresh(void)
{
	struct err err;
	struct db *db;
	forget();
	must(db_open(path, DB_CREATE, &db, &err), &err);
	must(migrate_up(db, &err), &err);
	must(db_exec(db,
		     "CREATE TABLE visit_bench(id INTEGER PRIMARY KEY, org INTEGER NOT NULL, state TEXT NOT "
		     "NULL,"
		     " day TEXT NOT NULL, child INTEGER NOT NULL, kind TEXT NOT NULL, note BLOB NOT NULL) "
		     "STRICT;"
		     "CREATE INDEX visit_bench_org ON visit_bench(org, day);"
		     "CREATE INDEX visit_bench_child ON visit_bench(child)",
		     &err),
		&err);
	db_close(db);
}

static enum rc insert(struct db *db, int64_t id, struct err *err)
{
	struct stmt *s;
	char day[16];
	uint64_t h = (uint64_t)id * 0x9E3779B97F4A7C15u;
	snprintf(day, sizeof day, "2025-%02d-%02d", (int)(h >> 8) % 12 + 1, (int)(h >> 16) % 28 + 1);
	TRY(db_prepare(db, Q_ADD, &s, err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_i64(s, 2, (int64_t)(h >> 40) % 8000);
	stmt_bind_text(s, 3, STR("valid"));
	stmt_bind_text(s, 4, str_of(day));
	stmt_bind_i64(s, 5, (int64_t)(h >> 20) % 1000000);
	stmt_bind_text(s, 6, STR("home"));
	stmt_bind_blob(s, 7, STR("0123456789012345678901234567890123456789"));
	return stmt_run(s, err);
}

static struct rate one_thread(int batch)
{
	struct err err;
	struct db *db;
	int64_t id = 0;
	fresh();
	must(db_open(path, DB_WRITE, &db, &err), &err);
	struct watch start = watch();
	int64_t end = start.wall_us + (int64_t)(seconds * 1e6);
	while (clock_mono_us() < end) {
		must(db_begin(db, &err), &err);
		for (int i = 0; i < batch; i++)
			must(insert(db, ++id, &err), &err);
		must(db_commit(db, &err), &err);
	}
	struct rate rate = rate_of(start, id);
	db_close(db);
	return rate;
}

/* ---- through the writer ---- */

struct client {
	struct writer *w;
	struct job job;
	struct arena a;
	int64_t id, rows, end_us;
	bool quiet;
	pthread_mutex_t *lock;
	pthread_cond_t *idle;
	int *open;
};

static enum rc add(struct job_ctx *c, void *arg, struct err *err)
{
	struct client *client = arg;
	c->action = STR("add");
	c->subject = arena_fmt(c->a, "visit:%lld", (long long)client->id);
	c->detail = STR("fields 7");
	return insert(c->db, client->id, err);
}

static void prepare(struct client *c)
{
	arena_reset(&c->a);
	c->id += CLIENTS;
	c->job = (struct job){.actor = {.person = 12}, .run = add, .arg = c, .a = &c->a, .quiet = c->quiet};
}

static void again(struct job *job, void *user)
{
	struct client *c = user;
	must(job->rc, &job->err);
	c->rows++;
	if (clock_mono_us() < c->end_us) {
		prepare(c);
		c->job.done = again;
		c->job.done_user = c;
		writer_submit(c->w, &c->job);
		return;
	}
	pthread_mutex_lock(c->lock);
	if (--*c->open == 0)
		pthread_cond_signal(c->idle);
	pthread_mutex_unlock(c->lock);
}

static void *wait_each(void *arg)
{
	struct client *c = arg;
	struct err err;
	while (clock_mono_us() < c->end_us) {
		prepare(c);
		must(writer_run(c->w, &c->job, &err), &err);
		c->rows++;
	}
	return NULL;
}

static struct rate through_writer(bool threads, bool quiet)
{
	static struct client clients[CLIENTS];
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t idle = PTHREAD_COND_INITIALIZER;
	pthread_t thread[CLIENTS];
	struct err err;
	struct writer *w;
	int open = CLIENTS;
	fresh();
	must(writer_open(path, NULL, &w, &err), &err);
	must(writer_start(w, &err), &err);
	struct watch start = watch();
	int64_t rows = 0;
	for (int i = 0; i < CLIENTS; i++) {
		clients[i] = (struct client){.w = w,
			.id = i,
			.end_us = start.wall_us + (int64_t)(seconds * 1e6),
			.quiet = quiet,
			.lock = &lock,
			.idle = &idle,
			.open = &open};
		if (threads) {
			if (pthread_create(&thread[i], NULL, wait_each, &clients[i]) != 0)
				exit(1);
			continue;
		}
		prepare(&clients[i]);
		clients[i].job.done = again;
		clients[i].job.done_user = &clients[i];
		writer_submit(w, &clients[i].job);
	}
	if (threads) {
		for (int i = 0; i < CLIENTS; i++)
			pthread_join(thread[i], NULL);
	} else {
		pthread_mutex_lock(&lock);
		while (open > 0)
			pthread_cond_wait(&idle, &lock);
		pthread_mutex_unlock(&lock);
	}
	for (int i = 0; i < CLIENTS; i++)
		rows += clients[i].rows;
	struct rate rate = rate_of(start, rows);
	writer_close(w);
	for (int i = 0; i < CLIENTS; i++)
		arena_done(&clients[i].a);
	return rate;
}

static double syncs_a_second(const char *folder)
{
	char name[600], page[4096] = {1};
	int64_t n = 0, start_us, now_us;
	snprintf(name, sizeof name, "%s/bench-sync-%d", folder, (int)getpid());
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, page, sizeof page) != sizeof page || fdatasync(fd) != 0)
		exit(1);
	for (start_us = now_us = clock_mono_us(); now_us - start_us < 1000000; now_us = clock_mono_us(), n++)
		if (pwrite(fd, page, sizeof page, 0) != sizeof page || fdatasync(fd) != 0)
			exit(1);
	close(fd);
	unlink(name);
	return (double)n * 1e6 / (double)(now_us - start_us);
}

enum { ALONE, BOUND, WRITER, THREADS, UNAUDITED, CASES };

static struct rate run(int which)
{
	switch (which) {
	case ALONE:
		return one_thread(1);
	case BOUND:
		return one_thread(64);
	case WRITER:
		return through_writer(false, false);
	case THREADS:
		return through_writer(true, false);
	default:
		return through_writer(false, true);
	}
}

int main(int argc, char **argv)
{
	static const char *const names[CASES] = {"alone", "bound", "writer", "threads", "unaudited"};
	struct rate best[CASES] = {0};
	const char *folder = argc > 1 ? argv[1] : "/tmp";
	if (strncmp(folder, "postgres", 8) == 0) {
		server = folder;
		folder = "/tmp";
	}
	snprintf(path, sizeof path, "%s/bench-store-%d.db", folder, (int)getpid());
	printf("%s; the disk alone: %.0f syncs/s\n", server ? "PostgreSQL" : "SQLite",
		syncs_a_second(folder));
	seconds = argc > 2 ? strtod(argv[2], NULL) : 2;
	int64_t rounds = 3;
	if (argc > 3 && !str_i64(str_of(argv[3]), &rounds))
		return 2;
	for (int64_t r = 0; r < rounds; r++)
		for (int i = 0; i < CASES; i++) {
			if (argc > 4 && strcmp(argv[4], names[i]) != 0)
				continue;
			struct rate rate = run(i);
			best[i].wall = rate.wall > best[i].wall ? rate.wall : best[i].wall;
			best[i].cpu = rate.cpu > best[i].cpu ? rate.cpu : best[i].cpu;
		}
	forget();
	printf("%-10s %9s %12s %15s %14s\n", "case", "rows/s", "of the bound", "rows/CPU second",
		"of the bound");
	for (int i = 0; i < CASES; i++)
		printf("%-10s %9.0f %12.2f %15.0f %14.2f\n", names[i], best[i].wall,
			best[i].wall / best[BOUND].wall, best[i].cpu, best[i].cpu / best[BOUND].cpu);
	printf("audit's share of the CPU %.1f %%\n", 100 * (1 - best[WRITER].cpu / best[UNAUDITED].cpu));
	return 0;
}
