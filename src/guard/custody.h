/* custody.h -- notes that the server itself cannot open: sealed to the people of a case and to nobody else.
 *
 * A counsellor has a key pair (X25519). The secret half stands in the database under a password that only she knows
 * (Argon2id, 64 MB, 3 passes; XChaCha20-Poly1305) and is unlocked in memory when she signs in. A note has a key of its
 * own, sealed to each reader's public key (sealed boxes) and to nobody's KEK: who steals server, database, key store and
 * root key opens none of them. Recovery is by two custodians together: the note's key is parted in two (XOR), one half
 * sealed to each; neither alone has anything.
 *
 *	51 43 ("QC") | 01 | suite | readers n (1) | n x [person (8) | box (80)] | 2 x [person (8) | box (80)]
 *	| nonce | ciphertext | tag
 *
 * Everything before the nonce, and the place (seal.h), is associated data: a reader cannot be added, a half exchanged, a
 * note moved. Writing takes public keys only. To let another reader in, one who can read opens and seals anew.
 * Pure but for random numbers; no memory of its own. The caller wipes secrets (custody_forget). */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "guard/seal.h"
#include <stdint.h>

enum {
	CUSTODY_KEY_BYTES = 32,
	CUSTODY_READERS_MAX = 32,
	CUSTODY_PASSWORD_MIN_BYTES = 8,
	CUSTODY_LOCKED_BYTES = 1 + 16 + 24 + CUSTODY_KEY_BYTES + 16
};

struct custody_public {
	int64_t person;
	unsigned char b[CUSTODY_KEY_BYTES];
};
struct custody_secret {
	struct custody_public public;
	unsigned char b[CUSTODY_KEY_BYTES];
};

/* A new pair; *out_locked is what the database keeps. */
MUST_USE enum rc custody_make(struct arena *a, int64_t person, str password,
	struct custody_public *out_public, str *out_locked, struct err *err);
/* RC_DENIED: another password, or a locked key that is not this public key's. */
MUST_USE enum rc custody_unlock(const struct custody_public *public, str locked, str password,
	struct custody_secret *out, struct err *err);
/* The same key under another password. */
MUST_USE enum rc custody_relock(
	struct arena *a, const struct custody_secret *secret, str password, str *out_locked, struct err *err);
void custody_forget(struct custody_secret *s);

/* readers: at least one. custodians: two different people. */
MUST_USE enum rc custody_seal(struct arena *a, int suite, const struct custody_public *readers, size_t n,
	const struct custody_public custodians[2], const struct seal_place *at, str plain, str *out,
	struct err *err);
bool custody_is(str envelope); /* is it one of these? */
/* RC_DENIED: not a reader of this note. RC_IO: damaged or moved. */
MUST_USE enum rc custody_open(struct arena *a, const struct custody_secret *reader,
	const struct seal_place *at, str envelope, str *out_plain, struct err *err);
/* Both custodians together, in either order. */
MUST_USE enum rc custody_recover(struct arena *a, const struct custody_secret custodians[2],
	const struct seal_place *at, str envelope, str *out_plain, struct err *err);
/* Who may open it: readers, then the two custodians. */
size_t custody_people(str envelope, int64_t out[CUSTODY_READERS_MAX + 2]);
