/* finder.c -- a full run over a million children with ten million facts, beside the same number of looks at one day's
 * changes (a thousand children). Promised: a million in seconds. */
#include "service/rescue/finder.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/rand.h"
#include <stdio.h>

int main(void)
{
	enum { N = 1000000, EACH = 10 };
	struct arena a = {0};
	struct err err = {0};
	struct rng r;
	int32_t today = date_of(2025, 6, 30);
	struct finder_child *child = NEWS(&a, N, struct finder_child);
	struct finder_fact *fact = NEWS(&a, (size_t)N * EACH, struct finder_fact);
	struct finder_hit *hit = NEWS(&a, N, struct finder_hit);
	struct finder_rules rules = finder_usual();
	struct finder *f;
	rng_init(&r, 1);
	for (uint32_t c = 0; c < N; c++)
		child[c] = (struct finder_child){today - (int32_t)rng_below(&r, 6500), c / 2};
	for (size_t i = 0; i < (size_t)N * EACH; i++)
		fact[i] =
			(struct finder_fact){(uint32_t)rng_below(&r, N), (uint8_t)rng_below(&r, FINDER_KINDS),
				0, today - (int32_t)rng_below(&r, 900), FINDER_OPEN};
	int64_t t0 = clock_mono_us();
	if (finder_make(&a, &rules, child, N, fact, (size_t)N * EACH, &f, &err) != RC_OK)
		return 1;
	int64_t t1 = clock_mono_us();
	uint32_t hits = finder_run(f, today, hit);
	int64_t t2 = clock_mono_us();
	uint32_t open = 0;
	for (uint32_t c = 0; c < 1000; c++)
		open += finder_look(f, (uint32_t)rng_below(&r, N), today).open != 0;
	int64_t t3 = clock_mono_us();
	printf("finder: 1,000,000 children, 10,000,000 facts: indexed %.2f s, run %.2f s (%u with an open "
	       "trigger); 1,000 looks "
	       "%.2f ms (%u); whole run : looks %.0f (wanted: seconds)\n",
		(double)(t1 - t0) / 1e6, (double)(t2 - t1) / 1e6, hits, (double)(t3 - t2) / 1e3, open,
		(double)(t2 - t1) / (double)(t3 - t2 + 1));
	arena_done(&a);
	return t2 - t0 < 10000000 ? 0 : 1;
}
