/* Sealed values: they open where they were put and nowhere else, and no byte may change. */
#include "guard/seal.h"
#include "tests.h"
#include <sys/stat.h>
#include <sys/wait.h>

static char path[64];

static struct seal *key(uint64_t seed)
{
	struct err err;
	struct seal *s;
	snprintf(path, sizeof path, "/tmp/qinghe-seal-%d.key", (int)getpid());
	unlink(path);
	assert_ok(seed ? seal_create_seeded(path, seed, &err) : seal_create(path, &err), &err);
	assert_ok(seal_open(path, &s, &err), &err);
	return s;
}

static void done(struct seal *s)
{
	seal_close(s);
	unlink(path);
}

static void every_length_comes_back(void **state)
{
	(void)state;
	struct seal *s = key(0);
	struct arena a = {0};
	struct err err;
	char text[200];
	memset(text, 0, sizeof text); /* zero bytes: the padding's own */
	for (size_t n = 0; n < sizeof text; n++) {
		str out, e = seal_put(&a, s, STR("person.name:1"), (str){text, n});
		assert_true(e.n <= n + SEAL_OVERHEAD_BYTES && e.n % 16 == (2 + 24) % 16);
		assert_ok(seal_get(&a, s, STR("person.name:1"), e, &out, &err), &err);
		assert_int_equal(out.n, n);
		assert_memory_equal(out.p, text, n);
		text[n] = n % 3 ? (char)0x80 : (char)n;
	}
	str two = seal_put(&a, s, STR("p"), STR("张三")), four = seal_put(&a, s, STR("p"), STR("欧阳修"));
	assert_int_equal(two.n, four.n);
	assert_int_equal(str_find(two, STR("张")), SIZE_MAX);
	arena_done(&a);
	done(s);
}

static void every_flipped_byte_and_every_cut_is_refused(void **state)
{
	(void)state;
	struct seal *s = key(0);
	struct arena a = {0};
	struct err err;
	str out = {0}, e = seal_put(&a, s, STR("person.name:812"), STR("张三"));
	for (size_t i = 0; i < e.n; i++) {
		char *bad = arena_cstr(&a, e);
		for (int bit = 0; bit < 8; bit++) {
			bad[i] = (char)(e.p[i] ^ (1 << bit));
			assert_int_equal(
				seal_get(&a, s, STR("person.name:812"), (str){bad, e.n}, &out, &err), RC_IO);
			assert_null(strstr(err.text, "张"));
		}
		assert_int_equal(seal_get(&a, s, STR("person.name:812"), str_head(e, i), &out, &err), RC_IO);
	}
	assert_null(out.p);
	arena_done(&a);
	done(s);
}

static void an_envelope_opens_only_in_its_place_and_with_its_key(void **state)
{
	(void)state;
	struct seal *s = key(0);
	struct arena a = {0};
	struct err err;
	str out, e = seal_put(&a, s, STR("person.name:812"), STR("张三"));
	assert_int_equal(seal_get(&a, s, STR("person.name:813"), e, &out, &err), RC_IO);
	assert_int_equal(seal_get(&a, s, STR("person.phone:812"), e, &out, &err), RC_IO);
	assert_int_equal(seal_get(&a, s, STR(""), e, &out, &err), RC_IO);
	seal_close(s);
	s = key(0);
	assert_int_equal(seal_get(&a, s, STR("person.name:812"), e, &out, &err), RC_IO);
	arena_done(&a);
	done(s);
}

static void equal_texts_are_equal_only_within_a_kind_and_a_key(void **state)
{
	(void)state;
	struct seal *s = key(7);
	struct blind b = seal_blind(s, STR("name"), STR("张三"));
	struct blind same = seal_blind(s, STR("name"), STR("张三"));
	struct blind kind = seal_blind(s, STR("given"), STR("张三"));
	struct blind shifted = seal_blind(s, STR("nam"), STR("e\x1f张三"));
	assert_memory_equal(b.b, same.b, BLIND_BYTES);
	assert_memory_not_equal(b.b, kind.b, BLIND_BYTES);
	assert_memory_not_equal(b.b, shifted.b, BLIND_BYTES);
	seal_close(s);
	s = key(8);
	struct blind other = seal_blind(s, STR("name"), STR("张三"));
	assert_memory_not_equal(b.b, other.b, BLIND_BYTES);
	seal_close(s);
	s = key(7); /* the same seed is the same key */
	other = seal_blind(s, STR("name"), STR("张三"));
	assert_memory_equal(b.b, other.b, BLIND_BYTES);
	assert_true(seal_is_demo(s));
	done(s);
}

static void the_key_file_is_private_and_never_overwritten(void **state)
{
	(void)state;
	struct seal *s = key(0), *t;
	struct err err;
	struct stat st;
	assert_false(seal_is_demo(s));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(seal_create(path, &err), RC_CONFLICT);
	assert_int_equal(seal_create_seeded(path, 1, &err), RC_CONFLICT);
	assert_int_equal(chmod(path, 0604), 0);
	assert_int_equal(seal_open(path, &t, &err), RC_INVALID);
	assert_int_equal(seal_open("/tmp/qinghe-no-such.key", &t, &err), RC_NOT_FOUND);
	assert_int_equal(seal_open("meson.build", &t, &err) == RC_OK, 0);
	assert_int_equal(chmod(path, 0600), 0);
	FILE *f = fopen(path, "a");
	assert_non_null(f);
	fputs("more", f);
	fclose(f);
	assert_int_equal(seal_open(path, &t, &err), RC_INVALID);
	done(s);
}

static void the_path_follows_the_database(void **state)
{
	(void)state;
	struct arena a = {0};
	unsetenv("QINGHE_KEY");
	assert_true(str_is(seal_path(&a, "/x/city.db"), "/x/city.db.key"));
	assert_true(str_is(
		seal_path(&a, "postgresql://h/d?options=-csearch_path%3Dlinlan&x=1"), "qinghe-linlan.key"));
	setenv("QINGHE_KEY", "/keys/a", 1);
	assert_true(str_is(seal_path(&a, "postgresql://h/d"), "/keys/a"));
	assert_true(str_is(seal_path(&a, "city.db"), "city.db.key"));
	unsetenv("QINGHE_KEY");
	arena_done(&a);
}

static void keys_for_two_purposes_differ(void **state)
{
	(void)state;
	struct seal *s = key(3);
	struct hash x = seal_key(s, STR("csrf")), y = seal_key(s, STR("device")),
		    z = seal_key(s, STR("csrf"));
	assert_false(hash_eq(&x, &y));
	assert_true(hash_eq(&x, &z));
	done(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_comes_back),
		cmocka_unit_test(every_flipped_byte_and_every_cut_is_refused),
		cmocka_unit_test(an_envelope_opens_only_in_its_place_and_with_its_key),
		cmocka_unit_test(equal_texts_are_equal_only_within_a_kind_and_a_key),
		cmocka_unit_test(the_key_file_is_private_and_never_overwritten),
		cmocka_unit_test(the_path_follows_the_database),
		cmocka_unit_test(keys_for_two_purposes_differ),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
