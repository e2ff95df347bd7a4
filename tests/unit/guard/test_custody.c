/* Case notes: the case's own people open them, two custodians together as well, and nobody else -- not who holds the
 * server, the database and the root key. */
#include "base/kdf.h"
#include "guard/custody.h"
#include "guard/keystore.h"
#include "tests.h"
#include <sodium.h>

enum { LIU = 11, WANG = 12, STRANGER = 13, FIRST = 21, SECOND = 22, PEOPLE = 5 };
static const int64_t numbers[PEOPLE] = {LIU, WANG, STRANGER, FIRST, SECOND};

static struct arena A;
static struct custody_public public[PEOPLE];
static struct custody_secret secret[PEOPLE];
static str locked[PEOPLE];

static const char *password_of(int i)
{
	return arena_printf(&A, "夜里听海 %d", i);
}

static int setup(void **state)
{
	struct err err;
	(void)state;
	for (int i = 0; i < PEOPLE; i++) {
		assert_ok(custody_make(&A, numbers[i], str_of(password_of(i)), &public[i], &locked[i], &err),
			&err);
		assert_ok(custody_unlock(&public[i], locked[i], str_of(password_of(i)), &secret[i], &err),
			&err);
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_done(&A);
	return 0;
}

static struct seal_place place(void)
{
	return (struct seal_place){.table = STR("counselling_session"),
		.column = STR("note"),
		.row = 7,
		.kind = SEAL_PERSON,
		.subject = 812};
}

static const char NOTE[] = "来访者说夜里常醒";

static str sealed(int suite)
{
	struct err err;
	struct seal_place at = place();
	str e;
	assert_ok(custody_seal(&A, suite, public, 2, &public[3], &at, str_of(NOTE), &e, &err), &err);
	return e;
}

static void the_readers_open_it_and_a_stranger_does_not(void **state)
{
	(void)state;
	struct err err;
	struct seal_place at = place();
	str out;
	for (int suite = 1; suite <= 2; suite++) {
		str e = sealed(suite);
		assert_true(custody_is(e));
		assert_int_equal(str_find(e, STR("夜里")), SIZE_MAX);
		for (int i = 0; i < 2; i++) {
			assert_ok(custody_open(&A, &secret[i], &at, e, &out, &err), &err);
			assert_true(str_is(out, NOTE));
		}
		for (int i = 2; i < PEOPLE; i++) /* nor one custodian alone */
			assert_int_equal(custody_open(&A, &secret[i], &at, e, &out, &err), RC_DENIED);
	}
}

static void two_custodians_open_it_together_and_neither_alone(void **state)
{
	(void)state;
	struct err err;
	struct seal_place at = place();
	str out, e = sealed(1);
	struct custody_secret both[2] = {secret[4], secret[3]};
	assert_ok(custody_recover(&A, both, &at, e, &out, &err), &err);
	assert_true(str_is(out, NOTE));
	both[0] = secret[3];
	both[1] = secret[4];
	assert_ok(custody_recover(&A, both, &at, e, &out, &err), &err);
	both[1] = secret[3];
	assert_int_equal(custody_recover(&A, both, &at, e, &out, &err), RC_DENIED);
	both[1] = secret[LIU - LIU];
	assert_int_equal(custody_recover(&A, both, &at, e, &out, &err), RC_DENIED);
}

/* What a thief of the machine has: the envelope, every locked key, the root key and all that derives from it. */
static void the_server_with_its_root_key_opens_nothing(void **state)
{
	(void)state;
	struct err err;
	struct seal_place at = place();
	struct root_key root;
	str out, e = sealed(1);
	keyfile_draw(&root, CRYPTO_INTERNATIONAL);
	static const char *const purposes[] = {
		"qinghe recovery", "qinghe generation", "qinghe kek subjects", "", "custody"};
	for (int i = 0; i < PEOPLE; i++) {
		struct custody_secret s = {.public = public[i]};
		for (size_t k = 0; k < sizeof purposes / sizeof *purposes; k++) {
			assert_true(hkdf(HASH_SHA256, (str){(const char *)root.root.b, HASH_BYTES}, STR(""),
				str_of(purposes[k]), s.b, sizeof s.b));
			assert_int_equal(custody_open(&A, &s, &at, e, &out, &err), RC_DENIED);
		}
		assert_int_equal(custody_unlock(
					 &public [i], locked[i],
					 (str) { (const char *)root.root.b, HASH_BYTES }, &s, &err),
			RC_DENIED);
	}
	/* No part of the envelope or of a locked key is a secret as it stands. */
	for (int i = 0; i < PEOPLE; i++) {
		assert_int_equal(str_find(e, (str){(const char *)secret[i].b, CUSTODY_KEY_BYTES}), SIZE_MAX);
		assert_int_equal(
			str_find(locked[i], (str){(const char *)secret[i].b, CUSTODY_KEY_BYTES}), SIZE_MAX);
	}
}

static void every_flipped_byte_is_refused_and_so_is_another_place(void **state)
{
	(void)state;
	struct err err;
	str out, e = sealed(1);
	for (size_t i = 0; i < e.n; i++) {
		struct seal_place at = place();
		char *bad = arena_cstr(&A, e);
		bad[i] ^= 1;
		assert_int_not_equal(custody_open(&A, &secret[0], &at, (str){bad, e.n}, &out, &err), RC_OK);
		assert_int_not_equal(custody_open(&A, &secret[0], &at, str_head(e, i), &out, &err), RC_OK);
	}
	struct seal_place moved[5];
	for (int i = 0; i < 5; i++)
		moved[i] = place();
	moved[0].row++;
	moved[1].subject++;
	moved[2].part++;
	moved[3].column = STR("note2");
	moved[4].table = STR("mind_file");
	for (int i = 0; i < 5; i++)
		assert_int_equal(custody_open(&A, &secret[0], &moved[i], e, &out, &err), RC_IO);
}

static void a_password_opens_its_own_key_only_and_can_be_changed(void **state)
{
	(void)state;
	struct err err;
	struct custody_secret s;
	str again;
	assert_int_equal(custody_unlock(&public[0], locked[0], STR("夜里听海 9"), &s, &err), RC_DENIED);
	assert_int_equal(custody_unlock(&public[1], locked[0], str_of(password_of(0)), &s, &err), RC_DENIED);
	assert_int_equal(custody_relock(&A, &secret[0], STR("short"), &again, &err), RC_INVALID);
	assert_ok(custody_relock(&A, &secret[0], STR("潮水退去贝壳还在"), &again, &err), &err);
	assert_int_equal(custody_unlock(&public[0], again, str_of(password_of(0)), &s, &err), RC_DENIED);
	assert_ok(custody_unlock(&public[0], again, STR("潮水退去贝壳还在"), &s, &err), &err);
	assert_memory_equal(s.b, secret[0].b, CUSTODY_KEY_BYTES);
}

static void a_note_without_a_reader_or_with_one_custodian_twice_is_refused(void **state)
{
	(void)state;
	struct err err;
	struct seal_place at = place();
	struct custody_public same[2] = {public[3], public[3]};
	int64_t people[CUSTODY_READERS_MAX + 2];
	str e;
	assert_int_equal(custody_seal(&A, 1, public, 0, &public[3], &at, STR("x"), &e, &err), RC_INVALID);
	assert_int_equal(custody_seal(&A, 1, public, 1, same, &at, STR("x"), &e, &err), RC_INVALID);
	assert_int_equal(custody_people(sealed(1), people), 4);
	assert_int_equal(people[0], LIU);
	assert_int_equal(people[3], SECOND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_readers_open_it_and_a_stranger_does_not),
		cmocka_unit_test(two_custodians_open_it_together_and_neither_alone),
		cmocka_unit_test(the_server_with_its_root_key_opens_nothing),
		cmocka_unit_test(every_flipped_byte_is_refused_and_so_is_another_place),
		cmocka_unit_test(a_password_opens_its_own_key_only_and_can_be_changed),
		cmocka_unit_test(a_note_without_a_reader_or_with_one_custodian_twice_is_refused),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
