/* docx_fill.h -- filling an office's own Word document: the package around docx_part.h.
 *
 * Walked are all parts of WordprocessingML: document, headers, footers, footnotes, endnotes, comments; whatever they are
 * named. Every other part goes over with its bytes, and so does a part without a slot of ours. Parts keep their order;
 * the archive is stored and dated 1980-01-01, so the same input and answers give the same bytes. A chart's cached values
 * are not touched. Limits: those of unzip (64 MB unpacked). Errors name part, paragraph and slot; out is then of no use.
 *
 * A note (草稿) goes as a first paragraph into every header of the document; where a section has none, into a header made
 * for it. */
#pragma once
#include "format/docx_tree.h"
#include "format/slots.h"

/* note: empty for none. */
MUST_USE enum rc docx_fill(
	struct arena *a, str docx, const struct slot_host *host, str note, struct buf *out, struct err *err);

/* Every paragraph that a reader reads, part by part; visit returns false to stop. tree and paragraph live in a. */
MUST_USE enum rc docx_paragraphs(struct arena *a, str docx,
	bool (*visit)(
		void *user, const char *part, const struct docx_tree *tree, const struct docx_paragraph *p),
	void *user, struct err *err);
