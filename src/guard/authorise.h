/* authorise.h -- what opens minors' data: standing authorisations, break-glass, and membership of cases.
 *
 * A standing authorisation (未成年人网络保护条例 art. 36) lets one person, in one role, read minors' data of one
 * organisation's subtree for one purpose, for a year at most; a named other person approved it. It is asked for and
 * decided, or given at once by who may approve; revoking it stops the next read. Given for a duty (all branch
 * secretaries, each for the own unit) it is one row a person all the same, bound to that person's role: when the role
 * ends, so does the authorisation. may_export: rows may leave in a file as well.
 *
 *     asked --decide yes--> approved --revoke--> (revoked_at)      asked --decide no--> refused
 *
 * Break-glass (紧急查阅) opens one row, or all rows of one person, for GLASS_MINUTES; it needs a reason, alerts the
 * security administrators and leaders above who opened it (outbox, and their pages), and stands until one of them, another
 * person, reviews it.
 *
 * A case member works on the case that one row stands for (a rights case, an event, a joint task, a child), as one role,
 * from day to day. Declarations say which registers belong to which case (docs/declaring.md, `case:`).
 *
 * guard knows no registers: names and row numbers pass through. Reasons are free text, kept sealed. Every function with
 * a job_ctx runs inside a job and fills action and subject of its audit row. */
#pragma once
#include "guard/job.h"

struct seal;

enum { AUTHORISATION_DAYS_MAX = 366, GLASS_MINUTES = 240, REASON_MAX_CHARS = 500 };

struct authorisation {
	int64_t id, person, org, approved_by, asked_by;
	int64_t duty;             /* the role row that it ends with; 0: none */
	str role, purpose, state; /* asked, approved, refused */
	int32_t from, to;         /* to: the first day without */
	bool may_export;
	int64_t at_ms, revoked_at_ms;
	str reason; /* opened by authorisation_all only */
};

/* In force on a day: approved, not revoked, its duty still held. purpose empty: any. */
MUST_USE enum rc authorisation_list(struct db *db, struct arena *a, int64_t person, str purpose, int32_t day,
	struct authorisation **out, size_t *out_n, struct err *err);
/* All of a person (0: of everybody) and state (empty: any), newest first, at most `limit`. */
MUST_USE enum rc authorisation_all(struct db *db, struct arena *a, struct seal *seal, int64_t person,
	str state, int limit, struct authorisation **out, size_t *out_n, struct err *err);
MUST_USE enum rc authorisation_ask(struct job_ctx *c, struct seal *seal, const struct authorisation *what,
	int64_t *out_id, struct err *err);
/* By secadmin, city_staff or leader whose scope holds the organisation, never the one who is authorised. */
MUST_USE enum rc authorisation_decide(struct job_ctx *c, int64_t id, bool yes, struct err *err);
/* At once, by who may approve; the operator names the approver in approved_by. */
MUST_USE enum rc authorisation_grant(struct job_ctx *c, struct seal *seal, const struct authorisation *what,
	int64_t *out_id, struct err *err);
MUST_USE enum rc authorisation_revoke(struct job_ctx *c, int64_t id, struct err *err);

struct glass {
	int64_t id, person, row, opened_at_ms, until_ms, reviewed_at_ms, reviewed_by;
	str reg, reason, review;
	bool justified; /* what the review found */
};
MUST_USE enum rc glass_open(struct job_ctx *c, struct seal *seal, str reg, int64_t row, str reason,
	int64_t *out_id, struct err *err);
/* May the actor know of it beyond the own ones: all units of who opened it, on that day, stand within the scope. */
MUST_USE enum rc glass_within(
	struct db *db, const struct actor *actor, const struct glass *z, bool *out, struct err *err);
/* By secadmin or leader within whose scope it is, not by who opened it. */
MUST_USE enum rc glass_review(
	struct job_ctx *c, struct seal *seal, int64_t id, bool justified, str words, struct err *err);
/* Open for this person now. */
MUST_USE enum rc glass_list(struct db *db, struct arena *a, int64_t person, int64_t now_ms,
	struct glass **out, size_t *out_n, struct err *err);
/* The actor's own and those within the scope, newest first; unreviewed: only those that still wait for a review. */
MUST_USE enum rc glass_all(struct db *db, struct arena *a, struct seal *seal, const struct actor *actor,
	bool unreviewed, int limit, struct glass **out, size_t *out_n, struct err *err);

/* By secadmin, county_staff or city_staff; a case worker may add members to a case that is theirs (the caller looks). */
MUST_USE enum rc case_add(struct job_ctx *c, str reg, int64_t row, int64_t person, str role, int32_t from,
	int32_t to, int64_t *out_id, struct err *err);
MUST_USE enum rc case_end(struct job_ctx *c, int64_t id, int32_t to, struct err *err);
MUST_USE enum rc case_list(struct db *db, struct arena *a, int64_t person, int32_t day, struct case_of **out,
	size_t *out_n, struct err *err);
