/* growth.h -- how the city grows, and when its disk would be full at that rate.
 *
 * Once a week the daily rule `growth` (house.h) notes the bytes that the city takes in setting growth ("DAY:BYTES;…", the
 * last GROWTH_NOTES of them). The rate is that between the oldest note of the last year and now; below GROWTH_SPAN_DAYS it
 * is not known. Bytes are those in use: room that SQLite keeps for later rows is not among them. The disk is that where an
 * SQLite file lies; a server's is not ours to look at. */
#pragma once
#include "guard/job.h"

enum { GROWTH_NOTES = 60, GROWTH_EVERY_DAYS = 7, GROWTH_SPAN_DAYS = 7, GROWTH_SOON_DAYS = 60 };

struct growth {
	int64_t bytes, per_day; /* per_day: -1 not known */
	int64_t full_in_days;   /* -1: not known, or never at this rate */
};
MUST_USE enum rc growth_look(
	struct db *db, const char *db_url, int32_t today, struct growth *out, struct err *err);
static inline bool growth_is_full_soon(const struct growth *g)
{
	return g->full_in_days >= 0 && g->full_in_days < GROWTH_SOON_DAYS;
}
/* In a job. */
MUST_USE enum rc growth_note(struct job_ctx *c, int32_t today, struct err *err);
