/* pages.c -- see pages.h. */
#include "base/arena.h"
#include "store/pages_in.h"
#include <libdeflate.h>
#include <string.h>

enum {
	AT_NUMBER = PAGES_BYTES - PAGES_RESERVED,
	AT_SUM = PAGES_BYTES - 4,
	AT_PAGE_SIZE = 16, /* in the database's header */
	AT_RESERVED = 20
};

/* What the file is: its first page says so. */
enum state {
	EMPTY,   /* no page yet */
	PLAIN,   /* pages without checksums */
	SUMMED,  /* pages with them */
	DAMAGED, /* its header does not say so any more, but its pages carry them */
};

struct page_file { /* in front of the system's own */
	sqlite3_file base;
	enum state state;
	unsigned char *seen; /* a bit a page: the map gave it and it held */
	size_t seen_n;
};

static sqlite3_vfs layer, *under;
static _Thread_local int64_t refused;

int64_t pages_refused(void)
{
	return refused;
}

static struct page_file *own(sqlite3_file *f)
{
	return (struct page_file *)(void *)f;
}

static sqlite3_file *real(sqlite3_file *f)
{
	return (sqlite3_file *)(void *)(own(f) + 1);
}

/* ---- one page ---- */

static void put32(unsigned char *at, uint32_t v)
{
	at[0] = (unsigned char)(v >> 24);
	at[1] = (unsigned char)(v >> 16);
	at[2] = (unsigned char)(v >> 8);
	at[3] = (unsigned char)v;
}

void page_put_sum(unsigned char *page, int64_t number)
{
	put32(page + AT_NUMBER, (uint32_t)number);
	put32(page + AT_SUM, libdeflate_crc32(0, page, AT_SUM));
}

bool page_holds(const unsigned char *page, int64_t number)
{
	unsigned char want[PAGES_RESERVED];
	put32(want, (uint32_t)number);
	put32(want + 4, libdeflate_crc32(0, page, AT_SUM));
	return memcmp(page + AT_NUMBER, want, sizeof want) == 0;
}

static bool is_page(const struct page_file *f, int n, sqlite3_int64 at)
{
	return f->state == SUMMED && n == PAGES_BYTES && at % PAGES_BYTES == 0;
}

static int refuse(int64_t number)
{
	refused = number;
	sqlite3_log(SQLITE_IOERR_DATA, "page %lld does not hold its checksum", (long long)number);
	return SQLITE_IOERR_DATA;
}

bool page_says_summed(const unsigned char *page)
{
	return page[AT_RESERVED] == PAGES_RESERVED && page[AT_PAGE_SIZE] == PAGES_BYTES >> 8 &&
	       page[AT_PAGE_SIZE + 1] == 0;
}

static enum state state_of(const unsigned char *first)
{
	unsigned char mended[PAGES_BYTES];
	if (page_says_summed(first))
		return SUMMED;
	memcpy(mended, first, sizeof mended);
	mended[AT_PAGE_SIZE] = PAGES_BYTES >> 8;
	mended[AT_PAGE_SIZE + 1] = 0;
	mended[AT_RESERVED] = PAGES_RESERVED;
	return page_holds(mended, 1) ? DAMAGED : PLAIN;
}

/* ---- reading and writing ---- */

/* The first page came after others (a long VACUUM INTO): it says only now that there is room for their checksums. */
static int catch_up(sqlite3_file *f)
{
	unsigned char page[PAGES_BYTES];
	sqlite3_int64 bytes = 0;
	int code = real(f)->pMethods->xFileSize(real(f), &bytes);
	for (sqlite3_int64 at = PAGES_BYTES; code == SQLITE_OK && at + PAGES_BYTES <= bytes;
		at += PAGES_BYTES) {
		if (page_number(at) == PAGE_OF_LOCKS)
			continue;
		code = real(f)->pMethods->xRead(real(f), page, PAGES_BYTES, at);
		page_put_sum(page, page_number(at));
		if (code == SQLITE_OK)
			code = real(f)->pMethods->xWrite(real(f), page, PAGES_BYTES, at);
	}
	return code;
}

static int on_write(sqlite3_file *f, const void *bytes, int n, sqlite3_int64 at)
{
	unsigned char page[PAGES_BYTES];
	if (at == 0 && n == PAGES_BYTES) {
		bool summed = page_says_summed(bytes);
		int code = summed && own(f)->state == EMPTY ? catch_up(f) : SQLITE_OK;
		if (code != SQLITE_OK)
			return code;
		own(f)->state = summed ? SUMMED : PLAIN;
	}
	if (!is_page(own(f), n, at))
		return real(f)->pMethods->xWrite(real(f), bytes, n, at);
	memcpy(page, bytes, AT_NUMBER);
	page_put_sum(page, page_number(at));
	return real(f)->pMethods->xWrite(real(f), page, n, at);
}

static int on_read(sqlite3_file *f, void *bytes, int n, sqlite3_int64 at)
{
	if (own(f)->state == DAMAGED)
		return refuse(1);
	int code = real(f)->pMethods->xRead(real(f), bytes, n, at);
	if (code == SQLITE_OK && is_page(own(f), n, at) && !page_holds(bytes, page_number(at)))
		return refuse(page_number(at));
	return code;
}

static bool was_seen(struct page_file *f, int64_t number)
{
	size_t at = (size_t)number / 8;
	return at < f->seen_n && f->seen[at] >> (number % 8) & 1;
}

static void note_seen(struct page_file *f, int64_t number)
{
	size_t at = (size_t)number / 8;
	if (at >= f->seen_n) {
		size_t n = (at + 1) * 2;
		f->seen = mem_resize(f->seen, n);
		memset(f->seen + f->seen_n, 0, n - f->seen_n);
		f->seen_n = n;
	}
	f->seen[at] |= (unsigned char)(1U << (number % 8));
}

static int on_fetch(sqlite3_file *f, sqlite3_int64 at, int n, void **out)
{
	int64_t number = page_number(at);
	if (own(f)->state == DAMAGED)
		return refuse(1);
	int code = real(f)->pMethods->xFetch(real(f), at, n, out);
	if (code != SQLITE_OK || *out == NULL || !is_page(own(f), n, at) || was_seen(own(f), number))
		return code;
	if (!page_holds(*out, number)) {
		real(f)->pMethods->xUnfetch(real(f), at, *out);
		*out = NULL;
		return refuse(number);
	}
	note_seen(own(f), number);
	return SQLITE_OK;
}

static int on_close(sqlite3_file *f)
{
	own(f)->seen = mem_resize(own(f)->seen, 0);
	return real(f)->pMethods->xClose(real(f));
}

/* ---- what is only handed on ---- */

static int on_truncate(sqlite3_file *f, sqlite3_int64 bytes)
{
	if (bytes == 0)
		own(f)->state = EMPTY;
	return real(f)->pMethods->xTruncate(real(f), bytes);
}

static int on_sync(sqlite3_file *f, int flags)
{
	return real(f)->pMethods->xSync(real(f), flags);
}

static int on_size(sqlite3_file *f, sqlite3_int64 *out)
{
	return real(f)->pMethods->xFileSize(real(f), out);
}

static int on_lock(sqlite3_file *f, int level)
{
	return real(f)->pMethods->xLock(real(f), level);
}

static int on_unlock(sqlite3_file *f, int level)
{
	return real(f)->pMethods->xUnlock(real(f), level);
}

static int on_reserved(sqlite3_file *f, int *out)
{
	return real(f)->pMethods->xCheckReservedLock(real(f), out);
}

static int on_control(sqlite3_file *f, int op, void *arg)
{
	return real(f)->pMethods->xFileControl(real(f), op, arg);
}

static int on_sector(sqlite3_file *f)
{
	return real(f)->pMethods->xSectorSize(real(f));
}

static int on_device(sqlite3_file *f)
{
	return real(f)->pMethods->xDeviceCharacteristics(real(f));
}

static int on_shm_map(sqlite3_file *f, int region, int bytes, int extend, void volatile **out)
{
	return real(f)->pMethods->xShmMap(real(f), region, bytes, extend, out);
}

static int on_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
	return real(f)->pMethods->xShmLock(real(f), at, n, flags);
}

static void on_shm_barrier(sqlite3_file *f)
{
	real(f)->pMethods->xShmBarrier(real(f));
}

static int on_shm_unmap(sqlite3_file *f, int remove)
{
	return real(f)->pMethods->xShmUnmap(real(f), remove);
}

static int on_unfetch(sqlite3_file *f, sqlite3_int64 at, void *page)
{
	return real(f)->pMethods->xUnfetch(real(f), at, page);
}

static const sqlite3_io_methods methods = {
	.iVersion = 3,
	.xClose = on_close,
	.xRead = on_read,
	.xWrite = on_write,
	.xTruncate = on_truncate,
	.xSync = on_sync,
	.xFileSize = on_size,
	.xLock = on_lock,
	.xUnlock = on_unlock,
	.xCheckReservedLock = on_reserved,
	.xFileControl = on_control,
	.xSectorSize = on_sector,
	.xDeviceCharacteristics = on_device,
	.xShmMap = on_shm_map,
	.xShmLock = on_shm_lock,
	.xShmBarrier = on_shm_barrier,
	.xShmUnmap = on_shm_unmap,
	.xFetch = on_fetch,
	.xUnfetch = on_unfetch,
};

/* ---- opening ---- */

/* Only the database file itself goes through the layer: logs, journals and temporary files are SQLite's own affair. */
static int on_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out_flags)
{
	(void)vfs;
	if (!(flags & SQLITE_OPEN_MAIN_DB) || name == NULL)
		return under->xOpen(under, name, f, flags, out_flags);
	unsigned char first[PAGES_BYTES];
	*own(f) = (struct page_file){.base = {NULL}};
	int code = under->xOpen(under, name, real(f), flags, out_flags);
	if (code != SQLITE_OK) {
		if (real(f)->pMethods)
			real(f)->pMethods->xClose(real(f));
		return code;
	}
	f->pMethods = real(f)->pMethods->iVersion >= 3 ? &methods : NULL;
	code = real(f)->pMethods->xRead(real(f), first, PAGES_BYTES, 0);
	if (code == SQLITE_OK)
		own(f)->state = state_of(first);
	else if (code != SQLITE_IOERR_SHORT_READ)
		return code;
	return SQLITE_OK;
}

const char *pages_layer(void)
{
	under = sqlite3_vfs_find(NULL);
	if (under == NULL || under->iVersion < 3)
		return NULL;
	layer = *under; /* its functions but one serve as they are */
	layer.zName = "qinghe-pages";
	layer.pNext = NULL;
	layer.szOsFile = (int)sizeof(struct page_file) + under->szOsFile;
	layer.xOpen = on_open;
	return sqlite3_vfs_register(&layer, 0) == SQLITE_OK ? layer.zName : NULL;
}

void pages_wanted(sqlite3 *c)
{
	int bytes = PAGES_RESERVED;
	sqlite3_file_control(c, "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes);
}

sqlite3_file *pages_under(sqlite3 *c)
{
	sqlite3_file *f = NULL;
	int code = sqlite3_file_control(c, "main", SQLITE_FCNTL_FILE_POINTER, &f);
	bool summed = code == SQLITE_OK && f && f->pMethods == &methods && own(f)->state == SUMMED;
	return summed ? real(f) : NULL;
}
