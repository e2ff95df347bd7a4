/* rand.h -- the injected random source. rand_bytes() asks the system unless a test or `demo --seed` put a seed in;
 * never seed a city that people use. struct rng is a small reproducible generator (xoshiro256**, Blackman and
 * Vigna) for demos, simulations and property tests; never for keys. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct rng {
	uint64_t s[4];
};

void rand_bytes(void *out, size_t n);
void rand_seed(uint64_t seed); /* from here on rand_bytes is reproducible */

void rng_init(struct rng *r, uint64_t seed); /* splitmix64 fills the state */
uint64_t rng_next(struct rng *r);
uint64_t rng_below(struct rng *r, uint64_t n); /* uniform in 0..n-1, without bias; n > 0 */
