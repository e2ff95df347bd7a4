/* Authenticated encryption: the published vectors, the suites' own definition made elsewhere, and every flipped bit. */
#include "base/aead.h"
#include "base/gcm.h"
#include "base/rand.h"
#include "vectors.h"

enum { SUITES = 3 };
static const int suites[SUITES] = {AEAD_XCHACHA20_POLY1305, AEAD_SM4_HMAC_SM3, AEAD_SM4_GCM};

static str joined(struct arena *a, str x, str y)
{
	char *p = arena_alloc(a, x.n + y.n + 1);
	if (x.n)
		memcpy(p, x.p, x.n);
	if (y.n)
		memcpy(p + x.n, y.p, y.n);
	return (str){p, x.n + y.n};
}

/* Opens to the file's text, and sealing that again gives the file's bytes. */
static bool xchacha_case(struct arena *a, struct json_object *group, struct json_object *test)
{
	(void)group;
	str key = hex_field(a, test, "key"), nonce = hex_field(a, test, "iv"), ad = hex_field(a, test, "aad"),
	    text = hex_field(a, test, "msg"),
	    sealed = joined(a, hex_field(a, test, "ct"), hex_field(a, test, "tag"));
	unsigned char *out = arena_alloc(a, sealed.n + 1);
	assert_int_equal(key.n, AEAD_KEY_BYTES);
	const unsigned char *k = (const unsigned char *)key.p;
	if (!aead_open(AEAD_XCHACHA20_POLY1305, k, nonce, ad, sealed, out))
		return false;
	assert_int_equal(sealed.n, text.n + aead_tag_bytes(AEAD_XCHACHA20_POLY1305));
	assert_memory_equal(out, text.p, text.n);
	aead_seal(AEAD_XCHACHA20_POLY1305, k, nonce, ad, text, out);
	assert_memory_equal(out, sealed.p, sealed.n);
	return true;
}

static bool gcm_case(enum gcm_cipher cipher, struct arena *a, struct json_object *test)
{
	str key = hex_field(a, test, "key"), nonce = hex_field(a, test, "iv"), ad = hex_field(a, test, "aad"),
	    text = hex_field(a, test, "msg"), ct = hex_field(a, test, "ct"), tag = hex_field(a, test, "tag");
	unsigned char *out = arena_alloc(a, ct.n + 1), made[GCM_TAG_BYTES];
	if (tag.n != GCM_TAG_BYTES ||
		!gcm_open(cipher, key, nonce, ad, ct, (const unsigned char *)tag.p, out)) {
		for (size_t i = 0; i < ct.n; i++)
			assert_int_equal(out[i], 0);
		return false;
	}
	assert_memory_equal(out, text.p, text.n);
	assert_true(gcm_seal(cipher, key, nonce, ad, text, out, made));
	assert_memory_equal(out, ct.p, ct.n);
	assert_memory_equal(made, tag.p, GCM_TAG_BYTES);
	return true;
}

static bool aes_case(struct arena *a, struct json_object *group, struct json_object *test)
{
	(void)group;
	return gcm_case(GCM_AES, a, test);
}

static bool sm4_case(struct arena *a, struct json_object *group, struct json_object *test)
{
	(void)group;
	return gcm_case(GCM_SM4, a, test);
}

static void xchacha20_poly1305_agrees_with_wycheproof(void **state)
{
	(void)state;
	each_case("xchacha20_poly1305", xchacha_case);
}

static void aes_gcm_agrees_with_wycheproof(void **state)
{
	(void)state;
	each_case("aes_gcm", aes_case);
}

static void sm4_gcm_agrees_with_wycheproof(void **state)
{
	(void)state;
	each_case("sm4_gcm", sm4_case);
}

static void gcm_refuses_keys_of_another_length_and_an_empty_nonce(void **state)
{
	(void)state;
	static const char zeros[64];
	unsigned char out[4], tag[GCM_TAG_BYTES];
	for (size_t n = 0; n <= sizeof zeros; n++) {
		str key = {zeros, n}, nonce = {zeros, GCM_NONCE_BYTES};
		assert_int_equal(gcm_seal(GCM_SM4, key, nonce, STR(""), STR("text"), out, tag), n == 16);
		assert_int_equal(gcm_seal(GCM_AES, key, nonce, STR(""), STR("text"), out, tag),
			n == 16 || n == 24 || n == 32);
	}
	assert_false(gcm_seal(GCM_AES, (str){zeros, 16}, STR(""), STR(""), STR("text"), out, tag));
}

struct sample {
	unsigned char key[AEAD_KEY_BYTES];
	char nonce[AEAD_NONCE_MAX_BYTES];
};

static struct sample sample(void)
{
	struct sample s;
	for (size_t i = 0; i < sizeof s.key; i++)
		s.key[i] = (unsigned char)i;
	for (size_t i = 0; i < sizeof s.nonce; i++)
		s.nonce[i] = (char)(0xf0 + i);
	return s;
}

/* Computed apart from this program: openssl's command for SM4-CTR, Python's hashlib and hmac for SM3. */
static void suites_of_sm4_match_their_definition_made_elsewhere(void **state)
{
	(void)state;
	struct sample s = sample();
	unsigned char out[64];
	char hex[129];
	const str text = STR("qing he"), ad = STR("aid_visit.note:17");
	aead_seal(AEAD_SM4_HMAC_SM3, s.key, (str){s.nonce, 16}, ad, text, out);
	hex_text(out, text.n + 32, hex);
	assert_string_equal(
		hex, "d9d095b55943f2307305635a8a36980ed4c826b90379fd0aa06f99aed34adcb729fc1356773269");
	/* SM4-GCM: the key that the KDF gives, then what the vectors above have checked. */
	unsigned char direct[7], tag[GCM_TAG_BYTES], sm4_key[16];
	assert_true(hex_parse(STR("ebb615adb10c260cc178306ff5ae75d0"), sm4_key, 16));
	assert_true(gcm_seal(
		GCM_SM4, (str){(const char *)sm4_key, 16}, (str){s.nonce, 12}, ad, text, direct, tag));
	aead_seal(AEAD_SM4_GCM, s.key, (str){s.nonce, 12}, ad, text, out);
	assert_memory_equal(out, direct, text.n);
	assert_memory_equal(out + text.n, tag, GCM_TAG_BYTES);
}

static void what_was_sealed_opens_whatever_its_length(void **state)
{
	(void)state;
	struct sample s = sample();
	unsigned char text[300], sealed[300 + AEAD_TAG_MAX_BYTES], out[300];
	rand_seed(7);
	for (int i = 0; i < SUITES; i++) {
		str nonce = {s.nonce, aead_nonce_bytes(suites[i])};
		size_t tag = aead_tag_bytes(suites[i]);
		for (size_t n = 0; n <= sizeof text; n += n < 40 ? 1 : 37) {
			rand_bytes(text, sizeof text);
			str plain = {(const char *)text, n}, ad = {(const char *)text, n / 2};
			aead_seal(suites[i], s.key, nonce, ad, plain, sealed);
			assert_true(aead_open(
				suites[i], s.key, nonce, ad, (str){(const char *)sealed, n + tag}, out));
			assert_memory_equal(out, text, n);
			if (n == 0) { /* the empty slice is the empty text */
				unsigned char none[AEAD_TAG_MAX_BYTES];
				aead_seal(suites[i], s.key, nonce, (str){0}, (str){0}, none);
				assert_memory_equal(none, sealed, tag);
			}
			if (n > 15)
				assert_memory_not_equal(sealed, text, n);
			/* In place, both ways. */
			memcpy(out, text, n);
			unsigned char same[sizeof sealed];
			memcpy(same, text, n);
			aead_seal(suites[i], s.key, nonce, ad, (str){(const char *)same, n}, same);
			assert_memory_equal(same, sealed, n + tag);
			assert_true(aead_open(
				suites[i], s.key, nonce, ad, (str){(const char *)same, n + tag}, same));
			assert_memory_equal(same, text, n);
		}
	}
}

static void one_flipped_bit_of_key_nonce_place_or_envelope_is_refused(void **state)
{
	(void)state;
	for (int i = 0; i < SUITES; i++) {
		struct sample s = sample();
		char ad[] = "\x01\x00"
			    "aid_visit.note:17";
		const str text = STR("sixteen and more bytes");
		unsigned char sealed[22 + AEAD_TAG_MAX_BYTES], out[22], zero[22] = {0};
		size_t nonce_n = aead_nonce_bytes(suites[i]), n = text.n + aead_tag_bytes(suites[i]);
		str place = {ad, sizeof ad - 1}, whole = {(const char *)sealed, n},
		    nonce = {s.nonce, nonce_n};
		aead_seal(suites[i], s.key, nonce, place, text, sealed);
		struct {
			unsigned char *p;
			size_t n;
		} parts[] = {{s.key, sizeof s.key}, {(unsigned char *)s.nonce, nonce_n},
			{(unsigned char *)ad, sizeof ad - 1}, {sealed, n}};
		for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
			for (size_t bit = 0; bit < 8 * parts[k].n; bit++) {
				/* The MAC of SM4-CTR and the cipher take every bit of the key. */
				parts[k].p[bit / 8] ^= (unsigned char)(1 << bit % 8);
				memset(out, 0, sizeof out);
				assert_false(aead_open(suites[i], s.key, nonce, place, whole, out));
				assert_memory_equal(out, zero, sizeof out);
				parts[k].p[bit / 8] ^= (unsigned char)(1 << bit % 8);
			}
		assert_true(aead_open(suites[i], s.key, nonce, place, whole, out));
		/* Cut, lengthened, bytes wandering from the place into the text. */
		for (size_t cut = 0; cut < n; cut++)
			assert_false(aead_open(suites[i], s.key, nonce, place, str_head(whole, cut), out));
		assert_false(aead_open(suites[i], s.key, nonce, str_head(place, place.n - 1), whole, out));
		assert_false(aead_open(suites[i], s.key, str_head(nonce, nonce_n - 1), place, whole, out));
		for (int other = 0; other < 256; other++)
			if (other != suites[i])
				assert_false(aead_open(other, s.key, nonce, place, whole, out));
	}
}

/* ad "ab", ciphertext "c" and ad "a", ciphertext "bc" are two things to the MAC, though they read alike in a row. */
static void bytes_do_not_wander_between_place_nonce_and_ciphertext(void **state)
{
	(void)state;
	struct sample s = sample();
	unsigned char sealed[64], moved[64], out[64];
	str nonce = {s.nonce, 16};
	aead_seal(AEAD_SM4_HMAC_SM3, s.key, nonce, STR("ab"), STR("0123456789abcdef"), sealed);
	/* The last byte of the place becomes the first of the nonce, and so on down the row. */
	char row[2 + 16 + 16];
	memcpy(row, "ab", 2);
	memcpy(row + 2, s.nonce, 16);
	memcpy(row + 18, sealed, 16);
	for (size_t place = 0; place <= 4; place++) {
		size_t body = sizeof row - 16 - place;
		memcpy(moved, row + place + 16, body);
		memcpy(moved + body, sealed + 16, 32);
		assert_int_equal(aead_open(AEAD_SM4_HMAC_SM3, s.key, (str){row + place, 16},
					 (str){row, place}, (str){(const char *)moved, body + 32}, out),
			place == 2);
	}
}

static void unknown_suites_have_no_sizes(void **state)
{
	(void)state;
	for (int suite = -1; suite < 256; suite++) {
		bool known = suite >= 1 && suite <= 3;
		assert_int_equal(aead_nonce_bytes(suite) > 0, known);
		assert_int_equal(aead_tag_bytes(suite) > 0, known);
		assert_true(aead_nonce_bytes(suite) <= AEAD_NONCE_MAX_BYTES);
		assert_true(aead_tag_bytes(suite) <= AEAD_TAG_MAX_BYTES);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(xchacha20_poly1305_agrees_with_wycheproof),
		cmocka_unit_test(aes_gcm_agrees_with_wycheproof),
		cmocka_unit_test(sm4_gcm_agrees_with_wycheproof),
		cmocka_unit_test(gcm_refuses_keys_of_another_length_and_an_empty_nonce),
		cmocka_unit_test(suites_of_sm4_match_their_definition_made_elsewhere),
		cmocka_unit_test(what_was_sealed_opens_whatever_its_length),
		cmocka_unit_test(one_flipped_bit_of_key_nonce_place_or_envelope_is_refused),
		cmocka_unit_test(bytes_do_not_wander_between_place_nonce_and_ciphertext),
		cmocka_unit_test(unknown_suites_have_no_sizes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
