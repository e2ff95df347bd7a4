/* pages.h -- a checksum in every page of an SQLite database, looked at whenever a page comes from the disk.
 *
 * SQLite writes pages as they are and believes what it reads: a bit that turned on the disk, in a date or a state, is
 * read as if somebody had entered it. So the engine opens its files through a thin layer over the system's own calls
 * (an sqlite3_vfs; the idea is that of SQLite's cksumvfs extension, which Debian does not build). A database made here
 * keeps the last eight bytes of each page free ("reserved" in the file format, byte 20 of the header); in the file they hold
 *
 *     4 bytes   the page's number                       big-endian both; so a page that was written to the wrong place
 *     4 bytes   CRC-32 of all the page's bytes before    or left where another should be is told as well
 *
 * put there when a page goes to the database file (by a checkpoint; the log carries SQLite's own checksums) and looked
 * at when one comes from it. A page that the memory map gives is looked at once a connection, not at every use: later
 * damage to the same bytes would be the memory's. A page that does not hold is SQLITE_IOERR_DATA to SQLite, and nothing of
 * it is used.
 *
 * A file whose header reserves nothing is an older one and works as before, without checksums; `VACUUM INTO`, and so every
 * backup, writes a new file that has them. A header that merely lost that byte is told from such a file: its own page's
 * checksum fits once the byte is put back. Pages of other sizes than PAGES_BYTES are never made and carry none.
 * Another program that writes to the file (the sqlite3 shell; its mere closing after a crash, when it copies the log) leaves
 * checksums that no longer fit: `qinghe rebuild pages` takes the pages as they are. */
#pragma once
#include "store/db.h"
#include <sqlite3.h>

enum { PAGES_BYTES = 4096, PAGES_RESERVED = 8 };

/* Registers the layer; its name, for sqlite3_open_v2 (NULL: it could not be, the system's own calls are used). Once a
 * process. */
const char *pages_layer(void);
/* Before the first write to a new database: its pages get room for a checksum. To one that stands nothing is done, but
 * its next VACUUM makes the room. */
void pages_wanted(sqlite3 *c);

/* db_pages: every page of the file, those in no use too, as it lies on the disk. Beside a running server: what is just
 * being written is looked at again. SQLite's code where a page cannot even be read. */
int pages_check(sqlite3 *c, struct db_pages *out);
/* db_pages_anew: the pages that do not hold get the checksums of what stands in them. */
int pages_anew(const char *path, struct db_pages *out);
/* The number of the page that was last refused to this thread; 0: none. */
int64_t pages_refused(void);
