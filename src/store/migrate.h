/* migrate.h -- the program's own tables, made by numbered migrations; the schema's number stands in table city.
 *
 * A migration is a file's worth of DDL (migrate.c: schema_N), run in one transaction with its number; it never changes
 * once landed on a city that people use. A city newer than the program is refused (RC_INVALID), an older one is brought
 * up (the caller has made a backup). Tables of registers come from the model (register/), not from here; a register may
 * not bear the name of a table of ours: migrate_owns.
 *
 * Facts: city setting counter audit history imports imported person_merge person_merge_row edition account claim
 * session recovery device_link device token handover handover_item custody_key role authorisation due outbox idempotency org_link. Derived, rebuilt by a command: org_anc find figure_def cell. */
#pragma once
#include "store/db.h"

int migrate_latest(void);
/* Brings an empty or older database up to the latest schema. An empty one gets its row in table city, nameless. */
MUST_USE enum rc migrate_up(struct db *db, struct err *err);
/* The same within a transaction that the caller has begun. */
MUST_USE enum rc migrate_within(struct db *db, struct err *err);
/* RC_OK only when the schema is exactly the program's; RC_INVALID when newer, or older (words say: qinghe upgrade). */
MUST_USE enum rc migrate_check(struct db *db, struct err *err);
/* The schema's number as it stands; 0: no city. */
MUST_USE enum rc migrate_schema(struct db *db, int64_t *out, struct err *err);
bool migrate_owns(str table);
int migrate_tables(void); /* how many there are */
const char *migrate_table(int at);
