/* report_word.h -- qinghe report adopt and report refresh: a Word document that others wrote, and its numbers. */
#pragma once
#include "cli/report_freeze.h"

MUST_USE enum rc report_adopt(
	struct invocation *in, struct cli_reader *c, struct report_wanted *w, struct err *err);
MUST_USE enum rc report_refresh(
	struct invocation *in, struct cli_reader *c, struct report_wanted *w, struct err *err);
