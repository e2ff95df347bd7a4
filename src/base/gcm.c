/* gcm.c -- see gcm.h. */
#include "base/gcm.h"
#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/modes.h>

static const EVP_CIPHER *block_cipher(enum gcm_cipher cipher, size_t key_bytes)
{
	if (cipher == GCM_SM4)
		return key_bytes == 16 ? EVP_sm4_ecb() : NULL;
	switch (key_bytes) {
	case 16:
		return EVP_aes_128_ecb();
	case 24:
		return EVP_aes_192_ecb();
	case 32:
		return EVP_aes_256_ecb();
	default:
		return NULL;
	}
}

static void one_block(const unsigned char in[16], unsigned char out[16], const void *key)
{
	EVP_CIPHER_CTX *ctx = (EVP_CIPHER_CTX *)(uintptr_t)key;
	int n = 0, ok = EVP_EncryptUpdate(ctx, out, &n, in, 16);
	assert(ok && n == 16);
	(void)ok;
}

struct job {
	EVP_CIPHER_CTX *block;
	GCM128_CONTEXT *gcm;
};

static bool start(struct job *j, enum gcm_cipher cipher, str key, str nonce, str ad)
{
	const EVP_CIPHER *block = block_cipher(cipher, key.n);
	if (block == NULL || nonce.n == 0)
		return false;
	j->block = EVP_CIPHER_CTX_new();
	assert(j->block);
	int ok = EVP_EncryptInit_ex(j->block, block, NULL, (const unsigned char *)key.p, NULL);
	ok &= EVP_CIPHER_CTX_set_padding(j->block, 0);
	assert(ok == 1);
	(void)ok;
	j->gcm = CRYPTO_gcm128_new(j->block, one_block);
	assert(j->gcm);
	CRYPTO_gcm128_setiv(j->gcm, (const unsigned char *)nonce.p, nonce.n);
	return ad.n == 0 || CRYPTO_gcm128_aad(j->gcm, (const unsigned char *)ad.p, ad.n) == 0;
}

static void end(struct job *j)
{
	CRYPTO_gcm128_release(j->gcm);
	EVP_CIPHER_CTX_free(j->block);
}

bool gcm_seal(enum gcm_cipher cipher, str key, str nonce, str ad, str from, unsigned char *to,
	unsigned char out_tag[GCM_TAG_BYTES])
{
	struct job j = {0};
	bool good =
		start(&j, cipher, key, nonce, ad) &&
		(from.n == 0 || CRYPTO_gcm128_encrypt(j.gcm, (const unsigned char *)from.p, to, from.n) == 0);
	if (good)
		CRYPTO_gcm128_tag(j.gcm, out_tag, GCM_TAG_BYTES);
	end(&j);
	return good;
}

bool gcm_open(enum gcm_cipher cipher, str key, str nonce, str ad, str from,
	const unsigned char tag[GCM_TAG_BYTES], unsigned char *to)
{
	struct job j = {0};
	bool good =
		start(&j, cipher, key, nonce, ad) &&
		(from.n == 0 || CRYPTO_gcm128_decrypt(j.gcm, (const unsigned char *)from.p, to, from.n) == 0);
	unsigned char made[GCM_TAG_BYTES];
	if (good)
		CRYPTO_gcm128_tag(j.gcm, made, GCM_TAG_BYTES);
	good = good && CRYPTO_memcmp(made, tag, GCM_TAG_BYTES) == 0;
	if (!good && from.n)
		OPENSSL_cleanse(to, from.n);
	end(&j);
	return good;
}
