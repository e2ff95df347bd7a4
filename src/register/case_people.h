/* case_people.h -- the people of a case, for pages and commands: who is on it, who may put others on it.
 *
 * The case of a row is told by its declaration (`case:`): the row itself, or the rows that its fields refer to; a member of
 * one of those anchors reaches the row. Besides the explicit members (guard/authorise.h) those count whom a row names by
 * `members:`; they come and go with the row and are not ended here.
 *
 * Put on and taken off by: secadmin; county and city staff for rows of their own units; a case worker for a case that he
 * works on. Nobody puts himself on a case. */
#pragma once
#include "register/record.h"

enum { CASE_ANCHORS_MAX = 8, CASE_PEOPLE_MAX = 200 };

struct case_anchor {
	const struct reg *reg;
	int64_t row;
};
/* The rows that stand for the record's case; also for a register that others name as theirs. */
size_t case_anchors(
	const struct model *m, const struct record *rec, struct case_anchor out[CASE_ANCHORS_MAX]);
/* The roles as which somebody can work on a case that such a row stands for; *out_n 0: it stands for none. */
void case_roles(struct arena *a, const struct model *m, const struct reg *anchor, str **out, size_t *out_n);

struct case_person {
	int64_t id, person; /* id: case_end */
	str role;
	int32_t from, to; /* to: the first day without */
};
/* Members in force on a day, in the order in which they came. */
MUST_USE enum rc case_people(struct db *db, struct arena *a, const struct case_anchor *at, int32_t day,
	struct case_person **out, size_t *out_n, struct err *err);
/* May this actor put people on the case and take them off? rec: a row of the anchor's register. */
bool case_people_may(const struct tree *t, const struct actor *actor, const struct record *rec);

struct case_person_new {
	const struct reg *reg;
	int64_t row, person, id; /* id: comes back */
	str role;
	int32_t to;
};
/* Jobs; the actor carries what opens rows to it (rights.h). */
MUST_USE enum rc case_people_add(struct job_ctx *c, void *case_person_new, struct err *err);
/* arg: the member's id. */
MUST_USE enum rc case_people_end(struct job_ctx *c, void *id, struct err *err);
