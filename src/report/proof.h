/* proof.h -- an evidence bundle (bundle.h) out of an open city: the figures of a report with the rows behind them.
 * Salt and signing key come from the city's key file (seal_key); the key is the same for all bundles of a city. */
#pragma once
#include "report/bundle.h"
#include "report/source.h"
#include "report/template.h"

/* The figures that the run printed, of the report's own period and unit, each once; with public: see bundle.h. */
MUST_USE enum rc proof_make(struct report_source *s, const struct template_run *run, bool public,
	str *out_bytes, struct err *err);
