/* password.h -- what a password may be, and its hash.
 *
 * Rules: 8 characters at least (15 are advised), 512 bytes at most, any character; none of the common ones, no run or
 * repetition, not the account's own name (ASVS 5.0, 6.2). No composition and no expiry, unless the city's policy is
 * `level3` (setting password_policy; GB/T 22239-2019, 8.1.4.1): three of four classes, and 90 days.
 * Hash: Argon2id of libsodium, 2 passes over 64 MiB, its own text form; in a national city (keyfile.h) PBKDF2-HMAC-SM3,
 * KDF_ROUNDS rounds: $pbkdf2-sm3$ROUNDS$SALT$HASH in hex. Either is recognised everywhere; the other one is "old". It takes
 * 0.1 to 0.4 s: never on a thread that serves pages or writes. */
#pragma once
#include "store/db.h"

enum { PASSWORD_MIN_CHARS = 8, PASSWORD_MAX_BYTES = 512, PASSWORD_LEVEL3_DAYS = 90 };
enum password_policy { PASSWORD_PLAIN, PASSWORD_LEVEL3 };

/* Which of the two new hashes are: once, when the process opens its city. Argon2id where it is not called. */
void password_national(bool national);
MUST_USE enum rc password_policy_of(struct db *db, enum password_policy *out, struct err *err);
/* RC_INVALID says which rule; the words never hold the password. */
MUST_USE enum rc password_rules(str password, str handle, enum password_policy policy, struct err *err);
MUST_USE enum rc password_hash(struct arena *a, str password, str *out_hash, struct err *err);
/* An empty hash (no such account, no password yet) takes as long and never matches. */
bool password_matches(str hash, str password);
bool password_is_old(str hash); /* made with weaker settings: hash it anew while the password is at hand */
bool password_has_expired(int64_t password_at_ms, int64_t now_ms, enum password_policy policy);
