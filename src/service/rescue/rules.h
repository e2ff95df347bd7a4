/* rules.h -- rules/rescue.yaml as the finder needs it: who is looked at, who cares for whom, and what makes a hit.
 * The file's own head says what each key means; docs/declaring.md has the expressions. A trigger is one of
 *     when       a condition on rows of a register; its child is the declared path (of: person: the row itself)
 *     count      so many rows within so many days
 *     siblings   other children of a guardian of a listed child
 *     uncovered  the set difference: carers (some are on record, none is able), visits (listed, not seen in time)
 * A fault is RC_INVALID with the file and line. Everything lives in the arena; the model must outlive it. */
#pragma once
#include "register/expr.h"

enum { RESCUE_TRIGGERS_MAX = 60, RESCUE_LEVELS = 4 };

enum rescue_how { RESCUE_WHEN, RESCUE_COUNT, RESCUE_SIBLINGS, RESCUE_NO_CARER, RESCUE_NOT_SEEN };
enum rescue_urgency { RESCUE_NORMAL, RESCUE_HIGH, RESCUE_NOW };

struct rescue_source {
	const struct reg *reg;
	struct path person;
	struct expr *where; /* NULL: all rows that are not void */
};

struct rescue_trigger {
	str id;
	struct label label, law; /* law may be empty */
	enum rescue_how how;
	struct rescue_source rows;     /* of when, count and siblings */
	struct path guardian;          /* siblings */
	int64_t at_least, within_days; /* count */
	enum rescue_urgency urgency;
	int64_t days; /* until it must be answered */
	str refer;    /* to whom it goes in law; may be empty */
};

struct rescue_rules {
	struct rescue_source *population, *carers;
	size_t population_n, carers_n;
	struct rescue_source visits;
	struct path visited_on;
	struct rescue_source listed;
	struct path listed_from, listed_until, listed_level;
	str level[RESCUE_LEVELS]; /* mildest first */
	int32_t level_days[RESCUE_LEVELS];
	struct rescue_trigger *triggers;
	size_t triggers_n;
	int64_t explained_days; /* so long an explained hit is not told again */
	int64_t answered_days;  /* so long after a visit or a referral no row is opened anew (open.h) */
};

const struct rescue_trigger *rescue_trigger_of(const struct rescue_rules *rules, str id); /* NULL: none */

MUST_USE enum rc rescue_rules_read(
	struct arena *a, const struct model *m, struct rescue_rules *out, struct err *err);
