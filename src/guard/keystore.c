/* keystore.c -- see keystore.h. The store is SQLite's whatever engine the city is on; its statements (K_...) are not
 * the city's and stand on its own tables.
 *
 * Invariants:
 *   1. k->lock is held wherever r, w or a generation's KEK is touched.
 *   2. A transaction is open on w exactly while `writing`.
 *   3. A wrapped key names in its associated data all that stands beside it in its row. */
#include "base/kdf.h"
#include "base/rand.h"
#include "guard/keystore_in.h"
#include "guard/locked.h"
#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

static const char TABLES[] =
	"CREATE TABLE ring(one INTEGER PRIMARY KEY CHECK (one = 1), form INTEGER NOT NULL, id TEXT NOT NULL,"
	" suite INTEGER NOT NULL, next_kid INTEGER NOT NULL, epoch INTEGER NOT NULL) STRICT;"
	"CREATE TABLE generation(n INTEGER PRIMARY KEY, wrapped BLOB NOT NULL, made_at INTEGER NOT NULL) "
	"STRICT;"
	"CREATE TABLE dek(kid INTEGER PRIMARY KEY, kind TEXT NOT NULL, subject INTEGER NOT NULL,"
	" generation INTEGER NOT NULL, wrapped BLOB NOT NULL, UNIQUE (kind, subject)) STRICT;"
	"CREATE INDEX dek_generation ON dek(generation);"
	"CREATE TABLE shredded(kind TEXT NOT NULL, subject INTEGER NOT NULL, kid INTEGER NOT NULL,"
	" at INTEGER NOT NULL, settled INTEGER NOT NULL, PRIMARY KEY (kind, subject)) STRICT, WITHOUT ROWID;";
static const char K_RING_ADD[] = "INSERT INTO ring VALUES (1, 1, ?1, ?2, 1, 0)";
static const char K_RING[] = "SELECT id, suite, next_kid FROM ring WHERE one = 1 AND form = 1";
static const char K_NEXT[] = "UPDATE ring SET next_kid = ?1 WHERE one = 1";
static const char K_SUITE[] = "UPDATE ring SET suite = ?1 WHERE one = 1";
static const char K_EPOCH[] = "SELECT epoch FROM ring WHERE one = 1";
static const char K_EPOCH_ON[] = "UPDATE ring SET epoch = epoch + 1 WHERE one = 1";
static const char K_GENERATIONS[] = "SELECT n, wrapped FROM generation ORDER BY n";
static const char K_GENERATION_ADD[] = "INSERT INTO generation VALUES (?1, ?2, ?3)";
static const char K_KEY[] = "SELECT kind, subject, generation, wrapped FROM dek WHERE kid = ?1";
static const char K_KEY_OF[] = "SELECT kid, generation, wrapped FROM dek WHERE kind = ?1 AND subject = ?2";
static const char K_KEY_ADD[] = "INSERT INTO dek VALUES (?1, ?2, ?3, ?4, ?5)";
static const char K_NOTE_OF[] = "SELECT 1 FROM shredded WHERE kind = ?1 AND subject = ?2";

str keystore_path(struct arena *a, str key_path)
{
	return arena_fmt(a, "%.*ss", STR_ARG(key_path));
}

/* ---- wrapping ---- */

static void put_u64(struct ks_ad *ad, uint64_t v)
{
	for (int i = 7; i >= 0; i--)
		ad->b[ad->n++] = (unsigned char)(v >> (8 * i));
}

/* Three numbers of 8 bytes, then the kind: nothing can wander. */
struct ks_ad ks_ad(str kind, int64_t subject, int64_t kid, int64_t generation)
{
	struct ks_ad ad = {.n = 0};
	assert(kind.n <= KEYSTORE_KIND_MAX_BYTES);
	put_u64(&ad, (uint64_t)subject);
	put_u64(&ad, (uint64_t)kid);
	put_u64(&ad, (uint64_t)generation);
	memcpy(ad.b + ad.n, kind.p, kind.n);
	ad.n += kind.n;
	return ad;
}

static void draw(const struct keystore *k, unsigned char *out, size_t n)
{
	if (k->demo) /* a seeded source is for a demo's keys alone */
		rand_bytes(out, n);
	else
		randombytes_buf(out, n);
}

str ks_wrap(const struct keystore *k, const unsigned char kek[DEK_BYTES], const struct ks_ad *ad,
	const unsigned char secret[DEK_BYTES], unsigned char out[KS_WRAPPED_MAX_BYTES])
{
	size_t nonce_n = aead_nonce_bytes(k->root_suite);
	out[0] = (unsigned char)k->root_suite;
	draw(k, out + 1, nonce_n);
	aead_seal(k->root_suite, kek, (str){(const char *)out + 1, nonce_n},
		(str){(const char *)ad->b, ad->n}, (str){(const char *)secret, DEK_BYTES}, out + 1 + nonce_n);
	return (str){(const char *)out, 1 + nonce_n + DEK_BYTES + aead_tag_bytes(k->root_suite)};
}

static bool unwrap(
	const unsigned char kek[DEK_BYTES], const struct ks_ad *ad, str wrapped, unsigned char out[DEK_BYTES])
{
	int suite = wrapped.n ? (unsigned char)wrapped.p[0] : 0;
	size_t nonce_n = aead_nonce_bytes(suite);
	if (nonce_n == 0 || wrapped.n != 1 + nonce_n + DEK_BYTES + aead_tag_bytes(suite))
		return false;
	return aead_open(suite, kek, (str){wrapped.p + 1, nonce_n}, (str){(const char *)ad->b, ad->n},
		str_from(wrapped, 1 + nonce_n), out);
}

static enum hash_kind hash_kind(const struct keystore *k)
{
	return k->root_suite == CRYPTO_NATIONAL ? HASH_SM3 : HASH_SHA256;
}

/* What wraps the generations' secrets: the root key's own for this purpose. */
static void generation_key(const struct keystore *k, unsigned char out[DEK_BYTES])
{
	bool good = hkdf(hash_kind(k), (str){(const char *)k->ring->root.b, HASH_BYTES}, str_of(k->id),
		STR("qinghe generation"), out, DEK_BYTES);
	assert(good);
}

static void take_generation(struct keystore *k, int64_t n, const unsigned char secret[DEK_BYTES])
{
	struct generation *g = &k->ring->list[k->ring->n++];
	g->n = n;
	bool good = hkdf(hash_kind(k), (str){(const char *)secret, DEK_BYTES},
		(str){(const char *)k->ring->root.b, HASH_BYTES}, STR("qinghe kek subjects"), g->kek,
		DEK_BYTES);
	assert(good);
}

static const struct generation *generation_of(const struct keystore *k, int64_t n)
{
	for (size_t i = 0; i < k->ring->n; i++)
		if (k->ring->list[i].n == n)
			return &k->ring->list[i];
	return NULL;
}

const struct generation *ks_newest(const struct keystore *k)
{
	return &k->ring->list[k->ring->n - 1];
}

/* ---- the connections ---- */

enum rc ks_run(struct db *db, const char *sql, int64_t v, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, sql, &s, err));
	if (v != KS_NOTHING)
		stmt_bind_i64(s, 1, v);
	return stmt_run(s, err);
}

enum rc ks_open_w(struct keystore *k, struct err *err)
{
	if (k->w && db_sync_faults() == k->sync_faults)
		return RC_OK;
	db_close(k->w);
	k->w = NULL;
	k->sync_faults = db_sync_faults();
	TRY(db_open(k->path, DB_WRITE, &k->w, err));
	return db_exec(k->w, "PRAGMA secure_delete = ON", err);
}

/* The secrets that stand in the file, anew: another process may have rotated. */
enum rc ks_load_generations(struct keystore *k, struct db *db, struct err *err)
{
	struct stmt *s;
	bool row;
	unsigned char key[DEK_BYTES], secret[DEK_BYTES];
	enum rc rc = RC_OK;
	k->ring->n = 0;
	TRY(db_prepare(db, K_GENERATIONS, &s, err));
	generation_key(k, key);
	for (;;) {
		rc = stmt_step(s, &row, err);
		if (rc != RC_OK || !row)
			break;
		struct ks_ad ad = ks_ad(STR("generation"), 0, 0, stmt_i64(s, 0));
		if (k->ring->n == KS_GENERATIONS_MAX || !unwrap(key, &ad, stmt_blob(s, 1), secret)) {
			rc = FAIL(err, RC_INVALID, "the key file does not open the key store %s", k->path);
			stmt_reset(s);
			break;
		}
		take_generation(k, stmt_i64(s, 0), secret);
	}
	sodium_memzero(key, sizeof key);
	sodium_memzero(secret, sizeof secret);
	if (rc == RC_OK && k->ring->n == 0)
		rc = FAIL(err, RC_IO, "the key store %s holds no generation of keys", k->path);
	return rc;
}

static enum rc load_ring(struct keystore *k, struct db *db, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, K_RING, &s, err));
	TRY(stmt_step(s, &row, err));
	if (!row)
		return FAIL(err, RC_INVALID, "%s is not a key store of this program", k->path);
	snprintf(k->id, sizeof k->id, "%.*s", STR_ARG(stmt_text(s, 0)));
	k->suite = (int)stmt_i64(s, 1);
	k->next_kid = stmt_i64(s, 2);
	stmt_reset(s);
	return ks_load_generations(k, db, err);
}

enum rc ks_begin(struct keystore *k, struct err *err)
{
	if (k->writing)
		return RC_OK;
	if (!k->write)
		return FAIL(err, RC_INVALID, "the key store is open for reading only");
	TRY(ks_open_w(k, err));
	TRY(db_begin(k->w, err));
	k->writing = true;
	return load_ring(k, k->w, err);
}

static void drop(struct keystore *k)
{
	if (k->writing)
		db_rollback(k->w);
	k->writing = false;
}

enum rc ks_finish(struct keystore *k, enum rc rc, struct err *err)
{
	if (rc == RC_OK && k->writing)
		rc = db_commit(k->w, err);
	if (rc == RC_OK) {
		k->writing = false;
		return RC_OK;
	}
	drop(k);
	db_close(k->w); /* whatever it was, the next one begins on a connection of its own */
	k->w = NULL;
	return rc == RC_UNKNOWN ? RC_IO : rc;
}

static struct keystore *blank(const char *path, const struct root_key *root, struct err *err)
{
	struct keystore *k = mem_resize(NULL, sizeof *k);
	*k = (struct keystore){.root_suite = root->suite, .suite = root->suite, .demo = root->demo};
	k->ring = locked_new(sizeof *k->ring);
	pthread_mutex_init(&k->lock, NULL);
	snprintf(k->path, sizeof k->path, "%s", path);
	if (k->ring == NULL) {
		keystore_close(k);
		(void)FAIL(err, RC_IO, "no memory for the keys");
		return NULL;
	}
	k->ring->root = root->root;
	return k;
}

enum rc ks_add_generation(struct keystore *k, int64_t n, int64_t now_ms, struct err *err)
{
	struct stmt *s;
	unsigned char key[DEK_BYTES], secret[DEK_BYTES], wrapped[KS_WRAPPED_MAX_BYTES];
	struct ks_ad ad = ks_ad(STR("generation"), 0, 0, n);
	TRY(db_prepare(k->w, K_GENERATION_ADD, &s, err));
	generation_key(k, key);
	draw(k, secret, sizeof secret);
	stmt_bind_i64(s, 1, n);
	stmt_bind_blob(s, 2, ks_wrap(k, key, &ad, secret, wrapped));
	stmt_bind_i64(s, 3, now_ms);
	enum rc rc = stmt_run(s, err);
	if (rc == RC_OK)
		take_generation(k, n, secret);
	sodium_memzero(key, sizeof key);
	sodium_memzero(secret, sizeof secret);
	return rc;
}

static enum rc fill_new(struct keystore *k, int64_t now_ms, struct err *err)
{
	unsigned char id[KEYSTORE_ID_CHARS / 2];
	struct stmt *s;
	draw(k, id, sizeof id);
	hex_text(id, sizeof id, k->id);
	TRY(db_open(k->path, DB_CREATE, &k->w, err));
	TRY(db_begin(k->w, err));
	k->writing = true;
	TRY(db_exec(k->w, TABLES, err));
	TRY(db_prepare(k->w, K_RING_ADD, &s, err));
	stmt_bind_text(s, 1, str_of(k->id));
	stmt_bind_i64(s, 2, k->suite);
	TRY(stmt_run(s, err));
	return ks_add_generation(k, 1, now_ms, err);
}

enum rc keystore_create(const char *path, const struct root_key *root, int64_t now_ms, struct err *err)
{
	struct keystore *k = blank(path, root, err);
	if (k == NULL)
		return RC_IO;
	enum rc rc = ks_finish(k, fill_new(k, now_ms, err), err);
	keystore_close(k);
	return rc;
}

enum rc keystore_open(
	const char *path, const struct root_key *root, bool write, struct keystore **out, struct err *err)
{
	if (access(path, F_OK) != 0)
		return FAIL(err, RC_NOT_FOUND,
			"the key store %s is missing: bring it back with “qinghe key import”", path);
	struct keystore *k = blank(path, root, err);
	if (k == NULL)
		return RC_IO;
	k->write = write;
	enum rc rc = db_open(path, DB_READ, &k->r, err);
	if (rc == RC_OK)
		rc = load_ring(k, k->r, err);
	if (rc != RC_OK) {
		keystore_close(k);
		return rc;
	}
	*out = k;
	return RC_OK;
}

void keystore_close(struct keystore *k)
{
	if (k == NULL)
		return;
	drop(k);
	db_close(k->r);
	db_close(k->w);
	pthread_mutex_destroy(&k->lock);
	locked_free(k->ring, sizeof *k->ring);
	mem_resize(k, 0);
}

const char *keystore_id(const struct keystore *k)
{
	return k->id;
}

int keystore_suite(const struct keystore *k)
{
	return k->suite;
}

enum rc ks_epoch_on(struct keystore *k, struct err *err)
{
	return ks_run(k->w, K_EPOCH_ON, KS_NOTHING, err);
}

enum rc keystore_touch(struct keystore *k, struct err *err)
{
	pthread_mutex_lock(&k->lock);
	enum rc rc = ks_begin(k, err);
	if (rc == RC_OK)
		rc = ks_epoch_on(k, err);
	rc = ks_finish(k, rc, err);
	pthread_mutex_unlock(&k->lock);
	return rc;
}

enum rc keystore_suite_set(struct keystore *k, int suite, struct err *err)
{
	pthread_mutex_lock(&k->lock);
	enum rc rc = ks_begin(k, err);
	if (rc == RC_OK)
		rc = ks_run(k->w, K_SUITE, suite, err);
	if (rc == RC_OK)
		rc = ks_epoch_on(k, err);
	rc = ks_finish(k, rc, err);
	if (rc == RC_OK)
		k->suite = suite;
	pthread_mutex_unlock(&k->lock);
	return rc;
}

static enum rc one_number(struct db *db, const char *sql, int64_t *out, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, sql, &s, err));
	TRY(stmt_number(s, out, err));
	return RC_OK;
}

enum rc keystore_epoch(struct keystore *k, int64_t *out, struct err *err)
{
	pthread_mutex_lock(&k->lock);
	enum rc rc = one_number(k->r, K_EPOCH, out, err);
	pthread_mutex_unlock(&k->lock);
	return rc;
}

/* ---- keys ---- */

enum rc ks_open_key(struct keystore *k, str kind, int64_t subject, int64_t kid, int64_t generation,
	str wrapped, unsigned char out[DEK_BYTES], struct err *err)
{
	struct ks_ad ad = ks_ad(kind, subject, kid, generation);
	const struct generation *g = generation_of(k, generation);
	if (g == NULL) /* rotated by another process */
		TRY(ks_load_generations(k, k->writing ? k->w : k->r, err));
	if (g == NULL)
		g = generation_of(k, generation);
	if (g == NULL || !unwrap(g->kek, &ad, wrapped, out))
		return FAIL(err, RC_IO, "key %lld of the key store does not open", (long long)kid);
	return RC_OK;
}

/* Looks on one connection; *out_there tells. */
static enum rc find_kid(struct keystore *k, struct db *db, uint32_t kid, unsigned char out[DEK_BYTES],
	bool *out_there, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, K_KEY, &s, err));
	stmt_bind_i64(s, 1, kid);
	TRY(stmt_step(s, out_there, err));
	if (!*out_there)
		return RC_OK;
	enum rc rc = ks_open_key(
		k, stmt_text(s, 0), stmt_i64(s, 1), kid, stmt_i64(s, 2), stmt_blob(s, 3), out, err);
	stmt_reset(s);
	return rc;
}

static enum rc noted(struct db *db, str kind, int64_t subject, bool *out, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, K_NOTE_OF, &s, err));
	stmt_bind_text(s, 1, kind);
	stmt_bind_i64(s, 2, subject);
	TRY(stmt_step(s, out, err));
	stmt_reset(s);
	return RC_OK;
}

static enum rc key_by_kid(
	struct keystore *k, uint32_t kid, str kind, int64_t subject, unsigned char *out, struct err *err)
{
	bool there = false, gone = false;
	TRY(find_kid(k, k->r, kid, out, &there, err));
	if (!there && k->writing)
		TRY(find_kid(k, k->w, kid, out, &there, err));
	if (there)
		return RC_OK;
	TRY(noted(k->r, kind, subject, &gone, err));
	return gone ? FAIL(err, RC_NOT_FOUND, "the key of this value was destroyed")
		    : FAIL(err, RC_IO, "the key store holds no key %u", kid);
}

enum rc keystore_key(struct keystore *k, uint32_t kid, str kind, int64_t subject,
	unsigned char out[DEK_BYTES], struct err *err)
{
	pthread_mutex_lock(&k->lock);
	enum rc rc = key_by_kid(k, kid, kind, subject, out, err);
	pthread_mutex_unlock(&k->lock);
	return rc;
}

static enum rc find_subject(struct keystore *k, struct db *db, str kind, int64_t subject, uint32_t *out_kid,
	unsigned char *out, bool *out_there, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, K_KEY_OF, &s, err));
	stmt_bind_text(s, 1, kind);
	stmt_bind_i64(s, 2, subject);
	TRY(stmt_step(s, out_there, err));
	if (!*out_there)
		return RC_OK;
	*out_kid = (uint32_t)stmt_i64(s, 0);
	enum rc rc = ks_open_key(k, kind, subject, *out_kid, stmt_i64(s, 1), stmt_blob(s, 2), out, err);
	stmt_reset(s);
	return rc;
}

static enum rc make(
	struct keystore *k, str kind, int64_t subject, uint32_t *out_kid, unsigned char *out, struct err *err)
{
	struct stmt *s;
	bool gone = false;
	unsigned char wrapped[KS_WRAPPED_MAX_BYTES];
	TRY(noted(k->w, kind, subject, &gone, err));
	if (gone)
		return FAIL(err, RC_DENIED, "%.*s #%lld was shredded: nothing is sealed for it any more",
			STR_ARG(kind), (long long)subject);
	if (k->next_kid >= UINT32_MAX)
		return FAIL(err, RC_LIMIT, "the key store is full");
	int64_t kid = k->next_kid++;
	const struct generation *g = ks_newest(k);
	struct ks_ad ad = ks_ad(kind, subject, kid, g->n);
	draw(k, out, DEK_BYTES);
	TRY(db_prepare(k->w, K_KEY_ADD, &s, err));
	stmt_bind_i64(s, 1, kid);
	stmt_bind_text(s, 2, kind);
	stmt_bind_i64(s, 3, subject);
	stmt_bind_i64(s, 4, g->n);
	stmt_bind_blob(s, 5, ks_wrap(k, g->kek, &ad, out, wrapped));
	*out_kid = (uint32_t)kid;
	return stmt_run(s, err);
}

static enum rc key_of(
	struct keystore *k, str kind, int64_t subject, uint32_t *out_kid, unsigned char *out, struct err *err)
{
	bool there = false;
	if (!k->writing)
		TRY(find_subject(k, k->r, kind, subject, out_kid, out, &there, err));
	if (there)
		return RC_OK;
	TRY(ks_begin(k, err)); /* and look again: another process may just have made it */
	TRY(find_subject(k, k->w, kind, subject, out_kid, out, &there, err));
	return there ? RC_OK : make(k, kind, subject, out_kid, out, err);
}

enum rc keystore_of(struct keystore *k, str kind, int64_t subject, uint32_t *out_kid,
	unsigned char out[DEK_BYTES], struct err *err)
{
	pthread_mutex_lock(&k->lock);
	enum rc rc = key_of(k, kind, subject, out_kid, out, err);
	pthread_mutex_unlock(&k->lock);
	return rc;
}

enum rc keystore_flush(struct keystore *k, struct err *err)
{
	enum rc rc = RC_OK;
	pthread_mutex_lock(&k->lock);
	if (k->writing)
		rc = ks_finish(k, ks_run(k->w, K_NEXT, k->next_kid, err), err);
	pthread_mutex_unlock(&k->lock);
	return rc;
}

void keystore_abandon(struct keystore *k)
{
	pthread_mutex_lock(&k->lock);
	drop(k);
	pthread_mutex_unlock(&k->lock);
}
