/* The database port, on SQLite and, where $QINGHE_TEST_DB names a server, on PostgreSQL. */
#include "base/clock.h"
#include "base/date.h"
#include "database.h"
#include "store/db.h"
#include "store/migrate.h"
#include "tests.h"
#include <sys/stat.h>

static char path[TEST_URL_BYTES];

static struct db *fresh(void)
{
	struct err err;
	struct db *db;
	test_db_url(path, "db");
	assert_ok(db_open(path, DB_CREATE, &db, &err), &err);
	assert_ok(
		db_exec(db,
			"CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT, mark BLOB, n INTEGER) STRICT;"
			"CREATE UNIQUE INDEX person_name ON person(name);"
			"CREATE TABLE child(id INTEGER PRIMARY KEY, of INTEGER REFERENCES person(id)) STRICT",
			&err),
		&err);
	return db;
}

static void done(struct db *db)
{
	db_close(db);
	test_db_forget(path);
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

static void run(struct db *db, const char *sql)
{
	struct err err;
	struct stmt *s;
	assert_ok(db_prepare(db, sql, &s, &err), &err);
	assert_ok(stmt_run(s, &err), &err);
}

/* An engine may find a fault when it prepares, or when it runs. */
static enum rc fails(struct db *db, const char *sql)
{
	struct err err;
	struct stmt *s;
	enum rc rc = db_prepare(db, sql, &s, &err);
	return rc == RC_OK ? stmt_run(s, &err) : rc;
}

static void values_come_back_as_they_went_in(void **state)
{
	(void)state;
	struct db *db = fresh();
	struct err err;
	struct stmt *s;
	assert_ok(db_prepare(db, "INSERT INTO person VALUES (?1, ?2, ?3, ?4)", &s, &err), &err);
	stmt_bind_i64(s, 1, INT64_MIN);
	stmt_bind_text(s, 2, (str){0});
	stmt_bind_blob(s, 3, (str){"\0\1\2", 3});
	stmt_bind_null(s, 4);
	assert_ok(stmt_run(s, &err), &err);
	assert_int_equal(db_changes(db), 1);
	bool row;
	assert_ok(db_prepare(db, "SELECT id, name, mark, n FROM person", &s, &err), &err);
	assert_ok(stmt_step(s, &row, &err), &err);
	assert_int_equal(stmt_columns(s), 4);
	assert_true(stmt_i64(s, 0) == INT64_MIN);
	assert_false(stmt_null(s, 1));
	assert_int_equal(stmt_text(s, 1).n, 0);
	assert_non_null(stmt_text(s, 1).p);
	assert_int_equal(stmt_blob(s, 2).n, 3);
	assert_memory_equal(stmt_blob(s, 2).p, "\0\1\2", 3);
	assert_true(stmt_null(s, 3));
	assert_null(stmt_text(s, 3).p);
	assert_int_equal(stmt_i64(s, 3), 0);
	assert_ok(stmt_step(s, &row, &err), &err);
	assert_false(row);
	done(db);
}

static void the_same_text_is_the_same_statement_reset_and_unbound(void **state)
{
	(void)state;
	struct db *db = fresh();
	struct err err;
	struct stmt *s, *t;
	char text[] = "SELECT ?1 IS NULL";
	assert_ok(db_prepare(db, text, &s, &err), &err);
	stmt_bind_i64(s, 1, 7);
	bool row;
	assert_ok(stmt_step(s, &row, &err), &err);
	assert_int_equal(stmt_i64(s, 0), 0);
	char copy[] = "SELECT ?1 IS NULL";
	memset(text, 'x', sizeof text - 1);
	assert_ok(db_prepare(db, copy, &t, &err), &err);
	assert_ptr_equal(s, t);
	assert_ok(stmt_step(t, &row, &err), &err);
	assert_int_equal(stmt_i64(t, 0), 1);
	done(db);
}

static void a_thousand_texts_do_not_stay_awake_and_old_ones_still_answer(void **state)
{
	(void)state;
	struct db *db = fresh();
	struct err err;
	struct stmt *first, *s;
	bool row;
	assert_ok(db_prepare(db, "SELECT ?1 + 0", &first, &err), &err);
	for (int i = 1; i <= 3000; i++) {
		char text[64];
		snprintf(text, sizeof text, "SELECT ?1 + %d", i);
		assert_ok(db_snapshot(db, &err), &err);
		assert_ok(db_prepare(db, text, &s, &err), &err);
		stmt_bind_i64(s, 1, 1);
		assert_ok(stmt_step(s, &row, &err), &err);
		assert_int_equal(stmt_i64(s, 0), i + 1);
		db_snapshot_end(db);
	}
	stmt_bind_i64(first, 1, 41);
	assert_ok(stmt_step(first, &row, &err), &err);
	assert_int_equal(stmt_i64(first, 0), 41);
	done(db);
}

static void id_lists_bind_as_one_parameter(void **state)
{
	(void)state;
	struct db *db = fresh();
	struct err err;
	struct stmt *s;
	bool row;
	run(db, "INSERT INTO person(id) VALUES (1), (2), (3), (9007199254740993), (-5)");
	assert_ok(db_prepare(db, "SELECT count(*), sum(id) FROM person WHERE \"id\" {in ?1} AND id > ?2", &s,
			  &err),
		&err);
	int64_t ids[] = {2, 9007199254740993, 77, -5};
	stmt_bind_ids(s, 1, ids, 4);
	stmt_bind_i64(s, 2, -100);
	assert_ok(stmt_step(s, &row, &err), &err);
	assert_int_equal(stmt_i64(s, 0), 3);
	assert_true(stmt_i64(s, 1) == 9007199254740990);
	stmt_bind_ids(s, 1, NULL, 0);
	assert_ok(stmt_step(s, &row, &err), &err);
	assert_int_equal(stmt_i64(s, 0), 0);
	done(db);
}

/* The words count as base/date.h does, over a day for every week of three centuries. */
static void words_agree_with_date_h(void **state)
{
	(void)state;
	struct db *db = fresh();
	struct err err;
	struct stmt *s;
	bool row;
	int32_t base = date_of(2012, 2, 29);
	assert_ok(db_prepare(db, "SELECT {days ?1 | ?2}, {age substr(?1, 1, 7) | ?2}, {month ?2}", &s, &err),
		&err);
	for (int32_t d = date_of(1900, 1, 1); d <= date_of(2200, 12, 31); d += 7) {
		char text[DATE_TEXT_BYTES];
		date_text(d, text);
		stmt_bind_text(s, 1, STR("2012-02-29"));
		stmt_bind_text(s, 2, str_of(text));
		assert_ok(stmt_step(s, &row, &err), &err);
		assert_int_equal(stmt_i64(s, 0), d - base);
		if (d >= base)
			assert_int_equal(stmt_i64(s, 1), date_age_years(date_of(2012, 2, 1), d));
		assert_true(str_eq(stmt_text(s, 2), (str){text, 7}));
		stmt_reset(s);
	}
	stmt_bind_null(s, 1);
	stmt_bind_text(s, 2, STR("2025-01-01"));
	assert_ok(stmt_step(s, &row, &err), &err);
	assert_true(stmt_null(s, 0));
	assert_true(stmt_null(s, 1));
	done(db);
}

static void faults_are_told_apart_and_hold_no_values(void **state)
{
	(void)state;
	struct db *db = fresh();
	struct err err;
	struct stmt *s;
	run(db, "INSERT INTO person(id, name) VALUES (1, 'hush')");
	assert_ok(db_prepare(db, "INSERT INTO person(id, name) VALUES (2, ?1)", &s, &err), &err);
	stmt_bind_text(s, 1, STR("hush"));
	assert_int_equal(stmt_run(s, &err), RC_CONFLICT);
	assert_null(strstr(err.text, "hush"));
	assert_ok(db_prepare(db, "INSERT INTO child VALUES (1, 99)", &s, &err), &err);
	assert_int_equal(stmt_run(s, &err), RC_CONFLICT);
	assert_ok(db_prepare(db, "INSERT INTO person(id, n) VALUES (3, ?1)", &s, &err), &err);
	stmt_bind_text(s, 1, STR("hush"));
	assert_int_equal(stmt_run(s, &err), RC_IO);
	assert_null(strstr(err.text, "hush"));
	stmt_bind_i64(s, 2, 1);
	assert_int_equal(stmt_run(s, &err), RC_IO); /* there is no ?2 */
	assert_int_equal(fails(db, "SELECT \"a text\""), RC_IO);
	assert_int_equal(db_prepare(db, "SELECT 1; SELECT 2", &s, &err), RC_INVALID);
	assert_int_equal(db_prepare(db, "", &s, &err), RC_INVALID);
	if (!test_server())
		assert_int_equal(fails(db, "SELECT load_extension('x')"), RC_IO);
	assert_int_equal(one(db, "SELECT count(*) FROM person"), 1);
	done(db);
}

static void savepoints_nest(void **state)
{
	(void)state;
	struct db *db = fresh();
	struct err err;
	assert_ok(db_begin(db, &err), &err);
	run(db, "INSERT INTO person(id) VALUES (1)");
	assert_ok(db_savepoint(db, &err), &err);
	run(db, "INSERT INTO person(id) VALUES (2)");
	assert_ok(db_savepoint(db, &err), &err);
	run(db, "INSERT INTO person(id) VALUES (3)");
	db_rollback_to(db);
	assert_int_equal(one(db, "SELECT sum(id) FROM person"), 3);
	assert_ok(db_release(db, &err), &err);
	assert_ok(db_savepoint(db, &err), &err);
	run(db, "INSERT INTO person(id) VALUES (4)");
	db_rollback_to(db);
	assert_ok(db_commit(db, &err), &err);
	assert_false(db_in_transaction(db));
	assert_int_equal(one(db, "SELECT sum(id) FROM person"), 3);
	assert_ok(db_begin(db, &err), &err);
	run(db, "DELETE FROM person");
	db_rollback(db);
	assert_int_equal(one(db, "SELECT sum(id) FROM person"), 3);
	done(db);
}

static void a_snapshot_stands_still_while_another_writes(void **state)
{
	(void)state;
	struct db *db = fresh(), *reader;
	struct err err;
	struct stmt *s;
	assert_ok(migrate_up(db, &err), &err);
	run(db, "INSERT INTO person(id) VALUES (1)");
	assert_ok(db_open(path, DB_READ, &reader, &err), &err);
	assert_ok(db_snapshot(reader, &err), &err);
	assert_int_equal(one(reader, "SELECT count(*) FROM person"), 1);
	run(db, "INSERT INTO person(id) VALUES (2)");
	assert_int_equal(one(reader, "SELECT count(*) FROM person"), 1);
	db_snapshot_end(reader);
	assert_int_equal(one(reader, "SELECT count(*) FROM person"), 2);
	assert_ok(db_prepare(reader, "DELETE FROM person", &s, &err), &err);
	assert_int_equal(stmt_run(s, &err), RC_IO);
	db_close(reader);
	done(db);
}

static void the_connection_is_durable_and_strict(void **state)
{
	(void)state;
	if (test_server())
		skip();
	struct db *db = fresh();
	assert_int_equal(one(db, "PRAGMA synchronous"), 2);
	assert_int_equal(one(db, "PRAGMA foreign_keys"), 1);
	assert_int_equal(one(db, "PRAGMA trusted_schema"), 0);
	assert_int_equal(one(db, "SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'"), 1);
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	done(db);
}

static void only_a_citys_own_database_is_opened(void **state)
{
	(void)state;
	struct db *db = fresh(), *other;
	struct err err;
	assert_ok(migrate_up(db, &err), &err);
	assert_int_equal(db_open(path, DB_CREATE, &other, &err), RC_CONFLICT);
	if (!test_server())
		assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(db_open("/tmp/qinghe-no-such.db", DB_WRITE, &other, &err), RC_NOT_FOUND);
	assert_int_equal(db_open("/tmp/qinghe-no-such.db", DB_READ, &other, &err), RC_NOT_FOUND);
	assert_int_equal(access("/tmp/qinghe-no-such.db", F_OK), -1);
	assert_int_equal(db_open("meson.build", DB_WRITE, &other, &err), RC_INVALID);
	assert_int_equal(db_open("postgresql://u:hush@%zz/d", DB_WRITE, &other, &err), RC_INVALID);
	assert_null(strstr(err.text, "hush"));
	assert_int_equal(db_open("postgresql://u@/d?host=/no/such&options=-csearch_path%3DNo-Name", DB_WRITE,
				 &other, &err),
		RC_INVALID);
	assert_int_equal(db_open("postgresql://u:hush@/d?host=/no/such", DB_READ, &other, &err), RC_IO);
	assert_null(strstr(err.text, "hush"));
	done(db);
}

static void the_address_is_shown_without_its_password(void **state)
{
	(void)state;
	struct arena a = {0};
	static const char *const cases[][2] = {
		{"city.db", "city.db"},
		{"postgresql://u:hush@h/d?options=-csearch_path%3Dx",
			"postgresql://u@h/d?options=-csearch_path%3Dx"},
		{"postgresql://u@h:5433/d", "postgresql://u@h:5433/d"},
		{"postgresql://h/d?password=hush&user=u", "postgresql://h/d?user=u"},
		{"postgres://h/d?user=u&password=hush", "postgres://h/d?user=u&"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(db_shown(&a, cases[i][0]).p, cases[i][1]);
	arena_done(&a);
}

static void a_table_may_refer_to_one_that_is_made_after_it(void **state)
{
	(void)state;
	struct db *db = fresh();
	struct err err;
	struct stmt *s;
	assert_ok(db_begin(db, &err), &err);
	assert_ok(db_exec(db,
			  "CREATE TABLE leaf(id INTEGER PRIMARY KEY, \"of\" INTEGER REFERENCES tree(id) "
			  "DEFERRABLE "
			  "INITIALLY DEFERRED) STRICT",
			  &err),
		&err);
	assert_ok(db_exec(db, "CREATE TABLE tree(id INTEGER PRIMARY KEY) STRICT", &err), &err);
	assert_ok(db_commit(db, &err), &err);
	assert_ok(db_begin(db, &err), &err);
	run(db, "INSERT INTO leaf VALUES (1, 7)");
	run(db, "INSERT INTO tree VALUES (7)");
	assert_ok(db_commit(db, &err), &err);
	assert_ok(db_begin(db, &err), &err);
	run(db, "INSERT INTO leaf VALUES (2, 8)");
	assert_int_equal(db_commit(db, &err), RC_CONFLICT);
	db_rollback(db);
	assert_int_equal(one(db, "SELECT count(*) FROM leaf"), 1);
	assert_ok(db_prepare(db, "DELETE FROM tree", &s, &err), &err);
	assert_int_equal(stmt_run_now(s, &err), RC_CONFLICT);
	done(db);
}

/* A statement that only flies tells its fault at the flush; a savepoint rolled back makes the transaction good again. */
static void a_fault_is_told_at_the_flush_at_the_latest(void **state)
{
	(void)state;
	struct db *db = fresh();
	struct err err;
	struct stmt *s;
	assert_ok(db_begin(db, &err), &err);
	run(db, "INSERT INTO person(id, name) VALUES (1, 'a')");
	assert_ok(db_savepoint(db, &err), &err);
	run(db, "INSERT INTO person(id, name) VALUES (2, 'b')");
	assert_ok(db_prepare(db, "INSERT INTO person(id, name) VALUES (3, ?1)", &s, &err), &err);
	stmt_bind_text(s, 1, STR("a"));
	enum rc rc = stmt_run(s, &err);
	assert_int_equal(rc == RC_OK ? db_flush(db, &err) : rc, RC_CONFLICT);
	assert_null(strstr(err.text, "'a'"));
	db_rollback_to(db);
	assert_true(db_in_transaction(db));
	assert_ok(db_prepare(
			  db, "INSERT INTO person(id, name) VALUES (4, ?1) ON CONFLICT DO NOTHING", &s, &err),
		&err);
	stmt_bind_text(s, 1, STR("a"));
	assert_ok(stmt_run(s, &err), &err);
	assert_int_equal(db_changes(db), 0);
	assert_ok(db_commit(db, &err), &err);
	assert_int_equal(one(db, "SELECT sum(id) FROM person"), 1);
	done(db);
}

static void a_null_first_and_a_value_later_are_the_same_statement(void **state)
{
	(void)state;
	struct db *db = fresh();
	struct err err;
	struct stmt *s;
	assert_ok(db_begin(db, &err), &err);
	for (int i = 1; i <= 600; i++) {
		assert_ok(db_prepare(db, "INSERT INTO person VALUES (?1, ?2, ?3, ?4)", &s, &err), &err);
		stmt_bind_i64(s, 1, i);
		if (i % 2 == 0)
			stmt_bind_blob(s, 3, STR("x"));
		if (i % 3 == 0)
			stmt_bind_i64(s, 4, -i);
		assert_ok(stmt_run(s, &err), &err);
	}
	assert_ok(db_commit(db, &err), &err);
	assert_int_equal(one(db, "SELECT count(mark) FROM person"), 300);
	assert_int_equal(one(db, "SELECT sum(n) FROM person"), -3 * (200 * 201 / 2));
	done(db);
}

static void a_reopened_connection_has_its_statements(void **state)
{
	(void)state;
	struct db *db = fresh();
	struct err err;
	struct stmt *s;
	bool row;
	assert_ok(migrate_up(db, &err), &err);
	run(db, "INSERT INTO person(id) VALUES (5)");
	assert_ok(db_prepare(db, "SELECT id FROM person WHERE id = ?1", &s, &err), &err);
	assert_ok(db_reopen(db, &err), &err);
	stmt_bind_i64(s, 1, 5);
	assert_ok(stmt_step(s, &row, &err), &err);
	assert_true(row);
	stmt_reset(s);
	done(db);
}

static const char LONG_ONE[] =
	"WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 2000000000)"
	" SELECT COUNT(*) FROM t";

static void a_reader_that_stays_too_long_is_ended_and_the_next_one_reads(void **state)
{
	(void)state;
	struct err err;
	struct stmt *s;
	bool row;
	struct db *db = fresh(), *reader;
	run(db, "INSERT INTO person(id, name) VALUES (1, 'a')");
	assert_ok(migrate_up(db, &err), &err);
	assert_ok(db_open(path, DB_READ, &reader, &err), &err);
	assert_ok(db_snapshot_limit(reader, 200, &err), &err);
	for (int i = 0; i < 2; i++) {
		assert_ok(db_snapshot(reader, &err), &err);
		assert_int_equal(one(reader, "SELECT id FROM person"), 1);
		assert_ok(db_prepare(reader, LONG_ONE, &s, &err), &err);
		assert_int_equal(stmt_step(s, &row, &err), RC_LIMIT); /* in its midst */
		clock_sleep_us(250000);
		assert_ok(db_prepare(reader, "SELECT id FROM person WHERE id = 1", &s, &err), &err);
		assert_int_equal(stmt_step(s, &row, &err), RC_LIMIT); /* and between statements */
		db_snapshot_end(reader);
		if (i == 0)
			assert_ok(db_reopen(reader, &err), &err); /* the limit outlives the connection */
	}
	assert_ok(db_snapshot(reader, &err), &err);
	assert_int_equal(one(reader, "SELECT id FROM person"), 1);
	db_snapshot_end(reader);
	db_close(reader);
	done(db);
}

/* SQLite keeps them and looks at them itself; a server's are its own affair. */
static void whether_pages_carry_checksums_is_told(void **state)
{
	(void)state;
	struct err err;
	struct db *db = fresh();
	struct db_pages found, again;
	assert_ok(db_pages(db, &found, &err), &err);
	if (strcmp(db_engine(db), "sqlite") == 0) {
		assert_true(found.carried && found.looked_at > 0 && found.bad == 0);
	} else {
		assert_int_equal(found.carried, one(db, "SELECT CASE WHEN current_setting('data_checksums') "
							"= 'on' THEN 1 ELSE 0 END"));
		assert_int_equal(found.looked_at, 0);
		assert_int_equal(db_pages_anew(path, &again, &err), RC_INVALID);
	}
	done(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whether_pages_carry_checksums_is_told),
		cmocka_unit_test(values_come_back_as_they_went_in),
		cmocka_unit_test(the_same_text_is_the_same_statement_reset_and_unbound),
		cmocka_unit_test(a_thousand_texts_do_not_stay_awake_and_old_ones_still_answer),
		cmocka_unit_test(id_lists_bind_as_one_parameter),
		cmocka_unit_test(words_agree_with_date_h),
		cmocka_unit_test(faults_are_told_apart_and_hold_no_values),
		cmocka_unit_test(savepoints_nest),
		cmocka_unit_test(a_snapshot_stands_still_while_another_writes),
		cmocka_unit_test(the_connection_is_durable_and_strict),
		cmocka_unit_test(a_table_may_refer_to_one_that_is_made_after_it),
		cmocka_unit_test(a_fault_is_told_at_the_flush_at_the_latest),
		cmocka_unit_test(a_null_first_and_a_value_later_are_the_same_statement),
		cmocka_unit_test(a_reopened_connection_has_its_statements),
		cmocka_unit_test(a_reader_that_stays_too_long_is_ended_and_the_next_one_reads),
		cmocka_unit_test(the_address_is_shown_without_its_password),
		cmocka_unit_test(only_a_citys_own_database_is_opened),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
