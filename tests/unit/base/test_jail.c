/* Rights that a process gives up: each case in a child of its own, which tells by its exit code how far it came. */
#include "base/box.h"
#include "base/jail.h"
#include "tests.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* 0: all held; else the number of the case that did not. */
static int in_a_child(int (*fn)(void))
{
	int status;
	pid_t pid = fork();
	if (pid == 0)
		_exit(fn());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool runs(void)
{
	char *const argv[] = {(char *)(uintptr_t) "/bin/true", NULL};
	execve("/bin/true", argv, NULL);
	return errno != EPERM;
}

static void *in_a_thread(void *out)
{
	*(bool *)out = runs();
	return NULL;
}

static int still(void)
{
	struct rlimit core;
	if (!jail_still() || prctl(PR_GET_DUMPABLE) != 0)
		return 1;
	if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_max != 0)
		return 2;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 3;
}

static pthread_barrier_t barrier;
static void *waits_then_runs(void *out)
{
	pthread_barrier_wait(&barrier);
	return in_a_thread(out);
}

static int server(void)
{
	pthread_t early, late;
	bool ran[2] = {true, true};
	pthread_barrier_init(&barrier, NULL, 2);
	if (pthread_create(&early, NULL, waits_then_runs, &ran[0]) != 0 || !jail_calls_server())
		return 1;
	pthread_barrier_wait(&barrier);
	pthread_join(early, NULL);
	if (ran[0])
		return 2; /* a thread that ran already */
	if (pthread_create(&late, NULL, in_a_thread, &ran[1]) != 0)
		return 3;
	pthread_join(late, NULL);
	if (ran[1] || runs())
		return 4;
	if (ptrace(PTRACE_TRACEME, 0, 0, 0) == 0 || errno != EPERM)
		return 5;
	if (setuid(getuid()) == 0 || errno != EPERM)
		return 6;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || socket(AF_PACKET, SOCK_RAW, 0) >= 0 || errno != EPERM)
		return 7;
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED || mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0)
		return 8;
	return mprotect(p, 4096, PROT_READ) == 0 ? 0 : 9;
}

static char folder[64];

static int files(void)
{
	char inside[128];
	struct jail_path paths[] = {
		{folder, JAIL_WRITE}, {"/usr/lib", JAIL_READ}, {"/no/such/thing", JAIL_READ}};
	snprintf(inside, sizeof inside, "%s/x", folder);
	if (!jail_files(paths, 3, false))
		return 1;
	if (open(inside, O_CREAT | O_WRONLY, 0600) < 0 || unlink(inside) != 0)
		return 2;
	if (open("/etc/hostname", O_RDONLY) >= 0 || errno != EACCES)
		return 3;
	if (open("/usr/lib/x", O_CREAT | O_WRONLY, 0600) >= 0)
		return 4;
	return open("/usr/lib", O_RDONLY | O_DIRECTORY) >= 0 ? 0 : 5;
}

/* As on a kernel from before Landlock: its calls are not there. */
static int old_kernel(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 444, 0, 2),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 446, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof code / sizeof *code, code};
	struct jail_path nothing = {"/nowhere", JAIL_READ};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		return 1;
	if (jail_files_abi() != 0 || box_notice() == NULL)
		return 2;
	if (!jail_files(&nothing, 1, true) || !jail_files(NULL, 0, true))
		return 3; /* goes on with the rest */
	if (!jail_calls_parser())
		return 4;
	return open("/etc/hostname", O_RDONLY) < 0 && errno == EPERM ? 0 : 5; /* seccomp holds alone */
}

/* What is on no list is not there; a process of its own is refused, a thread is not. */
static int listed_only(void)
{
	if (!jail_calls_server())
		return 1;
	if (syscall(SYS_inotify_init1, 0) >= 0 || errno != ENOSYS)
		return 2;
	if (syscall(SYS_semget, 1, 1, 0) >= 0 || errno != ENOSYS)
		return 3;
	if (syscall(SYS_ptrace, 0, 0, 0, 0) >= 0 || errno != EPERM)
		return 4;
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	if (pid > 0 || errno != EPERM)
		return 5;
	void *x = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (x == MAP_FAILED || mprotect(x, 4096, PROT_READ | PROT_EXEC) == 0)
		return 6;
	return open("/etc/hostname", O_RDONLY) >= 0 ? 0 : 7; /* files are landlock's matter */
}

static void a_server_has_the_calls_of_its_list_and_no_others(void **state)
{
	(void)state;
	assert_int_equal(in_a_child(listed_only), 0);
}

static void a_kernel_without_landlock_is_told_and_seccomp_holds_alone(void **state)
{
	(void)state;
	assert_int_equal(in_a_child(old_kernel), 0);
}

static void a_process_that_stands_still_leaves_no_core(void **state)
{
	(void)state;
	assert_int_equal(in_a_child(still), 0);
}

static void a_server_starts_no_program_in_any_thread(void **state)
{
	(void)state;
	assert_int_equal(in_a_child(server), 0);
}

static void only_named_paths_can_be_opened(void **state)
{
	(void)state;
	if (jail_files_abi() == 0)
		skip();
	strcpy(folder, "/tmp/qinghe-jail-XXXXXX");
	assert_non_null(mkdtemp(folder));
	assert_int_equal(in_a_child(files), 0);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_that_stands_still_leaves_no_core),
		cmocka_unit_test(a_server_starts_no_program_in_any_thread),
		cmocka_unit_test(a_server_has_the_calls_of_its_list_and_no_others),
		cmocka_unit_test(only_named_paths_can_be_opened),
		cmocka_unit_test(a_kernel_without_landlock_is_told_and_seccomp_holds_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
