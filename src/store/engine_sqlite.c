/* engine_sqlite.c -- SQLite 3.40 behind engine.h: one file a city, WAL, synchronous=FULL.
 *
 * Connections are opened with NOMUTEX (db.h: one thread each) and defensive: no extensions, no triggers, double-quoted
 * strings off, the schema is not trusted. Reading connections are query_only. Error texts are SQLite's own; none of them
 * holds a bound value. cell_size_check stays off: with mmap a page is looked at anew at every access, which took two
 * fifths of all instructions of a write; `qinghe check` runs quick_check, which looks at more (register/verify.c). A failed fsync that SQLite hides (a checkpoint's) is counted by the log hook: db_sync_faults. */
#include "base/clock.h"
#include "store/ballast.h"
#include "store/engine.h"
#include "store/pages.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

enum {
	APPLICATION_ID = 0x51494e47, /* "QING" in the file's header */
	BUSY_SHORT_US = 300,
	BUSY_SHORT_TRIES = 3000, /* about a second of them */
	BUSY_LONG_US = 1000,
	BUSY_TRIES = BUSY_SHORT_TRIES + 14000, /* then some fifteen seconds have passed */
	LOOK_EVERY_STEPS = 20000,              /* of SQLite's machine: a millisecond or less */
	MMAP_BYTES = 1 << 30,
	WAL_CHECKPOINT_PAGES = 4000,
	WAL_KEEP_BYTES = 64 << 20
};

static atomic_long sync_faults;
static const char *layer; /* pages.h */
static pthread_once_t once = PTHREAD_ONCE_INIT;

long db_sync_faults(void)
{
	return atomic_load(&sync_faults);
}

static void on_log(void *user, int code, const char *text)
{
	(void)user;
	(void)text;
	if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC)
		atomic_fetch_add(&sync_faults, 1);
}

static void start(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_LOG, on_log, NULL);
	sqlite3_initialize();
	layer = pages_layer();
}

static sqlite3 *conn(struct db *db)
{
	return db->conn;
}

static enum rc fault(sqlite3 *c, struct err *err)
{
	int code = sqlite3_extended_errcode(c);
	switch (code) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
	case SQLITE_CONSTRAINT_FOREIGNKEY:
		return FAIL(err, RC_CONFLICT, "database: %s", sqlite3_errmsg(c));
	case SQLITE_FULL:
		db_full_note();
		return FAIL(err, RC_IO, "database: the disk is full");
	case SQLITE_IOERR_DATA:
		return FAIL(err, RC_IO,
			"database: page %lld is damaged, it is not what was written; bring the last good "
			"backup back "
			"(“qinghe restore”)",
			(long long)pages_refused());
	case SQLITE_INTERRUPT:
		return db_over(err);
	case SQLITE_BUSY:
		return FAIL(err, RC_IO, "database: busy, another process has been writing for too long");
	default:
		return FAIL(err, RC_IO, "database: %s (%d)", sqlite3_errmsg(c), code);
	}
}

static bool claims(const char *url)
{
	return url[0] && !str_starts(str_of(url), STR("postgresql:")) &&
	       !str_starts(str_of(url), STR("postgres:"));
}

static void write_word(struct buf *out, enum word word, const str *args)
{
	switch (word) {
	case WORD_IN:
		buf_printf(out, "IN (SELECT value FROM json_each(%.*s))", STR_ARG(args[0]));
		break;
	case WORD_DAYS:
		buf_printf(out, "CAST(julianday(%.*s) - julianday(%.*s) AS INTEGER)", STR_ARG(args[1]),
			STR_ARG(args[0]));
		break;
	case WORD_AGE:
		buf_printf(out,
			"(CAST(substr(%.*s, 1, 4) AS INTEGER) - CAST(substr(%.*s, 1, 4) AS INTEGER)"
			" - CASE WHEN substr(%.*s, 6, 2) < substr(%.*s, 6, 2) THEN 1 ELSE 0 END)",
			STR_ARG(args[1]), STR_ARG(args[0]), STR_ARG(args[1]), STR_ARG(args[0]));
		break;
	case WORD_MONTH:
		buf_printf(out, "substr(%.*s, 1, 7)", STR_ARG(args[0]));
		break;
	case WORD_DAY:
		buf_printf(out, "date((%.*s) / 1000.0, 'unixepoch')", STR_ARG(args[0]));
		break;
	}
}

static enum rc exec(struct db *db, const char *sql, struct err *err)
{
	return sqlite3_exec(conn(db), sql, NULL, NULL, NULL) == SQLITE_OK ? RC_OK : fault(conn(db), err);
}

/* The first value of a pragma; -1 when there is none. */
static int64_t pragma(struct db *db, const char *sql)
{
	sqlite3_stmt *h = NULL;
	int64_t v = -1;
	if (sqlite3_prepare_v2(conn(db), sql, -1, &h, NULL) == SQLITE_OK && sqlite3_step(h) == SQLITE_ROW)
		v = sqlite3_column_int64(h, 0);
	sqlite3_finalize(h);
	return v;
}

/* Another process writes. A server under load takes the lock again within a fraction of a millisecond of giving it back:
 * SQLite's own waiter, which soon looks only every 100 ms, met such a gap hardly ever, and a command beside a busy server
 * stood still. */
static int wait_for_lock(void *user, int tries)
{
	(void)user;
	if (tries >= BUSY_TRIES)
		return 0;
	clock_sleep_us(tries < BUSY_SHORT_TRIES ? BUSY_SHORT_US : BUSY_LONG_US);
	return 1;
}

static enum rc settings(struct db *db, const char *url, enum db_mode mode, struct err *err)
{
	sqlite3 *c = conn(db);
	char text[512];
	sqlite3_extended_result_codes(c, 1);
	pages_wanted(c);
	sqlite3_busy_handler(c, wait_for_lock, NULL);
	sqlite3_db_config(c, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(c, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(c, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_db_config(c, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(c, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(c, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	sqlite3_db_config(c, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
	if (mode == DB_CREATE) {
		snprintf(text, sizeof text, "PRAGMA application_id = %d", (int)APPLICATION_ID);
		TRY(exec(db, text, err));
	} else if (pragma(db, "PRAGMA application_id") != APPLICATION_ID) {
		return sqlite3_errcode(c) == SQLITE_OK || sqlite3_errcode(c) == SQLITE_ROW ||
				       sqlite3_errcode(c) == SQLITE_DONE ||
				       sqlite3_errcode(c) == SQLITE_NOTADB
			       ? FAIL(err, RC_INVALID, "%s is not the database of a city", url)
			       : fault(c, err);
	}
	snprintf(text, sizeof text,
		"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA mmap_size = %d;"
		"PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = OFF; PRAGMA secure_delete = FAST;"
		"PRAGMA wal_autocheckpoint = %d; PRAGMA journal_size_limit = %d; PRAGMA cache_size = %d;%s",
		(int)MMAP_BYTES, (int)WAL_CHECKPOINT_PAGES, (int)WAL_KEEP_BYTES,
		mode == DB_READ ? -2000 : -16000, mode == DB_READ ? "PRAGMA query_only = ON;" : "");
	return exec(db, text, err);
}

static int is_over(void *db)
{
	return db_is_over(db);
}

static enum rc limit(struct db *db, struct err *err)
{
	(void)err;
	sqlite3_progress_handler(conn(db), db->limit_ms ? LOOK_EVERY_STEPS : 0, is_over, db);
	return RC_OK;
}

/* A new file's name is durable only when its folder is. */
static enum rc sync_folder(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char folder[4096] = ".";
	if (slash)
		snprintf(folder, sizeof folder, "%.*s", slash == path ? 1 : (int)(slash - path), path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 ? -1 : fsync(fd);
	if (fd >= 0)
		close(fd);
	return rc == 0 ? RC_OK : FAIL(err, RC_IO, "%s: %s", folder, strerror(errno));
}

static enum rc open_(struct db *db, const char *url, enum db_mode mode, struct err *err)
{
	pthread_once(&once, start);
	if (mode == DB_CREATE) {
		int fd = open(url, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
		if (fd < 0)
			return errno == EEXIST ? FAIL(err, RC_CONFLICT, "%s stands already", url)
					       : FAIL(err, RC_IO, "%s: %s", url, strerror(errno));
		close(fd);
		TRY(sync_folder(url, err));
	} else if (access(url, F_OK) != 0) {
		return FAIL(err, RC_NOT_FOUND, "no city at %s; “qinghe init” makes one", url);
	}
	sqlite3 *c = NULL;
	int code = sqlite3_open_v2(url, &c, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, layer);
	db->conn = c;
	if (code != SQLITE_OK)
		return FAIL(err, RC_IO, "%s: %s", url, c ? sqlite3_errmsg(c) : sqlite3_errstr(code));
	enum rc rc = settings(db, url, mode, err);
	if (rc != RC_OK && mode == DB_CREATE)
		unlink(url);
	return rc;
}

static void close_(struct db *db)
{
	sqlite3_close_v2(conn(db));
}

static enum rc prepare(struct db *db, str sql, void **out_h, struct err *err)
{
	sqlite3_stmt *h = NULL;
	const char *tail = NULL;
	if (sql.n == 0)
		return FAIL(err, RC_INVALID, "statement: exactly one is wanted");
	if (sqlite3_prepare_v3(conn(db), sql.p, (int)sql.n, SQLITE_PREPARE_PERSISTENT, &h, &tail) !=
		SQLITE_OK)
		return fault(conn(db), err);
	if (h == NULL || str_trim(str_from(sql, (size_t)(tail - sql.p))).n) {
		sqlite3_finalize(h);
		return FAIL(err, RC_INVALID, "statement: exactly one is wanted");
	}
	*out_h = h;
	return RC_OK;
}

static void finalize(void *h)
{
	sqlite3_finalize(h);
}

static void unbind(void *h)
{
	sqlite3_clear_bindings(h);
}

static bool bind_i64(void *h, int at, int64_t v)
{
	return sqlite3_bind_int64(h, at, v) == SQLITE_OK;
}

static bool bind_text(void *h, int at, str v, bool lent)
{
	sqlite3_destructor_type how = lent ? SQLITE_STATIC : SQLITE_TRANSIENT;
	return sqlite3_bind_text64(h, at, v.p ? v.p : "", v.n, how, SQLITE_UTF8) == SQLITE_OK;
}

static bool bind_blob(void *h, int at, str v, bool lent)
{
	sqlite3_destructor_type how = lent ? SQLITE_STATIC : SQLITE_TRANSIENT;
	return sqlite3_bind_blob64(h, at, v.p ? v.p : "", v.n, how) == SQLITE_OK;
}

static bool bind_null(void *h, int at)
{
	return sqlite3_bind_null(h, at) == SQLITE_OK;
}

static bool bind_ids(void *h, int at, const int64_t *ids, size_t n)
{
	struct buf b AUTO(buf_done) = {0};
	buf_putc(&b, '[');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_putc(&b, ',');
		buf_i64(&b, ids[i]);
	}
	buf_putc(&b, ']');
	return buf_ok(&b) && bind_text(h, at, buf_str(&b), false);
}

static enum rc step(struct stmt *s, bool *out_row, struct err *err)
{
	int code = sqlite3_step(s->h);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return fault(conn(s->db), err);
	*out_row = code == SQLITE_ROW;
	return RC_OK;
}

static void reset(void *h)
{
	sqlite3_reset(h);
}

static int columns(void *h)
{
	return sqlite3_column_count(h);
}

static bool null(void *h, int column)
{
	return sqlite3_column_type(h, column) == SQLITE_NULL;
}

static int64_t i64(void *h, int column)
{
	return sqlite3_column_int64(h, column);
}

static str text(void *h, int column)
{
	if (null(h, column))
		return (str){0};
	const char *p = (const char *)sqlite3_column_text(h, column);
	return (str){p, p ? (size_t)sqlite3_column_bytes(h, column) : 0};
}

static str blob(void *h, int column)
{
	if (null(h, column))
		return (str){0};
	const char *p = sqlite3_column_blob(h, column);
	return p ? (str){p, (size_t)sqlite3_column_bytes(h, column)} : STR("");
}

static enum rc pages(struct db *db, struct db_pages *out, struct err *err)
{
	int code = pages_check(conn(db), out);
	return code == SQLITE_OK ? RC_OK : FAIL(err, RC_IO, "database: %s (%d)", sqlite3_errstr(code), code);
}

static enum rc anew(const char *url, struct db_pages *out, struct err *err)
{
	pthread_once(&once, start);
	int code = pages_anew(url, out);
	if (code == SQLITE_BUSY)
		return FAIL(err, RC_CONFLICT, "%s is in use: stop the server first", url);
	return code == SQLITE_OK ? RC_OK : FAIL(err, RC_IO, "%s: %s (%d)", url, sqlite3_errstr(code), code);
}

static int64_t changes(struct db *db)
{
	return sqlite3_changes64(conn(db));
}

/* What a commit that fails leaves behind: a constraint leaves the transaction open and nothing done; anything else may
 * or may not be on the disk. */
static enum rc commit(struct db *db, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, "COMMIT", &s, err));
	bool row;
	enum rc rc = step(s, &row, err);
	int code = sqlite3_errcode(conn(db));
	reset(s->h);
	if (rc == RC_IO && code != SQLITE_BUSY && err)
		err->rc = RC_UNKNOWN;
	return rc == RC_IO && code != SQLITE_BUSY ? RC_UNKNOWN : rc;
}

/* Copies the whole log into the database file and syncs that: the log's own pages may have been given up by the system
 * after their sync failed, and a second sync of them would not say so. */
static enum rc settle(struct db *db, struct err *err)
{
	long before = db_sync_faults();
	int frames = -1, copied = -1;
	int code = sqlite3_wal_checkpoint_v2(conn(db), NULL, SQLITE_CHECKPOINT_FULL, &frames, &copied);
	if (code == SQLITE_OK && frames == copied && db_sync_faults() == before)
		return RC_OK;
	return FAIL(err, RC_UNKNOWN, "database: the disk does not confirm what was written (%d)", code);
}

static bool in_transaction(struct db *db)
{
	return !sqlite3_get_autocommit(conn(db));
}

static void unmake(const char *url)
{
	static const char *const tails[] = {"-wal", "-shm", ""};
	char name[4096];
	for (int i = 0; i < 3; i++)
		if (snprintf(name, sizeof name, "%s%s", url, tails[i]) < (int)sizeof name)
			unlink(name);
}

const struct engine engine_sqlite = {
	.name = "sqlite",
	.claims = claims,
	.words = write_word,
	.open = open_,
	.close = close_,
	.exec = exec,
	.prepare = prepare,
	.finalize = finalize,
	.unbind = unbind,
	.bind_i64 = bind_i64,
	.bind_text = bind_text,
	.bind_blob = bind_blob,
	.bind_null = bind_null,
	.bind_ids = bind_ids,
	.step = step,
	.reset = reset,
	.columns = columns,
	.null = null,
	.i64 = i64,
	.text = text,
	.blob = blob,
	.changes = changes,
	.pages = pages,
	.pages_anew = anew,
	.begin = "BEGIN IMMEDIATE",
	.scrub = "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)",
	.snapshot = "BEGIN",
	.bytes = "SELECT (c.page_count - f.freelist_count) * s.page_size FROM pragma_page_count c,"
		 " pragma_freelist_count f, pragma_page_size s",
	.has_table = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1",
	.commit = commit,
	.settle = settle,
	.in_transaction = in_transaction,
	.unmake = unmake,
	.defer = "PRAGMA defer_foreign_keys = ON",
	.limit = limit,
};
