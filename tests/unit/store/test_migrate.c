/* The program's own tables: made once, remembered by number, a newer city is refused. */
#include "database.h"
#include "store/migrate.h"
#include "tests.h"

static char path[TEST_URL_BYTES];

static struct db *fresh(void)
{
	struct err err;
	struct db *db;
	test_db_url(path, "migrate");
	assert_ok(db_open(path, DB_CREATE, &db, &err), &err);
	return db;
}

static void done(struct db *db)
{
	db_close(db);
	test_db_forget(path);
}

static void an_empty_database_is_brought_up_once(void **state)
{
	(void)state;
	struct db *db = fresh();
	struct err err;
	assert_int_equal(migrate_check(db, &err), RC_INVALID);
	assert_ok(migrate_up(db, &err), &err);
	assert_ok(migrate_check(db, &err), &err);
	assert_ok(db_exec(db, "UPDATE city SET name = 'here'", &err), &err);
	assert_ok(migrate_up(db, &err), &err);
	struct stmt *s;
	bool row;
	assert_ok(db_prepare(db, "SELECT name, schema_no FROM city", &s, &err), &err);
	assert_ok(stmt_step(s, &row, &err), &err);
	assert_true(str_is(stmt_text(s, 0), "here"));
	assert_int_equal(stmt_i64(s, 1), migrate_latest());
	done(db);
}

static void a_newer_city_is_refused_and_left_alone(void **state)
{
	(void)state;
	struct db *db = fresh();
	struct err err;
	assert_ok(migrate_up(db, &err), &err);
	assert_ok(db_exec(db, "UPDATE city SET schema_no = 1000", &err), &err);
	assert_int_equal(migrate_up(db, &err), RC_INVALID);
	assert_int_equal(migrate_check(db, &err), RC_INVALID);
	assert_non_null(strstr(err.text, "1000"));
	assert_false(db_in_transaction(db));
	done(db);
}

/* Every table is named in the list that keeps registers off, and every name of the list is a table. */
static void the_list_of_tables_is_what_stands(void **state)
{
	(void)state;
	struct db *db = fresh();
	struct err err;
	struct stmt *s;
	bool row;
	int64_t n = 0;
	assert_ok(migrate_up(db, &err), &err);
	const char *names = test_server() ? "SELECT c.relname FROM pg_class c WHERE c.relkind = 'r'"
					    " AND c.relnamespace::regnamespace::text = current_schema()"
					  : "SELECT name FROM sqlite_schema WHERE type = 'table'";
	assert_ok(db_prepare(db, names, &s, &err), &err);
	for (;;) {
		assert_ok(stmt_step(s, &row, &err), &err);
		if (!row)
			break;
		if (!migrate_owns(stmt_text(s, 0)))
			fail_msg("%.*s is not in the list", STR_ARG(stmt_text(s, 0)));
		n++;
	}
	assert_int_equal(n, migrate_tables());
	assert_false(migrate_owns(STR("person")));
	done(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_database_is_brought_up_once),
		cmocka_unit_test(a_newer_city_is_refused_and_left_alone),
		cmocka_unit_test(the_list_of_tables_is_what_stands),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
