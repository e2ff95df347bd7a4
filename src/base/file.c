/* file.c -- see file.h. */
#include "base/file.h"
#include "base/buf.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_BYTES = 64 << 10, PATH_BYTES = 4096 };

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

static bool write_all(int fd, str bytes)
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

enum rc file_write(const char *path, str bytes, struct err *err)
{
	if (strcmp(path, "-") == 0)
		return write_all(STDOUT_FILENO, bytes)
			       ? RC_OK
			       : FAIL(err, RC_IO, "%s cannot be written: %s", path, strerror(errno));
	char beside[PATH_BYTES];
	if ((size_t)snprintf(beside, sizeof beside, "%s.new-%ld", path, (long)getpid()) >= sizeof beside)
		return FAIL(err, RC_INVALID, "the path %s is too long", path);
	int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	bool ok = fd >= 0 && write_all(fd, bytes);
	if (fd >= 0)
		ok = close(fd) == 0 && ok;
	ok = ok && rename(beside, path) == 0;
	if (ok)
		return RC_OK;
	int why = errno;
	if (fd >= 0)
		unlink(beside);
	return FAIL(err, RC_IO, "%s cannot be written: %s", path, strerror(why));
}

enum rc file_sync_folder(const char *path, struct err *err)
{
	char folder[PATH_BYTES] = ".";
	const char *slash = strrchr(path, '/');
	if (slash)
		snprintf(folder, sizeof folder, "%.*s", slash == path ? 1 : (int)(slash - path), path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 ? -1 : fsync(fd), why = errno;
	if (fd >= 0)
		close(fd);
	return rc == 0 ? RC_OK : FAIL(err, RC_IO, "%s: %s", folder, strerror(why));
}
