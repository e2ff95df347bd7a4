/* Sealed values: they open where they were put and nowhere else, no byte may change, and a destroyed key opens nothing. */
#include "base/aead.h"
#include "guard/keystore.h"
#include "guard/seal.h"
#include "tests.h"
#include <sodium.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char path[64];

static void forget_files(void)
{
	static const char *const tails[] = {"", "s", "s-wal", "s-shm"};
	char name[80];
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof name, "%s%s", path, tails[i]);
		unlink(name);
	}
}

static struct seal *key_in(int suite, uint64_t seed)
{
	struct err err;
	struct seal *s;
	snprintf(path, sizeof path, "/tmp/qinghe-seal-%d.key", (int)getpid());
	forget_files();
	assert_ok(seal_create(path, suite, seed, &err), &err);
	assert_ok(seal_open(path, true, &s, &err), &err);
	assert_null(seal_store(s));
	assert_ok(seal_make_store(s, 1000, &err), &err);
	return s;
}

static struct seal *key(uint64_t seed)
{
	return key_in(CRYPTO_INTERNATIONAL, seed);
}

static struct seal *again(struct seal *s)
{
	struct err err;
	seal_close(s);
	assert_ok(seal_open(path, true, &s, &err), &err);
	return s;
}

static void done(struct seal *s)
{
	seal_close(s);
	forget_files();
}

static const int suites[] = {CRYPTO_INTERNATIONAL, CRYPTO_NATIONAL};

static struct seal_place name_of(int64_t person)
{
	return (struct seal_place){.table = STR("person"),
		.column = STR("name"),
		.row = person,
		.kind = SEAL_PERSON,
		.subject = person};
}

static str put(struct arena *a, struct seal *s, struct seal_place at, str plain)
{
	struct err err;
	str e;
	assert_ok(seal_put(a, s, &at, plain, &e, &err), &err);
	return e;
}

static enum rc get(struct arena *a, struct seal *s, struct seal_place at, str e, str *out)
{
	struct err err;
	return seal_get(a, s, &at, e, out, &err);
}

static void every_length_comes_back(void **state)
{
	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct seal *s = key_in(suites[k], 0);
		struct arena a = {0};
		char text[200];
		memset(text, 0, sizeof text); /* zero bytes: the padding's own */
		for (size_t n = 0; n < sizeof text; n++) {
			str out, e = put(&a, s, name_of(1), (str){text, n});
			assert_true(e.n <= n + SEAL_OVERHEAD_BYTES);
			assert_int_equal((unsigned char)e.p[3], suites[k]);
			assert_int_equal(get(&a, s, name_of(1), e, &out), RC_OK);
			assert_int_equal(out.n, n);
			assert_memory_equal(out.p, text, n);
			text[n] = n % 3 ? (char)0x80 : (char)n;
		}
		str two = put(&a, s, name_of(1), STR("张三")), four = put(&a, s, name_of(1), STR("欧阳修"));
		assert_int_equal(two.n, four.n);
		assert_int_equal(str_find(two, STR("张")), SIZE_MAX);
		arena_done(&a);
		done(s);
	}
}

static void every_flipped_byte_and_every_cut_is_refused(void **state)
{
	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct seal *s = key_in(suites[k], 0);
		struct arena a = {0};
		str out = {0}, e = put(&a, s, name_of(812), STR("张三"));
		put(&a, s, name_of(813), STR("李四")); /* so that a neighbour's key number exists */
		for (size_t i = 0; i < e.n; i++) {
			char *bad = arena_cstr(&a, e);
			for (int byte = 1; byte < 256; byte++) {
				struct seal_place at = name_of(812);
				struct err err;
				bad[i] = (char)(e.p[i] ^ byte);
				assert_int_equal(seal_get(&a, s, &at, (str){bad, e.n}, &out, &err), RC_IO);
				assert_null(strstr(err.text, "张"));
			}
			assert_int_equal(get(&a, s, name_of(812), str_head(e, i), &out), RC_IO);
		}
		assert_null(out.p);
		arena_done(&a);
		done(s);
	}
}

static void an_envelope_opens_only_in_its_place_and_for_its_person(void **state)
{
	(void)state;
	struct seal *s = key(0);
	struct arena a = {0};
	str out, e = put(&a, s, name_of(812), STR("张三"));
	struct seal_place moved[6];
	for (int i = 0; i < 6; i++)
		moved[i] = name_of(812);
	moved[0].row = 813;
	moved[1].column = STR("phone");
	moved[2].table = STR("persons");
	moved[3].part = 1;
	moved[4].subject = 813;
	moved[5].table = STR("perso");
	moved[5].column = STR("nname"); /* the same letters, parted elsewhere */
	for (int i = 0; i < 6; i++)
		assert_int_equal(get(&a, s, moved[i], e, &out), RC_IO);
	assert_int_equal(get(&a, s, name_of(812), e, &out), RC_OK);
	seal_close(s);
	s = key(0);
	put(&a, s, name_of(812), STR("张三")); /* the same person and key number, another city */
	assert_int_equal(get(&a, s, name_of(812), e, &out), RC_IO);
	arena_done(&a);
	done(s);
}

/* Any writing that is not ours: other versions, suites that are kept for later, flags that nobody has given out. */
static void an_unknown_suite_version_or_flag_is_an_error(void **state)
{
	(void)state;
	struct seal *s = key(0);
	struct arena a = {0};
	str out, e = put(&a, s, name_of(812), STR("张三"));
	const struct {
		size_t at;
		char value;
	} changes[] = {{2, 0}, {2, 2}, {3, 0}, {3, 2}, {3, 4}, {3, 9}, {4, 0}, {4, 3}};
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		char *bad = arena_cstr(&a, e);
		bad[changes[i].at] = changes[i].value;
		assert_int_equal(get(&a, s, name_of(812), (str){bad, e.n}, &out), RC_IO);
	}
	arena_done(&a);
	done(s);
}

static void keys_survive_a_reopening_only_when_they_were_flushed(void **state)
{
	(void)state;
	struct seal *s = key(0);
	struct arena a = {0};
	struct err err;
	str out, e = put(&a, s, name_of(1), STR("张三"));
	assert_ok(seal_flush(s, &err), &err);
	str lost = put(&a, s, name_of(2), STR("李四"));
	s = again(s);
	assert_int_equal(get(&a, s, name_of(1), e, &out), RC_OK);
	assert_true(str_is(out, "张三"));
	assert_int_equal(get(&a, s, name_of(2), lost, &out), RC_IO);
	put(&a, s, name_of(3), STR("王五"));
	seal_abandon(s);
	str four = put(&a, s, name_of(4), STR("赵六")); /* takes the number that was abandoned */
	assert_ok(seal_flush(s, &err), &err);
	s = again(s);
	assert_int_equal(get(&a, s, name_of(4), four, &out), RC_OK);
	assert_true(str_is(out, "赵六"));
	arena_done(&a);
	done(s);
}

static void a_shredded_person_is_gone_at_once_and_for_good_and_nobody_else(void **state)
{
	(void)state;
	struct seal *s = key(0), *other;
	struct arena a = {0};
	struct err err;
	str out, one = put(&a, s, name_of(1), STR("张三")), two = put(&a, s, name_of(2), STR("李四"));
	assert_ok(seal_flush(s, &err), &err);
	assert_ok(
		seal_open(path, true, &other, &err), &err); /* another process, which has the key in memory */
	assert_int_equal(get(&a, other, name_of(1), one, &out), RC_OK);
	assert_ok(seal_shred(s, SEAL_PERSON, 1, 5000, &err), &err);
	assert_int_equal(get(&a, s, name_of(1), one, &out), RC_NOT_FOUND);
	assert_ok(seal_fresh(other, &err), &err);
	assert_int_equal(get(&a, other, name_of(1), one, &out), RC_NOT_FOUND);
	assert_int_equal(get(&a, other, name_of(2), two, &out), RC_OK);
	seal_close(other);
	struct seal_place at = name_of(1);
	assert_int_equal(seal_put(&a, s, &at, STR("张三"), &out, &err), RC_DENIED);
	seal_abandon(s);
	/* Nobody else's value can be passed off as destroyed. */
	char *bad = arena_cstr(&a, two);
	bad[8] = one.p[8];
	assert_int_equal(get(&a, s, name_of(2), (str){bad, two.n}, &out), RC_IO);
	s = again(s);
	assert_int_equal(get(&a, s, name_of(1), one, &out), RC_NOT_FOUND);
	assert_int_equal(get(&a, s, name_of(2), two, &out), RC_OK);
	arena_done(&a);
	done(s);
}

static void what_was_sealed_before_there_were_key_stores_opens(void **state)
{
	(void)state;
	struct seal *s = key(7);
	struct arena a = {0};
	struct err err;
	/* As the program of that time wrote it. */
	struct root_key root;
	keyfile_seeded(&root, CRYPTO_INTERNATIONAL, 7);
	struct hash field =
		hash_hmac(HASH_SHA256, (str){(const char *)root.root.b, HASH_BYTES}, STR("qinghe:field"));
	unsigned char e[2 + 24 + 16 + 16] = {1, 0}, body[16] = "13912345678\x80";
	for (int i = 0; i < 24; i++)
		e[2 + i] = (unsigned char)(7 * i);
	aead_seal(AEAD_XCHACHA20_POLY1305, field.b, (str){(const char *)e + 2, 24},
		(str){"\1\0person.phone:812", 18}, (str){(const char *)body, 16}, e + 26);
	str out, old = {(const char *)e, sizeof e};
	struct seal_place at = name_of(812);
	at.column = STR("phone");
	assert_ok(seal_get(&a, s, &at, old, &out, &err), &err);
	assert_true(str_is(out, "13912345678"));
	assert_false(seal_is_current(s, old));
	assert_true(seal_is_current(s, put(&a, s, at, out)));
	at.row = 813;
	assert_int_equal(get(&a, s, at, old, &out), RC_IO);
	at.row = 812;
	e[30] ^= 1;
	assert_int_equal(get(&a, s, at, old, &out), RC_IO);
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
	seal_close(s);
	s = key_in(CRYPTO_NATIONAL, 7); /* over SM3 */
	other = seal_blind(s, STR("name"), STR("张三"));
	assert_memory_not_equal(b.b, other.b, BLIND_BYTES);
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
	assert_int_equal(seal_create(path, CRYPTO_INTERNATIONAL, 0, &err), RC_CONFLICT);
	assert_int_equal(seal_create(path, CRYPTO_INTERNATIONAL, 1, &err), RC_CONFLICT);
	assert_int_equal(chmod(path, 0604), 0);
	assert_int_equal(seal_open(path, false, &t, &err), RC_INVALID);
	assert_int_equal(seal_open("/tmp/qinghe-no-such.key", false, &t, &err), RC_NOT_FOUND);
	assert_int_equal(seal_open("meson.build", false, &t, &err) == RC_OK, 0);
	assert_int_equal(chmod(path, 0600), 0);
	FILE *f = fopen(path, "a");
	assert_non_null(f);
	fputs("more", f);
	fclose(f);
	assert_int_equal(seal_open(path, false, &t, &err), RC_INVALID);
	done(s);
}

static void the_path_follows_the_database(void **state)
{
	(void)state;
	struct arena a = {0};
	unsetenv("QINGHE_KEY");
	assert_true(str_is(keyfile_path(&a, "/x/city.db"), "/x/city.db.key"));
	assert_true(str_is(keyfile_path(&a, "postgresql://h/d?options=-csearch_path%3Dlinlan&x=1"),
		"qinghe-linlan.key"));
	setenv("QINGHE_KEY", "/keys/a", 1);
	assert_true(str_is(keyfile_path(&a, "postgresql://h/d"), "/keys/a"));
	assert_true(str_is(keyfile_path(&a, "city.db"), "city.db.key"));
	assert_true(str_is(keystore_path(&a, STR("city.db.key")), "city.db.keys"));
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

/* The cache is smaller than this city: keys come and go and the values still open. */
static void more_people_than_the_cache_holds(void **state)
{
	(void)state;
	struct seal *s = key(0);
	struct arena a = {0}, b = {0};
	struct err err;
	enum { PEOPLE = SEAL_CACHE_KEYS + 2500, KEPT = 2000 };
	str *kept = NEWS(&a, PEOPLE, str), out;
	for (int64_t i = 1; i <= PEOPLE; i++) {
		str e = put(&b, s, name_of(i), arena_fmt(&b, "人%lld", (long long)i));
		if (i <= KEPT)
			kept[i] = arena_str(&a, e);
		arena_reset(&b);
	}
	assert_ok(seal_flush(s, &err), &err);
	for (int64_t i = 1; i <= KEPT; i++) {
		assert_int_equal(get(&b, s, name_of(i), kept[i], &out), RC_OK);
		assert_true(str_eq(out, arena_fmt(&b, "人%lld", (long long)i)));
	}
	arena_done(&a);
	arena_done(&b);
	done(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_comes_back),
		cmocka_unit_test(every_flipped_byte_and_every_cut_is_refused),
		cmocka_unit_test(an_envelope_opens_only_in_its_place_and_for_its_person),
		cmocka_unit_test(an_unknown_suite_version_or_flag_is_an_error),
		cmocka_unit_test(keys_survive_a_reopening_only_when_they_were_flushed),
		cmocka_unit_test(a_shredded_person_is_gone_at_once_and_for_good_and_nobody_else),
		cmocka_unit_test(what_was_sealed_before_there_were_key_stores_opens),
		cmocka_unit_test(equal_texts_are_equal_only_within_a_kind_and_a_key),
		cmocka_unit_test(the_key_file_is_private_and_never_overwritten),
		cmocka_unit_test(the_path_follows_the_database),
		cmocka_unit_test(keys_for_two_purposes_differ),
		cmocka_unit_test(more_people_than_the_cache_holds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
