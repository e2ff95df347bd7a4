/* Work that time asks for: once per key, in order, caught up, and what fails keeps nobody waiting. */
#include "base/buf.h"
#include "base/clock.h"
#include "guard/due.h"
#include "guard_city.h"

static const int64_t T0 = INT64_C(1764000000000), HOUR = 3600000;

static struct buf said;
static int broken;

static enum rc say(struct job_ctx *c, void *user, const struct due_tick *t, struct err *err)
{
	(void)c, (void)user;
	if (broken && str_is(t->rule, "once"))
		return FAIL(err, RC_IO, "on purpose");
	buf_printf(&said, "%.*s%.*s@%lld ", STR_ARG(t->rule), STR_ARG(t->subject),
		(long long)((t->at_ms - T0) / HOUR));
	return RC_OK;
}

static const struct due_rule rules[] = {
	{"each", 3600000, false, false, say},
	{"last", 3600000, true, true, say},
	{"once", 0, false, false, say},
};

static int failures;
static void count(void *user, const struct due_tick *t, enum rc rc)
{
	(void)user, (void)t, (void)rc;
	failures++;
}

static enum rc plan(struct job_ctx *c, void *arg, struct err *err)
{
	const int64_t *at = arg;
	TRY(due_plan(c->db, STR("once"), STR("7"), *at, err));
	TRY(due_plan(c->db, STR("once"), STR("7"), *at, err)); /* the same key is one */
	return due_plan(c->db, STR("once"), STR("3"), *at - HOUR / 2, err);
}

static void pass(struct due *d, int want_ran, int want_failed)
{
	struct err err = {0};
	int ran, failed;
	assert_ok(due_pass(d, &ran, &failed, &err), &err);
	assert_int_equal(ran, want_ran);
	assert_int_equal(failed, want_failed);
}

static void heard(const char *want)
{
	assert_string_equal(said.n ? said.p : "", want);
	buf_clear(&said);
}

static void ticks_run_once_in_order_and_are_caught_up(void **state)
{
	(void)state;
	struct town t;
	struct err err = {0};
	int64_t at = T0 + 2 * HOUR;
	clock_set(T0 - T0 % HOUR, false);
	int64_t start = clock_now_ms();
	town_open(&t, "due");
	struct due *d = due_new(t.w, t.path, rules, 3, NULL, count);
	buf_init(&said, 0);
	pass(d, 2, 0);
	buf_clear(&said);
	pass(d, 0, 0); /* nothing more is due */
	assert_ok(town_run(&t, actor_operator(), plan, &at, &err), &err);
	pass(d, 0, 0); /* planned, not yet due */
	clock_set(start + 3 * HOUR, false);
	pass(d, 7, 0); /* three of each, of last one overtaken and the last, two planned */
	str s = buf_str(&said);
	size_t e1 = str_find(s, STR("each@")), three = str_find(s, STR("once3@1")),
	       seven = str_find(s, STR("once7@2"));
	assert_true(e1 != SIZE_MAX && three != SIZE_MAX && seven != SIZE_MAX && e1 < three && three < seven);
	size_t last = str_find(s, STR("last@"));
	assert_true(last != SIZE_MAX && str_find(str_from(s, last + 1), STR("last@")) == SIZE_MAX);
	buf_clear(&said);
	pass(d, 0, 0);
	/* another process, which has looked at the same rows before */
	struct due *other = due_new(t.w, t.path, rules, 3, NULL, count);
	pass(other, 0, 0);
	assert_int_equal(town_count(&t, "SELECT count(*) FROM due WHERE done_at IS NULL"), 2);
	assert_int_equal(town_count(&t, "SELECT count(*) FROM audit WHERE action = 'due'"),
		6); /* not the quiet rule's */
	due_free(other);
	due_free(d);
	town_close(&t);
	buf_done(&said);
}

static void what_fails_stays_due_and_others_go_on(void **state)
{
	(void)state;
	struct town t;
	struct err err = {0};
	int64_t at = T0;
	clock_set(T0 + HOUR, false);
	town_open(&t, "due2");
	struct due *d = due_new(t.w, t.path, rules, 3, NULL, count);
	buf_init(&said, 0);
	broken = 1;
	failures = 0;
	assert_ok(town_run(&t, actor_operator(), plan, &at, &err), &err);
	pass(d, 2, 2);
	assert_int_equal(failures, 2);
	pass(d, 0, 0); /* not again within a minute */
	assert_int_equal(
		town_count(&t, "SELECT count(*) FROM due WHERE rule = 'once' AND done_at IS NULL"), 2);
	due_free(d);
	broken = 0;
	buf_clear(&said);
	d = due_new(t.w, t.path, rules, 3, NULL, count); /* the program started anew */
	pass(d, 2, 0);
	heard("once3@0 once7@0 ");
	due_free(d);
	town_close(&t);
	buf_done(&said);
}

static void the_thread_does_it_by_itself_and_ends(void **state)
{
	(void)state;
	struct town t;
	struct err err = {0};
	clock_set(T0, false);
	town_open(&t, "due3");
	assert_ok(writer_start(t.w, &err), &err);
	struct due *d = due_new(t.w, t.path, rules, 3, NULL, count);
	buf_init(&said, 0);
	assert_ok(due_start(d, &err), &err);
	struct db *db;
	assert_ok(db_open(t.path, DB_READ, &db, &err), &err);
	for (int i = 0; i < 100; i++) {
		struct stmt *s;
		bool row;
		assert_ok(
			db_prepare(db, "SELECT count(*) FROM due WHERE done_at IS NOT NULL", &s, &err), &err);
		assert_ok(stmt_step(s, &row, &err), &err);
		int64_t n = stmt_i64(s, 0);
		stmt_reset(s);
		if (n == 2)
			break;
		assert_true(i < 99);
		usleep(50000);
	}
	db_close(db);
	due_free(d);
	town_close(&t);
	buf_done(&said);
	clock_unset();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ticks_run_once_in_order_and_are_caught_up),
		cmocka_unit_test(what_fails_stays_due_and_others_go_on),
		cmocka_unit_test(the_thread_does_it_by_itself_and_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
