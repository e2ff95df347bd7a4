/* Memory with one lifetime, and growing runs of bytes. */
#include "base/buf.h"
#include "base/rand.h"
#include "tests.h"

static void what_is_allocated_is_zeroed_aligned_and_apart(void **state)
{
	(void)state;
	struct arena a = {0};
	struct rng r;
	unsigned char *p[500];
	size_t n[500];
	rng_init(&r, 1);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 500; i++) {
			n[i] = (size_t)rng_below(&r, i % 50 == 0 ? 200000 : 300);
			p[i] = arena_alloc(&a, n[i]);
			assert_int_equal((uintptr_t)p[i] % 16, 0);
			for (size_t k = 0; k < n[i]; k++)
				assert_int_equal(p[i][k], 0);
			memset(p[i], i & 0xff, n[i]);
		}
		for (int i = 0; i < 500; i++)
			for (size_t k = 0; k < n[i]; k++)
				assert_int_equal(p[i][k], i & 0xff);
		arena_reset(&a); /* what is given again after it is zero again */
	}
	arena_done(&a);
	assert_null(a.block);
	arena_done(&a); /* twice is allowed */
}

static void a_list_grows_one_by_one_and_keeps_what_it_has(void **state)
{
	(void)state;
	struct arena a = {0};
	int *list = NULL;
	size_t n = 0, cap = 0;
	for (int i = 0; i < 10000; i++) {
		list = arena_grow(&a, list, n, &cap, sizeof *list);
		assert_true(cap > n);
		list[n++] = i * 3;
	}
	for (size_t i = 0; i < n; i++)
		assert_int_equal(list[i], 3 * (int)i);
	assert_true(a.used_bytes < 64 * 10000);
	arena_done(&a);
}

static void copies_end_in_nul_and_are_their_own(void **state)
{
	(void)state;
	struct arena a = {0};
	char text[] = "abc\0def";
	str copy = arena_str(&a, (str){text, 7});
	char *c = arena_cstr(&a, (str){text, 2});
	text[0] = 'X';
	assert_int_equal(copy.n, 7);
	assert_memory_equal(copy.p, "abc\0def", 8);
	assert_string_equal(c, "ab");
	assert_int_equal(arena_str(&a, (str){0}).n, 0);
	assert_string_equal(arena_printf(&a, "%d %s", 12, "x"), "12 x");
	char want[5001];
	memset(want, 'z', 5000);
	want[5000] = 0;
	str longer = arena_fmt(&a, "%s", want); /* longer than any buffer inside */
	assert_int_equal(longer.n, 5000);
	assert_string_equal(longer.p, want);
	arena_done(&a);
}

static void a_buffer_holds_what_was_put_into_it(void **state)
{
	(void)state;
	struct buf b = {0};
	struct rng r;
	char want[40000];
	size_t n = 0;
	rng_init(&r, 2);
	while (n < sizeof want - 64) {
		switch (rng_below(&r, 4)) {
		case 0:
			buf_putc(&b, 'c');
			want[n++] = 'c';
			break;
		case 1:
			buf_add(&b, STR("slice"));
			memcpy(want + n, "slice", 5);
			n += 5;
			break;
		case 2: {
			int64_t v = (int64_t)rng_next(&r);
			buf_i64(&b, v);
			n += (size_t)snprintf(want + n, 32, "%lld", (long long)v);
			break;
		}
		default:
			buf_printf(&b, "%s-%d", "p", 7);
			memcpy(want + n, "p-7", 3);
			n += 3;
		}
		assert_int_equal(b.n, n);
		assert_int_equal(b.p[b.n], 0);
	}
	assert_memory_equal(b.p, want, n);
	assert_true(buf_ok(&b));
	buf_clear(&b);
	buf_i64(&b, INT64_MIN);
	buf_u64(&b, UINT64_MAX);
	assert_true(str_is(buf_str(&b), "-922337203685477580818446744073709551615"));
	buf_done(&b);
	assert_null(b.p);
}

static void past_its_maximum_a_buffer_takes_nothing_and_says_so(void **state)
{
	(void)state;
	for (size_t max = 1; max < 40; max++) {
		struct buf b;
		buf_init(&b, max);
		for (int i = 0; i < 30; i++)
			buf_add(&b, STR("ab"));
		assert_true(b.n <= max);
		assert_false(buf_ok(&b));
		size_t n = b.n;
		buf_putc(&b, 'x'); /* `over` stays: no hole in the middle */
		buf_printf(&b, "%d", 1);
		assert_int_equal(b.n, n);
		buf_done(&b);
	}
}

static bool zeros(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

static void what_is_given_back_for_reuse_is_zeros(void **state)
{
	(void)state;
	struct arena a = {0};
	struct buf b = {0};
	char *first = arena_cstr(&a, STR("欧阳晓梅")), *second = arena_alloc(&a, 100);
	memset(second, 'x', 100);
	arena_reset(&a); /* the block is still the arena's: it may be looked at */
	assert_true(zeros(first, 13) && zeros(second, 100));
	arena_done(&a);
	buf_puts(&b, "欧阳晓梅");
	buf_clear(&b);
	assert_true(zeros(b.p, 12));
	buf_done(&b);
}

static void a_piece_that_is_resized_keeps_what_fits(void **state)
{
	(void)state;
	char *p = mem_resize(NULL, 4);
	memcpy(p, "abcd", 4);
	p = mem_resize(p, 100000);
	assert_memory_equal(p, "abcd", 4);
	assert_int_equal((uintptr_t)p % 16, 0);
	p = mem_resize(p, 2);
	assert_memory_equal(p, "ab", 2);
	assert_null(mem_resize(p, 0));
	assert_null(mem_resize(NULL, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_allocated_is_zeroed_aligned_and_apart),
		cmocka_unit_test(a_list_grows_one_by_one_and_keeps_what_it_has),
		cmocka_unit_test(copies_end_in_nul_and_are_their_own),
		cmocka_unit_test(a_buffer_holds_what_was_put_into_it),
		cmocka_unit_test(what_is_given_back_for_reuse_is_zeros),
		cmocka_unit_test(a_piece_that_is_resized_keeps_what_fits),
		cmocka_unit_test(past_its_maximum_a_buffer_takes_nothing_and_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
