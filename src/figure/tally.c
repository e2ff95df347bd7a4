/* tally.c -- see tally.h */
#include "figure/tally.h"

void tally_done(struct tally *t)
{
	sums_done(&t->sums);
	eras_done(&t->eras);
}

void tally_reset(struct tally *t)
{
	sums_reset(&t->sums);
	eras_reset(&t->eras);
}

enum rc tally_register(struct arena *a, const struct model *m, const struct reg *reg,
	const struct numbers *numbers, struct counted_reg *out, struct err *err)
{
	const struct figure **list = NEWS(a, m->figures_n + 1, const struct figure *);
	size_t n = 0;
	for (size_t i = 0; i < m->figures_n; i++)
		if (m->figures[i].of == reg && figure_in_cells(&m->figures[i]) && numbers->of[i] >= 0)
			list[n++] = &m->figures[i];
	*out = (struct counted_reg){.reg = reg};
	if (n == 0)
		return RC_OK;
	out->number = NEWS(a, n, int16_t);
	for (size_t i = 0; i < n; i++)
		out->number[i] = numbers->of[list[i]->at];
	return contrib_make(a, m, reg, list, n, &out->c, err);
}

static bool places_find(struct tally *t, const struct tree *tree, const struct contrib_row *row, int32_t day,
	struct places *at)
{
	if (at->day == day)
		return at->era || at->n;
	at->day = day;
	at->era = 0;
	at->n = 0;
	at->year = date_ymd(day).year;
	at->span = span_of_month(date_month(day));
	if (row->holders_n > 1) {
		at->n = eras_union(&t->eras, tree, row->holders, (size_t)row->holders_n, day, at->orgs);
		return at->n > 0;
	}
	const struct era *era = eras_at(&t->eras, tree, row->org, day);
	at->era = era ? era->number : 0;
	return era != NULL;
}

static void add(struct tally *t, const struct places *at, int number, int part, int64_t delta)
{
	if (delta == 0)
		return;
	if (at->era)
		sums_add(&t->sums, at->era, at->span, number, part, delta);
	for (size_t i = 0; i < at->n; i++)
		sums_add_org(&t->sums, at->orgs[i], at->span, number, part, delta);
}

static void saw(struct tally *t, const struct places *at, int number, int64_t reference, bool after)
{
	if (at->era)
		sums_saw(&t->sums, number, at->year, at->era, false, reference, after);
	for (size_t i = 0; i < at->n; i++)
		sums_saw(&t->sums, number, at->year, (uint64_t)at->orgs[i], true, reference, after);
}

void tally_row(struct tally *t, const struct tree *tree, const struct counted_reg *r,
	const struct contrib_row *row, bool after, const bool *only)
{
	struct places *at = &t->at;
	int sign = after ? 1 : -1;
	at->day = DATE_NONE;
	for (size_t i = 0; i < r->c->figures_n; i++) {
		const struct contrib_figure *f = &r->c->figures[i];
		int number = r->number[i];
		if (!contrib_counts(f, row) || (only && !only[number]) || f->date < 0 ||
			row->day[f->date] == DATE_NONE)
			continue;
		if (!places_find(t, tree, row, row->day[f->date], at))
			continue;
		add(t, at, number, row->grade, sign * contrib_weight(f, row));
		if (f->f->grain != G_DISTINCT)
			continue;
		if (f->f->distinct_person)
			add(t, at, number, PART_HEADS, sign * (contrib_heads(r->c, row) - 1));
		if (f->reference >= 0 && row->has[f->reference])
			saw(t, at, number, row->value[f->reference], after);
	}
}
