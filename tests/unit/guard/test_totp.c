/* Codes of an authenticator and codes that people copy. */
#include "base/rand.h"
#include "guard/code.h"
#include "guard/totp.h"
#include "tests.h"

static struct totp_secret secret(void)
{
	struct totp_secret s;
	memcpy(s.b, "12345678901234567890", sizeof s.b);
	return s;
}

static void the_vectors_of_rfc_6238_hold(void **state)
{
	(void)state;
	static const struct {
		int64_t at_s;
		const char *code;
	} vectors[] = {{59, "94287082"}, {1111111109, "07081804"}, {1111111111, "14050471"},
		{1234567890, "89005924"}, {2000000000, "69279037"}, {20000000000, "65353130"}};
	struct totp_secret s = secret();
	char out[TOTP_DIGITS_MAX + 1];
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		assert_true(totp_at(&s, vectors[i].at_s * 1000, 8, out));
		assert_string_equal(out, vectors[i].code);
		assert_true(totp_at(&s, vectors[i].at_s * 1000, 6, out));
		assert_string_equal(out, vectors[i].code + 2);
	}
	assert_false(totp_at(&s, 0, 5, out));
	assert_false(totp_at(&s, -1, 6, out));
}

static void a_code_is_good_in_its_step_and_the_two_beside_it(void **state)
{
	(void)state;
	struct totp_secret s = secret();
	/* 14050471 belongs to the step that begins at 1111111110. */
	str code = STR("050471");
	int64_t begin = 1111111110000, step = 1111111110 / 30;
	assert_int_equal(totp_step(&s, code, begin), step);
	assert_int_equal(totp_step(&s, code, begin + 29999), step);
	assert_int_equal(totp_step(&s, code, begin - 1), step);
	assert_int_equal(totp_step(&s, code, begin - 30000), step);
	assert_int_equal(totp_step(&s, code, begin + 59999), step);
	assert_int_equal(totp_step(&s, code, begin - 30001), -1);
	assert_int_equal(totp_step(&s, code, begin + 60000), -1);
	assert_int_equal(totp_step(&s, STR("050 471"), begin), step);
	static const char *const bad[] = {
		"", "05047", "0504710", "14050471", "05047a", "050472", "-50471", "０５０４７１"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(totp_step(&s, str_of(bad[i]), begin), -1);
}

static void a_secret_is_told_as_text_and_as_an_address(void **state)
{
	(void)state;
	struct arena a = {0};
	struct totp_secret s = secret();
	assert_true(str_is(totp_text(&a, &s), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"));
	assert_true(str_is(totp_address(&a, &s, STR("青禾 临澜"), STR("he.jing")),
		"otpauth://totp/"
		"%E9%9D%92%E7%A6%BE%20%E4%B8%B4%E6%BE%9C:he.jing?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
		"&issuer=%E9%9D%92%E7%A6%BE%20%E4%B8%B4%E6%BE%9C"));
	arena_done(&a);
}

static void a_copied_code_is_read_forgivingly(void **state)
{
	(void)state;
	char text[CODE_TEXT_BYTES(10)], plain[11], again[11];
	for (int i = 0; i < 1000; i++) {
		code_make(text, 10);
		assert_int_equal(strlen(text), 12);
		assert_true(text[4] == '-' && text[9] == '-');
		assert_true(code_read(str_of(text), 10, plain));
		for (char *c = text; *c; c++)
			*c = *c == '0'   ? 'o'
			     : *c == '1' ? 'l'
			     : *c == '-' ? ' '
					 : (char)(*c >= 'A' ? *c + 32 : *c);
		assert_true(code_read(str_of(text), 10, again));
		assert_string_equal(plain, again);
	}
	assert_false(code_read(STR("ABCD-EFGH-J"), 10, plain));
	assert_false(code_read(STR("ABCD-EFGH-JKM"), 10, plain));
	assert_false(code_read(STR(""), 10, plain));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_rfc_6238_hold),
		cmocka_unit_test(a_code_is_good_in_its_step_and_the_two_beside_it),
		cmocka_unit_test(a_secret_is_told_as_text_and_as_an_address),
		cmocka_unit_test(a_copied_code_is_read_forgivingly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
