/* cmd_collect.h -- between the two files of `qinghe collect`: cmd_collect.c and collect_take.c. */
#pragma once
#include "cli/open.h"
#include "format/json.h"
#include "service/coordination/collect_act.h"

struct collect_run {
	struct invocation *in;
	struct city *city;
	struct actor actor;
	const char *verb, *path, *org, *link, *reason;
	bool announce, nil;
	str answers; /* of `answer`, packed */
	int64_t id, reply, n, rows;
	struct coll c; /* as it stood when the command began */
	struct coll_sum *sums;
	size_t sums_n;
};

MUST_USE enum rc collect_look(struct collect_run *x, struct coll *out, struct err *err);
/* Files, folders and archives into the collection's register (collect_take.c). */
MUST_USE enum rc collect_take(struct collect_run *x, struct err *err);
void collect_tell(const struct coll *c);
void collect_units(const struct coll *c, const char *state, const char *told);
void collect_counts_json(struct json *j, const struct coll *c);
void collect_units_json(struct json *j, const struct coll *c, const char *state, const char *key);
