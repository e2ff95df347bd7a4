/* alone.h -- a command that reads strangers' files and needs no city reads them in a child that can do nothing else.
 *
 *     command ──fork──► child: reads the named files, writes standard output and the one new file; no other file, no network,
 *        │               │       no programs, bounded memory and time (base/jail.h)
 *        └◄── code, words ┘
 *
 * No key and no database is open in either. A child that dies -- by a limit, by a forbidden call, by a fault of ours that a
 * file found -- is a file that cannot be read (RC_INVALID), and a new file that it was writing is dropped. Commands that hold
 * a city open read strangers' files through format/foreign.h instead, whose results are checked again, or before they open
 * it (alone_told). */
#pragma once
#include "base/arena.h"
#include "base/err.h"

enum { ALONE_FILES_MAX = 8, ALONE_CPU_S = 600 };
#define ALONE_MEMORY_BYTES ((size_t)4 << 30)

/* reads: ends in NULL; "-" and NULL-named files before it are standard input. to: where the new file goes ("-": standard
 * output); NULL: none. fn runs in the child; out is the descriptor of the new file, for file_put; what fn prints goes out too.
 * The code and words are the child's. */
MUST_USE enum rc alone(const char *const *reads, const char *to,
	enum rc (*fn)(void *arg, int out, struct err *err), void *arg, struct err *err);

/* For a command that goes on to open a city: before that. What fn puts into out comes back as bytes, whatever its code was;
 * they are of shapes without pointers, and as untrusted as the file. RC_LIMIT: more than max_bytes. */
MUST_USE enum rc alone_told(struct arena *a, const char *const *reads,
	enum rc (*fn)(void *arg, int out, struct err *err), void *arg, size_t max_bytes, str *out,
	struct err *err);
