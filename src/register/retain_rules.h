/* retain_rules.h -- does rules/retention.yaml hold, and between which limits a city sets the time that a register keeps.
 *
 *     limits:
 *       vouchers: {label: {...}, registers: [voucher], at_least: 30y, law: {...}}
 *       children: {label: {...}, sensitivities: [minor, sealed], at_most: 10y, law: {...}}
 *
 * A limit binds the registers that it names and those of its sensitivities; where several bind one, all do. Times as in
 * `keep:` of a register; forever is longer than any. The file is read by retain.h and archive.h, which pass over what they do
 * not know; this is what tells a slip before it is applied (qinghe model check, the model desk). */
#pragma once
#include "register/model.h"

enum { RETAIN_LIMITS_MAX = 40 };

struct retain_limit {
	str id, at_least, at_most; /* empty: no such limit */
	struct label label, law;
	const struct reg *regs[RETAIN_LIMITS_MAX];
	size_t regs_n;
	bool levels[5]; /* by enum sensitivity */
};

/* RC_INVALID names file, line and what is wrong; a model without the file has none. */
MUST_USE enum rc retain_limits(
	struct arena *a, const struct model *m, struct retain_limit **out, size_t *out_n, struct err *err);
bool retain_limit_binds(const struct retain_limit *l, const struct reg *reg);
/* Every register within its limits, every name in the file known. */
MUST_USE enum rc retain_rules_check(struct arena *a, const struct model *m, struct err *err);
/* A time as days, months 30 and years 365, for comparing; INT64_MAX: for good; -1: no time. */
int64_t retain_days(str keep);
