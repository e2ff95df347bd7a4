/* fuzz_instrument.c -- any bytes as a scale file; what is read can score a sheet of extremes without harm. */
#include "service/screening/instrument.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = {0};
	struct instrument in;
	if (instrument_read(&a, (str){(const char *)data, size}, "fuzz", &in, NULL) == RC_OK) {
		int8_t low[SCORE_ITEMS_MAX], high[SCORE_ITEMS_MAX];
		struct score s;
		for (size_t i = 0; i < in.items_n; i++) {
			low[i] = (int8_t)(in.items[i].reverse ? in.max : in.min);
			high[i] = (int8_t)(in.items[i].reverse ? in.min : in.max);
		}
		score_sheet(&in, low, &s);
		assert(s.has_total && s.total == in.min * (int)in.items_n && s.band == in.bands);
		score_sheet(&in, high, &s);
		assert(s.has_total && s.total == in.max * (int)in.items_n &&
			s.band == in.bands + in.bands_n - 1);
	}
	arena_done(&a);
	return 0;
}
