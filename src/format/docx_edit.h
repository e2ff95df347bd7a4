/* docx_edit.h -- one paragraph's slots as edits, and its runs written with them. The inside of docx_part; nobody else
 * includes it.
 *
 * An edit takes bytes [at, at + n) of the paragraph's text away and puts inserts in their place. Edits are in order, do not
 * overlap and are never empty, so that each begins in exactly one piece of one run. Copies of an inline block's inside are
 * inserts of the edit that removes its closing tag. */
#pragma once
#include "format/docx_part.h"

struct docx_event {
	uint32_t paragraph, at, n;
	uint32_t token; /* of the piece in which it begins */
	str inside;
	enum slot_kind kind;
	size_t mate;       /* event; SIZE_MAX for values */
	bool inline_block; /* it and its mate stand in one paragraph */
	struct slot_where where;
};

struct docx_fill_ctx {
	struct arena *a;
	const char *part;
	struct docx_tree t;
	const struct slot_host *host;
	struct docx_ids *ids;
	struct buf *out;
	struct docx_event *events; /* by paragraph and place */
	size_t events_n;
	size_t copies; /* > 0: inside a repetition that is not the first */
	uint32_t control_base;
	/* Tokens [from, to) of a picture or text box inside a run. */
	enum rc (*inner)(struct docx_fill_ctx *x, uint32_t from, uint32_t to, struct err *err);
};

struct docx_insert {
	str text, tag, label;
	uint32_t run;                    /* whose style it takes */
	const struct docx_piece *object; /* instead of text */
};

struct docx_edit {
	uint32_t at, n;
	size_t first, count; /* inserts */
};

struct docx_edits {
	struct docx_edit *edits;
	struct docx_insert *inserts;
	size_t n, cap, inserts_n, inserts_cap;
	bool emptied; /* a block of no times left nothing to read in the paragraph */
};

/* The events of a paragraph: [first, last). */
void docx_events_of(const struct docx_fill_ctx *x, uint32_t paragraph, size_t *first, size_t *last);
const struct docx_piece *docx_piece_at(const struct docx_paragraph *p, uint32_t at);
bool docx_blank(str s);  /* ASCII blanks and U+3000 only */
str docx_head_of(str s); /* the first 24 characters, for messages */

/* Asks the host for the values. */
MUST_USE enum rc docx_edits_make(struct docx_fill_ctx *x, uint32_t paragraph, size_t first, size_t last,
	struct docx_edits *out, struct err *err);
/* A token, or a run with its edits, to x->out; inside a copy without what must not stand twice. */
void docx_copy_token(struct docx_fill_ctx *x, uint32_t token);
MUST_USE enum rc docx_run_write(struct docx_fill_ctx *x, const struct docx_paragraph *p,
	const struct docx_edits *edits, uint32_t run, struct err *err);
