/* upgrade.h -- an older city made to fit this program: a copy first, then the migrations, all of them or none. */
#pragma once
#include "store/db.h"

struct upgrade_told {
	int64_t from, to; /* schema numbers; equal: nothing to do, nothing was copied */
	char copy[512];   /* the copy's path */
};
/* The copy is CITY.before-TO beside the database (SQLite; never overwritten, mode 600). Of a PostgreSQL city the caller says
 * that he has made one (`copied`). RC_INVALID: a newer city; RC_DENIED: PostgreSQL, and no copy. */
MUST_USE enum rc upgrade_city(const char *db_url, bool copied, struct upgrade_told *out, struct err *err);
