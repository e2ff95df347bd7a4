/* command.c -- see command.h. */
#include "cli/command.h"
#include "base/clock.h"
#include <string.h>
#include <unistd.h>

static void take(struct invocation *in, int at, int n)
{
	for (int i = at; i + n <= in->argc; i++)
		in->argv[i] = in->argv[i + n];
	in->argc -= n;
}

/* Index of the option, or -1. */
static int find(const struct invocation *in, const char *name)
{
	for (int i = 0; i < in->argc && strcmp(in->argv[i], "--") != 0; i++)
		if (strcmp(in->argv[i], name) == 0)
			return i;
	return -1;
}

void opt_flag(struct invocation *in, const char *name, bool *out)
{
	for (int at; (at = find(in, name)) >= 0;) {
		*out = true;
		take(in, at, 1);
	}
}

enum rc opt_text(struct invocation *in, const char *name, const char **out, struct err *err)
{
	for (int at; (at = find(in, name)) >= 0;) {
		if (at + 1 >= in->argc)
			return FAIL(err, RC_INVALID, "%s needs a value after it", name);
		*out = in->argv[at + 1];
		take(in, at, 2);
	}
	return RC_OK;
}

enum rc opt_next(struct invocation *in, const char *name, const char **out, struct err *err)
{
	int at = find(in, name);
	*out = NULL;
	if (at < 0)
		return RC_OK;
	if (at + 1 >= in->argc)
		return FAIL(err, RC_INVALID, "%s needs a value after it", name);
	*out = in->argv[at + 1];
	take(in, at, 2);
	return RC_OK;
}

enum rc opt_i64(struct invocation *in, const char *name, int64_t *out, struct err *err)
{
	const char *text = NULL;
	TRY(opt_text(in, name, &text, err));
	if (text && !str_i64(str_of(text), out))
		return FAIL(err, RC_INVALID, "%s needs a whole number, not “%s”", name, text);
	return RC_OK;
}

enum rc usage_error(const struct command *c, struct err *err)
{
	return FAIL(err, RC_INVALID, "usage: qinghe %s\n“qinghe help %s” says more", tr(c->usage), c->name);
}

enum rc opt_done(struct invocation *in, int min, int max, const struct command *c, struct err *err)
{
	int words = 0;
	for (int i = 0; i < in->argc; i++) {
		if (strcmp(in->argv[i], "--") == 0) {
			take(in, i, 1);
			words = in->argc;
			break;
		}
		if (in->argv[i][0] == '-' && in->argv[i][1] != 0)
			return FAIL(err, RC_INVALID, "unknown option %s\nusage: qinghe %s", in->argv[i],
				tr(c->usage));
		words++;
	}
	if (words < min || (max >= 0 && words > max))
		return usage_error(c, err);
	return RC_OK;
}

enum { SHOW_EVERY_US = 200000, SHOW_AFTER_US = 1000000 };

void progress_start(struct progress *p, const struct invocation *in)
{
	*p = (struct progress){.start_us = clock_mono_us(), .on = !in->quiet && isatty(STDERR_FILENO)};
}

void progress_show(struct progress *p, int64_t done, int64_t total)
{
	int64_t now = clock_mono_us(), spent = now - p->start_us;
	if (!p->on || spent < SHOW_AFTER_US || now - p->shown_us < SHOW_EVERY_US)
		return;
	p->shown_us = now;
	long long rate = (long long)(done * 1000000 / (spent ? spent : 1));
	fputc('\r', stderr);
	if (total > 0)
		fprintf(stderr, tr("%lld / %lld  %lld/s  %lld s left   "), (long long)done, (long long)total,
			rate, rate ? (long long)(total - done) / rate : 0);
	else
		fprintf(stderr, tr("%lld  %lld/s   "), (long long)done, rate);
}

void progress_end(struct progress *p)
{
	if (p->shown_us)
		fputs("\r\033[K", stderr);
}
