/* asked.h -- what `figures`, `trace` and `report` are asked for: a period and an organisation.
 * --year Y or --period P (one of them; period.h has the spellings), --org CODE (default: the actor's unit, or the whole
 * city). Take the options before opt_done, resolve when the reader is open. */
#pragma once
#include "cli/open.h"
#include "figure/figure.h"

struct asked {
	const char *year, *period, *org; /* as given */
	struct period p;
	int64_t org_id;
	str org_code; /* its code, or #id */
};
MUST_USE enum rc asked_options(struct invocation *in, struct asked *out, struct err *err);
MUST_USE enum rc asked_period(const struct invocation *in, struct asked *a, struct err *err);
MUST_USE enum rc asked_resolve(
	const struct invocation *in, struct cli_reader *c, struct asked *a, struct err *err);
/* A figure or companion by id; RC_NOT_FOUND says how to list them. */
MUST_USE enum rc asked_figure(
	const struct city *c, const char *id, const struct figure **out, struct err *err);
