/* The chain over what was done: any row altered, removed, moved or cut off is named. */
#include "database.h"
#include "guard/audit.h"
#include "store/migrate.h"
#include "tests.h"

static char path[TEST_URL_BYTES];
enum { ROWS = 12 };

static struct db *chain(void)
{
	struct err err;
	struct db *db;
	struct stmt *s;
	struct audit_chain c = {0};
	test_db_url(path, "audit");
	assert_ok(db_open(path, DB_CREATE, &db, &err), &err);
	assert_ok(migrate_up(db, &err), &err);
	for (int i = 0; i < ROWS; i++) {
		struct audit_row r = {.at_ms = 1000 + i,
			.actor = STR("person:7"),
			.action = STR("set"),
			.subject = STR("visit:8"),
			.detail = STR("fields note"),
			.result = STR("ok")};
		assert_ok(audit_append(db, &c, &r, 1, &err), &err);
	}
	assert_ok(db_prepare(db, "UPDATE city SET audit_seq = ?1, audit_head = ?2", &s, &err), &err);
	stmt_bind_i64(s, 1, c.seq);
	stmt_bind_blob(s, 2, (str){(const char *)c.head.b, HASH_BYTES});
	assert_ok(stmt_run(s, &err), &err);
	return db;
}

/* The same rows under SM3: the chain of a national city. */
static struct db *national(struct audit_chain *c)
{
	struct err err;
	struct db *db;
	struct stmt *s;
	*c = (struct audit_chain){.kind = HASH_SM3};
	test_db_url(path, "audit");
	assert_ok(db_open(path, DB_CREATE, &db, &err), &err);
	assert_ok(migrate_up(db, &err), &err);
	assert_ok(audit_kind_set(db, HASH_SM3, &err), &err);
	for (int i = 0; i < ROWS; i++) {
		struct audit_row r = {.at_ms = 1000 + i,
			.actor = STR("person:7"),
			.action = STR("set"),
			.subject = STR("visit:8"),
			.detail = STR(""),
			.result = STR("ok")};
		assert_ok(audit_append(db, c, &r, 1, &err), &err);
	}
	assert_ok(db_prepare(db, "UPDATE city SET audit_seq = ?1, audit_head = ?2", &s, &err), &err);
	stmt_bind_i64(s, 1, c->seq);
	stmt_bind_blob(s, 2, (str){(const char *)c->head.b, HASH_BYTES});
	assert_ok(stmt_run(s, &err), &err);
	return db;
}

static void done(struct db *db)
{
	db_close(db);
	test_db_forget(path);
}

/* The row that verification names after the change, which is then undone. */
static int64_t bad_of(struct db *db, const char *change)
{
	struct err err = {0};
	int64_t rows, bad, none;
	assert_ok(db_begin(db, &err), &err);
	assert_ok(db_exec(db, change, &err), &err);
	if (audit_verify(db, &rows, &bad, &err) != RC_FOUND || err.text[0] == 0)
		fail_msg("not found: %s", change);
	db_rollback(db);
	assert_ok(audit_verify(db, &rows, &none, &err), &err);
	assert_int_equal(rows, ROWS);
	assert_int_equal(none, 0);
	return bad;
}

static void every_altered_field_is_named(void **state)
{
	(void)state;
	struct db *db = chain();
	static const char *const fields[] = {"at = at + 1", "actor = 'operator'", "action = 'add'",
		"subject = 'visit:9'", "detail = ''", "result = 'denied'",
		"subject = 'visit:8fields', detail = ' note'", /* the same bytes, cut elsewhere */
		"head = x'00'", "head = x'0000000000000000000000000000000000000000000000000000000000000000'",
		"prev = x'0000000000000000000000000000000000000000000000000000000000000000'"};
	char sql[300];
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		for (int row = 2; row <= ROWS; row += 5) {
			snprintf(sql, sizeof sql, "UPDATE audit SET %s WHERE seq = %d", fields[i], row);
			assert_int_equal(bad_of(db, sql), row);
		}
	done(db);
}

static void every_removed_row_is_named(void **state)
{
	(void)state;
	struct db *db = chain();
	char sql[300];
	for (int row = 1; row <= ROWS; row++) {
		snprintf(sql, sizeof sql, "DELETE FROM audit WHERE seq = %d", row);
		assert_int_equal(bad_of(db, sql), row);
		/* Closing the gap does not help. */
		if (row == ROWS)
			continue;
		snprintf(sql, sizeof sql,
			"DELETE FROM audit WHERE seq = %d; UPDATE audit SET seq = -seq WHERE seq > %d;"
			"UPDATE audit SET seq = -seq - 1 WHERE seq < 0",
			row, row);
		assert_int_equal(bad_of(db, sql), row);
	}
	assert_int_equal(bad_of(db, "DELETE FROM audit WHERE seq > 9"), 10);
	assert_int_equal(bad_of(db, "DELETE FROM audit"), 1);
	done(db);
}

static void reordered_and_added_rows_are_named(void **state)
{
	(void)state;
	struct db *db = chain();
	assert_int_equal(
		bad_of(db, "UPDATE audit SET seq = -1 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = 5;"
			   "UPDATE audit SET seq = 5 WHERE seq = -1"),
		4);
	assert_int_equal(bad_of(db, "INSERT INTO audit SELECT 0, at, actor, action, subject, detail, result, "
				    "prev, head, address"
				    " FROM audit WHERE seq = 1"),
		1);
	assert_int_equal(bad_of(db, "UPDATE city SET audit_seq = 11, audit_head = (SELECT head FROM audit "
				    "WHERE seq = 11)"),
		ROWS);
	assert_int_equal(bad_of(db, "UPDATE city SET audit_head = "
				    "x'0000000000000000000000000000000000000000000000000000000000000000'"),
		ROWS);
	done(db);
}

struct seen {
	int64_t seqs[ROWS];
	int n, stop;
};

static bool visit(void *user, const struct audit_row *r)
{
	struct seen *s = user;
	s->seqs[s->n++] = r->seq;
	assert_true(str_is(r->actor, "person:7"));
	return s->n < s->stop;
}

static void the_list_is_newest_first_and_pages(void **state)
{
	(void)state;
	struct db *db = chain();
	struct err err;
	struct seen s = {.stop = 100};
	assert_ok(audit_list(db, 0, 5, visit, &s, &err), &err);
	assert_int_equal(s.n, 5);
	assert_int_equal(s.seqs[0], ROWS);
	s = (struct seen){.stop = 2};
	assert_ok(audit_list(db, 8, 5, visit, &s, &err), &err);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.seqs[0], 7);
	done(db);
}

static void a_national_chain_is_of_sm3_and_holds_by_no_other_hash(void **state)
{
	(void)state;
	struct err err;
	struct audit_chain c;
	struct db *db = national(&c);
	int64_t rows, bad;
	/* The first row's head, by the definition in the header. */
	const char first[] =
		"\0\0\0\0\0\0\0\1\0\0\0\0\0\0\3\xe8\0\0\0\10person:7\0\0\0\3set\0\0\0\7visit:8\0\0\0\0"
		"\0\0\0\2ok\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
	struct hash want = hash_of(HASH_SM3, (str){first, sizeof first - 1 + 1});
	struct stmt *s;
	bool row;
	assert_ok(db_prepare(db, "SELECT head FROM audit WHERE seq = 1", &s, &err), &err);
	assert_ok(stmt_step(s, &row, &err), &err);
	assert_memory_equal(stmt_blob(s, 0).p, want.b, HASH_BYTES);
	stmt_reset(s);
	assert_ok(audit_verify(db, &rows, &bad, &err), &err);
	assert_int_equal(rows, ROWS);
	assert_int_equal(bad_of(db, "UPDATE audit SET action = 'read' WHERE seq = 5"), 5);
	assert_int_equal(bad_of(db, "DELETE FROM setting WHERE name = 'audit_hash'"), 1);
	assert_int_equal(bad_of(db, "UPDATE setting SET value = 'sha256' WHERE name = 'audit_hash'"), 1);
	done(db);
}

static struct hash end_of(size_t step)
{
	enum { MANY = 77 }; /* 2 × 32 + 8 + 5 */
	struct err err;
	struct db *db;
	struct audit_chain c = {0};
	struct audit_row rows[MANY];
	char subject[MANY][16];
	test_db_url(path, "audit");
	assert_ok(db_open(path, DB_CREATE, &db, &err), &err);
	assert_ok(migrate_up(db, &err), &err);
	for (size_t i = 0; i < MANY; i++) {
		snprintf(subject[i], sizeof subject[i], "visit:%d", (int)i);
		rows[i] = (struct audit_row){.at_ms = 1000 + (int64_t)i,
			.actor = STR("operator"),
			.action = STR("set"),
			.subject = str_of(subject[i]),
			.result = STR("ok"),
			.address = i % 3 ? STR("192.0.2.7") : STR("")};
	}
	for (size_t i = 0; i < MANY; i += step)
		assert_ok(audit_append(db, &c, rows + i, MANY - i < step ? MANY - i : step, &err), &err);
	char sql[200];
	int64_t n, bad;
	struct stmt *s;
	snprintf(sql, sizeof sql, "UPDATE city SET audit_seq = %d, audit_head = ?1", (int)MANY);
	assert_ok(db_prepare(db, sql, &s, &err), &err);
	stmt_bind_blob(s, 1, (str){(const char *)c.head.b, HASH_BYTES});
	assert_ok(stmt_run(s, &err), &err);
	assert_ok(audit_verify(db, &n, &bad, &err), &err);
	assert_int_equal(n, MANY);

	/* One too long: none of its company is added, and the chain stays. */
	static char text[AUDIT_TEXT_MAX_BYTES + 1];
	memset(text, 'x', sizeof text);
	rows[MANY - 1].detail = (str){text, sizeof text};
	assert_int_equal(audit_append(db, &c, rows, MANY, &err), RC_LIMIT);
	assert_int_equal(c.seq, MANY);
	assert_ok(audit_verify(db, &n, &bad, &err), &err);
	done(db);
	return c.head;
}

static void rows_added_together_make_the_chain_of_rows_added_one_by_one(void **state)
{
	(void)state;
	struct hash one = end_of(1), some = end_of(11), all = end_of(77);
	assert_true(hash_eq(&one, &some));
	assert_true(hash_eq(&one, &all));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_national_chain_is_of_sm3_and_holds_by_no_other_hash),
		cmocka_unit_test(every_altered_field_is_named),
		cmocka_unit_test(every_removed_row_is_named),
		cmocka_unit_test(reordered_and_added_rows_are_named),
		cmocka_unit_test(rows_added_together_make_the_chain_of_rows_added_one_by_one),
		cmocka_unit_test(the_list_is_newest_first_and_pages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
