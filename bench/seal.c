/* seal.c -- sealed values, one core: 9-byte names put and opened, blind indexes, and what the cipher alone takes.
 * usage: bench_seal [national] */
#include "guard/seal.h"
#include "base/clock.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { N = 200000, PEOPLE = 5000 };

static double told(const char *what, int64_t start_us, int n)
{
	double us = (double)(clock_mono_us() - start_us) / n;
	printf("%-34s %6.2f us  %9.0f a second\n", what, us, 1e6 / us);
	return us;
}

static void forget(const char *path)
{
	char name[80];
	static const char *const tails[] = {"", "s", "s-wal", "s-shm"};
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof name, "%s%s", path, tails[i]);
		unlink(name);
	}
}

static struct seal_place name_of(int64_t person)
{
	return (struct seal_place){.table = STR("person"),
		.column = STR("name"),
		.row = person,
		.kind = SEAL_PERSON,
		.subject = person};
}

static double cipher_alone(void)
{
	unsigned char box[64] = {0}, key[32] = {0}, nonce[24] = {0};
	unsigned long long n;
	int64_t t = clock_mono_us();
	for (int i = 0; i < N; i++) {
		nonce[0] = (unsigned char)i;
		crypto_aead_xchacha20poly1305_ietf_encrypt(box, &n, box, 16, box, 40, NULL, nonce, key);
	}
	return told("cipher alone", t, N);
}

int main(int argc, char **argv)
{
	struct err err;
	struct seal *s;
	struct arena a = {0}, b = {0};
	char path[64];
	bool national = argc > 1 && strcmp(argv[1], "national") == 0;
	snprintf(path, sizeof path, "/tmp/bench-seal-%d.key", (int)getpid());
	if (seal_create(path, national ? CRYPTO_NATIONAL : CRYPTO_INTERNATIONAL, 0, &err) != RC_OK ||
		seal_open(path, true, &s, &err) != RC_OK || seal_make_store(s, 0, &err) != RC_OK)
		return 1;
	str name = STR("欧阳修"), out, *e = NEWS(&b, PEOPLE, str);
	int64_t t = clock_mono_us();
	for (int i = 0; i < PEOPLE; i++) {
		struct seal_place at = name_of(i + 1);
		if (seal_put(&b, s, &at, name, &e[i], &err) != RC_OK)
			return 1;
	}
	if (seal_flush(s, &err) != RC_OK)
		return 1;
	told("put, a new person each", t, PEOPLE);
	str x;
	t = clock_mono_us();
	for (int i = 0; i < N; i++) {
		struct seal_place at = name_of(i % PEOPLE + 1);
		if (i % 1000 == 0)
			arena_reset(&a);
		if (seal_put(&a, s, &at, name, &x, &err) != RC_OK)
			return 1;
	}
	double put = told("put, known people", t, N);
	t = clock_mono_us();
	for (int i = 0; i < N; i++) {
		struct seal_place at = name_of(i % PEOPLE + 1);
		if (i % 1000 == 0)
			arena_reset(&a);
		if (seal_get(&a, s, &at, e[i % PEOPLE], &out, &err) != RC_OK)
			return 1;
	}
	double get = told("get, keys in memory", t, N);
	seal_close(s);
	if (seal_open(path, true, &s, &err) != RC_OK)
		return 1;
	t = clock_mono_us();
	for (int i = 0; i < PEOPLE; i++) {
		struct seal_place at = name_of(i + 1);
		if (seal_get(&a, s, &at, e[i], &out, &err) != RC_OK)
			return 1;
	}
	told("get, keys from the store", t, PEOPLE);
	t = clock_mono_us();
	for (int i = 0; i < N / 10; i++)
		if (seal_fresh(s, &err) != RC_OK)
			return 1;
	told("fresh, once a request", t, N / 10);
	unsigned sum = 0;
	t = clock_mono_us();
	for (int i = 0; i < N; i++)
		sum += seal_blind(s, STR("name"), name).b[i % 16];
	told("blind", t, N);
	double cipher = cipher_alone();
	printf("put / cipher %.2f, get / cipher %.2f\n", put / cipher, get / cipher);
	seal_close(s);
	forget(path);
	arena_done(&a);
	arena_done(&b);
	return sum == 1;
}
