/* fuzz_match_json.c -- any bytes as a placement problem; what is read is solved without a fault and written readably. */
#include "format/json.h"
#include "service/placement/match_json.h"
#include "service/placement/verify.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ssize_t from_str(void *ctx, char *to, size_t cap)
{
	str *s = ctx;
	size_t n = s->n < cap ? s->n : cap;
	if (n > 0)
		memcpy(to, s->p, n);
	*s = str_from(*s, n);
	return (ssize_t)n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = {0};
	struct match_input in;
	str s = {(const char *)data, size};
	if (match_read(&a, from_str, &s, "fuzz", &in, NULL) == RC_OK) {
		uint64_t places = 0;
		for (uint32_t i = 0; i < in.problem.posts_n; i++)
			places += in.problem.post[i].capacity;
		uint32_t *post_of = NEWS(&a, in.problem.students_n, uint32_t), *back;
		match_solve(&a, &in.problem, post_of);
		if (places < 10000)
			assert(match_verify(&a, &in.problem, post_of, NULL, 0) == 0);
		struct buf b = {0};
		match_write(&b, &in, post_of);
		s = buf_str(&b);
		assert(match_read_result(&a, &in, from_str, &s, "back", &back, NULL) == RC_OK);
		assert(in.problem.students_n == 0 ||
			memcmp(back, post_of, in.problem.students_n * sizeof *back) == 0);
		buf_done(&b);
	}
	arena_done(&a);
	return 0;
}
