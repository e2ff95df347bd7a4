/* log.h -- lines on standard error that never keep anybody waiting.
 *
 * Whoever collects them (journald, a pipe, a terminal that was stopped) may stand still; a thread that answers people must not
 * stand still with it. log_start makes a thread that writes; log_line hands it a copy and returns at once. When more than
 * LOG_WAITING_MAX_BYTES wait (as many may be on their way out), lines are dropped and counted, and a line
 * {"at":...,"log_lines_lost":N} tells so as soon as there is room. Before log_start and after log_stop a line is written by
 * the caller itself.
 *
 * What a line holds is the caller's matter: ids only, never values. Any thread may call log_line. */
#pragma once
#include "base/str.h"
#include <stdbool.h>
#include <stdint.h>

enum { LOG_WAITING_MAX_BYTES = 256 << 10, LOG_STOP_MAX_MS = 1000 };

bool log_start(void);    /* false: no thread, lines are written as before */
void log_line(str line); /* with its line end */
/* Writes what waits, for at most LOG_STOP_MAX_MS; a reader that stands still loses the rest. */
void log_stop(void);
int64_t log_lost(void); /* lines dropped since the start of the process */
