/* sign.c -- see sign.h. */
#include "base/sign.h"
#include <assert.h>
#include <sodium.h>

static_assert(SIGN_KEY_BYTES == crypto_sign_PUBLICKEYBYTES && SIGN_BYTES == crypto_sign_BYTES &&
		      SIGN_SEED_BYTES == crypto_sign_SEEDBYTES,
	"libsodium signs by Ed25519");

/* Half a million checks in a row: the empty slice must not cost a branch in there. */
static const unsigned char *bytes(str s)
{
	return (const unsigned char *)(s.p ? s.p : "");
}

void sign_secret_of(const unsigned char seed[SIGN_SEED_BYTES], struct sign_secret *out)
{
	crypto_sign_seed_keypair(out->key.b, out->expanded, seed);
}

void sign_forget(struct sign_secret *s)
{
	sodium_memzero(s, sizeof *s);
}

void sign_text(const struct sign_secret *s, str text, unsigned char out[SIGN_BYTES])
{
	crypto_sign_detached(out, NULL, bytes(text), text.n, s->expanded);
}

bool sign_check(const struct sign_key *key, str text, const unsigned char sig[SIGN_BYTES])
{
	return crypto_sign_verify_detached(sig, bytes(text), text.n, key->b) == 0;
}
