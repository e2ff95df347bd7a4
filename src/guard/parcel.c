/* parcel.c -- see parcel.h. */
#include "guard/parcel.h"
#include "base/file.h"
#include "base/kdf.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	KEY_BYTES = crypto_secretstream_xchacha20poly1305_KEYBYTES,
	HEADER_BYTES = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
	MORE_BYTES = crypto_secretstream_xchacha20poly1305_ABYTES,
	PATH_BYTES = 4096
};

static const char MARK[] = "QINGHE PARCEL 1\n";

struct parcel {
	FILE *f;
	char path[PATH_BYTES], beside[PATH_BYTES];
	bool writing, last; /* last: the final chunk was read */
	crypto_secretstream_xchacha20poly1305_state stream;
	unsigned char plain[PARCEL_CHUNK_BYTES], sealed[PARCEL_CHUNK_BYTES + MORE_BYTES];
	size_t n, at;  /* bytes in plain; read up to */
	uint64_t left; /* of the entry at hand */
};

void recovery_key_of(const struct root_key *root, struct recovery_key *out)
{
	unsigned char seed[crypto_box_SEEDBYTES];
	bool good = hkdf(root->suite == CRYPTO_NATIONAL ? HASH_SM3 : HASH_SHA256,
		(str){(const char *)root->root.b, HASH_BYTES}, (str){NULL, 0}, STR("qinghe recovery"), seed,
		sizeof seed);
	assert(good);
	crypto_box_seed_keypair(out->public, out->secret, seed);
	sodium_memzero(seed, sizeof seed);
}

static enum rc disk(const struct parcel *p, struct err *err)
{
	return FAIL(err, RC_IO, "%s: %s", p->path, strerror(errno));
}

static struct parcel *parcel_new(const char *path)
{
	struct parcel *p = mem_resize(NULL, sizeof *p);
	memset(p, 0, sizeof *p);
	snprintf(p->path, sizeof p->path, "%s", path);
	return p;
}

void parcel_drop(struct parcel *p)
{
	if (p == NULL)
		return;
	if (p->f)
		fclose(p->f);
	if (p->writing)
		unlink(p->beside);
	sodium_memzero(p, sizeof *p);
	mem_resize(p, 0);
}

/* ---- writing ---- */

static enum rc begin(struct parcel *p, const unsigned char public[32], struct err *err)
{
	unsigned char key[KEY_BYTES], box[KEY_BYTES + crypto_box_SEALBYTES], header[HEADER_BYTES];
	crypto_secretstream_xchacha20poly1305_keygen(key);
	bool good = crypto_box_seal(box, key, sizeof key, public) == 0;
	crypto_secretstream_xchacha20poly1305_init_push(&p->stream, header, key);
	sodium_memzero(key, sizeof key);
	if (!good)
		return FAIL(err, RC_INVALID, "the recovery key is no key");
	good = fwrite(MARK, 1, sizeof MARK - 1, p->f) == sizeof MARK - 1 &&
	       fwrite(box, 1, sizeof box, p->f) == sizeof box &&
	       fwrite(header, 1, sizeof header, p->f) == sizeof header;
	return good ? RC_OK : disk(p, err);
}

enum rc parcel_create(const char *path, const unsigned char public[32], struct parcel **out, struct err *err)
{
	struct parcel *p = parcel_new(path);
	if ((size_t)snprintf(p->beside, sizeof p->beside, "%s.part-%ld", path, (long)getpid()) >=
		sizeof p->beside) {
		parcel_drop(p);
		return FAIL(err, RC_INVALID, "the path %s is too long", path);
	}
	int fd = sodium_init() < 0 ? -1 : open(p->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	p->f = fd < 0 ? NULL : fdopen(fd, "wb");
	p->writing = fd >= 0;
	enum rc rc = p->f ? begin(p, public, err) : disk(p, err);
	if (rc != RC_OK) {
		parcel_drop(p);
		return rc;
	}
	*out = p;
	return RC_OK;
}

static enum rc push(struct parcel *p, bool final, struct err *err)
{
	unsigned long long n;
	crypto_secretstream_xchacha20poly1305_push(&p->stream, p->sealed, &n, p->plain, p->n, NULL, 0,
		final ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
	const unsigned char length[4] = {(unsigned char)(n >> 24), (unsigned char)(n >> 16),
		(unsigned char)(n >> 8), (unsigned char)n};
	p->n = 0;
	return fwrite(length, 1, 4, p->f) == 4 && fwrite(p->sealed, 1, n, p->f) == n ? RC_OK : disk(p, err);
}

static enum rc put(struct parcel *p, str s, struct err *err)
{
	while (s.n > 0) {
		size_t n = PARCEL_CHUNK_BYTES - p->n < s.n ? PARCEL_CHUNK_BYTES - p->n : s.n;
		memcpy(p->plain + p->n, s.p, n);
		p->n += n;
		s = str_from(s, n);
		if (p->n == PARCEL_CHUNK_BYTES)
			TRY(push(p, false, err));
	}
	return RC_OK;
}

static enum rc put_head(struct parcel *p, str name, uint64_t size, struct err *err)
{
	char head[10];
	assert(name.n <= PARCEL_NAME_MAX_BYTES);
	head[0] = (char)(name.n >> 8);
	head[1] = (char)name.n;
	TRY(put(p, (str){head, 2}, err));
	TRY(put(p, name, err));
	for (int i = 0; i < 8; i++)
		head[i] = (char)(size >> (56 - 8 * i));
	return name.n ? put(p, (str){head, 8}, err) : RC_OK;
}

enum rc parcel_add(struct parcel *p, str name, str bytes, struct err *err)
{
	TRY(put_head(p, name, bytes.n, err));
	return put(p, bytes, err);
}

enum rc parcel_add_file(struct parcel *p, str name, const char *path, struct err *err)
{
	char buffer[16 << 10];
	struct stat st;
	FILE *f = fopen(path, "rbe");
	if (f == NULL || fstat(fileno(f), &st) != 0) {
		enum rc rc = FAIL(err, RC_IO, "%s: %s", path, strerror(errno));
		if (f)
			fclose(f);
		return rc;
	}
	uint64_t left = (uint64_t)st.st_size;
	enum rc rc = put_head(p, name, left, err);
	while (rc == RC_OK && left > 0) {
		size_t n = fread(buffer, 1, left < sizeof buffer ? left : sizeof buffer, f);
		if (n == 0)
			rc = FAIL(err, RC_IO, "%s grew shorter while it was read", path);
		else
			rc = put(p, (str){buffer, n}, err);
		left -= n;
	}
	fclose(f);
	return rc;
}

enum rc parcel_end(struct parcel *p, struct err *err)
{
	enum rc rc = put_head(p, (str){NULL, 0}, 0, err);
	if (rc == RC_OK)
		rc = push(p, true, err);
	if (rc == RC_OK && (fflush(p->f) != 0 || fsync(fileno(p->f)) != 0))
		rc = disk(p, err);
	if (rc == RC_OK && rename(p->beside, p->path) != 0)
		rc = disk(p, err);
	if (rc == RC_OK) {
		p->writing = false;
		rc = file_sync_folder(p->path, err);
	}
	parcel_drop(p);
	return rc;
}

/* ---- reading ---- */

static enum rc damaged(const struct parcel *p, struct err *err)
{
	return FAIL(err, RC_INVALID, "%s is damaged or cut short", p->path);
}

static enum rc unpack(struct parcel *p, const struct recovery_key *key, struct err *err)
{
	char mark[sizeof MARK - 1];
	unsigned char secret[KEY_BYTES], box[KEY_BYTES + crypto_box_SEALBYTES], header[HEADER_BYTES];
	if (fread(mark, 1, sizeof mark, p->f) != sizeof mark || memcmp(mark, MARK, sizeof mark) != 0 ||
		fread(box, 1, sizeof box, p->f) != sizeof box ||
		fread(header, 1, sizeof header, p->f) != sizeof header)
		return FAIL(err, RC_INVALID, "%s is no parcel of this program", p->path);
	bool good = crypto_box_seal_open(secret, box, sizeof box, key->public, key->secret) == 0;
	good = good && crypto_secretstream_xchacha20poly1305_init_pull(&p->stream, header, secret) == 0;
	sodium_memzero(secret, sizeof secret);
	return good ? RC_OK
		    : FAIL(err, RC_INVALID, "%s is sealed to another recovery key than this city's", p->path);
}

enum rc parcel_open(const char *path, const struct recovery_key *key, struct parcel **out, struct err *err)
{
	if (sodium_init() < 0)
		return FAIL(err, RC_IO, "the system gives no random numbers");
	struct parcel *p = parcel_new(path);
	p->f = fopen(path, "rbe");
	enum rc rc = p->f ? unpack(p, key, err)
			  : FAIL(err, errno == ENOENT ? RC_INVALID : RC_IO, "%s: %s", path, strerror(errno));
	if (rc != RC_OK) {
		parcel_drop(p);
		return rc;
	}
	*out = p;
	return RC_OK;
}

static enum rc pull(struct parcel *p, struct err *err)
{
	unsigned char length[4], tag;
	unsigned long long n;
	if (p->last || fread(length, 1, 4, p->f) != 4)
		return damaged(p, err);
	size_t sealed_n =
		(size_t)length[0] << 24 | (size_t)length[1] << 16 | (size_t)length[2] << 8 | length[3];
	if (sealed_n < MORE_BYTES || sealed_n > sizeof p->sealed ||
		fread(p->sealed, 1, sealed_n, p->f) != sealed_n ||
		crypto_secretstream_xchacha20poly1305_pull(
			&p->stream, p->plain, &n, &tag, p->sealed, sealed_n, NULL, 0) != 0)
		return damaged(p, err);
	p->n = n;
	p->at = 0;
	p->last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
	return RC_OK;
}

/* Up to n bytes that stand together; at least one. */
static enum rc some(struct parcel *p, uint64_t n, str *out, struct err *err)
{
	while (p->at == p->n)
		TRY(pull(p, err));
	size_t there = p->n - p->at;
	*out = (str){(const char *)p->plain + p->at, there < n ? there : (size_t)n};
	p->at += out->n;
	return RC_OK;
}

static enum rc exactly(struct parcel *p, char *out, size_t n, struct err *err)
{
	while (n > 0) {
		str s;
		TRY(some(p, n, &s, err));
		memcpy(out, s.p, s.n);
		out += s.n;
		n -= s.n;
	}
	return RC_OK;
}

enum rc parcel_next(struct parcel *p, struct arena *a, str *out_name, uint64_t *out_size, struct err *err)
{
	unsigned char head[8];
	while (p->left > 0) {
		str s;
		TRY(some(p, p->left, &s, err));
		p->left -= s.n;
	}
	TRY(exactly(p, (char *)head, 2, err));
	size_t n = (size_t)head[0] << 8 | head[1];
	if (n > PARCEL_NAME_MAX_BYTES)
		return damaged(p, err);
	*out_name = (str){NULL, 0};
	if (n == 0)
		return p->last && p->at == p->n && fgetc(p->f) == EOF ? RC_OK : damaged(p, err);
	char *name = arena_alloc(a, n + 1);
	TRY(exactly(p, name, n, err));
	TRY(exactly(p, (char *)head, 8, err));
	for (int i = 0; i < 8; i++)
		p->left = p->left << 8 | head[i];
	*out_name = (str){name, n};
	*out_size = p->left;
	return RC_OK;
}

enum rc parcel_read(struct parcel *p, struct arena *a, size_t max_bytes, str *out, struct err *err)
{
	if (p->left > max_bytes)
		return FAIL(err, RC_LIMIT, "an entry of %s is larger than %zu bytes", p->path, max_bytes);
	size_t n = (size_t)p->left;
	char *bytes = arena_alloc(a, n + 1);
	TRY(exactly(p, bytes, n, err));
	p->left = 0;
	*out = (str){bytes, n};
	return RC_OK;
}

enum rc parcel_save(struct parcel *p, const char *path, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EEXIST ? FAIL(err, RC_CONFLICT, "%s stands already", path)
				       : FAIL(err, RC_IO, "%s: %s", path, strerror(errno));
	enum rc rc = RC_OK;
	while (rc == RC_OK && p->left > 0) {
		str s;
		rc = some(p, p->left, &s, err);
		p->left -= rc == RC_OK ? s.n : 0;
		while (rc == RC_OK && s.n > 0) {
			ssize_t n = write(fd, s.p, s.n);
			if (n <= 0)
				rc = FAIL(err, RC_IO, "%s: %s", path, strerror(errno));
			else
				s = str_from(s, (size_t)n);
		}
	}
	if (rc == RC_OK && fsync(fd) != 0)
		rc = FAIL(err, RC_IO, "%s: %s", path, strerror(errno));
	close(fd);
	if (rc == RC_OK)
		return file_sync_folder(path, err);
	unlink(path);
	return rc;
}
