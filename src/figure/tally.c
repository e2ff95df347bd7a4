/* tally.c -- see tally.h */
#include "figure/tally.h"

enum { KEEP_BLOCKS = 1 << 14 };

static size_t stride(const struct counted_reg *r)
{
	return r->c->figures_n * PARTS;
}

static void drop_blocks(struct tally *t)
{
	if (t->block_at.cap > KEEP_BLOCKS)
		imap_done(&t->block_at);
	imap_clear(&t->block_at);
	if (t->blocks_cap > KEEP_BLOCKS) {
		t->blocks = mem_resize(t->blocks, 0);
		t->blocks_cap = 0;
	}
	t->blocks_n = 0;
	t->of = NULL;
}

void tally_settle(struct tally *t)
{
	size_t n = t->of ? stride(t->of) : 0;
	for (size_t i = 0; n && i < t->block_at.cap; i++) {
		const struct imap_slot *slot = &t->block_at.slots[i];
		if (!slot->used)
			continue;
		const int64_t *sums = t->blocks + (slot->value - 1);
		for (size_t k = 0; k < n; k++)
			if (sums[k])
				sums_add(&t->sums, (uint32_t)(slot->key >> 16), (uint32_t)slot->key & 0xFFFF,
					t->of->number[k / PARTS], (int)(k % PARTS), sums[k]);
	}
	drop_blocks(t);
}

/* The block of an era and a span, made of zeroes where there is none. */
static size_t block_of(struct tally *t, uint32_t era, uint32_t span)
{
	size_t n = stride(t->of);
	int64_t *at = imap_at(&t->block_at, (uint64_t)era << 16 | span);
	if (*at == 0) {
		if (t->blocks_n + n > t->blocks_cap) {
			t->blocks_cap = t->blocks_cap * 2 + n * 64;
			t->blocks = mem_resize(t->blocks, t->blocks_cap * sizeof *t->blocks);
		}
		memset(t->blocks + t->blocks_n, 0, n * sizeof *t->blocks);
		*at = (int64_t)t->blocks_n + 1;
		t->blocks_n += n;
	}
	return (size_t)*at - 1;
}

void tally_done(struct tally *t)
{
	drop_blocks(t);
	imap_done(&t->block_at);
	t->blocks = mem_resize(t->blocks, 0);
	sums_done(&t->sums);
	eras_done(&t->eras);
}

void tally_reset(struct tally *t)
{
	drop_blocks(t);
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
	if (era)
		at->block = block_of(t, at->era, at->span);
	return era != NULL;
}

static void add(struct tally *t, const struct places *at, size_t figure, int part, int64_t delta)
{
	if (delta == 0)
		return;
	if (at->era)
		t->blocks[at->block + figure * PARTS + (size_t)part] += delta;
	for (size_t i = 0; i < at->n; i++)
		sums_add_org(&t->sums, at->orgs[i], at->span, t->of->number[figure], part, delta);
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
	if (t->of != r) {
		tally_settle(t);
		t->of = r;
	}
	for (size_t i = 0; i < r->c->figures_n; i++) {
		const struct contrib_figure *f = &r->c->figures[i];
		int number = r->number[i];
		if (!contrib_counts(f, row) || (only && !only[number]) || f->date < 0 ||
			row->day[f->date] == DATE_NONE)
			continue;
		if (!places_find(t, tree, row, row->day[f->date], at))
			continue;
		add(t, at, i, row->grade, sign * contrib_weight(f, row));
		if (f->f->grain != G_DISTINCT)
			continue;
		if (f->f->distinct_person)
			add(t, at, i, PART_HEADS, sign * (contrib_heads(r->c, row) - 1));
		if (f->reference >= 0 && row->has[f->reference])
			saw(t, at, number, row->value[f->reference], after);
	}
}
