/* archive_rows.h -- the parts of qinghe archive that move records (register/archive.h): rows, back, list. */
#pragma once
#include "cli/command.h"

MUST_USE enum rc archive_rows(
	struct invocation *in, struct err *err); /* --before YEAR [--register R] [--dry-run] */
MUST_USE enum rc archive_bring_back(struct invocation *in, struct err *err); /* FILE */
MUST_USE enum rc archive_list(struct invocation *in, struct err *err);
