/* parts.c -- see parts.h */
#include "figure/parts.h"
#include "figure/totals.h"
#include <stdio.h>

static void differs(
	const struct figure *f, const struct period *p, int64_t value, int64_t sum, struct parts_report *out)
{
	if (out->bad++)
		return;
	snprintf(out->first, sizeof out->first, tr("%.*s of %.*s is %lld, its parts come to %lld"),
		STR_ARG(f->id), STR_ARG(p->text), (long long)value, (long long)sum);
}

/* A declared total of the whole says nothing of its parts: then they may come to less. */
static enum rc has_total(struct reader *r, const struct figure *f, const struct period *p, int64_t org,
	bool *out, struct err *err)
{
	struct totals all;
	struct totals_use use;
	*out = false;
	TRY(totals_load(r, p, &all, err));
	totals_pick(r, &all, f, p, org, &use);
	for (size_t i = 0; i < use.n; i++)
		*out = *out || use.of[i] == f;
	return RC_OK;
}

static enum rc check_one(struct reader *r, const struct figure *f, const struct period *p, int64_t org,
	struct parts_report *out, struct err *err)
{
	size_t n = f->parts_n;
	const struct figure **list = NEWS(r->a, n + 1, const struct figure *);
	struct figure_answer *answers = NEWS(r->a, n + 1, struct figure_answer);
	int64_t sum = 0;
	bool told = true, total;
	list[n] = f;
	for (size_t i = 0; i < n; i++)
		list[i] = f->parts[i];
	TRY(figure_values(r, list, n + 1, p, org, false, answers, err));
	for (size_t i = 0; i <= n; i++)
		told = told && answers[i].told;
	for (size_t i = 0; i < n; i++)
		sum += answers[i].value;
	TRY(has_total(r, f, p, org, &total, err));
	out->looked_at++;
	if (told && (f->parts_rest || total ? sum > answers[n].value : sum != answers[n].value))
		differs(f, p, answers[n].value, sum, out);
	return RC_OK;
}

enum rc figure_check_parts(
	struct reader *r, int64_t org, int first, int last, struct parts_report *out, struct err *err)
{
	const struct model *m = r->city->model;
	*out = (struct parts_report){0};
	for (int year = first; year <= last; year++) {
		struct period p = period_year(r->a, year);
		for (size_t i = 0; i < m->figures_n; i++)
			if (m->figures[i].parts_n)
				TRY(check_one(r, &m->figures[i], &p, org, out, err));
	}
	return RC_OK;
}
