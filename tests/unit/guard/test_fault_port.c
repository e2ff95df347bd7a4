/* The write job over a database that fails on purpose (store/probe.h), on either engine: each statement and each commit
 * of a small run fails once in turn, or for good. What was acknowledged is there once, what was refused is not, "unknown"
 * may be either, and asking again with the same key makes it once. */
#include "guard/audit.h"
#include "guard_city.h"
#include "store/probe.h"

enum { JOBS = 6 };

static enum rc answers[JOBS];
static struct {
	int points, good, refused, unknown;
} seen;

static enum rc put(struct job_ctx *c, void *arg, struct err *err)
{
	struct stmt *s;
	c->action = STR("add");
	for (int i = 0; i < 2; i++) { /* half of it may never stand */
		TRY(db_prepare(c->db, "INSERT INTO mark(what, half) VALUES (?1, ?2)", &s, err));
		stmt_bind_i64(s, 1, (int64_t)(intptr_t)arg);
		stmt_bind_i64(s, 2, i);
		TRY(stmt_run(s, err));
	}
	return RC_OK;
}

static int64_t halves(struct db *db, int64_t what, int half)
{
	struct err err;
	struct stmt *s;
	bool row;
	assert_ok(db_prepare(db, "SELECT count(*) FROM mark WHERE what = ?1 AND half = ?2", &s, &err), &err);
	stmt_bind_i64(s, 1, what);
	stmt_bind_i64(s, 2, half);
	assert_ok(stmt_step(s, &row, &err), &err);
	int64_t n = stmt_i64(s, 0);
	stmt_reset(s);
	return n;
}

static enum rc ask(struct town *t, int i)
{
	struct err err;
	char key[8];
	snprintf(key, sizeof key, "key%d", i);
	struct job job = {.actor = actor_operator(),
		.run = put,
		.arg = (void *)(intptr_t)(i + 1),
		.a = &t->a,
		.key = i % 2 ? str_of(key) : STR(""),
		.body_digest = STR("digest")};
	return writer_run(t->w, &job, &err);
}

static void look(struct town *t, int n)
{
	struct err err;
	struct db *db;
	int64_t rows, bad;
	assert_ok(db_open(t->path, DB_READ, &db, &err), &err);
	for (int i = 0; i < JOBS; i++) {
		int64_t there = halves(db, i + 1, 0);
		if (there != halves(db, i + 1, 1))
			fail_msg("point %d: job %d was done by half", n, i + 1);
		if (there > 1)
			fail_msg("point %d: job %d was done twice", n, i + 1);
		if (answers[i] == RC_OK && !there)
			fail_msg("point %d: job %d was acknowledged and is lost", n, i + 1);
		if (answers[i] != RC_OK && answers[i] != RC_UNKNOWN && there)
			fail_msg("point %d: job %d was refused (%d) and is there", n, i + 1, (int)answers[i]);
		seen.good += answers[i] == RC_OK;
		seen.unknown += answers[i] == RC_UNKNOWN;
		seen.refused += answers[i] != RC_OK && answers[i] != RC_UNKNOWN;
	}
	assert_ok(audit_verify(db, &rows, &bad, &err), &err);
	db_close(db);
}

/* Whoever has no answer asks again with the same key, after the fault is over. */
static void again(struct town *t, int n)
{
	struct err err;
	struct db *db;
	assert_ok(writer_open(t->path, NULL, &t->w, &err), &err);
	for (int i = 1; i < JOBS; i += 2)
		if (answers[i] != RC_OK && ask(t, i) != RC_OK)
			fail_msg("point %d: job %d could not be asked again", n, i + 1);
	writer_close(t->w);
	t->w = NULL;
	assert_ok(db_open(t->path, DB_READ, &db, &err), &err);
	for (int i = 1; i < JOBS; i += 2)
		if (halves(db, i + 1, 0) != 1)
			fail_msg("point %d: job %d asked again with its key stands %lld times", n, i + 1,
				(long long)halves(db, i + 1, 0));
	db_close(db);
}

/* One run with the fault at its nth call; false when it never came to that. */
static bool run(enum db_fault_kind kind, int n, bool stays)
{
	struct town t;
	struct err err;
	town_open(&t, "faultport");
	assert_ok(db_exec(writer_db(t.w), "CREATE TABLE mark(what BIGINT, half BIGINT)", &err), &err);
	writer_close(t.w);
	db_fault(kind, n, stays);
	enum rc rc = writer_open(t.path, NULL, &t.w, &err);
	if (rc != RC_OK) /* the program would not start: it is started again */
		rc = writer_open(t.path, NULL, &t.w, &err);
	if (rc != RC_OK)
		t.w = NULL;
	for (int i = 0; i < JOBS; i++)
		answers[i] = t.w ? ask(&t, i) : rc;
	if (t.w)
		writer_close(t.w);
	int fired = db_faults_fired();
	db_fault(FAULT_NONE, 0, false);
	look(&t, n);
	again(&t, n);
	town_close(&t);
	return fired > 0;
}

static void every_point(enum db_fault_kind kind, bool stays)
{
	int n = 1;
	memset(&seen, 0, sizeof seen);
	while (run(kind, n, stays))
		n++;
	for (int i = 0; i < JOBS; i++)
		assert_int_equal(answers[i], RC_OK); /* the run without a fault */
	print_message("# %d points, %d acknowledged (lost 0), %d refused, %d unknown\n", n - 1, seen.good,
		seen.refused, seen.unknown);
	assert_true(n > JOBS);
	if (stays)
		assert_true(seen.good < n * JOBS);
}

static void a_statement_that_fails_once(void **state)
{
	(void)state;
	every_point(FAULT_STATEMENT, false);
}

static void statements_that_fail_for_good(void **state)
{
	(void)state;
	every_point(FAULT_STATEMENT, true);
}

static void a_transaction_given_up_is_run_again(void **state)
{
	(void)state;
	every_point(FAULT_TRANSACTION, false);
	assert_int_equal(seen.refused, 0);
}

static void a_commit_without_answer_that_was_not_done(void **state)
{
	(void)state;
	every_point(FAULT_COMMIT_LOST, false);
	assert_int_equal(seen.refused + seen.unknown, 0);
}

static void a_commit_without_answer_that_was_done(void **state)
{
	(void)state;
	every_point(FAULT_COMMIT_DONE, false);
	assert_int_equal(seen.refused + seen.unknown, 0);
}

static void a_connection_that_goes_away_is_opened_anew(void **state)
{
	(void)state;
	every_point(FAULT_CONNECTION, false);
	assert_int_equal(seen.refused, 0);
}

static void a_database_that_stays_away_loses_nothing(void **state)
{
	(void)state;
	every_point(FAULT_CONNECTION, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_statement_that_fails_once),
		cmocka_unit_test(statements_that_fail_for_good),
		cmocka_unit_test(a_transaction_given_up_is_run_again),
		cmocka_unit_test(a_commit_without_answer_that_was_not_done),
		cmocka_unit_test(a_commit_without_answer_that_was_done),
		cmocka_unit_test(a_connection_that_goes_away_is_opened_anew),
		cmocka_unit_test(a_database_that_stays_away_loses_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
