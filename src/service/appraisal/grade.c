/* grade.c -- see grade.h. */
#include "service/appraisal/grade.h"
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

int64_t appraisal_points(int64_t weight, int64_t value, int64_t full)
{
	assert(weight >= 0 && full > 0);
	if (value <= 0)
		return 0;
	if (value >= full)
		return weight * APPRAISAL_POINT;
	return (weight * APPRAISAL_POINT * value * 2 + full) / (full * 2);
}

int appraisal_band(const int64_t *from, int n, int64_t score)
{
	int at = 0;
	while (at + 1 < n && score < from[at] * APPRAISAL_POINT)
		at++;
	return at;
}

static int by_group_and_score(const void *a, const void *b)
{
	const struct appraisal_place *x = a, *y = b;
	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return (x->unit > y->unit) - (x->unit < y->unit);
}

/* One group, highest scores first. */
static void share_out(struct appraisal_place *list, size_t n, int band, int64_t at_most)
{
	size_t room = n * (size_t)at_most / 100, end;
	for (size_t i = 0; i < n; i = end) {
		size_t equals = 0;
		for (end = i; end < n && list[end].score == list[i].score; end++)
			equals += list[end].band == band;
		bool fits = equals <= room;
		room = fits ? room - equals : 0; /* whoever scores less does not overtake them */
		for (size_t k = i; k < end && !fits; k++)
			list[k].band += list[k].band == band;
	}
}

void appraisal_share(struct appraisal_place *list, size_t n, int band, int64_t at_most)
{
	size_t end;
	if (n)
		qsort(list, n, sizeof *list, by_group_and_score);
	for (size_t i = 0; i < n; i = end) {
		for (end = i; end < n && list[end].group == list[i].group; end++)
			;
		if (list[i].group)
			share_out(&list[i], end - i, band, at_most);
	}
}
