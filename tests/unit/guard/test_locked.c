/* Memory for keys: not in a child, not in a dump, wiped when it is let go. */
#include "guard/locked.h"
#include "tests.h"
#include <signal.h>
#include <sys/wait.h>

/* A line of /proc/self/smaps for the mapping that holds p. */
static bool flagged(const void *p, const char *flag)
{
	char line[512];
	unsigned long from, to;
	bool in = false, found = false;
	FILE *f = fopen("/proc/self/smaps", "r");
	assert_non_null(f);
	while (fgets(line, sizeof line, f)) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			in = (unsigned long)p >= from && (unsigned long)p < to;
		else if (in && strncmp(line, "VmFlags:", 8) == 0)
			found = strstr(line, flag) != NULL;
	}
	fclose(f);
	return found;
}

static void pages_are_locked_and_left_out_of_dumps_and_children(void **state)
{
	(void)state;
	char *p = locked_new(5000);
	assert_non_null(p);
	memset(p, 'k', 5000);
	assert_true(flagged(p, " lo")); /* locked */
	assert_true(flagged(p, " dd")); /* not dumped */
	assert_true(flagged(p, " dc")); /* not copied by fork */
	pid_t child = fork();
	if (child == 0) {
		signal(SIGSEGV, SIG_DFL);
		volatile char c = p[0]; /* not there: a fault */
		_exit(c == 'k' ? 1 : 0);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	locked_free(p, 5000);
	locked_free(NULL, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_are_locked_and_left_out_of_dumps_and_children),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
