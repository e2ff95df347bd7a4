/* match.h -- students to posts by student-proposing deferred acceptance. Pure: arrays in, arrays out.
 *
 * A post has places in groups, filled in declared order; each group takes the best applicants left to it: first the
 * members of its class, then (unless `only`) everybody, by the post's own order of students (rank). Places that no
 * group names are an open group at the end. Choosing so is path-independent (Kominers and Sonmez, "Matching with
 * slot-specific priorities", 2016; Chambers and Yenmez, "Choice and matching", 2017), so the result is the stable
 * matching that every student likes best, whatever the order of the input, and naming one's true wishes is safe while
 * the list is not cut short.
 *
 * Regions may have a ceiling. Then flexible deferred acceptance holds (Kamada and Kojima, "Efficient matching under
 * distributional constraints", AER 2015): each post takes up to its target, then the region's posts take one more each
 * in turn until the ceiling is reached. Feasible always, stable in their sense, and safe for students as above.
 *
 * Second round: students marked MATCH_CONFIRMED keep their post whatever comes, MATCH_OUT take no part, the others
 * compete for what is left.
 *
 * Limits: 2^31 - 1 students, wishes and places; 64 classes. Regions do not overlap; their targets add up to at most the
 * ceiling. No two students have the same rank at a post (ties are broken before, by the public lottery).
 * 100,000 students x 10 wishes x 10,000 posts: about 50 ms, 10 MB beside the input (bench/place.c). */
#pragma once
#include "base/arena.h"
#include "base/err.h"

enum { MATCH_CLASSES_MAX = 64, MATCH_OPEN = -1 };
#define MATCH_NONE UINT32_MAX
#define MATCH_NOT_ELIGIBLE UINT32_MAX /* as a rank: the hard rules of the post exclude the student */

struct match_group {
	int class_bit; /* MATCH_OPEN, or 0..63 */
	uint32_t places;
	bool only; /* stays empty rather than take somebody of another class */
};

struct match_post {
	uint32_t capacity;
	uint32_t group_at, groups_n; /* into group[]; their places add up to at most capacity */
	uint32_t region;             /* MATCH_NONE: none */
	uint32_t target;             /* in a region: filled before the others take turns */
};

struct match_region {
	uint32_t cap;
	uint32_t post_at, posts_n; /* into region_post[]: the order of turns */
};

enum match_state { MATCH_SEEKS, MATCH_CONFIRMED, MATCH_OUT };

struct match_problem {
	uint32_t students_n, posts_n, regions_n;
	const uint32_t *wish_at; /* students_n + 1 offsets into wish[] and rank[] */
	const uint32_t *wish;    /* posts, best first */
	const uint32_t *rank;    /* beside wish[]: the student's place in that post's order, 0 best */
	const uint64_t *classes; /* one bit a class; never NULL where there are students */
	const struct match_post *post;
	const struct match_group *group;
	const struct match_region *region;
	const uint32_t *region_post;
	const uint8_t *state;      /* NULL: all seek; else enum match_state */
	const uint32_t *confirmed; /* post of a MATCH_CONFIRMED student; may be NULL without such */
};

/* The shape as far as it can be told in linear time; RC_INVALID names the first fault by its number. */
MUST_USE enum rc match_check(const struct match_problem *p, struct err *err);
/* out_post[students_n]: the post or MATCH_NONE. p has passed match_check. Working memory comes from a. */
void match_solve(struct arena *a, const struct match_problem *p, uint32_t *out_post);
/* Targets where the office names none: the ceiling in proportion to capacity, rounded by largest remainders (ties
 * in the order of turns), never above capacity. out_target beside region_post[post_at ..]. */
void match_targets(const uint32_t *capacity, uint32_t n, uint32_t cap, uint32_t *out_target);
