/* copy.h -- tables from one database into another, whichever engines they are.
 *
 * The target's tables stand already, made by this program (migrate.h, register/schema.h); what stands in them goes. Rows
 * are read in the order of their first column and loaded in bulk (load.h). Values go over as they are: sealed ones as
 * envelopes, the audit chain byte by byte, so that both databases then tell the same digest and the same chain. */
#pragma once
#include "store/db.h"

struct copy_progress {
	void (*told)(void *user, int64_t rows); /* NULL, or called now and then with the rows so far */
	void *user;
	int64_t rows;
};

/* Inside a transaction of `to`, and a snapshot of `from`. Every column of the target's table must stand in the source's,
 * else RC_INVALID and a text that names it. */
MUST_USE enum rc copy_table(
	struct db *from, struct db *to, str table, struct copy_progress *p, struct err *err);
/* After the commit: the planner is told what the tables hold. */
void copy_done(struct db *to);
