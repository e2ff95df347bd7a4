/* public_next.h -- may a later edition of a year's open figures be told beside the earlier one (public_table.h)?
 *
 * Who has both subtracts. A number that was told, and what a reader works out as the sum of the hidden ones of a line (the units
 * of a figure, or the parts of a figure at a unit, with what is left beside them), may stand as it was or have moved by the
 * threshold at least: a smaller difference would tell of those few. Where it does, the figure with its parts stays as it was
 * published. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PUBLIC_NEXT_HIDDEN INT64_MIN

struct public_next {
	size_t figures, units;    /* the first unit is the sum of the others and what is beside them */
	const int *whole;         /* by figure: what it is a part of; -1 */
	const int64_t *was, *now; /* figure x unit, as told; hidden, or not there: PUBLIC_NEXT_HIDDEN */
	const int64_t *counts;    /* what stands now, told or not */
	int64_t threshold;
};
bool public_moved_little(const struct public_next *t);
