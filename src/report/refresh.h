/* refresh.h -- a report that others have edited in Word gets today's numbers; their words stay.
 *
 * Renewed is the text of every content control of ours (tagged with a slot) that stands in one paragraph, in place: the control,
 * its style and everything around it keep their bytes, except a unit word that the value brings with it (人 -> 人次). Slots in
 * braces that somebody left or wrote are filled as well. A slot that cannot be told today keeps what stands there and is told.
 *
 * Told besides: each control whose text is not what its slot prints today, with both; `by_hand` where no frozen edition of
 * this unit and span printed that text either (known), so that it was typed, or comes from a draft before a change of
 * records. And each quantity outside of controls (lint.h, LINT_UNBACKED and LINT_HEDGE): typed, and nothing renews it. */
#pragma once
#include "report/lint.h"

struct refresh_change {
	str part, slot, before, after; /* after: empty where it cannot be told */
	size_t paragraph;
	bool by_hand, told;
	str why; /* not told */
};

struct refresh {
	struct arena *a;
	const struct slot_source *source;
	const struct lint_figure *figures; /* for the nearest of typed numbers */
	size_t figures_n;
	/* Did an edition print this text in this slot? NULL: there is none. */
	bool (*known)(void *user, str slot, str text);
	void *user;
	/* Out. */
	struct refresh_change *changes;
	size_t n, cap;
	size_t controls_n;          /* of ours, all */
	struct lint_finding *typed; /* numbers outside of controls */
	size_t typed_n;
};

MUST_USE enum rc refresh_docx(struct refresh *r, str docx, str *out, struct err *err);
