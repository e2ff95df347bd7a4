/* docx_head.h -- between docx_write.c and its neighbours: what stands before and after the text of a Word document
 * (docx_head.c), its tables (docx_table.c). */
#pragma once
#include "format/docx_write.h"
#include "format/xml.h"

enum { DOCX_COLUMNS_MAX = 24 };

struct docx_writer {
	struct buf *b;
	uint32_t controls;
};

/* 版头: the name over its rule, number, signer. */
void docx_letterhead_put(struct docx_writer *w, struct arena *a, const struct docx_letterhead *h);
void docx_addressee_put(struct docx_writer *w, struct arena *a, const struct docx_letterhead *h);
/* 附件说明 (the annexes of p by number), 署名 and 成文日期; none without a letterhead. */
void docx_signature_put(
	struct docx_writer *w, struct arena *a, const struct prose *p, const struct docx_letterhead *h);
/* 版记: copies and printing between rules. */
void docx_imprint_put(struct docx_writer *w, struct arena *a, const struct docx_letterhead *h);
/* 附件2 at the upper left of a new page; 附件 where there is one. */
void docx_annex_number(struct docx_writer *w, struct arena *a, size_t number, size_t of);
/* At most DOCX_COLUMNS_MAX columns. */
void docx_table_put(struct docx_writer *w, const struct prose_block *t);
/* Runs; figures as content controls. */
void docx_spans_put(struct docx_writer *w, const struct prose_text *t);
