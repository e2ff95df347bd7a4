/* pack.h -- the yearly evidence pack for minors' data (未成年人网络保护条例 art. 37; filed by the end of January): numbers
 * and decisions, no person's data. A zip of
 *     report.md           all sections as tables, Chinese and English heads
 *     SECTION.json        reads (by role, purpose and ground), authorisations, break_glass, consents, requests (with
 *                         answer times), sharing, assessments, retention, deletions, refusals
 *     audit.json          the chain verified: rows, first bad row if any, the signed heads up to now
 *     manifest.json       year, city, when made, SHA-256 of every file
 * What lies in the year counts by its own day. Same records, same bytes, but for the audit's growth. */
#pragma once
#include "base/buf.h"
#include "register/city.h"

/* By the operator or secadmin; signs the audit's head on the way (one row of the audit). RC_FOUND: made, but the audit chain
 * does not hold. */
MUST_USE enum rc compliance_pack(struct city *c, const struct actor *actor, struct arena *a, int year,
	struct buf *out, struct err *err);
