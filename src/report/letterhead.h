/* letterhead.h -- 版头 and 版记 of a report: whose, and of which day (format/docx_write.h says where they stand).
 * The day is the edition's: its period's last, or the day of signing; never the clock's, so that bytes stay the same. */
#pragma once
#include "figure/period.h"
#include "format/docx_write.h"
#include "register/city.h"

/* none document letter brief; false: no such kind. */
bool letterhead_kind(str name, enum docx_letterhead_kind *out);
/* Body and date; the rest is the caller's. */
void letterhead_of(struct reader *r, const struct period *p, int64_t org, struct docx_letterhead *out);
/* 2026年1月8日 of 2026-01-08; empty for another text. */
str letterhead_date(struct arena *a, str iso);
