/* withhold.c -- see withhold.h */
#include "report/withhold.h"
#include "guard/suppress.h"
#include "report/public_table.h"
#include "report/street_rules.h"
#include "report/withhold_in.h"

/* Values that are numbers of rows or persons; of things they hide only where a zero would. */
static bool counts(const struct street_rules *rules, const struct source_given *x)
{
	const struct figure *f = x->figure;
	bool things =
		(f->grain == G_DISTINCT || (f->grain == G_STOCK && f->grain_path.n)) && !f->distinct_person;
	return street_threshold(rules, f) && !f->money && !f->minutes && f->grain != G_MEDIAN &&
	       f->grain != G_RATE && (!things || street_zero_hides(rules, f)) &&
	       (x->answer.told || x->answer.has_instead);
}

static int64_t count_of(const struct source_given *x)
{
	return x->answer.told ? x->answer.value : x->answer.instead;
}

size_t withhold_number(struct table *t, struct source_given *given, int64_t count)
{
	t->numbers = arena_grow(t->a, t->numbers, t->n, &t->cap, sizeof *t->numbers);
	t->numbers[t->n] = (struct number){.given = given, .count = count, .group = (int)t->n};
	return t->n++;
}

static int root(struct table *t, int i)
{
	while (t->numbers[i].group != i)
		i = t->numbers[i].group;
	return i;
}

/* total = parts + rest; the rest becomes a number of its own where there is one. More parts than total: the overlap (rows of
 * several hosts) is known to nobody else either, and stands on the other side. */
void withhold_sum(struct table *t, size_t total, size_t *parts, size_t n)
{
	int64_t rest = t->numbers[total].count;
	for (size_t i = 0; i < n; i++)
		rest -= t->numbers[parts[i]].count;
	if (rest > 0)
		parts[n++] = withhold_number(t, NULL, rest);
	if (rest < 0) {
		size_t *two = NEWS(t->a, 2, size_t),
		       both = withhold_number(t, NULL, t->numbers[total].count - rest);
		two[0] = total;
		two[1] = withhold_number(t, NULL, -rest);
		withhold_sum(t, both, two, 2);
		total = both;
	}
	t->sums = arena_grow(t->a, t->sums, t->sums_n, &t->sums_cap, sizeof *t->sums);
	t->sums[t->sums_n++] = (struct sum){total, parts, n};
	for (size_t i = 0; i < n; i++)
		t->numbers[root(t, (int)parts[i])].group = root(t, (int)total);
}

static bool same_span(const struct source_given *a, const struct source_given *b)
{
	return a->period.from == b->period.from && a->period.to == b->period.to;
}

/* The sum of a figure's parts, and that of the units below a unit. */
static void sums_of(struct report_source *s, struct table *t)
{
	size_t answers = t->n;
	for (size_t i = 0; i < answers; i++) {
		const struct source_given *x = t->numbers[i].given;
		size_t *parts = NEWS(t->a, answers + 1, size_t), *units = NEWS(t->a, answers + 1, size_t);
		size_t parts_n = 0, units_n = 0;
		for (size_t k = 0; k < answers; k++) {
			const struct source_given *y = t->numbers[k].given;
			if (!same_span(x, y))
				continue;
			if (y->org == x->org && y->figure->whole == x->figure)
				parts[parts_n++] = k;
			if (y->figure == x->figure && y->org != x->org &&
				tree_parent(s->r->tree, y->org, x->period.to - 1) == x->org)
				units[units_n++] = k;
		}
		if (parts_n)
			withhold_sum(t, i, parts, parts_n);
		if (units_n)
			withhold_sum(t, i, units, units_n);
	}
}

static enum rc suppress_group(struct table *t, int group, struct err *err)
{
	uint32_t *at = NEWS(t->a, t->n + 1, uint32_t);
	struct suppress_cell *cells = NEWS(t->a, t->n + 1, struct suppress_cell);
	struct suppress_sum *sums = NEWS(t->a, t->sums_n + 1, struct suppress_sum);
	struct suppress_table table = {.cells = cells, .sums = sums, .threshold = t->k, .hide_zero = t->zero};
	for (size_t i = 0; i < t->n; i++)
		if (root(t, (int)i) == group) {
			at[i] = (uint32_t)table.cells_n;
			const struct number *x = &t->numbers[i];
			cells[table.cells_n++] = (struct suppress_cell){.count = x->count,
				.published = x->published,
				.secret = x->secret || (x->given && x->given->answer.withheld)};
		}
	for (size_t i = 0; i < t->sums_n; i++) {
		const struct sum *s = &t->sums[i];
		if (root(t, (int)s->total) != group)
			continue;
		uint32_t *parts = NEWS(t->a, s->n, uint32_t);
		for (size_t k = 0; k < s->n; k++)
			parts[k] = at[s->parts[k]];
		sums[table.sums_n++] = (struct suppress_sum){at[s->total], parts, s->n};
	}
	struct err why = {0};
	enum rc rc = suppress(t->a, &table, &why);
	if (rc != RC_OK && rc != RC_CONFLICT)
		return FAIL(err, rc, "%s", why.text);
	/* What other reports told cannot be taken back: where that leaves no way, this one tells none of them. */
	for (size_t i = 0; i < t->n; i++)
		if (root(t, (int)i) == group && t->numbers[i].given &&
			(rc == RC_CONFLICT || cells[at[i]].hidden))
			t->numbers[i].given->answer.withheld = true;
	return RC_OK;
}

/* Those of one threshold. */
static enum rc withhold_counts(const struct street_rules *rules, struct report_source *s,
	const struct beside *b, enum sensitivity level, struct err *err)
{
	int64_t k = rules->threshold[level];
	bool zero = rules->zero_hides[level];
	struct table t = {.a = s->r->a, .k = k, .zero = zero};
	for (struct source_given *x = s->given; k && x; x = x->next)
		if (counts(rules, x) && street_threshold(rules, x->figure) == k &&
			street_zero_hides(rules, x->figure) == zero)
			withhold_number(&t, x, count_of(x));
	sums_of(s, &t);
	TRY(withhold_beside(b, s, &t, err));
	for (size_t i = 0; i < t.n; i++)
		if (root(&t, (int)i) == (int)i)
			TRY(suppress_group(&t, (int)i, err));
	return RC_OK;
}

/* ---- amounts, medians, rates ---- */

struct few {
	int64_t n, k;
};

static bool one_more(void *user, const struct trace_row *row)
{
	struct few *f = user;
	f->n += row->reg != NULL;
	return f->n < f->k;
}

static enum rc withhold_amount(
	const struct street_rules *rules, struct report_source *s, struct source_given *x, struct err *err)
{
	int64_t k = street_threshold(rules, x->figure);
	struct few few = {.k = k};
	if (k == 0 || counts(rules, x) || x->figure->grain == G_RATE || !x->answer.told)
		return RC_OK;
	if (!x->figure->money && !x->figure->minutes && x->figure->grain != G_MEDIAN)
		return RC_OK; /* things */
	TRY(figure_trace(s->r, x->figure, &x->period, x->org, 0, one_more, &few, err));
	x->answer.withheld = few.n < k && (few.n > 0 || street_zero_hides(rules, x->figure));
	return RC_OK;
}

/* A whole amount and all its parts but one give the one away. */
static void withhold_amount_wholes(struct report_source *s)
{
	for (struct source_given *x = s->given; x; x = x->next) {
		if (!x->answer.withheld || !x->figure->whole || !(x->figure->money || x->figure->minutes))
			continue;
		for (struct source_given *y = s->given; y; y = y->next)
			if (y->figure == x->figure->whole && y->org == x->org && same_span(x, y))
				y->answer.withheld = true;
	}
}

static bool is_withheld(const struct report_source *s, const struct figure *f, const struct source_given *at)
{
	for (const struct source_given *y = s->given; y; y = y->next)
		if (y->figure == f && y->org == at->org && same_span(y, at) && y->answer.withheld)
			return true;
	return false;
}

static void withhold_rate(const struct street_rules *rules, const struct report_source *s,
	const struct model *m, struct source_given *x)
{
	const struct figure *rate = x->figure->grain == G_RATE ? x->figure
				    : x->figure->full.n        ? model_figure(m, x->figure->full)
							       : NULL;
	if (rate == NULL || !x->answer.has_rate)
		return;
	int64_t k = street_threshold(rules, rate->rate_of);
	bool small = k && x->answer.of < k && (x->answer.of > 0 || street_zero_hides(rules, rate->rate_of));
	if (small || is_withheld(s, rate->rate_of, x) || is_withheld(s, rate->rate_over, x))
		x->answer.withheld = true;
}

/* The year's open figures hide numbers of this unit: its report does not tell them either. */
static enum rc bind_table(struct report_source *s, struct err *err)
{
	struct public_table table;
	enum rc rc = public_table_known(s->r, s->period.text, &table, err);
	if (rc == RC_OK)
		public_table_bind(s->r, &table, s);
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc report_withhold(struct report_source *s, size_t *out_n, struct err *err)
{
	struct street_rules *rules = NEW(s->r->a, struct street_rules);
	const struct model *m = s->r->city->model;
	struct beside b;
	TRY(street_rules_read(s->r->a, m, rules, err));
	TRY(bind_table(s, err));
	TRY(withhold_beside_read(s, &b, err));
	for (int level = 0; level < STREET_SENSITIVITIES; level++) {
		bool again = false; /* levels of equal thresholds are one table */
		for (int i = 0; i < level; i++)
			again = again || (rules->threshold[i] == rules->threshold[level] &&
						 rules->zero_hides[i] == rules->zero_hides[level]);
		if (!again)
			TRY(withhold_counts(rules, s, &b, (enum sensitivity)level, err));
	}
	for (struct source_given *x = s->given; x; x = x->next)
		TRY(withhold_amount(rules, s, x, err));
	withhold_amount_wholes(s);
	for (struct source_given *x = s->given; x; x = x->next)
		withhold_rate(rules, s, m, x);
	*out_n = 0;
	for (struct source_given *x = s->given; x; x = x->next)
		*out_n += x->answer.withheld;
	return RC_OK;
}
