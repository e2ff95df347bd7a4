/* Parcels and paper: what is sealed to the recovery key comes back whole or not at all; two sheets make one key. */
#include "guard/parcel.h"
#include "guard/shares.h"
#include "tests.h"
#include <sodium.h>

static char path[64], saved[80];

static struct recovery_key key_of(uint64_t seed)
{
	struct root_key root;
	struct recovery_key key;
	keyfile_seeded(&root, CRYPTO_INTERNATIONAL, seed);
	recovery_key_of(&root, &key);
	return key;
}

static str big(struct arena *a, size_t n)
{
	char *p = arena_alloc(a, n + 1);
	for (size_t i = 0; i < n; i++)
		p[i] = (char)(i * 7 + i / 256);
	return (str){p, n};
}

static void make(struct arena *a, const struct recovery_key *key)
{
	struct err err;
	struct parcel *p;
	snprintf(path, sizeof path, "/tmp/qinghe-parcel-%d", (int)getpid());
	snprintf(saved, sizeof saved, "%s.out", path);
	unlink(path);
	unlink(saved);
	assert_ok(parcel_create(path, key->public, &p, &err), &err);
	assert_int_not_equal(access(path, F_OK), 0); /* only when it is whole */
	assert_ok(parcel_add(p, STR("a"), STR("一"), &err), &err);
	assert_ok(parcel_add(p, STR("big"), big(a, 3 * PARCEL_CHUNK_BYTES), &err), &err);
	assert_ok(parcel_add(p, STR("empty"), STR(""), &err), &err);
	assert_ok(parcel_end(p, &err), &err);
}

static enum rc read_all(struct arena *a, const struct recovery_key *key, int *out_entries, struct err *err)
{
	struct parcel *p;
	str name;
	uint64_t size;
	*out_entries = 0;
	TRY(parcel_open(path, key, &p, err));
	enum rc rc = RC_OK;
	for (;;) {
		rc = parcel_next(p, a, &name, &size, err);
		if (rc != RC_OK || name.n == 0)
			break;
		*out_entries += 1;
	}
	parcel_drop(p);
	return rc;
}

static void entries_come_back_in_order_and_may_be_passed_over(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err;
	struct recovery_key key = key_of(1);
	struct parcel *p;
	str name, text;
	uint64_t size;
	int n;
	make(&a, &key);
	assert_ok(read_all(&a, &key, &n, &err), &err);
	assert_int_equal(n, 3);
	assert_ok(parcel_open(path, &key, &p, &err), &err);
	assert_ok(parcel_next(p, &a, &name, &size, &err), &err);
	assert_int_equal(parcel_read(p, &a, 2, &text, &err), RC_LIMIT);
	assert_ok(parcel_read(p, &a, 100, &text, &err), &err);
	assert_true(str_is(text, "一"));
	assert_ok(parcel_next(p, &a, &name, &size, &err), &err);
	assert_true(str_is(name, "big") && size == 3 * PARCEL_CHUNK_BYTES);
	assert_ok(parcel_save(p, saved, &err), &err);
	assert_int_equal(parcel_save(p, saved, &err), RC_CONFLICT);
	parcel_drop(p);
	unlink(path);
	unlink(saved);
	arena_done(&a);
}

static void another_key_opens_nothing(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err;
	struct recovery_key key = key_of(1), other = key_of(2);
	int n;
	make(&a, &key);
	assert_int_equal(read_all(&a, &other, &n, &err), RC_INVALID);
	unlink(path);
	arena_done(&a);
}

/* One byte in each part, and cuts at every kind of place. */
static void damage_anywhere_is_seen(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err;
	struct recovery_key key = key_of(1);
	int n;
	make(&a, &key);
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	size_t whole_n = (size_t)ftell(f);
	rewind(f);
	char *whole = arena_alloc(&a, whole_n);
	assert_int_equal(fread(whole, 1, whole_n, f), whole_n);
	fclose(f);
	for (size_t at = 0; at < whole_n; at += at < 300 ? 1 : 997)
		for (int cut = 0; cut < 2; cut++) {
			f = fopen(path, "wb");
			assert_non_null(f);
			whole[at] ^= 1;
			fwrite(whole, 1, cut ? at : whole_n, f);
			fclose(f);
			whole[at] ^= 1;
			assert_int_equal(read_all(&a, &key, &n, &err), RC_INVALID);
		}
	unlink(path);
	arena_done(&a);
}

static void two_sheets_make_the_key_and_one_tells_nothing(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err;
	struct hash root, back;
	struct share_sheet sheets[2], other[2], read[2];
	randombytes_buf(root.b, sizeof root.b);
	shares_split(&root, sheets);
	shares_split(&root, other);
	assert_memory_not_equal(sheets[0].b, root.b, HASH_BYTES);
	assert_memory_not_equal(sheets[0].b, other[0].b, HASH_BYTES);
	str text = arena_fmt(&a, "B first\n%.*s\n\nand A\n%.*s", STR_ARG(share_text(&a, &sheets[1])),
		STR_ARG(share_text(&a, &sheets[0])));
	assert_ok(shares_read(text, read, &err), &err);
	assert_ok(shares_join(read, &back, &err), &err);
	assert_true(hash_eq(&root, &back));
	read[0] = sheets[0];
	read[1] = other[1];
	assert_int_equal(shares_join(read, &back, &err), RC_INVALID);
	read[1] = sheets[0];
	assert_int_equal(shares_join(read, &back, &err), RC_INVALID);
	assert_int_equal(shares_read(share_text(&a, &sheets[0]), read, &err), RC_INVALID);
	arena_done(&a);
}

static void every_slip_of_the_pen_is_found_in_its_line(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err;
	struct hash root = hash_sha256(STR("root"));
	struct share_sheet sheets[2], read[2];
	shares_split(&root, sheets);
	str one = share_text(&a, &sheets[0]), two = share_text(&a, &sheets[1]);
	for (size_t i = str_find_byte(one, '\n') + 1; i < one.n; i++) {
		char *bad = arena_cstr(&a, one);
		if (bad[i] == ' ' || bad[i] == '\n')
			continue;
		bad[i] = bad[i] == '7' ? '1' : '7';
		assert_int_equal(
			shares_read(arena_fmt(&a, "%s%.*s", bad, STR_ARG(two)), read, &err), RC_INVALID);
		size_t line = 0;
		for (size_t k = 0; k < i; k++)
			line += one.p[k] == '\n';
		assert_non_null(strstr(err.text, arena_printf(&a, "%zu", line)));
	}
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_come_back_in_order_and_may_be_passed_over),
		cmocka_unit_test(another_key_opens_nothing),
		cmocka_unit_test(damage_anywhere_is_seen),
		cmocka_unit_test(two_sheets_make_the_key_and_one_tells_nothing),
		cmocka_unit_test(every_slip_of_the_pen_is_found_in_its_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
