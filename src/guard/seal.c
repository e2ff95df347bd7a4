/* seal.c -- see seal.h. Key file: text, first line "qinghe-key 1", second 64 hex digits, third "demo" for a demo's. */
#include "guard/seal.h"
#include "base/rand.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SUITE = 1,
	GENERATION = 0,
	HEAD_BYTES = 2,
	NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
	PAD_BYTES = 16,
	KEY_FILE_MAX_BYTES = 256
};

struct seal { /* the whole page is its own */
	struct hash root, field, index;
	bool demo;
};

static const char HEADER[] = "qinghe-key 1\n";

str seal_path(struct arena *a, const char *db_url)
{
	str url = str_of(db_url);
	if (!str_starts(url, STR("postgresql:")) && !str_starts(url, STR("postgres:")))
		return arena_fmt(a, "%s.key", db_url);
	const char *named = getenv("QINGHE_KEY");
	if (named && named[0])
		return arena_str(a, str_of(named));
	static const char MARK[] = "search_path%3D";
	size_t at = str_find(url, STR("search_path%3D"));
	str schema = at == SIZE_MAX ? STR("public") : str_from(url, at + sizeof MARK - 1);
	size_t end = 0;
	while (end < schema.n && schema.p[end] != '&' && schema.p[end] != '/')
		end++;
	return arena_fmt(a, "qinghe-%.*s.key", (int)end, schema.p);
}

/* ---- the key file ---- */

static bool write_all(int fd, str s)
{
	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);
		if (n <= 0)
			return false;
		s = str_from(s, (size_t)n);
	}
	return fsync(fd) == 0;
}

static void sync_folder(const char *path)
{
	char folder[4096] = ".";
	const char *slash = strrchr(path, '/');
	if (slash)
		snprintf(folder, sizeof folder, "%.*s", slash == path ? 1 : (int)(slash - path), path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
}

static enum rc create(const char *path, const struct hash *key, bool demo, struct err *err)
{
	char text[KEY_FILE_MAX_BYTES], hex[HEX_BYTES];
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EEXIST ? FAIL(err, RC_CONFLICT, "the key file %s stands already", path)
				       : FAIL(err, RC_IO, "%s: %s", path, strerror(errno));
	hex_text(key->b, HASH_BYTES, hex);
	int n = snprintf(text, sizeof text, "%s%s\n%s", HEADER, hex, demo ? "demo\n" : "");
	bool good = write_all(fd, (str){text, (size_t)n});
	int why = errno;
	good = close(fd) == 0 && good;
	sodium_memzero(text, sizeof text);
	sodium_memzero(hex, sizeof hex);
	if (!good) {
		unlink(path);
		return FAIL(err, RC_IO, "%s: %s", path, strerror(why));
	}
	sync_folder(path);
	return RC_OK;
}

enum rc seal_create(const char *key_path, struct err *err)
{
	struct hash key;
	if (sodium_init() < 0)
		return FAIL(err, RC_IO, "the system gives no random numbers");
	/* Straight from the system: a real key never comes from a seeded source. */
	randombytes_buf(key.b, sizeof key.b);
	enum rc rc = create(key_path, &key, false, err);
	sodium_memzero(&key, sizeof key);
	return rc;
}

enum rc seal_create_seeded(const char *key_path, uint64_t seed, struct err *err)
{
	char text[64];
	int n = snprintf(text, sizeof text, "qinghe demo key %llu", (unsigned long long)seed);
	struct hash key = hash_sha256((str){text, (size_t)n});
	return create(key_path, &key, true, err);
}

static enum rc read_key(const char *path, struct hash *out, bool *out_demo, struct err *err)
{
	char text[KEY_FILE_MAX_BYTES];
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno == ENOENT ? FAIL(err, RC_NOT_FOUND, "the key file %s is missing", path)
				       : FAIL(err, RC_IO, "%s: %s", path, strerror(errno));
	bool open_to_all = fstat(fd, &st) != 0 || (st.st_mode & 0007) != 0;
	ssize_t n = open_to_all ? 0 : read(fd, text, sizeof text);
	close(fd);
	if (open_to_all)
		return FAIL(err, RC_INVALID, "anyone may read the key file %s: chmod 600 it", path);
	str s = {text, n > 0 ? (size_t)n : 0}, rest = str_from(s, sizeof HEADER - 1);
	bool good = str_starts(s, STR(HEADER)) && hex_parse(str_cut(rest, '\n', &rest), out, HASH_BYTES) &&
		    (rest.n == 0 || str_eq(rest, STR("demo\n")));
	*out_demo = rest.n > 0;
	sodium_memzero(text, sizeof text);
	return good ? RC_OK : FAIL(err, RC_INVALID, "%s is not a key file", path);
}

/* ---- the seal ---- */

static struct hash derive(const struct hash *root, str purpose)
{
	char text[128];
	assert(purpose.n < 100);
	int n = snprintf(text, sizeof text, "qinghe:%.*s", STR_ARG(purpose));
	return hash_hmac(HASH_SHA256, (str){(const char *)root->b, HASH_BYTES}, (str){text, (size_t)n});
}

static size_t page_bytes(void)
{
	long n = sysconf(_SC_PAGESIZE);
	return n > (long)sizeof(struct seal) ? (size_t)n : sizeof(struct seal);
}

enum rc seal_open(const char *key_path, struct seal **out_seal, struct err *err)
{
	if (sodium_init() < 0)
		return FAIL(err, RC_IO, "the system gives no random numbers");
	struct seal *s = mmap(NULL, page_bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s == MAP_FAILED)
		return FAIL(err, RC_IO, "no memory for the key");
	/* Best effort: a limit on locked pages must not keep the office closed. */
	(void)mlock(s, page_bytes());
	(void)madvise(s, page_bytes(), MADV_DONTDUMP);
	(void)madvise(s, page_bytes(), MADV_DONTFORK);
	enum rc rc = read_key(key_path, &s->root, &s->demo, err);
	if (rc != RC_OK) {
		seal_close(s);
		return rc;
	}
	s->field = derive(&s->root, STR("field"));
	s->index = derive(&s->root, STR("index"));
	(void)mprotect(s, page_bytes(), PROT_READ);
	*out_seal = s;
	return RC_OK;
}

void seal_close(struct seal *s)
{
	if (s == NULL)
		return;
	(void)mprotect(s, page_bytes(), PROT_READ | PROT_WRITE);
	sodium_memzero(s, sizeof *s);
	munmap(s, page_bytes());
}

bool seal_is_demo(const struct seal *s)
{
	return s->demo;
}

/* Associated data: the envelope's head, then the place. */
static str bound(struct arena *a, str head, str place)
{
	char *p = arena_alloc(a, head.n + place.n);
	memcpy(p, head.p, head.n);
	if (place.n)
		memcpy(p + head.n, place.p, place.n);
	return (str){p, head.n + place.n};
}

/* Random bytes by the page: a call of the system for each nonce costs as much as the cipher. The pool would be the same
 * in a child, but a child has no key (DONTFORK). */
static void nonce(unsigned char out[NONCE_BYTES])
{
	static _Thread_local unsigned char pool[128 * NONCE_BYTES];
	static _Thread_local size_t left;
	if (left < NONCE_BYTES) {
		randombytes_buf(pool, sizeof pool);
		left = sizeof pool;
	}
	left -= NONCE_BYTES;
	memcpy(out, pool + left, NONCE_BYTES);
}

str seal_put(struct arena *a, struct seal *s, str place, str plain)
{
	assert(plain.n <= SEAL_PLAIN_MAX_BYTES);
	size_t padded = (plain.n / PAD_BYTES + 1) * PAD_BYTES;
	size_t total = HEAD_BYTES + NONCE_BYTES + padded + TAG_BYTES;
	unsigned char *p = arena_alloc(a, total), *body = p + HEAD_BYTES + NONCE_BYTES;
	p[0] = SUITE;
	p[1] = GENERATION;
	/* A repeated nonce would open both values: a seeded source is for demo keys alone. */
	if (s->demo)
		rand_bytes(p + HEAD_BYTES, NONCE_BYTES);
	else
		nonce(p + HEAD_BYTES);
	if (plain.n)
		memcpy(body, plain.p, plain.n);
	body[plain.n] = 0x80; /* the rest is zero */
	str ad = bound(a, (str){(const char *)p, HEAD_BYTES}, place);
	unsigned long long n;
	crypto_aead_xchacha20poly1305_ietf_encrypt(
		body, &n, body, padded, (const unsigned char *)ad.p, ad.n, NULL, p + HEAD_BYTES, s->field.b);
	assert(n == padded + TAG_BYTES);
	return (str){(const char *)p, total};
}

enum rc seal_get(struct arena *a, struct seal *s, str place, str envelope, str *out_plain, struct err *err)
{
	const unsigned char *p = (const unsigned char *)envelope.p;
	const size_t least = HEAD_BYTES + NONCE_BYTES + PAD_BYTES + TAG_BYTES;
	if (envelope.n < least || envelope.n > SEAL_PLAIN_MAX_BYTES + SEAL_OVERHEAD_BYTES || p[0] != SUITE ||
		p[1] != GENERATION)
		return FAIL(err, RC_IO, "a sealed value of %.*s does not open: no envelope of this program",
			STR_ARG(place));
	size_t body_n = envelope.n - HEAD_BYTES - NONCE_BYTES;
	unsigned char *plain = arena_alloc(a, body_n - TAG_BYTES + 1);
	str ad = bound(a, str_head(envelope, HEAD_BYTES), place);
	unsigned long long n;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, &n, NULL, p + HEAD_BYTES + NONCE_BYTES, body_n,
		    (const unsigned char *)ad.p, ad.n, p + HEAD_BYTES, s->field.b) != 0)
		return FAIL(err, RC_IO, "a sealed value of %.*s does not open: damaged, moved or another key",
			STR_ARG(place));
	while (n > 0 && plain[n - 1] == 0)
		n--;
	if (n == 0 || plain[n - 1] != 0x80)
		return FAIL(err, RC_IO, "a sealed value of %.*s does not open: no envelope of this program",
			STR_ARG(place));
	plain[--n] = 0;
	*out_plain = (str){(const char *)plain, (size_t)n};
	return RC_OK;
}

struct blind seal_blind(struct seal *s, str kind, str text)
{
	struct blind b;
	const str parts[] = {kind, {"\x1f", 1}, text};
	struct hash h = hash_hmac_join(HASH_SHA256, (str){(const char *)s->index.b, HASH_BYTES}, parts, 3);
	memcpy(b.b, h.b, BLIND_BYTES);
	return b;
}

struct hash seal_key(struct seal *s, str purpose)
{
	assert(!str_is(purpose, "field") && !str_is(purpose, "index"));
	return derive(&s->root, purpose);
}
