/* fuzz_ident.c -- identifiers on any bytes; what is valid must be valid again in its written form. */
#include "base/ident.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ident id = ident_check((str){(const char *)data, size}, 20000);
	assert(id.valid || id.reason);
	if (id.valid) {
		struct ident again = ident_check(str_of(id.normal), 20000);
		assert(again.valid && again.kind == id.kind && strcmp(again.normal, id.normal) == 0);
	}
	return 0;
}
