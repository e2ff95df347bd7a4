/* street_rules.h -- rules/street.yaml: which figures are published with the annual report, for which units, and from how many
 * on a number is told to the public (domain.md 2.3), there and in the public copies of reports. */
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
	int64_t works_from; /* works of a contest are listed from so many entries on */
};

/* Below which number a figure's numbers hide, and whether zero does; 0: every number is told. */
int64_t street_threshold(const struct street_rules *rules, const struct figure *f);
bool street_zero_hides(const struct street_rules *rules, const struct figure *f);

/* A model without the file has the thresholds of domain.md 2.3 and publishes nothing; RC_INVALID names file, line and key. */
MUST_USE enum rc street_rules_read(
	struct arena *a, const struct model *m, struct street_rules *out, struct err *err);
