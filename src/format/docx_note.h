/* docx_note.h -- a note (草稿) at the head of every page of a Word package. The inside of docx_fill.
 * It goes as a first paragraph into every header part; where the first section lacks a header of a kind (default, first,
 * even), one of ours is made and referred to, and later sections inherit it. */
#pragma once
#include "format/docx_tree.h"

struct docx_file {
	str name, bytes;
};

/* files has room for two more than *n. */
MUST_USE enum rc docx_note_put(
	struct arena *a, struct docx_file *files, size_t *n, str note, struct err *err);
