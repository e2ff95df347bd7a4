/* tasks_in.h -- between the files that gather the desk's tasks; see tasks.h. */
#pragma once
#include "web/tasks.h"

struct clock_due;

struct task_line {
	struct task task;
	enum task_when when;
	int64_t start_ms, due_ms, first_ms; /* due_ms 0: no clock; first_ms: the earliest start of several */
	int64_t count, unit;
	bool many_units;
	const void *of; /* the rule that lines are put together by */
	const struct clock_due *due;
};

struct task_lines {
	struct task_line *list, spare; /* spare: what is written where the list is full */
	size_t n;
	int64_t now_ms;
};

struct task_line *task_line_add(struct task_lines *t);
/* The word for what the actor does next with a row in that state; empty: nothing that leads on. */
str task_verb(const struct actor *actor, const struct reg *reg, str state);
/* tasks_office.c: collections and notices, of the own unit and of those that it asks. */
MUST_USE enum rc tasks_office(struct page *p, struct task_lines *lines, struct err *err);
