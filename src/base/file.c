/* file.c -- see file.h. */
#include "base/file.h"
#include "base/buf.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK_BYTES = 64 << 10 };
#define HALF ".new-" /* and the number of the process that writes it */

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

static enum rc begin(const char *path, struct file_new *out, struct err *err)
{
	*out = (struct file_new){.fd = -1};
	if ((size_t)snprintf(out->beside, sizeof out->beside, "%s" HALF "%ld", path, (long)getpid()) >=
		sizeof out->beside)
		return FAIL(err, RC_INVALID, "the path %s is too long", path);
	snprintf(out->path, sizeof out->path, "%s", path);
	return RC_OK;
}

enum rc file_begin(const char *path, struct file_new *out, struct err *err)
{
	if (strcmp(path, "-") == 0) {
		*out = (struct file_new){.fd = STDOUT_FILENO};
		return RC_OK;
	}
	TRY(begin(path, out, err));
	out->fd = open(out->beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	return out->fd >= 0 ? RC_OK : not_written(path, errno, err);
}

/* A sweep may have taken the name away between the opening and the lock. */
static int open_locked(const char *path)
{
	for (;;) {
		struct stat st;
		int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0)
			return -1;
		if (flock(fd, LOCK_EX) == 0 && fstat(fd, &st) == 0 && st.st_nlink > 0 &&
			ftruncate(fd, 0) == 0)
			return fd;
		int why = errno;
		bool swept = fstat(fd, &st) == 0 && st.st_nlink == 0;
		close(fd);
		errno = why;
		if (!swept)
			return -1;
	}
}

enum rc file_begin_kept(const char *path, struct file_new *out, struct err *err)
{
	TRY(begin(path, out, err));
	out->kept = true;
	out->fd = open_locked(out->beside);
	return out->fd >= 0 ? RC_OK : not_written(path, errno, err);
}

/* Under its lock until it has its name. */
static enum rc end_kept(struct file_new *f, enum rc rc, struct err *err)
{
	bool placed = rc == RC_OK && fsync(f->fd) == 0 && rename(f->beside, f->path) == 0;
	int why = errno;
	if (!placed)
		unlink(f->beside);
	close(f->fd);
	if (placed)
		return file_sync_folder(f->path, err);
	return rc != RC_OK ? rc : not_written(f->path, why, err);
}

enum rc file_end(struct file_new *f, enum rc rc, struct err *err)
{
	if (f->path[0] == 0)
		return rc;
	if (f->kept)
		return end_kept(f, rc, err);
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

enum rc file_write_kept(const char *path, str bytes, struct err *err)
{
	struct file_new f;
	TRY(file_begin_kept(path, &f, err));
	return file_end(&f, file_put(f.fd, bytes) ? RC_OK : not_written(path, errno, err), err);
}

static bool is_half(const char *file, const char *name)
{
	const char *at = strstr(file, HALF);
	if (at == NULL || strncmp(file, name, strlen(name)) != 0)
		return false;
	at += strlen(HALF);
	return at[0] && at[strspn(at, "0123456789")] == 0;
}

int file_sweep(const char *folder, const char *name)
{
	int gone = 0;
	DIR *d = opendir(folder);
	for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
		int fd = is_half(e->d_name, name)
				 ? openat(dirfd(d), e->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
				 : -1;
		if (fd < 0)
			continue;
		if (flock(fd, LOCK_EX | LOCK_NB) == 0) /* nobody writes it */
			gone += unlinkat(dirfd(d), e->d_name, 0) == 0;
		close(fd);
	}
	if (d)
		closedir(d);
	return gone;
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
