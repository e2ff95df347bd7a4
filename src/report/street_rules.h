/* street_rules.h -- rules/street.yaml: which figures are published with the annual report, for which units, and from how many
 * on a number is told (domain.md 2.3). */
#pragma once
#include "register/model.h"

enum { STREET_FIGURES_MAX = 60, STREET_KINDS_MAX = 8, STREET_SENSITIVITIES = 5 };

struct street_rules {
	str kinds[STREET_KINDS_MAX]; /* of organisation; right under the city */
	size_t kinds_n;
	const struct figure *figures[STREET_FIGURES_MAX];
	size_t figures_n;
	int64_t threshold[STREET_SENSITIVITIES]; /* by enum sensitivity; 0: every number is told */
	bool zero_hides[STREET_SENSITIVITIES];
	str careful[STREET_KINDS_MAX]; /* groups of registers that take the threshold of minors */
	size_t careful_n;
	int64_t works_from; /* works of a contest are listed from so many entries on */
};

/* The sensitivity by which a figure's numbers hide. */
enum sensitivity street_sensitivity(const struct street_rules *rules, const struct figure *f);

/* RC_NOT_FOUND where the model has no such file; RC_INVALID names file, line and key. */
MUST_USE enum rc street_rules_read(
	struct arena *a, const struct model *m, struct street_rules *out, struct err *err);
