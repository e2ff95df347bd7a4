/* report_freeze.h -- qinghe report freeze: values and text of a report as a numbered edition (report/edition.h), and what the
 * report's commands share. */
#pragma once
#include "cli/asked.h"
#include "report/make.h"
#include "report/source.h"

enum { REPORT_TEMPLATE_MAX_BYTES = 64 << 20 };

struct report_wanted {
	struct asked asked;
	const char *template, *letterhead, *to, *number, *signer, *out, *bundle;
	bool draft, public;
};

/* The template asked for, or the one that the model brings. */
MUST_USE enum rc report_template(struct arena *a, const struct city *c, const struct report_wanted *w,
	str *out, enum report_format *from, struct err *err);
MUST_USE enum rc report_freeze(struct invocation *in, struct report_wanted *w, struct err *err);
