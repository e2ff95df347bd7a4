/* keystore_in.h -- what the files of the key store share; private to guard/keystore*.c. */
#pragma once
#include "base/aead.h"
#include "guard/keystore.h"
#include "store/db.h"
#include <pthread.h>

enum {
	KS_GENERATIONS_MAX = 8,
	KS_WRAPPED_MAX_BYTES = 1 + AEAD_NONCE_MAX_BYTES + DEK_BYTES + AEAD_TAG_MAX_BYTES
};
#define KS_NOTHING INT64_MIN

struct generation {
	int64_t n;
	unsigned char kek[DEK_BYTES];
};

struct ring { /* on locked pages */
	struct hash root;
	struct generation list[KS_GENERATIONS_MAX];
	size_t n;
};

struct keystore {
	pthread_mutex_t lock;
	char path[4096], id[KEYSTORE_ID_CHARS + 1];
	struct ring *ring;
	int root_suite, suite;
	bool demo, write, writing;
	int64_t next_kid;
	long sync_faults;
	struct db *r, *w;
};

struct ks_ad {
	unsigned char b[3 * 8 + KEYSTORE_KIND_MAX_BYTES + 8];
	size_t n;
};

/* All under k->lock. */
MUST_USE enum rc ks_begin(
	struct keystore *k, struct err *err); /* a transaction, unless one is open; the ring read anew */
MUST_USE enum rc ks_finish(
	struct keystore *k, enum rc rc, struct err *err); /* commits when rc is RC_OK, else undoes */
MUST_USE enum rc ks_open_w(struct keystore *k, struct err *err);
MUST_USE enum rc ks_run(
	struct db *db, const char *sql, int64_t v, struct err *err); /* v KS_NOTHING: no parameter */
MUST_USE enum rc ks_epoch_on(struct keystore *k, struct err *err);
struct ks_ad ks_ad(str kind, int64_t subject, int64_t kid, int64_t generation);
str ks_wrap(const struct keystore *k, const unsigned char kek[DEK_BYTES], const struct ks_ad *ad,
	const unsigned char secret[DEK_BYTES], unsigned char out[KS_WRAPPED_MAX_BYTES]);
MUST_USE enum rc ks_open_key(struct keystore *k, str kind, int64_t subject, int64_t kid, int64_t generation,
	str wrapped, unsigned char out[DEK_BYTES], struct err *err);
const struct generation *ks_newest(const struct keystore *k);
MUST_USE enum rc ks_add_generation(struct keystore *k, int64_t n, int64_t now_ms, struct err *err);
MUST_USE enum rc ks_load_generations(struct keystore *k, struct db *db, struct err *err);
MUST_USE enum rc ks_empty_log(struct keystore *k, struct err *err);
