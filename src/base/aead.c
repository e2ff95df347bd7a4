/* aead.c -- see aead.h. */
#include "base/aead.h"
#include "base/gcm.h"
#include "base/hash.h"
#include <assert.h>
#include <limits.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <threads.h>

enum { SM4_BYTES = 16 };

static const struct {
	size_t nonce, tag;
} sizes[] = {
	[AEAD_XCHACHA20_POLY1305] = {crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
		crypto_aead_xchacha20poly1305_ietf_ABYTES},
	[AEAD_SM4_HMAC_SM3] = {16, HASH_BYTES},
	[AEAD_SM4_GCM] = {GCM_NONCE_BYTES, GCM_TAG_BYTES},
};

static bool known(int suite)
{
	return suite > 0 && suite < (int)(sizeof sizes / sizeof *sizes);
}

size_t aead_nonce_bytes(int suite)
{
	return known(suite) ? sizes[suite].nonce : 0;
}

size_t aead_tag_bytes(int suite)
{
	return known(suite) ? sizes[suite].tag : 0;
}

static const unsigned char *bytes(str s)
{
	return (const unsigned char *)(s.p ? s.p : "");
}

static void put_u64(unsigned char out[8], uint64_t v)
{
	for (size_t i = 0; i < 8; i++)
		out[i] = (unsigned char)(v >> (56 - 8 * i));
}

/* ---- suites 2 and 3 ---- */

struct sm_keys {
	unsigned char sm4[SM4_BYTES], mac[HASH_BYTES];
};
static_assert(sizeof(struct sm_keys) == 48, "one run of bytes, no padding");

/* GB/T 32918.4 5.4.3: SM3(Z, 00000001), SM3(Z, 00000002), ... */
static void split(const unsigned char key[AEAD_KEY_BYTES], struct sm_keys *out)
{
	struct hash h[2];
	for (size_t i = 0; i < 2; i++) {
		const char counter[4] = {0, 0, 0, (char)(i + 1)};
		const str parts[] = {{(const char *)key, AEAD_KEY_BYTES}, {counter, sizeof counter}};
		h[i] = hash_join(HASH_SM3, parts, 2);
	}
	memcpy(out->sm4, h[0].b, SM4_BYTES);
	memcpy(out->mac, h[0].b + SM4_BYTES, HASH_BYTES - SM4_BYTES);
	memcpy(out->mac + HASH_BYTES - SM4_BYTES, h[1].b, SM4_BYTES);
	sodium_memzero(h, sizeof h);
}

static void sm4_ctr(const struct sm_keys *k, str nonce, str from, unsigned char *to)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int made = 0;
	/* One call: who seals more than 2 GB at once holds it all in memory, which nothing here does. */
	assert(ctx && from.n <= INT_MAX);
	int ok = EVP_EncryptInit_ex(ctx, EVP_sm4_ctr(), NULL, k->sm4, bytes(nonce));
	ok &= EVP_EncryptUpdate(ctx, to, &made, bytes(from), (int)from.n);
	assert(ok == 1 && (size_t)made == from.n);
	(void)ok;
	EVP_CIPHER_CTX_free(ctx);
}

static struct hash sm3_tag(const struct sm_keys *k, str nonce, str ad, str sealed)
{
	unsigned char lengths[16];
	put_u64(lengths, ad.n);
	put_u64(lengths + 8, sealed.n);
	const str parts[] = {ad, nonce, sealed, {(const char *)lengths, sizeof lengths}};
	return hash_hmac_join(HASH_SM3, (str){(const char *)k->mac, HASH_BYTES}, parts, 4);
}

/* ---- all suites ---- */

/* libsodium finds out what the processor can; before that it is right but slow. */
static void find_fast(void)
{
	int ok = sodium_init();
	assert(ok >= 0);
	(void)ok;
}

static void begin(void)
{
	static once_flag once = ONCE_FLAG_INIT;
	call_once(&once, find_fast);
}

void aead_seal(
	int suite, const unsigned char key[AEAD_KEY_BYTES], str nonce, str ad, str text, unsigned char *out)
{
	assert(known(suite) && nonce.n == sizes[suite].nonce);
	if (suite == AEAD_XCHACHA20_POLY1305) {
		begin();
		crypto_aead_xchacha20poly1305_ietf_encrypt(
			out, NULL, bytes(text), text.n, bytes(ad), ad.n, NULL, bytes(nonce), key);
		return;
	}
	struct sm_keys k;
	split(key, &k);
	if (suite == AEAD_SM4_HMAC_SM3) {
		sm4_ctr(&k, nonce, text, out);
		struct hash tag = sm3_tag(&k, nonce, ad, (str){(const char *)out, text.n});
		memcpy(out + text.n, tag.b, HASH_BYTES);
	} else {
		bool good = gcm_seal(
			GCM_SM4, (str){(const char *)k.sm4, SM4_BYTES}, nonce, ad, text, out, out + text.n);
		assert(good);
		(void)good;
	}
	sodium_memzero(&k, sizeof k);
}

bool aead_open(
	int suite, const unsigned char key[AEAD_KEY_BYTES], str nonce, str ad, str sealed, unsigned char *out)
{
	if (!known(suite) || nonce.n != sizes[suite].nonce || sealed.n < sizes[suite].tag)
		return false;
	str body = str_head(sealed, sealed.n - sizes[suite].tag);
	const unsigned char *tag = bytes(sealed) + body.n;
	if (suite == AEAD_XCHACHA20_POLY1305) {
		begin();
		return crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
			       out, NULL, bytes(body), body.n, tag, bytes(ad), ad.n, bytes(nonce), key) == 0;
	}
	struct sm_keys k;
	split(key, &k);
	bool good;
	if (suite == AEAD_SM4_HMAC_SM3) {
		struct hash made = sm3_tag(&k, nonce, ad, body), given;
		memcpy(given.b, tag, HASH_BYTES);
		good = hash_eq(&made, &given);
		if (good)
			sm4_ctr(&k, nonce, body, out);
	} else {
		good = gcm_open(GCM_SM4, (str){(const char *)k.sm4, SM4_BYTES}, nonce, ad, body, tag, out);
	}
	sodium_memzero(&k, sizeof k);
	return good;
}
