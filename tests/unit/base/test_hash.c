/* Hashes against their published vectors. */
#include "base/hash.h"
#include "tests.h"

static void is(struct hash h, const char *hex)
{
	char text[HEX_BYTES];
	hex_text(h.b, HASH_BYTES, text);
	assert_string_equal(text, hex);
}

static void hashes_match_their_standards(void **state)
{
	(void)state;
	is(hash_sha256(STR("abc")),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); /* FIPS 180-4 */
	is(hash_of(HASH_SM3, STR("abc")),
		"66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"); /* GB/T 32905 */
	is(hash_sha256(STR("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* RFC 4231, test cases 1, 2, 4, 6 and 7. */
static void hmac_matches_rfc_4231(void **state)
{
	(void)state;
	struct arena a = {0};
	char *key = arena_alloc(&a, 131);
	memset(key, 0x0b, 20);
	is(hash_hmac(HASH_SHA256, (str){key, 20}, STR("Hi There")),
		"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	is(hash_hmac(HASH_SHA256, STR("Jefe"), STR("what do ya want for nothing?")),
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	for (int i = 0; i < 25; i++)
		key[i] = (char)(i + 1);
	char data[50];
	memset(data, 0xcd, sizeof data);
	is(hash_hmac(HASH_SHA256, (str){key, 25}, (str){data, sizeof data}),
		"82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
	memset(key, 0xaa, 131);
	is(hash_hmac(HASH_SHA256, (str){key, 131},
		   STR("Test Using Larger Than Block-Size Key - Hash Key First")),
		"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	const str parts[] = {
		STR("This is a test using a larger than block-size key and a larger than block-size "),
		STR(""), STR("data. The key needs to be hashed before being used by the HMAC algorithm.")};
	is(hash_hmac_join(HASH_SHA256, (str){key, 131}, parts, 3),
		"9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
	arena_done(&a);
}

static void streamed_and_joined_are_the_same(void **state)
{
	(void)state;
	char text[1000];
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)(i * 31);
	for (size_t cut = 0; cut <= 2 * sizeof text; cut += 37) {
		const enum hash_kind kind = cut % 2 ? HASH_SM3 : HASH_SHA256;
		struct hasher h;
		const str parts[] = {{text, cut / 2}, {text + cut / 2, sizeof text - cut / 2}};
		hasher_init(&h, kind);
		hasher_add(&h, parts[0]);
		hasher_add(&h, parts[1]);
		struct hash whole = hash_of(kind, (str){text, sizeof text}),
			    joined = hash_join(kind, parts, 2), streamed = hasher_end(&h);
		assert_true(hash_eq(&whole, &joined));
		assert_true(hash_eq(&whole, &streamed));
	}
}

static void short_parts_put_together_hash_as_the_whole(void **state)
{
	(void)state;
	static const size_t cuts[] = {
		0, 1, 4, 500, 511, 512, 513, 520, 1024, 1025, 1537, 1540, 3000, 3000, 3001};
	enum { PARTS = sizeof cuts / sizeof *cuts - 1 };
	static char text[3001];
	str parts[PARTS];
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)(i * 7);
	for (size_t i = 0; i < PARTS; i++)
		parts[i] = (str){text + cuts[i], cuts[i + 1] - cuts[i]};
	for (size_t n = 0; n <= PARTS; n++) {
		struct hash whole = hash_of(HASH_SHA256, (str){text, cuts[n]}),
			    joined = hash_join(HASH_SHA256, parts, n);
		struct hasher h;
		hasher_init(&h, HASH_SHA256);
		hasher_add(&h, (str){text, cuts[n]});
		struct hash streamed = hasher_end(&h);
		assert_true(hash_eq(&whole, &joined));
		assert_true(hash_eq(&whole, &streamed));
	}
}

static void hex_reads_back_and_refuses_the_rest(void **state)
{
	(void)state;
	unsigned char out[3];
	assert_true(hex_parse(STR("00fFa9"), out, 3));
	assert_memory_equal(out, "\x00\xff\xa9", 3);
	assert_false(hex_parse(STR("00fFa"), out, 3));
	assert_false(hex_parse(STR("00fFag"), out, 3));
	assert_false(hex_parse(STR("00fFa900"), out, 3));
	for (const char *bad = "/:@G`g"; *bad; bad++) { /* the neighbours of the digits */
		char text[] = "00000";
		char full[7];
		snprintf(full, sizeof full, "%s%c", text, *bad);
		assert_false(hex_parse(str_of(full), out, 3));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_match_their_standards),
		cmocka_unit_test(hmac_matches_rfc_4231),
		cmocka_unit_test(streamed_and_joined_are_the_same),
		cmocka_unit_test(short_parts_put_together_hash_as_the_whole),
		cmocka_unit_test(hex_reads_back_and_refuses_the_rest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
