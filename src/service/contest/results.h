/* results.h -- the awards of a contest as the street may tell them: entry's number, work, award; never who.
 *
 * Of a completed contest, of accepted entries, awards in force whose publicity has begun; only where `from` entries and more
 * stand (rules/street.yaml, works_from): of fewer a list would tell who took part. Reads the registers by itself, for
 * entries are of minors and no stranger reads them: nothing but the fields named here leaves. */
#pragma once
#include "register/city.h"

enum { CONTEST_AWARDS_MAX = 300 };

struct contest_award {
	str level, rank; /* ids of the register's choices */
	str number, work;
	str awarded_on, public_to; /* ISO; may be empty */
};
struct contest_results {
	int64_t entries;              /* accepted */
	bool few;                     /* too few: no awards are told */
	struct contest_award *awards; /* the highest level and rank first, as the register lists them */
	size_t n;
};
MUST_USE enum rc contest_results(struct reader *r, int64_t contest, int32_t today, int64_t from,
	struct contest_results *out, struct err *err);
