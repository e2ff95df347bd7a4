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

/* All that comes until the pipe closes, or until the text stands in it. */
static void read_until(struct buf *b, const char *text)
{
	char piece[65536];
	for (ssize_t n; str_find(buf_str(b), str_of(text)) == SIZE_MAX &&
			(n = read(end[0], piece, sizeof piece)) > 0;)
		buf_add(b, (str){piece, (size_t)n});
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
	read_until(&got, "log_lines_lost\":"); /* read again: what waited comes, and how much was lost */
	read_until(&got, "}\n");
	log_stop();
	back();
	read_until(&got, "\t");
	close(end[0]);
	assert_in_range(
		lost, LINES - 2 * HELD - 100, LINES - HELD); /* one buffer waits, one is being written */
	size_t at = str_find(buf_str(&got), STR("lost\":"));
	assert_true(at != SIZE_MAX);
	int64_t told;
	str rest, number = str_cut(str_from(buf_str(&got), at + 6), '}', &rest);
	assert_true(str_i64(number, &told));
	assert_int_equal(told, lost);
	int lines = 0;
	for (size_t i = 0; i < got.n; i++)
		lines += got.p[i] == '\n';
	assert_int_equal(lines, LINES - lost + 1);
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
