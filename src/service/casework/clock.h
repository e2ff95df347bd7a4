/* clock.h -- the declared clocks (model/rules/deadlines.yaml) over a city's registers: what is due for whom, and when.
 *
 * A clock is a row that satisfies the rule's condition, from the day or instant in its field `from` until `stops` is
 * filled. Terms are reckoned by deadline.h: working days, or calendar days that roll over days off; `minutes` run from
 * moment to moment; `days: 0` is due on the day that `from` names.
 *
 * `again`: rows of another register, by a reference, answer it and set the clock anew: it starts on the day of the last of them
 * (its field `on`). `where` leaves out those that were answered lately, so that a list of it is the list of what is due.
 *
 * Whose they are: roles named in `to` see the rows that they may read themselves, when they are due within CLOCK_AHEAD_DAYS
 * or the rule's `remind`. Roles named in `escalate.to` see what has run out by `after` days: of registers about minors and of
 * sealed ones as numbers alone (struct clock_due.watched: no id, no unit), since hearing of a clock opens no row.
 *
 * Nothing here shows a record: rows come as ids, units and instants. Everything lives in r->a. */
#pragma once
#include "base/workday.h"
#include "register/record.h"

enum { CLOCK_RULES_MAX = 100, CLOCK_ROLES_MAX = 6, CLOCK_AHEAD_DAYS = 7, CLOCK_ROWS_MAX = 300 };

struct clock_rule {
	str id;
	struct label label, law; /* law empty: `ours` */
	const struct reg *reg;   /* NULL: a yearly date of the calendar */
	str where;
	const struct field *from, *stops, *longer_if;
	const struct reg *again; /* NULL: nothing sets it anew */
	const struct field *again_by, *again_on;
	int64_t minutes; /* 0: days */
	int32_t days, longer, remind, after;
	bool working;
	int month, day; /* yearly */
	str to[CLOCK_ROLES_MAX], escalate[CLOCK_ROLES_MAX];
	size_t to_n, escalate_n;
};

struct clock_rules {
	struct clock_rule list[CLOCK_RULES_MAX];
	size_t n;
};
/* RC_INVALID names the line; RC_NOT_FOUND: the model has no such file. */
MUST_USE enum rc clock_rules_read(
	struct arena *a, const struct model *m, struct clock_rules *out, struct err *err);

struct clock_due {
	const struct clock_rule *rule;
	int64_t row, org; /* 0 where watched, and of a yearly date */
	str state;
	int64_t start_ms, due_ms; /* due_ms: the first moment after the term */
	int64_t beyond; /* on the last row of a rule that has more than CLOCK_ROWS_MAX: how many stand behind it */
	bool watched;
};
/* When a clock that started at start_ms runs out; extended: longer_if stood. */
MUST_USE enum rc clock_term(const struct workdays *w, const struct clock_rule *rule, int64_t start_ms,
	bool extended, int64_t *out_due_ms, struct err *err);
/* What is due for the reader's actor at now_ms for units under org (0: his scope), the soonest first. Of a rule
 * with more than CLOCK_ROWS_MAX rows those that began first are given, and how many are left (clock_due.beyond): its list
 * is paged where a register's rows are. */
MUST_USE enum rc clock_find(struct reader *r, const struct clock_rules *rules, int64_t org, int64_t now_ms,
	struct clock_due **out, size_t *out_n, struct err *err);
