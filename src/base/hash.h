/* hash.h -- SHA-256 and SM3 (OpenSSL), HMAC over either, hex. One-shot and streaming. */
#pragma once
#include "base/arena.h"
#include "base/str.h"

enum { HASH_BYTES = 32, HEX_BYTES = 2 * HASH_BYTES + 1 };
enum hash_kind { HASH_SHA256, HASH_SM3 };

struct hash {
	unsigned char b[HASH_BYTES];
};

struct hasher {
	void *ctx;
};

struct hash hash_of(enum hash_kind kind, str bytes);
struct hash hash_sha256(str bytes);
/* Of several slices one behind the other, without joining them; the fast road for short inputs (0.13 us each: the
 * context is kept by the thread). */
struct hash hash_join(enum hash_kind kind, const str *parts, size_t n);
struct hash hash_hmac(enum hash_kind kind, str key, str bytes);
enum { HMAC_PARTS_MAX = 8 };
struct hash hash_hmac_join(enum hash_kind kind, str key, const str *parts, size_t n); /* over them joined */
bool hash_eq(const struct hash *a, const struct hash *b);                             /* in constant time */

void hasher_init(struct hasher *h, enum hash_kind kind);
void hasher_add(struct hasher *h, str bytes);
struct hash hasher_end(struct hasher *h); /* and releases it */

void hex_text(const void *bytes, size_t n, char *out); /* 2n + 1 bytes */
str hex_str(struct arena *a, const void *bytes, size_t n);
bool hex_parse(str hex, void *out, size_t out_bytes); /* exactly 2 * out_bytes digits, either case */
