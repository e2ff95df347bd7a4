/* paper.c -- see paper.h. */
#include "format/paper.h"
#include "base/jail.h"
#include "format/foreign.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, SAY_PIECE = BOX_OWN, PIECE_BYTES = 1 << 20 };

/* ---- what stands on the paper ---- */

void paper_init(struct paper *d, enum paper_layout layout, str title, str note)
{
	static const char *const names[] = {"gov", "plain", "across"};
	buf_init(&d->b, PAPER_MAX_BYTES);
	json_init(&d->j, &d->b);
	json_object(&d->j);
	json_put_cstr(&d->j, "layout", names[layout]);
	json_put_str(&d->j, "title", title);
	json_put_str(&d->j, "note", note);
	json_key(&d->j, "blocks");
	json_array(&d->j);
}

void paper_done(struct paper *d)
{
	buf_done(&d->b);
}

struct json *paper_block(struct paper *d, const char *key)
{
	json_object(&d->j);
	json_key(&d->j, key);
	return &d->j;
}

void paper_end(struct paper *d)
{
	json_object_end(&d->j);
}

void paper_text(struct paper *d, const char *style, str text)
{
	json_str(paper_block(d, "text"), text);
	json_put_cstr(&d->j, "style", style);
	paper_end(d);
}

void paper_strings(struct paper *d, const str *list, size_t n)
{
	json_array(&d->j);
	for (size_t i = 0; i < n; i++)
		json_str(&d->j, list[i]);
	json_array_end(&d->j);
}

void paper_sides(struct paper *d, const char *style, str left, str right)
{
	paper_block(d, "sides");
	paper_strings(d, (const str[]){left, right}, 2);
	json_put_cstr(&d->j, "style", style);
	paper_end(d);
}

void paper_rule(struct paper *d, const char *kind)
{
	json_cstr(paper_block(d, "rule"), kind);
	paper_end(d);
}

void paper_blank(struct paper *d, int lines)
{
	json_i64(paper_block(d, "blank"), lines);
	paper_end(d);
}

void paper_qr(struct paper *d, str address, const str *lines, size_t n)
{
	json_str(paper_block(d, "qr"), address);
	json_key(&d->j, "lines");
	paper_strings(d, lines, n);
	paper_end(d);
}

/* ---- the printer ---- */

/* Beside this program, else on the PATH; false: nowhere. */
static bool program(char out[PATH_BYTES])
{
	char self[PATH_BYTES];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	char *slash = n > 0 ? memrchr(self, '/', (size_t)n) : NULL;
	if (slash) {
		snprintf(out, PATH_BYTES, "%.*s/qinghe-print", (int)(slash - self), self);
		if (access(out, X_OK) == 0)
			return true;
	}
	for (str rest = str_of(getenv("PATH")); rest.n;) {
		str folder = str_cut(rest, ':', &rest);
		if (folder.n == 0 || folder.p[0] != '/' || folder.n > PATH_BYTES / 2)
			continue;
		snprintf(out, PATH_BYTES, "%.*s/qinghe-print", STR_ARG(folder));
		if (access(out, X_OK) == 0)
			return true;
	}
	return false;
}

bool paper_printer(void)
{
	char path[PATH_BYTES];
	return program(path);
}

/* Programs, libraries and fonts to read; its own folder, where it was built beside its fonts; nothing to write. */
static bool shut_in(const char *printer)
{
	char folder[PATH_BYTES];
	snprintf(folder, sizeof folder, "%s", printer);
	char *slash = strrchr(folder, '/');
	if (slash)
		*slash = 0;
	const struct jail_path paths[] = {{"/usr", JAIL_READ}, {"/lib", JAIL_READ}, {"/lib64", JAIL_READ},
		{"/etc", JAIL_READ}, {"/var/cache/fontconfig", JAIL_READ}, {"/dev/null", JAIL_WRITE},
		{folder, JAIL_READ}};
	return jail_files(paths, sizeof paths / sizeof *paths, true) && jail_calls_converter();
}

/* In the child: what to print is its input, the PDF its output, and nothing else is open. */
static NORETURN void become(const char *printer, int in, int out)
{
	int null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(null, 2) < 0 || setpgid(0, 0) != 0 ||
		chdir("/") != 0)
		_exit(127);
	closefrom(3);
	struct rlimit cpu = {PAPER_SECONDS_MAX, PAPER_SECONDS_MAX},
		      size = {PAPER_PDF_MAX_BYTES, PAPER_PDF_MAX_BYTES};
	if (setrlimit(RLIMIT_CPU, &cpu) != 0 || setrlimit(RLIMIT_FSIZE, &size) != 0 || !shut_in(printer))
		_exit(126);
	char home[] = "HOME=/nowhere", locale[] = "LC_ALL=C.UTF-8";
	char *const environment[] = {home, locale, NULL};
	execle(printer, "qinghe-print", (char *)NULL, environment);
	_exit(127);
}

static enum rc print(str input, int in, int out, struct err *err)
{
	char printer[PATH_BYTES];
	if (!program(printer))
		return FAIL(err, RC_NOT_FOUND, "qinghe-print is not installed here");
	if (in < 0 || out < 0)
		return FAIL(err, RC_IO, "no memory for a file: %s", strerror(errno));
	for (str rest = input; rest.n;) {
		ssize_t n = write(in, rest.p, rest.n);
		if (n <= 0)
			return FAIL(err, RC_IO, "no memory for a file: %s", strerror(errno));
		rest = str_from(rest, (size_t)n);
	}
	if (lseek(in, 0, SEEK_SET) != 0)
		return FAIL(err, RC_IO, "no memory for a file: %s", strerror(errno));
	pid_t pid = fork();
	if (pid < 0)
		return FAIL(err, RC_IO, "qinghe-print could not be started: %s", strerror(errno));
	if (pid == 0)
		become(printer, in, out);
	switch (box_wait_program(pid, PAPER_SECONDS_MAX)) {
	case BOX_PROGRAM_WELL:
		return RC_OK;
	case BOX_PROGRAM_LATE:
		return FAIL(err, RC_LIMIT, "printing took longer than %d s", PAPER_SECONDS_MAX);
	case BOX_PROGRAM_FAILED:
		break;
	}
	return FAIL(err, RC_INVALID, "qinghe-print could not print this");
}

static enum rc answer(struct box *b, struct arena *a, int out, struct err *err)
{
	struct stat st;
	if (fstat(out, &st) != 0 || st.st_size > PAPER_PDF_MAX_BYTES)
		return FAIL(err, RC_LIMIT, "the printed sheets are too large");
	char *bytes = arena_alloc(a, PIECE_BYTES);
	for (off_t at = 0; at < st.st_size;) {
		ssize_t n = pread(out, bytes, PIECE_BYTES, at);
		if (n <= 0)
			return FAIL(err, RC_IO, "the printed sheets cannot be read");
		box_begin(b, SAY_PIECE);
		box_str(b, (str){bytes, (size_t)n});
		TRY(box_end(b, err));
		at += n;
	}
	return RC_OK;
}

enum rc paper_box_run(struct box *b, struct arena *a, str input, str argument, struct err *err)
{
	(void)argument;
	int in = memfd_create("sheets", MFD_CLOEXEC), out = memfd_create("pdf", MFD_CLOEXEC);
	enum rc rc = print(input, in, out, err);
	return rc == RC_OK ? answer(b, a, out, err) : rc; /* the process ends, and the files with it */
}

static enum rc gather(void *user, uint8_t type, struct box_in *in, struct err *err)
{
	struct buf *made = user;
	buf_add(made, box_get_str(in));
	return in->bad || type != SAY_PIECE || !buf_ok(made)
		       ? FAIL(err, RC_LIMIT, "the printed sheets are too large")
		       : RC_OK;
}

enum rc paper_print(struct paper *d, struct arena *a, str *out_pdf, struct err *err)
{
	struct box *box;
	struct buf made;
	json_array_end(&d->j);
	json_object_end(&d->j);
	buf_init(&made, PAPER_PDF_MAX_BYTES);
	enum rc rc = RC_OK;
	if (!paper_printer())
		rc = FAIL(err, RC_NOT_FOUND,
			"qinghe-print is not installed here (package qinghe-print): print the page from the "
			"browser instead");
	else if (!buf_ok(&d->b))
		rc = FAIL(err, RC_LIMIT, "the printed sheets are too large");
	if (rc == RC_OK)
		rc = box_open_bytes(FOREIGN_PAPER, buf_str(&d->b), STR(""), &box, err);
	if (rc == RC_OK)
		rc = box_each(box, gather, &made, err);
	if (rc == RC_OK)
		*out_pdf = arena_str(a, buf_str(&made));
	buf_done(&made);
	paper_done(d);
	return rc;
}
