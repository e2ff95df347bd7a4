/* The JSON reader; what it reads, the writer writes again and the reader reads the same. */
#include "format/json.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a = {0};
	struct err err;
	struct json_v *v, *back;
	if (json_read(&a, (str){(const char *)data, n}, 1 << 16, &v, &err) == RC_OK &&
		v->kind == JSON_STRING) {
		struct buf b;
		buf_init(&b, 0);
		json_quote(&b, v->text);
		if (json_read(&a, buf_str(&b), 0, &back, &err) != RC_OK || !str_eq(back->text, v->text))
			abort();
		buf_done(&b);
	}
	arena_done(&a);
	return 0;
}
