/* explain.h -- why each student is where he is, in words and in figures that anyone can check.
 * For every wish above the student's own place: not eligible, or all places went to students ahead of him (his place in
 * the post's order and that of the last one admitted on the same footing), or they were reserved for others, or the
 * region's ceiling was reached. "On the same footing": in the open places and in those reserved for a class of his.
 * So the last admitted always stands before him in the post's order; a test holds this against the verifier. */
#pragma once
#include "base/buf.h"
#include "service/placement/match.h"

enum match_why { MATCH_WHY_NOT_ELIGIBLE, MATCH_WHY_FILLED, MATCH_WHY_RESERVED, MATCH_WHY_CEILING };

struct match_reason {
	enum match_why why;
	uint32_t place; /* the student's own in the post's order, from 1 */
	uint32_t last;  /* of the last admitted on the same footing, from 1; 0: nobody */
};

struct match_holders { /* who sits where; made once, used for all */
	const struct match_problem *p;
	uint32_t *at, *student, *rank; /* post i: [at[i], at[i+1]), by rank */
	uint32_t *in_region;
	uint8_t *footing; /* beside student: 0 open or outsider, else 1 + class bit */
};

struct match_names {
	const str *student, *post, *region;
};

void match_holders(
	struct arena *a, const struct match_problem *p, const uint32_t *post_of, struct match_holders *out);
/* Wish w of the student, who has not got it. */
struct match_reason match_why_not(const struct match_holders *h, uint32_t student, uint32_t w);
/* The whole story of one student in the reader's language: "1. P1: ...; 2. P2: ...; admitted to P3". */
void match_explain(struct buf *b, const struct match_holders *h, const struct match_names *names,
	const uint32_t *post_of, uint32_t student);
