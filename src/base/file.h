/* file.h -- a whole file in memory, read or written in one piece. "-" is standard input or output.
 * Reading: at most max_bytes (RC_LIMIT beyond); the text ends in a NUL that is not counted. Not there: RC_INVALID; the
 * disk's faults: RC_IO. Writing is to a new file beside the old one, which it replaces when it is complete. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"

MUST_USE enum rc file_read(struct arena *a, const char *path, size_t max_bytes, str *out, struct err *err);
/* SHA-256 of its bytes, whatever its size; "-" is no file here. */
MUST_USE enum rc file_digest(const char *path, struct hash *out, struct err *err);
MUST_USE enum rc file_write(const char *path, str bytes, struct err *err);
/* The same in pieces: fd is written to by whoever likes; file_end with RC_OK puts the file in place, with any other code it
 * drops it and gives the code back. "-": fd is standard output, and the end does nothing. */
enum { FILE_PATH_BYTES = 4096 };
struct file_new {
	int fd;
	bool kept;
	char path[FILE_PATH_BYTES], beside[FILE_PATH_BYTES];
};
MUST_USE enum rc file_begin(const char *path, struct file_new *out, struct err *err);
MUST_USE enum rc file_end(struct file_new *f, enum rc rc, struct err *err);
/* For what must last and is nobody else's: mode 0600, and file_end puts it in place only when the disk has it, its name too.
 * Until then it is locked, so that file_sweep tells it from what a program that was killed left half written. */
MUST_USE enum rc file_begin_kept(const char *path, struct file_new *out, struct err *err);
MUST_USE enum rc file_write_kept(const char *path, str bytes, struct err *err);
/* Takes such halves out of a folder: of the files whose name begins with `name` ("": of all). How many. */
int file_sweep(const char *folder, const char *name);
bool file_put(int fd, str bytes); /* all of them */
/* Makes the names in a file's folder durable: a new file is on disk only when its name is. */
MUST_USE enum rc file_sync_folder(const char *path, struct err *err);
