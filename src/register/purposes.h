/* purposes.h -- does rules/purposes.yaml hold: every purpose with its ground in law (PIPL 13), and every register's purpose
 * among them. The pages read it by rule_file.h. */
#pragma once
#include "register/model.h"

/* RC_INVALID names file, line and what is wrong, or the register whose purpose has no ground. A model without it holds. */
MUST_USE enum rc purposes_check(struct arena *a, const struct model *m, struct err *err);
