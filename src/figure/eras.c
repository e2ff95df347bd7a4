/* eras.c -- see eras.h. Cut points of an organisation are the ends of its ancestors' intervals. */
#include "figure/eras.h"
#include <assert.h>
#include <stdlib.h>

void eras_done(struct eras *e)
{
	imap_done(&e->first);
	arena_done(&e->a);
	*e = (struct eras){0};
}

void eras_reset(struct eras *e)
{
	if (e->first.cap > 4096)
		imap_done(&e->first);
	imap_clear(&e->first);
	arena_reset(&e->a);
	e->list = NULL;
	e->ends = NULL;
	e->n = e->cap = e->ends_cap = 0;
}

void eras_forget(struct eras *e)
{
	imap_clear(&e->first);
}

static int by_day(const void *x, const void *y)
{
	int32_t a = *(const int32_t *)x, b = *(const int32_t *)y;
	return (a > b) - (a < b);
}

static int by_id(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
	return (a > b) - (a < b);
}

static void add(struct eras *e, const struct anc *anc, size_t n, int32_t from, int32_t to)
{
	int64_t *list = NEWS(&e->a, n, int64_t);
	uint32_t got = 0;
	for (size_t i = 0; i < n; i++)
		if (anc[i].from <= from && to <= anc[i].to)
			list[got++] = anc[i].org;
	if (got > 1)
		qsort(list, got, sizeof *list, by_id);
	e->list = arena_grow(&e->a, e->list, e->n, &e->cap, sizeof *e->list);
	e->ends = arena_grow(&e->a, e->ends, e->n, &e->ends_cap, sizeof *e->ends);
	e->ends[e->n] = 0;
	e->list[e->n] = (struct era){from, to, list, got, (uint32_t)e->n + 1};
	e->n++;
}

/* The eras of one organisation; false where it has no ancestors at all. */
static bool make(struct eras *e, const struct tree *t, int64_t org)
{
	size_t n = 0, cuts_n = 0;
	const struct anc *anc = tree_ancestors(t, org, &n);
	if (n == 0)
		return false;
	int32_t *cuts = NEWS(&e->a, n * 2, int32_t);
	for (size_t i = 0; i < n; i++) {
		cuts[cuts_n++] = anc[i].from;
		cuts[cuts_n++] = anc[i].to;
	}
	qsort(cuts, cuts_n, sizeof *cuts, by_day);
	for (size_t i = 0; i + 1 < cuts_n; i++)
		if (cuts[i] < cuts[i + 1])
			add(e, anc, n, cuts[i], cuts[i + 1]);
	e->ends[e->n - 1] = 1;
	return true;
}

const struct era *eras_at(struct eras *e, const struct tree *t, int64_t org, int32_t day)
{
	int64_t first = 0;
	if (!imap_has(&e->first, (uint64_t)org, &first)) {
		size_t at = e->n;
		first = make(e, t, org) ? (int64_t)at + 1 : 0;
		*imap_at(&e->first, (uint64_t)org) = first;
	}
	if (first == 0)
		return NULL;
	for (size_t i = (size_t)first - 1;; i++) {
		const struct era *x = &e->list[i];
		if (x->from <= day && day < x->to)
			return x->anc_n ? x : NULL;
		if (e->ends[i])
			return NULL;
	}
}

const struct era *eras_get(const struct eras *e, uint32_t number)
{
	assert(number >= 1 && number <= e->n);
	return &e->list[number - 1];
}

size_t eras_union(struct eras *e, const struct tree *t, const int64_t *orgs, size_t n, int32_t day,
	int64_t out[ROW_ANCESTORS_MAX])
{
	size_t got = 0;
	for (size_t i = 0; i < n; i++) {
		const struct era *x = eras_at(e, t, orgs[i], day);
		for (uint32_t k = 0; x && k < x->anc_n; k++) {
			bool there = false;
			for (size_t j = 0; j < got && !there; j++)
				there = out[j] == x->anc[k];
			if (!there && got < ROW_ANCESTORS_MAX)
				out[got++] = x->anc[k];
		}
	}
	if (got > 1)
		qsort(out, got, sizeof *out, by_id);
	return got;
}
