/* checks.h -- what `qinghe check` looks at: one entry a subject, in checks[] (cmd_check.c). To add one, write a function
 * of this shape in a file of your own, declare it here and put it into the table. It reads everything that it needs
 * through the reader, changes nothing, and says what differs: the first difference in words, and how many there are. */
#pragma once
#include "cli/open.h"

struct check_result {
	int64_t looked_at, bad;
	char first[300]; /* empty where all holds */
	char note[200];  /* what an operator should know all the same, or empty */
};
struct check_subject {
	const char *id;      /* in JSON */
	const char *summary; /* N_("cells of figures") */
	enum rc (*run)(struct reader *r, struct check_result *out, struct err *err);
};
extern const struct check_subject checks[]; /* ends with id NULL */
