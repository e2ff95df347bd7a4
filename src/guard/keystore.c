/* keystore.c -- see keystore.h. The store is SQLite's whatever engine the city is on; its statements (K_...) are not
 * the city's and stand on its own tables.
 *
 * Invariants:
 *   1. k->lock is held wherever r, w or a generation's KEK is touched.
 *   2. A transaction is open on w exactly while `writing`.
 *   3. A wrapped key names in its associated data all that stands beside it in its row. */
#include "guard/keystore.h"
#include "base/aead.h"
#include "base/kdf.h"
#include "base/rand.h"
#include "guard/locked.h"
#include "store/db.h"
#include <assert.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

enum {
	GENERATIONS_MAX = 8,
	WRAPPED_MAX_BYTES = 1 + AEAD_NONCE_MAX_BYTES + DEK_BYTES + AEAD_TAG_MAX_BYTES,
	SLICE = 2000
};

struct generation {
	int64_t n;
	unsigned char kek[DEK_BYTES];
};

struct ring { /* on locked pages */
	struct hash root;
	struct generation list[GENERATIONS_MAX];
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
static const char K_GENERATION_LAST[] = "SELECT n, made_at FROM generation ORDER BY n DESC LIMIT 1";
static const char K_GENERATIONS_END[] = "DELETE FROM generation WHERE n < ?1";
static const char K_KEY[] = "SELECT kind, subject, generation, wrapped FROM dek WHERE kid = ?1";
static const char K_KEY_OF[] = "SELECT kid, generation, wrapped FROM dek WHERE kind = ?1 AND subject = ?2";
static const char K_KEY_ADD[] = "INSERT INTO dek VALUES (?1, ?2, ?3, ?4, ?5)";
static const char K_KEY_END[] = "DELETE FROM dek WHERE kind = ?1 AND subject = ?2";
static const char K_KEYS_OLD[] =
	"SELECT kid, kind, subject, generation, wrapped FROM dek WHERE generation < ?1 LIMIT ?2";
static const char K_KEYS[] =
	"SELECT kid, kind, subject, generation, wrapped FROM dek WHERE kid > ?1 ORDER BY kid LIMIT ?2";
static const char K_KEY_WRAP[] = "UPDATE dek SET generation = ?2, wrapped = ?3 WHERE kid = ?1";
static const char K_KIND[] =
	"SELECT subject FROM dek WHERE kind = ?1 AND subject > ?2 ORDER BY subject LIMIT ?3";
static const char K_COUNTS[] = "SELECT (SELECT COUNT(*) FROM dek), (SELECT COUNT(*) FROM shredded)";
static const char K_NOTE_ADD[] =
	"INSERT INTO shredded VALUES (?1, ?2, ?3, ?4, 0) ON CONFLICT (kind, subject) DO UPDATE SET"
	" kid = CASE WHEN shredded.kid = 0 THEN excluded.kid ELSE shredded.kid END, settled = 0";
static const char K_NOTE_OF[] = "SELECT 1 FROM shredded WHERE kind = ?1 AND subject = ?2";
static const char K_NOTES[] =
	"SELECT kind, subject, kid, at, settled FROM shredded WHERE settled <= ?1 ORDER BY at, kind, subject";
static const char K_NOTE_SETTLED[] = "UPDATE shredded SET settled = 1 WHERE kind = ?1 AND subject = ?2";
static const char K_NOTES_OPEN[] = "UPDATE shredded SET settled = 0";
static const char K_NOTES_KEYS[] = "DELETE FROM dek WHERE EXISTS (SELECT 1 FROM shredded s"
				   " WHERE s.kind = dek.kind AND s.subject = dek.subject)";

str keystore_path(struct arena *a, str key_path)
{
	return arena_fmt(a, "%.*ss", STR_ARG(key_path));
}

/* ---- wrapping ---- */

struct wrap_ad {
	unsigned char b[3 * 8 + KEYSTORE_KIND_MAX_BYTES + 8];
	size_t n;
};

static void put_u64(struct wrap_ad *ad, uint64_t v)
{
	for (int i = 7; i >= 0; i--)
		ad->b[ad->n++] = (unsigned char)(v >> (8 * i));
}

/* Three numbers of 8 bytes, then the kind: nothing can wander. */
static struct wrap_ad ad_of(str kind, int64_t subject, int64_t kid, int64_t generation)
{
	struct wrap_ad ad = {.n = 0};
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

static str wrap(const struct keystore *k, const unsigned char kek[DEK_BYTES], const struct wrap_ad *ad,
	const unsigned char secret[DEK_BYTES], unsigned char out[WRAPPED_MAX_BYTES])
{
	size_t nonce_n = aead_nonce_bytes(k->root_suite);
	out[0] = (unsigned char)k->root_suite;
	draw(k, out + 1, nonce_n);
	aead_seal(k->root_suite, kek, (str){(const char *)out + 1, nonce_n},
		(str){(const char *)ad->b, ad->n}, (str){(const char *)secret, DEK_BYTES}, out + 1 + nonce_n);
	return (str){(const char *)out, 1 + nonce_n + DEK_BYTES + aead_tag_bytes(k->root_suite)};
}

static bool unwrap(const unsigned char kek[DEK_BYTES], const struct wrap_ad *ad, str wrapped,
	unsigned char out[DEK_BYTES])
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

static const struct generation *newest(const struct keystore *k)
{
	return &k->ring->list[k->ring->n - 1];
}

/* ---- the connections ---- */

static enum rc run1(struct db *db, const char *sql, int64_t v, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, sql, &s, err));
	if (sql != K_NOTES_OPEN && sql != K_NOTES_KEYS && sql != K_EPOCH_ON)
		stmt_bind_i64(s, 1, v);
	return stmt_run(s, err);
}

static enum rc open_w(struct keystore *k, struct err *err)
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
static enum rc load_generations(struct keystore *k, struct db *db, struct err *err)
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
		struct wrap_ad ad = ad_of(STR("generation"), 0, 0, stmt_i64(s, 0));
		if (k->ring->n == GENERATIONS_MAX || !unwrap(key, &ad, stmt_blob(s, 1), secret)) {
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
	return load_generations(k, db, err);
}

static enum rc begin(struct keystore *k, struct err *err)
{
	if (k->writing)
		return RC_OK;
	if (!k->write)
		return FAIL(err, RC_INVALID, "the key store is open for reading only");
	TRY(open_w(k, err));
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

static enum rc finish(struct keystore *k, enum rc rc, struct err *err)
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

static enum rc add_generation(struct keystore *k, int64_t n, int64_t now_ms, struct err *err)
{
	struct stmt *s;
	unsigned char key[DEK_BYTES], secret[DEK_BYTES], wrapped[WRAPPED_MAX_BYTES];
	struct wrap_ad ad = ad_of(STR("generation"), 0, 0, n);
	TRY(db_prepare(k->w, K_GENERATION_ADD, &s, err));
	generation_key(k, key);
	draw(k, secret, sizeof secret);
	stmt_bind_i64(s, 1, n);
	stmt_bind_blob(s, 2, wrap(k, key, &ad, secret, wrapped));
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
	return add_generation(k, 1, now_ms, err);
}

enum rc keystore_create(const char *path, const struct root_key *root, int64_t now_ms, struct err *err)
{
	struct keystore *k = blank(path, root, err);
	if (k == NULL)
		return RC_IO;
	enum rc rc = finish(k, fill_new(k, now_ms, err), err);
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

enum rc keystore_suite_set(struct keystore *k, int suite, struct err *err)
{
	pthread_mutex_lock(&k->lock);
	enum rc rc = begin(k, err);
	if (rc == RC_OK)
		rc = run1(k->w, K_SUITE, suite, err);
	if (rc == RC_OK)
		rc = run1(k->w, K_EPOCH_ON, 0, err);
	rc = finish(k, rc, err);
	if (rc == RC_OK)
		k->suite = suite;
	pthread_mutex_unlock(&k->lock);
	return rc;
}

static enum rc one_number(struct db *db, const char *sql, int64_t *out, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, sql, &s, err));
	TRY(stmt_step(s, &row, err));
	*out = row ? stmt_i64(s, 0) : 0;
	stmt_reset(s);
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

static enum rc open_key(struct keystore *k, str kind, int64_t subject, int64_t kid, int64_t generation,
	str wrapped, unsigned char out[DEK_BYTES], struct err *err)
{
	struct wrap_ad ad = ad_of(kind, subject, kid, generation);
	const struct generation *g = generation_of(k, generation);
	if (g == NULL) /* rotated by another process */
		TRY(load_generations(k, k->writing ? k->w : k->r, err));
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
	enum rc rc =
		open_key(k, stmt_text(s, 0), stmt_i64(s, 1), kid, stmt_i64(s, 2), stmt_blob(s, 3), out, err);
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
	enum rc rc = open_key(k, kind, subject, *out_kid, stmt_i64(s, 1), stmt_blob(s, 2), out, err);
	stmt_reset(s);
	return rc;
}

static enum rc make(
	struct keystore *k, str kind, int64_t subject, uint32_t *out_kid, unsigned char *out, struct err *err)
{
	struct stmt *s;
	bool gone = false;
	unsigned char wrapped[WRAPPED_MAX_BYTES];
	TRY(noted(k->w, kind, subject, &gone, err));
	if (gone)
		return FAIL(err, RC_DENIED, "%.*s #%lld was shredded: nothing is sealed for it any more",
			STR_ARG(kind), (long long)subject);
	if (k->next_kid >= UINT32_MAX)
		return FAIL(err, RC_LIMIT, "the key store is full");
	int64_t kid = k->next_kid++;
	const struct generation *g = newest(k);
	struct wrap_ad ad = ad_of(kind, subject, kid, g->n);
	draw(k, out, DEK_BYTES);
	TRY(db_prepare(k->w, K_KEY_ADD, &s, err));
	stmt_bind_i64(s, 1, kid);
	stmt_bind_text(s, 2, kind);
	stmt_bind_i64(s, 3, subject);
	stmt_bind_i64(s, 4, g->n);
	stmt_bind_blob(s, 5, wrap(k, g->kek, &ad, out, wrapped));
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
	TRY(begin(k, err)); /* and look again: another process may just have made it */
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
		rc = finish(k, run1(k->w, K_NEXT, k->next_kid, err), err);
	pthread_mutex_unlock(&k->lock);
	return rc;
}

void keystore_abandon(struct keystore *k)
{
	pthread_mutex_lock(&k->lock);
	drop(k);
	pthread_mutex_unlock(&k->lock);
}

/* ---- shredding ---- */

static enum rc add_note(
	struct keystore *k, str kind, int64_t subject, uint32_t kid, int64_t at_ms, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(k->w, K_NOTE_ADD, &s, err));
	stmt_bind_text(s, 1, kind);
	stmt_bind_i64(s, 2, subject);
	stmt_bind_i64(s, 3, kid);
	stmt_bind_i64(s, 4, at_ms);
	return stmt_run(s, err);
}

static enum rc shred(struct keystore *k, str kind, int64_t subject, int64_t now_ms, struct err *err)
{
	struct stmt *s;
	bool there = false;
	TRY(begin(k, err));
	TRY(db_prepare(k->w, K_KEY_OF, &s, err));
	stmt_bind_text(s, 1, kind);
	stmt_bind_i64(s, 2, subject);
	TRY(stmt_step(s, &there, err));
	uint32_t kid = there ? (uint32_t)stmt_i64(s, 0) : 0;
	stmt_reset(s);
	TRY(add_note(k, kind, subject, kid, now_ms, err));
	TRY(db_prepare(k->w, K_KEY_END, &s, err));
	stmt_bind_text(s, 1, kind);
	stmt_bind_i64(s, 2, subject);
	TRY(stmt_run(s, err));
	return run1(k->w, K_EPOCH_ON, 0, err);
}

/* What the log and free pages still hold goes as well; a reader that stands in the way leaves it to the next time. */
static enum rc empty_log(struct keystore *k, struct err *err)
{
	return db_exec(k->w, "PRAGMA wal_checkpoint(TRUNCATE)", err);
}

enum rc keystore_shred(struct keystore *k, str kind, int64_t subject, int64_t now_ms, struct err *err)
{
	pthread_mutex_lock(&k->lock);
	enum rc rc = finish(k, shred(k, kind, subject, now_ms, err), err);
	if (rc == RC_OK)
		rc = empty_log(k, err);
	pthread_mutex_unlock(&k->lock);
	return rc;
}

static enum rc notes(struct keystore *k, struct arena *a, bool open_only, struct shred_note **out,
	size_t *out_n, struct err *err)
{
	struct stmt *s;
	bool row;
	size_t cap = 0;
	*out = NULL;
	*out_n = 0;
	TRY(db_prepare(k->r, K_NOTES, &s, err));
	stmt_bind_i64(s, 1, open_only ? 0 : 1);
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		*out = arena_grow(a, *out, *out_n, &cap, sizeof **out);
		(*out)[(*out_n)++] = (struct shred_note){.kind = stmt_str(a, s, 0),
			.subject = stmt_i64(s, 1),
			.kid = (uint32_t)stmt_i64(s, 2),
			.at_ms = stmt_i64(s, 3),
			.settled = stmt_i64(s, 4) != 0};
	}
}

enum rc keystore_notes(struct keystore *k, struct arena *a, bool open_only, struct shred_note **out,
	size_t *out_n, struct err *err)
{
	pthread_mutex_lock(&k->lock);
	enum rc rc = notes(k, a, open_only, out, out_n, err);
	pthread_mutex_unlock(&k->lock);
	return rc;
}

static enum rc settled(struct keystore *k, str kind, int64_t subject, struct err *err)
{
	struct stmt *s;
	TRY(begin(k, err));
	TRY(db_prepare(k->w, K_NOTE_SETTLED, &s, err));
	stmt_bind_text(s, 1, kind);
	stmt_bind_i64(s, 2, subject);
	return stmt_run(s, err);
}

enum rc keystore_settled(struct keystore *k, str kind, int64_t subject, struct err *err)
{
	pthread_mutex_lock(&k->lock);
	enum rc rc = finish(k, settled(k, kind, subject, err), err);
	pthread_mutex_unlock(&k->lock);
	return rc;
}

static enum rc replay(struct keystore *k, const struct shred_note *from, size_t n, struct err *err)
{
	TRY(begin(k, err));
	for (size_t i = 0; i < n; i++)
		TRY(add_note(k, from[i].kind, from[i].subject, from[i].kid, from[i].at_ms, err));
	TRY(run1(k->w, K_NOTES_OPEN, 0, err));
	TRY(run1(k->w, K_NOTES_KEYS, 0, err));
	return run1(k->w, K_EPOCH_ON, 0, err);
}

enum rc keystore_replay(struct keystore *k, const struct shred_note *from, size_t n, struct err *err)
{
	pthread_mutex_lock(&k->lock);
	enum rc rc = finish(k, replay(k, from, n, err), err);
	if (rc == RC_OK)
		rc = empty_log(k, err);
	pthread_mutex_unlock(&k->lock);
	return rc;
}

/* ---- the whole ---- */

enum rc keystore_state(struct keystore *k, struct keystore_state *out, struct err *err)
{
	struct stmt *s;
	bool row = false;
	pthread_mutex_lock(&k->lock);
	enum rc rc = db_prepare(k->r, K_COUNTS, &s, err);
	if (rc == RC_OK)
		rc = stmt_step(s, &row, err);
	*out = (struct keystore_state){.suite = k->suite};
	if (rc == RC_OK && row) {
		out->keys = stmt_i64(s, 0);
		out->shredded = stmt_i64(s, 1);
		stmt_reset(s);
		rc = db_prepare(k->r, K_GENERATION_LAST, &s, err);
	}
	if (rc == RC_OK)
		rc = stmt_step(s, &row, err);
	if (rc == RC_OK && row) {
		out->generation = stmt_i64(s, 0);
		out->generation_at_ms = stmt_i64(s, 1);
		stmt_reset(s);
	}
	pthread_mutex_unlock(&k->lock);
	return rc;
}

struct listed {
	int64_t kid, subject, generation;
	char kind[KEYSTORE_KIND_MAX_BYTES];
	size_t kind_n, wrapped_n;
	char wrapped[WRAPPED_MAX_BYTES];
};

static enum rc list(
	struct db *db, const char *sql, int64_t from, struct listed *out, size_t *out_n, struct err *err)
{
	struct stmt *s;
	bool row;
	*out_n = 0;
	TRY(db_prepare(db, sql, &s, err));
	stmt_bind_i64(s, 1, from);
	stmt_bind_i64(s, 2, SLICE);
	while (*out_n < SLICE) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		struct listed *x = &out[(*out_n)++];
		str kind = stmt_text(s, 1), wrapped = str_head(stmt_blob(s, 4), WRAPPED_MAX_BYTES);
		*x = (struct listed){
			stmt_i64(s, 0), stmt_i64(s, 2), stmt_i64(s, 3), {0}, kind.n, wrapped.n, {0}};
		memcpy(x->kind, kind.p, kind.n);
		memcpy(x->wrapped, wrapped.p, wrapped.n);
	}
	stmt_reset(s);
	return RC_OK;
}

static enum rc open_listed(struct keystore *k, const struct listed *x, unsigned char *out, struct err *err)
{
	return open_key(k, (str){x->kind, x->kind_n}, x->subject, x->kid, x->generation,
		(str){x->wrapped, x->wrapped_n}, out, err);
}

static enum rc wrap_anew(struct keystore *k, const struct listed *x, struct err *err)
{
	unsigned char dek[DEK_BYTES], wrapped[WRAPPED_MAX_BYTES];
	const struct generation *g = newest(k);
	struct wrap_ad ad = ad_of((str){x->kind, x->kind_n}, x->subject, x->kid, g->n);
	struct stmt *s;
	TRY(open_listed(k, x, dek, err));
	str made = wrap(k, g->kek, &ad, dek, wrapped);
	sodium_memzero(dek, sizeof dek);
	TRY(db_prepare(k->w, K_KEY_WRAP, &s, err));
	stmt_bind_i64(s, 1, x->kid);
	stmt_bind_i64(s, 2, g->n);
	stmt_bind_blob(s, 3, made);
	return stmt_run(s, err);
}

/* One slice in a transaction of its own, so that writers come in between. */
static enum rc rotate_slice(struct keystore *k, struct listed *rows, size_t *out_n, struct err *err)
{
	pthread_mutex_lock(&k->lock);
	enum rc rc = begin(k, err);
	if (rc == RC_OK)
		rc = list(k->w, K_KEYS_OLD, newest(k)->n, rows, out_n, err);
	for (size_t i = 0; rc == RC_OK && i < *out_n; i++)
		rc = wrap_anew(k, &rows[i], err);
	rc = finish(k, rc, err);
	pthread_mutex_unlock(&k->lock);
	return rc;
}

static enum rc next_generation(struct keystore *k, int64_t now_ms, struct err *err)
{
	TRY(begin(k, err));
	if (k->ring->n == GENERATIONS_MAX)
		return FAIL(err, RC_LIMIT, "too many generations of keys stand");
	return add_generation(k, newest(k)->n + 1, now_ms, err);
}

static enum rc end_generations(struct keystore *k, struct err *err)
{
	TRY(begin(k, err));
	TRY(run1(k->w, K_GENERATIONS_END, newest(k)->n, err));
	return run1(k->w, K_EPOCH_ON, 0, err);
}

enum rc keystore_rotate(struct keystore *k, int64_t now_ms, int64_t *out_keys, struct err *err)
{
	struct listed *rows = mem_resize(NULL, SLICE * sizeof *rows);
	size_t n = 0;
	*out_keys = 0;
	pthread_mutex_lock(&k->lock);
	enum rc rc = finish(k, next_generation(k, now_ms, err), err);
	pthread_mutex_unlock(&k->lock);
	while (rc == RC_OK) {
		rc = rotate_slice(k, rows, &n, err);
		*out_keys += (int64_t)n;
		if (n == 0)
			break;
	}
	mem_resize(rows, 0);
	TRY(rc);
	pthread_mutex_lock(&k->lock);
	rc = finish(k, end_generations(k, err), err);
	if (rc == RC_OK)
		rc = load_generations(k, k->r, err);
	if (rc == RC_OK)
		rc = empty_log(k, err);
	pthread_mutex_unlock(&k->lock);
	return rc;
}

enum rc keystore_verify(struct keystore *k, int64_t *out_keys, int64_t *out_bad, struct err *err)
{
	struct listed *rows = mem_resize(NULL, SLICE * sizeof *rows);
	size_t n = SLICE;
	int64_t from = 0;
	enum rc rc = RC_OK;
	unsigned char dek[DEK_BYTES];
	*out_keys = *out_bad = 0;
	pthread_mutex_lock(&k->lock);
	while (rc == RC_OK && n == SLICE) {
		rc = list(k->r, K_KEYS, from, rows, &n, err);
		for (size_t i = 0; rc == RC_OK && i < n; i++) {
			from = rows[i].kid;
			*out_keys += 1;
			*out_bad += open_listed(k, &rows[i], dek, err) != RC_OK;
		}
	}
	pthread_mutex_unlock(&k->lock);
	sodium_memzero(dek, sizeof dek);
	mem_resize(rows, 0);
	TRY(rc);
	return *out_bad ? FAIL(err, RC_FOUND, "%lld keys of the key store do not open", (long long)*out_bad)
			: RC_OK;
}

static enum rc subjects(
	struct keystore *k, str kind, int64_t after, int64_t *out, size_t *out_n, struct err *err)
{
	struct stmt *s;
	bool row;
	*out_n = 0;
	TRY(db_prepare(k->w, K_KIND, &s, err));
	stmt_bind_text(s, 1, kind);
	stmt_bind_i64(s, 2, after);
	stmt_bind_i64(s, 3, SLICE);
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		out[(*out_n)++] = stmt_i64(s, 0);
	}
}

static enum rc sweep(struct keystore *k, str kind,
	enum rc (*stands)(void *user, int64_t subject, bool *out, struct err *err), void *user,
	int64_t *out_gone, struct err *err)
{
	int64_t list_[SLICE], after = INT64_MIN;
	size_t n = SLICE;
	TRY(begin(k, err));
	while (n == SLICE) {
		TRY(subjects(k, kind, after, list_, &n, err));
		for (size_t i = 0; i < n; i++) {
			struct stmt *s;
			bool there = true;
			after = list_[i];
			TRY(stands(user, list_[i], &there, err));
			if (there)
				continue;
			TRY(db_prepare(k->w, K_KEY_END, &s, err));
			stmt_bind_text(s, 1, kind);
			stmt_bind_i64(s, 2, list_[i]);
			TRY(stmt_run(s, err));
			*out_gone += 1;
		}
	}
	return RC_OK;
}

enum rc keystore_sweep(struct keystore *k, str kind,
	enum rc (*stands)(void *user, int64_t subject, bool *out, struct err *err), void *user,
	int64_t *out_gone, struct err *err)
{
	*out_gone = 0;
	pthread_mutex_lock(&k->lock);
	enum rc rc = finish(k, sweep(k, kind, stands, user, out_gone, err), err);
	pthread_mutex_unlock(&k->lock);
	return rc;
}

enum rc keystore_copy(struct keystore *k, const char *path, struct err *err)
{
	char sql[4200];
	if (strchr(path, '\'') || strlen(path) > 4000)
		return FAIL(err, RC_INVALID, "no such name for a file: %s", path);
	snprintf(sql, sizeof sql, "VACUUM INTO '%s'", path);
	pthread_mutex_lock(&k->lock);
	enum rc rc = k->writing ? FAIL(err, RC_CONFLICT, "the key store is being written") : open_w(k, err);
	if (rc == RC_OK)
		rc = db_exec(k->w, sql, err);
	pthread_mutex_unlock(&k->lock);
	return rc;
}
