/* demo_value.h -- believable values for the fields of one row (demo.h). A hint for a field is one of
 *     [甲, 乙, 丙]            one of these texts ({n} its number, {year}, {county}, {org} filled in)
 *     {range: [60, 240]}     a whole number (fen, minutes, days as the type keeps them; money in yuan)
 *     {days: [-30, -1]}      a date so many days from the row's
 *     {weights: {a: 3, b: 1}} a choice
 *     {yes: 70}              a bool, per cent
 *     {skip: 40}             empty in so many per cent; may stand with the others
 *     {class: [student]}     a person of these classes: pioneer pupil student youth adult
 *     {states: [completed]}  a reference to a row in these states
 *     {same: parent_field}   the same person, organisation ... as that field of this row has */
#pragma once
#include "cli/demo.h"

struct row_draft {
	struct arena *a;
	const struct reg *reg;
	const struct yaml *hint, *people; /* fields: and people: of the register */
	int64_t org, person;
	int32_t day;
	const struct demo_row *parent;
	const struct field *parent_field;
	size_t number;
	str state;
	struct entry *entries;
	size_t entries_n;
};
void draft_fill(struct demo *d, struct row_draft *r);

int64_t hint_i64(const struct yaml *y, const char *key, int64_t otherwise);
bool hint_range(const struct yaml *y, const char *key, int64_t *from, int64_t *to);
bool hint_has(const struct yaml *list, str word);
str hint_weighted(struct demo *d, const struct yaml *map);
