/* place_round.h -- the sub-commands of `place` that work on a city's registers (cmd_place.c has those over files). */
#pragma once
#include "cli/command.h"

MUST_USE enum rc place_round_list(struct invocation *in, const char *round, struct err *err);
MUST_USE enum rc place_round_run(struct invocation *in, const char *round, bool dry, struct err *err);
MUST_USE enum rc place_round_verify(struct invocation *in, const char *round, struct err *err);
/* student: #id, name or citizen ID of a person; round NULL: the latest that was run and that he applied to. */
MUST_USE enum rc place_round_explain(
	struct invocation *in, const char *student, const char *round, struct err *err);
