/* guard_city.h -- for tests of guard: an empty city's tables with a writer on them, and jobs spelt short. */
#pragma once
#include "database.h"
#include "guard/job.h"
#include "store/migrate.h"
#include "tests.h"

struct town {
	char path[TEST_URL_BYTES];
	struct writer *w;
	struct arena a;
};

static inline void town_forget(struct town *t)
{
	static const char *const keys[] = {"", "s", "s-wal", "s-shm"};
	char path[400];
	test_db_forget(t->path);
	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "%s.key%s", t->path, keys[i]);
		unlink(path);
	}
}

static inline void town_open(struct town *t, const char *name)
{
	struct err err;
	struct db *db;
	*t = (struct town){0};
	test_db_url(t->path, name);
	assert_ok(db_open(t->path, DB_CREATE, &db, &err), &err);
	assert_ok(migrate_up(db, &err), &err);
	db_close(db);
	assert_ok(writer_open(t->path, NULL, &t->w, &err), &err);
}

static inline void town_close(struct town *t)
{
	writer_close(t->w);
	town_forget(t);
	arena_done(&t->a);
}

static inline enum rc town_run(struct town *t, struct actor actor,
	enum rc (*run)(struct job_ctx *c, void *arg, struct err *err), void *arg, struct err *err)
{
	struct job job = {.actor = actor, .run = run, .arg = arg, .a = &t->a};
	return writer_run(t->w, &job, err);
}

static inline int64_t town_count(struct town *t, const char *sql)
{
	struct err err;
	struct stmt *s;
	bool row;
	assert_ok(db_prepare(writer_db(t->w), sql, &s, &err), &err);
	assert_ok(stmt_step(s, &row, &err), &err);
	int64_t v = stmt_i64(s, 0);
	stmt_reset(s);
	return v;
}
