/* box.c -- see box.h. Orders go over a SOCK_SEQPACKET pair: the number of the work, the language, the argument, and three
 * descriptors (input, results, commands). */
#include "base/box.h"
#include "base/clock.h"
#include "base/jail.h"
#include "base/utf8.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	PROGRAM_LOOK_US = 5000,
	SEND_AT_BYTES = 64 << 10,
	READ_BYTES = 256 << 10,
	HEADER_BYTES = 5,
	HEAD_BYTES = 16,
	FDS = 3
};

struct order {
	uint32_t work, lang;
	uint32_t argument_n;
	char argument[BOX_ARGUMENT_MAX_BYTES];
};

struct box {
	int in, out; /* what arrives, what goes */
	struct buf tx, rx;
	size_t rx_at, frame_at; /* read so far; where the frame that is being made begins */
	bool ended;
	int patience_ms; /* in the parent: how long the child may be silent; -1: for ever */
};

static struct {
	const struct box_work *works;
	size_t n;
	int orders; /* our end; -1: no box */
	pid_t owner;
} zygote = {.orders = -1};

/* ---- frames ---- */

static bool take(struct box_in *in, void *to, size_t n)
{
	if (in->bad || in->rest.n < n) {
		in->bad = true;
		memset(to, 0, n);
		return false;
	}
	memcpy(to, in->rest.p, n);
	in->rest = str_from(in->rest, n);
	return true;
}

uint8_t box_get_u8(struct box_in *in)
{
	uint8_t v;
	take(in, &v, sizeof v);
	return v;
}

uint32_t box_get_u32(struct box_in *in)
{
	uint32_t v;
	take(in, &v, sizeof v);
	return v;
}

int64_t box_get_i64(struct box_in *in)
{
	int64_t v;
	take(in, &v, sizeof v);
	return v;
}

double box_get_f64(struct box_in *in)
{
	double v;
	take(in, &v, sizeof v);
	return v;
}

str box_get_str(struct box_in *in)
{
	uint32_t n = box_get_u32(in);
	if (in->bad || in->rest.n < n) {
		in->bad = true;
		return (str){NULL, 0};
	}
	str s = str_head(in->rest, n);
	in->rest = str_from(in->rest, n);
	return s;
}

void box_begin(struct box *b, uint8_t type)
{
	b->frame_at = b->tx.n;
	buf_add(&b->tx, (str){"\0\0\0\0", 4});
	buf_putc(&b->tx, (char)type);
}

static void put(struct box *b, const void *p, size_t n)
{
	buf_add(&b->tx, (str){p, n});
}

void box_u8(struct box *b, uint8_t v)
{
	put(b, &v, sizeof v);
}

void box_u32(struct box *b, uint32_t v)
{
	put(b, &v, sizeof v);
}

void box_i64(struct box *b, int64_t v)
{
	put(b, &v, sizeof v);
}

void box_f64(struct box *b, double v)
{
	put(b, &v, sizeof v);
}

void box_str(struct box *b, str s)
{
	box_u32(b, (uint32_t)s.n);
	buf_add(&b->tx, s);
}

/* False: the child has been silent for too long. */
static bool wait_for(const struct box *b, int fd, short what)
{
	struct pollfd p = {.fd = fd, .events = what};
	int n;
	do
		n = poll(&p, 1, b->patience_ms);
	while (n < 0 && errno == EINTR);
	return n != 0;
}

enum rc box_flush(struct box *b, struct err *err)
{
	for (size_t at = 0; at < b->tx.n;) {
		ssize_t n = write(b->out, b->tx.p + at, b->tx.n - at);
		if (n < 0 && (errno == EINTR || (errno == EAGAIN && wait_for(b, b->out, POLLOUT))))
			continue;
		if (n <= 0) {
			b->ended = true;
			return FAIL(err, RC_INVALID,
				"the process that read the file has ended: it is damaged, or made to do "
				"harm");
		}
		at += (size_t)n;
	}
	buf_clear(&b->tx);
	return RC_OK;
}

enum rc box_end(struct box *b, struct err *err)
{
	size_t n = b->tx.n - b->frame_at;
	if (!buf_ok(&b->tx) || n - HEADER_BYTES > BOX_FRAME_MAX_BYTES)
		return FAIL(err, RC_LIMIT, "a single row or part of the file is larger than %d MB",
			BOX_FRAME_MAX_BYTES >> 20);
	uint32_t length = (uint32_t)(n - HEADER_BYTES);
	memcpy(b->tx.p + b->frame_at, &length, sizeof length);
	return b->tx.n >= SEND_AT_BYTES ? box_flush(b, err) : RC_OK;
}

static bool frame_stands(const struct box *b, uint32_t *out_length)
{
	size_t have = b->rx.n - b->rx_at;
	if (have < HEADER_BYTES)
		return false;
	memcpy(out_length, b->rx.p + b->rx_at, sizeof *out_length);
	return *out_length > BOX_FRAME_MAX_BYTES || have >= HEADER_BYTES + (size_t)*out_length;
}

/* One frame; false at the end, or when it is larger than any may be. */
static bool receive(struct box *b, uint8_t *out_type, struct box_in *out)
{
	uint32_t length;
	while (!frame_stands(b, &length)) {
		if (b->rx_at > 0) {
			memmove(b->rx.p, b->rx.p + b->rx_at, b->rx.n - b->rx_at);
			b->rx.n -= b->rx_at;
			b->rx_at = 0;
		}
		buf_reserve(&b->rx, READ_BYTES);
		if (b->patience_ms >= 0 && !wait_for(b, b->in, POLLIN))
			return false;
		ssize_t n = read(b->in, b->rx.p + b->rx.n, READ_BYTES);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		b->rx.n += (size_t)n;
	}
	if (length > BOX_FRAME_MAX_BYTES)
		return false;
	const char *p = b->rx.p + b->rx_at;
	*out_type = (uint8_t)p[4];
	*out = (struct box_in){.rest = {p + HEADER_BYTES, length}};
	b->rx_at += HEADER_BYTES + length;
	return true;
}

static struct box *box_new(int in, int out)
{
	struct box *b = mem_resize(NULL, sizeof *b);
	*b = (struct box){.in = in, .out = out, .patience_ms = -1};
	buf_init(&b->tx, BOX_FRAME_MAX_BYTES + 2 * SEND_AT_BYTES);
	buf_init(&b->rx, BOX_FRAME_MAX_BYTES + 2 * READ_BYTES);
	return b;
}

/* ---- the child ---- */

bool box_hear(struct box *b, bool wait, uint8_t *out_type, struct box_in *out, bool *out_any)
{
	uint32_t length;
	struct pollfd p = {.fd = b->in, .events = POLLIN};
	*out_any = false;
	if (!wait && !frame_stands(b, &length) && poll(&p, 1, 0) <= 0)
		return true;
	*out_any = receive(b, out_type, out);
	return *out_any;
}

static str map_input(int fd)
{
	struct stat st;
	if (fstat(fd, &st) != 0 || st.st_size <= 0)
		return (str){"", 0};
	void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	return p == MAP_FAILED ? (str){NULL, 0} : (str){p, (size_t)st.st_size};
}

static bool close_doors(const struct box_work *w)
{
	size_t memory = w->memory_max_bytes;
#if defined(__SANITIZE_ADDRESS__)
	memory = 0; /* its shadow is terabytes of address space */
#endif
	if (w->open)
		return jail_limits(0, w->cpu_max_s, 512 << 20, false);
	return jail_limits(memory, w->cpu_max_s, 0, true) && jail_files(NULL, 0, true) && jail_calls_parser();
}

static NORETURN void live(const struct order *o, const int fds[FDS])
{
	const struct box_work *w = &zygote.works[o->work];
	struct arena a = {0};
	struct err err = {0};
	/* Only ours stay open, as 3, 4 and 5; 0 to 2 lead nowhere. */
	int high[FDS];
	for (int i = 0; i < FDS; i++)
		high[i] = fcntl(fds[i], F_DUPFD, 64);
	for (int i = 0; i < FDS; i++)
		if (high[i] < 0 || dup2(high[i], 3 + i) < 0)
			_exit(126);
	closefrom(3 + FDS);
	str input = map_input(3);
	close(3);
	if (input.p == NULL)
		_exit(126);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	tr_set(o->lang == LANG_EN ? LANG_EN : LANG_ZH);
	struct box *b = box_new(5, 4);
	if (w->prepare)
		w->prepare(str_head(input, HEAD_BYTES));
	enum rc rc = close_doors(w)
			     ? w->run(b, &a, input, (str){o->argument, o->argument_n}, &err)
			     : FAIL(&err, RC_IO, "the sandbox for files from outside could not be closed");
	box_begin(b, BOX_DONE);
	box_u32(b, rc);
	box_str(b, str_of(rc == RC_OK ? "" : err.text));
	if (box_end(b, NULL) == RC_OK && box_flush(b, NULL) == RC_OK)
		_exit(0);
	_exit(126);
}

/* ---- the zygote ---- */

static size_t descriptors(struct msghdr *m, int fds[FDS])
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	if (c == NULL || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
		return 0;
	size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	n = n < FDS ? n : FDS;
	memcpy(fds, CMSG_DATA(c), n * sizeof(int));
	return n;
}

static NORETURN void wait_for_orders(int orders)
{
	for (;;) {
		struct order o = {0};
		int fds[FDS];
		union {
			char bytes[CMSG_SPACE(sizeof fds)];
			struct cmsghdr align;
		} control;
		struct iovec io = {&o, sizeof o};
		struct msghdr m = {.msg_iov = &io,
			.msg_iovlen = 1,
			.msg_control = &control,
			.msg_controllen = sizeof control};
		ssize_t n = recvmsg(orders, &m, MSG_CMSG_CLOEXEC);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(0);
		size_t have = descriptors(&m, fds);
		bool good = n == (ssize_t)sizeof o && have == FDS && o.work < zygote.n &&
			    o.argument_n <= sizeof o.argument;
		if (good && fork() == 0)
			live(&o, fds);
		for (size_t i = 0; i < have; i++)
			close(fds[i]);
	}
}

static NORETURN void become_zygote(int orders, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int keep = fcntl(orders, F_DUPFD_CLOEXEC, 64);
	if (null < 0 || keep < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		_exit(1);
	dup2(keep, 3);
	fcntl(3, F_SETFD, FD_CLOEXEC);
	closefrom(4);
	/* Ctrl-C goes to the whole group; we end when our owner does. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN); /* children are reaped by the system */
	jail_still();
	wait_for_orders(3);
}

enum rc box_start(const struct box_work *works, size_t n, struct err *err)
{
	int pair[2];
	assert(n <= BOX_WORKS_MAX);
	if (zygote.orders >= 0)
		return RC_OK;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return FAIL(err, RC_IO, "the sandbox for files from outside could not be started: %s",
			strerror(errno));
	zygote.works = works;
	zygote.n = n;
	zygote.owner = getpid();
	pid_t owner = getpid(), pid = fork();
	if (pid == 0)
		become_zygote(pair[1], owner);
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return FAIL(err, RC_IO, "the sandbox for files from outside could not be started: %s",
			strerror(errno));
	}
	zygote.orders = pair[0];
	return RC_OK;
}

bool box_is_on(void)
{
	return zygote.orders >= 0;
}

const char *box_notice(void)
{
	int abi = jail_files_abi();
	if (abi == 0)
		return N_("this kernel has no Landlock: those who read files from outside are held by "
			  "seccomp and "
			  "limits alone");
	return NULL;
}

/* ---- the parent ---- */

static enum rc order(int work, int input, str argument, struct box **out_box, struct err *err)
{
	int results[2], commands[2];
	struct order o = {
		.work = (uint32_t)work, .lang = (uint32_t)tr_lang(), .argument_n = (uint32_t)argument.n};
	assert((size_t)work < zygote.n && argument.n <= sizeof o.argument);
	if (argument.n)
		memcpy(o.argument, argument.p, argument.n);
	if (pipe2(results, O_CLOEXEC) != 0)
		return FAIL(err, RC_IO, "no more files can be opened: %s", strerror(errno));
	if (pipe2(commands, O_CLOEXEC) != 0) {
		close(results[0]);
		close(results[1]);
		return FAIL(err, RC_IO, "no more files can be opened: %s", strerror(errno));
	}
	int fds[FDS] = {input, results[1], commands[0]};
	union {
		char bytes[CMSG_SPACE(sizeof fds)];
		struct cmsghdr align;
	} control = {{0}};
	struct iovec io = {&o, sizeof o};
	struct msghdr m = {
		.msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof fds);
	memcpy(CMSG_DATA(c), fds, sizeof fds);
	ssize_t n = sendmsg(zygote.orders, &m, MSG_NOSIGNAL);
	close(results[1]);
	close(commands[0]);
	if (n != (ssize_t)sizeof o) {
		close(results[0]);
		close(commands[1]);
		return FAIL(
			err, RC_IO, "the sandbox for files from outside has ended: start the program again");
	}
	fcntl(results[0], F_SETPIPE_SZ, READ_BYTES);
	fcntl(commands[1], F_SETFL, O_NONBLOCK);
	*out_box = box_new(results[0], commands[1]);
	(*out_box)->patience_ms = 2000 * zygote.works[work].cpu_max_s;
	return RC_OK;
}

static enum rc is_on(struct err *err)
{
	return box_is_on() ? RC_OK
			   : FAIL(err, RC_IO,
				     "files from outside are read in a sandbox only, and none was started");
}

enum rc box_open_file(
	int work, const char *path, size_t max_bytes, str argument, struct box **out_box, struct err *err)
{
	struct stat st;
	TRY(is_on(err));
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return FAIL(err, errno == ENOENT ? RC_NOT_FOUND : RC_IO, "%s cannot be opened: %s", path,
			strerror(errno));
	enum rc rc = RC_OK;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		rc = FAIL(err, RC_INVALID, "%s is not a file", path);
	else if ((uint64_t)st.st_size > max_bytes)
		rc = FAIL(err, RC_LIMIT, "the file has more than %d MB", (int)(max_bytes >> 20));
	else
		rc = order(work, fd, argument, out_box, err);
	close(fd);
	return rc;
}

static bool write_all(int fd, str bytes)
{
	while (bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes = str_from(bytes, (size_t)n);
	}
	return true;
}

enum rc box_open_bytes(int work, str bytes, str argument, struct box **out_box, struct err *err)
{
	TRY(is_on(err));
	int fd = memfd_create("qinghe-input", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	enum rc rc = RC_OK;
	if (fd < 0 || !write_all(fd, bytes) ||
		fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)
		rc = FAIL(err, RC_IO, "the file cannot be given to the sandbox: %s", strerror(errno));
	else
		rc = order(work, fd, argument, out_box, err);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* The child's words as text of ours: one line of UTF-8. */
static enum rc verdict(struct box_in *in, struct err *err)
{
	uint32_t rc = box_get_u32(in);
	str words = box_get_str(in);
	char text[ERR_TEXT_BYTES];
	if (in->bad || rc > RC_UNKNOWN || !utf8_valid(words))
		return FAIL(err, RC_INVALID,
			"the process that read the file has ended: it is damaged, or made to do harm");
	if (rc == RC_OK)
		return RC_OK;
	size_t n = words.n < sizeof text ? words.n : sizeof text - 1;
	for (size_t i = 0; i < n; i++)
		text[i] = (unsigned char)words.p[i] < 0x20 || words.p[i] == 0x7f ? ' ' : words.p[i];
	return FAIL(err, (enum rc)rc, "%.*s", (int)n, text);
}

enum rc box_next(struct box *b, uint8_t *out_type, struct box_in *out, struct err *err)
{
	if (b->tx.n)
		TRY(box_flush(b, err));
	if (b->ended || !receive(b, out_type, out)) {
		b->ended = true;
		return FAIL(err, RC_INVALID,
			"the process that read the file has ended: it is damaged, or made to do harm");
	}
	return *out_type == BOX_DONE ? verdict(out, err) : RC_OK;
}

enum rc box_each(struct box *b,
	enum rc (*frame)(void *user, uint8_t type, struct box_in *in, struct err *err), void *user,
	struct err *err)
{
	enum rc rc;
	for (;;) {
		struct box_in in;
		uint8_t type;
		rc = box_next(b, &type, &in, err);
		if (rc == RC_OK && type != BOX_DONE)
			rc = frame(user, type, &in, err);
		if (rc != RC_OK || type == BOX_DONE)
			break;
	}
	box_close(b);
	return rc;
}

enum rc box_nonsense(struct err *err)
{
	return FAIL(err, RC_INVALID,
		"the process that read the file gave nonsense back: the file is damaged, or made to do harm");
}

enum box_program box_wait_program(pid_t pid, int seconds_max)
{
	int64_t until_us = clock_mono_us() + (int64_t)seconds_max * 1000000;
	int status = 0;
	for (;;) {
		pid_t ended = waitpid(pid, &status, WNOHANG);
		if (ended == pid || (ended < 0 && errno != EINTR))
			break;
		if (clock_mono_us() > until_us) {
			kill(-pid, SIGKILL);
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return BOX_PROGRAM_LATE;
		}
		clock_sleep_us(PROGRAM_LOOK_US);
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? BOX_PROGRAM_WELL : BOX_PROGRAM_FAILED;
}

void box_close(struct box *b)
{
	if (b == NULL)
		return;
	close(b->in);
	close(b->out);
	buf_done(&b->tx);
	buf_done(&b->rx);
	mem_resize(b, 0);
}
