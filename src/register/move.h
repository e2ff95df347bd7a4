/* move.h -- a whole city into another database, whichever engines the two are: from a file to a schema of PostgreSQL when
 * it grows, and back.
 *
 * The source is read in one snapshot and not changed; its tables must stand as its declarations say (RC_INVALID: model
 * plan, model apply). The target must hold nothing (RC_CONFLICT); it is filled in one transaction, so that a move that
 * fails leaves no city there. Facts and derived tables go over as they are: the same digest, the same audit chain, the
 * same cells. Columns and registers that were dropped from the model are not taken along: they hold nothing.
 * What lies beside a database is copied by beside.h, keys by cli/cmd_restore.c. */
#pragma once
#include "store/copy.h"

MUST_USE enum rc city_move(
	const char *from_url, const char *to_url, struct copy_progress *p, struct err *err);
