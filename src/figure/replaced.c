/* replaced.c -- what a declared total stands for (totals.h): the rows under it, less those that an earlier total of the same
 * figure covers already. */
#include "figure/rows.h"
#include "figure/totals.h"

struct replaced {
	struct reader *r;
	const struct totals_use *use;
	size_t i;
	int64_t *grades;
};

static bool take(void *user, const struct contrib *c, const struct counted_row *counted)
{
	struct replaced *z = user;
	const struct contrib_row *row = counted->row;
	if (!totals_cover(z->r, z->use, z->use->of[z->i], z->i, row->holders, row->holders_n, counted->day))
		z->grades[row->grade] += contrib_weight(&c->figures[0], row);
	return true;
}

enum rc totals_replaced(
	struct reader *r, const struct totals_use *use, size_t i, int64_t *out_grades, struct err *err)
{
	struct replaced z = {r, use, i, out_grades};
	struct rows_ask ask = {.f = use->of[i],
		.p = use->list[i]->period,
		.org = use->list[i]->org,
		.visit = take,
		.user = &z};
	for (int g = 0; g < GRADES; g++)
		out_grades[g] = 0;
	return rows_walk(r, &ask, err);
}
