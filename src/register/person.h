/* person.h -- people: sealed, found by blind index, matched on import, merged.
 *
 * A person is a row of the register `person`; name, citizen ID, phone, birth date are sealed (seal.h) and never stand in
 * a statement in the clear. Found through table find(kind, h, person, generation): kinds name, given (name without its surname),
 * initials (pinyin, kMandarin of unicode-data plus surname readings), id, phone. Home unit = column org.
 *
 * Match (model.md, Persons match), the first that decides:
 *   1. citizen ID;  2. name and phone;  3. name and birth month inside the unit;  4. name alone where unique inside the
 *   unit;  else a new person, identified only with a valid citizen ID.
 * A citizen ID that stands under another name is a conflict, not a match. */
#pragma once
#include "register/record.h"

struct person_input {
	str name, citizen_id, phone; /* as written; empty: not given */
	str sex;                     /* choice id or empty */
	str birth_month;             /* YYYY-MM or empty: taken from the ID where there is one */
	int64_t unit;                /* org in which to match */
};

/* Name made canonical: blanks inside Han names dropped, · kept, NFKC-lite. */
str person_name_clean(struct arena *a, str name);

/* Inside a job: find or make. *out_new, *out_changed (phone or a missing field was filled in) tell what happened. Nothing
 * sealed is opened on the way: what stands is compared by blind index. */
MUST_USE enum rc person_resolve(struct job_ctx *c, const struct person_input *in, int64_t *out_person,
	bool *out_new, bool *out_changed, struct err *err);
/* Take back a person that this job has made and that nothing refers to. */
MUST_USE enum rc person_unmake(struct job_ctx *c, int64_t person, struct err *err);
/* Only find; 0 when nobody fits. */
MUST_USE enum rc person_find(struct db *db, struct city *city, struct arena *a, const struct person_input *in,
	int64_t *out_person, struct err *err);
/* Search by whole name, given name, initials, ID or phone, whichever the text looks like; at most 50, within a scope. */
MUST_USE enum rc person_search(
	struct reader *r, str text, int64_t *out_ids, size_t cap, size_t *out_n, struct err *err);
/* One job: rows of `gone` come to `kept`, keys that collide turn void in favour of the survivor's, all listed in
 * person_merge_row; what only `gone` knew is filled in. Refused where both have different citizen IDs. Undone within 30
 * days while none of the rows was edited since (what was filled in at the survivor stays). */
MUST_USE enum rc person_merge(
	struct job_ctx *c, int64_t kept, int64_t gone, int64_t *out_merge, struct err *err);
MUST_USE enum rc person_merge_undo(struct job_ctx *c, int64_t merge, struct err *err);
/* What the citizen ID and the birth date say of the rest: birth date and month, sex, identified; of the record in hand,
 * before it is written. What a person has written stays. */
void person_derive(struct arena *a, struct record *rec);
/* The day a person was born: the birth date, else the citizen ID's, else the first of the birth month; DATE_NONE. */
int32_t person_born(const struct record *rec);

/* Called by record_write.c whenever a person was written: rec is the row as it stands now. */
MUST_USE enum rc person_index(struct job_ctx *c, const struct record *rec, struct err *err);
/* The row is gone: so are its entries in find. */
MUST_USE enum rc person_forget(struct job_ctx *c, int64_t person, struct err *err);
