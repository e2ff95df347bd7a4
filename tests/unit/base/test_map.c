/* Hash tables against the plainest list. */
#include "base/map.h"
#include "base/rand.h"
#include "tests.h"

enum { KEYS = 5000 };

static void a_map_answers_as_a_list_would(void **state)
{
	(void)state;
	struct arena a = {0};
	struct map m = {0};
	void *want[KEYS] = {0};
	str key[KEYS];
	struct rng r;
	rng_init(&r, 3);
	for (int i = 0; i < KEYS; i++) {
		key[i] = arena_fmt(&a, "%d%s", i, i % 7 ? "" : "\x80\xff");
		assert_null(map_get(&m, key[i]));
	}
	size_t n = 0;
	for (int step = 0; step < 4 * KEYS; step++) {
		size_t i = (size_t)rng_below(&r, KEYS);
		n += want[i] == NULL;
		want[i] = &want[(size_t)rng_below(&r, KEYS)];
		map_put(&m, key[i], want[i]);
		assert_int_equal(m.n, n);
	}
	for (int i = 0; i < KEYS; i++) {
		/* A key equal in bytes, elsewhere in memory. */
		assert_ptr_equal(map_get(&m, arena_str(&a, key[i])), want[i]);
	}
	assert_null(map_get(&m, STR("")));
	map_put(&m, STR(""), &m);
	assert_ptr_equal(map_get(&m, (str){0}), &m);
	map_done(&m);
	assert_null(map_get(&m, key[0]));
	arena_done(&a);
}

static void numbers_add_up_in_an_imap(void **state)
{
	(void)state;
	struct imap m = {0};
	static int64_t want[KEYS];
	struct rng r;
	rng_init(&r, 4);
	for (int round = 0; round < 2; round++) {
		memset(want, 0, sizeof want);
		assert_false(imap_has(&m, 1, NULL));
		for (int step = 0; step < 3 * KEYS; step++) {
			uint64_t k = rng_below(&r, KEYS);
			/* Keys that lie apart by powers of two: the table's worst. */
			int64_t d = (int64_t)rng_below(&r, 100) - 50;
			*imap_at(&m, k << 20) += d;
			want[k] += d;
		}
		for (uint64_t k = 0; k < KEYS; k++) {
			int64_t v = 0;
			if (imap_has(&m, k << 20, &v))
				assert_true(v == want[k]);
			else
				assert_true(want[k] == 0);
		}
		assert_false(imap_has(&m, 1, NULL));
		imap_clear(&m);
	}
	*imap_at(&m, UINT64_MAX) = -1;
	*imap_at(&m, 0) = 1;
	int64_t v;
	assert_true(imap_has(&m, UINT64_MAX, &v) && v == -1);
	assert_true(imap_has(&m, 0, &v) && v == 1);
	imap_done(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_map_answers_as_a_list_would),
		cmocka_unit_test(numbers_add_up_in_an_imap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
