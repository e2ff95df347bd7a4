/* keyfile.h -- the file of a city's root key, CITY.key: mode 0600, never in a backup, never in the database.
 *
 *	qinghe-key 2
 *	suite international | national
 *	root HEX                     32 random bytes
 *	  or: locked SALT SEALED     the same under a passphrase (Argon2id, 256 MB, 3 passes; XChaCha20-Poly1305)
 *	demo                         only in a demo's: made from a seed, no secret
 *
 * The first form ("qinghe-key 1", the key, perhaps "demo") is read as an international one. A passphrase stands in the
 * file that $QINGHE_PASSPHRASE_FILE names (/dev/stdin: it is typed), or in the service manager's credential
 * qinghe.passphrase; the key file itself may be the credential qinghe.key where none stands beside the database.
 * Losing the file and both shares of its recovery sheet (shares.h) loses every sealed value. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"

enum crypto_suite { CRYPTO_INTERNATIONAL = 1, CRYPTO_NATIONAL = 2 }; /* as in aead.h; hashes: SHA-256, SM3 */

struct root_key {
	struct hash root;
	int suite;
	bool demo, locked;
};

/* Path of the key file of a database URL: FILE.key for a file, $QINGHE_KEY or qinghe-SCHEMA.key else. */
str keyfile_path(struct arena *a, const char *db_url);
/* What lies beside it under the city's name: CITY.files, CITY.model, … (register/beside.h) */
str keyfile_beside(struct arena *a, const char *db_url, const char *what);
void keyfile_draw(struct root_key *out, int suite);                  /* from the system's random numbers */
void keyfile_seeded(struct root_key *out, int suite, uint64_t seed); /* demos and tests */
/* A new file; RC_CONFLICT where one stands. passphrase may be empty. Durable when it returns. */
MUST_USE enum rc keyfile_write(const char *path, const struct root_key *k, str passphrase, struct err *err);
/* The same over the file that stands, whole or not at all. */
MUST_USE enum rc keyfile_replace(const char *path, const struct root_key *k, str passphrase, struct err *err);
/* The caller wipes *out. RC_INVALID: open to others, damaged, a wrong or missing passphrase. */
MUST_USE enum rc keyfile_read(const char *path, struct root_key *out, struct err *err);
/* The passphrase as said above; empty where none is given. */
MUST_USE enum rc keyfile_passphrase(struct arena *a, str *out, struct err *err);
