/* judging.c -- see judging.h. */
#include "service/contest/judging.h"
#include <stdlib.h>

static int by_entry_and_score(const void *a, const void *b)
{
	const struct judging_sheet *x = *(struct judging_sheet *const *)a,
				   *y = *(struct judging_sheet *const *)b;
	if (x->entry != y->entry)
		return x->entry < y->entry ? -1 : 1;
	if (x->recused != y->recused)
		return x->recused ? 1 : -1;
	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return (x->judge > y->judge) - (x->judge < y->judge);
}

static int by_entry_and_judge(const void *a, const void *b)
{
	const struct judging_sheet *x = *(struct judging_sheet *const *)a,
				   *y = *(struct judging_sheet *const *)b;
	if (x->entry != y->entry)
		return x->entry < y->entry ? -1 : 1;
	return (x->judge > y->judge) - (x->judge < y->judge);
}

static int compare_means(int64_t sum_x, uint32_t n_x, int64_t sum_y, uint32_t n_y)
{
	int64_t x = sum_x * n_y, y = sum_y * n_x; /* < 10^6 x 10^6 x 10^6 */
	return (x < y) - (x > y);
}

/* Better results first. */
static int compare(const struct judging_result *x, const struct judging_result *y)
{
	int d = compare_means(x->kept_sum, x->kept, y->kept_sum, y->kept);
	if (d == 0)
		d = compare_means(x->counted_sum, x->counted, y->counted_sum, y->counted);
	if (d == 0)
		d = (x->best_kept < y->best_kept) - (x->best_kept > y->best_kept);
	return d;
}

static int by_result(const void *a, const void *b)
{
	const struct judging_result *x = *(struct judging_result *const *)a,
				    *y = *(struct judging_result *const *)b;
	int d = compare(x, y);
	return d != 0 ? d : (x > y) - (x < y);
}

static enum rc check(const struct judging_rule *rule, struct judging_sheet *const *sorted, size_t n,
	uint32_t entries_n, struct err *err)
{
	if (rule->min > rule->max || rule->min < 0 || rule->max > JUDGING_SCORE_MAX || n > JUDGING_SHEETS_MAX)
		return FAIL(err, RC_INVALID, "scores run from 0 to %d hundredths at most", JUDGING_SCORE_MAX);
	if (rule->drop_high > JUDGING_SHEETS_MAX || rule->drop_low > JUDGING_SHEETS_MAX ||
		rule->drop_high + rule->drop_low >= rule->min_sheets)
		return FAIL(err, RC_INVALID, "%u sheets are wanted, but %u would be dropped",
			rule->min_sheets, rule->drop_high + rule->drop_low);
	for (size_t i = 0; i < n; i++) {
		const struct judging_sheet *s = sorted[i];
		if (s->entry >= entries_n)
			return FAIL(err, RC_INVALID, "a sheet for entry %u, which is not there", s->entry);
		if (s->score < rule->min || s->score > rule->max)
			return FAIL(err, RC_INVALID, "entry %u, judge %u: the score %d is out of range",
				s->entry, s->judge, (int)s->score);
		if (i > 0 && s->entry == sorted[i - 1]->entry && s->judge == sorted[i - 1]->judge)
			return FAIL(err, RC_INVALID, "entry %u: judge %u handed in two sheets", s->entry,
				s->judge);
	}
	return RC_OK;
}

/* Sheets of one entry, recused ones last, the rest from the highest down. */
static void add_up(
	const struct judging_rule *rule, struct judging_sheet *const *s, size_t n, struct judging_result *out)
{
	while (n > 0 && s[n - 1]->recused)
		n--;
	out->counted = (uint32_t)n;
	for (size_t i = 0; i < n; i++)
		out->counted_sum += s[i]->score;
	if (n < rule->min_sheets)
		return;
	for (size_t i = 0; i < n; i++) {
		s[i]->dropped = i < rule->drop_high || i >= n - rule->drop_low;
		if (s[i]->dropped)
			continue;
		if (out->kept++ == 0)
			out->best_kept = s[i]->score;
		out->kept_sum += s[i]->score;
	}
	out->score = (int32_t)((2 * out->kept_sum + out->kept) / (2 * (int64_t)out->kept));
}

enum rc judging_result(struct arena *a, const struct judging_rule *rule, struct judging_sheet *sheets,
	size_t n, const struct judging_recusal *recusals, size_t recusals_n, struct judging_result *out,
	uint32_t entries_n, struct err *err)
{
	struct judging_sheet **sorted = NEWS(a, n, struct judging_sheet *);
	for (size_t i = 0; i < n; i++)
		sorted[i] = &sheets[i];
	qsort(sorted, n, sizeof *sorted, by_entry_and_judge);
	TRY(check(rule, sorted, n, entries_n, err));
	for (size_t i = 0; i < n; i++) {
		sheets[i].recused = sheets[i].dropped = false;
		for (size_t k = 0; k < recusals_n; k++)
			if (recusals[k].entry == sheets[i].entry && recusals[k].judge == sheets[i].judge)
				sheets[i].recused = true;
	}
	qsort(sorted, n, sizeof *sorted, by_entry_and_score);
	struct judging_result **ranked = NEWS(a, entries_n, struct judging_result *);
	uint32_t ranked_n = 0;
	for (size_t e = 0, at = 0; e < entries_n; e++) {
		size_t from = at;
		while (at < n && sorted[at]->entry == e)
			at++;
		out[e] = (struct judging_result){.rank = JUDGING_NO_RANK};
		add_up(rule, sorted + from, at - from, &out[e]);
		if (out[e].kept > 0)
			ranked[ranked_n++] = &out[e];
	}
	qsort(ranked, ranked_n, sizeof *ranked, by_result);
	for (uint32_t i = 0; i < ranked_n; i++)
		ranked[i]->rank =
			i > 0 && compare(ranked[i - 1], ranked[i]) == 0 ? ranked[i - 1]->rank : i + 1;
	return RC_OK;
}
