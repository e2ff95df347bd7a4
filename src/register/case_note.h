/* case_note.h -- fields that only the case's own people open (`custody: true` in a declaration; guard/custody.h).
 *
 * Once a city has named two custodians, what is written into such a field is sealed to: who writes it, the staff that the
 * row names in its person fields (not the person whose row it is), and the members of the case in force -- those of them
 * who have a key. Nobody with a key: refused. Before there are custodians the field is sealed like any sealed value, and
 * docs/security.md says so. What stands inside the row's envelope is then the note's own envelope: every way of reading
 * shows the field as sealed, also to the operator; it opens by case_note_read with the reader's password, or by both
 * custodians' together. A note keeps the readers of the day it was written. */
#pragma once
#include "guard/custody.h"
#include "register/record.h"

/* A key for a person, under the person's own password; custodian: one of the two. RC_CONFLICT where one stands, or there
 * are two custodians. */
struct case_note_key {
	int64_t person;
	str password;
	bool custodian;
};
MUST_USE enum rc case_note_key_job(struct job_ctx *c, void *key, struct err *err);
/* The person's secret key. The caller wipes it (custody_forget). RC_DENIED: no key, another password. */
MUST_USE enum rc case_note_unlock(struct db *db, struct arena *a, int64_t person, str password,
	struct custody_secret *out, struct err *err);

/* In a job, before the row is bound: seals what was written in the clear. */
MUST_USE enum rc case_note_seal(struct job_ctx *c, struct record *rec, struct err *err);
bool case_note_is(const struct field *f, const struct value *v);
/* One note of a row that the reader may see (record_get has said so), opened by the reader's own key, or (secrets of two)
 * by both custodians. */
MUST_USE enum rc case_note_read(struct reader *r, const struct reg *reg, int64_t id, const struct field *f,
	const struct custody_secret *secrets, size_t n, str *out_plain, struct err *err);
