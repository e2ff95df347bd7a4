/* The write job when the power goes: a child writes and acknowledges; at a random write or sync everything not yet synced
 * is kept, dropped or torn at 512 bytes, each piece for itself and in any mixture, and the child is gone. What it had
 * acknowledged must be there, whole, every time. The calls of SQLite are taken over by the functions below. */
#include "base/rand.h"
#include "guard/audit.h"
#include "guard_city.h"
#include <dlfcn.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { SECTOR = 512, ROUNDS = 60 };

struct piece { /* one write since the last sync of its file */
	int fd;
	ino_t file;
	off64_t at, size_before;
	size_t n, before_n;
	char *before, *after;
};

static struct arena log_a;
static struct piece *pieces;
static size_t pieces_n, pieces_cap;
static int64_t until_cut; /* writes and syncs to come; 0: the power stays */
static struct rng rng;

#define REAL(type, name) ((type)(uintptr_t)dlsym(RTLD_NEXT, name))
typedef ssize_t write_call(int, const void *, size_t, off64_t);
typedef int sync_call(int);

static void put_back(const struct piece *p, const char *bytes, size_t n, write_call *real)
{
	if (n && real(p->fd, bytes, n, p->at) != (ssize_t)n)
		_exit(90);
}

/* What a disk may hold: the last synced state, and over it any part of what was written since. */
static void cut(void)
{
	write_call *real = REAL(write_call *, "pwrite64");
	for (size_t i = pieces_n; i-- > 0;) {
		put_back(&pieces[i], pieces[i].before, pieces[i].before_n, real);
		if (ftruncate64(pieces[i].fd, pieces[i].size_before) != 0)
			_exit(91);
	}
	uint64_t mood = rng_below(&rng, 4); /* all lost, all kept, else each piece by its own luck */
	for (size_t i = 0; i < pieces_n; i++) {
		struct piece *p = &pieces[i];
		if (mood == 0 || (mood > 1 && rng_below(&rng, 2) == 0))
			continue;
		for (size_t at = 0; at < p->n; at += SECTOR) {
			size_t n = p->n - at < SECTOR ? p->n - at : SECTOR;
			if (mood == 3 && rng_below(&rng, 4) == 0)
				continue;
			if (real(p->fd, p->after + at, n, p->at + (off64_t)at) != (ssize_t)n)
				_exit(92);
		}
	}
	_exit(77);
}

static void tick(void)
{
	if (until_cut > 0 && --until_cut == 0)
		cut();
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
	static write_call *real;
	if (!real)
		real = REAL(write_call *, "pwrite64");
	struct stat st;
	if (until_cut > 0 && fstat(fd, &st) == 0) {
		pieces = arena_grow(&log_a, pieces, pieces_n, &pieces_cap, sizeof *pieces);
		struct piece *p = &pieces[pieces_n++];
		*p = (struct piece){.fd = fd, .file = st.st_ino, .at = at, .size_before = st.st_size, .n = n};
		p->before = arena_alloc(&log_a, n);
		p->after = memcpy(arena_alloc(&log_a, n), bytes, n);
		ssize_t old = pread64(fd, p->before, n, at);
		p->before_n = old > 0 ? (size_t)old : 0;
		tick();
	}
	return real(fd, bytes, n, at);
}

static int synced(int fd, const char *name)
{
	struct stat st;
	if (until_cut > 0 && fstat(fd, &st) == 0) {
		tick();
		size_t kept = 0;
		for (size_t i = 0; i < pieces_n; i++)
			if (pieces[i].file != st.st_ino)
				pieces[kept++] = pieces[i];
		pieces_n = kept;
	}
	return REAL(sync_call *, name)(fd);
}

int fdatasync(int fd)
{
	return synced(fd, "fdatasync");
}

int fsync(int fd)
{
	return synced(fd, "fsync");
}

static enum rc put(struct job_ctx *c, void *arg, struct err *err)
{
	int64_t id = *(int64_t *)arg;
	struct stmt *s;
	c->action = STR("add");
	TRY(db_prepare(c->db, "INSERT INTO mark VALUES (?1, zeroblob(?2))", &s, err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_i64(s, 2, id * 977 % 20000);
	return stmt_run(s, err);
}

static void live(const char *path, int pipe, int64_t first)
{
	struct err err;
	struct writer *w;
	struct arena a = {0};
	if (writer_open(path, NULL, &w, &err) != RC_OK)
		_exit(80);
	until_cut = 1 + (int64_t)rng_below(&rng, 200);
	for (int64_t id = first;; id++) {
		struct job job = {.actor = {.person = 1}, .run = put, .arg = &id, .a = &a};
		if (writer_run(w, &job, &err) != RC_OK)
			_exit(81);
		if (write(pipe, &id, sizeof id) != sizeof id)
			_exit(82);
		if (id % 7 == 3 && db_exec(writer_db(w), "PRAGMA wal_checkpoint(TRUNCATE)", &err) != RC_OK)
			_exit(83);
	}
}

static void what_was_acknowledged_survives_a_power_cut(void **state)
{
	(void)state;
	struct town t;
	struct err err;
	town_open(&t, "power");
	assert_ok(
		db_exec(writer_db(t.w), "CREATE TABLE mark(id INTEGER PRIMARY KEY, body BLOB) STRICT", &err),
		&err);
	writer_close(t.w);
	t.w = NULL;
	int64_t acked = 0, cuts = 0;
	for (int round = 0; round < (getenv("QINGHE_LONG") ? 20 * ROUNDS : ROUNDS); round++) {
		int fd[2], status;
		char shm[TEST_URL_BYTES + 8];
		assert_int_equal(pipe(fd), 0);
		pid_t child = fork();
		if (child == 0) {
			rng_init(&rng, (uint64_t)round + 1);
			live(t.path, fd[1], 1000000 * (int64_t)(round + 1));
		}
		close(fd[1]);
		int64_t last = 0, n = 0;
		for (int64_t id; read(fd[0], &id, sizeof id) == sizeof id; n++)
			last = id;
		close(fd[0]);
		waitpid(child, &status, 0);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 77);
		cuts++;
		/* Shared memory does not outlive a power cut. */
		snprintf(shm, sizeof shm, "%s-shm", t.path);
		unlink(shm);
		struct db *db;
		struct stmt *s;
		bool row;
		int64_t rows, bad;
		assert_ok(db_open(t.path, DB_READ, &db, &err), &err);
		assert_ok(db_prepare(db, "SELECT count(*) FROM mark WHERE id >= ?1 AND id <= ?2", &s, &err),
			&err);
		stmt_bind_i64(s, 1, 1000000 * (int64_t)(round + 1));
		stmt_bind_i64(s, 2, last);
		assert_ok(stmt_step(s, &row, &err), &err);
		if (stmt_i64(s, 0) != n)
			fail_msg("seed %d: %lld acknowledged, %lld there", round + 1, (long long)n,
				(long long)stmt_i64(s, 0));
		stmt_reset(s);
		assert_ok(audit_verify(db, &rows, &bad, &err), &err);
		assert_ok(db_prepare(db,
				  "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'",
				  &s, &err),
			&err);
		assert_ok(stmt_step(s, &row, &err), &err);
		assert_int_equal(stmt_i64(s, 0), 1);
		db_close(db);
		acked += n;
	}
	print_message("# %lld points, %lld acknowledged (lost 0)\n", (long long)cuts, (long long)acked);
	assert_true(acked > 200);
	town_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_acknowledged_survives_a_power_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
