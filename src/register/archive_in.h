/* archive_in.h -- what the archive's files share; private to register/archive*.c. */
#pragma once
#include "base/merkle.h"
#include "format/json.h"
#include "register/archive.h"
#include "register/expr.h"

/* " FROM reg r … WHERE day BETWEEN …" with its parameters in q, and the SQL of the day. */
MUST_USE enum rc archive_rows_of(
	struct query *q, const struct reg *reg, int year, str *out_day, str *out_from, struct err *err);

/* The columns that a line holds: system columns, then the fields. kinds: i, t, b. */
size_t archive_columns(struct arena *a, const struct reg *reg, str **out_names, char **out_kinds);
