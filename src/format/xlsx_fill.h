/* xlsx_fill.h -- filling an office's own workbook: slots {{...}} (slots.h) in the cells of its sheets.
 *
 *     A3 {{#each units}}{{name}}   B3 {{vol.events}}   C3 =B3*2   D3 {{vol.attend}}人次{{/each}}     a row for each unit
 *     A4 合计                      B4 =SUM(B3:B3)                                                 the sum follows the rows
 *
 * A cell that is one slot and comes out as a number becomes a number, so that formulas count with it; every other text stays
 * text. Styles, widths, formats and all parts of the package but the sheets keep their bytes. A block that begins in one cell
 * and ends in another of the same row repeats that row; a list without rows leaves one empty row, so that sums stay sums.
 * Rows below move down, and with them what names them: formulas (also of other sheets), merged cells, validations, conditional
 * formats, filters, print areas, charts. Formulas lose their kept values and are counted anew when the workbook opens.
 *
 * Refused (RC_INVALID, naming sheet and cell): a block over several rows, a repeated row that holds an array or shared formula,
 * repeated rows beside an Excel table. Formatting inside a cell's text is lost
 * where the cell is filled. note (草稿) stands at the right of every sheet's header. The same input and answers give the same
 * bytes. Limits: those of unzip.h; XLSX_FILL_CELLS_MAX cells with text. */
#pragma once
#include "format/slots.h"

enum { XLSX_FILL_CELLS_MAX = 500000 };

MUST_USE enum rc xlsx_fill(
	struct arena *a, str xlsx, const struct slot_host *host, str note, struct buf *out, struct err *err);
/* Is this zip a workbook? */
bool xlsx_looks_so(struct arena *a, str bytes);
/* Every row up to the last with a text as one text: cells parted by tabs, texts and typed numbers, formulas left out. visit
 * returns false to stop. For the linter, which counts them: empty rows come too, up to XLSX_EMPTY_ROWS_MAX together. */
enum { XLSX_EMPTY_ROWS_MAX = 10000 };
MUST_USE enum rc xlsx_texts(struct arena *a, str xlsx, bool (*visit)(void *user, const char *sheet, str text),
	void *user, struct err *err);
