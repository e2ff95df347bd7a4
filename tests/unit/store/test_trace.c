/* The trace tells each statement with its time, rows and end, and never a value. */
#include "base/buf.h"
#include "store/db.h"
#include "store/probe.h"
#include "tests.h"

static struct buf heard;
static int64_t took;

static void hear(void *user, const struct db_traced *t)
{
	(void)user;
	buf_printf(&heard, "%s -> %lld%s\n", t->sql, (long long)t->rows, t->failed ? " failed" : "");
	took += t->took_us;
}

static void said(const char *text)
{
	assert_true(str_is(buf_str(&heard), text));
	heard.n = 0;
}

static void statements_are_told_when_they_end(void **state)
{
	(void)state;
	char path[64];
	struct err err;
	struct db *db;
	struct stmt *s;
	bool row;
	snprintf(path, sizeof path, "/tmp/qinghe-trace-%d.db", (int)getpid());
	assert_ok(db_open(path, DB_CREATE, &db, &err), &err);
	assert_ok(db_exec(db, "CREATE TABLE t(x BIGINT UNIQUE, y TEXT)", &err), &err);
	db_trace(hear, NULL);
	assert_ok(db_begin(db, &err), &err);
	heard.n = 0;
	for (int i = 0; i < 3; i++) {
		assert_ok(db_prepare(db, "INSERT INTO t VALUES (?1, ?2)", &s, &err), &err);
		stmt_bind_i64(s, 1, i);
		stmt_bind_text(s, 2, STR("秘密"));
		assert_ok(stmt_run(s, &err), &err);
	}
	said("INSERT INTO t VALUES (?1, ?2) -> 0\nINSERT INTO t VALUES (?1, ?2) -> 0\nINSERT INTO t VALUES "
	     "(?1, "
	     "?2) -> 0\n");
	assert_ok(db_commit(db, &err), &err);
	said("COMMIT -> 0\n");
	assert_ok(db_prepare(db, "SELECT x FROM t ORDER BY x", &s, &err), &err);
	assert_ok(stmt_step(s, &row, &err), &err);
	assert_ok(stmt_step(s, &row, &err), &err);
	said("");
	stmt_reset(s); /* left early */
	said("SELECT x FROM t ORDER BY x -> 2\n");
	assert_ok(db_prepare(db, "INSERT INTO t VALUES (?1, ?2)", &s, &err), &err);
	stmt_bind_i64(s, 1, 1);
	stmt_bind_null(s, 2);
	assert_int_equal(stmt_run(s, &err), RC_CONFLICT);
	said("INSERT INTO t VALUES (?1, ?2) -> 0 failed\n");
	db_trace(NULL, NULL);
	assert_ok(db_prepare(db, "SELECT x FROM t", &s, &err), &err);
	assert_ok(stmt_run(s, &err), &err);
	said("");
	assert_true(took > 0);
	db_close(db);
	unlink(path);
	buf_done(&heard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(statements_are_told_when_they_end)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
