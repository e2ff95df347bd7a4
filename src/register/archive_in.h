/* archive_in.h -- what the archive's files share; private to register/archive*.c. */
#pragma once
#include "base/merkle.h"
#include "format/json.h"
#include "register/archive.h"
#include "register/expr.h"
#include <stdio.h>

enum { ARCHIVE_LINE_MAX_BYTES = 4 << 20 };

/* The first line of a file; everything in the arena. */
MUST_USE enum rc archive_head(struct arena *a, str line, struct archive_file *out, struct err *err);

/* " FROM reg r … WHERE day BETWEEN …" with its parameters in q, and the SQL of the day. */
MUST_USE enum rc archive_rows_of(
	struct query *q, const struct reg *reg, int year, str *out_day, str *out_from, struct err *err);

/* The columns that a line holds: system columns, then the fields. kinds: i, t, b. */
size_t archive_columns(struct arena *a, const struct reg *reg, str **out_names, char **out_kinds);

/* Puts the file at its first row whose person is at least this one, or at the last line; buffer holds a line. */
bool archive_find(FILE *f, char *buffer, int64_t person);
