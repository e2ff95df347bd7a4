/* fuzz_jpull.c -- the JSON reader on any bytes: it ends, and a whole read and a read byte by byte agree. */
#include "format/jpull.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ssize_t slow(void *ctx, char *to, size_t cap)
{
	str *s = ctx;
	if (s->n == 0 || cap == 0)
		return 0;
	*to = *s->p;
	*s = str_from(*s, 1);
	return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str a = {(const char *)data, size}, b = a;
	struct jpull p, q;
	jpull_init_str(&p, &a);
	jpull_init(&q, slow, &b);
	enum jpull_kind k;
	do {
		k = jpull_next(&p);
		assert(k == jpull_next(&q) && str_eq(p.text, q.text) && p.line == q.line);
	} while (k > JPULL_END);
	jpull_done(&p);
	jpull_done(&q);
	return 0;
}
