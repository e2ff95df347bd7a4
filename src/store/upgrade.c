/* upgrade.c -- see upgrade.h. */
#include "store/upgrade.h"
#include "store/migrate.h"
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static enum rc copy(struct db *db, const char *db_url, struct upgrade_told *t, struct err *err)
{
	char sql[sizeof t->copy + 32];
	if (snprintf(t->copy, sizeof t->copy, "%s.before-%lld", db_url, (long long)t->to) >=
			(int)sizeof t->copy ||
		strchr(t->copy, '\''))
		return FAIL(err, RC_INVALID, "the path %s is too long, or holds a quote", db_url);
	if (access(t->copy, F_OK) == 0)
		return FAIL(err, RC_INVALID,
			"%s stands already: is it a copy of this city? Move it away first", t->copy);
	snprintf(sql, sizeof sql, "VACUUM INTO '%s'", t->copy);
	mode_t before = umask(0077);
	enum rc rc = db_exec(db, sql, err);
	umask(before);
	return rc;
}

static enum rc up(struct db *db, const char *db_url, bool copied, struct upgrade_told *t, struct err *err)
{
	TRY(migrate_schema(db, &t->from, err));
	t->to = migrate_latest();
	if (t->from > t->to)
		return migrate_check(db, err); /* says: newer */
	if (t->from == t->to)
		return RC_OK;
	if (strcmp(db_engine(db), "sqlite") == 0)
		TRY(copy(db, db_url, t, err));
	else if (!copied)
		return FAIL(err, RC_DENIED, "make a copy of the city first (pg_dump), then say --copied");
	return migrate_up(db, err);
}

enum rc upgrade_city(const char *db_url, bool copied, struct upgrade_told *out, struct err *err)
{
	struct db *db;
	struct upgrade_told t = {0};
	TRY(db_open(db_url, DB_WRITE, &db, err));
	enum rc rc = up(db, db_url, copied, &t, err);
	db_close(db);
	if (rc == RC_OK)
		*out = t;
	return rc;
}
