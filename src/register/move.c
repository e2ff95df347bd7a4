/* move.c -- see move.h. */
#include "register/move.h"
#include "base/clock.h"
#include "register/schema.h"
#include "store/migrate.h"

static const char Q_MODEL_DIR[] = "SELECT model_dir FROM city WHERE one = 1";

static enum rc model_of(struct arena *a, struct db *db, struct model **out, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, Q_MODEL_DIR, &s, err));
	TRY(stmt_step(s, &row, err));
	str dir = row ? stmt_str(a, s, 0) : (str){0};
	stmt_reset(s);
	return model_load(a, dir.n ? dir.p : NULL, false, out, NULL, NULL, err);
}

static enum rc as_declared(struct arena *a, struct db *db, const struct model *m, struct err *err)
{
	struct schema_change *list;
	size_t n;
	TRY(schema_plan(a, db, m, &list, &n, err));
	return n == 0 ? RC_OK
		      : FAIL(err, RC_INVALID,
				"%zu changes of this city's tables are due (first: %.*s): “qinghe model "
				"plan”, then “qinghe "
				"model apply”, then move it",
				n, STR_ARG(list[0].say));
}

static enum rc fill(
	struct db *from, struct db *to, const struct model *m, struct copy_progress *p, struct err *err)
{
	TRY(migrate_within(to, err));
	TRY(schema_create_tables(to, m, err));
	TRY(db_defer_references(to, err));
	for (int i = 0; i < migrate_tables(); i++)
		TRY(copy_table(from, to, str_of(migrate_table(i)), p, err));
	for (size_t i = 0; i < m->regs_n; i++)
		TRY(copy_table(from, to, m->regs[i].id, p, err));
	return schema_create_indexes(to, m, err);
}

static enum rc fill_whole(
	struct db *from, struct db *to, const struct model *m, struct copy_progress *p, struct err *err)
{
	TRY(db_begin(to, err));
	enum rc rc = fill(from, to, m, p, err);
	if (rc == RC_OK)
		rc = db_commit(to, err);
	if (rc != RC_OK)
		db_rollback(to);
	else
		copy_done(to);
	return rc;
}

static enum rc from_snapshot(
	struct arena *a, struct db *from, const char *to_url, struct copy_progress *p, struct err *err)
{
	struct model *m;
	struct db *to;
	TRY(migrate_check(from, err));
	TRY(model_of(a, from, &m, err));
	enum rc rc = as_declared(a, from, m, err);
	if (rc == RC_OK)
		rc = db_open(to_url, DB_CREATE, &to, err);
	if (rc == RC_OK) {
		rc = fill_whole(from, to, m, p, err);
		db_close(to);
		if (rc != RC_OK)
			db_unmake(to_url);
	}
	model_done(m);
	return rc;
}

enum rc city_move(const char *from_url, const char *to_url, struct copy_progress *p, struct err *err)
{
	struct arena a = {0};
	struct db *from;
	TRY(db_open(from_url, DB_READ, &from, err));
	enum rc rc = db_snapshot(from, err);
	if (rc == RC_OK)
		rc = from_snapshot(&a, from, to_url, p, err);
	db_close(from);
	arena_done(&a);
	return rc;
}
