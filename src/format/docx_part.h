/* docx_part.h -- filling one WordprocessingML part (docx_fill.h walks the package).
 *
 * What is not a slot keeps its bytes. A value stands in the run in which its tag begins and takes that run's style; where
 * slot_fill gives a tag, it becomes an inline content control (w:sdt) so tagged, unless it stands in a plain-text control,
 * where none may nest. Blocks: inside one paragraph a piece of it; over cells of one row the row; over rows of one table
 * those rows; else the paragraphs and tables between, and a paragraph that held only block tags goes. What a copy must
 * not repeat (bookmarks, comment anchors, w14:paraId) stands in the first only; drawing ids are counted on.
 * A cell left without a paragraph gets an empty one, a table left without rows goes. */
#pragma once
#include "format/docx_tree.h"
#include "format/slots.h"

/* Numbers that must be unique in the whole package; begin with {0} and pass the same to all parts. */
struct docx_ids {
	uint32_t controls, drawings;
};

/* *out_changed is false, and nothing was added to out, where the part holds no slot of ours. */
MUST_USE enum rc docx_part_fill(struct arena *a, const char *part, str xml, const struct slot_host *host,
	struct docx_ids *ids, struct buf *out, bool *out_changed, struct err *err);
