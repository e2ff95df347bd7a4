/* collection.h -- the office's daily loop (domain.md 1.4b): a collection goes to units, they answer, their answers are
 * merged, the sum goes up. What is read here; collect_act.h does, sent_lock.h keeps what was sent.
 *
 * Registers: collection (owner: who asks), collection_reply (owner: the unit asked; one a unit, made when the collection is
 * issued), period_return (owner: who asks; made by sending). Rows that the units report stand in the register that
 * collection.into_register names and belong to them.
 *
 * Who may read the collection sees every unit of his scope. A unit that was asked sees title, dates and note of the
 * collection and its own reply, since its reply is its own row: the collection itself belongs to the unit above. The list
 * of units is in the order of the tree, never a ranking. */
#pragma once
#include "service/coordination/columns.h"

struct coll_unit {
	int64_t org, reply, version;
	str name, state, answered_on; /* state: of collection_reply */
	bool nil;
	int64_t rows_n;
	struct value *answers; /* to the collection's own columns; NULL: not read */
};

struct coll {
	int64_t id, org, version;
	str number, title, state, issued_on, due_on, from, to, note, into, announced_on;
	int64_t tenths_of_hours; /* person_hours, scale 1; -1: not told */
	bool owner;              /* the reader may read the collection itself */
	struct coll_unit *units;
	/* What it asks for itself, where it names no register. */
	struct field *columns;
	size_t columns_n;
	size_t units_n, in, missing, returned, nil, merged; /* in: submitted; nil: in either of both */
	int64_t sent;                                       /* the period_return; 0: not sent */
	str sent_state, sent_on, sums;                      /* sums: lines FIGURE=VALUE */
	int64_t rows_sent;
};

/* RC_NOT_FOUND where there is none, or the reader neither asks nor is asked. */
MUST_USE enum rc coll_read(struct reader *r, int64_t id, struct coll *out, struct err *err);
/* All that the reader asks or is asked for, the newest first; units are counted, not listed. */
enum { COLL_LIST_MAX = 200 };
MUST_USE enum rc coll_list(struct reader *r, struct coll **out, size_t *out_n, struct err *err);

/* 还剩3天, 今天截止, 逾期2天 */
str coll_deadline(struct arena *a, const struct coll *c, int32_t today);
/* For the chat group: title, deadline, link, units still missing and returned, in tree order. link may be empty. */
str coll_text(struct arena *a, const struct coll *c, str link, int32_t today);

/* One figure as it stands now over the collection's owner and period. */
struct coll_sum {
	str id, label, unit, text; /* text: the value for people, without the unit */
	int64_t value;
};
/* The figures of the register that is asked for (rows and sums), and the rows themselves as *out_rows. Without a register:
 * the numbers and amounts of its own columns over the answers that are in (id and label: the column's), *out_rows those
 * answers. Empty where there is neither. */
MUST_USE enum rc coll_sums(struct reader *r, const struct coll *c, struct coll_sum **out, size_t *out_n,
	int64_t *out_rows, struct err *err);
/* The query of the merged sheet: the rows of that register over the owner and the period. RC_INVALID without a register. */
MUST_USE enum rc coll_rows(struct reader *r, const struct coll *c, struct record_query *out, struct err *err);
/* The merged sheet of a collection that asks for its own columns: unit, the columns, a line a unit that answered, and their
 * sum below. */
MUST_USE enum rc coll_answers_sheet(
	struct reader *r, const struct coll *c, const char *path, int64_t *out_rows, struct err *err);
/* The form that goes to one unit: the columns, a hidden sheet with the collection and the unit's code. */
MUST_USE enum rc coll_form_sheet(
	struct reader *r, const struct coll *c, const struct coll_unit *u, const char *path, struct err *err);
