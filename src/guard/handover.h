/* handover.h -- 工作交接单: duties hold tasks, not persons, so a duty passes whole from one person to the next.
 *
 * A hand-over names an organisation, who gives and who takes, and what goes over: the roles held there, the phones bound
 * to them, and the rows that name the giver in a field that belongs to a duty (register/handing.h lists and moves those).
 * It is made by the giver, or by operator or secadmin; both parties confirm it, each signed in as himself (operator or
 * secadmin, where they are neither, may note a signature given on paper). With the second signature it is carried out in the same job:
 *     the giver's roles there end today, the taker has them from today on; the giver's phones and open links of these
 *     duties end, authorisations there too, and the giver's sessions; a new link is made for the taker by device_link_make
 * What excludes the taker from a role (role.h) refuses the whole. Until then either party, or secadmin, may call it off.
 * Nothing is deleted: sheets stay and can be printed with names, dates and items. */
#pragma once
#include "guard/job.h"
#include "guard/role.h"
#include "guard/seal.h"

enum { HANDOVER_ITEMS_MAX = 5000, HANDOVER_REMARK_MAX_CHARS = 1000 };

struct handover {
	int64_t id, org, giver, taker, made_at_ms, made_by;
	int64_t given_at_ms, taken_at_ms, done_at_ms, ended_at_ms; /* 0: not yet; ended: called off */
	str remark;                                                /* sealed on disk */
};
struct handover_item {
	str kind;    /* "role", "device", "row" */
	str what;    /* role's id; register's id */
	str field;   /* of a row */
	int64_t row; /* role's id, device's id, row's id */
};

/* Items: "row" ones come from the caller; roles and phones are gathered here. RC_INVALID where nothing is held there. */
MUST_USE enum rc handover_make(struct job_ctx *c, struct seal *seal, const struct handover *what,
	const struct handover_item *rows, size_t rows_n, int64_t *out_id, struct err *err);
/* giver or taker: whose signature. *out_complete: both stand now, carry it out. */
MUST_USE enum rc handover_sign(
	struct job_ctx *c, int64_t id, bool giver, bool *out_complete, struct err *err);
/* Inside the same job: roles, phones, authorisations, sessions, as above. Rows are the caller's. */
MUST_USE enum rc handover_carry_out(struct job_ctx *c, const struct role_kinds *all, const struct handover *h,
	int32_t today, struct err *err);
MUST_USE enum rc handover_call_off(struct job_ctx *c, int64_t id, struct err *err);

MUST_USE enum rc handover_get(
	struct db *db, struct arena *a, struct seal *seal, int64_t id, struct handover *out, struct err *err);
MUST_USE enum rc handover_items(struct db *db, struct arena *a, int64_t id, struct handover_item **out,
	size_t *out_n, struct err *err);
/* Of a person on either side; 0: all. Open ones first, newest first; at most 200. */
MUST_USE enum rc handover_list(struct db *db, struct arena *a, struct seal *seal, int64_t person,
	struct handover **out, size_t *out_n, struct err *err);
