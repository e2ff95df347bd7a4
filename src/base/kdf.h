/* kdf.h -- keys from keys, keys from passwords; over SHA-256 or SM3 (hash.h).
 *
 * hkdf: RFC 5869, extract and expand; for secrets that are random already. `info` names the purpose: two purposes, two
 * unrelated keys. An empty salt is 32 zero bytes (RFC 5869 2.2). At most KDF_MAX_BYTES come out; more is refused.
 * pbkdf2: RFC 8018 5.2, for what people type, where Argon2id (guard/password) is not allowed: the national suite wants
 * SM3. `rounds` at least 1; people's passwords deserve KDF_ROUNDS (a third of a second of SM3 on one core).
 * False: nothing was written. Neither keeps a copy of a secret; the caller wipes its own (sodium_memzero). */
#pragma once
#include "base/attr.h"
#include "base/hash.h"

enum { KDF_MAX_BYTES = 255 * HASH_BYTES, KDF_ROUNDS = 600000 };

MUST_USE bool hkdf(enum hash_kind kind, str secret, str salt, str info, void *out, size_t out_bytes);
MUST_USE bool pbkdf2(
	enum hash_kind kind, str password, str salt, uint32_t rounds, void *out, size_t out_bytes);
