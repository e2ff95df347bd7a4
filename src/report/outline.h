/* outline.h -- our own report texts: a few forms of markdown, filled, then written as Word, HTML or markdown.
 *
 *     # 标题                    the first line
 *     ## 一、…   ### （一）…   #### 1.…
 *     ##### 标题                an annex: begins a page; the writers number it 附件1, 附件2 ...
 *     {{annex ID}}              on a line of its own: an annex that the model declares (declared.h)
 *     paragraphs, parted by blank lines; lines of one paragraph are joined without a blank between Han characters
 *     | a | b |                 a table row; a row of dashes under the first makes it the repeating head; \| is a bar
 *     <!-- remark -->           on lines of its own: left out
 * Slots as in template.h. A paragraph that came out empty falls away; a heading with nothing under it stays. */
#pragma once
#include "format/html.h"
#include "format/prose.h"
#include "report/template.h"

/* Text filled with marks (slots_fill_text) -> prose. Never fails: what is no form is a paragraph. */
void outline_parse(struct arena *a, str filled, struct prose *out);

/* Template text -> filled prose; notes and used figures are in t. */
MUST_USE enum rc outline_fill(
	struct arena *a, str text, struct template_run *t, struct prose *out, struct err *err);

/* 附件, or 附件2 where there are several: of the block at i, an annex. */
str outline_annex_number(struct arena *a, const struct prose *p, size_t i);
/* Where a report's title may break: before its year, and before what it tells of (共青团临澜市委员会 / 2026年关心下一代 /
 * 工作情况报告). The parts are views into the title; answers how many. */
enum { TITLE_PARTS_MAX = 3 };
size_t title_parts(str title, str out[TITLE_PARTS_MAX]);
/* The article as markup (h1..h4, p, table); each figure a link to its rows, /figures/ID/trace?period=P, with its unit's code
 * where it has one. source: of the periods; NULL: no links. */
void outline_html(struct buf *out, struct arena *a, const struct prose *p, const struct slot_source *source);
/* The same as a whole page in one file, with its own small sheet; note as in docx_write. */
void outline_html_page(
	struct buf *out, struct arena *a, const struct prose *p, const struct slot_source *source, str note);
/* The text without marks. */
void outline_markdown(struct buf *out, const struct prose *p);
