/* A growing run of bytes: what it holds, where it ends, what happens past its most. */
#include "base/buf.h"
#include "tests.h"

static void what_is_added_stands_in_order_and_ends_in_a_nul(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 0);
	buf_add(&b, STR("ab"));
	buf_puts(&b, "c");
	buf_putc(&b, '-');
	buf_i64(&b, INT64_MIN);
	buf_putc(&b, ' ');
	buf_u64(&b, UINT64_MAX);
	buf_printf(&b, " %d%%", 7);
	assert_string_equal(b.p, "abc--9223372036854775808 18446744073709551615 7%");
	assert_int_equal(b.n, strlen(b.p));
	assert_true(buf_ok(&b));
	buf_clear(&b);
	assert_int_equal(b.n, 0);
	buf_puts(&b, "again");
	assert_true(str_is(buf_str(&b), "again"));
	buf_done(&b);
}

static void a_long_print_is_whole(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 0);
	char text[5000];
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = 0;
	buf_printf(&b, "%s!", text);
	assert_int_equal(b.n, sizeof text);
	assert_int_equal(b.p[b.n - 1], '!');
	assert_int_equal(b.p[b.n], 0);
	buf_done(&b);
}

static void past_its_most_nothing_is_added_and_it_stays_told(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 8);
	buf_puts(&b, "12345678");
	assert_true(buf_ok(&b));
	buf_putc(&b, '9');
	assert_false(buf_ok(&b));
	assert_true(b.n <= 8);
	buf_printf(&b, "%s", "more");
	assert_false(buf_ok(&b));
	assert_true(b.n <= 8);
	buf_done(&b);
	buf_done(NULL);
	struct buf none = {0};
	buf_done(&none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_added_stands_in_order_and_ends_in_a_nul),
		cmocka_unit_test(a_long_print_is_whole),
		cmocka_unit_test(past_its_most_nothing_is_added_and_it_stays_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
