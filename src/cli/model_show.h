/* model_show.h -- declarations shown: shared by `model` and `registers`. */
#pragma once
#include "cli/command.h"

struct model;

MUST_USE enum rc cmd_model_show(struct invocation *in, struct err *err); /* model show [REGISTER] */
/* The city's model where --db is a city, else the built-in one; end with model_done. */
MUST_USE enum rc model_here(struct invocation *in, struct model **out, struct err *err);
void registers_print(struct invocation *in, const struct model *m); /* by --json */
