/* lines.c -- see lines.h. */
#include "base/lines.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_BYTES = 64 << 10 };

enum rc lines_open(struct lines *in, const char *path, struct err *err)
{
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return FAIL(err, errno == ENOENT ? RC_INVALID : RC_IO, "%s cannot be opened: %s", path,
			strerror(errno));
	*in = (struct lines){.path = path, .fd = fd};
	buf_init(&in->kept, LINES_MAX_BYTES + CHUNK_BYTES);
	return RC_OK;
}

void lines_close(struct lines *in)
{
	if (in->fd != STDIN_FILENO)
		close(in->fd);
	buf_done(&in->kept);
	in->fd = STDIN_FILENO;
}

static enum rc fill(struct lines *in, struct err *err)
{
	struct buf *b = &in->kept;
	if (in->from > 0) {
		memmove(b->p, b->p + in->from, b->n - in->from);
		b->n -= in->from;
		in->from = 0;
	}
	if (b->n >= LINES_MAX_BYTES)
		return FAIL(err, RC_LIMIT, "%s, line %lld: longer than %d bytes", in->path,
			(long long)in->number + 1, LINES_MAX_BYTES);
	buf_reserve(b, CHUNK_BYTES);
	ssize_t n;
	do
		n = read(in->fd, b->p + b->n, CHUNK_BYTES);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return FAIL(err, RC_IO, "%s cannot be read: %s", in->path, strerror(errno));
	b->n += (size_t)n;
	in->at_end = n == 0;
	return RC_OK;
}

enum rc lines_next(struct lines *in, str *out, struct err *err)
{
	size_t seen = 0; /* bytes after from that hold no LF */
	for (;;) {
		str rest = {in->kept.p + in->from, in->kept.n - in->from};
		size_t at = str_find_byte(str_from(rest, seen), '\n');
		if (at != SIZE_MAX || (in->at_end && rest.n > 0)) {
			str line = at != SIZE_MAX ? str_head(rest, seen + at) : rest;
			in->from += at != SIZE_MAX ? line.n + 1 : line.n;
			in->number++;
			if (line.n > 0 && line.p[line.n - 1] == '\r')
				line.n--;
			*out = line;
			return RC_OK;
		}
		if (in->at_end)
			return RC_NOT_FOUND;
		seen = rest.n;
		TRY(fill(in, err));
	}
}
