/* limit.h -- slows down whoever guesses passwords, codes and PINs, without locking out the one whose account it is.
 *
 * Failures are counted in memory for three things apart: this name from this address, this address whatever the name,
 * this name from anywhere. After a few (5, 30, 100) each further one doubles the wait: 1 s, 2 s ... up to 15 minutes;
 * counts halve every 15 minutes. A browser in which the account's owner has signed in before carries a device token
 * (device_token) and is not held up by what others do to the name from anywhere: it has a count of its own.
 * Bounded: 16,384 places, the oldest of eight gives way; the keyed hash keeps anyone from choosing whose. Thread-safe. */
#pragma once
#include "guard/seal.h"
#include <stdint.h>

enum { LIMIT_WAIT_MAX_S = 900 };

struct limiter;
struct limiter *limiter_new(void);
void limiter_free(struct limiter *l);

struct attempt {
	str handle, address; /* address: as net gives it, an IPv6 one already cut to its /64 */
	bool device;         /* device_check held */
	bool no_name;        /* what is guessed names nobody (a one-time code): only addresses count */
};
/* Seconds to wait before this attempt is looked at; 0: go on. */
int limiter_wait(struct limiter *l, const struct attempt *t, int64_t now_ms);
/* After limiter_wait was above 0: true once a minute for these counts, for the one who writes it into the audit chain. */
bool limiter_tell(struct limiter *l, const struct attempt *t, int64_t now_ms);
void limiter_failed(struct limiter *l, const struct attempt *t, int64_t now_ms);
/* Another kind of measure: an even flow. Of the thing named (what:who), per_minute uses go through, in one burst or
 * spread; 0: this one counts and goes on, else the seconds to wait. */
int limiter_use(struct limiter *l, const char *what, int64_t who, int per_minute, int64_t now_ms);
/* The same for amounts: `amount` of at most `most` in span_s seconds. More than `most` at once never goes through. */
int limiter_take(struct limiter *l, const char *what, int64_t who, int64_t amount, int64_t most, int span_s,
	int64_t now_ms);
void limiter_good(
	struct limiter *l, const struct attempt *t); /* forgets this name from this address or device */

/* A cookie for a year, given at every sign-in that succeeded. */
str device_token(struct arena *a, struct seal *seal, str handle);
bool device_check(struct seal *seal, str handle, str token);
