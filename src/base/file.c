/* file.c -- see file.h. */
#include "base/file.h"
#include "base/buf.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_BYTES = 64 << 10 };

static enum rc read_all(int fd, const char *path, size_t max_bytes, struct buf *b, struct err *err)
{
	for (;;) {
		buf_reserve(b, CHUNK_BYTES);
		ssize_t n = read(fd, b->p + b->n, CHUNK_BYTES);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return FAIL(err, RC_IO, "%s cannot be read: %s", path, strerror(errno));
		if (n == 0)
			return RC_OK;
		b->n += (size_t)n;
		if (b->n > max_bytes)
			return FAIL(err, RC_LIMIT, "%s is larger than %zu bytes", path, max_bytes);
	}
}

enum rc file_read(struct arena *a, const char *path, size_t max_bytes, str *out, struct err *err)
{
	bool in = strcmp(path, "-") == 0;
	int fd = in ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return FAIL(err, errno == ENOENT || errno == ENOTDIR ? RC_INVALID : RC_IO,
			"%s cannot be opened: %s", path, strerror(errno));
	struct buf b;
	buf_init(&b, max_bytes + 2 * CHUNK_BYTES);
	enum rc rc = read_all(fd, path, max_bytes, &b, err);
	if (rc == RC_OK)
		*out = arena_str(a, buf_str(&b));
	buf_done(&b);
	if (!in)
		close(fd);
	return rc;
}

enum rc file_digest(const char *path, struct hash *out, struct err *err)
{
	struct hasher h;
	char piece[CHUNK_BYTES];
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return FAIL(err, errno == ENOENT || errno == ENOTDIR ? RC_INVALID : RC_IO,
			"%s cannot be opened: %s", path, strerror(errno));
	hasher_init(&h, HASH_SHA256);
	while ((n = read(fd, piece, sizeof piece)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			hasher_add(&h, (str){piece, (size_t)n});
	int why = errno;
	close(fd);
	*out = hasher_end(&h);
	return n == 0 ? RC_OK : FAIL(err, RC_IO, "%s cannot be read: %s", path, strerror(why));
}

bool file_put(int fd, str bytes)
{
	while (bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes = str_from(bytes, (size_t)n);
	}
	return true;
}

static enum rc not_written(const char *path, int why, struct err *err)
{
	return FAIL(err, RC_IO, "%s cannot be written: %s", path, strerror(why));
}

enum rc file_begin(const char *path, struct file_new *out, struct err *err)
{
	*out = (struct file_new){.fd = STDOUT_FILENO};
	if (strcmp(path, "-") == 0)
		return RC_OK;
	if ((size_t)snprintf(out->beside, sizeof out->beside, "%s.new-%ld", path, (long)getpid()) >=
		sizeof out->beside)
		return FAIL(err, RC_INVALID, "the path %s is too long", path);
	snprintf(out->path, sizeof out->path, "%s", path);
	out->fd = open(out->beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	return out->fd >= 0 ? RC_OK : not_written(path, errno, err);
}

enum rc file_end(struct file_new *f, enum rc rc, struct err *err)
{
	if (f->path[0] == 0)
		return rc;
	bool closed = close(f->fd) == 0;
	if (rc == RC_OK && closed && rename(f->beside, f->path) == 0)
		return RC_OK;
	int why = errno;
	unlink(f->beside);
	return rc != RC_OK ? rc : not_written(f->path, why, err);
}

enum rc file_write(const char *path, str bytes, struct err *err)
{
	struct file_new f;
	TRY(file_begin(path, &f, err));
	return file_end(&f, file_put(f.fd, bytes) ? RC_OK : not_written(path, errno, err), err);
}

enum rc file_sync_folder(const char *path, struct err *err)
{
	char folder[FILE_PATH_BYTES] = ".";
	const char *slash = strrchr(path, '/');
	if (slash)
		snprintf(folder, sizeof folder, "%.*s", slash == path ? 1 : (int)(slash - path), path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 ? -1 : fsync(fd), why = errno;
	if (fd >= 0)
		close(fd);
	return rc == 0 ? RC_OK : FAIL(err, RC_IO, "%s: %s", folder, strerror(why));
}
