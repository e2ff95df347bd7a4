/* docx_box.h -- a Word document on the other side of a box (foreign.h). Filling: the document stays in the child, and every
 * question to the slot_host crosses over as a call and its answer. Reading: paragraphs as plain text, with the tags of the
 * content controls that pieces of them stand in.
 *
 * A workbook (xlsx_fill.h) goes the same ways: its sheets are parts, its rows paragraphs, counted as the sheet counts them.
 *
 * docx_plain reads here (tests, and the child itself), foreign_docx_plain in a box. */
#pragma once
#include "base/box.h"
#include "format/docx_fill.h"
#include "format/foreign.h"

enum { DOCX_CONTROLS_MAX = 16 };

/* A content control around a piece, the nearest first; id: the same control has the same within a part. */
struct docx_control {
	uint32_t id;
	str tag; /* not empty */
};

struct docx_plain_piece {
	uint32_t at, n; /* bytes of the paragraph's text */
	struct docx_control controls[DOCX_CONTROLS_MAX];
	size_t controls_n;
};

struct docx_plain {
	const char *part;
	str text;
	const struct docx_plain_piece *pieces; /* those that stand in a control, in order */
	size_t pieces_n;
};

typedef bool docx_plain_fn(
	void *user, const struct docx_plain *p); /* false: enough. All lives in the arena. */

MUST_USE enum rc docx_plain(struct arena *a, str docx, docx_plain_fn *visit, void *user, struct err *err);
MUST_USE enum rc foreign_docx_plain(
	struct arena *a, str docx, docx_plain_fn *visit, void *user, struct err *err);

/* The children's lives. */
enum rc docx_box_fill_run(struct box *b, struct arena *a, str input, str argument, struct err *err);
enum rc docx_box_read_run(struct box *b, struct arena *a, str input, str argument, struct err *err);
