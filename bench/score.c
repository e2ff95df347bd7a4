/* score.c -- a million PHQ-9 sheets through the rules of its file, beside a loop that only adds nine numbers up. */
#include "base/rand.h"
#include "service/screening/instrument.h"
#include <stdio.h>
#include <time.h>

static double spent(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(void)
{
	enum { N = 1000000, ITEMS = 9 };
	struct arena a = {0};
	struct err err = {0};
	struct instrument in;
	struct rng r;
	int8_t *sheets = NEWS(&a, (size_t)N * ITEMS, int8_t);
	if (instrument_shipped(&a, "phq9", &in, &err) != RC_OK)
		return 1;
	rng_init(&r, 1);
	for (size_t i = 0; i < (size_t)N * ITEMS; i++)
		sheets[i] = (int8_t)rng_below(&r, 4);
	double t0 = spent();
	long long total = 0, plain = 0, flagged = 0;
	for (size_t k = 0; k < N; k++) {
		struct score s;
		score_sheet(&in, sheets + k * ITEMS, &s);
		total += s.total;
		flagged += s.alarms & 1;
	}
	double t1 = spent();
	for (size_t k = 0; k < N; k++)
		for (size_t i = 0; i < ITEMS; i++)
			plain += sheets[k * ITEMS + i];
	double t2 = spent();
	printf("score: 1,000,000 sheets in %.0f ms (%lld flagged), bare sums %.1f ms, ratio %.0f; totals "
	       "%s\n",
		(t1 - t0) * 1e3, flagged, (t2 - t1) * 1e3, (t1 - t0) / (t2 - t1 + 1e-9),
		total == plain ? "equal" : "differ");
	arena_done(&a);
	return total == plain && t1 - t0 < 2 ? 0 : 1;
}
