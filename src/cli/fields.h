/* fields.h -- field=value arguments of add, set and do. */
#pragma once
#include "register/record.h"

struct field_args {
	struct entry *list;
	size_t n;
	str state, reason; /* state= and reason=, where they are not fields of the register */
};

/* RC_INVALID names the argument and, for an unknown field, the nearest one. */
MUST_USE enum rc fields_read(struct job_ctx *c, const struct reg *reg, int64_t org, int argc, char **argv,
	struct field_args *out, struct err *err);
/* Before the job: FIELD=@PATH of fields of type `file` are stored, and the arguments say what was stored. */
MUST_USE enum rc fields_attach(
	struct city *c, struct arena *a, const struct reg *reg, int argc, char **argv, struct err *err);
