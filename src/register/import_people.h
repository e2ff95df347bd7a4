/* import_people.h -- the people of an import, so that somebody who stands in many rows is matched once; private to the
 * import.
 *
 * Remembered is, by digest of what a row says of a person (and the unit it is matched in), who that was and in which
 * version the row left him. It holds only while that version stands, which is asked by number: a later row that changed
 * the phone, another process, a slice that was taken back all end it. */
#pragma once
#include "register/person.h"

struct import_people;

struct import_people *import_people_new(void);
void import_people_free(struct import_people *p);
/* A slice was taken back: its ids may be given to others. */
void import_people_forget(struct import_people *p);
/* As person_resolve. */
MUST_USE enum rc import_people_resolve(struct job_ctx *c, struct import_people *p,
	const struct person_input *in, int64_t *out_person, bool *out_new, bool *out_changed,
	struct err *err);
/* This import has just changed him (a phone, what was missing): noted for the day that it is taken back. */
MUST_USE enum rc import_people_note(struct job_ctx *c, int64_t import, int64_t person, struct err *err);
