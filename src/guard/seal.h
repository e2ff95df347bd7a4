/* seal.h -- sealed values: what stands on disk is an envelope, never the value.
 *
 * Envelope: 1 byte suite (1 = XChaCha20-Poly1305 of libsodium), 1 byte key generation, 24 bytes nonce, ciphertext with
 * tag. The value is padded to a multiple of 16 bytes (ISO/IEC 7816-4), so that its length does not tell 张三 from
 * 欧阳修. The place where the value stands (register.field:row) is bound in as associated data: an envelope moved to
 * another row does not open. Key: 32 random bytes in the key file beside the database (CITY.key, mode 0600), made by
 * `init`; every use derives its own key by HKDF-style HMAC-SHA-256(key, "qinghe:" purpose). The full key hierarchy
 * (per person, generations, shredding) replaces the key file behind these same functions.
 *
 * Blind index: first 128 bits of HMAC-SHA-256(index key, kind 0x1F text), kept as 16 bytes; equal texts of one kind are
 * equal there, nothing else can be told. What equality leaks stands in docs/security.md.
 *
 * The key in memory lies on a page of its own that is locked, not dumped and not inherited by fork.
 * Thread-safe after seal_open. Plain texts returned live in the caller's arena: keep that arena short-lived. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include <stdint.h>

struct seal;
/* At most this much longer than the value. */
enum { SEAL_OVERHEAD_BYTES = 1 + 1 + 24 + 16 + 16, BLIND_BYTES = 16, SEAL_PLAIN_MAX_BYTES = 64 << 20 };

struct blind {
	unsigned char b[BLIND_BYTES];
};

/* Path of the key file of a database URL: FILE.key for a file, $QINGHE_KEY or qinghe-SCHEMA.key else. */
str seal_path(struct arena *a, const char *db_url);
MUST_USE enum rc seal_create(const char *key_path, struct err *err); /* refuses to overwrite */
/* A key from a seed, for demos and tests only: written to the file like a real one, marked as demo. */
MUST_USE enum rc seal_create_seeded(const char *key_path, uint64_t seed, struct err *err);
MUST_USE enum rc seal_open(const char *key_path, struct seal **out_seal, struct err *err);
void seal_close(struct seal *s);
bool seal_is_demo(const struct seal *s);

str seal_put(struct arena *a, struct seal *s, str place, str plain);
/* RC_IO when the envelope does not open (damage, wrong key, wrong place). */
MUST_USE enum rc seal_get(
	struct arena *a, struct seal *s, str place, str envelope, str *out_plain, struct err *err);
struct blind seal_blind(struct seal *s, str kind, str text);
/* A key for one purpose ("csrf", "device"), derived as above. */
struct hash seal_key(struct seal *s, str purpose);
