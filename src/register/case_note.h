/* case_note.h -- fields that only the case's own people open (`custody: true` in a declaration; guard/custody.h).
 *
 * Once a city has named two custodians, what is written into such a field is sealed to: who writes it, the staff that the
 * row names in its person fields (not the person whose row it is), and the members of the case in force (case_people.h) -- those
 * of them who have a key. Nobody with a key: refused. Before there are custodians the field is sealed like any sealed value, and
 * docs/security.md says so. What stands inside the row's envelope is then the note's own envelope: every way of reading
 * shows the field as sealed, also to the operator; it opens by case_note_read with the reader's password, or by both
 * custodians' together. A note keeps the readers of the day it was written, until
 * one of them lets another in, or hands it over (case_note_share_job): the text is opened by that reader's key and sealed anew,
 * for one more, or for the other in his own place. Earlier versions in the history keep the readers that they had. */
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
bool case_note_has_key(struct db *db, int64_t person); /* of a reader, no custodian's */
/* The same key under a new password; the old one opens nothing from then on. A job; nobody changes another's. */
struct case_note_relock {
	int64_t person;
	str old, password;
};
MUST_USE enum rc case_note_relock_job(struct job_ctx *c, void *relock, struct err *err);
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
/* Whom the note in this field of the row is sealed to (without the custodians); n 0: there is none. */
MUST_USE enum rc case_note_people(struct reader *r, const struct reg *reg, int64_t id, const struct field *f,
	int64_t out[CUSTODY_READERS_MAX], size_t *out_n, struct err *err);

/* All notes of one row that the reader's key opens are sealed to `with` as well; leave: and no longer to the reader.
 * `with` must be of the case already: a member, or named by the row. RC_NOT_FOUND: no note opens. */
struct case_note_share {
	const struct reg *reg;
	int64_t row, with;
	const struct custody_secret *secret;
	bool leave;
	int notes; /* comes back */
};
MUST_USE enum rc case_note_share_job(struct job_ctx *c, void *share, struct err *err);
/* A durable row of the audit before the text is shown. */
struct case_note_opened {
	const struct reg *reg;
	int64_t row;
	const struct field *field;
};
MUST_USE enum rc case_note_opened_job(struct job_ctx *c, void *opened, struct err *err);
