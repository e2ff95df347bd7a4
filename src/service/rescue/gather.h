/* gather.h -- what a city's registers say of its children on a day, as facts for finder.h and as answers of the rules'
 * conditions and counts (SQL, with `today` the day asked for). Everybody whom any of them names gets a number; all of the
 * person's household, birth and unit stand beside it. Authorises nothing: list.h does. */
#pragma once
#include "register/record.h"
#include "service/rescue/finder.h"
#include "service/rescue/rules.h"

struct rescue_found {
	int64_t person, unit; /* unit: home unit */
	uint64_t open;        /* bits 1 << trigger: of conditions and counts */
	uint64_t explained;   /* the same: closed as explained within the declared days */
	bool on_roll;         /* on a population list */
	bool known;           /* somebody is on record as a carer */
};

struct rescue_facts {
	struct rescue_found *child;
	struct finder_child *about; /* beside child */
	size_t n;
	struct finder_fact *fact;
	size_t facts_n;
};

/* Lives in r->a. */
MUST_USE enum rc rescue_gather(struct reader *r, const struct rescue_rules *rules, int32_t on,
	struct rescue_facts *out, struct err *err);
