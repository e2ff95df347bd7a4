/* ballast.h -- a full disk. A full file system cannot free itself: a
 * checkpoint and even a DELETE need room first. So `serve` keeps a file of BALLAST_BYTES beside the database
 * (CITY.ballast) that holds nothing. At the first SQLITE_FULL it is given back, what was being written can end, and the
 * city is read-only until there is room for the ballast and as much again; then it is made anew, by itself.
 *
 *     full  <-- first FULL --  lean        ballast_full(b): is it read-only now? looks at the disk at most once a second
 *       `------ room again --> lean
 *
 * A PostgreSQL server's disk is not ours: there is no file, the first FULL (53100) makes the city read-only, and every three
 * seconds somebody who asks tries whether the server takes a few megabytes again (db_has_room). A server whose log has no
 * room stops by itself; then its absence is told, not this.
 *
 * Small disks (below four ballasts free at the start) get none, and say so. $QINGHE_BALLAST_MB makes it smaller or larger.
 * Thread-safe. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { BALLAST_BYTES = 64 << 20 };

struct ballast;

struct ballast *ballast_new(const char *db_url);
void ballast_free(struct ballast *b); /* the file stays */
bool ballast_stands(struct ballast *b);
/* The database has said that the disk is full. */
void ballast_release(struct ballast *b);
bool ballast_full(struct ballast *b);
/* Bytes free where the database lies; 0 where that is not known. */
uint64_t ballast_free_bytes(const char *db_url);
/* How often an engine said FULL in this process; engines note it. */
long db_full_faults(void);
void db_full_note(void);
