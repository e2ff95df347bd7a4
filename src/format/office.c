/* office.c -- see office.h. */
#include "format/office.h"
#include "base/jail.h"
#include "format/foreign.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };

/* Where soffice lies, NULL when nowhere on the PATH. */
static const char *program(struct arena *a)
{
	static const char *const names[] = {"soffice", "libreoffice"};
	str path = str_of(getenv("PATH"));
	for (str rest = path; rest.n;) {
		str folder = str_cut(rest, ':', &rest);
		if (folder.n == 0 || folder.p[0] != '/')
			continue;
		for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
			const char *p = arena_printf(a, "%.*s/%s", STR_ARG(folder), names[i]);
			if (access(p, X_OK) == 0)
				return p;
		}
	}
	return NULL;
}

bool office_present(void)
{
	struct arena a = {0};
	bool found = program(&a) != NULL;
	arena_done(&a);
	return found;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

static bool write_file(const char *path, str bytes)
{
	FILE *f = fopen(path, "wbex");
	if (f == NULL)
		return false;
	bool good = fwrite(bytes.p, 1, bytes.n, f) == bytes.n;
	return fclose(f) == 0 && good;
}

static enum rc read_file(struct arena *a, const char *path, str *out, struct err *err)
{
	FILE *f = fopen(path, "rbe");
	struct stat st;
	if (f == NULL)
		return FAIL(err, RC_INVALID, "LibreOffice could not convert the file");
	enum rc rc = RC_OK;
	if (fstat(fileno(f), &st) != 0 || st.st_size > OFFICE_FILE_MAX_BYTES) {
		rc = FAIL(err, RC_LIMIT, "the converted file is too large");
	} else {
		char *p = arena_alloc(a, (size_t)st.st_size + 1);
		*out = (str){p, fread(p, 1, (size_t)st.st_size, f)};
	}
	fclose(f);
	return rc;
}

/* Programs and their data to read, its own folder to write; sockets of this machine only, one of which LibreOffice makes
 * in /tmp whatever it is told. */
static bool shut_in(const char *folder)
{
	static const char *const system[] = {"/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc", "/opt",
		"/proc", "/sys", "/dev", "/var/lib", "/var/spool/libreoffice", "/var/cache/fontconfig"};
	enum { SYSTEM = sizeof system / sizeof *system };
	struct jail_path paths[SYSTEM + 3];
	for (size_t i = 0; i < SYSTEM; i++)
		paths[i] = (struct jail_path){system[i], JAIL_READ};
	paths[SYSTEM] = (struct jail_path){"/dev/null", JAIL_WRITE};
	paths[SYSTEM + 1] = (struct jail_path){"/tmp", JAIL_SOCKET};
	paths[SYSTEM + 2] = (struct jail_path){folder, JAIL_WRITE};
	return jail_files(paths, SYSTEM + 3, true) && jail_calls_converter();
}

/* In the child: nothing of ours stays open, nothing is written to our output. */
static NORETURN void become(const char *soffice, const char *folder, const char *input, const char *to)
{
	char profile[PATH_BYTES];
	snprintf(profile, sizeof profile, "-env:UserInstallation=file://%s/profile", folder);
	int null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0 || setpgid(0, 0) != 0 ||
		chdir(folder) != 0 || setenv("HOME", folder, 1) != 0 || setenv("TMPDIR", folder, 1) != 0)
		_exit(127);
	closefrom(3);
	struct rlimit cpu = {OFFICE_SECONDS_MAX, OFFICE_SECONDS_MAX};
	if (setrlimit(RLIMIT_CPU, &cpu) != 0 || !shut_in(folder))
		_exit(126);
	execl(soffice, soffice, profile, "--headless", "--norestore", "--nolockcheck", "--convert-to", to,
		"--outdir", folder, input, (char *)NULL);
	_exit(127);
}

static enum rc run(
	const char *soffice, const char *folder, const char *input, const char *to, struct err *err)
{
	pid_t pid = fork();
	if (pid < 0)
		return FAIL(err, RC_IO, "LibreOffice could not be started: %s", strerror(errno));
	if (pid == 0)
		become(soffice, folder, input, to);
	switch (box_wait_program(pid, OFFICE_SECONDS_MAX)) {
	case BOX_PROGRAM_WELL:
		return RC_OK;
	case BOX_PROGRAM_LATE:
		return FAIL(err, RC_LIMIT, "LibreOffice took longer than %d s", OFFICE_SECONDS_MAX);
	case BOX_PROGRAM_FAILED:
		break;
	}
	return FAIL(err, RC_INVALID, "LibreOffice could not convert the file");
}

static bool is_extension(const char *c)
{
	size_t n = strspn(c, "abcdefghijklmnopqrstuvwxyz0123456789");
	return n > 0 && n <= 8 && c[n] == 0;
}

static enum rc convert(
	struct arena *a, str bytes, const char *from, const char *to, str *out_bytes, struct err *err)
{
	const char *soffice = program(a), *temporary = getenv("TMPDIR");
	if (soffice == NULL)
		return FAIL(err, RC_NOT_FOUND, "LibreOffice is not installed here");
	char *folder = arena_printf(
		a, "%s/qinghe-office-XXXXXX", temporary && temporary[0] == '/' ? temporary : "/tmp");
	if (mkdtemp(folder) == NULL)
		return FAIL(err, RC_IO, "a temporary folder cannot be made: %s", strerror(errno));
	const char *input = arena_printf(a, "%s/file.%s", folder, from);
	enum rc rc =
		write_file(input, bytes) ? RC_OK : FAIL(err, RC_IO, "a temporary file cannot be written");
	if (rc == RC_OK)
		rc = run(soffice, folder, input, to, err);
	if (rc == RC_OK)
		rc = read_file(a, arena_printf(a, "%s/file.%s", folder, to), out_bytes, err);
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return rc;
}

enum { SAY_PIECE = BOX_OWN, PIECE_BYTES = 1 << 20 };

enum rc office_box_run(struct box *b, struct arena *a, str input, str argument, struct err *err)
{
	str to, from = str_cut(argument, ':', &to), made = {0};
	const char *from_text = arena_cstr(a, from), *to_text = arena_cstr(a, to);
	if (!is_extension(from_text) || !is_extension(to_text))
		return FAIL(err, RC_INVALID, "LibreOffice could not convert the file");
	TRY(convert(a, input, from_text, to_text, &made, err));
	for (size_t at = 0; at < made.n; at += PIECE_BYTES) {
		box_begin(b, SAY_PIECE);
		box_str(b, str_head(str_from(made, at), PIECE_BYTES));
		TRY(box_end(b, err));
	}
	return RC_OK;
}

static enum rc gather(void *user, uint8_t type, struct box_in *in, struct err *err)
{
	struct buf *made = user;
	buf_add(made, box_get_str(in));
	return in->bad || type != SAY_PIECE || !buf_ok(made)
		       ? FAIL(err, RC_LIMIT, "the converted file is too large")
		       : RC_OK;
}

enum rc office_convert(
	struct arena *a, str bytes, const char *from, const char *to, str *out_bytes, struct err *err)
{
	struct box *box;
	struct buf made;
	assert(is_extension(from) && is_extension(to) && strcmp(from, to) != 0);
	if (!office_present())
		return FAIL(err, RC_NOT_FOUND, "LibreOffice is not installed here");
	TRY(box_open_bytes(FOREIGN_OFFICE, bytes, str_of(arena_printf(a, "%s:%s", from, to)), &box, err));
	buf_init(&made, OFFICE_FILE_MAX_BYTES);
	enum rc rc = box_each(box, gather, &made, err);
	if (rc == RC_OK)
		*out_bytes = arena_str(a, buf_str(&made));
	buf_done(&made);
	return rc;
}
