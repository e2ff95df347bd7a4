/* main.c -- argv to command table, nothing else. */
#include "base/clock.h"
#include "base/date.h"
#include "base/jail.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "format/foreign.h"
#include <stdlib.h>
#include <string.h>

static const struct command *find(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static enum lang lang_of_environment(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *v = getenv(names[i]);
		if (v && v[0])
			return strncmp(v, "en", 2) == 0 ? LANG_EN : LANG_ZH;
	}
	return LANG_ZH;
}

/* The options before the command's name. */
static enum rc globals(struct invocation *in, struct err *err)
{
	const char *lang = NULL, *now = NULL;
	const char *db = getenv("QINGHE_DB");
	in->db_url = db && db[0] ? db : "qinghe.db";
	tr_set(lang_of_environment());
	while (in->argc > 0 && strncmp(in->argv[0], "--", 2) == 0) {
		const char *name = in->argv[0];
		struct invocation first = {.argc = in->argc < 2 ? in->argc : 2, .argv = in->argv};
		if (strcmp(name, "--json") == 0)
			in->json = true;
		else if (strcmp(name, "--quiet") == 0)
			in->quiet = true;
		else if (strcmp(name, "--version") == 0 || strcmp(name, "--help") == 0)
			return RC_OK;
		else {
			const char **to = strcmp(name, "--db") == 0     ? &in->db_url
					  : strcmp(name, "--as") == 0   ? &in->as
					  : strcmp(name, "--lang") == 0 ? &lang
					  : strcmp(name, "--now") == 0  ? &now
									: NULL;
			if (to == NULL)
				return FAIL(err, RC_INVALID,
					"unknown option %s; “qinghe help” lists the commands", name);
			TRY(opt_text(&first, name, to, err));
			in->argc--;
			in->argv++;
		}
		in->argc--;
		in->argv++;
	}
	int64_t ms;
	if (lang && strcmp(lang, "zh") != 0 && strcmp(lang, "en") != 0)
		return FAIL(err, RC_INVALID, "--lang is zh or en, not “%s”", lang);
	if (lang)
		tr_set(lang[0] == 'e' ? LANG_EN : LANG_ZH);
	if (now && !instant_parse(str_of(now), &ms))
		return FAIL(err, RC_INVALID,
			"--now wants an instant such as 2025-12-31T18:00:00+08:00, not “%s”", now);
	if (now)
		clock_set(ms, false);
	return RC_OK;
}

static enum rc dispatch(struct invocation *in, struct err *err)
{
	TRY(globals(in, err));
	if (in->argc == 0)
		return cmd_help.run(in, err);
	if (strcmp(in->argv[0], "--version") == 0) {
		puts("qinghe " QINGHE_VERSION);
		return RC_OK;
	}
	const char *name = strcmp(in->argv[0], "--help") == 0 ? "help" : in->argv[0];
	const struct command *c = find(name);
	if (c == NULL)
		return FAIL(err, RC_INVALID, "no command “%s”; “qinghe help” lists them", name);
	in->argc--;
	in->argv++;
	opt_flag(in, "--json", &in->json);
	opt_flag(in, "--quiet", &in->quiet);
	for (int i = 0; i < in->argc; i++)
		if (strcmp(in->argv[i], "--help") == 0) {
			in->argv[0] = (char *)(uintptr_t)c->name;
			in->argc = 1;
			return cmd_help.run(in, err);
		}
	if (c->foreign)
		TRY(foreign_start(err)); /* before any thread and any key */
	return c->run(in, err);
}

int main(int argc, char **argv)
{
	struct arena a = {0};
	struct err err = {0};
	struct invocation in = {.a = &a, .argc = argc - 1, .argv = argv + 1};
	jail_still(); /* no core, no look from outside: what is open here would lie in it */
	enum rc rc = dispatch(&in, &err);
	if (rc == RC_DENIED)
		cli_refused(&in, rc);
	bool lost = ferror(stdout) != 0; /* what was flushed on the way */
	if ((fflush(stdout) != 0 || lost) && (rc == RC_OK || rc == RC_FOUND))
		rc = FAIL(&err, RC_IO, "the output could not be written");
	if (err.text[0])
		fprintf(stderr, "qinghe: %s\n", err.text);
	arena_done(&a);
	return err_exit_code(rc);
}
