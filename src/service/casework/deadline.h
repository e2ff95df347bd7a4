/* deadline.h -- clocks of cases: when something is due, how it stands now, whom to tell. Pure; the caller keeps the
 * events (start, pauses, extensions, end) as rows.
 *
 * Counting (Civil Code of China, articles 200-204): the day on which the clock starts does not count; working days are
 * those of base/workday; a term in calendar days or months that ends on a day off ends on the next working day; months
 * end on the day of the same number, or the month's last. The term ends with that day's last moment in city time. Hours
 * run from moment to moment, nights and holidays too (danger does not keep office hours).
 * A pause stops the clock: a day at whose end the clock stands still does not count; hours stop at once. While it stands
 * nothing is due. An extension adds units before the term has run out (the service checks who agreed to it).
 *
 * Escalation: steps counted in working days from the due day. before n: from the first moment of the n-th working day
 * before; at 0 when the term has run out; after n: when the n-th working day after the due day has passed. For hour terms
 * steps are hours. The level is the number of steps reached; it falls to 0 while the clock stands or is stopped. */
#pragma once
#include "base/workday.h"

enum deadline_unit { DEADLINE_WORKDAYS, DEADLINE_DAYS, DEADLINE_MONTHS, DEADLINE_HOURS };
enum { DEADLINE_STEPS_MAX = 8, DEADLINE_TERM_MAX = 10000 };

struct deadline_rule {
	enum deadline_unit unit;
	int32_t term;                     /* > 0 */
	int32_t step[DEADLINE_STEPS_MAX]; /* ascending; negative before the due day */
	size_t steps_n;
};

enum deadline_event_kind { DEADLINE_PAUSE, DEADLINE_RESUME, DEADLINE_EXTEND, DEADLINE_STOP };

struct deadline_event {
	enum deadline_event_kind kind;
	int64_t at_ms;
	int32_t amount; /* of an extension, in the rule's unit, > 0 */
};

enum deadline_state { DEADLINE_RUNS, DEADLINE_STANDS, DEADLINE_OVERDUE, DEADLINE_MET, DEADLINE_MISSED };

struct deadline {
	enum deadline_state state;
	bool has_due;
	int64_t due_ms;  /* the first moment after the term; none while the clock stands */
	int32_t due_day; /* the day it ends on */
	int32_t left;    /* whole units still to go at `now`, 0 when over */
	int level;       /* escalation steps reached */
	int64_t next_ms; /* when to look again: next step or due; INT64_MAX: only after an event */
	bool guessed;    /* a day beyond the table of holidays was counted */
};

/* events in order of time, none before start. RC_INVALID names what does not fit: events out of order, a pause in a
 * pause, a resume without one, an extension after the term or of nothing, anything after the stop. */
MUST_USE enum rc deadline_at(const struct workdays *w, const struct deadline_rule *rule, int64_t start_ms,
	const struct deadline_event *events, size_t n, int64_t now_ms, struct deadline *out, struct err *err);
