/* The box: what a child may not, what becomes of one that dies, and what a parent makes of nonsense. */
#include "base/box.h"
#include "base/jail.h"
#include "tests.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { TRY_DOORS, CRASH, SPIN, EAT, LIE, ECHO, SECRETS, WORKS };

/* Each forbidden thing, and whether it was refused by EPERM. */
static enum rc try_doors(struct box *b, struct arena *a, str input, str argument, struct err *err)
{
	(void)a, (void)input, (void)argument;
	char *const argv[] = {(char *)(uintptr_t) "/bin/true", NULL};
	struct {
		const char *name;
		bool refused;
	} doors[] = {
		{"open", open("/etc/passwd", O_RDONLY) < 0 && errno == EPERM},
		{"make", open("/tmp/qinghe-never", O_CREAT | O_WRONLY, 0600) < 0 && errno == EPERM},
		{"socket", socket(AF_INET, SOCK_STREAM, 0) < 0 && errno == EPERM},
		{"unix socket", socket(AF_UNIX, SOCK_STREAM, 0) < 0 && errno == EPERM},
		{"run", execve("/bin/true", argv, NULL) < 0 && errno == EPERM},
		{"fork", fork() < 0},
		{"kill", kill(getppid(), 0) < 0 && errno == EPERM},
		{"code", mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
				 MAP_FAILED},
		{"remove", unlink("/tmp/qinghe-never") < 0 && errno == EPERM},
	};
	for (size_t i = 0; i < sizeof doors / sizeof *doors; i++) {
		box_begin(b, BOX_OWN);
		box_str(b, str_of(doors[i].name));
		box_u8(b, doors[i].refused);
		TRY(box_end(b, err));
	}
	return RC_OK;
}

static enum rc crash(struct box *b, struct arena *a, str input, str argument, struct err *err)
{
	(void)b, (void)a, (void)input, (void)argument, (void)err;
	abort();
}

static enum rc spin(struct box *b, struct arena *a, str input, str argument, struct err *err)
{
	(void)b, (void)a, (void)input, (void)argument, (void)err;
	for (volatile uint64_t i = 0; i != UINT64_MAX; i++)
		;
	return RC_OK;
}

static enum rc eat(struct box *b, struct arena *a, str input, str argument, struct err *err)
{
	(void)b, (void)input, (void)argument, (void)err;
	for (int i = 0; i < 64; i++)
		memset(arena_alloc(a, 16 << 20), 1, 16 << 20);
	return RC_OK;
}

static enum rc lie(struct box *b, struct arena *a, str input, str argument, struct err *err)
{
	(void)a, (void)input;
	if (str_is(argument, "code")) { /* an impossible code with bytes that are no text */
		box_begin(b, BOX_DONE);
		box_u32(b, 4711);
		box_str(b, STR("\xff\xfe"));
		return box_end(b, err);
	}
	ssize_t n = write(4, "\xff\xff\xff\x7f\x10", 5); /* a frame of 2 GB */
	return n == 5 ? RC_OK : RC_IO;
}

static enum rc echo(struct box *b, struct arena *a, str input, str argument, struct err *err)
{
	(void)a;
	box_begin(b, BOX_OWN + 1);
	box_str(b, input);
	box_str(b, argument);
	box_i64(b, -5);
	box_f64(b, 0.5);
	TRY(box_end(b, err));
	return FAIL(err, RC_CONFLICT, "two\nlines");
}

static char secret[64];

static enum rc secrets(struct box *b, struct arena *a, str input, str argument, struct err *err)
{
	(void)a, (void)input, (void)argument;
	box_begin(b, BOX_OWN);
	box_u8(b, secret[0] != 0);
	return box_end(b, err);
}

static const struct box_work works[WORKS] = {
	[TRY_DOORS] = {"doors", NULL, try_doors, 512 << 20, 5, false},
	[CRASH] = {"crash", NULL, crash, 512 << 20, 5, false},
	[SPIN] = {"spin", NULL, spin, 512 << 20, 1, false},
	[EAT] = {"eat", NULL, eat, 256 << 20, 5, false},
	[LIE] = {"lie", NULL, lie, 512 << 20, 5, false},
	[ECHO] = {"echo", NULL, echo, 512 << 20, 5, false},
	[SECRETS] = {"secrets", NULL, secrets, 512 << 20, 5, false},
};

static void every_door_is_closed(void **state)
{
	(void)state;
	struct err err = {0};
	struct box *b;
	struct box_in in;
	uint8_t type;
	int n = 0;
	assert_ok(box_open_bytes(TRY_DOORS, STR("x"), (str){0}, &b, &err), &err);
	for (;; n++) {
		assert_ok(box_next(b, &type, &in, &err), &err);
		if (type == BOX_DONE)
			break;
		str name = box_get_str(&in);
		if (box_get_u8(&in) != 1)
			fail_msg("the door “%.*s” stood open", STR_ARG(name));
	}
	assert_int_equal(n, 9);
	box_close(b);
}

static void ends_as(int work, str argument, enum rc wanted)
{
	struct err err = {0};
	struct box *b;
	struct box_in in;
	uint8_t type;
	assert_ok(box_open_bytes(work, STR("x"), argument, &b, &err), &err);
	enum rc rc = box_next(b, &type, &in, &err);
	assert_int_equal(rc, wanted);
	assert_true(err.text[0] != 0);
	box_close(b);
}

static void a_child_that_dies_is_a_file_that_cannot_be_read(void **state)
{
	(void)state;
	ends_as(CRASH, (str){0}, RC_INVALID);
	ends_as(SPIN, (str){0}, RC_INVALID); /* after one second of processor time */
#if !defined(__SANITIZE_ADDRESS__)
	ends_as(EAT, (str){0}, RC_INVALID);
#endif
}

static void nonsense_from_a_child_is_refused(void **state)
{
	(void)state;
	ends_as(LIE, STR("code"), RC_INVALID);
	ends_as(LIE, STR("length"), RC_INVALID);
}

static void values_cross_and_words_of_the_child_come_in_one_line(void **state)
{
	(void)state;
	struct err err = {0};
	struct box *b;
	struct box_in in;
	uint8_t type;
	assert_ok(box_open_bytes(ECHO, STR("青禾"), STR("arg"), &b, &err), &err);
	assert_ok(box_next(b, &type, &in, &err), &err);
	assert_int_equal(type, BOX_OWN + 1);
	assert_true(str_is(box_get_str(&in), "青禾"));
	assert_true(str_is(box_get_str(&in), "arg"));
	assert_int_equal(box_get_i64(&in), -5);
	assert_true(box_get_f64(&in) == 0.5);
	assert_false(in.bad);
	assert_int_equal(box_get_u32(&in), 0); /* past the end */
	assert_true(in.bad);
	assert_int_equal(box_next(b, &type, &in, &err), RC_CONFLICT);
	assert_string_equal(err.text, "two lines");
	box_close(b);
}

static void children_know_nothing_that_came_after_the_start(void **state)
{
	(void)state;
	struct err err = {0};
	struct box *b;
	struct box_in in;
	uint8_t type;
	strcpy(secret, "a key that was loaded later");
	assert_ok(box_open_bytes(SECRETS, STR("x"), (str){0}, &b, &err), &err);
	assert_ok(box_next(b, &type, &in, &err), &err);
	assert_int_equal(box_get_u8(&in), 0);
	box_close(b);
}

static void closing_early_ends_the_child_and_the_next_one_works(void **state)
{
	(void)state;
	struct err err = {0};
	struct box *b;
	for (int i = 0; i < 50; i++) {
		assert_ok(box_open_bytes(i % 2 ? ECHO : TRY_DOORS, STR("x"), (str){0}, &b, &err), &err);
		box_close(b);
	}
	ends_as(CRASH, (str){0}, RC_INVALID);
}

static void what_is_no_file_or_too_large_is_refused_before_a_child_starts(void **state)
{
	(void)state;
	struct err err = {0};
	struct box *b;
	assert_int_equal(box_open_file(ECHO, "/tmp", 1 << 20, (str){0}, &b, &err), RC_INVALID);
	assert_int_equal(box_open_file(ECHO, "/nowhere/x", 1 << 20, (str){0}, &b, &err), RC_NOT_FOUND);
	assert_int_equal(box_open_file(ECHO, "src/base/box.c", 100, (str){0}, &b, &err), RC_LIMIT);
	assert_int_equal(box_open_file(ECHO, "/dev/zero", 1 << 20, (str){0}, &b, &err), RC_INVALID);
}

static pid_t child_that(int exits)
{
	pid_t pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		if (exits >= 0)
			_exit(exits);
		if (fork() >= 0) /* and one of its own */
			for (;;)
				pause();
	}
	setpgid(pid, pid);
	return pid;
}

static void a_program_is_waited_for_so_long_and_no_longer_with_all_that_it_started(void **state)
{
	(void)state;
	assert_int_equal(box_wait_program(child_that(0), 60), BOX_PROGRAM_WELL);
	assert_int_equal(box_wait_program(child_that(3), 60), BOX_PROGRAM_FAILED);
	pid_t pid = child_that(-1);
	assert_int_equal(box_wait_program(pid, 0), BOX_PROGRAM_LATE);
	for (int i = 0; i < 2000 && kill(-pid, 0) == 0;
		i++) /* who is nobody's child is buried by the system */
		usleep(1000);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_door_is_closed),
		cmocka_unit_test(a_child_that_dies_is_a_file_that_cannot_be_read),
		cmocka_unit_test(nonsense_from_a_child_is_refused),
		cmocka_unit_test(values_cross_and_words_of_the_child_come_in_one_line),
		cmocka_unit_test(children_know_nothing_that_came_after_the_start),
		cmocka_unit_test(closing_early_ends_the_child_and_the_next_one_works),
		cmocka_unit_test(a_program_is_waited_for_so_long_and_no_longer_with_all_that_it_started),
		cmocka_unit_test(what_is_no_file_or_too_large_is_refused_before_a_child_starts),
	};
	if (box_start(works, WORKS, NULL) != RC_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
