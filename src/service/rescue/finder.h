/* finder.h -- children whom nobody is caring for: a set difference, not a form. Pure, over plain arrays of children and
 * dated facts; the caller gathers them from registers, rolls, hotline and visits.
 *
 * A fact holds from `from` up to but without `until` (FINDER_OPEN: still). Triggers of a minor on a day:
 *	NO_CARER        no parent at hand and capable, and no entrusted carer              (Law on minors, art. 22, 23)
 *	CARER_BAD       the only carer is disqualified                                     (art. 22)
 *	GUARDIAN_LOST   a parent dead, missing, in prison or in hospital, and none left    (art. 92, 94)
 *	REFERRAL        one of the situations of art. 92 is on record
 *	NOT_ENROLLED    of school age and on no school's roll;  DROPPED_OUT;  MOVED_LOST: left for a school and never came
 *	SIBLING         shares the household with a listed child and is not listed
 *	HELPER_GONE     listed, once had a helper, has none     VISIT_OVERDUE  listed, last seen longer ago than his colour allows
 *	MISSED          the last assessments in a row missed    CALLER         so many calls within so many days
 *	EXPIRED         listed, evidence past its date          CLOSED         left the list without a successor or reason
 *	UNKNOWN         seen by a hospital or the hotline, on no list of anybody
 * EXPLAINED facts (detail = trigger, until a date) move a trigger from `open` to `explained`; nothing deletes one.
 *
 * Incremental = whole: finder_child() depends only on the child's facts, his household's listings and the day. After new
 * facts look at that child again (and at his household when a listing began or ended); without new facts nothing changes
 * before next_day. A test holds both against a full run.
 * A million children with ten million facts: about a second (bench/finder.c). */
#pragma once
#include "base/arena.h"
#include "base/err.h"

enum finder_trigger {
	FINDER_NO_CARER,
	FINDER_CARER_BAD,
	FINDER_GUARDIAN_LOST,
	FINDER_REFERRAL,
	FINDER_NOT_ENROLLED,
	FINDER_DROPPED_OUT,
	FINDER_MOVED_LOST,
	FINDER_SIBLING,
	FINDER_HELPER_GONE,
	FINDER_VISIT_OVERDUE,
	FINDER_MISSED,
	FINDER_CALLER,
	FINDER_EXPIRED,
	FINDER_CLOSED,
	FINDER_UNKNOWN,
	FINDER_TRIGGERS
};

enum finder_fact_kind {
	FINDER_PARENT,    /* detail: parent 0 or 1, + 2 x enum finder_parent */
	FINDER_CARER,     /* entrusted carer or other guardian; detail 1: disqualified */
	FINDER_SITUATION, /* of art. 92 */
	FINDER_ENROLLED,
	FINDER_DROPPED,
	FINDER_MOVED,   /* from: left; until: arrived */
	FINDER_LISTED,  /* detail: colour 0 blue .. 3 red */
	FINDER_CLOSING, /* a listing ended with successor or stated reason, on `from` */
	FINDER_EVIDENCE,
	FINDER_HELPER,
	FINDER_VISIT,
	FINDER_SAT,
	FINDER_MISS,
	FINDER_CALL,
	FINDER_SEEN,    /* on the day `from`; until is not looked at */
	FINDER_ON_ROLL, /* any population list: school, village, league, Pioneers */
	FINDER_EXPLAINED,
	FINDER_KINDS
};

enum finder_parent {
	FINDER_AWAY,
	FINDER_DEAD,
	FINDER_MISSING,
	FINDER_PRISON,
	FINDER_HOSPITAL,
	FINDER_UNABLE
};

#define FINDER_OPEN INT32_MAX
#define FINDER_NOBODY UINT32_MAX

struct finder_fact {
	uint32_t child;
	uint8_t kind, detail;
	int32_t from, until;
};

struct finder_child {
	int32_t born;
	uint32_t household; /* FINDER_NOBODY: alone */
};

struct finder_rules {
	int32_t visit_days[4];                            /* by colour */
	int32_t school_age_from, school_age_to, minor_to; /* full years, inclusive; minor_to 17 */
	int32_t moved_days, calls, calls_days, misses;
};

struct finder_hit {
	uint32_t open, explained; /* bits 1 << trigger */
	int32_t next_day; /* first day on which it may be otherwise without new facts; FINDER_OPEN: never */
};

struct finder;

/* Weekly, half-monthly, monthly, quarterly visits; school age 7..15; 30 days to arrive; 3 calls in 90 days; 2 misses. */
struct finder_rules finder_usual(void);
/* Indexes children and facts, which must outlive it. RC_INVALID: a fact of no child, kind, detail or dates out of range. */
MUST_USE enum rc finder_make(struct arena *a, const struct finder_rules *rules,
	const struct finder_child *children, uint32_t children_n, const struct finder_fact *facts,
	size_t facts_n, struct finder **out, struct err *err);
struct finder_hit finder_look(const struct finder *f, uint32_t child, int32_t on);
/* All children; out[children_n]. Returns how many have an open trigger. */
uint32_t finder_run(const struct finder *f, int32_t on, struct finder_hit *out);
/* Children of the same household, himself included; *out lives with the finder. */
size_t finder_household(const struct finder *f, uint32_t child, const uint32_t **out);
const char *finder_trigger_id(enum finder_trigger t);
const char *finder_trigger_text(enum finder_trigger t); /* N_() */
