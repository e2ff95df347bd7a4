/* lines.h -- a file, or standard input, line by line in bounded memory.
 * A line ends at LF or CR LF or the file's end; the slice has no line end and stands until the next call. A last line
 * without LF counts; an empty file has none. Longer lines than LINES_MAX_BYTES are RC_LIMIT. "-" is standard input.
 *
 *	struct lines in;
 *	TRY(lines_open(&in, path, err));
 *	while ((rc = lines_next(&in, &line, err)) == RC_OK) ...      RC_NOT_FOUND is the end (err untouched)
 *	lines_close(&in);                                            always, after lines_open was RC_OK */
#pragma once
#include "base/buf.h"
#include "base/err.h"

enum { LINES_MAX_BYTES = 16 << 20 };

struct lines {
	const char *path;
	int fd;
	struct buf kept; /* read and not yet given out: from .. kept.n */
	size_t from;
	int64_t number; /* of the line given out last, from 1 */
	bool at_end;
};

MUST_USE enum rc lines_open(struct lines *in, const char *path, struct err *err);
MUST_USE enum rc lines_next(struct lines *in, str *out_line, struct err *err);
void lines_close(struct lines *in);
