/* collect_act.h -- what is done to a collection (collection.h). Each runs inside a job (guard/job.h) as its actor; the
 * declared moves of the registers say who may. */
#pragma once
#include "service/coordination/collection.h"

/* draft -> issued, and one open reply for each unit: those that the collection names, else the units directly below its
 * owner. RC_INVALID where that is nobody, or where neither a register nor columns are asked for; RC_DENIED for a unit that is
 * not below the owner; RC_CONFLICT where a column asks for what a figure counts already. Asked again it completes what is
 * missing. */
MUST_USE enum rc collect_issue(struct job_ctx *c, int64_t collection, struct err *err);
/* open, returned -> submitted. RC_CONFLICT unless the collection is issued. rows_n and import_no: -1 not told. */
struct collect_answer {
	int64_t reply;
	bool nil;
	int64_t rows_n, import_no;
	str answers; /* columns_pack; {NULL, 0}: as they stand */
};
MUST_USE enum rc collect_answer(struct job_ctx *c, const struct collect_answer *x, struct err *err);
MUST_USE enum rc collect_return(struct job_ctx *c, int64_t reply, str reason, struct err *err);
/* Every submitted reply of the collection -> accepted; *out_n of them. */
MUST_USE enum rc collect_merge(struct job_ctx *c, int64_t collection, int64_t *out_n, struct err *err);
/* issued -> closed: no more answers. */
MUST_USE enum rc collect_close(struct job_ctx *c, int64_t collection, struct err *err);
/* The text went to the group: today. RC_CONFLICT when it did so today already. */
MUST_USE enum rc collect_announce(struct job_ctx *c, int64_t collection, struct err *err);
/* Makes and sends the period_return with the sums as they are now, and closes the collection. Replies that are only
 * submitted must be merged first (RC_CONFLICT); units still missing go up as their number. Of one that came back from above
 * the same row is sent again. sums: of coll_sums. */
MUST_USE enum rc collect_send(struct job_ctx *c, const struct coll *coll, const struct coll_sum *sums,
	size_t n, int64_t rows, int64_t *out_return, struct err *err);
