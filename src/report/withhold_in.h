/* withhold_in.h -- between withhold.c and withhold_beside.c: the numbers of one threshold and the sums that a reader knows of. */
#pragma once
#include "report/edition.h"
#include "report/withhold.h"

/* A number of the table: an answer, what is left of a sum, or one of another publication. */
struct number {
	struct source_given *given; /* NULL: none of this report's */
	int64_t count;
	int group;              /* union-find: numbers that stand in sums together */
	bool published, secret; /* told elsewhere; withheld elsewhere */
};

struct sum {
	size_t total, *parts, n;
};

struct table {
	struct arena *a;
	struct number *numbers;
	size_t n, cap;
	struct sum *sums;
	size_t sums_n, sums_cap;
	int64_t k;
	bool zero; /* zeros hide too */
};

size_t withhold_number(struct table *t, struct source_given *given, int64_t count);
/* total = parts + rest; parts has room for one more. */
void withhold_sum(struct table *t, size_t total, size_t *parts, size_t n);

/* Reports that the same unit has published of other spans: those inside this report's, those around it, their siblings. */
struct beside {
	struct {
		struct period p;
		struct edition e;
	} * list;
	size_t n;
};
MUST_USE enum rc withhold_beside_read(struct report_source *s, struct beside *out, struct err *err);
/* A year is the sum of its quarters: numbers of rows that this report tells are bound with those. */
MUST_USE enum rc withhold_beside(
	const struct beside *b, struct report_source *s, struct table *t, struct err *err);
