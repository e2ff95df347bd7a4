/* alone.c -- see alone.h. The child tells its code and words through a pipe, as one struct err. */
#include "cli/alone.h"
#include "base/file.h"
#include "base/jail.h"
#include "format/charset.h"
#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the system keeps in files is loaded before the doors close. */
static bool close_doors(const char *const *reads)
{
	struct jail_path paths[ALONE_FILES_MAX];
	size_t n = 0, memory = ALONE_MEMORY_BYTES;
	for (size_t i = 0; reads[i]; i++)
		if (strcmp(reads[i], "-") != 0) {
			assert(n < ALONE_FILES_MAX);
			paths[n++] = (struct jail_path){reads[i], JAIL_READ};
		}
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	memory = 0; /* its shadow is terabytes of address space */
#endif
	charset_prepare();
	return sodium_init() >= 0 && jail_still() &&
	       jail_limits(memory, ALONE_CPU_S, (size_t)4 << 30, true) && jail_files(paths, n, true) &&
	       jail_calls_reader();
}

static NORETURN void live(const char *const *reads, enum rc (*fn)(void *arg, int out, struct err *err),
	void *arg, int out, int tell)
{
	struct err err = {0};
	enum rc rc =
		close_doors(reads)
			? fn(arg, out, &err)
			: FAIL(&err, RC_IO, "the sandbox for files from outside could not be started: %s",
				  strerror(errno));
	if (fflush(stdout) != 0 && rc == RC_OK)
		rc = FAIL(&err, RC_IO, "the output could not be written");
	err.rc = rc;
	bool told = file_put(tell, (str){(const char *)&err, sizeof err});
	_exit(told ? 0 : 1);
}

/* All of the child's last words, or false. */
static bool heard(int from, struct err *out)
{
	size_t n = 0;
	ssize_t got;
	while (n < sizeof *out &&
		((got = read(from, (char *)out + n, sizeof *out - n)) > 0 || (got < 0 && errno == EINTR)))
		n += got > 0 ? (size_t)got : 0;
	out->text[ERR_TEXT_BYTES - 1] = 0;
	out->func = __func__; /* an address from there means nothing here */
	return n == sizeof *out && out->rc >= RC_OK && out->rc <= RC_UNKNOWN;
}

static enum rc in_child(const char *const *reads, enum rc (*fn)(void *arg, int out, struct err *err),
	void *arg, int out, struct err *err)
{
	int words[2];
	if (pipe(words) != 0)
		return FAIL(err, RC_IO, "the sandbox for files from outside could not be started: %s",
			strerror(errno));
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		close(words[0]);
		live(reads, fn, arg, out, words[1]);
	}
	close(words[1]);
	struct err told = {0};
	bool good = pid > 0 && heard(words[0], &told);
	close(words[0]);
	int status = 0;
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid < 0)
		return FAIL(err, RC_IO, "the sandbox for files from outside could not be started: %s",
			strerror(errno));
	if (!good || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return FAIL(err, RC_INVALID,
			"the process that read the file has ended: it is damaged, or made to do harm");
	if (err && told.rc != RC_OK)
		*err = told;
	return told.rc;
}

enum rc alone(const char *const *reads, const char *to, enum rc (*fn)(void *arg, int out, struct err *err),
	void *arg, struct err *err)
{
	struct file_new f;
	TRY(file_begin(to ? to : "-", &f, err));
	return file_end(&f, in_child(reads, fn, arg, f.fd, err), err);
}

enum rc alone_told(struct arena *a, const char *const *reads,
	enum rc (*fn)(void *arg, int out, struct err *err), void *arg, size_t max_bytes, str *out,
	struct err *err)
{
	int fd = memfd_create("qinghe-told", MFD_CLOEXEC);
	if (fd < 0)
		return FAIL(err, RC_IO, "the sandbox for files from outside could not be started: %s",
			strerror(errno));
	enum rc rc = in_child(reads, fn, arg, fd, err);
	off_t n = lseek(fd, 0, SEEK_END);
	char *bytes = NULL;
	if (n < 0 || (size_t)n > max_bytes)
		rc = FAIL(err, RC_LIMIT, "the file says more than %zu bytes", max_bytes);
	else if (n > 0 && pread(fd, bytes = arena_alloc(a, (size_t)n), (size_t)n, 0) != n)
		rc = FAIL(err, RC_IO, "the sandbox for files from outside could not be started: %s",
			strerror(errno));
	close(fd);
	*out = bytes && rc != RC_LIMIT && rc != RC_IO ? (str){bytes, (size_t)n} : (str){NULL, 0};
	return rc;
}
