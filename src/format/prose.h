/* prose.h -- a text with headings, paragraphs and tables, between those who make it (report/outline.h) and those who write
 * it (docx_write.h). A span with a tag is a figure's printed value; its label names the figure. Slices are borrowed. */
#pragma once
#include "base/arena.h"

struct prose_span {
	str text; /* may hold \n */
	str tag, label;
};

struct prose_text {
	struct prose_span *spans;
	size_t n;
};

enum prose_kind {
	PROSE_TITLE,
	PROSE_HEADING_1, /* 一、 */
	PROSE_HEADING_2, /* （一） */
	PROSE_HEADING_3, /* 1. */
	PROSE_ANNEX,     /* the title of an annex; it begins a page */
	PROSE_PARAGRAPH,
	PROSE_TABLE
};

struct prose_row {
	struct prose_text *cells;
	size_t n;
	bool header;
};

struct prose_block {
	enum prose_kind kind;
	struct prose_text text; /* not of a table */
	struct prose_row *rows;
	size_t rows_n, columns;
};

struct prose {
	struct prose_block *blocks;
	size_t n;
};

/* Which annex block i is, from 1; *out_of: how many there are. */
size_t prose_annex(const struct prose *p, size_t i, size_t *out_of);
/* 注：… right behind a table belongs to it. */
bool prose_table_note(const struct prose_block *b, const struct prose_block *before);
