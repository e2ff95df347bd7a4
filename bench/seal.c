/* seal.c -- sealed values, one core: 9-byte names put and opened, blind indexes, and what the cipher alone takes.
 * usage: bench_seal */
#include "guard/seal.h"
#include "base/clock.h"
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

enum { N = 200000 };

static void told(const char *what, int64_t start_us)
{
	double us = (double)(clock_mono_us() - start_us) / N;
	printf("%-12s %6.2f us  %9.0f a second\n", what, us, 1e6 / us);
}

int main(void)
{
	struct err err;
	struct seal *s;
	struct arena a = {0};
	char path[64];
	snprintf(path, sizeof path, "/tmp/bench-seal-%d.key", (int)getpid());
	if (seal_create(path, &err) != RC_OK || seal_open(path, &s, &err) != RC_OK)
		return 1;
	unlink(path);
	str name = STR("欧阳修"), e = {0}, out;
	int64_t t = clock_mono_us();
	for (int i = 0; i < N; i++) {
		if (i % 1000 == 0)
			arena_reset(&a);
		e = seal_put(&a, s, STR("person.name:812345"), name);
	}
	told("put", t);
	arena_reset(&a);
	struct arena b = {0};
	e = seal_put(&b, s, STR("person.name:812345"), name);
	t = clock_mono_us();
	for (int i = 0; i < N; i++) {
		if (i % 1000 == 0)
			arena_reset(&a);
		if (seal_get(&a, s, STR("person.name:812345"), e, &out, &err) != RC_OK)
			return 1;
	}
	told("get", t);
	unsigned sum = 0;
	t = clock_mono_us();
	for (int i = 0; i < N; i++)
		sum += seal_blind(s, STR("name"), name).b[i % 16];
	told("blind", t);
	unsigned char box[64] = {0}, key[32] = {0}, nonce[24] = {0};
	unsigned long long n;
	t = clock_mono_us();
	for (int i = 0; i < N; i++) {
		nonce[0] = (unsigned char)i;
		crypto_aead_xchacha20poly1305_ietf_encrypt(box, &n, box, 16, box, 20, NULL, nonce, key);
	}
	told("cipher alone", t);
	seal_close(s);
	arena_done(&a);
	arena_done(&b);
	return sum == 1;
}
