/* A checksum in every page of an SQLite file (store/pages.h): no bit turns unseen, and older files work as before. */
#include "base/clock.h"
#include "base/rand.h"
#include "database.h"
#include "store/db.h"
#include "tests.h"
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { PAGE = 4096, FLIPS = 200 };

static char path[TEST_URL_BYTES], other[TEST_URL_BYTES];

static void run(struct db *db, const char *sql)
{
	struct err err;
	assert_ok(db_exec(db, sql, &err), &err);
}

static struct db *opened(const char *url, enum db_mode mode)
{
	struct err err;
	struct db *db;
	assert_ok(db_open(url, mode, &db, &err), &err);
	return db;
}

/* Rows, an index, chains of overflow pages, and pages that were given back. */
static void fill(struct db *db)
{
	run(db, "CREATE TABLE mark(id INTEGER PRIMARY KEY, day TEXT, note BLOB) STRICT;"
		"CREATE INDEX mark_day ON mark(day);"
		"CREATE TABLE gone(id INTEGER PRIMARY KEY, note BLOB) STRICT;"
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)"
		" INSERT INTO mark SELECT i, '2026-01-' || (10 + i % 20), zeroblob(i % 7 * i) FROM n;"
		"INSERT INTO gone SELECT id, zeroblob(900) FROM mark; DELETE FROM gone");
}

static void made(void)
{
	test_db_url(path, "pages");
	struct db *db = opened(path, DB_CREATE);
	fill(db);
	db_close(db);
}

static int64_t size_of(const char *name)
{
	struct stat st;
	return stat(name, &st) == 0 ? (int64_t)st.st_size : -1;
}

static void flip(const char *name, int64_t bit)
{
	unsigned char c;
	int fd = open(name, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0 && pread(fd, &c, 1, bit / 8) == 1);
	c ^= (unsigned char)(1U << (bit % 8));
	assert_true(pwrite(fd, &c, 1, bit / 8) == 1);
	close(fd);
}

/* What `qinghe check` asks: the file can be opened and each page of it holds. */
static bool whole(const char *name, struct db_pages *out)
{
	struct db *db;
	*out = (struct db_pages){0};
	if (db_open(name, DB_READ, &db, NULL) != RC_OK)
		return false;
	enum rc rc = db_pages(db, out, NULL);
	db_close(db);
	return rc == RC_OK && out->carried && out->bad == 0;
}

static void no_bit_of_the_file_turns_unseen(void **state)
{
	(void)state;
	struct db_pages found;
	struct rng rng;
	made();
	int64_t bits = 8 * size_of(path), pages = size_of(path) / PAGE;
	assert_true(whole(path, &found));
	assert_int_equal(found.looked_at, pages);
	rng_init(&rng, 48);
	for (int i = 0; i < FLIPS + pages; i++) { /* anywhere, then once in each page */
		int64_t bit = i < FLIPS ? (int64_t)rng_below(&rng, (uint64_t)bits)
					: 8 * PAGE * (i - FLIPS) + (int64_t)rng_below(&rng, 8 * PAGE);
		flip(path, bit);
		if (whole(path, &found))
			fail_msg("bit %lld of byte %lld, page %lld", (long long)bit % 8, (long long)bit / 8,
				(long long)bit / 8 / PAGE + 1);
		flip(path, bit);
	}
	for (int bit = 0; bit < 8 * 100; bit++) { /* and every bit of the header */
		flip(path, bit);
		assert_false(whole(path, &found));
		flip(path, bit);
	}
	assert_true(whole(path, &found));
	test_db_forget(path);
}

static enum rc reads_all(const char *name, struct err *err)
{
	struct db *db;
	int64_t n = 0;
	TRY(db_open(name, DB_READ, &db, err));
	enum rc rc = db_number(db, "SELECT SUM(length(note)) + SUM(length(day)) FROM mark", &n, err);
	db_close(db);
	return rc;
}

static void a_damaged_page_is_not_used_and_is_named(void **state)
{
	(void)state;
	struct err err = {0};
	struct db_pages found;
	made();
	assert_ok(reads_all(path, &err), &err);
	int64_t pages = size_of(path) / PAGE;
	int refused = 0;
	for (int64_t page = 2; page <= pages; page++) {
		flip(path, 8 * (PAGE * (page - 1) + 3000));
		char words[40];
		snprintf(words, sizeof words, "%lld", (long long)page);
		enum rc rc = reads_all(path, &err);
		if (rc != RC_OK) { /* not one that this question needs */
			assert_int_equal(rc, RC_IO);
			assert_non_null(strstr(err.text, words));
			refused++;
		}
		assert_false(whole(path, &found));
		assert_int_equal(found.bad, 1);
		assert_int_equal(found.first, page);
		flip(path, 8 * (PAGE * (page - 1) + 3000));
	}
	assert_true(refused > 20);
	test_db_forget(path);
}

static void a_page_in_anothers_place_is_told(void **state)
{
	(void)state;
	char a[PAGE], b[PAGE];
	struct db_pages found;
	made();
	int fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(pread(fd, a, PAGE, PAGE * 5L) == PAGE && pread(fd, b, PAGE, PAGE * 6L) == PAGE);
	assert_true(pwrite(fd, b, PAGE, PAGE * 5L) == PAGE && pwrite(fd, a, PAGE, PAGE * 6L) == PAGE);
	close(fd);
	assert_false(whole(path, &found));
	assert_int_equal(found.bad, 2);
	assert_int_equal(found.first, 6);
	test_db_forget(path);
}

/* As all were before: made by SQLite alone. */
static void older(const char *name)
{
	sqlite3 *c;
	assert_int_equal(
		sqlite3_open_v2(name, &c, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "unix"), SQLITE_OK);
	assert_int_equal(sqlite3_exec(c, "PRAGMA application_id = 0x51494e47; PRAGMA journal_mode = WAL",
				 NULL, NULL, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_close(c), SQLITE_OK);
}

static void an_older_file_works_as_before_and_its_backup_has_checksums(void **state)
{
	(void)state;
	struct err err;
	struct db_pages found;
	char sql[TEST_URL_BYTES + 20];
	test_db_url(path, "pages_old");
	test_db_url(other, "pages_new");
	older(path);
	struct db *db = opened(path, DB_WRITE);
	fill(db);
	assert_ok(db_pages(db, &found, &err), &err);
	assert_false(found.carried);
	snprintf(sql, sizeof sql, "VACUUM INTO '%s'", other);
	run(db, sql);
	db_close(db);
	assert_ok(reads_all(path, &err), &err);
	assert_false(whole(path, &found));
	assert_false(found.carried);
	assert_true(whole(other, &found));
	assert_int_equal(found.looked_at, size_of(other) / PAGE);
	assert_ok(reads_all(other, &err), &err);
	test_db_forget(path);
	test_db_forget(other);
}

static void pages_that_another_program_wrote_are_taken_as_they_are_when_asked(void **state)
{
	(void)state;
	struct err err;
	struct db_pages found;
	sqlite3 *c;
	made();
	assert_int_equal(sqlite3_open_v2(path, &c, SQLITE_OPEN_READWRITE, "unix"), SQLITE_OK);
	assert_int_equal(sqlite3_exec(c, "UPDATE mark SET day = '2026-03-01'", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(c), SQLITE_OK);
	assert_int_equal(reads_all(path, &err), RC_IO);
	assert_ok(db_pages_anew(path, &found, &err), &err);
	assert_true(found.bad > 2 && found.looked_at == size_of(path) / PAGE);
	assert_ok(reads_all(path, &err), &err);
	assert_true(whole(path, &found));
	assert_ok(db_pages_anew(path, &found, &err), &err);
	assert_int_equal(found.bad, 0);
	struct db *db = opened(path, DB_READ);
	int64_t n;
	assert_ok(db_number(db, "SELECT COUNT(*) FROM mark", &n, &err), &err);
	assert_int_equal(db_pages_anew(path, &found, &err), RC_CONFLICT); /* somebody has it open */
	db_close(db);
	test_db_forget(path);
}

/* More than the pages that SQLite keeps in memory: they go to the new file before its first one does. */
static void a_large_copy_has_them_on_every_page(void **state)
{
	(void)state;
	struct db_pages found;
	char sql[TEST_URL_BYTES + 20];
	test_db_url(path, "pages");
	test_db_url(other, "pages_new");
	struct db *db = opened(path, DB_CREATE);
	fill(db);
	run(db, "CREATE TABLE big(id INTEGER PRIMARY KEY, note BLOB) STRICT;"
		"INSERT INTO big SELECT NULL, randomblob(12000) FROM mark; PRAGMA cache_size = 20");
	snprintf(sql, sizeof sql, "VACUUM INTO '%s'", other);
	run(db, sql);
	assert_true(whole(other, &found));
	assert_true(found.looked_at > 1500);
	db_close(db);
	test_db_forget(path);
	test_db_forget(other);
}

/* A program is killed with its log not yet copied, and another one has copied some of it. */
static void what_a_killed_program_left_in_the_log_is_copied_with_checksums(void **state)
{
	(void)state;
	struct db_pages found;
	struct err err;
	made();
	pid_t child = fork();
	if (child == 0) {
		struct db *db;
		if (db_open(path, DB_WRITE, &db, NULL) != RC_OK ||
			db_exec(db, "UPDATE mark SET day = '2026-02-01'; DELETE FROM mark WHERE id % 3 = 0",
				NULL) != RC_OK)
			_exit(1);
		_exit(0);
	}
	int status;
	assert_true(waitpid(child, &status, 0) == child && status == 0);
	assert_ok(reads_all(path, &err), &err);
	assert_true(whole(path, &found));
	test_db_forget(path);
}

/* Beside a writer that copies its log all the time nothing is taken for damaged. */
static void what_is_being_written_is_not_taken_for_damaged(void **state)
{
	(void)state;
	struct db_pages found;
	made();
	pid_t child = fork();
	if (child == 0) {
		struct db *db;
		if (db_open(path, DB_WRITE, &db, NULL) != RC_OK)
			_exit(1);
		for (int64_t end = clock_mono_us() + 600000; clock_mono_us() < end;)
			if (db_exec(db,
				    "UPDATE mark SET note = randomblob(3000) WHERE id % 50 = abs(random()) % "
				    "50;"
				    "PRAGMA wal_checkpoint(PASSIVE)",
				    NULL) != RC_OK)
				_exit(1);
		db_close(db);
		_exit(0);
	}
	int status = 0, looks = 0;
	for (; waitpid(child, &status, WNOHANG) == 0; looks++)
		assert_true(whole(path, &found));
	assert_int_equal(status, 0);
	assert_true(looks > 3);
	assert_true(whole(path, &found));
	test_db_forget(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_bit_of_the_file_turns_unseen),
		cmocka_unit_test(a_damaged_page_is_not_used_and_is_named),
		cmocka_unit_test(a_page_in_anothers_place_is_told),
		cmocka_unit_test(an_older_file_works_as_before_and_its_backup_has_checksums),
		cmocka_unit_test(pages_that_another_program_wrote_are_taken_as_they_are_when_asked),
		cmocka_unit_test(a_large_copy_has_them_on_every_page),
		cmocka_unit_test(what_a_killed_program_left_in_the_log_is_copied_with_checksums),
		cmocka_unit_test(what_is_being_written_is_not_taken_for_damaged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
