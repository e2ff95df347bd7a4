/* Files of rows: stored sealed, opened by the value that the row keeps, damage told without a key. */
#include "guard/files.h"
#include "guard/keyfile.h"
#include "tests.h"
#include <sys/stat.h>

static char folder[64];

static void clear(void)
{
	snprintf(folder, sizeof folder, "/tmp/qinghe-files-%d", (int)getpid());
}

static enum rc drop(void *user, str hash, const char *path, int64_t at, struct err *err)
{
	(void)hash;
	(void)at;
	(void)err;
	*(int *)user += 1;
	return unlink(path) == 0 ? RC_OK : RC_IO;
}

static void done(void)
{
	struct err err;
	int n = 0;
	assert_ok(files_each(folder, drop, &n, &err), &err);
	for (int i = 0; i < 256; i++) {
		char sub[80];
		snprintf(sub, sizeof sub, "%s/%02x", folder, (unsigned)i);
		rmdir(sub);
	}
	rmdir(folder);
}

static void a_file_comes_back_with_its_name_and_lies_sealed(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err;
	clear();
	for (int suite = CRYPTO_INTERNATIONAL; suite <= CRYPTO_NATIONAL; suite++) {
		str value, same, bytes;
		struct file_ref ref, other;
		assert_ok(files_put(&a, folder, suite, STR("../../证明/扫描 件.pdf"), STR("canary 内容"),
				  &value, &err),
			&err);
		assert_ok(files_put(&a, folder, suite, STR("x"), STR("canary 内容"), &same, &err), &err);
		assert_true(file_ref_read(value, &ref));
		assert_true(file_ref_read(same, &other));
		assert_true(str_is(ref.name, "扫描 件.pdf"));
		assert_false(str_eq(ref.hash, other.hash)); /* equal files do not look equal */
		assert_ok(files_get(&a, folder, &ref, &bytes, &err), &err);
		assert_true(str_is(bytes, "canary 内容"));
		ref.key = other.key;
		assert_int_equal(files_get(&a, folder, &ref, &bytes, &err), RC_IO);
	}
	done();
	arena_done(&a);
}

static enum rc spoil(void *user, str hash, const char *path, int64_t at, struct err *err)
{
	int *byte = user;
	(void)hash;
	(void)at;
	(void)err;
	FILE *f = fopen(path, "r+b");
	assert_non_null(f);
	fseek(f, *byte, SEEK_SET);
	int c = fgetc(f);
	fseek(f, *byte, SEEK_SET);
	fputc(c ^ 1, f);
	fclose(f);
	return RC_OK;
}

static void every_flipped_byte_is_told_and_a_missing_file_too(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err;
	str value, bytes;
	struct file_ref ref;
	clear();
	assert_ok(files_put(&a, folder, CRYPTO_INTERNATIONAL, STR("a.txt"), STR("abc"), &value, &err), &err);
	assert_true(file_ref_read(value, &ref));
	assert_ok(files_check(folder, ref.hash, &err), &err);
	for (int i = 0; i < 4 + 24 + 3 + 16; i++) {
		assert_ok(files_each(folder, spoil, &i, &err), &err);
		assert_int_equal(files_get(&a, folder, &ref, &bytes, &err), RC_IO);
		assert_int_equal(files_check(folder, ref.hash, &err), RC_IO);
		assert_ok(files_each(folder, spoil, &i, &err), &err);
	}
	assert_ok(files_get(&a, folder, &ref, &bytes, &err), &err);
	done();
	assert_int_equal(files_get(&a, folder, &ref, &bytes, &err), RC_NOT_FOUND);
	arena_done(&a);
}

static void twenty_megabytes_and_not_one_byte_more(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err;
	str value, bytes;
	struct file_ref ref;
	clear();
	str whole = {arena_alloc(&a, FILE_MAX_BYTES + 1), FILE_MAX_BYTES};
	assert_ok(files_put(&a, folder, CRYPTO_INTERNATIONAL, STR("a"), whole, &value, &err), &err);
	assert_true(file_ref_read(value, &ref));
	assert_ok(files_get(&a, folder, &ref, &bytes, &err), &err);
	assert_int_equal(bytes.n, FILE_MAX_BYTES);
	whole.n++;
	assert_int_equal(
		files_put(&a, folder, CRYPTO_INTERNATIONAL, STR("a"), whole, &value, &err), RC_LIMIT);
	done();
	arena_done(&a);
}

static void what_is_no_reference_is_not_taken_for_one(void **state)
{
	(void)state;
	struct file_ref ref;
	static const char *const bad[] = {"", "a.pdf", "../../etc/passwd",
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0000000000000000000000000000000000000000000000000000000000000000 00 a"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(file_ref_read(str_of(bad[i]), &ref));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_comes_back_with_its_name_and_lies_sealed),
		cmocka_unit_test(every_flipped_byte_is_told_and_a_missing_file_too),
		cmocka_unit_test(twenty_megabytes_and_not_one_byte_more),
		cmocka_unit_test(what_is_no_reference_is_not_taken_for_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
