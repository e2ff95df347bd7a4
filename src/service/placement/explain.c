/* explain.c -- see explain.h. */
#include "service/placement/explain.h"
#include <stdlib.h>

struct ranked {
	uint32_t rank, student;
};

static int by_rank(const void *a, const void *b)
{
	uint32_t x = ((const struct ranked *)a)->rank, y = ((const struct ranked *)b)->rank;
	return (x > y) - (x < y);
}

static uint32_t rank_at(const struct match_problem *p, uint32_t student, uint32_t post)
{
	for (uint32_t w = p->wish_at[student]; w < p->wish_at[student + 1]; w++)
		if (p->wish[w] == post)
			return p->rank[w];
	return MATCH_NOT_ELIGIBLE;
}

/* Seats the post's students group by group, best first, and notes on what footing each one sits. */
static void seat(struct match_holders *h, uint32_t post)
{
	const struct match_post *shape = &h->p->post[post];
	uint32_t from = h->at[post], to = h->at[post + 1];
	enum { STANDING = 255 };
	for (uint32_t k = from; k < to; k++)
		h->footing[k] = STANDING;
	for (uint32_t g = shape->group_at; g < shape->group_at + shape->groups_n; g++) {
		const struct match_group *group = &h->p->group[g];
		uint32_t left = group->places;
		for (uint32_t k = from; k < to && left > 0 && group->class_bit != MATCH_OPEN; k++)
			if (h->footing[k] == STANDING &&
				(h->p->classes[h->student[k]] >> group->class_bit) & 1) {
				h->footing[k] = (uint8_t)(1 + group->class_bit);
				left--;
			}
		for (uint32_t k = from;
			k < to && left > 0 && !(group->only && group->class_bit != MATCH_OPEN); k++)
			if (h->footing[k] == STANDING) {
				h->footing[k] = 0;
				left--;
			}
	}
	for (uint32_t k = from; k < to; k++)
		if (h->footing[k] == STANDING)
			h->footing[k] = 0;
}

void match_holders(
	struct arena *a, const struct match_problem *p, const uint32_t *post_of, struct match_holders *h)
{
	*h = (struct match_holders){.p = p};
	h->at = NEWS(a, (size_t)p->posts_n + 2, uint32_t);
	h->in_region = NEWS(a, p->regions_n, uint32_t);
	for (uint32_t s = 0; s < p->students_n; s++)
		if (post_of[s] != MATCH_NONE)
			h->at[post_of[s] + 2]++;
	for (uint32_t i = 0; i < p->posts_n; i++) {
		if (p->post[i].region != MATCH_NONE)
			h->in_region[p->post[i].region] += h->at[i + 2];
		h->at[i + 2] += h->at[i + 1];
	}
	uint32_t n = h->at[p->posts_n + 1];
	struct ranked *list = NEWS(a, n, struct ranked);
	for (uint32_t s = 0; s < p->students_n; s++)
		if (post_of[s] != MATCH_NONE)
			list[h->at[post_of[s] + 1]++] = (struct ranked){rank_at(p, s, post_of[s]), s};
	h->student = NEWS(a, n, uint32_t);
	h->rank = NEWS(a, n, uint32_t);
	h->footing = NEWS(a, n, uint8_t);
	for (uint32_t i = 0; i < p->posts_n; i++) {
		qsort(list + h->at[i], h->at[i + 1] - h->at[i], sizeof *list, by_rank);
		for (uint32_t k = h->at[i]; k < h->at[i + 1]; k++) {
			h->student[k] = list[k].student;
			h->rank[k] = list[k].rank;
		}
		seat(h, i);
	}
}

struct match_reason match_why_not(const struct match_holders *h, uint32_t student, uint32_t w)
{
	const struct match_problem *p = h->p;
	uint32_t post = p->wish[w], rank = p->rank[w], region = p->post[post].region;
	struct match_reason out = {.why = MATCH_WHY_FILLED, .place = rank + 1};
	if (rank == MATCH_NOT_ELIGIBLE)
		return (struct match_reason){.why = MATCH_WHY_NOT_ELIGIBLE};
	for (uint32_t k = h->at[post]; k < h->at[post + 1]; k++) {
		bool reserved = h->footing[k] > 0;
		if (reserved && !((p->classes[student] >> (h->footing[k] - 1)) & 1))
			continue;
		if (p->state && p->state[h->student[k]] == MATCH_CONFIRMED && h->rank[k] > rank)
			continue; /* sits there since an earlier round */
		out.last = h->rank[k] + 1 > out.last ? h->rank[k] + 1 : out.last;
	}
	uint32_t held = h->at[post + 1] - h->at[post];
	if (region != MATCH_NONE && held < p->post[post].capacity &&
		h->in_region[region] >= p->region[region].cap)
		out.why = MATCH_WHY_CEILING;
	else if (out.last == 0)
		out.why = MATCH_WHY_RESERVED;
	return out;
}

static void tell(struct buf *b, const struct match_holders *h, const struct match_names *names,
	uint32_t student, uint32_t w)
{
	const struct match_problem *p = h->p;
	uint32_t post = p->wish[w], number = w - p->wish_at[student] + 1;
	struct match_reason r = match_why_not(h, student, w);
	buf_printf(b, tr("wish %u, %.*s: "), number, STR_ARG(names->post[post]));
	switch (r.why) {
	case MATCH_WHY_NOT_ELIGIBLE:
		buf_puts(b, tr("the post's rules or its order of students leave you out"));
		break;
	case MATCH_WHY_RESERVED:
		buf_puts(b, tr("its places are reserved for others, or were taken in an earlier round"));
		break;
	case MATCH_WHY_CEILING:
		buf_printf(b,
			tr("the ceiling of region %.*s was reached; your place in the post's order is %u"),
			STR_ARG(names->region[p->post[post].region]), r.place);
		if (r.last > 0)
			buf_printf(b, tr(", the last one admitted has %u"), r.last);
		break;
	case MATCH_WHY_FILLED:
		buf_printf(b,
			tr("filled by students ahead of you; your place in its order is %u, the last one "
			   "admitted has %u"),
			r.place, r.last);
		break;
	}
}

void match_explain(struct buf *b, const struct match_holders *h, const struct match_names *names,
	const uint32_t *post_of, uint32_t student)
{
	const struct match_problem *p = h->p;
	uint32_t from = p->wish_at[student], to = p->wish_at[student + 1], w = from;
	for (; w < to && p->wish[w] != post_of[student]; w++) {
		if (w > from)
			buf_puts(b, tr("; "));
		tell(b, h, names, student, w);
	}
	if (w < to) {
		if (w > from)
			buf_puts(b, tr("; "));
		buf_printf(
			b, tr("admitted to %.*s, wish %u"), STR_ARG(names->post[p->wish[w]]), w - from + 1);
	} else if (from == to) {
		buf_puts(b, tr("no wish was handed in"));
	}
}
