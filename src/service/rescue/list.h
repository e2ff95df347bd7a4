/* list.h -- the finder over a city's registers: rules/rescue.yaml says where to look, this gathers what stands there on a
 * day and finder.h does the differences.
 *
 * Conditions and counts of the rules run as SQL on the day asked for. Carers, listings, visits and households go as facts
 * into finder.h, which tells who has carers on record and none who is able, who is listed and was not seen in the days of
 * his level, and whose brother or sister is listed. Only minors are told (a birth month that is not known counts as one's).
 * A hit whose rescue_hit was closed as explained within the declared days is marked so; nothing takes one away.
 *
 * What the list tells of a child is what its rescue_hit rows would: it is for those who may read that register, and
 * children of their own units only. The caller announces the read (guard/job.h) before it shows anything. */
#pragma once
#include "register/record.h"
#include "service/rescue/rules.h"

struct rescue_hit {
	int64_t child, unit;         /* person; his home unit, 0: none */
	uint64_t open;               /* bits 1 << trigger */
	uint64_t explained;          /* the same */
	bool on_roll;                /* stands on a population list */
	enum rescue_urgency urgency; /* the gravest open one's */
	int64_t days;                /* the fewest of the open ones */
};

struct rescue_list {
	struct rescue_rules rules;
	size_t population; /* children on the lists */
	struct rescue_hit *hits;
	size_t n;    /* gravest first, then the nearest day, then by id */
	size_t open; /* of them with an open trigger */
};

/* RC_DENIED: not his to read. on: a day number. Lives in r->a. */
MUST_USE enum rc rescue_list(struct reader *r, int32_t on, struct rescue_list *out, struct err *err);
