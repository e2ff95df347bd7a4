/* command.h -- what a command of the command line is. One file a command, cmd_VERB.c, holding one
 * `const struct command cmd_VERB`; main.c lists them. Commands print results on stdout and nothing else there; faults
 * go back as enum rc with err filled, and main prints them on stderr and chooses the exit code (err.h). */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include <stdio.h>

/* The global options of contract.md and the arguments after the command's name. */
struct invocation {
	struct arena *a;
	const char *db_url; /* --db, $QINGHE_DB or qinghe.db */
	const char *as;     /* NULL: operator */
	bool json, quiet;
	bool reading; /* set by cli_reader: a refusal leaves its audit row from main */
	int argc; /* arguments after the name */
	char **argv;
};

struct command {
	const char *name;    /* "report freeze" has the name "report"; its sub-commands are its own matter */
	const char *usage;   /* N_("import REGISTER FILE... [--dry-run] ...") */
	const char *summary; /* N_("one line") */
	const char *help;    /* N_("options, an example, exit codes") */
	bool foreign; /* reads files that strangers made: the box (format/foreign.h) is started first */
	enum rc (*run)(struct invocation *in, struct err *err);
};

/* Options by name, anywhere among the arguments; each call takes what it finds out of argv. A value that is
 * missing is RC_INVALID. Where the option is absent *out is left alone. `--` ends the options. */
void opt_flag(struct invocation *in, const char *name, bool *out);
MUST_USE enum rc opt_text(struct invocation *in, const char *name, const char **out, struct err *err);
/* Of an option that may be said several times the next one; NULL after the last. */
MUST_USE enum rc opt_next(struct invocation *in, const char *name, const char **out, struct err *err);
MUST_USE enum rc opt_i64(struct invocation *in, const char *name, int64_t *out, struct err *err);
/* After all options are taken: refuses what is left over that begins with '-', and fewer or more than min..max words. */
MUST_USE enum rc opt_done(struct invocation *in, int min, int max, const struct command *c, struct err *err);
MUST_USE enum rc usage_error(const struct command *c, struct err *err);

/* Progress on stderr for work over a second, when that is a terminal and not --quiet: "12,000 / 100,000  8,123/s  11 s left". */
struct progress {
	int64_t start_us, shown_us;
	bool on;
};
void progress_start(struct progress *p, const struct invocation *in);
void progress_show(struct progress *p, int64_t done, int64_t total);
void progress_end(struct progress *p);
