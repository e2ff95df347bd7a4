/* Strangers' files in a child of their own: what it may, what it may not, and what its death means. */
#include "base/file.h"
#include "cli/alone.h"
#include "tests.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

static char folder[] = "/tmp/qinghe-alone-XXXXXX";
static struct arena arena;
static const char *mine, *other, *made;

static int set_up(void **state)
{
	(void)state;
	tr_set(LANG_EN);
	if (mkdtemp(folder) == NULL)
		return -1;
	mine = arena_printf(&arena, "%s/mine", folder);
	other = arena_printf(&arena, "%s/other", folder);
	made = arena_printf(&arena, "%s/made", folder);
	return file_write(mine, STR("mine"), NULL) == RC_OK && file_write(other, STR("other"), NULL) == RC_OK
		       ? 0
		       : -1;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(mine);
	unlink(other);
	unlink(made);
	rmdir(folder);
	arena_done(&arena);
	return 0;
}

/* The case that was not refused, or 0. */
static int tries(void)
{
	char *const argv[] = {(char *)(uintptr_t) "/bin/true", NULL};
	if (open(other, O_RDONLY) >= 0)
		return 1;
	if (open("/etc/passwd", O_RDONLY) >= 0)
		return 2;
	if (open(mine, O_RDWR) >= 0 || open(made, O_WRONLY | O_CREAT, 0600) >= 0)
		return 3;
	if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_UNIX, SOCK_STREAM, 0) >= 0)
		return 4;
	execve("/bin/true", argv, NULL);
	if (errno != EPERM)
		return 5;
	if (fork() >= 0)
		return 6;
	if (unlink(mine) == 0 || rename(mine, other) == 0 || mkdir(made, 0700) == 0)
		return 7;
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? 0
													 : 8;
}

static enum rc reads_its_own(void *arg, int out, struct err *err)
{
	str text;
	(void)arg;
	TRY(file_read(&arena, mine, 100, &text, err));
	int got = tries();
	if (got)
		return FAIL(err, RC_CONFLICT, "case %d", got);
	return file_put(out, text) ? RC_FOUND : RC_IO;
}

static enum rc writes(void *arg, int out, struct err *err)
{
	(void)err;
	return file_put(out, *(str *)arg) ? RC_OK : RC_IO;
}

static enum rc refuses(void *arg, int out, struct err *err)
{
	(void)arg;
	return file_put(out, STR("half")) ? FAIL(err, RC_LIMIT, "row %d is too long", 7) : RC_IO;
}

static enum rc dies(void *arg, int out, struct err *err)
{
	(void)arg;
	(void)err;
	if (!file_put(out, STR("half")))
		return RC_IO;
	__builtin_trap();
}

static void the_child_reads_what_was_named_and_can_do_nothing_else(void **state)
{
	struct err err = {0};
	const char *const reads[] = {mine, NULL};
	(void)state;
	int null = open("/dev/null", O_WRONLY), was = dup(STDOUT_FILENO);
	dup2(null, STDOUT_FILENO);
	enum rc rc = alone(reads, NULL, reads_its_own, NULL, &err);
	dup2(was, STDOUT_FILENO);
	close(was);
	close(null);
	assert_string_equal(err.text, "");
	assert_int_equal(rc, RC_FOUND);
	assert_int_equal(access(mine, F_OK), 0);
}

static void a_new_file_stands_when_all_went_well_and_only_then(void **state)
{
	struct err err = {0};
	const char *const reads[] = {mine, NULL};
	str text = STR("whole"), got;
	(void)state;
	assert_int_equal(alone(reads, made, writes, &text, &err), RC_OK);
	assert_int_equal(file_read(&arena, made, 100, &got, &err), RC_OK);
	assert_string_equal(got.p, "whole");
	assert_int_equal(alone(reads, made, refuses, NULL, &err), RC_LIMIT);
	assert_string_equal(err.text, "row 7 is too long");
	err = (struct err){0};
	signal(SIGILL, SIG_DFL); /* cmocka would catch it in the child */
	signal(SIGTRAP, SIG_DFL);
	assert_int_equal(alone(reads, made, dies, NULL, &err), RC_INVALID);
	assert_non_null(strstr(err.text, "made to do harm"));
	assert_int_equal(file_read(&arena, made, 100, &got, &err), RC_OK);
	assert_string_equal(got.p, "whole");
	const char *beside = arena_printf(&arena, "%s.new-%ld", made, (long)getpid());
	assert_int_equal(access(beside, F_OK), -1);
}

static void what_the_child_says_comes_back_whatever_its_code_was(void **state)
{
	struct err err = {0};
	const char *const reads[] = {mine, NULL};
	str text = STR("whole"), got;
	(void)state;
	assert_int_equal(alone_told(&arena, reads, writes, &text, 5, &got, &err), RC_OK);
	assert_true(str_is(got, "whole"));
	assert_int_equal(alone_told(&arena, reads, writes, &text, 4, &got, &err), RC_LIMIT);
	assert_int_equal(got.n, 0);
	assert_int_equal(alone_told(&arena, reads, reads_its_own, NULL, 9, &got, &err), RC_FOUND);
	signal(SIGILL, SIG_DFL); /* cmocka would catch it in the child */
	signal(SIGTRAP, SIG_DFL);
	assert_int_equal(alone_told(&arena, reads, dies, NULL, 9, &got, &err), RC_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_child_reads_what_was_named_and_can_do_nothing_else),
		cmocka_unit_test(a_new_file_stands_when_all_went_well_and_only_then),
		cmocka_unit_test(what_the_child_says_comes_back_whatever_its_code_was),
	};
	return cmocka_run_group_tests_name("cli/alone", tests, set_up, tear_down);
}
