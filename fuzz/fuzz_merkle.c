/* fuzz_merkle.c -- proofs of any shape: index, size, then hashes. Verifying ends, and a proof holds for one root only. */
#include "base/merkle.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t n[3];
	struct hash h[MERKLE_PATH_MAX + 3];
	if (size < sizeof n)
		return 0;
	memcpy(n, data, sizeof n);
	size_t count = (size - sizeof n) / HASH_BYTES;
	if (count < 2 || count > sizeof h / sizeof *h)
		return 0;
	memcpy(h, data + sizeof n, count * HASH_BYTES);
	bool a = merkle_verify_inclusion(HASH_SHA256, n[0], n[1], &h[0], &h[1], h + 2, count - 2);
	bool b = merkle_verify_subtree(HASH_SHA256, n[0], n[1], n[2], &h[0], &h[1], h + 2, count - 2);
	h[1].b[0] ^= 1;
	assert(!a || !merkle_verify_inclusion(HASH_SHA256, n[0], n[1], &h[0], &h[1], h + 2, count - 2));
	assert(!b || n[0] == n[1] ||
		!merkle_verify_subtree(HASH_SHA256, n[0], n[1], n[2], &h[0], &h[1], h + 2, count - 2));
	return 0;
}
