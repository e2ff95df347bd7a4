/* history.h -- what a row was before each change. Table history(register, row, version, at, actor, kind, before):
 * `version` is the one that `before` shows (as JSON, sealed values as their envelopes in hex, so that nothing opens
 * without the key). Version 1 of a row that was never changed has no history. */
#pragma once
#include "register/record.h"

MUST_USE enum rc history_put(struct job_ctx *c, const struct record *before, str kind, struct err *err);
