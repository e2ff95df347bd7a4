/* publish.h -- what anybody may read of the registers, and what anybody may leave there; no account, no session.
 *
 * Read: a register's `public:` (model.h: reg_public) names states, a condition and fields. Rows come with every other field
 * empty, sealed ones unopened, whoever asks; a row that is not public is RC_NOT_FOUND, as one that never was. What stands for
 * a referred row is its name only where its own register is public; a unit's name always is. Pages have no other way to
 * rows for strangers, so no page decides what is public.
 *
 * Leave: a register's `door:` names the fields that a stranger may fill. publish_leave runs inside a job of actor_nobody();
 * permit_write lets it write those fields and no other. The answer is a code of PUBLISH_CODE_CHARS letters (code.h), kept
 * sealed with a blind index: who has it reads the door's `tells`, and nothing else finds the row. */
#pragma once
#include "register/record.h"

enum { PUBLISH_LIST_MAX = 500, PUBLISH_CODE_CHARS = 16 };

struct publish_query {
	const struct reg *reg;
	const char *from,
		*to; /* event date, ISO, to exclusive; an event that lasts counts by its last day for `from` */
	int64_t org;            /* of this unit's subtree; 0: all */
	str kind;               /* value of the declared kind; empty: any */
	str text;               /* stands in the title, place or text; empty: any */
	const struct field *by; /* rows whose reference `by` is by_id; NULL: all */
	int64_t by_id;
	bool latest_first;
	int limit; /* 1..PUBLISH_LIST_MAX */
};
MUST_USE enum rc publish_list(struct reader *r, const struct publish_query *q, struct record ***out,
	size_t *out_n, struct err *err);
MUST_USE enum rc publish_count(
	struct reader *r, const struct publish_query *q, int64_t *out_n, struct err *err);
MUST_USE enum rc publish_get(
	struct reader *r, const struct reg *reg, int64_t id, struct record **out, struct err *err);

static inline bool publish_shows(const struct reg *reg, const struct field *f)
{
	return f && reg->open && (reg->open->shown[f->at / 64] >> (f->at % 64) & 1);
}
/* The value as people read it; a reference by its public name. Empty where it is not public or nothing stands. */
str publish_text(struct reader *r, const struct record *rec, const struct field *f);
str publish_org(struct reader *r, int64_t org);
str publish_title(const struct city *c, const struct record *rec); /* its name or title, if that is shown */

/* A door: values by field, as record_add takes them. code: of code_make, made by the caller since a job may run again. */
struct publish_gift {
	const struct reg *reg;
	int64_t org; /* 0: the city's root */
	const struct entry *entries;
	size_t n;
	const struct entry *program; /* what the program itself fills in besides */
	size_t program_n;
	str code;
	int32_t due; /* DATE_NONE: no clock */
};
MUST_USE enum rc publish_leave(
	struct job_ctx *c, const struct publish_gift *g, int64_t *out_id, struct err *err);
/* The row of a code with only the door's `tells` filled; RC_NOT_FOUND for a code that is none. */
MUST_USE enum rc publish_told(
	struct reader *r, const struct reg *reg, str code, struct record **out, struct err *err);
