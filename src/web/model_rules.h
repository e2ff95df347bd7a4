/* model_rules.h -- the files of rules that the model desk changes: those whose readers can say beforehand whether they hold. */
#pragma once
#include "web/page.h"

bool model_rules_known(str path); /* "rules/deadlines.yaml" */
/* The reader of that file over a model that holds otherwise; another path is RC_OK. RC_INVALID names file and line. */
MUST_USE enum rc model_rules_hold(struct page *p, str path, const struct model *m, struct err *err);
