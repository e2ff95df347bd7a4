/* score.c -- see score.h. */
#include "service/screening/score.h"
#include "base/tr.h"
#include <assert.h>
#include <limits.h>

static bool is_option(const struct instrument *in, int answer)
{
	for (size_t i = 0; i < in->options_n; i++)
		if (in->options[i].value == answer)
			return true;
	return false;
}

static int counted(const struct instrument *in, size_t item, int answer)
{
	return in->items[item].reverse ? in->min + in->max - answer : answer;
}

/* sum x n / answered, half up; halves go up for negative sums too. */
static int prorate(int sum, size_t n, size_t answered)
{
	int64_t twice = 2 * (int64_t)sum * (int64_t)n + (int64_t)answered, by = 2 * (int64_t)answered;
	int64_t q = twice / by;
	return (int)(twice % by < 0 ? q - 1 : q);
}

static int subscale_of(const struct instrument *in, const struct instrument_subscale *sub,
	const int8_t *answers, bool may_prorate)
{
	int sum = 0;
	size_t answered = 0;
	for (size_t k = 0; k < sub->n; k++)
		if (answers[sub->items[k]] != SCORE_MISSING) {
			sum += counted(in, sub->items[k], answers[sub->items[k]]);
			answered++;
		}
	if (answered == sub->n)
		return sum;
	return may_prorate && 2 * answered >= sub->n ? prorate(sum, sub->n, answered) : INT_MIN;
}

static bool raised(const struct instrument_alarm *alarm, const struct score *s, const int8_t *answers)
{
	if (alarm->on == ALARM_TOTAL)
		return s->has_total && s->total >= alarm->at_least && s->total <= alarm->at_most;
	if (alarm->on == ALARM_SUBSCALE) {
		int v = s->subscale[alarm->subscale];
		return v != INT_MIN && v >= alarm->at_least && v <= alarm->at_most;
	}
	size_t hits = 0;
	for (size_t k = 0; k < alarm->n; k++) {
		int v = answers[alarm->items[k]];
		hits += v != SCORE_MISSING && v >= alarm->at_least && v <= alarm->at_most;
	}
	return hits >= alarm->count;
}

/* Sum, missing answers and unasked risk items; false where an answer is no option. */
static bool add_up(const struct instrument *in, const int8_t *answers, struct score *s, int *out_sum)
{
	*out_sum = 0;
	s->first_unasked = in->items_n;
	for (size_t i = 0; i < in->items_n; i++) {
		if (answers[i] == SCORE_MISSING) {
			s->missing++;
			if (in->items[i].risk && s->first_unasked == in->items_n)
				s->first_unasked = i;
		} else if (is_option(in, answers[i])) {
			*out_sum += counted(in, i, answers[i]);
		} else {
			return false;
		}
	}
	return true;
}

void score_sheet(const struct instrument *in, const int8_t *answers, struct score *out)
{
	int sum;
	assert(in->items_n <= SCORE_ITEMS_MAX && in->alarms_n <= SCORE_ALARMS_MAX);
	*out = (struct score){.why = SCORE_FINE};
	for (size_t k = 0; k < SCORE_SUBSCALES_MAX; k++)
		out->subscale[k] = INT_MIN;
	if (!add_up(in, answers, out, &sum)) {
		out->why = SCORE_NOT_AN_OPTION;
		return;
	}
	if (out->first_unasked < in->items_n)
		out->why = SCORE_RISK_UNANSWERED;
	else if (out->missing > in->prorate_up_to || out->missing == in->items_n)
		out->why = SCORE_TOO_MANY_MISSING;
	out->has_total = out->why == SCORE_FINE;
	out->prorated = out->has_total && out->missing > 0;
	if (out->has_total)
		out->total = prorate(sum, in->items_n, in->items_n - out->missing);
	for (size_t k = 0; k < in->subscales_n; k++)
		out->subscale[k] = subscale_of(in, &in->subscales[k], answers, out->prorated);
	for (size_t k = 0; k < in->bands_n && out->has_total; k++)
		if (out->total >= in->bands[k].from && out->total <= in->bands[k].to)
			out->band = &in->bands[k];
	out->level = out->band ? out->band->level : 0;
	for (size_t k = 0; k < in->alarms_n; k++) {
		if (!raised(&in->alarms[k], out, answers))
			continue;
		out->alarms |= UINT32_C(1) << k;
		if (in->alarms[k].level > out->level)
			out->level = in->alarms[k].level;
		if (in->alarms[k].voids && out->why == SCORE_FINE)
			out->why = SCORE_VOID;
	}
	out->valid = out->why == SCORE_FINE;
}

const char *score_why_text(enum score_why why)
{
	static const char *const text[] = {
		[SCORE_FINE] = NULL,
		[SCORE_TOO_MANY_MISSING] = N_("too many answers are missing: the sheet is filled in again"),
		[SCORE_RISK_UNANSWERED] =
			N_("the question about danger was left out: a person asks it today"),
		[SCORE_NOT_AN_OPTION] = N_("an answer is none of the options"),
		[SCORE_VOID] = N_("the validity questions say that the sheet does not count: re-test"),
	};
	return text[why];
}
