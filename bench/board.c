/* board.c -- a vote of BALLOTS (default 500,000): its root, and its whole public verification beside the signature checks
 * alone, in one run. Promised: root < 0.5 s, verification <= 1.2 x its signature checks. */
#include "service/contest/board.h"
#include "service/contest/board_verify.h"
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void put(void *ctx, str text)
{
	fwrite(text.p, 1, text.n, ctx);
	putc('\n', ctx);
}

static int by_key(const void *a, const void *b)
{
	return memcmp(((const struct sign_secret *)a)->key.b, ((const struct sign_secret *)b)->key.b,
		SIGN_KEY_BYTES);
}

/* Processor time: the machine may have other work. */
static int64_t spent_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static double since(int64_t us)
{
	return (double)(spent_us() - us) / 1e6;
}

int main(int argc, char **argv)
{
	size_t n = argc > 1 ? (size_t)atol(argv[1]) : 500000, voters = n < 1000 ? n : n / 10 * 9;
	struct arena a = {0};
	struct err err = {0};
	static const str choices[] = {{"a", 1}, {"b", 1}};
	struct sign_secret *secret = NEWS(&a, voters, struct sign_secret);
	struct sign_key *roll = NEWS(&a, voters, struct sign_key);
	struct board_entry *entries = NEWS(&a, n, struct board_entry);
	struct board_plan plan = {.contest = STR("bench"),
		.opens_ms = 1,
		.closes_ms = 1000000000,
		.choices = choices,
		.choices_n = 2,
		.roll = roll,
		.roll_n = voters};
	for (size_t i = 0; i < voters; i++) {
		unsigned char seed[32] = {
			(unsigned char)i, (unsigned char)(i >> 8), (unsigned char)(i >> 16)};
		sign_secret_of(seed, &secret[i]);
	}
	qsort(secret, voters, sizeof *secret, by_key);
	for (size_t i = 0; i < voters; i++)
		roll[i] = secret[i].key;
	struct arena line = {0};
	for (size_t i = 0; i < n; i++) {
		struct ballot *b = &entries[i].ballot;
		*b = (struct ballot){
			.key = roll[i % voters], .choice = choices[i % 2], .at_ms = (int64_t)i + 1};
		arena_reset(&line);
		sign_text(&secret[i % voters], ballot_text(&line, plan.contest, &b->key, b->choice, b->at_ms),
			b->sig);
	}
	int64_t start = spent_us();
	struct merkle log;
	merkle_init(&log, HASH_SHA256);
	for (size_t i = 0; i < n; i++) {
		struct hash leaf;
		arena_reset(&line);
		leaf = merkle_leaf(HASH_SHA256, ballot_leaf(&line, plan.contest, &entries[i].ballot));
		merkle_add(&log, &leaf);
	}
	struct hash root = merkle_root(&log);
	double root_s = since(start);
	const char *path = "/tmp/qinghe-bench-board.ndjson";
	FILE *f = fopen(path, "w");
	if (f == NULL || board_write(&plan, entries, n, n, 10000, 0, &secret[0], put, f, &err) != RC_OK ||
		fclose(f) != 0)
		return 1;
	start = spent_us();
	size_t good = 0;
	for (size_t i = 0; i < n; i++) {
		struct ballot *b = &entries[i].ballot;
		arena_reset(&line);
		good += sign_check(
			&b->key, ballot_text(&line, plan.contest, &b->key, b->choice, b->at_ms), b->sig);
	}
	double checks_s = since(start);
	struct board_how how = {0};
	struct board_verdict verdict;
	start = spent_us();
	int rc = board_verify(path, &how, stdout, &verdict);
	double verify_s = since(start);
	printf("board: %zu ballots, root %.2f s (%02x%02x..), signature checks %.2f s (%zu hold), "
	       "verification %.2f s, ratio "
	       "%.3f (wanted: root < 0.5 s at 500,000, ratio <= 1.2)\n",
		n, root_s, root.b[0], root.b[1], checks_s, good, verify_s, verify_s / checks_s);
	if (argc > 2)
		rename(path, argv[2]); /* keep the board: a seed for the fuzzer */
	unlink(path);
	arena_done(&line);
	arena_done(&a);
	return rc == 0 && good == n && root_s < 0.5 * (double)n / 500000 + 0.05 && verify_s <= 1.2 * checks_s
		       ? 0
		       : 1;
}
