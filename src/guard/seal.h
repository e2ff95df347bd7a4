/* seal.h -- sealed values: what stands on disk is an envelope, never the value.
 *
 * Envelope, version 1 (numbers big-endian):
 *
 *	51 45 | 01 | suite | flags | kid (4) | nonce | ciphertext | tag
 *
 * suite as in aead.h (1 XChaCha20-Poly1305, 2 SM4-CTR with HMAC-SM3): it says how long nonce and tag are; an unknown one
 * is refused. flags: 1 = padded to a multiple of 16 bytes (ISO/IEC 7816-4), so that its length does not tell 张三 from
 * 欧阳修. kid names the key, one for each subject (keystore.h). Associated data: the nine bytes of the head, then table
 * and column (each a byte of length, then the text), part, row and subject (8 bytes each): an envelope moved to another
 * row, column, part or person does not open. part is 0 for the row as it stands, the version for its history.
 *
 * A city from before version 1 has envelopes of an older form (01 00 nonce ciphertext tag, all under the key file's own
 * key, the place as text): they open as well, until the rewriter has moved them (register/reseal.h).
 *
 * Blind index: first 128 bits of HMAC(index key, kind 0x1F text), SHA-256 or SM3 by the city's suite, kept as 16 bytes;
 * equal texts of one kind are equal there, nothing else can be told. What equality leaks stands in docs/security.md.
 *
 * Keys lie on locked pages (locked.h). Opened subjects' keys are kept there too, SEAL_CACHE_KEYS of them; seal_fresh, once
 * a request, drops them when another process has shredded or rotated. Thread-safe after seal_open. Plain texts returned
 * live in the caller's arena: keep that arena short-lived. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "guard/keyfile.h"
#include <stdint.h>

struct seal;
struct keystore;

enum {
	SEAL_HEAD_BYTES = 9,
	SEAL_OVERHEAD_BYTES = SEAL_HEAD_BYTES + 24 + 32 + 16, /* at most this much longer than the value */
	BLIND_BYTES = 16,
	SEAL_PLAIN_MAX_BYTES = 64 << 20,
	SEAL_CACHE_KEYS = 65536 /* 36 bytes each */
};

struct blind {
	unsigned char b[BLIND_BYTES];
};

/* Where a value stands and whose it is. Names of at most 255 bytes. */
struct seal_place {
	str table, column;
	int64_t part, row;
	str kind; /* of the subject: keystore.h */
	int64_t subject;
};

#define SEAL_CITY STR("city") /* what belongs to no person */
#define SEAL_PERSON STR("person")

/* Makes a key file; refuses to overwrite. seed not 0: for demos and tests only, no secret. */
MUST_USE enum rc seal_create(const char *key_path, int suite, uint64_t seed, struct err *err);
/* The key file, and the key store beside it where there is one (write: for making keys as well). */
MUST_USE enum rc seal_open(const char *key_path, bool write, struct seal **out_seal, struct err *err);
/* The store that is not there yet; then it is open for writing. */
MUST_USE enum rc seal_make_store(struct seal *s, int64_t now_ms, struct err *err);
void seal_close(struct seal *s); /* NULL allowed */
bool seal_is_demo(const struct seal *s);
int seal_mode(const struct seal *s); /* enum crypto_suite: hashes and blind indexes of this city */
struct keystore *seal_store(
	struct seal *s); /* NULL: none (a city from before version 1, opened for reading) */
enum hash_kind seal_hash(const struct seal *s); /* SHA-256 or SM3 */

/* The writer, around a batch: what a batch has sealed opens after a commit only if its keys were flushed before it. */
MUST_USE enum rc seal_flush(struct seal *s, struct err *err);
void seal_abandon(struct seal *s);
MUST_USE enum rc seal_fresh(struct seal *s, struct err *err);

/* RC_DENIED where the subject was shredded. */
MUST_USE enum rc seal_put(struct arena *a, struct seal *s, const struct seal_place *at, str plain,
	str *out_envelope, struct err *err);
/* RC_NOT_FOUND: the subject's key was destroyed, the value is gone for good. RC_IO: it does not open (damage, wrong key,
 * wrong place). */
MUST_USE enum rc seal_get(struct arena *a, struct seal *s, const struct seal_place *at, str envelope,
	str *out_plain, struct err *err);
/* Version 1 and of the suite that is written now. */
bool seal_is_current(const struct seal *s, str envelope);
/* Destroys the key of a subject. */
MUST_USE enum rc seal_shred(struct seal *s, str kind, int64_t subject, int64_t now_ms, struct err *err);

/* Under the index key of the generation in use. Which one that is stands in the database (setting blind_generation,
 * register/reindex.h), so that hashes and generation change in one transaction; while the indexes are made anew there is a
 * next one as well, else it is 0. stale: another process may have moved them since -- ask before the snapshot, read them
 * inside, and hand them to seal_index_use, which only ever goes on: an older snapshot changes nothing, and a next one goes
 * only by becoming the one in use. Who asks for both asks for the next one first. */
struct blind seal_blind(struct seal *s, str kind, str text);
/* Under one of these two. */
struct blind seal_blind_at(struct seal *s, int64_t generation, str kind, str text);
int64_t seal_index_generation(const struct seal *s);
int64_t seal_index_next(const struct seal *s);
bool seal_index_stale(const struct seal *s);
void seal_index_use(struct seal *s, int64_t generation, int64_t next);
/* A key for one purpose ("csrf", "device"), derived from the root key. */
struct hash seal_key(struct seal *s, str purpose);
