/* pages_whole.c -- all pages of a file: looked at, and given checksums anew; see pages.h. */
#include "base/clock.h"
#include "store/pages_in.h"
#include <string.h>

enum { AGAIN_TIMES = 6, AGAIN_US = 3000 };

/* A file may be longer than what was ever written into it. */
static bool never_written(const unsigned char *page)
{
	static const unsigned char zeros[PAGES_BYTES];
	return memcmp(page, zeros, sizeof zeros) == 0;
}

/* *out_code: SQLite's, where it cannot be read. A page that another process is writing, or that a crash left half
 * copied out of the log, holds after the next checkpoint. */
static bool stands(sqlite3 *c, sqlite3_file *f, sqlite3_int64 at, int *out_code)
{
	unsigned char page[PAGES_BYTES];
	int frames = 1; /* with nothing in the log nobody copies out of it */
	for (int i = 0; i < AGAIN_TIMES && frames > 0; i++) {
		if (i) {
			sqlite3_wal_checkpoint_v2(c, NULL, SQLITE_CHECKPOINT_PASSIVE, &frames, NULL);
			if (frames > 0)
				clock_sleep_us(AGAIN_US);
		}
		*out_code = f->pMethods->xRead(f, page, PAGES_BYTES, at);
		if (*out_code == SQLITE_IOERR_SHORT_READ) { /* the file grew shorter meanwhile */
			*out_code = SQLITE_OK;
			return true;
		}
		if (*out_code != SQLITE_OK || page_holds(page, page_number(at)) || never_written(page))
			return true;
	}
	return false;
}

int pages_check(sqlite3 *c, struct db_pages *out)
{
	sqlite3_int64 bytes = 0;
	*out = (struct db_pages){0};
	sqlite3_file *f = pages_under(c);
	if (f == NULL)
		return SQLITE_OK;
	out->carried = true;
	sqlite3_wal_checkpoint_v2(c, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	int code = f->pMethods->xFileSize(f, &bytes);
	for (sqlite3_int64 at = 0; code == SQLITE_OK && at + PAGES_BYTES <= bytes; at += PAGES_BYTES) {
		if (page_number(at) == PAGE_OF_LOCKS)
			continue;
		out->looked_at++;
		if (!stands(c, f, at, &code) && out->bad++ == 0)
			out->first = page_number(at);
	}
	return code;
}

/* ---- anew ---- */

static int all_anew(sqlite3_file *f, struct db_pages *out)
{
	unsigned char page[PAGES_BYTES];
	sqlite3_int64 bytes = 0;
	int code = f->pMethods->xFileSize(f, &bytes);
	for (sqlite3_int64 at = 0; code == SQLITE_OK && at + PAGES_BYTES <= bytes; at += PAGES_BYTES) {
		code = page_number(at) == PAGE_OF_LOCKS ? SQLITE_OK
							: f->pMethods->xRead(f, page, PAGES_BYTES, at);
		if (code != SQLITE_OK || page_number(at) == PAGE_OF_LOCKS)
			continue;
		if (at == 0)
			out->carried = page_says_summed(page);
		if (!out->carried)
			return SQLITE_OK;
		out->looked_at++;
		if (never_written(page) || page_holds(page, page_number(at)))
			continue;
		if (out->bad++ == 0)
			out->first = page_number(at);
		page_put_sum(page, page_number(at));
		code = f->pMethods->xWrite(f, page, PAGES_BYTES, at);
	}
	return code == SQLITE_OK ? f->pMethods->xSync(f, SQLITE_SYNC_FULL) : code;
}

/* Through SQLite's own calls, for the layer would refuse the pages; nobody else has the file open meanwhile. */
int pages_anew(const char *path, struct db_pages *out)
{
	sqlite3 *c = NULL;
	sqlite3_file *f = NULL;
	*out = (struct db_pages){0};
	int code = sqlite3_open_v2(path, &c, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_exec(c,
			"PRAGMA locking_mode = EXCLUSIVE; PRAGMA wal_checkpoint(TRUNCATE); BEGIN EXCLUSIVE",
			NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_file_control(c, "main", SQLITE_FCNTL_FILE_POINTER, &f);
	if (code == SQLITE_OK)
		code = all_anew(f, out);
	sqlite3_close(c);
	return code;
}
