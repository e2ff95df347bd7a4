/* commands.h -- every command, in the order that help prints. */
#pragma once
#include "cli/command.h"

extern const struct command *const commands[]; /* ends with NULL */
extern const struct command cmd_help;
extern const struct command cmd_id;
extern const struct command cmd_merkle;
