/* sign.h -- Ed25519 signatures (RFC 8032), by libsodium. The one place that signs and checks; only the stand-alone
 * verifier of a vote's board (service/contest/board_verify.c), which must share nothing with us, does it again.
 *
 * A key is 32 bytes and public. A secret comes from a seed of 32 random bytes; wipe it (sign_forget) when done.
 * Signing is deterministic: one text, one signature. Checking is the strict one: a second writing of S, a key or R of
 * small order or in a second writing is refused, so that nobody can make another valid signature out of one. */
#pragma once
#include "base/attr.h"
#include "base/str.h"

enum { SIGN_KEY_BYTES = 32, SIGN_BYTES = 64, SIGN_SEED_BYTES = 32 };

struct sign_key {
	unsigned char b[SIGN_KEY_BYTES];
};

struct sign_secret {
	unsigned char expanded[64]; /* libsodium's form: seed, then key */
	struct sign_key key;
};

void sign_secret_of(const unsigned char seed[SIGN_SEED_BYTES], struct sign_secret *out);
void sign_forget(struct sign_secret *s);
void sign_text(const struct sign_secret *s, str text, unsigned char out[SIGN_BYTES]);
MUST_USE bool sign_check(const struct sign_key *key, str text, const unsigned char sig[SIGN_BYTES]);
