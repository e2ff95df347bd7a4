/* ics.h -- iCalendar out (RFC 5545): a calendar of events with days or hours, for phones and office calendars.
 * Lines are folded at 75 bytes between characters and end in CRLF; commas, semicolons, backslashes and line breaks of texts
 * are escaped, other control characters dropped. Instants are told in UTC, whole days as VALUE=DATE with an end that is not
 * part of the event. Pure; the caller's buffer. */
#pragma once
#include "base/buf.h"
#include <stdint.h>

struct ics_event {
	str uid; /* stands for the event for ever: article-12@city.example */
	str title, place, text, url, kind;
	int64_t changed_ms;
	int sequence;
	bool cancelled;
	bool timed;                 /* start_ms and end_ms stand, else the days */
	int64_t start_ms, end_ms;   /* end_ms 0: not told */
	int32_t first_day, end_day; /* end_day: the first day after it */
};

void ics_begin(struct buf *b, str name, str language);
void ics_put(struct buf *b, const struct ics_event *e);
void ics_end(struct buf *b);
