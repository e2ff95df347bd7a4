/* door.h -- what all ways in share: how often one may try, which session somebody gets for what he has proven, and asking
 * again before what matters (a new password, a new second factor, a new telephone). For page_sign_in, page_pin, page_me ...
 *
 * A way in is: door_slow (too often: 429, Retry-After, an audit row a minute) -> look -> door_failed | door_enter. */
#pragma once
#include "guard/limit.h"
#include "guard/session.h"
#include "web/page.h"

struct door_proof {
	int64_t person;
	enum factor proven; /* FACTOR_NONE: the password held */
	int64_t device, org;
	str next; /* where to go once the session is whole */
};

/* name: what is guessed at: an account's name, "code:12", "pin:3"; device: the browser is known to it. */
struct attempt door_attempt(struct page *p, str name);
/* True: the answer's status is 429 and *out_words says how long to wait. */
bool door_slow(struct page *p, const struct attempt *t, int64_t person, str *out_words);
/* Counts, and leaves the row of refusal; RC_IO when that could not be written. */
MUST_USE enum rc door_failed(struct page *p, const struct attempt *t, int64_t person, struct err *err);
/* A session of the level that the proof is good for, its cookie, and the way on: what is asked next, or proof->next. Any
 * session that the browser had before is gone. */
MUST_USE enum rc door_enter(struct page *p, const struct door_proof *proof, struct err *err);
/* The same without going anywhere: for a page that has something to show once. */
MUST_USE enum rc door_start(
	struct page *p, const struct door_proof *proof, enum session_level *out, struct err *err);
/* Where a session that is not whole is led to. */
const char *door_next(enum session_level level);
/* Whether asking again wants a code too: a second factor is set up, and it was not proven within these five minutes. */
enum { DOOR_FRESH_MS = 300000 };
MUST_USE enum rc door_asks_code(struct page *p, bool *out, struct err *err);
/* Asks the signed-in person again: password, and a code where door_asks_code says so (of a session by phone: its
 * PIN as password). False: words in *out_fault for the field, status 422 or 429. Runs a job for the code. */
MUST_USE enum rc door_ask_again(
	struct page *p, str password, str code, bool *out_held, str *out_fault, struct err *err);
str door_place(struct page *p); /* "Chrome · Windows · 203.0.113.7" */
