/* slim.h -- our own sheets and scripts as they go out: without the comments that begin a line, the lines' indentation and empty lines.
 * A fifth of a script and a tenth of a sheet, compressed; what a reader of the program learns from them stays in the program.
 *
 * Only for files of this house, which keep its two rules: a comment of that kind ends its line, and no text or template of theirs
 * reaches over a line's end. Everything else on a line stays as it stands, a comment behind code too. */
#pragma once
#include "base/buf.h"

void slim(str in, struct buf *out);
