/* search.h -- rows of any register by what names them: the search box.
 *
 * A row fits by `#id`, by its code (whole, or its beginning), by any part of its title, or by a run of the title's pinyin
 * initials (from two letters on). Looked at are, of each register, the newest SEARCH_LOOK_MAX rows within the actor's scope,
 * and beyond them whole codes that stand once; after ms_max the looking ends (within 256 rows), and that there may be more is told.
 * There is no index of titles: nothing about them stands in the database twice. Given back are rows that the actor may read, each with the label that he sees (masked as
 * everywhere, and noted by read_log.h); void ones are left out. Registers whose title and code he may not search by
 * (permit.h) and those about minors are not looked into: children are found by person_search or not at all. */
#pragma once
#include "register/record.h"

enum { SEARCH_LOOK_MAX = 20000, SEARCH_MS_MAX = 500 };

struct search_hit {
	const struct reg *reg;
	int64_t id, org;
	str label, code, state;
	int rank; /* 0 the code itself, 1 the title itself, 2 a beginning, 3 within */
};
/* At most per_reg of a register and cap in all, the nearest first, then the newest; *out_more: there were others. ms_max: a page
 * gives it SEARCH_MS_MAX. */
MUST_USE enum rc search_rows(struct reader *r, str text, int64_t ms_max, size_t per_reg,
	struct search_hit *out, size_t cap, size_t *out_n, bool *out_more, struct err *err);
/* The same rule for a name that is no row (a page, a register, a figure): its rank, or -1. */
int search_rank(struct arena *a, str wanted, str name);
