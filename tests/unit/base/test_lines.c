/* Lines from files: ends, long lines, faults. */
#include "base/lines.h"
#include "tests.h"

static const char *file_of(struct arena *a, str bytes)
{
	char *path = arena_printf(a, "/tmp/qinghe-lines-XXXXXX");
	int fd = mkstemp(path);
	assert_true(fd >= 0 && write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n);
	close(fd);
	return path;
}

static void lines_end_at_lf_crlf_or_the_end(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	const char *path = file_of(&a, STR("one\r\n\n  two \nlast"));
	static const char *const want[] = {"one", "", "  two ", "last"};
	struct lines in;
	str line;
	assert_ok(lines_open(&in, path, &err), &err);
	for (size_t i = 0; i < 4; i++) {
		assert_ok(lines_next(&in, &line, &err), &err);
		assert_true(str_is(line, want[i]));
		assert_int_equal(in.number, i + 1);
	}
	assert_int_equal(lines_next(&in, &line, &err), RC_NOT_FOUND);
	lines_close(&in);
	unlink(path);
	path = file_of(&a, STR(""));
	assert_ok(lines_open(&in, path, &err), &err);
	assert_int_equal(lines_next(&in, &line, &err), RC_NOT_FOUND);
	lines_close(&in);
	unlink(path);
	arena_done(&a);
}

static void long_lines_pass_and_too_long_ones_do_not(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	size_t n = LINES_MAX_BYTES + 100;
	char *big = arena_alloc(&a, n);
	memset(big, 'x', n);
	big[1000000] = '\n';
	const char *path = file_of(&a, (str){big, n});
	struct lines in;
	str line;
	assert_ok(lines_open(&in, path, &err), &err);
	assert_ok(lines_next(&in, &line, &err), &err);
	assert_int_equal(line.n, 1000000);
	assert_ok(lines_next(&in, &line, &err), &err);
	assert_int_equal(line.n, n - 1000001);
	lines_close(&in);
	unlink(path);
	big[1000000] = 'x';
	path = file_of(&a, (str){big, n});
	assert_ok(lines_open(&in, path, &err), &err);
	assert_int_equal(lines_next(&in, &line, &err), RC_LIMIT);
	lines_close(&in);
	unlink(path);
	arena_done(&a);
}

static void what_cannot_be_read_is_told(void **state)
{
	(void)state;
	struct err err = {0};
	struct lines in;
	str line;
	assert_int_equal(lines_open(&in, "/nonexistent/file", &err), RC_INVALID);
	assert_int_equal(lines_open(&in, "/proc/self/mem/x", &err), RC_IO);
	assert_ok(lines_open(&in, "/tmp", &err), &err);
	assert_int_equal(lines_next(&in, &line, &err), RC_IO);
	lines_close(&in);
	assert_ok(lines_open(&in, "-", &err), &err);
	lines_close(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_end_at_lf_crlf_or_the_end),
		cmocka_unit_test(long_lines_pass_and_too_long_ones_do_not),
		cmocka_unit_test(what_cannot_be_read_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
