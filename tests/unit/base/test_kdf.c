/* Derivations and MACs against their standards and Project Wycheproof. */
#include "base/kdf.h"
#include "vectors.h"

static void is(const void *bytes, size_t n, const char *hex)
{
	char text[512];
	assert_true(2 * n < sizeof text);
	hex_text(bytes, n, text);
	assert_string_equal(text, hex);
}

static bool same(str a, const void *b, size_t n)
{
	return a.n == n && memcmp(a.p, b, n) == 0;
}

/* A MAC of the file may be cut to 128 bits: its first bytes count. */
static bool mac_case(
	enum hash_kind kind, struct arena *a, struct json_object *group, struct json_object *test)
{
	struct hash h = hash_hmac(kind, hex_field(a, test, "key"), hex_field(a, test, "msg"));
	return same(hex_field(a, test, "tag"), h.b, int_field(group, "tagSize") / 8);
}

static bool sha256_mac(struct arena *a, struct json_object *group, struct json_object *test)
{
	return mac_case(HASH_SHA256, a, group, test);
}

static bool sm3_mac(struct arena *a, struct json_object *group, struct json_object *test)
{
	return mac_case(HASH_SM3, a, group, test);
}

static bool hkdf_case(struct arena *a, struct json_object *group, struct json_object *test)
{
	(void)group;
	size_t n = int_field(test, "size");
	unsigned char *out = arena_alloc(a, n + 1);
	return hkdf(HASH_SHA256, hex_field(a, test, "ikm"), hex_field(a, test, "salt"),
		       hex_field(a, test, "info"), out, n) &&
	       same(hex_field(a, test, "okm"), out, n);
}

static bool pbkdf2_case(struct arena *a, struct json_object *group, struct json_object *test)
{
	(void)group;
	size_t n = int_field(test, "dkLen");
	unsigned char *out = arena_alloc(a, n + 1);
	return pbkdf2(HASH_SHA256, hex_field(a, test, "password"), hex_field(a, test, "salt"),
		       (uint32_t)int_field(test, "iterationCount"), out, n) &&
	       same(hex_field(a, test, "dk"), out, n);
}

static void hmac_sha256_agrees_with_wycheproof(void **state)
{
	(void)state;
	each_case("hmac_sha256", sha256_mac);
}

static void hmac_sm3_agrees_with_wycheproof(void **state)
{
	(void)state;
	each_case("hmac_sm3", sm3_mac);
}

static void hkdf_agrees_with_wycheproof(void **state)
{
	(void)state;
	each_case("hkdf_sha256", hkdf_case);
}

static void pbkdf2_agrees_with_wycheproof(void **state)
{
	(void)state;
	each_case("pbkdf2_hmacsha256", pbkdf2_case);
}

/* RFC 5869 A.1 and A.3; over SM3 the same inputs through Python's hmac over hashlib's sm3. */
static void hkdf_matches_rfc_5869_and_its_sm3_twin(void **state)
{
	(void)state;
	unsigned char ikm[22], out[42];
	memset(ikm, 0x0b, sizeof ikm);
	const str secret = {(const char *)ikm, sizeof ikm},
		  salt = {"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c", 13},
		  info = {"\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9", 10};
	assert_true(hkdf(HASH_SHA256, secret, salt, info, out, sizeof out));
	is(out, sizeof out,
		"3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
	assert_true(hkdf(HASH_SHA256, secret, (str){0}, (str){0}, out, sizeof out));
	is(out, sizeof out,
		"8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
	assert_true(hkdf(HASH_SM3, secret, salt, info, out, sizeof out));
	is(out, sizeof out,
		"c69fe91b7aaee2dd5718d72dcaee0cce93f1b8e41f792da51261b6a517e68b36ed2c595572b01dfa359b");
	assert_true(hkdf(HASH_SM3, secret, (str){0}, (str){0}, out, sizeof out));
	is(out, sizeof out,
		"c8c91a38ae2fb3b023a7c38ce9f0748f28230d59b6b950ba3ba949bf0d713a5774815778801741cb2034");
}

static void pbkdf2_over_sm3_is_its_own_definition(void **state)
{
	(void)state;
	unsigned char out[40];
	assert_true(pbkdf2(HASH_SM3, STR("password"), STR("salt"), 1, out, sizeof out));
	is(out, sizeof out,
		"4612f922a1fdcefaf4312fc6f8f3322b489cbf24f2ea361b44c2bd8fa2c6dcb0e2bea084418ffb4f");
	assert_true(pbkdf2(HASH_SM3, STR("password"), STR("salt"), 4096, out, sizeof out));
	is(out, sizeof out,
		"b6e8f2074c87432b78f62e5ced980fdff89e86af2f693dab1638e2b3683045dd844438500eead50c");
	/* RFC 8018: T1 = U1 ^ ... ^ Uc, U1 = PRF(P, S || 00000001). */
	unsigned char text[8] = {'s', 'a', 'l', 't', 0, 0, 0, 1};
	struct hash u = hash_hmac(HASH_SM3, STR("password"), (str){(const char *)text, sizeof text}), t = u;
	for (int i = 1; i < 4096; i++) {
		u = hash_hmac(HASH_SM3, STR("password"), (str){(const char *)u.b, HASH_BYTES});
		for (size_t k = 0; k < HASH_BYTES; k++)
			t.b[k] ^= u.b[k];
	}
	assert_memory_equal(out, t.b, HASH_BYTES);
}

static void too_much_or_too_little_is_refused_and_writes_nothing(void **state)
{
	(void)state;
	static unsigned char out[KDF_MAX_BYTES + 1], zero[sizeof out];
	assert_false(hkdf(HASH_SM3, STR("k"), STR("s"), STR("i"), out, sizeof out));
	assert_false(pbkdf2(HASH_SM3, STR("p"), STR("s"), 0, out, 32));
	assert_false(pbkdf2(HASH_SM3, STR("p"), STR("s"), 1, out, 0));
	const str endless = {"p", (size_t)INT32_MAX + 1};
	assert_false(pbkdf2(HASH_SM3, STR("p"), STR("s"), UINT32_MAX, out, 32));
	assert_false(pbkdf2(HASH_SM3, endless, STR("s"), 1, out, 32));
	assert_false(pbkdf2(HASH_SM3, STR("p"), endless, 1, out, 32));
	assert_false(pbkdf2(HASH_SM3, STR("p"), STR("s"), 1, out, (size_t)INT32_MAX + 1));
	assert_memory_equal(out, zero, sizeof out);
	unsigned char other[32];
	assert_true(pbkdf2(HASH_SHA256, STR(""), STR(""), 1, out, 32));
	assert_true(pbkdf2(
		HASH_SHA256, (str){0}, (str){0}, 1, other, 32)); /* the empty slice is the empty text */
	assert_memory_equal(out, other, 32);
	assert_true(hkdf(HASH_SM3, STR("k"), STR("s"), STR("i"), out, KDF_MAX_BYTES));
	assert_true(hkdf(HASH_SM3, STR("k"), STR("s"), STR("i"), out, 0));
}

/* A short output is the head of a long one, and what differs in any input differs in the output. */
static void outputs_are_prefixes_and_every_input_counts(void **state)
{
	(void)state;
	for (int kind = HASH_SHA256; kind <= HASH_SM3; kind++) {
		unsigned char full[100], part[100];
		assert_true(hkdf((enum hash_kind)kind, STR("k"), STR("s"), STR("i"), full, sizeof full));
		for (size_t n = 1; n < sizeof full; n += 7) {
			assert_true(hkdf((enum hash_kind)kind, STR("k"), STR("s"), STR("i"), part, n));
			assert_memory_equal(full, part, n);
		}
		const str other[3][3] = {{STR("K"), STR("s"), STR("i")}, {STR("k"), STR("S"), STR("i")},
			{STR("k"), STR("s"), STR("I")}};
		for (int i = 0; i < 3; i++) {
			assert_true(
				hkdf((enum hash_kind)kind, other[i][0], other[i][1], other[i][2], part, 32));
			assert_memory_not_equal(full, part, 32);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hmac_sha256_agrees_with_wycheproof),
		cmocka_unit_test(hmac_sm3_agrees_with_wycheproof),
		cmocka_unit_test(hkdf_agrees_with_wycheproof),
		cmocka_unit_test(pbkdf2_agrees_with_wycheproof),
		cmocka_unit_test(hkdf_matches_rfc_5869_and_its_sm3_twin),
		cmocka_unit_test(pbkdf2_over_sm3_is_its_own_definition),
		cmocka_unit_test(too_much_or_too_little_is_refused_and_writes_nothing),
		cmocka_unit_test(outputs_are_prefixes_and_every_input_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
