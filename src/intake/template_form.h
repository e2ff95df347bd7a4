/* template_form.h -- the entry form of a register as .xlsx, for one unit or none. */
#pragma once
#include "register/record.h"

/* org 0: a form with a column for the unit. */
MUST_USE enum rc template_write(
	struct reader *r, const struct reg *reg, int64_t org, const char *path, struct err *err);
/* DIR/UNIT-LABEL.xlsx */
str template_path(struct reader *r, const struct label *label, int64_t org, const char *dir);
