/* files.h -- files that belong to rows: sealed, each by a key of its own, beside the database in CITY.files/ab/HASH.
 *
 *	51 46 ("QF") | 01 | suite | nonce | ciphertext | tag         the whole file; HASH = SHA-256 of these bytes
 *
 * What a row keeps (a field of type `file`, sealed like any sealed value) is "HASH KEY NAME": so the file opens only for
 * who can open the row, and a person's destroyed key destroys the person's files, in backups too. The hash tells a
 * damaged or exchanged file without any key. Files are synced before the job that names them; one that no row names is an
 * orphan and is swept after FILE_ORPHAN_HOURS. At most FILE_MAX_BYTES each. Pure but for the folder; thread-safe. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include <stdint.h>

enum { FILE_MAX_BYTES = 20 << 20, FILE_NAME_MAX_BYTES = 200, FILE_HASH_CHARS = 64, FILE_ORPHAN_HOURS = 24 };

struct file_ref {
	str hash, key, name;
};

/* CITY.files, by the key file's place (keyfile.h). */
str files_folder(struct arena *a, const char *db_url);
/* Seals and stores; *out_value is what the row keeps. `name` loses its folders and control characters. */
MUST_USE enum rc files_put(
	struct arena *a, const char *folder, int suite, str name, str bytes, str *out_value, struct err *err);
/* False: not the form of a kept value. */
bool file_ref_read(str value, struct file_ref *out);
/* RC_NOT_FOUND: the file is missing. RC_IO: damaged, exchanged, another key. */
MUST_USE enum rc files_get(
	struct arena *a, const char *folder, const struct file_ref *ref, str *out_bytes, struct err *err);
/* The stored file holds its hash; no key needed. */
MUST_USE enum rc files_check(const char *folder, str hash, struct err *err);
/* Every stored file: its hash and when it was stored. An absent folder holds none. */
MUST_USE enum rc files_each(const char *folder,
	enum rc (*visit)(void *user, str hash, const char *path, int64_t stored_at_ms, struct err *err),
	void *user, struct err *err);
/* Takes away what a program that was killed left half stored. */
void files_sweep(const char *folder);
