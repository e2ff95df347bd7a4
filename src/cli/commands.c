/* commands.c -- see commands.h. One line a command, sorted by name. */
#include "cli/commands.h"

const struct command *const commands[] = {
	&cmd_check,
	&cmd_figures,
	&cmd_help,
	&cmd_id,
	&cmd_lottery,
	&cmd_merkle,
	&cmd_model,
	&cmd_place,
	&cmd_rebuild,
	&cmd_registers,
	&cmd_routes,
	&cmd_screen,
	&cmd_serve,
	&cmd_sheet,
	&cmd_trace,
	NULL,
};
