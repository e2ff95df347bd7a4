/* The write job on a disk that fails: each write and each sync of a small run fails once in turn, alone or for good.
 * What was acknowledged is there, what was refused is not, "unknown" may be either; the chain always holds. The calls of
 * SQLite are taken over by the functions below, which the program exports. */
#include "guard/audit.h"
#include "guard_city.h"
#include <dlfcn.h>
#include <errno.h>

static struct {
	enum { SYNC, WRITE } what;
	int countdown; /* 0: off */
	bool stays;
	int why, fired;
} fault;

static bool strikes(int what)
{
	if (fault.countdown == 0 || (int)fault.what != what)
		return false;
	if (fault.countdown > 1) {
		fault.countdown--;
		return false;
	}
	if (!fault.stays)
		fault.countdown = 0;
	fault.fired++;
	errno = fault.why;
	return true;
}

int fdatasync(int fd)
{
	static int (*real)(int);
	if (!real)
		real = (int (*)(int))(uintptr_t)dlsym(RTLD_NEXT, "fdatasync");
	return strikes(SYNC) ? -1 : real(fd);
}

int fsync(int fd)
{
	static int (*real)(int);
	if (!real)
		real = (int (*)(int))(uintptr_t)dlsym(RTLD_NEXT, "fsync");
	return strikes(SYNC) ? -1 : real(fd);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	static ssize_t (*real)(int, const void *, size_t, off64_t);
	if (!real)
		real = (ssize_t(*)(int, const void *, size_t, off64_t))(uintptr_t)dlsym(
			RTLD_NEXT, "pwrite64");
	return strikes(WRITE) ? -1 : real(fd, p, n, at);
}

enum { JOBS = 5 };
static enum rc answers[JOBS];
static int runs[JOBS];

static enum rc put(struct job_ctx *c, void *arg, struct err *err)
{
	int64_t id = (int64_t)(intptr_t)arg;
	struct stmt *s;
	runs[id - 1]++;
	c->action = STR("add");
	/* No key of its own keeps it from being written twice. */
	TRY(db_prepare(c->db, "INSERT INTO mark(what, body) VALUES (?1, zeroblob(9000))", &s, err));
	stmt_bind_i64(s, 1, id);
	return stmt_run(s, err);
}

static int64_t times(struct db *db, int64_t id)
{
	struct err err;
	struct stmt *s;
	bool row;
	assert_ok(db_prepare(db, "SELECT count(*) FROM mark WHERE what = ?1", &s, &err), &err);
	stmt_bind_i64(s, 1, id);
	assert_ok(stmt_step(s, &row, &err), &err);
	int64_t n = stmt_i64(s, 0);
	stmt_reset(s);
	return n;
}

/* One run with the fault at its nth call; false when it never came to that. */
static bool run(int n, int *unknown)
{
	struct town t;
	struct err err;
	struct db *db;
	int64_t rows, bad;
	town_open(&t, "fault");
	assert_ok(db_exec(writer_db(t.w),
			  "CREATE TABLE mark(id INTEGER PRIMARY KEY, what INTEGER, body BLOB) STRICT", &err),
		&err);
	memset(runs, 0, sizeof runs);
	fault.fired = 0;
	fault.countdown = n;
	for (int i = 0; i < JOBS; i++) {
		answers[i] = town_run(&t, actor_operator(), put, (void *)(intptr_t)(i + 1), &err);
		/* While no sync comes back well, nothing can be durable. */
		if (answers[i] == RC_OK && fault.what == SYNC && fault.stays && fault.fired)
			fail_msg("call %d: job %d was acknowledged by a disk that syncs no more", n, i + 1);
		if (i == 2 && writer_db(t.w)) /* a fault in a checkpoint is not told to anybody */
			(void)!db_exec(writer_db(t.w), "PRAGMA wal_checkpoint", NULL);
	}
	writer_close(t.w);
	t.w = NULL;
	fault.countdown = 0;
	assert_ok(db_open(t.path, DB_READ, &db, &err), &err);
	for (int i = 0; i < JOBS; i++) {
		int64_t there = times(db, i + 1);
		if (there > 1)
			fail_msg("call %d: job %d was done twice", n, i + 1);
		if (answers[i] == RC_OK && !there)
			fail_msg("call %d: job %d was acknowledged and is lost", n, i + 1);
		if (answers[i] != RC_OK && answers[i] != RC_UNKNOWN && there)
			fail_msg("call %d: job %d was refused (%d) and is there", n, i + 1, (int)answers[i]);
		*unknown += answers[i] == RC_UNKNOWN;
		assert_in_range(runs[i], 0, 2);
	}
	assert_ok(audit_verify(db, &rows, &bad, &err), &err);
	db_close(db);
	town_close(&t);
	return fault.fired > 0;
}

static void every_point(int what, bool stays, int why)
{
	int n = 1, unknown = 0, good = 0;
	fault.what = what;
	fault.stays = stays;
	fault.why = why;
	while (run(n, &unknown)) {
		for (int i = 0; i < JOBS; i++)
			good += answers[i] == RC_OK;
		n++;
	}
	for (int i = 0; i < JOBS; i++)
		assert_int_equal(answers[i], RC_OK); /* the run without a fault */
	print_message("# %d points, %d acknowledged (lost 0), %d unknown\n", n - 1, good, unknown);
	assert_true(n > JOBS);
	if (!stays)
		assert_int_equal(good, (n - 1) * JOBS); /* a single fault is got over */
	else
		assert_true(good < (n - 1) * JOBS);
}

static void a_sync_that_fails_once_is_got_over(void **state)
{
	(void)state;
	every_point(SYNC, false, EIO);
}

static void syncs_that_fail_for_good_lose_nothing_acknowledged(void **state)
{
	(void)state;
	every_point(SYNC, true, EIO);
}

static void a_write_that_fails_once_is_got_over(void **state)
{
	(void)state;
	every_point(WRITE, false, EIO);
}

static void a_full_disk_loses_nothing_acknowledged(void **state)
{
	(void)state;
	every_point(WRITE, true, ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sync_that_fails_once_is_got_over),
		cmocka_unit_test(syncs_that_fail_for_good_lose_nothing_acknowledged),
		cmocka_unit_test(a_write_that_fails_once_is_got_over),
		cmocka_unit_test(a_full_disk_loses_nothing_acknowledged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
