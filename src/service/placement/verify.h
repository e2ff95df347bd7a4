/* verify.h -- is a matching what the rules of match.h promise? Shares the shapes of match.h with the solver and nothing
 * else: choices are made here place by place from the definition, so that a fault of the solver cannot hide itself.
 *
 * A student blocks with a post he likes better than what he has when the post's places, filled in order from its present
 * students and him, would take him; in a region at its ceiling, when he would take somebody's place there, or one that
 * the order of turns gives to this post before a place that another post of the region holds.
 * Cost: one look a wish for posts without groups, capacity squared a wish for those with. */
#pragma once
#include "service/placement/match.h"

enum match_fault_kind {
	MATCH_FAULT_NOT_WISHED,   /* placed where the student never applied */
	MATCH_FAULT_NOT_ELIGIBLE, /* placed where the hard rules exclude the student */
	MATCH_FAULT_CAPACITY,     /* post holds more than its places (or a class-only place holds another) */
	MATCH_FAULT_CEILING,      /* region above its ceiling */
	MATCH_FAULT_BLOCKING,     /* student and post would both gain */
	MATCH_FAULT_CONFIRMED,    /* a confirmed student was moved */
	MATCH_FAULT_OUT           /* a student who takes no part was placed */
};

struct match_fault {
	enum match_fault_kind kind;
	uint32_t student, post, region; /* MATCH_NONE where it does not apply */
};

/* Number of faults; the first `max` go to out. p has passed match_check; post_of[students_n]. */
size_t match_verify(struct arena *a, const struct match_problem *p, const uint32_t *post_of,
	struct match_fault *out, size_t max);
/* N_() text of a kind, to be shown by tr(). */
const char *match_fault_text(enum match_fault_kind kind);
