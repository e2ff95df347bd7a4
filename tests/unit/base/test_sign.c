/* Ed25519 against RFC 8032, Project Wycheproof and every flipped bit. */
#include "base/rand.h"
#include "base/sign.h"
#include "vectors.h"

static bool ed25519_case(struct arena *a, struct json_object *group, struct json_object *test)
{
	struct sign_key key;
	str pk = hex_field(a, json_object_object_get(group, "publicKey"), "pk"),
	    sig = hex_field(a, test, "sig");
	assert_int_equal(pk.n, SIGN_KEY_BYTES);
	memcpy(key.b, pk.p, SIGN_KEY_BYTES);
	return sig.n == SIGN_BYTES &&
	       sign_check(&key, hex_field(a, test, "msg"), (const unsigned char *)sig.p);
}

static void signatures_agree_with_wycheproof(void **state)
{
	(void)state;
	each_case("ed25519", ed25519_case);
}

/* RFC 8032 7.1, tests 1 to 3. */
static void signatures_match_rfc_8032(void **state)
{
	(void)state;
	static const struct {
		const char *seed, *key, *text, *sig;
	} cases[] = {
		{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
			"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
			"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e"
			"397"
			"01cf9b46bd25bf5f0595bbe24655141438e7a100b"},
		{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
			"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
			"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f"
			"361"
			"3d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
		{"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
			"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
			"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67"
			"f76"
			"0984dc6594a7c15e9716ed28dc027beceea1ec40a"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		unsigned char seed[SIGN_SEED_BYTES], sig[SIGN_BYTES], want[SIGN_BYTES], key[SIGN_KEY_BYTES];
		char text[2];
		size_t n = strlen(cases[i].text) / 2;
		struct sign_secret s;
		assert_true(hex_parse(str_of(cases[i].seed), seed, sizeof seed));
		assert_true(hex_parse(str_of(cases[i].key), key, sizeof key));
		assert_true(hex_parse(str_of(cases[i].text), text, n));
		assert_true(hex_parse(str_of(cases[i].sig), want, sizeof want));
		sign_secret_of(seed, &s);
		assert_memory_equal(s.key.b, key, sizeof key);
		sign_text(&s, (str){text, n}, sig);
		assert_memory_equal(sig, want, sizeof want);
		assert_true(sign_check(&s.key, (str){text, n}, sig));
	}
}

static void one_flipped_bit_anywhere_is_refused(void **state)
{
	(void)state;
	unsigned char seed[SIGN_SEED_BYTES] = {7}, sig[SIGN_BYTES];
	char text[] = "v1|contest|choice";
	struct sign_secret s;
	sign_secret_of(seed, &s);
	sign_text(&s, str_of(text), sig);
	for (size_t bit = 0; bit < 8 * sizeof sig; bit++) {
		sig[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_false(sign_check(&s.key, str_of(text), sig));
		sig[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	for (size_t bit = 0; bit < 8 * (sizeof text - 1); bit++) {
		text[bit / 8] ^= (char)(1 << bit % 8);
		assert_false(sign_check(&s.key, (str){text, sizeof text - 1}, sig));
		text[bit / 8] ^= (char)(1 << bit % 8);
	}
	for (size_t bit = 0; bit < 8 * SIGN_KEY_BYTES; bit++) {
		s.key.b[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_false(sign_check(&s.key, str_of(text), sig));
		s.key.b[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	assert_true(sign_check(&s.key, str_of(text), sig));
	sign_text(&s, (str){0}, sig);
	assert_true(sign_check(&s.key, STR(""), sig));
	sign_text(&s, str_of(text), sig);
	assert_false(sign_check(&s.key, (str){text, sizeof text - 2}, sig));
	assert_false(sign_check(&s.key, (str){text, sizeof text}, sig));
}

static void a_forgotten_secret_is_zeros(void **state)
{
	(void)state;
	unsigned char seed[SIGN_SEED_BYTES] = {1};
	struct sign_secret s, zero;
	memset(&zero, 0, sizeof zero);
	sign_secret_of(seed, &s);
	sign_forget(&s);
	assert_memory_equal(&s, &zero, sizeof s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures_agree_with_wycheproof),
		cmocka_unit_test(signatures_match_rfc_8032),
		cmocka_unit_test(one_flipped_bit_anywhere_is_refused),
		cmocka_unit_test(a_forgotten_secret_is_zeros),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
