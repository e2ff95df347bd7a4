/* cmd_help.c -- qinghe help [COMMAND] */
#include "cli/commands.h"
#include <string.h>

static enum rc run(struct invocation *in, struct err *err)
{
	if (in->argc == 0) {
		printf(tr("usage: qinghe [--db URL] [--as PERSON[@UNIT]] [--now INSTANT] [--lang zh|en] [--json] "
			  "[--quiet] "
			  "COMMAND ...\n\n"));
		for (size_t i = 0; commands[i]; i++)
			printf("  %-12s %s\n", commands[i]->name, tr(commands[i]->summary));
		printf(tr("\n“qinghe help COMMAND” tells a command's options, an example and its exit "
			  "codes.\n"));
		return RC_OK;
	}
	for (size_t i = 0; commands[i]; i++)
		if (strcmp(commands[i]->name, in->argv[0]) == 0) {
			const struct command *c = commands[i];
			printf("qinghe %s\n\n%s\n\n%s\n", tr(c->usage), tr(c->summary), tr(c->help));
			return RC_OK;
		}
	return FAIL(err, RC_INVALID, "no command “%s”; “qinghe help” lists them", in->argv[0]);
}

const struct command cmd_help = {
	.name = "help",
	.usage = N_("help [COMMAND]"),
	.summary = N_("what the commands are, and how each is used"),
	.help = N_("Example: qinghe help import\nExit codes: 0 done, 2 no such command."),
	.run = run,
};
