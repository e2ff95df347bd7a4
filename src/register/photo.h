/* photo.h -- photographs of activities (registers photo, photo_person), kept only while everybody who can be recognised in
 * one has a consent in force for the purpose `media`, under 14 (or of unknown age) the guardian's.
 *
 * photo_add writes the photo and a row for each person; the register photo_person is declared `consent: row`, so that the
 * writer refuses the whole where one is missing. Withdrawing a consent deletes the photos that show the person, with
 * their history, in the same job (photo_consent_gone, called by gate.c); their files are then named by nobody and swept.
 * photo_shown looks again at every reading: a consent that ended by another way hides the photo. */
#pragma once
#include "register/record.h"

enum { PHOTO_PEOPLE_MAX = 100, PHOTO_CHOICES_MAX = 1000, PHOTO_CAPTION_MAX_CHARS = 100 };
#define PHOTO_PURPOSE "media"

/* The field of register photo that names an activity of this register; NULL: no photos of such are kept. Declared for what
 * people do in company; not for a visit, a session of counselling or a class for children in care, where being seen tells. */
const struct field *photo_of(const struct model *m, const struct reg *activity);
/* Who may be named in a photo of this activity: who came to it (register/occasion.h); else the people of a register whose key is
 * this activity and a person (who entered a contest, who was admitted); else of what the activity belongs to, by a required
 * reference (the team of a service day); where no register tells that, the unit's own people. Each once, newest first, in
 * the arena; none where the reader may not read who they are. */
MUST_USE enum rc photo_people(
	struct reader *r, const struct record *activity, int64_t **out, size_t *out_n, struct err *err);

struct photo_new {
	const struct record *activity;
	str day, caption;
	int64_t programme;  /* 0: none */
	str picture, thumb; /* as attach_put gave them */
	const int64_t *people;
	size_t people_n;
};
MUST_USE enum rc photo_add(struct job_ctx *c, const struct photo_new *x, int64_t *out_id, struct err *err);
/* May this person be shown: a consent in force? */
MUST_USE enum rc photo_consented(struct reader *r, int64_t person, bool *out, struct err *err);
/* The people of a photo, and whether it may be shown (kept, all of them there, each consented). */
MUST_USE enum rc photo_shown(struct reader *r, const struct record *photo, int64_t **out_people,
	size_t *out_n, bool *out_shown, struct err *err);
/* The same, RC_NOT_FOUND with the words for people where it may not: no byte of it goes out (attach_get asks too). The
 * people may be NULL. */
MUST_USE enum rc photo_may_go_out(
	struct reader *r, const struct record *photo, int64_t **out_people, size_t *out_n, struct err *err);
/* The photos of an article that may be shown to anybody, at most max of them, each looked at again now; the caller has seen
 * that the article is public. */
MUST_USE enum rc photo_with_article(
	struct reader *r, int64_t article, struct record **out, size_t max, size_t *out_n, struct err *err);
/* "picture" or "thumb" of one that photo_with_article gave. */
MUST_USE enum rc photo_pixels(
	struct reader *r, const struct record *photo, const char *size, str *out_jpeg, struct err *err);
/* Inside the job that withdrew the consent. */
MUST_USE enum rc photo_consent_gone(struct job_ctx *c, int64_t person, struct err *err);
