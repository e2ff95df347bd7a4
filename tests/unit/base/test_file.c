/* Whole files: read, limited, replaced. */
#include "base/file.h"
#include "tests.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void what_is_written_is_read_back_and_replaced(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	char folder[] = "/tmp/qinghe-file-XXXXXX";
	assert_non_null(mkdtemp(folder));
	const char *path = arena_printf(&a, "%s/x", folder);
	str got;
	assert_ok(file_write(path, STR("one\0two"), &err), &err);
	assert_ok(file_read(&a, path, 7, &got, &err), &err);
	assert_int_equal(got.n, 7);
	assert_memory_equal(got.p, "one\0two", 7);
	assert_int_equal(file_read(&a, path, 6, &got, &err), RC_LIMIT);
	assert_ok(file_write(path, (str){NULL, 0}, &err), &err);
	assert_ok(file_read(&a, path, 0, &got, &err), &err);
	assert_int_equal(got.n, 0);
	unlink(path);
	rmdir(folder); /* nothing else was left there */
	assert_int_equal(access(folder, F_OK), -1);
	arena_done(&a);
}

static void faults_are_told_apart(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	str got;
	assert_int_equal(file_read(&a, "/nonexistent", 9, &got, &err), RC_INVALID);
	assert_int_equal(file_read(&a, "/tmp", 9, &got, &err), RC_IO);
	assert_int_equal(file_write("/nonexistent/x", STR("x"), &err), RC_IO);
	assert_int_equal(file_write("/tmp", STR("x"), &err), RC_IO);
	char *longest = arena_alloc(&a, 5000);
	memset(longest, 'x', 4999);
	assert_int_equal(file_write(longest, STR("x"), &err), RC_INVALID);
	arena_done(&a);
}

static void a_hyphen_is_standard_input_and_output(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	str got;
	int in[2], keep_in = dup(STDIN_FILENO), keep_out = dup(STDOUT_FILENO);
	assert_int_equal(pipe(in), 0);
	dup2(in[0], STDIN_FILENO);
	fflush(stdout);
	dup2(in[1], STDOUT_FILENO);
	enum rc rc = file_write("-", STR("through the pipe"), &err);
	dup2(keep_out, STDOUT_FILENO);
	close(in[1]);
	assert_int_equal(rc, RC_OK);
	assert_ok(file_read(&a, "-", 100, &got, &err), &err);
	assert_true(str_is(got, "through the pipe"));
	int full = open("/dev/full", O_WRONLY);
	dup2(full, STDOUT_FILENO);
	rc = file_write("-", STR("x"), &err);
	dup2(keep_out, STDOUT_FILENO);
	assert_int_equal(rc, RC_IO);
	dup2(keep_in, STDIN_FILENO);
	close(full);
	close(in[0]);
	close(keep_in);
	close(keep_out);
	assert_int_equal(file_read(&a, "/etc/hostname/x", 9, &got, &err), RC_INVALID);
	arena_done(&a);
}

static void what_a_killed_program_left_half_written_is_swept_and_what_is_being_written_is_not(void **state)
{
	(void)state;
	struct err err = {0};
	struct arena a = {0};
	struct file_new f;
	struct stat st;
	str got;
	char folder[] = "/tmp/qinghe-sweep-XXXXXX", path[64], other[64];
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/kept", folder);
	snprintf(other, sizeof other, "%s/kept.new-x1", folder); /* no name of ours */
	assert_ok(file_write(other, STR("x"), &err), &err);
	pid_t child = fork();
	if (child == 0) {
		if (file_begin_kept(path, &f, NULL) == RC_OK && file_put(f.fd, STR("half")))
			_exit(0);
		_exit(1);
	}
	int status;
	assert_true(waitpid(child, &status, 0) == child && status == 0);
	assert_ok(file_begin_kept(path, &f, &err), &err);
	assert_true(file_put(f.fd, STR("whole")));
	assert_int_equal(file_sweep(folder, "kepu"), 0);
	assert_int_equal(file_sweep(folder, "kept"), 1);
	assert_int_equal(file_sweep(folder, ""), 0);
	assert_ok(file_end(&f, RC_OK, &err), &err);
	assert_ok(file_read(&a, path, 100, &got, &err), &err);
	assert_true(str_is(got, "whole"));
	assert_true(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
	assert_ok(file_begin_kept(path, &f, &err), &err);
	assert_int_equal(file_end(&f, RC_LIMIT, &err), RC_LIMIT); /* dropped; what stood there stands */
	assert_ok(file_read(&a, path, 100, &got, &err), &err);
	assert_true(str_is(got, "whole"));
	assert_int_equal(file_sweep("/tmp/qinghe-no-such-folder", ""), 0);
	unlink(other);
	unlink(path);
	assert_int_equal(rmdir(folder), 0);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back_and_replaced),
		cmocka_unit_test(faults_are_told_apart),
		cmocka_unit_test(
			what_a_killed_program_left_half_written_is_swept_and_what_is_being_written_is_not),
		cmocka_unit_test(a_hyphen_is_standard_input_and_output),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
