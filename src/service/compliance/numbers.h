/* numbers.h -- what a city tells everybody of how it guarded people's data in a year (/street/data): counts, nothing else.
 * Acts of the office are told exactly; what counts people who asked is told from COMPLIANCE_TELL_FROM on (domain.md 2.3). */
#pragma once
#include "register/city.h"

enum { COMPLIANCE_TELL_FROM = 10 };
#define COMPLIANCE_HIDDEN INT64_MIN

enum compliance_number {
	COMPLIANCE_READS, /* readings of minors' records, each announced in the audit chain before it was shown */
	COMPLIANCE_REFUSALS,    /* acts that the program refused for want of a right */
	COMPLIANCE_EMERGENCIES, /* readings in an emergency, without an authorisation */
	COMPLIANCE_REQUESTS,    /* to see, correct or delete one's data */
	COMPLIANCE_LATE, /* of these: answered after the day that the rule sets, or still open after it */
	COMPLIANCE_DESTROYED, /* people whose key was destroyed */
	COMPLIANCE_NUMBERS
};

struct compliance_numbers {
	int64_t n[COMPLIANCE_NUMBERS]; /* COMPLIANCE_HIDDEN: not told */
};
extern const char *const compliance_number_ids[COMPLIANCE_NUMBERS]; /* reads, refusals, ... */

MUST_USE enum rc compliance_numbers(
	struct arena *a, struct db *db, int year, struct compliance_numbers *out, struct err *err);
