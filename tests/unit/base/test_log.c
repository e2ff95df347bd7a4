/* Lines on standard error: in order, and never waited for. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "tests.h"
#include <fcntl.h>
#include <unistd.h>

static int end[2], stderr_was;

/* Standard error becomes a pipe that nobody reads yet. */
static void into_pipe(void)
{
	assert_int_equal(pipe2(end, O_CLOEXEC), 0);
	assert_true(fcntl(end[1], F_SETPIPE_SZ, 4096) >= 4096);
	stderr_was = dup(STDERR_FILENO);
	assert_int_equal(dup2(end[1], STDERR_FILENO), STDERR_FILENO);
}

static void back(void)
{
	assert_int_equal(dup2(stderr_was, STDERR_FILENO), STDERR_FILENO);
	close(stderr_was);
	close(end[1]);
}

static bool read_more(struct buf *b)
{
	char piece[65536];
	ssize_t n = read(end[0], piece, sizeof piece);
	if (n > 0)
		buf_add(b, (str){piece, (size_t)n});
	return n > 0;
}

/* All that comes until the pipe closes, or until the text stands in it. */
static void read_until(struct buf *b, const char *text)
{
	while (str_find(buf_str(b), str_of(text)) == SIZE_MAX && read_more(b))
		;
}

static void lines_come_in_order_and_all_before_the_stop(void **state)
{
	(void)state;
	struct buf got = {0};
	into_pipe();
	assert_true(log_start());
	log_line(STR("one\n"));
	log_line(STR("two\n"));
	log_stop();
	log_line(STR("three\n")); /* without a thread */
	back();
	read_until(&got, "\t");
	close(end[0]);
	assert_string_equal(got.p, "one\ntwo\nthree\n");
	buf_done(&got);
}

/* The sum of all "log_lines_lost":N, and how many lines tell of such: a slow machine may tell in two. */
static int64_t told_lost(str text, int *out_lines)
{
	int64_t sum = 0, n;
	str key = STR("log_lines_lost\":"), rest;
	*out_lines = 0;
	for (size_t at; (at = str_find(text, key)) != SIZE_MAX; (*out_lines)++) {
		text = str_from(text, at + key.n);
		if (str_find_byte(text, '}') == SIZE_MAX)
			break; /* the rest of it is still to come */
		assert_true(str_i64(str_cut(text, '}', &rest), &n));
		sum += n;
	}
	return sum;
}

static void a_reader_that_stands_still_keeps_nobody_waiting(void **state)
{
	(void)state;
	enum { LINES = 20000, LINE_BYTES = 100, HELD = LOG_WAITING_MAX_BYTES / LINE_BYTES };
	char line[LINE_BYTES + 1];
	struct buf got = {0};
	memset(line, 'x', sizeof line);
	line[LINE_BYTES - 1] = '\n';
	line[LINE_BYTES] = 0;
	into_pipe();
	assert_true(log_start());
	int64_t lost = log_lost();
	for (int i = 0; i < LINES; i++) /* 2 MB: whoever waited would stand for ever */
		log_line(str_of(line));
	lost = log_lost() - lost;
	int tellings;
	while (told_lost(buf_str(&got), &tellings) <
		lost) /* read again: what waited comes, and how much was lost */
		assert_true(read_more(&got));
	log_stop();
	back();
	read_until(&got, "\t");
	close(end[0]);
	assert_in_range(
		lost, LINES - 2 * HELD - 100, LINES - HELD); /* one buffer waits, one is being written */
	assert_int_equal(told_lost(buf_str(&got), &tellings), lost);
	int lines = 0;
	for (size_t i = 0; i < got.n; i++)
		lines += got.p[i] == '\n';
	assert_int_equal(lines, LINES - lost + tellings);
	buf_done(&got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_in_order_and_all_before_the_stop),
		cmocka_unit_test(a_reader_that_stands_still_keeps_nobody_waiting),
	};
	return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
