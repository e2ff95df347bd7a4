/* parcel.h -- several files in one, sealed to a recovery key: backups and copies of the key store.
 *
 *	"QINGHE PARCEL 1\n" | sealed box (80) | stream header (24) | chunks
 *
 * The box holds the stream's key for the recovery key alone (X25519 sealed box of libsodium; the key pair comes from the
 * root key, so the recovery sheet opens it and who only has the parcel does not). A chunk is its length (4 bytes,
 * big-endian), then at most PARCEL_CHUNK_BYTES of XChaCha20-Poly1305 secretstream; the last carries the final tag, so that
 * a parcel cut short is refused. Inside: entries of name length (2), name, size (8), bytes; a name of no length ends.
 * In the national suite too: the stream is the international one (docs/security.md). */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "guard/keyfile.h"
#include <stdint.h>

enum { PARCEL_CHUNK_BYTES = 64 << 10, PARCEL_NAME_MAX_BYTES = 300 };

struct recovery_key {
	unsigned char public[32], secret[32];
};
void recovery_key_of(const struct root_key *root, struct recovery_key *out); /* the caller wipes it */

struct parcel;
/* A new file, mode 0600; under a name of its own until parcel_end puts it in its place, durable. */
MUST_USE enum rc parcel_create(
	const char *path, const unsigned char public[32], struct parcel **out, struct err *err);
MUST_USE enum rc parcel_add(struct parcel *p, str name, str bytes, struct err *err);
MUST_USE enum rc parcel_add_file(struct parcel *p, str name, const char *path, struct err *err);
MUST_USE enum rc parcel_end(struct parcel *p, struct err *err); /* releases p, whatever happens */
void parcel_drop(struct parcel *p);                             /* a parcel not ended; NULL allowed */

/* RC_INVALID: no parcel, another recovery key. */
MUST_USE enum rc parcel_open(
	const char *path, const struct recovery_key *key, struct parcel **out, struct err *err);
/* The next entry; *out_name empty after the last, when all of the parcel was whole. What was not read is passed over. */
MUST_USE enum rc parcel_next(
	struct parcel *p, struct arena *a, str *out_name, uint64_t *out_size, struct err *err);
MUST_USE enum rc parcel_read(struct parcel *p, struct arena *a, size_t max_bytes, str *out, struct err *err);
MUST_USE enum rc parcel_save(
	struct parcel *p, const char *path, struct err *err); /* a new file, synced, 0600 */
