/* watch.h -- how long readers hold their snapshots. A snapshot that stays open keeps the log from being copied back into the
 * database, which grows meanwhile. Each thread that reads has a slot; a reader over WATCH_WARN_S leaves a line in the log, one
 * for each WATCH_WARN_S that it stays; what it reads ends by itself after WATCH_END_S (db_snapshot_limit). Thread-safe. */
#pragma once
#include <stdint.h>

enum { WATCH_WARN_S = 20, WATCH_END_S = 30, WATCH_THREADS_MAX = 256 };

struct watch;

struct watch *watch_new(void);
void watch_free(struct watch *w);
void watch_begin(struct watch *w); /* this thread has taken a snapshot */
void watch_end(struct watch *w);
int64_t watch_oldest_us(struct watch *w); /* age of the oldest snapshot, 0: none */
