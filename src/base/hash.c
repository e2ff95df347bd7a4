/* hash.c -- see hash.h. */
#include "base/hash.h"
#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <threads.h>

static const EVP_MD *md(enum hash_kind kind)
{
	return kind == HASH_SM3 ? EVP_sm3() : EVP_sha256();
}

/* One context a thread: making one costs twice a short hash, and so does looking the algorithm up by name. */
static EVP_MD *fetched[2];
static tss_t contexts;
static once_flag fetched_once = ONCE_FLAG_INIT;

static void context_free(void *ctx)
{
	EVP_MD_CTX_free(ctx);
}

static void fetch(void)
{
	fetched[HASH_SHA256] = EVP_MD_fetch(NULL, "SHA256", NULL);
	fetched[HASH_SM3] = EVP_MD_fetch(NULL, "SM3", NULL);
	int made = tss_create(&contexts, context_free);
	assert(fetched[0] && fetched[1] && made == thrd_success);
	(void)made;
}

struct hash hash_join(enum hash_kind kind, const str *parts, size_t n)
{
	static _Thread_local EVP_MD_CTX *ctx;
	if (ctx == NULL) {
		call_once(&fetched_once, fetch);
		ctx = EVP_MD_CTX_new();
		tss_set(contexts, ctx);
	}
	assert(ctx);
	/* A call for a part of few bytes costs more than the bytes: short parts are put together. */
	char together[512];
	size_t held = 0, most = 0;
	int ok = EVP_DigestInit_ex(ctx, fetched[kind], NULL);
	for (size_t i = 0; i < n && ok == 1; i++) {
		if (parts[i].n > sizeof together - held) {
			ok = EVP_DigestUpdate(ctx, together, held);
			held = 0;
		}
		if (parts[i].n > sizeof together) {
			ok = ok == 1 && EVP_DigestUpdate(ctx, parts[i].p, parts[i].n);
		} else if (parts[i].n) {
			memcpy(together + held, parts[i].p, parts[i].n);
			held += parts[i].n;
			most = held > most ? held : most;
		}
	}
	ok = ok == 1 && EVP_DigestUpdate(ctx, together, held);
	OPENSSL_cleanse(together, most); /* it may have been a key */
	struct hash out;
	unsigned bytes = HASH_BYTES;
	ok = ok == 1 && EVP_DigestFinal_ex(ctx, out.b, &bytes);
	assert(ok == 1 && bytes == HASH_BYTES);
	(void)ok;
	return out;
}

struct hash hash_of(enum hash_kind kind, str bytes)
{
	return hash_join(kind, &bytes, 1);
}

struct hash hash_sha256(str bytes)
{
	return hash_of(HASH_SHA256, bytes);
}

struct hash hash_hmac_join(enum hash_kind kind, str key, const str *parts, size_t n)
{
	/* FIPS 198-1; both hashes have blocks of 64 bytes. OpenSSL's HMAC() looks the algorithm up at every call. */
	char inner[64] = {0}, outer[64];
	str list[HMAC_PARTS_MAX + 1];
	struct hash h;
	assert(n <= HMAC_PARTS_MAX);
	if (key.n > sizeof inner) {
		h = hash_of(kind, key);
		memcpy(inner, h.b, HASH_BYTES);
	} else if (key.n) {
		memcpy(inner, key.p, key.n);
	}
	for (size_t i = 0; i < sizeof inner; i++) {
		outer[i] = (char)(inner[i] ^ 0x5c);
		inner[i] ^= 0x36;
	}
	list[0] = (str){inner, sizeof inner};
	for (size_t i = 0; i < n; i++)
		list[i + 1] = parts[i];
	h = hash_join(kind, list, n + 1);
	h = hash_join(kind, (str[]){{outer, sizeof outer}, {(const char *)h.b, HASH_BYTES}}, 2);
	OPENSSL_cleanse(inner, sizeof inner);
	OPENSSL_cleanse(outer, sizeof outer);
	return h;
}

struct hash hash_hmac(enum hash_kind kind, str key, str bytes)
{
	return hash_hmac_join(kind, key, &bytes, 1);
}

bool hash_eq(const struct hash *a, const struct hash *b)
{
	return CRYPTO_memcmp(a->b, b->b, HASH_BYTES) == 0;
}

void hasher_init(struct hasher *h, enum hash_kind kind)
{
	h->ctx = EVP_MD_CTX_new();
	assert(h->ctx);
	int ok = EVP_DigestInit_ex(h->ctx, md(kind), NULL);
	assert(ok == 1);
	(void)ok;
}

void hasher_add(struct hasher *h, str bytes)
{
	int ok = EVP_DigestUpdate(h->ctx, bytes.p, bytes.n);
	assert(ok);
	(void)ok;
}

struct hash hasher_end(struct hasher *h)
{
	struct hash out;
	unsigned n = HASH_BYTES;
	int ok = EVP_DigestFinal_ex(h->ctx, out.b, &n);
	assert(ok && n == HASH_BYTES);
	(void)ok;
	EVP_MD_CTX_free(h->ctx);
	h->ctx = NULL;
	return out;
}

void hex_text(const void *bytes, size_t n, char *out)
{
	static const char digit[] = "0123456789abcdef";
	const unsigned char *p = bytes;
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digit[p[i] >> 4];
		out[2 * i + 1] = digit[p[i] & 15];
	}
	out[2 * n] = 0;
}

str hex_str(struct arena *a, const void *bytes, size_t n)
{
	char *p = arena_alloc(a, 2 * n + 1);
	hex_text(bytes, n, p);
	return (str){p, 2 * n};
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool hex_parse(str hex, void *out, size_t out_bytes)
{
	if (hex.n != 2 * out_bytes)
		return false;
	for (size_t i = 0; i < hex.n; i++)
		if (hex_digit(hex.p[i]) < 0)
			return false;
	unsigned char *p = out;
	for (size_t i = 0; i < out_bytes; i++)
		p[i] = (unsigned char)(hex_digit(hex.p[2 * i]) * 16 + hex_digit(hex.p[2 * i + 1]));
	return true;
}
