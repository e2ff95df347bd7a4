/* appraise.h -- the grass-roots appraisal of one year: what each unit earned, its grade, what is missing, where a course
 * would help. Nothing is written and nobody is ranked: units stand in the order of their codes.
 *
 * A unit takes part when it is of a kind in for_kinds and eligible. The day that `today` of the rules means is the last
 * one of the year, or today while the year runs. Figures are the unit's own values of the year. A judgement is the valid
 * score that two persons signed in a round which opened in the year, found by the item's id or label; while an appeal
 * against it waits for an answer, that item is open again. A unit with an item that has nothing to go by has no score and
 * no grade. A share is held only where all units of the school are looked at, so a part of a school tells it as open. */
#pragma once
#include "figure/figure.h"
#include "service/appraisal/grade.h"
#include "service/appraisal/rules.h"

enum { APPRAISAL_UNITS_MAX = 20000 };

struct appraisal_mark {
	bool known;
	int64_t points; /* hundredths */
	int64_t value; /* of the figure; of a rate per cent in hundredths; of a judgement hundredths of its full_score */
	str why; /* in words, where it is not known */
};

struct appraisal_unit {
	int64_t id, school; /* 0: of no school */
	str code, name;
	struct appraisal_mark *marks; /* as rules->items */
	size_t missing;
	int64_t score;   /* hundredths; of the items that are known */
	int band;        /* APPRAISAL_UNGRADED where items are missing */
	uint32_t vetoes; /* bit i: rules->vetoes[i] holds */
	bool fell;       /* the share of its school was used up */
	bool share_open; /* in a band that has a share, and not all of its school are looked at */
};

/* The units under org that the actor may look at. RC_DENIED where scores are not open to him. */
MUST_USE enum rc appraise(struct reader *r, const struct appraisal_rules *rules, int year, int64_t org,
	struct appraisal_unit **out, size_t *out_n, struct err *err);
/* An item that is known and below the share of its weight that asks for a course. */
bool appraisal_weak(const struct appraisal_rules *rules, const struct appraisal_unit *u, size_t item);
