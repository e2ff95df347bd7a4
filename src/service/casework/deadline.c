/* deadline.c -- see deadline.h. States: RUNS -pause-> STANDS -resume-> RUNS; RUNS -time-> OVERDUE; RUNS, STANDS -stop->
 * MET; OVERDUE -stop-> MISSED. The due moment is computed afresh from the start at every look, so that it depends on
 * nothing but the events. */
#include "service/casework/deadline.h"
#include "base/clock.h"
#include "base/date.h"

static const int64_t HOUR_MS = 3600000, DAY_MS = 86400000, START_MAX_MS = 4102444800000; /* 2100-01-01 */
enum { MONTHS_MAX = 120 };

struct term {
	const struct workdays *w;
	const struct deadline_rule *rule;
	const struct deadline_event *events;
	size_t n; /* events that count: those up to now, without the stop */
	int64_t start_ms;
	int32_t amount; /* term and extensions */
	bool guessed;
};

/* First moment of a day in city time. */
static int64_t day_start(int32_t day)
{
	return (int64_t)day * DAY_MS - (int64_t)clock_zone() * 60000;
}

static bool paused_at(const struct term *t, int64_t ms)
{
	bool paused = false;
	for (size_t i = 0; i < t->n && t->events[i].at_ms < ms; i++)
		if (t->events[i].kind == DEADLINE_PAUSE || t->events[i].kind == DEADLINE_RESUME)
			paused = t->events[i].kind == DEADLINE_PAUSE;
	return paused;
}

static bool stands(const struct term *t)
{
	return paused_at(t, INT64_MAX);
}

static bool is_worked(struct term *t, int32_t day)
{
	t->guessed = t->guessed || !workday_covered(t->w, day);
	return workday_is(t->w, day);
}

/* Days from start on which the clock stood still at their end, up to and with `to`. */
static int32_t paused_days(const struct term *t, int32_t from, int32_t to)
{
	int32_t n = 0;
	for (int32_t d = from + 1; d <= to; d++)
		n += paused_at(t, day_start(d + 1));
	return n;
}

static int32_t roll(struct term *t, int32_t day)
{
	while (!is_worked(t, day))
		day++;
	return day;
}

static int32_t months_later(int32_t day, int32_t months)
{
	struct ymd c = date_ymd(day);
	int32_t month = date_month(day) + months;
	int last = date_days_in_month(month / 12, month % 12 + 1);
	return date_of(month / 12, month % 12 + 1, c.day < last ? c.day : last);
}

/* The day on which the term ends, the clock running. */
static int32_t last_day(struct term *t)
{
	int32_t start = clock_day_of(t->start_ms), day = start;
	if (t->rule->unit == DEADLINE_MONTHS) {
		day = months_later(start, t->amount);
		int32_t more = 0;
		for (int32_t paused; (paused = paused_days(t, start, day + more)) != more;)
			more = paused;
		return roll(t, day + more);
	}
	for (int32_t left = t->amount; left > 0;) {
		day++;
		bool counts = t->rule->unit == DEADLINE_DAYS || is_worked(t, day);
		left -= counts && !paused_at(t, day_start(day + 1));
	}
	return t->rule->unit == DEADLINE_DAYS ? roll(t, day) : day;
}

/* Milliseconds for which the clock stood between start and `to`. */
static int64_t stood_ms(const struct term *t, int64_t to)
{
	int64_t stood = 0, since = 0;
	bool paused = false;
	for (size_t i = 0; i < t->n && t->events[i].at_ms <= to; i++) {
		if (t->events[i].kind == DEADLINE_PAUSE) {
			since = t->events[i].at_ms;
			paused = true;
		} else if (t->events[i].kind == DEADLINE_RESUME) {
			stood += t->events[i].at_ms - since;
			paused = false;
		}
	}
	return paused ? stood + to - since : stood;
}

static int64_t due_of(struct term *t, int32_t *out_day)
{
	if (t->rule->unit != DEADLINE_HOURS) {
		*out_day = last_day(t);
		return day_start(*out_day + 1);
	}
	int64_t due = t->start_ms + t->amount * HOUR_MS + stood_ms(t, INT64_MAX);
	*out_day = clock_day_of(due - 1);
	return due;
}

static int64_t step_ms(struct term *t, int32_t step, int32_t due_day, int64_t due_ms)
{
	if (t->rule->unit == DEADLINE_HOURS)
		return due_ms + step * HOUR_MS;
	if (step == 0)
		return due_ms;
	int32_t day = workday_add(t->w, due_day, step);
	return day_start(step < 0 ? day : day + 1);
}

static int32_t left_of(struct term *t, int64_t now, int32_t due_day, int64_t due_ms)
{
	if (now >= due_ms)
		return 0;
	if (t->rule->unit == DEADLINE_HOURS)
		return (int32_t)((due_ms - now) / HOUR_MS);
	int32_t today = clock_day_of(now);
	return t->rule->unit == DEADLINE_WORKDAYS ? workday_between(t->w, today, due_day) : due_day - today;
}

/* Takes events up to now in order; fills t->n and t->amount, *out_stop (NULL: none). */
static enum rc take_events(
	struct term *t, size_t n, int64_t now, const struct deadline_event **out_stop, struct err *err)
{
	int64_t before = t->start_ms;
	bool paused = false;
	for (size_t i = 0; i < n; i++) {
		const struct deadline_event *e = &t->events[i];
		int32_t day;
		if (e->at_ms < before)
			return FAIL(err, RC_INVALID, "event %zu lies before the one before it", i + 1);
		if (*out_stop)
			return FAIL(err, RC_INVALID, "event %zu comes after the clock was stopped", i + 1);
		before = e->at_ms;
		if (e->at_ms > now)
			return RC_OK;
		if (e->kind == DEADLINE_STOP) {
			*out_stop = e;
			continue;
		}
		if (e->kind != DEADLINE_EXTEND && paused == (e->kind == DEADLINE_PAUSE))
			return FAIL(err, RC_INVALID,
				"event %zu: a clock that stands cannot be paused, one that runs not resumed",
				i + 1);
		if (e->kind == DEADLINE_EXTEND) {
			int32_t most = t->rule->unit == DEADLINE_MONTHS ? MONTHS_MAX : DEADLINE_TERM_MAX;
			if (e->amount <= 0 || e->amount > most - t->amount)
				return FAIL(err, RC_INVALID, "event %zu: an extension of %d", i + 1,
					(int)e->amount);
			if (!paused && e->at_ms >= due_of(t, &day))
				return FAIL(err, RC_INVALID,
					"event %zu: the term had run out, it cannot be extended any more",
					i + 1);
			t->amount += e->amount;
		} else {
			paused = e->kind == DEADLINE_PAUSE;
		}
		t->n = i + 1;
	}
	return RC_OK;
}

static enum rc check_rule(const struct deadline_rule *rule, int64_t start_ms, struct err *err)
{
	if (start_ms < 0 || start_ms >= START_MAX_MS)
		return FAIL(err, RC_INVALID, "a clock starts between 1970 and 2099");
	if (rule->unit == DEADLINE_MONTHS && rule->term > MONTHS_MAX)
		return FAIL(err, RC_INVALID, "a term of at most %d months is wanted", MONTHS_MAX);
	if (rule->term <= 0 || rule->term > DEADLINE_TERM_MAX || rule->steps_n > DEADLINE_STEPS_MAX)
		return FAIL(err, RC_INVALID, "a term of 1 to %d and at most %d steps are wanted",
			DEADLINE_TERM_MAX, DEADLINE_STEPS_MAX);
	for (size_t i = 1; i < rule->steps_n; i++)
		if (rule->step[i] <= rule->step[i - 1])
			return FAIL(err, RC_INVALID, "the steps of escalation are not in ascending order");
	return RC_OK;
}

enum rc deadline_at(const struct workdays *w, const struct deadline_rule *rule, int64_t start_ms,
	const struct deadline_event *events, size_t n, int64_t now_ms, struct deadline *out, struct err *err)
{
	struct term t = {.w = w, .rule = rule, .events = events, .start_ms = start_ms, .amount = rule->term};
	const struct deadline_event *stop = NULL;
	TRY(check_rule(rule, start_ms, err));
	TRY(take_events(&t, n, now_ms, &stop, err));
	struct deadline d = {.next_ms = INT64_MAX};
	if (stands(&t)) {
		d.state = stop ? DEADLINE_MET : DEADLINE_STANDS;
		*out = d;
		return RC_OK;
	}
	d.has_due = true;
	d.due_ms = due_of(&t, &d.due_day);
	if (stop) {
		d.state = stop->at_ms < d.due_ms ? DEADLINE_MET : DEADLINE_MISSED;
	} else {
		d.state = now_ms < d.due_ms ? DEADLINE_RUNS : DEADLINE_OVERDUE;
		d.left = left_of(&t, now_ms, d.due_day, d.due_ms);
		d.next_ms = now_ms < d.due_ms ? d.due_ms : INT64_MAX;
		for (size_t i = 0; i < rule->steps_n; i++) {
			int64_t at = step_ms(&t, rule->step[i], d.due_day, d.due_ms);
			d.level += at <= now_ms;
			d.next_ms = at > now_ms && at < d.next_ms ? at : d.next_ms;
		}
	}
	d.guessed = t.guessed;
	*out = d;
	return RC_OK;
}
