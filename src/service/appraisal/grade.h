/* grade.h -- the arithmetic of the grass-roots appraisal (对标定级). Pure: plain numbers, no I/O.
 *
 * Points and scores are in hundredths. Bands are numbered from the highest (0) down; their lower bounds fall to 0, so
 * that every score has one. Practice that it fits: 100 points, from 90 five stars, 80 four, 70 three, 60 two, below that
 * not graded; a school gives five stars to at most 20 % of its units (domain.md, C1). */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { APPRAISAL_POINT = 100, APPRAISAL_UNGRADED = -1 };

/* What of the weight (points) a value earns whose full mark is at `full` (> 0): linear, half up to the hundredth, never
 * less than none nor more than all. */
int64_t appraisal_points(int64_t weight, int64_t value, int64_t full);
/* The highest band whose lower bound (points, falling, the last 0) the score (hundredths) reaches. */
int appraisal_band(const int64_t *from, int n, int64_t score);

struct appraisal_place {
	int64_t group; /* units of one group share out a band; 0: in no group, no share holds */
	int64_t score;
	int band;    /* APPRAISAL_UNGRADED: takes part, but has no grade yet */
	size_t unit; /* the caller's own number */
};
/* At most at_most per cent (rounded down) of each group's units keep `band`; the others fall to the next one, the lowest
 * scores first. Units of the same score stand or fall together. The list is re-ordered. */
void appraisal_share(struct appraisal_place *list, size_t n, int band, int64_t at_most);
