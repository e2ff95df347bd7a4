/* files.c -- see files.h. */
#include "guard/files.h"
#include "base/aead.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "guard/keyfile.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD_BYTES = 4, PATH_BYTES = 4096, STORED_MAX_BYTES = FILE_MAX_BYTES + 1024 };

str files_folder(struct arena *a, const char *db_url)
{
	return keyfile_beside(a, db_url, "files");
}

static enum rc path_of(char *out, size_t cap, const char *folder, str hash, struct err *err)
{
	unsigned char bytes[HASH_BYTES];
	if (!hex_parse(hash, bytes, sizeof bytes) ||
		(size_t)snprintf(out, cap, "%s/%.2s/%.*s", folder, hash.p, STR_ARG(hash)) >= cap)
		return FAIL(err, RC_INVALID, "no such file is kept");
	return RC_OK;
}

/* The last part of a name, without what a screen or a header could stumble over. */
static str clean_name(struct arena *a, str name)
{
	size_t from = 0, n = 0;
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] == '/' || name.p[i] == '\\')
			from = i + 1;
	str last = str_from(name, from);
	char *out = arena_alloc(a, last.n + 1);
	for (size_t i = 0; i < last.n; i++)
		if ((unsigned char)last.p[i] >= 0x20 && last.p[i] != 0x7f)
			out[n++] = last.p[i];
	str s = utf8_head(str_trim((str){out, n}), FILE_NAME_MAX_BYTES);
	return s.n > 0 && utf8_clean(s) ? s : STR("file");
}

static enum rc make_folder(const char *path, struct err *err)
{
	return mkdir(path, 0700) == 0 || errno == EEXIST ? file_sync_folder(path, err)
							 : FAIL(err, RC_IO, "%s: %s", path, strerror(errno));
}

static enum rc store(const char *folder, str hash, const unsigned char *p, size_t n, struct err *err)
{
	char path[PATH_BYTES], sub[PATH_BYTES];
	TRY(path_of(path, sizeof path, folder, hash, err));
	TRY(make_folder(folder, err));
	snprintf(sub, sizeof sub, "%.*s", (int)(strlen(folder) + 3), path);
	TRY(make_folder(sub, err));
	return file_write_kept(path, (str){(const char *)p, n}, err);
}

enum rc files_put(
	struct arena *a, const char *folder, int suite, str name, str bytes, str *out_value, struct err *err)
{
	unsigned char key[AEAD_KEY_BYTES];
	char key_hex[2 * AEAD_KEY_BYTES + 1];
	size_t nonce_n = aead_nonce_bytes(suite), tag_n = aead_tag_bytes(suite);
	if (bytes.n > FILE_MAX_BYTES)
		return FAIL(err, RC_LIMIT, "a file has at most %d MB", FILE_MAX_BYTES >> 20);
	size_t n = HEAD_BYTES + nonce_n + bytes.n + tag_n;
	unsigned char *p = arena_alloc(a, n);
	const unsigned char head[HEAD_BYTES] = {'Q', 'F', 1, (unsigned char)suite};
	memcpy(p, head, sizeof head);
	randombytes_buf(p + HEAD_BYTES, nonce_n);
	randombytes_buf(key, sizeof key);
	aead_seal(suite, key, (str){(const char *)p + HEAD_BYTES, nonce_n},
		(str){(const char *)p, HEAD_BYTES}, bytes, p + HEAD_BYTES + nonce_n);
	struct hash h = hash_sha256((str){(const char *)p, n});
	str hash = hex_str(a, h.b, HASH_BYTES);
	hex_text(key, sizeof key, key_hex);
	enum rc rc = store(folder, hash, p, n, err);
	if (rc == RC_OK)
		*out_value =
			arena_fmt(a, "%.*s %s %.*s", STR_ARG(hash), key_hex, STR_ARG(clean_name(a, name)));
	sodium_memzero(key, sizeof key);
	sodium_memzero(key_hex, sizeof key_hex);
	return rc;
}

bool file_ref_read(str value, struct file_ref *out)
{
	unsigned char bytes[HASH_BYTES];
	str rest;
	out->hash = str_cut(value, ' ', &rest);
	out->key = str_cut(rest, ' ', &out->name);
	return hex_parse(out->hash, bytes, HASH_BYTES) && hex_parse(out->key, bytes, AEAD_KEY_BYTES) &&
	       out->name.n > 0 && out->name.n <= FILE_NAME_MAX_BYTES;
}

static enum rc read_stored(struct arena *a, const char *folder, str hash, str *out, struct err *err)
{
	char path[PATH_BYTES], hex[HEX_BYTES];
	TRY(path_of(path, sizeof path, folder, hash, err));
	if (access(path, F_OK) != 0)
		return FAIL(err, RC_NOT_FOUND, "the file %.8s… is missing in %s", hash.p, folder);
	TRY(file_read(a, path, STORED_MAX_BYTES, out, err));
	struct hash h = hash_sha256(*out);
	hex_text(h.b, HASH_BYTES, hex);
	return str_eq(hash, (str){hex, FILE_HASH_CHARS})
		       ? RC_OK
		       : FAIL(err, RC_IO, "the file %.8s… in %s is damaged", hash.p, folder);
}

enum rc files_get(
	struct arena *a, const char *folder, const struct file_ref *ref, str *out_bytes, struct err *err)
{
	unsigned char key[AEAD_KEY_BYTES];
	str e;
	TRY(read_stored(a, folder, ref->hash, &e, err));
	int suite = e.n > HEAD_BYTES && e.p[0] == 'Q' && e.p[1] == 'F' && e.p[2] == 1 ? e.p[3] : 0;
	size_t nonce_n = aead_nonce_bytes(suite), tag_n = aead_tag_bytes(suite);
	bool good =
		nonce_n > 0 && e.n >= HEAD_BYTES + nonce_n + tag_n && hex_parse(ref->key, key, sizeof key);
	size_t n = good ? e.n - HEAD_BYTES - nonce_n - tag_n : 0;
	unsigned char *plain = arena_alloc(a, n + 1);
	good = good && aead_open(suite, key, (str){e.p + HEAD_BYTES, nonce_n}, str_head(e, HEAD_BYTES),
			       str_from(e, HEAD_BYTES + nonce_n), plain);
	sodium_memzero(key, sizeof key);
	if (!good)
		return FAIL(err, RC_IO, "the file %.8s… does not open: another key", ref->hash.p);
	*out_bytes = (str){(const char *)plain, n};
	return RC_OK;
}

enum rc files_check(const char *folder, str hash, struct err *err)
{
	struct arena a = {0};
	str e;
	enum rc rc = read_stored(&a, folder, hash, &e, err);
	arena_done(&a);
	return rc;
}

static enum rc each_in(const char *sub,
	enum rc (*visit)(void *user, str hash, const char *path, int64_t stored_at_ms, struct err *err),
	void *user, struct err *err)
{
	DIR *d = opendir(sub);
	enum rc rc = RC_OK;
	for (struct dirent *e; d && rc == RC_OK && (e = readdir(d)) != NULL;) {
		char path[2 * PATH_BYTES];
		struct stat st;
		unsigned char bytes[HASH_BYTES];
		if (!hex_parse(str_of(e->d_name), bytes, HASH_BYTES))
			continue;
		snprintf(path, sizeof path, "%s/%s", sub, e->d_name);
		if (stat(path, &st) == 0)
			rc = visit(user, str_of(e->d_name), path, (int64_t)st.st_mtime * 1000, err);
	}
	if (d)
		closedir(d);
	return rc;
}

enum rc files_each(const char *folder,
	enum rc (*visit)(void *user, str hash, const char *path, int64_t stored_at_ms, struct err *err),
	void *user, struct err *err)
{
	for (int i = 0; i < 256; i++) {
		char sub[PATH_BYTES];
		snprintf(sub, sizeof sub, "%s/%02x", folder, (unsigned)i);
		TRY(each_in(sub, visit, user, err));
	}
	return RC_OK;
}

void files_sweep(const char *folder)
{
	for (int i = 0; i < 256; i++) {
		char sub[PATH_BYTES];
		snprintf(sub, sizeof sub, "%s/%02x", folder, (unsigned)i);
		file_sweep(sub, "");
	}
}
