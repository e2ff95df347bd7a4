/* limit.c -- see limit.h. */
#include "guard/limit.h"
#include "base/arena.h"
#include <pthread.h>
#include <sodium.h>

enum { SETS = 2048, WAYS = 8, HALF_MS = 900000, TELL_MS = 60000 };
enum scope { PAIR, ADDRESS, NAME, DEVICE, SCOPES };
static const int64_t free_tries[SCOPES] = {5, 30, 100, 10};

struct place {
	uint64_t key;
	int64_t at_ms;    /* of the last failure */
	int64_t failures; /* in thousandths, at that time */
	int64_t told_ms;
};

struct limiter {
	pthread_mutex_t lock;
	unsigned char key[crypto_shorthash_KEYBYTES];
	struct place places[SETS][WAYS];
};

struct limiter *limiter_new(void)
{
	struct limiter *l = mem_resize(NULL, sizeof *l);
	memset(l, 0, sizeof *l);
	pthread_mutex_init(&l->lock, NULL);
	if (sodium_init() >= 0)
		randombytes_buf(l->key, sizeof l->key);
	return l;
}

void limiter_free(struct limiter *l)
{
	if (l == NULL)
		return;
	pthread_mutex_destroy(&l->lock);
	mem_resize(l, 0);
}

static uint64_t key_of(const struct limiter *l, enum scope scope, const struct attempt *t)
{
	uint64_t parts[3] = {(uint64_t)scope, 0, 0}, key;
	unsigned char h[crypto_shorthash_BYTES];
	if (scope == PAIR || scope == ADDRESS)
		crypto_shorthash((unsigned char *)&parts[1], (const unsigned char *)t->address.p,
			t->address.n, l->key);
	if (scope != ADDRESS)
		crypto_shorthash(
			(unsigned char *)&parts[2], (const unsigned char *)t->handle.p, t->handle.n, l->key);
	crypto_shorthash(h, (const unsigned char *)parts, sizeof parts, l->key);
	memcpy(&key, h, sizeof key);
	return key | 1; /* never 0: an empty place */
}

static int64_t failures_now(const struct place *p, int64_t now_ms)
{
	int64_t gone = (now_ms - p->at_ms) / HALF_MS;
	return gone >= 40 ? 0 : gone <= 0 ? p->failures : p->failures >> gone;
}

static struct place *find(struct limiter *l, uint64_t key, bool make)
{
	struct place *set = l->places[key / 2 % SETS], *oldest = set;
	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].key == key)
			return &set[i];
		if (set[i].at_ms < oldest->at_ms)
			oldest = &set[i];
	}
	if (!make)
		return NULL;
	*oldest = (struct place){.key = key};
	return oldest;
}

static int64_t wait_of(enum scope scope, const struct place *p, int64_t now_ms)
{
	int64_t over = failures_now(p, now_ms) / 1000 - free_tries[scope];
	if (over < 0)
		return 0;
	int64_t wait_ms = over >= 10 ? LIMIT_WAIT_MAX_S * 1000LL : 1000LL << over;
	wait_ms = wait_ms > LIMIT_WAIT_MAX_S * 1000LL ? LIMIT_WAIT_MAX_S * 1000LL : wait_ms;
	int64_t left_ms = p->at_ms + wait_ms - now_ms;
	return left_ms <= 0 ? 0 : (left_ms + 999) / 1000;
}

/* The counts that concern an attempt. */
static bool concerns(enum scope scope, const struct attempt *t)
{
	if (t->no_name && scope != PAIR && scope != ADDRESS)
		return false;
	return scope == NAME ? !t->device : scope == DEVICE ? t->device : scope == PAIR ? !t->device : true;
}

int limiter_wait(struct limiter *l, const struct attempt *t, int64_t now_ms)
{
	int64_t longest = 0;
	pthread_mutex_lock(&l->lock);
	for (enum scope i = PAIR; i < SCOPES; i++) {
		const struct place *p = concerns(i, t) ? find(l, key_of(l, i, t), false) : NULL;
		int64_t wait = p ? wait_of(i, p, now_ms) : 0;
		longest = wait > longest ? wait : longest;
	}
	pthread_mutex_unlock(&l->lock);
	return (int)longest;
}

bool limiter_tell(struct limiter *l, const struct attempt *t, int64_t now_ms)
{
	bool tell = false;
	pthread_mutex_lock(&l->lock);
	for (enum scope i = PAIR; i < SCOPES; i++) {
		struct place *p = concerns(i, t) ? find(l, key_of(l, i, t), false) : NULL;
		if (p == NULL || wait_of(i, p, now_ms) == 0)
			continue;
		tell = tell || p->told_ms == 0 || now_ms - p->told_ms >= TELL_MS;
		p->told_ms = tell ? now_ms : p->told_ms;
	}
	pthread_mutex_unlock(&l->lock);
	return tell;
}

void limiter_failed(struct limiter *l, const struct attempt *t, int64_t now_ms)
{
	pthread_mutex_lock(&l->lock);
	for (enum scope i = PAIR; i < SCOPES; i++) {
		if (!concerns(i, t))
			continue;
		struct place *p = find(l, key_of(l, i, t), true);
		p->failures = failures_now(p, now_ms) + 1000;
		p->at_ms = now_ms;
	}
	pthread_mutex_unlock(&l->lock);
}

int limiter_take(struct limiter *l, const char *what, int64_t who, int64_t amount, int64_t most, int span_s,
	int64_t now_ms)
{
	uint64_t parts[2] = {(uint64_t)SCOPES, (uint64_t)who}, key;
	unsigned char h[crypto_shorthash_BYTES];
	int64_t span_ms = span_s * 1000LL, wait = 0;
	crypto_shorthash((unsigned char *)&parts[0], (const unsigned char *)what, strlen(what), l->key);
	crypto_shorthash(h, (const unsigned char *)parts, sizeof parts, l->key);
	memcpy(&key, h, sizeof key);
	pthread_mutex_lock(&l->lock);
	struct place *p = find(l, key | 1, true);
	int64_t gone_ms = now_ms > p->at_ms ? now_ms - p->at_ms : 0;
	int64_t level = gone_ms >= span_ms ? 0 : p->failures - most * gone_ms / span_ms;
	level = level < 0 ? 0 : level;
	if (level + amount > most)
		wait = ((level + amount - most) * span_s + most - 1) / most;
	else
		level += amount;
	p->failures = level;
	p->at_ms = now_ms;
	pthread_mutex_unlock(&l->lock);
	return (int)wait;
}

int limiter_use(struct limiter *l, const char *what, int64_t who, int per_minute, int64_t now_ms)
{
	return limiter_take(l, what, who, 1000, per_minute * 1000LL, 60, now_ms);
}

void limiter_good(struct limiter *l, const struct attempt *t)
{
	pthread_mutex_lock(&l->lock);
	struct place *p = find(l, key_of(l, t->device ? DEVICE : PAIR, t), false);
	if (p)
		*p = (struct place){0};
	pthread_mutex_unlock(&l->lock);
}

static struct hash device_of(struct seal *seal, str handle)
{
	struct hash key = seal_key(seal, STR("device"));
	return hash_hmac(HASH_SHA256, (str){(const char *)key.b, HASH_BYTES}, handle);
}

str device_token(struct arena *a, struct seal *seal, str handle)
{
	struct hash h = device_of(seal, handle);
	return hex_str(a, h.b, HASH_BYTES);
}

bool device_check(struct seal *seal, str handle, str token)
{
	struct hash h = device_of(seal, handle), given;
	return hex_parse(token, given.b, HASH_BYTES) && hash_eq(&h, &given);
}
