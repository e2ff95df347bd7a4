/* serve_doors.h -- what a running server gives up (base/jail.h). In two steps, because Landlock holds for the calling thread and
 * those it starts, and opening the city and its threads needs more than serving does:
 *     doors_files   before any thread: files only below the city's folder (read, write), the system's libraries, certificates
 *                   and tables (read), the temporary folder; no core file, no other process may look into our memory
 *     doors_calls   once all stands: no program can be started, no namespace, no other user ... for every thread
 * LibreOffice and the readers of strangers' files come from the zygote (base/box.h), which was forked before. */
#pragma once
#include "base/err.h"

/* db_url: the folder of its key file is opened, which is a file's own. cert, key: NULL or files to read. Says on stderr, once, what
 * this kernel cannot do. */
MUST_USE enum rc doors_files(const char *db_url, const char *cert, const char *key, struct err *err);
MUST_USE enum rc doors_calls(struct err *err);
