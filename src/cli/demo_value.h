/* demo_value.h -- the values of one row, and what fits into it (demo.h).
 *
 * A PATH is a field of this row, or `org`, `org.parent`, `day`, `state`, `nth` (the
 * how-manieth row of its parent, from 0), `parent` (the row walked over); then .field through references, for fields that the register there `keep`s
 * (and .org, .day, .person, .state of any row). A hint for a field is
 *     text                   this text, number, yes/no; `none`: left empty
 *     [甲, 乙, 丙]            one of these texts ({n} number of the row, {k} its number in the year, {year}, {next}, {month},
 *                            {county}, {place}, {org} filled in)
 * or a map of
 *     range: [60, 240]       a whole number (fen, minutes, days as the type keeps them; money in yuan)
 *     share: [60, 95]        so many per cent of the number at `of: PATH`
 *     minus: FIELD           the field of the row before, with the other sign
 *     days: [-30, -1]        a date so many days from the row's, or from `after: PATH`
 *     month_at: 1, month_to: 3  the first, the last day of that month of the row's year; step: 3 so many later for each nth
 *     past: 1                not after today
 *     minutes: [10, 90]      an instant so long after `after: PATH`
 *     least: PATH, most: PATH  moved up or down to it
 *     weights: {a: 3, b: 1}  a choice or text
 *     turn: [甲, 乙]          by turns
 *     parts: [[甲, 乙], [丙]]  one text of each list, a paragraph each
 *     yes: 70                a bool, per cent
 *     skip: 40               empty in so many per cent
 *     in: [completed]        only in these states of this row
 *     by: PATH, cases: {..}  a hint for each choice, state, number there; `else` for the others, nothing without it
 *     same: PATH             that value
 *   for a person
 *     class: [student]       of these classes: pioneer pupil student youth adult
 *     age: [14, 18]          on the row's day
 *     identified: 1          with a citizen ID
 *     not: PATH              somebody else than that one
 *     from: REGISTER         whose row of that register (with is, match, states as below)
 *     wide: 1                from anywhere, not from the row's own unit first
 *   for a reference
 *     states: [completed]    a row in these states
 *     match: {field: PATH}   whose kept field equals
 *     is: {field: [choice]}  whose kept field is one of these (texts too)
 *     before: 1, later: 1    dated not after, not before this row
 *   for an organisation
 *     kinds: [..], schools: [..]  near the row's own
 *   for lists of either
 *     many: [1, 3] */
#pragma once
#include "cli/demo.h"

struct row_draft {
	struct arena *a;
	const struct reg *reg;
	const struct yaml *const *hints;  /* by field */
	const struct field *const *order; /* fields, those that a hint reads before it */
	const struct yaml *people;
	int64_t org, person;
	int32_t day;
	const struct demo_row *parent;
	const struct field *parent_field; /* NULL: the walk is over a register that nothing here refers to */
	const struct reg *parent_reg;
	size_t number, in_year, nth; /* of the register, of the year, of the parent */
	short state;
	str state_id;
	bool heads;  /* a head-count, no person */
	bool forced; /* a row for its state: names that stand once say so */
	const struct demo_row *previous;
	const int64_t *used; /* persons of the parent's other rows */
	size_t used_n;
	struct entry *entries;
	size_t entries_n;
	int64_t *raw; /* by field: as kept */
};
void draft_fill(struct demo *d, struct row_draft *r);

/* ---- demo_pick.c ---- */
struct got {
	int64_t i; /* NOTHING: absent */
	const struct field *f;
	const struct reg *states_of; /* i is the index of a state */
};
struct got path_get(struct demo *d, const struct row_draft *r, str path);
str got_word(
	struct arena *a, const struct got *g); /* what a case names: a choice, a state, a number, yes, no */
int64_t kept_value(const struct field *f, const struct value *v);
bool row_is(struct demo *d, const struct grown *g, const struct demo_row *row, const struct yaml *is);
const struct demo_row *row_by_id(const struct grown *g, int64_t id);
int64_t pick_org(struct demo *d, int64_t near, const struct yaml *kinds, const struct yaml *schools);
int64_t pick_person(
	struct demo *d, const struct row_draft *r, const struct field *f, const struct yaml *hint);
int64_t pick_row(struct demo *d, const struct row_draft *r, const struct reg *reg, const struct yaml *hint,
	const struct demo_row **out);

/* ---- hints ---- */
const struct yaml *hint_get(const struct yaml *y, const char *key); /* y may be NULL or no map */
int64_t hint_i64(const struct yaml *y, const char *key, int64_t otherwise);
bool hint_range(const struct yaml *y, const char *key, int64_t *from, int64_t *to);
bool hint_has(const struct yaml *list, str word);
str hint_weighted(struct demo *d, const struct yaml *map);
/* A fault of the yaml itself: the first is told at the end. */
void hint_fault(struct demo *d, const struct yaml *at, const char *what);
