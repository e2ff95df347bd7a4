/* figure_json.h -- a figure's answer as JSON, the same on the command line and over HTTP (contract.md, Figures):
 *     {"id","year"?,"period","org","value","unit","label","definition","grades":{"A","B","C","D"},"companions":{...}}
 * value: exact integer, money in fen, time in minutes; null with "why" (and "instead": {"value","unit"}) where it cannot
 * be told. A rate has "of" and "over" (null where they cannot be told), and no grades. `year` stands for whole years. */
#pragma once
#include "figure/figure.h"
#include "format/json.h"

void figure_json(struct json *j, const struct figure_answer *x, str org);
/* {"register","id","org","date","grade","contribution",...}; "reference" of a distinct figure, "cohost", "covered" where
 * they hold. */
void trace_json(struct json *j, const struct trace_row *row);
