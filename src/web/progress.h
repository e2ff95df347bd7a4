/* progress.h -- how far long work of this process has come: rows done, by the person and a name of the work (an import's
 * token). In memory only; a handful at a time, the oldest gives way. Any thread. */
#pragma once
#include "base/str.h"
#include <stdint.h>

enum { PROGRESS_MAX = 64, PROGRESS_NAME_MAX_BYTES = 40 };

void work_progress(int64_t person, str name, int64_t rows);
/* -1: nothing of that name is under way. */
int64_t work_rows(int64_t person, str name);
void work_done(int64_t person, str name);
