/* keyfile.c -- see keyfile.h. */
#include "guard/keyfile.h"
#include "base/aead.h"
#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	KEY_FILE_MAX_BYTES = 1024,
	PASSPHRASE_MAX_BYTES = 1024,
	LOCK_MEMORY_BYTES = 256 << 20,
	LOCK_PASSES = 3,
	SALT_BYTES = crypto_pwhash_SALTBYTES,
	LOCKED_BYTES = HASH_BYTES + 16, /* tag */
	PATH_BYTES = 4096
};

static const char FIRST[] = "qinghe-key 1\n", HEADER[] = "qinghe-key 2\n";

str keyfile_path(struct arena *a, const char *db_url)
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

str keyfile_beside(struct arena *a, const char *db_url, const char *what)
{
	str key = keyfile_path(a, db_url);
	str city = str_head(key, key.n - (str_ends(key, STR("key")) ? 3 : 0));
	return arena_fmt(a, "%.*s%s", STR_ARG(city), what);
}

void keyfile_draw(struct root_key *out, int suite)
{
	*out = (struct root_key){.suite = suite};
	randombytes_buf(out->root.b, HASH_BYTES); /* a real key never comes from a seeded source */
}

void keyfile_seeded(struct root_key *out, int suite, uint64_t seed)
{
	char text[64];
	int n = snprintf(text, sizeof text, "qinghe demo key %llu", (unsigned long long)seed);
	*out = (struct root_key){.root = hash_sha256((str){text, (size_t)n}), .suite = suite, .demo = true};
}

/* ---- the passphrase ---- */

static bool credential(char *path, size_t cap, const char *name)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	return folder && folder[0] && (size_t)snprintf(path, cap, "%s/%s", folder, name) < cap &&
	       access(path, R_OK) == 0;
}

enum rc keyfile_passphrase(struct arena *a, str *out, struct err *err)
{
	char path[PATH_BYTES];
	const char *named = getenv("QINGHE_PASSPHRASE_FILE");
	*out = (str){NULL, 0};
	if (named == NULL || named[0] == 0) {
		if (!credential(path, sizeof path, "qinghe.passphrase"))
			return RC_OK;
		named = path;
	}
	TRY(file_read(a, named, PASSPHRASE_MAX_BYTES, out, err));
	while (out->n > 0 && (out->p[out->n - 1] == '\n' || out->p[out->n - 1] == '\r'))
		out->n--;
	return RC_OK;
}

static enum rc lock_key(str passphrase, const unsigned char *salt, struct hash *out, struct err *err)
{
	if (crypto_pwhash(out->b, HASH_BYTES, passphrase.p, passphrase.n, salt, LOCK_PASSES,
		    LOCK_MEMORY_BYTES, crypto_pwhash_ALG_ARGON2ID13) != 0)
		return FAIL(err, RC_IO, "no memory for the passphrase");
	return RC_OK;
}

/* The salt is new at every writing, and so is the key: a nonce of zeros is used once. */
static const char zero_nonce[24];

/* ---- writing ---- */

static enum rc text_of(
	char *out, size_t cap, size_t *out_n, const struct root_key *k, str passphrase, struct err *err)
{
	char body[2 * LOCKED_BYTES + 1], salt_hex[2 * SALT_BYTES + 1] = "";
	unsigned char salt[SALT_BYTES], locked[LOCKED_BYTES];
	if (passphrase.n > 0) {
		struct hash key;
		randombytes_buf(salt, sizeof salt);
		TRY(lock_key(passphrase, salt, &key, err));
		aead_seal(AEAD_XCHACHA20_POLY1305, key.b, (str){zero_nonce, sizeof zero_nonce},
			STR("qinghe-key"), (str){(const char *)k->root.b, HASH_BYTES}, locked);
		sodium_memzero(&key, sizeof key);
		hex_text(salt, sizeof salt, salt_hex);
		hex_text(locked, sizeof locked, body);
	} else {
		hex_text(k->root.b, HASH_BYTES, body);
	}
	int n = snprintf(out, cap, "%ssuite %s\n%s%s %s\n%s", HEADER,
		k->suite == CRYPTO_NATIONAL ? "national" : "international", passphrase.n ? "locked " : "root",
		salt_hex, body, k->demo ? "demo\n" : "");
	sodium_memzero(body, sizeof body);
	*out_n = (size_t)n;
	return RC_OK;
}

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

enum rc keyfile_write(const char *path, const struct root_key *k, str passphrase, struct err *err)
{
	char text[KEY_FILE_MAX_BYTES];
	size_t n = 0;
	if (sodium_init() < 0)
		return FAIL(err, RC_IO, "the system gives no random numbers");
	TRY(text_of(text, sizeof text, &n, k, passphrase, err));
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	int why = errno;
	bool good = fd >= 0 && write_all(fd, (str){text, n});
	if (fd >= 0 && !good)
		why = errno;
	good = (fd < 0 || close(fd) == 0) && good;
	sodium_memzero(text, sizeof text);
	if (good)
		return file_sync_folder(path, err);
	if (fd < 0 && why == EEXIST)
		return FAIL(err, RC_CONFLICT, "the key file %s stands already", path);
	if (fd >= 0)
		unlink(path);
	return FAIL(err, RC_IO, "%s: %s", path, strerror(why));
}

enum rc keyfile_replace(const char *path, const struct root_key *k, str passphrase, struct err *err)
{
	char text[KEY_FILE_MAX_BYTES];
	size_t n = 0;
	const char *slash = strrchr(path, '/');
	if (sodium_init() < 0)
		return FAIL(err, RC_IO, "the system gives no random numbers");
	char folder[PATH_BYTES] = ".";
	if (slash)
		snprintf(folder, sizeof folder, "%.*s", slash == path ? 1 : (int)(slash - path), path);
	file_sweep(folder, slash ? slash + 1 : path);
	enum rc rc = text_of(text, sizeof text, &n, k, passphrase, err);
	if (rc == RC_OK)
		rc = file_write_kept(path, (str){text, n}, err);
	sodium_memzero(text, sizeof text);
	return rc;
}

/* ---- reading ---- */

static enum rc read_text(const char *path, char *out, size_t cap, size_t *out_n, struct err *err)
{
	struct stat st;
	char other[PATH_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 && errno == ENOENT && credential(other, sizeof other, "qinghe.key"))
		fd = open(other, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno == ENOENT ? FAIL(err, RC_NOT_FOUND, "the key file %s is missing", path)
				       : FAIL(err, RC_IO, "%s: %s", path, strerror(errno));
	bool open_to_all = fstat(fd, &st) != 0 || (st.st_mode & 0007) != 0;
	ssize_t n = open_to_all ? 0 : read(fd, out, cap);
	close(fd);
	*out_n = n > 0 ? (size_t)n : 0;
	return open_to_all ? FAIL(err, RC_INVALID, "anyone may read the key file %s: chmod 600 it", path)
			   : RC_OK;
}

static enum rc unlock(str fields, struct root_key *out, bool *good, struct err *err)
{
	unsigned char salt[SALT_BYTES], locked[LOCKED_BYTES];
	struct arena a = {0};
	struct hash key;
	str sealed, passphrase, salt_hex = str_cut(fields, ' ', &sealed);
	*good = hex_parse(salt_hex, salt, sizeof salt) && hex_parse(sealed, locked, sizeof locked);
	out->locked = true;
	if (!*good)
		return RC_OK;
	enum rc rc = keyfile_passphrase(&a, &passphrase, err);
	if (rc == RC_OK && passphrase.n == 0)
		rc = FAIL(err, RC_INVALID,
			"the key file asks for its passphrase: $QINGHE_PASSPHRASE_FILE names the file that "
			"holds it");
	if (rc == RC_OK)
		rc = lock_key(passphrase, salt, &key, err);
	if (passphrase.n > 0)
		sodium_memzero((void *)(uintptr_t)passphrase.p, passphrase.n);
	arena_done(&a);
	TRY(rc);
	bool opens = aead_open(AEAD_XCHACHA20_POLY1305, key.b, (str){zero_nonce, sizeof zero_nonce},
		STR("qinghe-key"), (str){(const char *)locked, sizeof locked}, out->root.b);
	sodium_memzero(&key, sizeof key);
	return opens ? RC_OK : FAIL(err, RC_INVALID, "this passphrase does not open the key file");
}

static bool read_first(str s, struct root_key *out)
{
	str rest = str_from(s, sizeof FIRST - 1);
	bool good = hex_parse(str_cut(rest, '\n', &rest), &out->root, HASH_BYTES);
	out->suite = CRYPTO_INTERNATIONAL;
	out->demo = rest.n > 0;
	return good && (rest.n == 0 || str_is(rest, "demo\n"));
}

static enum rc read_second(str s, struct root_key *out, bool *good, struct err *err)
{
	str rest = str_from(s, sizeof HEADER - 1);
	str suite = str_cut(rest, '\n', &rest), key = str_cut(rest, '\n', &rest);
	out->suite = str_is(suite, "suite national")        ? CRYPTO_NATIONAL
		     : str_is(suite, "suite international") ? CRYPTO_INTERNATIONAL
							    : 0;
	out->demo = rest.n > 0;
	*good = out->suite != 0 && (rest.n == 0 || str_is(rest, "demo\n"));
	if (!*good)
		return RC_OK;
	if (str_starts(key, STR("locked ")))
		return unlock(str_from(key, 7), out, good, err);
	*good = str_starts(key, STR("root ")) && hex_parse(str_from(key, 5), &out->root, HASH_BYTES);
	return RC_OK;
}

enum rc keyfile_read(const char *path, struct root_key *out, struct err *err)
{
	char text[KEY_FILE_MAX_BYTES];
	size_t n = 0;
	bool good = false;
	struct root_key k = {.suite = 0};
	if (sodium_init() < 0)
		return FAIL(err, RC_IO, "the system gives no random numbers");
	TRY(read_text(path, text, sizeof text, &n, err));
	str s = {text, n};
	enum rc rc = RC_OK;
	if (str_starts(s, str_of(FIRST)))
		good = read_first(s, &k);
	else if (str_starts(s, str_of(HEADER)))
		rc = read_second(s, &k, &good, err);
	sodium_memzero(text, sizeof text);
	if (rc == RC_OK && !good)
		rc = FAIL(err, RC_INVALID, "%s is not a key file", path);
	if (rc == RC_OK)
		*out = k;
	sodium_memzero(&k, sizeof k);
	return rc;
}
