/* custody.c -- see custody.h. */
#include "guard/custody.h"
#include "base/aead.h"
#include <assert.h>
#include <sodium.h>

enum {
	HEAD_BYTES = 5,
	BOX_BYTES = CUSTODY_KEY_BYTES + crypto_box_SEALBYTES,
	ENTRY_BYTES = 8 + BOX_BYTES,
	PAD_BYTES = 16,
	LOCK_FORM = 1,
	SALT_BYTES = crypto_pwhash_SALTBYTES,
	LOCK_NONCE_BYTES = 24,
	LOCK_MEMORY_BYTES = 64 << 20,
	LOCK_PASSES = 3
};

_Static_assert(SALT_BYTES == 16 && BOX_BYTES == 80, "as custody.h says");

static void put_i64(unsigned char *p, int64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (unsigned char)((uint64_t)v >> (56 - 8 * i));
}

static int64_t get_i64(const unsigned char *p)
{
	uint64_t v = 0;
	for (int i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return (int64_t)v;
}

/* ---- a person's key under a password ---- */

static enum rc password_key(
	str password, const unsigned char *salt, unsigned char out[AEAD_KEY_BYTES], struct err *err)
{
	if (crypto_pwhash(out, AEAD_KEY_BYTES, password.p ? password.p : "", password.n, salt, LOCK_PASSES,
		    LOCK_MEMORY_BYTES, crypto_pwhash_ALG_ARGON2ID13) != 0)
		return FAIL(err, RC_IO, "no memory for the password");
	return RC_OK;
}

/* The person and the public key are bound in: nobody's locked key stands for another's. */
static void lock_ad(const struct custody_public *public, unsigned char out[8 + CUSTODY_KEY_BYTES])
{
	put_i64(out, public->person);
	memcpy(out + 8, public->b, CUSTODY_KEY_BYTES);
}

enum rc custody_relock(
	struct arena *a, const struct custody_secret *secret, str password, str *out_locked, struct err *err)
{
	unsigned char key[AEAD_KEY_BYTES], ad[8 + CUSTODY_KEY_BYTES];
	unsigned char *p = arena_alloc(a, CUSTODY_LOCKED_BYTES);
	if (password.n < CUSTODY_PASSWORD_MIN_BYTES)
		return FAIL(err, RC_INVALID,
			"this password is too short to keep case notes: at least %d bytes",
			(int)CUSTODY_PASSWORD_MIN_BYTES);
	p[0] = LOCK_FORM;
	randombytes_buf(p + 1, SALT_BYTES + LOCK_NONCE_BYTES);
	TRY(password_key(password, p + 1, key, err));
	lock_ad(&secret->public, ad);
	aead_seal(AEAD_XCHACHA20_POLY1305, key, (str){(const char *)p + 1 + SALT_BYTES, LOCK_NONCE_BYTES},
		(str){(const char *)ad, sizeof ad}, (str){(const char *)secret->b, CUSTODY_KEY_BYTES},
		p + 1 + SALT_BYTES + LOCK_NONCE_BYTES);
	sodium_memzero(key, sizeof key);
	*out_locked = (str){(const char *)p, CUSTODY_LOCKED_BYTES};
	return RC_OK;
}

enum rc custody_make(struct arena *a, int64_t person, str password, struct custody_public *out_public,
	str *out_locked, struct err *err)
{
	struct custody_secret s = {.public = {.person = person}};
	if (sodium_init() < 0)
		return FAIL(err, RC_IO, "the system gives no random numbers");
	crypto_box_keypair(s.public.b, s.b);
	enum rc rc = custody_relock(a, &s, password, out_locked, err);
	if (rc == RC_OK)
		*out_public = s.public;
	custody_forget(&s);
	return rc;
}

enum rc custody_unlock(const struct custody_public *public, str locked, str password,
	struct custody_secret *out, struct err *err)
{
	unsigned char key[AEAD_KEY_BYTES], ad[8 + CUSTODY_KEY_BYTES];
	const unsigned char *p = (const unsigned char *)locked.p;
	if (locked.n != CUSTODY_LOCKED_BYTES || p[0] != LOCK_FORM)
		return FAIL(err, RC_DENIED, "there is no key of this person");
	TRY(password_key(password, p + 1, key, err));
	lock_ad(public, ad);
	struct custody_secret s = {.public = *public};
	bool opens = aead_open(AEAD_XCHACHA20_POLY1305, key,
		(str){locked.p + 1 + SALT_BYTES, LOCK_NONCE_BYTES}, (str){(const char *)ad, sizeof ad},
		str_from(locked, 1 + SALT_BYTES + LOCK_NONCE_BYTES), s.b);
	sodium_memzero(key, sizeof key);
	if (opens)
		*out = s;
	custody_forget(&s);
	return opens ? RC_OK : FAIL(err, RC_DENIED, "this password does not open the key for case notes");
}

void custody_forget(struct custody_secret *s)
{
	sodium_memzero(s, sizeof *s);
}

/* ---- a note ---- */

static enum rc box(
	unsigned char *out, const struct custody_public *to, const unsigned char *secret, struct err *err)
{
	put_i64(out, to->person);
	return crypto_box_seal(out + 8, secret, CUSTODY_KEY_BYTES, to->b) == 0
		       ? RC_OK
		       : FAIL(err, RC_INVALID, "the public key of person #%lld is none",
				 (long long)to->person);
}

/* What is bound: all before the nonce, then the place. */
static str bound(struct arena *a, str before, const struct seal_place *at)
{
	char *p = arena_alloc(a, before.n + at->table.n + at->column.n + 2 + 3 * 8), *q = p + before.n;
	memcpy(p, before.p, before.n);
	*q++ = (char)at->table.n;
	memcpy(q, at->table.p, at->table.n);
	q += at->table.n;
	*q++ = (char)at->column.n;
	memcpy(q, at->column.p, at->column.n);
	q += at->column.n;
	put_i64((unsigned char *)q, at->part);
	put_i64((unsigned char *)q + 8, at->row);
	put_i64((unsigned char *)q + 16, at->subject);
	return (str){p, (size_t)(q + 24 - p)};
}

static enum rc put_boxes(unsigned char *p, const struct custody_public *readers, size_t n,
	const struct custody_public custodians[2], const unsigned char *key, struct err *err)
{
	unsigned char half[2][CUSTODY_KEY_BYTES];
	enum rc rc = RC_OK;
	randombytes_buf(half[0], CUSTODY_KEY_BYTES);
	for (int i = 0; i < CUSTODY_KEY_BYTES; i++)
		half[1][i] = half[0][i] ^ key[i];
	for (size_t i = 0; rc == RC_OK && i < n + 2; i++, p += ENTRY_BYTES)
		rc = i < n ? box(p, &readers[i], key, err) : box(p, &custodians[i - n], half[i - n], err);
	sodium_memzero(half, sizeof half);
	return rc;
}

enum rc custody_seal(struct arena *a, int suite, const struct custody_public *readers, size_t n,
	const struct custody_public custodians[2], const struct seal_place *at, str plain, str *out,
	struct err *err)
{
	unsigned char key[CUSTODY_KEY_BYTES];
	if (n == 0 || n > CUSTODY_READERS_MAX || custodians[0].person == custodians[1].person)
		return FAIL(err, RC_INVALID, "a case note needs 1 to %d readers and two different custodians",
			(int)CUSTODY_READERS_MAX);
	assert(plain.n <= SEAL_PLAIN_MAX_BYTES && at->table.n < 256 && at->column.n < 256);
	size_t nonce_n = aead_nonce_bytes(suite), before = HEAD_BYTES + (n + 2) * ENTRY_BYTES;
	size_t padded = (plain.n / PAD_BYTES + 1) * PAD_BYTES,
	       total = before + nonce_n + padded + aead_tag_bytes(suite);
	unsigned char *p = arena_alloc(a, total), *body = p + before + nonce_n;
	const unsigned char head[HEAD_BYTES] = {'Q', 'C', 1, (unsigned char)suite, (unsigned char)n};
	memcpy(p, head, sizeof head);
	randombytes_buf(key, sizeof key);
	enum rc rc = put_boxes(p + HEAD_BYTES, readers, n, custodians, key, err);
	if (rc == RC_OK) {
		randombytes_buf(p + before, nonce_n);
		if (plain.n)
			memcpy(body, plain.p, plain.n);
		body[plain.n] = 0x80;
		aead_seal(suite, key, (str){(const char *)p + before, nonce_n},
			bound(a, (str){(const char *)p, before}, at), (str){(const char *)body, padded},
			body);
		*out = (str){(const char *)p, total};
	}
	sodium_memzero(key, sizeof key);
	return rc;
}

struct parts {
	int suite;
	size_t readers, before, nonce_n;
};

static bool parse(str e, struct parts *out)
{
	const unsigned char *p = (const unsigned char *)e.p;
	if (e.n < HEAD_BYTES || p[0] != 'Q' || p[1] != 'C' || p[2] != 1)
		return false;
	*out = (struct parts){.suite = p[3], .readers = p[4], .nonce_n = aead_nonce_bytes(p[3])};
	out->before = HEAD_BYTES + (out->readers + 2) * ENTRY_BYTES;
	return out->nonce_n > 0 && out->readers > 0 && out->readers <= CUSTODY_READERS_MAX &&
	       e.n >= out->before + out->nonce_n + PAD_BYTES + aead_tag_bytes(out->suite);
}

bool custody_is(str envelope)
{
	struct parts x;
	return parse(envelope, &x);
}

static const unsigned char *entry(str e, size_t i)
{
	return (const unsigned char *)e.p + HEAD_BYTES + i * ENTRY_BYTES;
}

size_t custody_people(str envelope, int64_t out[CUSTODY_READERS_MAX + 2])
{
	struct parts x;
	if (!parse(envelope, &x))
		return 0;
	for (size_t i = 0; i < x.readers + 2; i++)
		out[i] = get_i64(entry(envelope, i));
	return x.readers + 2;
}

static bool unbox(str e, size_t i, const struct custody_secret *s, unsigned char out[CUSTODY_KEY_BYTES])
{
	const unsigned char *p = entry(e, i);
	return get_i64(p) == s->public.person &&
	       crypto_box_seal_open(out, p + 8, BOX_BYTES, s->public.b, s->b) == 0;
}

static enum rc opened(struct arena *a, const struct parts *x, const unsigned char *key,
	const struct seal_place *at, str e, str *out_plain, struct err *err)
{
	size_t n = e.n - x->before - x->nonce_n - aead_tag_bytes(x->suite);
	unsigned char *plain = arena_alloc(a, n + 1);
	bool opens = aead_open(x->suite, key, (str){e.p + x->before, x->nonce_n},
		bound(a, str_head(e, x->before), at), str_from(e, x->before + x->nonce_n), plain);
	while (opens && n > 0 && plain[n - 1] == 0)
		n--;
	if (!opens || n == 0 || plain[n - 1] != 0x80)
		return FAIL(err, RC_IO, "a case note of %.*s #%lld does not open: damaged or moved",
			STR_ARG(at->table), (long long)at->row);
	plain[--n] = 0;
	*out_plain = (str){(const char *)plain, n};
	return RC_OK;
}

enum rc custody_open(struct arena *a, const struct custody_secret *reader, const struct seal_place *at,
	str envelope, str *out_plain, struct err *err)
{
	struct parts x;
	unsigned char key[CUSTODY_KEY_BYTES];
	bool found = false;
	if (!parse(envelope, &x))
		return FAIL(err, RC_IO, "this is no case note");
	for (size_t i = 0; !found && i < x.readers; i++)
		found = unbox(envelope, i, reader, key);
	if (!found)
		return FAIL(err, RC_DENIED, "this note is sealed to others: ask the case's own people");
	enum rc rc = opened(a, &x, key, at, envelope, out_plain, err);
	sodium_memzero(key, sizeof key);
	return rc;
}

enum rc custody_recover(struct arena *a, const struct custody_secret custodians[2],
	const struct seal_place *at, str envelope, str *out_plain, struct err *err)
{
	struct parts x;
	unsigned char key[CUSTODY_KEY_BYTES], half[CUSTODY_KEY_BYTES];
	if (!parse(envelope, &x))
		return FAIL(err, RC_IO, "this is no case note");
	bool found = (unbox(envelope, x.readers, &custodians[0], key) &&
			     unbox(envelope, x.readers + 1, &custodians[1], half)) ||
		     (unbox(envelope, x.readers, &custodians[1], key) &&
			     unbox(envelope, x.readers + 1, &custodians[0], half));
	if (!found)
		return FAIL(err, RC_DENIED, "these two are not this note's custodians");
	for (int i = 0; i < CUSTODY_KEY_BYTES; i++)
		key[i] ^= half[i];
	enum rc rc = opened(a, &x, key, at, envelope, out_plain, err);
	sodium_memzero(key, sizeof key);
	sodium_memzero(half, sizeof half);
	return rc;
}
