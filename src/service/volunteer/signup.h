/* signup.h -- signing up for volunteer events that are planned: places, waiting list, taking it back.
 *
 * A sign-up is one's own job: the row begins as a draft and is submitted in the same job; the unit accepts it. Places are
 * taken in the order of sign-up by those that are submitted or accepted; beyond the event's places (capacity; none: no
 * end) one waits, and moves up when somebody before takes the sign-up back. Until the event's own day. Events are public;
 * of others' sign-ups only the number is told. */
#pragma once
#include "register/record.h"

enum { SIGNUP_EVENTS_MAX = 30 };

struct signup_event {
	int64_t event, org, capacity, taken; /* capacity 0: no end */
	str title, held_on, place, until;    /* until: the last day of signing up; empty: the event's own */
	int64_t own;                         /* the reader's row, live; 0: none */
	int64_t waiting;                     /* the reader's place on the waiting list; 0: has a place */
	bool accepted;
};
/* Planned events from today on, the nearest first. */
MUST_USE enum rc signup_events(struct reader *r, struct signup_event **out, size_t *out_n, struct err *err);
/* Inside a job, by the person. RC_CONFLICT: signed up already; RC_INVALID: too late, or a check refuses (too young). */
MUST_USE enum rc signup_ask(struct job_ctx *c, int64_t event, struct err *err);
MUST_USE enum rc signup_leave(struct job_ctx *c, int64_t event, struct err *err);
