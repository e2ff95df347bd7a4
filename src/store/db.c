/* db.c -- see db.h and engine.h.
 *
 * Invariants:
 *   1. s->active <=> s stands in db->active[s->active_at].
 *   2. A statement that sleeps (h NULL) is not active and has nothing bound.
 *   3. Statements fall asleep only while no transaction is open, the least recently asked for first, when more than
 *      AWAKE_MAX are awake; struct stmt itself lives until db_close, so a kept pointer stays good.
 *   4. No statement is active across commit, rollback, rollback_to or the end of a snapshot. */
#include "base/clock.h"
#include "store/engine.h"
#include <assert.h>
#include <stdio.h>
#include <threads.h>

enum { AWAKE_MAX = 600, AWAKE_KEEP = 400, SAVEPOINTS_MAX = 32 };

static const struct engine *const engines[] = {&engine_sqlite, &engine_postgres};

static const struct engine *engine_of(const char *url)
{
	for (size_t i = 0; i < sizeof engines / sizeof *engines; i++)
		if (engines[i]->claims(url))
			return engines[i];
	return NULL;
}

enum rc db_open(const char *url, enum db_mode mode, struct db **out_db, struct err *err)
{
	const struct engine *e = engine_of(url);
	if (e == NULL)
		return FAIL(err, RC_INVALID, "no database engine of this program opens %s", url);
	struct db *db = mem_resize(NULL, sizeof *db);
	*db = (struct db){.engine = e, .mode = mode};
	db->url = arena_cstr(&db->a, str_of(url));
	enum rc rc = e->open(db, url, mode, err);
	if (rc != RC_OK) {
		db_close(db);
		return rc;
	}
	if (fault_wanted())
		fault_wear(db);
	*out_db = db;
	return RC_OK;
}

static void all_sleep(struct db *db)
{
	for (size_t i = 0; i < db->all_n; i++) {
		if (db->all[i]->h)
			db->engine->finalize(db->all[i]->h);
		db->all[i]->h = NULL;
	}
	db->awake_n = 0;
}

void db_close(struct db *db)
{
	if (db == NULL)
		return;
	all_sleep(db);
	if (db->conn)
		db->engine->close(db);
	mem_resize(db->all, 0);
	mem_resize(db->active, 0);
	map_done(&db->statements);
	arena_done(&db->a);
	mem_resize(db, 0);
}

const char *db_engine(const struct db *db)
{
	return db->engine->name;
}

enum rc db_exec(struct db *db, const char *sql, struct err *err)
{
	return db->engine->exec(db, sql, err);
}

void db_unmake(const char *url)
{
	const struct engine *e = engine_of(url);
	if (e && e->unmake)
		e->unmake(url);
}

enum rc db_cities(struct arena *a, const char *url, str **out, size_t *out_n, struct err *err)
{
	const struct engine *e = engine_of(url);
	if (e && e->cities)
		return e->cities(a, url, out, out_n, err);
	*out = NEW(a, str);
	**out = arena_str(a, str_of(url));
	*out_n = 1;
	return RC_OK;
}

enum rc db_defer_references(struct db *db, struct err *err)
{
	return db->engine->defer ? db_exec(db, db->engine->defer, err) : RC_OK;
}

str db_shown(struct arena *a, const char *url)
{
	str u = str_of(url);
	size_t from = str_find(u, STR("://")), at = str_find_byte(u, '@');
	if (from != SIZE_MAX && at != SIZE_MAX && engine_postgres.claims(url)) {
		size_t colon = str_find_byte(str_from(u, from + 3), ':');
		if (colon != SIZE_MAX && from + 3 + colon < at)
			u = arena_fmt(a, "%.*s%s", (int)(from + 3 + colon), url, url + at);
	}
	size_t word = str_find(u, STR("password="));
	if (word == SIZE_MAX || !engine_postgres.claims(url))
		return arena_str(a, u);
	size_t end = str_find_byte(str_from(u, word), '&');
	return arena_fmt(a, "%.*s%.*s", (int)word, u.p, end == SIZE_MAX ? 0 : (int)(u.n - word - end - 1),
		end == SIZE_MAX ? "" : u.p + word + end + 1);
}

/* ---- statements ---- */

static void *list_grow(void *list, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return list;
	*cap = *cap ? *cap * 2 : 64;
	return mem_resize(list, *cap * size);
}

static void settle(struct stmt *s)
{
	if (!s->active)
		return;
	struct db *db = s->db;
	assert(s->active_at < db->active_n && db->active[s->active_at] == s);
	struct stmt *last = db->active[--db->active_n];
	db->active[s->active_at] = last;
	last->active_at = s->active_at;
	s->active = false;
}

void stmt_reset(struct stmt *s)
{
	if (s->h)
		s->db->engine->reset(s->h);
	trace_ended(s);
	settle(s);
}

static void settle_all(struct db *db)
{
	while (db->active_n)
		stmt_reset(db->active[db->active_n - 1]);
}

static enum rc wake(struct stmt *s, struct err *err)
{
	if (s->h)
		return RC_OK;
	struct buf text AUTO(buf_done) = {.max_bytes = 2 * WORDS_SQL_MAX_BYTES};
	TRY(words_rewrite(&text, str_of(s->sql), s->db->engine->words, err));
	TRY(s->db->engine->prepare(s->db, buf_str(&text), &s->h, err));
	s->db->awake_n++;
	return RC_OK;
}

/* Put the statements that were asked for longest ago to sleep. Which is by asked_at: all within AWAKE_KEEP stay. */
static void rest(struct db *db)
{
	if (db->awake_n <= AWAKE_MAX)
		return;
	/* The AWAKE_KEEP-th youngest age, found by halving: ages are distinct. */
	uint64_t low = 0, high = db->asked;
	while (low < high) {
		uint64_t mid = low + (high - low) / 2, younger = 0;
		for (size_t i = 0; i < db->all_n; i++)
			younger += db->all[i]->h && db->all[i]->asked_at > mid;
		if (younger > AWAKE_KEEP)
			low = mid + 1;
		else
			high = mid;
	}
	for (size_t i = 0; i < db->all_n; i++) {
		struct stmt *s = db->all[i];
		if (s->h && s->asked_at <= low && !s->active) {
			db->engine->finalize(s->h);
			s->h = NULL;
			db->awake_n--;
		}
	}
}

enum rc db_prepare(struct db *db, const char *sql, struct stmt **out_stmt, struct err *err)
{
	struct stmt **near = &db->near[((uintptr_t)sql >> 4) % STMT_NEAR];
	struct stmt *s =
		*near && strcmp((*near)->sql, sql) == 0 ? *near : map_get(&db->statements, str_of(sql));
	if (s && s->h) {
		stmt_reset(s);
		db->engine->unbind(s->h);
	}
	struct stmt fresh = {.db = db, .sql = sql};
	TRY(wake(s ? s : &fresh, err));
	if (s == NULL) {
		s = NEW(&db->a, struct stmt);
		*s = fresh;
		s->sql = arena_cstr(&db->a, str_of(sql));
		map_put(&db->statements, str_of(s->sql), s);
		db->all = list_grow(db->all, db->all_n, &db->all_cap, sizeof *db->all);
		db->all[db->all_n++] = s;
	}
	*near = s;
	s->asked_at = ++db->asked;
	s->bind_rc = RC_OK;
	*out_stmt = s;
	return RC_OK;
}

/* A binding may be the first use after sleep; a fault is told by the next step. */
static bool ready(struct stmt *s)
{
	if (s->active)
		stmt_reset(s);
	enum rc rc = wake(s, NULL);
	if (rc != RC_OK && s->bind_rc == RC_OK)
		s->bind_rc = rc;
	return rc == RC_OK;
}

static void bound(struct stmt *s, bool done)
{
	if (!done && s->bind_rc == RC_OK)
		s->bind_rc = RC_INVALID;
}

void stmt_bind_i64(struct stmt *s, int at, int64_t v)
{
	if (ready(s))
		bound(s, s->db->engine->bind_i64(s->h, at, v));
}

void stmt_bind_text(struct stmt *s, int at, str v)
{
	if (ready(s))
		bound(s, s->db->engine->bind_text(s->h, at, v, false));
}

void stmt_bind_blob(struct stmt *s, int at, str v)
{
	if (ready(s))
		bound(s, s->db->engine->bind_blob(s->h, at, v, false));
}

void stmt_lend_text(struct stmt *s, int at, str v)
{
	if (ready(s))
		bound(s, s->db->engine->bind_text(s->h, at, v, true));
}

void stmt_lend_blob(struct stmt *s, int at, str v)
{
	if (ready(s))
		bound(s, s->db->engine->bind_blob(s->h, at, v, true));
}

void stmt_bind_null(struct stmt *s, int at)
{
	if (ready(s))
		bound(s, s->db->engine->bind_null(s->h, at));
}

void stmt_bind_ids(struct stmt *s, int at, const int64_t *ids, size_t n)
{
	if (ready(s))
		bound(s, s->db->engine->bind_ids(s->h, at, ids, n));
}

enum rc stmt_step(struct stmt *s, bool *out_row, struct err *err)
{
	if (s->bind_rc != RC_OK) {
		stmt_reset(s);
		return FAIL(err, RC_IO, "a value could not be bound to a statement");
	}
	if (db_is_over(s->db)) {
		stmt_reset(s);
		return db_over(err);
	}
	TRY(wake(s, err));
	bool row = false;
	int64_t began = trace_begin();
	enum rc rc = s->db->engine->step(s, &row, err);
	trace_stepped(s, began, rc, row);
	if (rc != RC_OK || !row) {
		stmt_reset(s);
	} else if (!s->active) {
		struct db *db = s->db;
		db->active = list_grow(db->active, db->active_n, &db->active_cap, sizeof *db->active);
		s->active = true;
		s->active_at = db->active_n;
		db->active[db->active_n++] = s;
	}
	if (rc == RC_OK)
		*out_row = row;
	return rc;
}

bool stmt_next(struct stmt *s, enum rc *out_rc, struct err *err)
{
	bool row = false;
	*out_rc = stmt_step(s, &row, err);
	return *out_rc == RC_OK && row;
}

enum rc stmt_number(struct stmt *s, int64_t *out, struct err *err)
{
	enum rc rc;
	bool row = stmt_next(s, &rc, err);
	*out = row ? stmt_i64(s, 0) : 0;
	if (row)
		stmt_reset(s);
	return rc;
}

enum rc db_number(struct db *db, const char *sql, int64_t *out, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, sql, &s, err));
	return stmt_number(s, out, err);
}

enum rc stmt_run(struct stmt *s, struct err *err)
{
	bool row = true;
	if (s->db->engine->run && s->bind_rc == RC_OK) {
		if (s->active) {
			stmt_reset(s);
			return RC_OK;
		}
		TRY(wake(s, err));
		int64_t began = trace_begin();
		enum rc rc = s->db->engine->run(s, err);
		trace_stepped(s, began, rc, false);
		trace_ended(s);
		return rc;
	}
	while (row)
		TRY(stmt_step(s, &row, err));
	return RC_OK;
}

enum rc db_flush(struct db *db, struct err *err)
{
	return db->engine->flush ? db->engine->flush(db, err) : RC_OK;
}

enum rc stmt_run_now(struct stmt *s, struct err *err)
{
	TRY(stmt_run(s, err));
	return db_flush(s->db, err);
}

void stmt_many(struct stmt *s)
{
	if (s->db->engine->many && ready(s))
		s->db->engine->many(s->h);
}

int stmt_columns(const struct stmt *s)
{
	return s->h ? s->db->engine->columns(s->h) : 0;
}

bool stmt_null(struct stmt *s, int column)
{
	assert(s->active);
	return s->db->engine->null(s->h, column);
}

int64_t stmt_i64(struct stmt *s, int column)
{
	assert(s->active);
	return s->db->engine->i64(s->h, column);
}

str stmt_text(struct stmt *s, int column)
{
	assert(s->active);
	return s->db->engine->text(s->h, column);
}

str stmt_blob(struct stmt *s, int column)
{
	assert(s->active);
	return s->db->engine->blob(s->h, column);
}

str stmt_str(struct arena *a, struct stmt *s, int column)
{
	str t = stmt_text(s, column);
	return t.p ? arena_str(a, t) : t;
}

enum rc db_bytes(struct db *db, int64_t *out, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, db->engine->bytes, &s, err));
	TRY(stmt_step(s, &row, err));
	*out = row ? stmt_i64(s, 0) : 0;
	stmt_reset(s);
	return RC_OK;
}

bool db_has_room(const char *url)
{
	struct db *db;
	struct err err;
	if (db_open(url, DB_WRITE, &db, &err) != RC_OK)
		return false;
	bool room = db->engine->room && db_begin(db, &err) == RC_OK &&
		    db_exec(db, db->engine->room, &err) == RC_OK;
	if (db_in_transaction(db))
		db_rollback(db);
	db_close(db);
	return room;
}

bool db_has_table(struct db *db, const char *name)
{
	struct stmt *s;
	bool row = false;
	if (db_prepare(db, db->engine->has_table, &s, NULL) != RC_OK)
		return false;
	stmt_bind_text(s, 1, str_of(name));
	if (stmt_step(s, &row, NULL) != RC_OK)
		return false;
	stmt_reset(s);
	return row;
}

enum rc db_pages_anew(const char *url, struct db_pages *out, struct err *err)
{
	const struct engine *e = engine_of(url);
	if (e == NULL || e->pages_anew == NULL)
		return FAIL(err, RC_INVALID, "the checksums of pages are the server's affair there");
	return e->pages_anew(url, out, err);
}

enum rc db_pages(struct db *db, struct db_pages *out, struct err *err)
{
	return db->engine->pages(db, out, err);
}

int64_t db_changes(struct db *db)
{
	return db->engine->changes(db);
}

/* ---- transactions ---- */

static enum rc say(struct db *db, const char *sql, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, sql, &s, err));
	return stmt_run(s, err);
}

static int64_t wait_until(enum db_mode mode)
{
	return clock_mono_us() + (int64_t)(mode == DB_READ ? DB_WAIT_READER_MS : DB_WAIT_MS) * 1000;
}

/* Is a server's absence worth waiting for? pause_us doubles from call to call. */
static bool wait_for_server(const struct engine *e, enum rc rc, int64_t until_us, int64_t *pause_us)
{
	if (rc != RC_IO || e->lost == NULL || clock_mono_us() + *pause_us > until_us)
		return false;
	clock_sleep_us(*pause_us < 1000000 ? *pause_us : 1000000);
	*pause_us *= 2;
	return true;
}

enum rc db_open_waiting(const char *url, enum db_mode mode, struct db **out_db, struct err *err)
{
	const struct engine *e = engine_of(url);
	int64_t until_us = wait_until(mode), pause_us = 20000;
	enum rc rc;
	do
		rc = db_open(url, mode, out_db, err);
	while (e && wait_for_server(e, rc, until_us, &pause_us));
	return rc;
}

enum rc db_reopen(struct db *db, struct err *err)
{
	int64_t until_us = wait_until(db->mode), pause_us = 20000;
	enum rc rc;
	settle_all(db);
	all_sleep(db);
	do {
		if (db->conn)
			db->engine->close(db);
		db->conn = NULL;
		rc = db->engine->open(db, db->url, db->mode == DB_CREATE ? DB_WRITE : db->mode, err);
	} while (wait_for_server(db->engine, rc, until_us, &pause_us));
	return rc == RC_OK && db->limit_ms ? db->engine->limit(db, err) : rc;
}

static enum rc revive(struct db *db, struct err *err)
{
	return db->engine->lost && db->engine->lost(db) ? db_reopen(db, err) : RC_OK;
}

enum rc db_begin(struct db *db, struct err *err)
{
	assert(db->mode != DB_READ && !db_in_transaction(db));
	TRY(revive(db, err));
	db->depth = 0;
	return say(db, db->engine->begin, err);
}

enum rc db_commit(struct db *db, struct err *err)
{
	assert(db->depth == 0);
	settle_all(db);
	int64_t began = trace_begin();
	enum rc rc = db->engine->commit(db, err);
	trace_committed(began, rc);
	if (rc == RC_OK)
		rest(db);
	return rc;
}

void db_rollback(struct db *db)
{
	settle_all(db);
	db->depth = 0;
	if (db_in_transaction(db) && say(db, "ROLLBACK", NULL) != RC_OK)
		return; /* the engine gives it up itself when the connection closes */
	rest(db);
}

/* The texts of savepoints: printed once, since every job says two of them. */
enum { SAY_OPEN, SAY_RELEASE, SAY_BACK, SAY_WORDS };

static char savepoint_texts[SAY_WORDS][SAVEPOINTS_MAX][24];

static void print_savepoints(void)
{
	static const char *const words[SAY_WORDS] = {"SAVEPOINT", "RELEASE", "ROLLBACK TO"};
	for (int w = 0; w < SAY_WORDS; w++)
		for (int i = 0; i < SAVEPOINTS_MAX; i++)
			snprintf(savepoint_texts[w][i], sizeof savepoint_texts[w][i], "%s s%d", words[w],
				i + 1);
}

/* depth counts from 1. */
static enum rc say_savepoint(struct db *db, int word, int depth, struct err *err)
{
	static once_flag printed = ONCE_FLAG_INIT;
	call_once(&printed, print_savepoints);
	return say(db, savepoint_texts[word][depth - 1], err);
}

enum rc db_savepoint(struct db *db, struct err *err)
{
	assert(db->depth < SAVEPOINTS_MAX && db_in_transaction(db));
	TRY(say_savepoint(db, SAY_OPEN, db->depth + 1, err));
	db->depth++;
	return RC_OK;
}

enum rc db_release(struct db *db, struct err *err)
{
	assert(db->depth > 0);
	TRY(say_savepoint(db, SAY_RELEASE, db->depth, err));
	db->depth--;
	return RC_OK;
}

void db_rollback_to(struct db *db)
{
	settle_all(db);
	if (!db_in_transaction(db)) { /* all of it is gone already */
		db->depth = 0;
		return;
	}
	assert(db->depth > 0);
	enum rc rc = say_savepoint(db, SAY_BACK, db->depth, NULL);
	if (rc == RC_OK)
		rc = say_savepoint(db, SAY_RELEASE, db->depth, NULL);
	if (rc != RC_OK)
		db_rollback(db); /* whoever holds the transaction sees that it is gone */
	else
		db->depth--;
}

enum rc db_scrub(struct db *db, const char *const *tables, size_t n, struct err *err)
{
	char sql[256];
	assert(!db_in_transaction(db));
	for (size_t i = 0; db->engine->scrub_each && i < n; i++) {
		snprintf(sql, sizeof sql, "%s\"%s\"", db->engine->scrub_each, tables[i]);
		TRY(db_exec(db, sql, err));
	}
	return db->engine->scrub ? db_exec(db, db->engine->scrub, err) : RC_OK;
}

enum rc db_settle(struct db *db, struct err *err)
{
	assert(!db_in_transaction(db));
	return db->engine->settle(db, err);
}

bool db_in_transaction(struct db *db)
{
	return db->engine->in_transaction(db);
}

enum rc db_snapshot(struct db *db, struct err *err)
{
	assert(!db_in_transaction(db));
	TRY(revive(db, err));
	TRY(say(db, db->engine->snapshot, err));
	db->ends_us = db->limit_ms ? clock_mono_us() + db->limit_ms * 1000 : 0;
	return RC_OK;
}

void db_snapshot_end(struct db *db)
{
	db->ends_us = 0;
	db_rollback(db);
}

bool db_is_over(const struct db *db)
{
	return db->ends_us && clock_mono_us() > db->ends_us;
}

enum rc db_over(struct err *err)
{
	return FAIL(err, RC_LIMIT,
		"this takes too long to read while others write: ask for less at a time, or have it made "
		"at the command line");
}

enum rc db_snapshot_limit(struct db *db, int64_t ms, struct err *err)
{
	assert(db->mode == DB_READ && !db_in_transaction(db));
	db->limit_ms = ms;
	return db->engine->limit(db, err);
}
