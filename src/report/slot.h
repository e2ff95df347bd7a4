/* slot.h -- what a report asks of the city: figures, texts and lists by the names that stand in slots.
 *
 * A port: the report knows only this table of functions. report/source.h answers it from the figures; a frozen edition
 * answers it from its own values; tests answer it from a table. Answers live in the arena given.
 *
 * Texts: year, name.city, name.theme, name.org, period, plan.name ... ({{year+1}} is arithmetic on the text "year").
 * Lists: units, figures, problems, measures, targets, practices, honours. A row is a handful of named texts; inside
 * {{#each}} a slot means the row's text of that name first, then the figure for the row's unit (org), then the rest. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "figure/round.h"

enum slot_when { SLOT_THIS, SLOT_PREV /* what the period is compared with (period_compared) */, SLOT_YEAR };

struct slot_ref {
	str id; /* vol.attend, vol.attend.people */
	enum slot_when when;
	int year; /* of SLOT_YEAR */
	str org;  /* a unit's code; empty: the report's own unit */
};

enum { SLOT_GRADES = 4 };
#define SLOT_WITHHELD "＊" /* stands where a public copy tells no number */

struct slot_answer {
	bool known; /* there is such a figure; all else is meaningless without */
	bool told;  /* value stands */
	int64_t value;
	enum round_kind kind;
	str unit; /* 人次, 场, 元 */
	str why;  /* where not told: a sentence for people */
	bool has_instead;
	int64_t instead; /* what can be told in its place, */
	str instead_unit;
	bool has_rate; /* a rate, or the rate that full: names */
	int64_t of, over;
	enum round_rule print; /* the declared rule */
	str label, label_en;
	int64_t grades[SLOT_GRADES];
	str definition, digest; /* words; and the definition's digest in hex */
	bool withheld;          /* stands, but a public copy does not tell it: value, rate and instead */
};

struct slot_field {
	str name, text;
};

struct slot_row {
	const struct slot_field *fields;
	size_t n;
	str org; /* empty: none */
};

struct slot_list {
	bool known;
	const struct slot_row *rows;
	size_t n;
};

struct slot_source {
	void *user;
	enum rc (*figure)(void *user, struct arena *a, const struct slot_ref *ref, struct slot_answer *out,
		struct err *err);
	/* false: no such text */
	bool (*text)(void *user, struct arena *a, str name, str *out);
	enum rc (*list)(void *user, struct arena *a, str name, struct slot_list *out, struct err *err);
	/* A table by unit as text of a template (declared.h); NULL: there are none. */
	enum rc (*annex)(void *user, struct arena *a, str id, str *out, struct err *err);
	/* The report's period and what it is compared with, as addresses spell them. */
	str period, compared;
};
