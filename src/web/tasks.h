/* tasks.h -- what waits for the one who asks, for the desk: declared clocks (service/casework/clock.h), collections and
 * notices of the own unit, rows that wait for a word of his role, emergencies and authorisations; and what came back.
 * Grouped by when it is due. Nobody is named: a line tells what, how many, since when, whose unit. */
#pragma once
#include "web/page.h"

enum task_when { TASK_OVERDUE, TASK_TODAY, TASK_WEEK, TASK_LATER, TASK_OPEN, TASK_WHENS };

struct task {
	str label, detail, href, verb; /* href empty: it cannot be opened, only known */
	str left;                      /* 逾期3天, 还剩20分钟; of rows without a clock their state */
	const char *look;              /* of the chip */
	bool clocked;
	const char *ring_look; /* u h x */
	str ring, ring_words;  /* stroke-dasharray; for those who do not see it */
};

enum { TASKS_SHOWN = 6 }; /* of a group; one more is shown rather than folded alone */

struct task_group {
	str heading;
	bool late;
	struct task *list, *rest; /* rest: those behind the first TASKS_SHOWN, folded */
	size_t list_n, rest_n;
	str rest_words;
};

struct tasks {
	struct task_group groups[TASK_WHENS];
	size_t groups_n, n;      /* n: lines */
	int64_t things, overdue; /* rows behind them */
	struct task_group back;  /* returned to be mended */
};

MUST_USE enum rc tasks_read(struct page *p, struct tasks *out, struct err *err);
