/* keystore.h -- the keys that seal values: one for each person, each case, and one for the city itself.
 *
 *	root key (keyfile.h) -> secret of a generation -> KEK -> key of a subject -> envelope (seal.h)
 *
 * They stand in a small SQLite file of their own beside the key file, CITY.keys (on both engines), and never in a backup
 * of the database: what it holds of a person is unreadable from the moment when the person's key is gone, in every
 * backup too. A subject is (kind, id): ("person", 812), ("city", 0), or the register and row of what belongs to nobody
 * else. Its key has a number, kid, that the envelope names; a kid is never given twice. kid 0 is the city's first key
 * file, before there were key stores: seal.c knows it.
 *
 * Wrapped: suite byte, nonce, ciphertext with tag; associated data says what it is (kind, id, kid, generation), so that
 * one subject's key cannot be put in the place of another's.
 * Order: new keys are durable (keystore_flush) before the rows that they seal; the writer does so before it commits a
 * batch. A batch that fails leaves keys without rows; keystore_sweep takes them away.
 * Shredding deletes the key (secure_delete, checkpoint TRUNCATE) and notes (kind, id, kid, day): the note outlives every
 * restore. Rotation makes a new generation, wraps every key anew in slices, then destroys the old generation's secret.
 * `epoch` moves with every shredding and rotation: another process drops what it has in memory.
 *
 * Thread-safe by one lock; only the writer's thread makes keys. */
#pragma once
#include "guard/keyfile.h"
#include <stdint.h>

struct keystore;

enum { DEK_BYTES = 32, KEYSTORE_ROTATE_DAYS = 35, KEYSTORE_ID_CHARS = 32, KEYSTORE_KIND_MAX_BYTES = 64 };

str keystore_path(struct arena *a, str key_path); /* CITY.key -> CITY.keys */
MUST_USE enum rc keystore_create(
	const char *path, const struct root_key *root, int64_t now_ms, struct err *err);
/* RC_NOT_FOUND: no such file. RC_INVALID: another city's root key. */
MUST_USE enum rc keystore_open(
	const char *path, const struct root_key *root, bool write, struct keystore **out, struct err *err);
void keystore_close(struct keystore *k); /* NULL allowed; what was not flushed is dropped */
const char *keystore_id(const struct keystore *k);
int keystore_suite(const struct keystore *k); /* aead.h: of new envelopes */
MUST_USE enum rc keystore_suite_set(struct keystore *k, int suite, struct err *err);
/* Other processes look anew at what they keep in memory, and at the index's generation. */
MUST_USE enum rc keystore_touch(struct keystore *k, struct err *err);
MUST_USE enum rc keystore_epoch(struct keystore *k, int64_t *out, struct err *err);

/* The key of that number. Where there is none: RC_NOT_FOUND when this subject was shredded, else RC_IO. The caller wipes
 * `out`. */
MUST_USE enum rc keystore_key(struct keystore *k, uint32_t kid, str kind, int64_t subject,
	unsigned char out[DEK_BYTES], struct err *err);
/* The subject's key, made where there is none. RC_DENIED: the subject was shredded. */
MUST_USE enum rc keystore_of(struct keystore *k, str kind, int64_t subject, uint32_t *out_kid,
	unsigned char out[DEK_BYTES], struct err *err);
MUST_USE enum rc keystore_flush(struct keystore *k, struct err *err);
void keystore_abandon(struct keystore *k);

struct shred_note {
	str kind;
	int64_t subject, at_ms;
	uint32_t kid;
	bool settled; /* the rows' side is done (register/shred.h) */
};
/* A subject without a key is noted all the same: it shall get none. */
MUST_USE enum rc keystore_shred(
	struct keystore *k, str kind, int64_t subject, int64_t now_ms, struct err *err);
MUST_USE enum rc keystore_notes(struct keystore *k, struct arena *a, bool open_only, struct shred_note **out,
	size_t *out_n, struct err *err);
MUST_USE enum rc keystore_settled(struct keystore *k, str kind, int64_t subject, struct err *err);
/* After a restore: every note is open again, those of `from` (an older or newer store's) are added, and the keys that
 * they name are deleted. */
MUST_USE enum rc keystore_replay(
	struct keystore *k, const struct shred_note *from, size_t n, struct err *err);

struct keystore_state {
	int64_t keys, shredded, generation, generation_at_ms;
	int suite;
};
MUST_USE enum rc keystore_state(struct keystore *k, struct keystore_state *out, struct err *err);
/* A new generation; every key wrapped anew; all older generations destroyed. */
MUST_USE enum rc keystore_rotate(struct keystore *k, int64_t now_ms, int64_t *out_keys, struct err *err);
/* Unwraps every key. RC_FOUND where some do not open. */
MUST_USE enum rc keystore_verify(struct keystore *k, int64_t *out_keys, int64_t *out_bad, struct err *err);
/* Deletes the keys of one kind whose subject `stands` denies. */
MUST_USE enum rc keystore_sweep(struct keystore *k, str kind,
	enum rc (*stands)(void *user, int64_t subject, bool *out, struct err *err), void *user,
	int64_t *out_gone, struct err *err);
/* A copy of the whole store as it stands, into a new file: still wrapped, of no use without the root key. */
MUST_USE enum rc keystore_copy(struct keystore *k, const char *path, struct err *err);
