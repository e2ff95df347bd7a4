/* notice.h -- notices to units (domain.md 1.4b): issued, read (已阅) and acknowledged (签收) by each.
 *
 * Registers: notice (owner: who issues) and notice_receipt (owner: the unit; one a unit, made when the notice is issued).
 * A unit that it went to sees the notice, since its receipt is its own row. Who may read the notice sees every receipt of
 * his scope, in the order of the tree. */
#pragma once
#include "register/record.h"

struct notice_unit {
	int64_t org, receipt;
	str name, state, read_on, acknowledged_on;
};

struct notice {
	int64_t id, org;
	str number, title, body, issued_on, due_on, state;
	bool owner;
	struct notice_unit *units;
	size_t units_n, unread, read, acknowledged;
};

/* RC_NOT_FOUND where there is none, or the reader neither issued nor got it. */
MUST_USE enum rc notice_read(struct reader *r, int64_t id, struct notice *out, struct err *err);
/* All that the reader issued or got, the newest first. */
enum { NOTICE_LIST_MAX = 200 };
MUST_USE enum rc notice_list(struct reader *r, struct notice **out, size_t *out_n, struct err *err);

/* In a job: draft -> issued, a receipt for each unit named, else for each directly below. */
MUST_USE enum rc notice_issue(struct job_ctx *c, int64_t notice, struct err *err);
/* In a job: "read" or "acknowledge" of a receipt. */
MUST_USE enum rc notice_receive(struct job_ctx *c, int64_t receipt, str move, struct err *err);
