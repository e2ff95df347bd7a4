/* meter.h -- how much one account may ask for in a while: what is asked often or in bulk is a way to carry the register off.
 * Told with 429, Retry-After and the seconds in words; once a minute an account it leaves a row of refusal in the audit.
 * Counted in memory (guard/limit.h), apart for each account; visitors without one by their address. */
#pragma once
#include "web/page.h"

enum {
	FINDS_PER_MINUTE = 30,     /* people by name, number, telephone */
	SEARCHES_PER_MINUTE = 120, /* lists with a condition of one's own (`where`) */
	FILES_PER_MINUTE = 20,     /* routes with ROUTE_FILE: exports, traces, copies */
	UPLOAD_MAX_BYTES_PER_HOUR = 256 << 20
};

/* One use of `what`. True: the answer is made (429); the page returns RC_OK. */
bool meter_waits(struct page *p, const char *what, int per_minute);
/* For site.c, before the page runs: what its route and inputs are measured by. */
bool meter_over(struct page *p);
