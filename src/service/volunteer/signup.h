/* signup.h -- signing up for volunteer events that are planned: places, waiting list, taking it back, checking in by one's code.
 *
 * A sign-up is one's own job, or the guardian's for the child: the row begins as a draft and is submitted in the same job;
 * the unit accepts it. Places are taken in the order of sign-up by those that are submitted or accepted; beyond the event's
 * places (capacity; none: no end) one waits, and moves up when somebody before takes the sign-up back. Until the event's own
 * day. Events are public; of others' sign-ups only the number is told.
 *
 * Minors: under 14 (or of unknown age, consent_give.h) only the guardian signs up, and only where the guardian's consent to
 * the register's purpose is in force. From 14 on they sign up themselves; under 18 the guardian's word (guardian_consent)
 * is still wanted: it is there where the guardian signed up, or says so later by signup_ask for the child.
 *
 * Code: who has no phone on site shows the own code of this event (from /mine, on paper or a guardian's phone); whoever
 * runs the event types it in place of the name. 8 letters, HMAC of event and person: it tells nothing and is good for this
 * one event only. */
#pragma once
#include "guard/site_code.h"
#include "register/record.h"

enum { SIGNUP_EVENTS_MAX = 30 };

struct signup_event {
	int64_t event, org, capacity, taken; /* capacity 0: no end */
	str title, held_on, place, until;    /* until: the last day of signing up; empty: the event's own */
	int64_t own;                         /* the person's row, live; 0: none */
	int64_t waiting;                     /* the person's place on the waiting list; 0: has a place */
	bool accepted;
	bool guardian_lacks;        /* a minor's sign-up to which the guardian has not said yes */
	char code[SITE_CODE_BYTES]; /* of the sign-up; empty where there is none */
};
/* Planned events from today on, the nearest first, with the sign-ups of `person`: the reader or a child of the reader. */
MUST_USE enum rc signup_events(
	struct reader *r, int64_t person, struct signup_event **out, size_t *out_n, struct err *err);
/* May the person be signed up by this reader as things stand? *out_lacks: only with the guardian's consent, which lacks;
 * *out_guardian: only by the guardian. */
MUST_USE enum rc signup_may(
	struct reader *r, int64_t person, bool *out_lacks, bool *out_guardian, struct err *err);
/* Inside a job, by the person or the guardian. RC_CONFLICT: signed up already; RC_INVALID: too late, a consent lacks, or a
 * check refuses (too young). */
MUST_USE enum rc signup_ask(struct job_ctx *c, int64_t event, int64_t person, struct err *err);
MUST_USE enum rc signup_leave(struct job_ctx *c, int64_t event, int64_t person, struct err *err);
/* Whose code of this event it is; 0: nobody's who is signed up. By the operator or whoever may run the event: the caller has
 * looked. */
MUST_USE enum rc signup_by_code(
	struct db *db, struct seal *seal, int64_t event, str code, int64_t *out_person, struct err *err);
