/* The key store: a key stays its subject's, generations end, what was destroyed stays so, orphans go. */
#include "guard/keystore.h"
#include "store/db.h"
#include "tests.h"
#include <sodium.h>

static char path[64];
static struct root_key root;

static void forget_files(void)
{
	static const char *const tails[] = {"", "-wal", "-shm", ".copy"};
	char name[80];
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof name, "%s%s", path, tails[i]);
		unlink(name);
	}
}

static struct keystore *store(int suite)
{
	struct err err;
	struct keystore *k;
	snprintf(path, sizeof path, "/tmp/qinghe-keystore-%d.keys", (int)getpid());
	forget_files();
	keyfile_draw(&root, suite);
	assert_ok(keystore_create(path, &root, 1000, &err), &err);
	assert_int_equal(keystore_create(path, &root, 1000, &err) == RC_OK, 0);
	assert_ok(keystore_open(path, &root, true, &k, &err), &err);
	return k;
}

static void done(struct keystore *k)
{
	keystore_close(k);
	forget_files();
}

static uint32_t made(struct keystore *k, int64_t subject, unsigned char key[DEK_BYTES])
{
	struct err err;
	uint32_t kid;
	assert_ok(keystore_of(k, STR("person"), subject, &kid, key, &err), &err);
	return kid;
}

static void every_subject_has_a_key_of_its_own_that_lasts(void **state)
{
	(void)state;
	struct err err;
	unsigned char one[DEK_BYTES], two[DEK_BYTES], again[DEK_BYTES];
	uint32_t kid;
	struct keystore *k = store(CRYPTO_INTERNATIONAL);
	uint32_t a = made(k, 1, one), b = made(k, 2, two);
	assert_int_not_equal(a, b);
	assert_memory_not_equal(one, two, DEK_BYTES);
	assert_ok(keystore_of(k, STR("rights_case"), 1, &kid, again, &err), &err);
	assert_memory_not_equal(one, again, DEK_BYTES);
	assert_ok(keystore_flush(k, &err), &err);
	keystore_close(k);
	assert_ok(keystore_open(path, &root, false, &k, &err), &err);
	assert_ok(keystore_key(k, a, STR("person"), 1, again, &err), &err);
	assert_memory_equal(one, again, DEK_BYTES);
	assert_int_equal(keystore_key(k, 999, STR("person"), 1, again, &err), RC_IO);
	assert_int_equal(keystore_of(k, STR("person"), 3, &kid, again, &err), RC_INVALID); /* reading only */
	done(k);
}

static void another_root_key_opens_nothing(void **state)
{
	(void)state;
	struct err err;
	unsigned char key[DEK_BYTES];
	struct keystore *k = store(CRYPTO_INTERNATIONAL), *other;
	struct root_key stranger;
	made(k, 1, key);
	assert_ok(keystore_flush(k, &err), &err);
	keyfile_draw(&stranger, CRYPTO_INTERNATIONAL);
	assert_int_equal(keystore_open(path, &stranger, false, &other, &err), RC_INVALID);
	done(k);
}

static void sql(const char *text)
{
	struct err err;
	struct db *db;
	assert_ok(db_open(path, DB_WRITE, &db, &err), &err);
	assert_ok(db_exec(db, text, &err), &err);
	db_close(db);
}

/* Whoever can write the file cannot give one person another's key, nor spoil one unseen. */
static void a_wrapped_key_opens_only_for_its_own_subject(void **state)
{
	(void)state;
	struct err err;
	unsigned char key[DEK_BYTES];
	int64_t keys, bad;
	struct keystore *k = store(CRYPTO_NATIONAL);
	uint32_t a = made(k, 1, key);
	made(k, 2, key);
	assert_ok(keystore_flush(k, &err), &err);
	assert_ok(keystore_verify(k, &keys, &bad, &err), &err);
	assert_int_equal(keys, 2);
	static const char *const tamper[] = {
		"UPDATE dek SET wrapped = (SELECT wrapped FROM dek WHERE subject = 2) WHERE subject = 1",
		"UPDATE dek SET subject = 9 WHERE subject = 1",
		"UPDATE dek SET kind = 'city' WHERE subject = 9",
		"UPDATE dek SET wrapped = CAST(x'00' || substr(wrapped, 2) AS BLOB) WHERE kind = 'city'"};
	for (size_t i = 0; i < sizeof tamper / sizeof *tamper; i++) {
		sql(tamper[i]);
		assert_int_equal(keystore_key(k, a, STR("person"), 1, key, &err), RC_IO);
		assert_int_equal(keystore_verify(k, &keys, &bad, &err), RC_FOUND);
		assert_int_equal(bad, 1);
	}
	done(k);
}

static void rotation_wraps_all_keys_anew_and_ends_the_old_generation(void **state)
{
	(void)state;
	struct err err;
	enum { PEOPLE = 2500 }; /* more than a slice */
	unsigned char key[DEK_BYTES], before[DEK_BYTES];
	struct keystore_state s;
	int64_t keys;
	struct keystore *k = store(CRYPTO_INTERNATIONAL), *other;
	uint32_t a = made(k, 1, before);
	for (int64_t i = 2; i <= PEOPLE; i++)
		made(k, i, key);
	assert_ok(keystore_flush(k, &err), &err);
	assert_ok(keystore_open(path, &root, false, &other, &err), &err); /* a server that stays open */
	assert_ok(keystore_rotate(k, 5000, &keys, &err), &err);
	assert_int_equal(keys, PEOPLE);
	assert_ok(keystore_state(k, &s, &err), &err);
	assert_int_equal(s.generation, 2);
	assert_int_equal(s.generation_at_ms, 5000);
	assert_ok(keystore_key(k, a, STR("person"), 1, key, &err), &err);
	assert_memory_equal(key, before, DEK_BYTES);
	assert_ok(keystore_key(other, a, STR("person"), 1, key, &err), &err); /* learns the new generation */
	assert_memory_equal(key, before, DEK_BYTES);
	keystore_close(other);
	struct db *db;
	struct stmt *st;
	bool row;
	assert_ok(db_open(path, DB_READ, &db, &err), &err);
	assert_ok(db_prepare(db, "SELECT COUNT(*), MIN(n) FROM generation", &st, &err), &err);
	assert_ok(stmt_step(st, &row, &err), &err);
	assert_int_equal(stmt_i64(st, 0), 1);
	assert_int_equal(stmt_i64(st, 1), 2);
	stmt_reset(st);
	db_close(db);
	done(k);
}

static void a_note_outlives_the_key_and_comes_back_with_a_replay(void **state)
{
	(void)state;
	struct err err;
	struct arena a = {0};
	unsigned char key[DEK_BYTES];
	struct shred_note *list;
	size_t n;
	struct keystore *k = store(CRYPTO_INTERNATIONAL);
	uint32_t one = made(k, 1, key), two = made(k, 2, key), kid;
	assert_ok(keystore_flush(k, &err), &err);
	assert_ok(keystore_shred(k, STR("person"), 1, 7000, &err), &err);
	assert_ok(keystore_notes(k, &a, true, &list, &n, &err), &err);
	assert_int_equal(n, 1);
	assert_int_equal(list[0].kid, one);
	assert_ok(keystore_settled(k, STR("person"), 1, &err), &err);
	assert_ok(keystore_notes(k, &a, true, &list, &n, &err), &err);
	assert_int_equal(n, 0);
	/* What another city's audit tells: person 2 as well. */
	const struct shred_note more = {.kind = STR("person"), .subject = 2, .at_ms = 8000};
	assert_ok(keystore_replay(k, &more, 1, &err), &err);
	assert_ok(keystore_notes(k, &a, true, &list, &n, &err), &err);
	assert_int_equal(n, 2);
	assert_int_equal(keystore_key(k, two, STR("person"), 2, key, &err), RC_NOT_FOUND);
	assert_int_equal(keystore_of(k, STR("person"), 2, &kid, key, &err), RC_DENIED);
	keystore_abandon(k);
	arena_done(&a);
	done(k);
}

static enum rc odd(void *user, int64_t subject, bool *out, struct err *err)
{
	(void)user;
	(void)err;
	*out = subject % 2 == 1;
	return RC_OK;
}

static void keys_without_rows_are_swept(void **state)
{
	(void)state;
	struct err err;
	unsigned char key[DEK_BYTES];
	int64_t gone, keys, bad;
	struct keystore *k = store(CRYPTO_INTERNATIONAL);
	for (int64_t i = 1; i <= 10; i++)
		made(k, i, key);
	assert_ok(keystore_flush(k, &err), &err);
	assert_ok(keystore_sweep(k, STR("person"), odd, NULL, &gone, &err), &err);
	assert_int_equal(gone, 5);
	assert_ok(keystore_sweep(k, STR("rights_case"), odd, NULL, &gone, &err), &err);
	assert_int_equal(gone, 0);
	assert_ok(keystore_verify(k, &keys, &bad, &err), &err);
	assert_int_equal(keys, 5);
	done(k);
}

/* The file, its log and its copy hold no key and no secret as it is. */
static void no_key_lies_in_the_clear(void **state)
{
	(void)state;
	struct err err;
	struct arena a = {0};
	unsigned char key[DEK_BYTES];
	char copy[80];
	struct keystore *k = store(CRYPTO_INTERNATIONAL);
	made(k, 1, key);
	assert_ok(keystore_flush(k, &err), &err);
	snprintf(copy, sizeof copy, "%s.copy", path);
	assert_ok(keystore_copy(k, copy, &err), &err);
	static const char *const tails[] = {"", "-wal", ".copy"};
	for (int i = 0; i < 3; i++) {
		FILE *f = fopen(arena_printf(&a, "%s%s", path, tails[i]), "rb");
		if (f == NULL)
			continue;
		char *text = arena_alloc(&a, 1 << 20);
		size_t n = fread(text, 1, 1 << 20, f);
		fclose(f);
		assert_int_equal(str_find((str){text, n}, (str){(const char *)key, DEK_BYTES}), SIZE_MAX);
		assert_int_equal(
			str_find((str){text, n}, (str){(const char *)root.root.b, HASH_BYTES}), SIZE_MAX);
	}
	arena_done(&a);
	done(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_subject_has_a_key_of_its_own_that_lasts),
		cmocka_unit_test(another_root_key_opens_nothing),
		cmocka_unit_test(a_wrapped_key_opens_only_for_its_own_subject),
		cmocka_unit_test(rotation_wraps_all_keys_anew_and_ends_the_old_generation),
		cmocka_unit_test(a_note_outlives_the_key_and_comes_back_with_a_replay),
		cmocka_unit_test(keys_without_rows_are_swept),
		cmocka_unit_test(no_key_lies_in_the_clear),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
