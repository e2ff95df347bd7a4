/* docx_head.h -- between docx_write.c and docx_head.c: what stands before and after the text of a Word document. */
#pragma once
#include "format/docx_write.h"
#include "format/xml.h"

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
