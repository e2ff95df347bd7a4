/* model_rules.h -- the files of rules that the model desk changes, and whether all rules hold over a model that is only tried. */
#pragma once
#include "web/page.h"

bool model_rules_known(str path); /* "rules/deadlines.yaml" */
/* All readers of rules over a model that holds otherwise, that of the file at `path` first: a field that goes, a register that
 * keeps longer break a rule as well as its own words do. RC_INVALID names file and line. */
MUST_USE enum rc model_rules_hold(struct page *p, str path, const struct model *m, struct err *err);
