/* settle.h -- a report's text as it is kept for good: the Word file, its values and words (edition.h), its evidence bundle.
 *
 * Made of the reader's snapshot, without a draft's marks: a gap is RC_INVALID and names its paragraph. public: the copy with
 * small numbers and their partners withheld (withhold.h), its header saying so, its bundle without rows; withheld values stand
 * nowhere in it. The caller keeps all in one job (service/signoff). */
#pragma once
#include "figure/frozen.h"
#include "report/edition.h"
#include "report/source.h"

struct settled {
	struct frozen report, bundle; /* template_digest, body, document; the rest is the keeper's */
	struct frozen table; /* of the city's public annual report: its open figures (public_table.h) */
	bool has_table;
	struct edition edition;
	size_t withheld;
};

/* head: of the Word file; NULL: none. */
MUST_USE enum rc settle(struct reader *r, const struct period *p, int64_t org, str body, bool public,
	int64_t revision, const struct docx_letterhead *head, struct settled *out, struct err *err);
