/* kdf.c -- see kdf.h. */
#include "base/kdf.h"
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

bool hkdf(enum hash_kind kind, str secret, str salt, str info, void *out, size_t out_bytes)
{
	if (out_bytes > KDF_MAX_BYTES)
		return false;
	/* HMAC fills a short key with zeros: an empty salt needs no zeros of ours. */
	struct hash extracted = hash_hmac(kind, salt, secret), block = {{0}};
	str key = {(const char *)extracted.b, HASH_BYTES};
	unsigned char *to = out, count = 0;
	for (size_t done = 0; done < out_bytes; done += HASH_BYTES) {
		size_t n = out_bytes - done < HASH_BYTES ? out_bytes - done : HASH_BYTES;
		count++;
		const str parts[] = {
			{(const char *)block.b, count > 1 ? HASH_BYTES : 0}, info, {(const char *)&count, 1}};
		block = hash_hmac_join(kind, key, parts, 3);
		memcpy(to + done, block.b, n);
	}
	OPENSSL_cleanse(&extracted, sizeof extracted);
	OPENSSL_cleanse(&block, sizeof block);
	return true;
}

bool pbkdf2(enum hash_kind kind, str password, str salt, uint32_t rounds, void *out, size_t out_bytes)
{
	if (rounds == 0 || rounds > INT_MAX || password.n > INT_MAX || salt.n > INT_MAX || out_bytes == 0 ||
		out_bytes > INT_MAX)
		return false;
	return PKCS5_PBKDF2_HMAC(password.p ? password.p : "", (int)password.n,
		       (const unsigned char *)(salt.p ? salt.p : ""), (int)salt.n, (int)rounds,
		       kind == HASH_SM3 ? EVP_sm3() : EVP_sha256(), (int)out_bytes, out) == 1;
}
