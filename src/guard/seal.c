/* seal.c -- see seal.h.
 *
 * Invariants:
 *   1. secrets stand on locked pages alone; the root page is read-only after seal_open.
 *   2. A slot of the cache is read and written under its stripe's lock.
 *   3. No nonce is used twice: it is drawn anew for each envelope. */
#include "guard/seal.h"
#include "base/aead.h"
#include "base/clock.h"
#include "base/rand.h"
#include "guard/keystore.h"
#include "guard/locked.h"
#include <assert.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	MARK_1 = 0x51,
	MARK_2 = 0x45,
	VERSION = 1,
	PADDED = 1,
	PAD_BYTES = 16,
	OLD_SUITE = 1,
	OLD_HEAD_BYTES = 2,
	OLD_NONCE_BYTES = 24,
	NAME_MAX_BYTES = 255,
	AD_MAX_BYTES = SEAL_HEAD_BYTES + 2 * (1 + NAME_MAX_BYTES) + 3 * 8,
	STRIPES = 64,
	SUBJECTS = 8192,
	KINDS_MAX = 64
};

struct roots { /* the whole page is its own */
	struct hash root, field, index,
		later[2]; /* later: index keys of the newest two generations, by parity */
};

struct slot {
	uint32_t kid; /* 0: empty */
	unsigned char key[DEK_BYTES];
};

struct subject_slot {
	int64_t subject;
	uint32_t kid; /* 0: empty */
	uint16_t kind;
};

struct seal {
	struct roots *roots;
	struct hash *
		later; /* index keys of the newest two generations, by parity; locked too, but not read-only */
	struct slot *slots;
	struct keystore *store;
	char key_path[4096];
	int mode;
	bool demo, write;
	int64_t epoch, index_generation, index_next;
	bool index_stale;
	pthread_mutex_t stripes[STRIPES], subject_lock;
	struct subject_slot subjects[SUBJECTS];
	char kinds[KINDS_MAX][KEYSTORE_KIND_MAX_BYTES];
	size_t kinds_n;
};

/* ---- open and close ---- */

static struct hash derive(const struct seal *s, str purpose)
{
	char text[128];
	assert(purpose.n < 100);
	int n = snprintf(text, sizeof text, "qinghe:%.*s", STR_ARG(purpose));
	return hash_hmac(
		seal_hash(s), (str){(const char *)s->roots->root.b, HASH_BYTES}, (str){text, (size_t)n});
}

enum rc seal_create(const char *key_path, int suite, uint64_t seed, struct err *err)
{
	struct root_key k;
	struct arena a = {0};
	str passphrase;
	if (seed)
		keyfile_seeded(&k, suite, seed);
	else
		keyfile_draw(&k, suite);
	enum rc rc = keyfile_passphrase(&a, &passphrase, err);
	if (rc == RC_OK)
		rc = keyfile_write(key_path, &k, passphrase, err);
	if (passphrase.n)
		sodium_memzero((void *)(uintptr_t)passphrase.p, passphrase.n);
	sodium_memzero(&k, sizeof k);
	arena_done(&a);
	return rc;
}

static struct seal *blank(const char *key_path)
{
	struct seal *s = mem_resize(NULL, sizeof *s);
	*s = (struct seal){.roots = locked_new(sizeof *s->roots),
		.later = locked_new(2 * sizeof *s->later),
		.slots = locked_new(SEAL_CACHE_KEYS * sizeof *s->slots)};
	snprintf(s->key_path, sizeof s->key_path, "%s", key_path);
	for (int i = 0; i < STRIPES; i++)
		pthread_mutex_init(&s->stripes[i], NULL);
	pthread_mutex_init(&s->subject_lock, NULL);
	return s;
}

static struct root_key root_of(const struct seal *s)
{
	return (struct root_key){.root = s->roots->root, .suite = s->mode, .demo = s->demo};
}

static enum rc open_store(struct seal *s, struct err *err)
{
	char path[4100];
	struct arena a = {0};
	snprintf(path, sizeof path, "%s", keystore_path(&a, str_of(s->key_path)).p);
	arena_done(&a);
	if (access(path, F_OK) != 0)
		return RC_OK;
	struct root_key root = root_of(s);
	enum rc rc = keystore_open(path, &root, s->write, &s->store, err);
	sodium_memzero(&root, sizeof root);
	return rc == RC_OK ? keystore_epoch(s->store, &s->epoch, err) : rc;
}

enum rc seal_open(const char *key_path, bool write, struct seal **out_seal, struct err *err)
{
	struct root_key k = {.suite = 0};
	struct seal *s = blank(key_path);
	enum rc rc = s->roots && s->slots ? keyfile_read(key_path, &k, err)
					  : FAIL(err, RC_IO, "no memory for the keys");
	if (rc == RC_OK) {
		s->roots->root = k.root;
		s->mode = k.suite;
		s->demo = k.demo;
		s->write = write;
		s->roots->field = derive(s, STR("field"));
		s->roots->index = derive(s, STR("index"));
		(void)mprotect(s->roots, sizeof *s->roots, PROT_READ);
		rc = open_store(s, err);
	}
	sodium_memzero(&k, sizeof k);
	if (rc != RC_OK) {
		seal_close(s);
		return rc;
	}
	*out_seal = s;
	return RC_OK;
}

enum rc seal_make_store(struct seal *s, int64_t now_ms, struct err *err)
{
	struct arena a = {0};
	struct root_key root = root_of(s);
	enum rc rc = keystore_create(keystore_path(&a, str_of(s->key_path)).p, &root, now_ms, err);
	sodium_memzero(&root, sizeof root);
	arena_done(&a);
	s->write = true;
	return rc == RC_OK ? open_store(s, err) : rc;
}

void seal_close(struct seal *s)
{
	if (s == NULL)
		return;
	keystore_close(s->store);
	if (s->roots)
		(void)mprotect(s->roots, sizeof *s->roots, PROT_READ | PROT_WRITE);
	locked_free(s->roots, sizeof *s->roots);
	locked_free(s->later, 2 * sizeof *s->later);
	locked_free(s->slots, SEAL_CACHE_KEYS * sizeof *s->slots);
	for (int i = 0; i < STRIPES; i++)
		pthread_mutex_destroy(&s->stripes[i]);
	pthread_mutex_destroy(&s->subject_lock);
	mem_resize(s, 0);
}

bool seal_is_demo(const struct seal *s)
{
	return s->demo;
}

int seal_mode(const struct seal *s)
{
	return s->mode;
}

enum hash_kind seal_hash(const struct seal *s)
{
	return s->mode == CRYPTO_NATIONAL ? HASH_SM3 : HASH_SHA256;
}

struct keystore *seal_store(struct seal *s)
{
	return s->store;
}

/* ---- keys in memory ---- */

static bool cached(struct seal *s, uint32_t kid, unsigned char out[DEK_BYTES])
{
	struct slot *slot = &s->slots[kid % SEAL_CACHE_KEYS];
	pthread_mutex_t *lock = &s->stripes[kid % STRIPES];
	pthread_mutex_lock(lock);
	bool there = slot->kid == kid;
	if (there)
		memcpy(out, slot->key, DEK_BYTES);
	pthread_mutex_unlock(lock);
	return there;
}

static void cache(struct seal *s, uint32_t kid, const unsigned char key[DEK_BYTES])
{
	struct slot *slot = &s->slots[kid % SEAL_CACHE_KEYS];
	pthread_mutex_t *lock = &s->stripes[kid % STRIPES];
	pthread_mutex_lock(lock);
	slot->kid = kid;
	memcpy(slot->key, key, DEK_BYTES);
	pthread_mutex_unlock(lock);
}

static void forget(struct seal *s)
{
	for (int i = 0; i < STRIPES; i++)
		pthread_mutex_lock(&s->stripes[i]);
	sodium_memzero(s->slots, SEAL_CACHE_KEYS * sizeof *s->slots);
	for (int i = STRIPES - 1; i >= 0; i--)
		pthread_mutex_unlock(&s->stripes[i]);
	pthread_mutex_lock(&s->subject_lock);
	memset(s->subjects, 0, sizeof s->subjects);
	pthread_mutex_unlock(&s->subject_lock);
}

static enum rc key_of_kid(struct seal *s, uint32_t kid, const struct seal_place *at,
	unsigned char out[DEK_BYTES], struct err *err)
{
	if (cached(s, kid, out))
		return RC_OK;
	if (s->store == NULL)
		return FAIL(err, RC_IO, "the key store is missing: bring it back with “qinghe key import”");
	TRY(keystore_key(s->store, kid, at->kind, at->subject, out, err));
	cache(s, kid, out);
	return RC_OK;
}

/* A small number for a kind, from 1; 0 where there are too many. Under subject_lock. */
static uint16_t kind_number(struct seal *s, str kind)
{
	for (size_t i = 0; i < s->kinds_n; i++)
		if (str_is(kind, s->kinds[i]))
			return (uint16_t)(i + 1);
	if (s->kinds_n == KINDS_MAX || kind.n >= KEYSTORE_KIND_MAX_BYTES)
		return 0;
	snprintf(s->kinds[s->kinds_n], KEYSTORE_KIND_MAX_BYTES, "%.*s", STR_ARG(kind));
	return (uint16_t)++s->kinds_n;
}

static struct subject_slot *subject_slot(struct seal *s, uint16_t kind, int64_t subject)
{
	return &s->subjects[((uint64_t)subject + 2654435761u * (uint64_t)kind) % SUBJECTS];
}

static uint32_t cached_kid(struct seal *s, str kind, int64_t subject)
{
	uint32_t kid = 0;
	pthread_mutex_lock(&s->subject_lock);
	uint16_t n = kind_number(s, kind);
	const struct subject_slot *x = subject_slot(s, n, subject);
	if (n && x->kind == n && x->subject == subject)
		kid = x->kid;
	pthread_mutex_unlock(&s->subject_lock);
	return kid;
}

static enum rc key_of_subject(struct seal *s, str kind, int64_t subject, uint32_t *out_kid,
	unsigned char out[DEK_BYTES], struct err *err)
{
	*out_kid = cached_kid(s, kind, subject);
	if (*out_kid && cached(s, *out_kid, out))
		return RC_OK;
	if (s->store == NULL)
		return FAIL(err, RC_IO, "the key store is missing: bring it back with “qinghe key import”");
	TRY(keystore_of(s->store, kind, subject, out_kid, out, err));
	cache(s, *out_kid, out);
	pthread_mutex_lock(&s->subject_lock);
	uint16_t n = kind_number(s, kind);
	if (n)
		*subject_slot(s, n, subject) = (struct subject_slot){subject, *out_kid, n};
	pthread_mutex_unlock(&s->subject_lock);
	return RC_OK;
}

enum rc seal_flush(struct seal *s, struct err *err)
{
	return s->store ? keystore_flush(s->store, err) : RC_OK;
}

void seal_abandon(struct seal *s)
{
	if (s->store == NULL)
		return;
	keystore_abandon(s->store);
	forget(s); /* keys that were never flushed; their numbers are given again */
}

enum rc seal_fresh(struct seal *s, struct err *err)
{
	int64_t epoch;
	if (s->store == NULL)
		return RC_OK;
	TRY(keystore_epoch(s->store, &epoch, err));
	if (epoch == __atomic_load_n(&s->epoch, __ATOMIC_RELAXED))
		return RC_OK;
	forget(s);
	__atomic_store_n(&s->index_stale, true, __ATOMIC_RELEASE);
	__atomic_store_n(&s->epoch, epoch, __ATOMIC_RELAXED);
	return RC_OK;
}

enum rc seal_shred(struct seal *s, str kind, int64_t subject, int64_t now_ms, struct err *err)
{
	if (s->store == NULL)
		return FAIL(err, RC_INVALID, "this city has no key store yet");
	enum rc rc = keystore_shred(s->store, kind, subject, now_ms, err);
	forget(s);
	return rc;
}

/* ---- envelopes ---- */

/* Random bytes by the page: a call of the system for each nonce costs as much as the cipher. The pool would be the same
 * in a child, but a child has no key (DONTFORK). */
static void nonce(unsigned char *out, size_t n)
{
	static _Thread_local unsigned char pool[128 * AEAD_NONCE_MAX_BYTES];
	static _Thread_local size_t left;
	if (left < n) {
		randombytes_buf(pool, sizeof pool);
		left = sizeof pool;
	}
	left -= n;
	memcpy(out, pool + left, n);
}

struct ad {
	unsigned char b[AD_MAX_BYTES];
	size_t n;
};

static void ad_name(struct ad *ad, str name)
{
	assert(name.n <= NAME_MAX_BYTES);
	ad->b[ad->n++] = (unsigned char)name.n;
	memcpy(ad->b + ad->n, name.p, name.n);
	ad->n += name.n;
}

static void ad_number(struct ad *ad, int64_t v)
{
	for (int i = 7; i >= 0; i--)
		ad->b[ad->n++] = (unsigned char)((uint64_t)v >> (8 * i));
}

static str ad_of(struct ad *ad, const unsigned char *head, const struct seal_place *at)
{
	memcpy(ad->b, head, SEAL_HEAD_BYTES);
	ad->n = SEAL_HEAD_BYTES;
	ad_name(ad, at->table);
	ad_name(ad, at->column);
	ad_number(ad, at->part);
	ad_number(ad, at->row);
	ad_number(ad, at->subject);
	return (str){(const char *)ad->b, ad->n};
}

enum rc seal_put(struct arena *a, struct seal *s, const struct seal_place *at, str plain, str *out_envelope,
	struct err *err)
{
	unsigned char key[DEK_BYTES];
	uint32_t kid;
	struct ad ad;
	assert(plain.n <= SEAL_PLAIN_MAX_BYTES);
	TRY(key_of_subject(s, at->kind, at->subject, &kid, key, err));
	int suite = keystore_suite(s->store);
	size_t nonce_n = aead_nonce_bytes(suite), padded = (plain.n / PAD_BYTES + 1) * PAD_BYTES;
	size_t total = SEAL_HEAD_BYTES + nonce_n + padded + aead_tag_bytes(suite);
	unsigned char *p = arena_alloc(a, total), *body = p + SEAL_HEAD_BYTES + nonce_n;
	const unsigned char head[SEAL_HEAD_BYTES] = {MARK_1, MARK_2, VERSION, (unsigned char)suite, PADDED,
		(unsigned char)(kid >> 24), (unsigned char)(kid >> 16), (unsigned char)(kid >> 8),
		(unsigned char)kid};
	memcpy(p, head, sizeof head);
	if (s->demo) /* a repeated nonce would open both values: a seeded source is for demo keys alone */
		rand_bytes(p + SEAL_HEAD_BYTES, nonce_n);
	else
		nonce(p + SEAL_HEAD_BYTES, nonce_n);
	if (plain.n)
		memcpy(body, plain.p, plain.n);
	body[plain.n] = 0x80; /* the rest is zero */
	aead_seal(suite, key, (str){(const char *)p + SEAL_HEAD_BYTES, nonce_n}, ad_of(&ad, p, at),
		(str){(const char *)body, padded}, body);
	sodium_memzero(key, sizeof key);
	*out_envelope = (str){(const char *)p, total};
	return RC_OK;
}

static enum rc closed(const struct seal_place *at, const char *why, struct err *err)
{
	return FAIL(err, RC_IO, "a sealed value of %.*s.%.*s #%lld does not open: %s", STR_ARG(at->table),
		STR_ARG(at->column), (long long)at->row, why);
}

/* Takes the padding off; a NUL behind the text. */
static enum rc stripped(
	const struct seal_place *at, unsigned char *plain, size_t n, str *out_plain, struct err *err)
{
	while (n > 0 && plain[n - 1] == 0)
		n--;
	if (n == 0 || plain[n - 1] != 0x80)
		return closed(at, tr("no envelope of this program"), err);
	plain[--n] = 0;
	*out_plain = (str){(const char *)plain, n};
	return RC_OK;
}

/* The form from before version 1. */
static enum rc old_form(
	struct arena *a, struct seal *s, const struct seal_place *at, str e, str *out_plain, struct err *err)
{
	const size_t before = OLD_HEAD_BYTES + OLD_NONCE_BYTES, tag = aead_tag_bytes(OLD_SUITE);
	if (e.n < before + PAD_BYTES + tag || e.n > SEAL_PLAIN_MAX_BYTES + SEAL_OVERHEAD_BYTES || e.p[1] != 0)
		return closed(at, tr("no envelope of this program"), err);
	size_t n = e.n - before - tag;
	unsigned char *plain = arena_alloc(a, n + 1);
	str ad = arena_fmt(a, "%c%c%.*s.%.*s:%lld", e.p[0], e.p[1], STR_ARG(at->table), STR_ARG(at->column),
		(long long)at->row);
	if (!aead_open(OLD_SUITE, s->roots->field.b, (str){e.p + OLD_HEAD_BYTES, OLD_NONCE_BYTES}, ad,
		    str_from(e, before), plain))
		return closed(at, tr("damaged, moved or another key"), err);
	return stripped(at, plain, n, out_plain, err);
}

static bool is_version_1(str e)
{
	const unsigned char *p = (const unsigned char *)e.p;
	return e.n >= SEAL_HEAD_BYTES && p[0] == MARK_1 && p[1] == MARK_2 && p[2] == VERSION;
}

enum rc seal_get(struct arena *a, struct seal *s, const struct seal_place *at, str envelope, str *out_plain,
	struct err *err)
{
	const unsigned char *p = (const unsigned char *)envelope.p;
	unsigned char key[DEK_BYTES];
	struct ad ad;
	if (envelope.n > OLD_HEAD_BYTES && p[0] == OLD_SUITE)
		return old_form(a, s, at, envelope, out_plain, err);
	int suite = is_version_1(envelope) ? p[3] : 0;
	size_t nonce_n = aead_nonce_bytes(suite), tag_n = aead_tag_bytes(suite);
	size_t before = SEAL_HEAD_BYTES + nonce_n;
	if (nonce_n == 0 || p[4] != PADDED || envelope.n < before + PAD_BYTES + tag_n ||
		envelope.n > SEAL_PLAIN_MAX_BYTES + SEAL_OVERHEAD_BYTES)
		return closed(at, tr("no envelope of this program"), err);
	uint32_t kid = (uint32_t)p[5] << 24 | (uint32_t)p[6] << 16 | (uint32_t)p[7] << 8 | p[8];
	TRY(key_of_kid(s, kid, at, key, err));
	size_t n = envelope.n - before - tag_n;
	unsigned char *plain = arena_alloc(a, n + 1);
	bool opens = aead_open(suite, key, (str){envelope.p + SEAL_HEAD_BYTES, nonce_n}, ad_of(&ad, p, at),
		str_from(envelope, before), plain);
	sodium_memzero(key, sizeof key);
	if (!opens)
		return closed(at, tr("damaged, moved or another key"), err);
	return stripped(at, plain, n, out_plain, err);
}

bool seal_is_current(const struct seal *s, str envelope)
{
	return is_version_1(envelope) && s->store && envelope.p[3] == keystore_suite(s->store);
}

int64_t seal_index_generation(const struct seal *s)
{
	return __atomic_load_n(&s->index_generation, __ATOMIC_ACQUIRE);
}

bool seal_index_stale(const struct seal *s)
{
	return __atomic_load_n(&s->index_stale, __ATOMIC_ACQUIRE);
}

/* Under subject_lock. */
static void later_key(struct seal *s, int64_t generation)
{
	char purpose[40];
	if (generation == 0)
		return;
	snprintf(purpose, sizeof purpose, "index.%lld", (long long)generation);
	s->later[generation & 1] = derive(s, str_of(purpose));
}

int64_t seal_index_next(const struct seal *s)
{
	return __atomic_load_n(&s->index_next, __ATOMIC_ACQUIRE);
}

void seal_index_use(struct seal *s, int64_t generation, int64_t next)
{
	assert(next == 0 || next == generation + 1);
	pthread_mutex_lock(&s->subject_lock);
	bool on = generation > s->index_generation;
	if (on || (generation == s->index_generation && next > s->index_next)) {
		later_key(s, generation);
		later_key(s, next);
		__atomic_store_n(&s->index_generation, generation, __ATOMIC_RELEASE);
		__atomic_store_n(&s->index_next, next, __ATOMIC_RELEASE);
	}
	if (generation >= s->index_generation)
		__atomic_store_n(&s->index_stale, false, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&s->subject_lock);
}

struct blind seal_blind_at(struct seal *s, int64_t g, str kind, str text)
{
	struct blind b;
	const str parts[] = {kind, {"\x1f", 1}, text};
	const struct hash *key = g == 0 ? &s->roots->index : &s->later[g & 1];
	struct hash h = hash_hmac_join(seal_hash(s), (str){(const char *)key->b, HASH_BYTES}, parts, 3);
	memcpy(b.b, h.b, BLIND_BYTES);
	return b;
}

struct blind seal_blind(struct seal *s, str kind, str text)
{
	return seal_blind_at(s, seal_index_generation(s), kind, text);
}

struct hash seal_key(struct seal *s, str purpose)
{
	assert(!str_is(purpose, "field") && !str_is(purpose, "index"));
	return derive(s, purpose);
}
