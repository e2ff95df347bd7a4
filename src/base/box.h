/* box.h -- strangers' bytes are read by a process that can do nothing else.
 *
 *     main ──fork──► zygote ──fork──► child: one file, no other files, no network, no programs, bounded memory and time
 *       │               ▲               │
 *       └─ "work 2, these descriptors" ─┘  frames: typed results, checked again by whoever asked
 *
 * The zygote is forked before threads start and before any key is loaded, so that no child ever holds a secret. It waits for
 * orders and forks one child for each; it dies with us. A child maps its input, closes all else, takes its rights away
 * (jail.h: rlimits, Landlock, seccomp) and only then looks at the input. A child that dies -- by a limit, by a forbidden
 * call, by a fault of ours that a file found -- is a file that cannot be read (RC_INVALID), nothing else.
 *
 * A work is a function of the program, known by its number in the table given to box_start. One of kind `open` may start
 * programs and write below its temporary folder: LibreOffice.
 *
 * Frames: length u32, type u8, payload. Types of a work begin at BOX_OWN. What arrives is as untrusted as the file: the
 * getters of box_in never read past the payload and leave `bad` set, and the reader checks every range that matters.
 * A child that is silent for twice its processor seconds counts as dead, so that one which has been taken over cannot keep us
 * waiting. One box belongs to one thread; box_open may be called from several. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include <sys/types.h>

enum {
	BOX_FRAME_MAX_BYTES = 16 << 20,
	BOX_ARGUMENT_MAX_BYTES = 512,
	BOX_WORKS_MAX = 16,
	BOX_DONE = 1, /* the work's code and its words; the last frame */
	BOX_OWN = 16
};

struct box;

/* A frame that arrived, being read. */
struct box_in {
	str rest;
	bool bad; /* it ended early, or held something impossible */
};
uint8_t box_get_u8(struct box_in *in);
uint32_t box_get_u32(struct box_in *in);
int64_t box_get_i64(struct box_in *in);
double box_get_f64(struct box_in *in);
str box_get_str(struct box_in *in); /* a slice of the frame */

/* A frame that is being made. Sent when 64 KB have gathered, by box_flush, and at the end. Both sides use these. */
void box_begin(struct box *b, uint8_t type);
void box_u8(struct box *b, uint8_t v);
void box_u32(struct box *b, uint32_t v);
void box_i64(struct box *b, int64_t v);
void box_f64(struct box *b, double v);
void box_str(struct box *b, str s);
MUST_USE enum rc box_end(struct box *b, struct err *err); /* RC_LIMIT: larger than BOX_FRAME_MAX_BYTES */
MUST_USE enum rc box_flush(struct box *b, struct err *err);

/* ---- in the child ---- */

struct box_work {
	const char *name;
	/* Before the doors close: tables that the system keeps in files. `head` is the input's first bytes, for a choice only. */
	void (*prepare)(str head);
	/* The child's whole life. input and argument live as long; its code and words become BOX_DONE. */
	enum rc (*run)(struct box *b, struct arena *a, str input, str argument, struct err *err);
	size_t memory_max_bytes;
	int cpu_max_s;
	bool open;
};

/* The next frame from the parent; *out_any false: it has closed, or none is there and wait is false. */
bool box_hear(struct box *b, bool wait, uint8_t *out_type, struct box_in *out, bool *out_any);

/* The end of a program that an `open` work started, in a process group of its own. After so many seconds it is killed, with
 * all that it started. */
enum box_program { BOX_PROGRAM_WELL, BOX_PROGRAM_FAILED, BOX_PROGRAM_LATE };
enum box_program box_wait_program(pid_t pid, int seconds_max);

/* ---- in the parent ---- */

/* Once, from main, before threads and keys. works must live on. */
MUST_USE enum rc box_start(const struct box_work *works, size_t n, struct err *err);
bool box_is_on(void);
/* What this kernel cannot do, as a sentence for the log; NULL when all doors close. */
const char *box_notice(void);

/* The file at path, or bytes; argument may be empty. RC_LIMIT: the file has more than max_bytes. RC_IO: no box. */
MUST_USE enum rc box_open_file(
	int work, const char *path, size_t max_bytes, str argument, struct box **out_box, struct err *err);
MUST_USE enum rc box_open_bytes(int work, str bytes, str argument, struct box **out_box, struct err *err);
/* The next frame. RC_OK with its type, or BOX_DONE where the work ended well; else the work's own code and words, or
 * RC_INVALID where the child died. The payload lives until the next call. */
MUST_USE enum rc box_next(struct box *b, uint8_t *out_type, struct box_in *out, struct err *err);
/* Hears a work out: each frame until it ended well, its payload as above. The first code that is not RC_OK ends it, the
 * visitor's or the work's. The box is closed then. */
MUST_USE enum rc box_each(struct box *b,
	enum rc (*frame)(void *user, uint8_t type, struct box_in *in, struct err *err), void *user,
	struct err *err);
/* RC_INVALID, in the words for a frame that no work of ours would send. */
MUST_USE enum rc box_nonsense(struct err *err);
void box_close(struct box *b); /* NULL allowed; ends the child */
