/* rules.h -- the grass-roots appraisal by declaration (model/rules/appraisal.yaml, whose head says what may stand there).
 *
 * The weights of the items make 100. An item is earned by a figure of the unit, by a rate, or by a judgement that two
 * persons signed. Refused with the reason: an item over a figure that is marked never_appraise, or one that counts over
 * such a figure (国办函〔2026〕12号: no study time, votes, likes, forwards, check-ins or installs). Everything lives in the
 * arena. */
#pragma once
#include "register/expr.h"

enum {
	APPRAISAL_ITEMS_MAX = 30,
	APPRAISAL_VETOES_MAX = 10,
	APPRAISAL_BANDS_MAX = 10,
	APPRAISAL_SHARES_MAX = 5,
	APPRAISAL_KINDS_MAX = 12
};

enum appraisal_source { APPRAISAL_FIGURE, APPRAISAL_RATE, APPRAISAL_JUDGEMENT };

struct appraisal_item {
	str id;
	struct label label;
	enum appraisal_source source;
	int64_t weight;
	const struct figure *figure; /* NULL: a judgement */
	int64_t full_at;             /* of a rate in per cent */
};

struct appraisal_veto {
	str id;
	struct label label;
	struct expr *when; /* of org */
	int cap;           /* a band: no better grade than this */
};

struct appraisal_rules {
	const struct reg *org, *score;
	str kinds[APPRAISAL_KINDS_MAX]; /* of org: who takes part */
	size_t kinds_n;
	struct expr *eligible; /* of org */
	struct appraisal_item items[APPRAISAL_ITEMS_MAX];
	size_t items_n;
	struct appraisal_veto vetoes[APPRAISAL_VETOES_MAX];
	size_t vetoes_n;
	str bands[APPRAISAL_BANDS_MAX];
	struct label band_labels[APPRAISAL_BANDS_MAX];
	int64_t from[APPRAISAL_BANDS_MAX];
	int bands_n;
	struct {
		int band;
		int64_t at_most; /* per cent of a school's units */
	} shares[APPRAISAL_SHARES_MAX];
	size_t shares_n;
	int64_t weak_item; /* an item below so many per cent of its weight suggests a course */
};

/* RC_INVALID names the line; RC_NOT_FOUND: the model has no such file. */
MUST_USE enum rc appraisal_rules_read(
	struct arena *a, const struct model *m, struct appraisal_rules *out, struct err *err);
