/* Workbooks. The first byte says what the rest is: 'z' a whole file, 's' a sheet, 't' shared texts, 'w' a workbook part,
 * 'f' styles; parts are put into an otherwise sound file, so that the fuzzer need not find checksums. */
#include "format/sheet.h"
#include "format/xlsx_fill.h"
#include "format/zip.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	uint32_t row;
	size_t bytes;
};

static enum rc look(void *ctx, const struct sheet_row *row, struct err *err)
{
	(void)err;
	struct seen *s = ctx;
	assert(row->number > s->row && row->number <= SHEET_ROWS_MAX && row->n > 0);
	s->row = row->number;
	uint32_t before = 0;
	for (size_t i = 0; i < row->n; i++) {
		const struct cell *c = &row->cells[i];
		assert(c->column > before && c->column <= SHEET_COLUMNS_MAX && c->text.p != NULL);
		before = c->column;
		for (size_t k = 0; k < c->text.n; k++)
			s->bytes += (unsigned char)c->text.p[k];
		assert(sheet_cell(row, c->column) == c);
	}
	return RC_OK;
}

/* Its slots: {{#...}} a block of two rows, {{/...}} its end, anything else a number. */
static enum rc any_kind(
	void *user, str inside, bool closed, const struct slot_where *w, enum slot_kind *out, struct err *err)
{
	(void)user, (void)closed, (void)w, (void)err;
	*out = str_starts(inside, STR("#"))   ? SLOT_OPEN
	       : str_starts(inside, STR("/")) ? SLOT_CLOSE
					      : SLOT_VALUE;
	return RC_OK;
}

static enum rc any_enter(
	void *user, str inside, const struct slot_where *w, size_t *out_times, struct err *err)
{
	(void)user, (void)inside, (void)w, (void)err;
	*out_times = 2;
	return RC_OK;
}

static enum rc any_step(void *user, size_t i, struct err *err)
{
	(void)user, (void)i, (void)err;
	return RC_OK;
}

static void any_leave(void *user)
{
	(void)user;
}

static enum rc any_fill(void *user, str inside, str before, str after, const struct slot_where *w,
	struct slot_fill *out, struct err *err)
{
	(void)user, (void)inside, (void)before, (void)after, (void)w, (void)err;
	out->text = STR("12");
	return RC_OK;
}

/* What was filled can be filled again. */
static void fill_book(struct arena *a, str bytes)
{
	const struct slot_host host = {
		.kind = any_kind, .enter = any_enter, .step = any_step, .leave = any_leave, .fill = any_fill};
	struct buf out;
	buf_init(&out, 0);
	enum rc rc = xlsx_fill(a, bytes, &host, STR("草稿"), &out, NULL);
	assert(rc == RC_OK || rc == RC_INVALID || rc == RC_LIMIT);
	assert(rc != RC_OK || xlsx_looks_so(a, buf_str(&out)));
	buf_done(&out);
}

static void read_book(struct arena *a, str bytes)
{
	struct sheet_book *b = NULL;
	struct err err;
	if (sheet_open_bytes(a, bytes, &b, &err) != RC_OK)
		return;
	for (size_t i = 0; i < b->n && i < 4; i++) {
		const struct sheet_range *r;
		size_t n;
		struct seen seen = {0};
		if (sheet_merged(b, i, a, &r, &n, &err) == RC_OK)
			for (size_t k = 0; k < n; k++)
				assert(r[k].row1 >= 1 && r[k].row1 <= r[k].row2 &&
					r[k].row2 <= SHEET_ROWS_MAX);
		enum rc rc = sheet_rows(b, i, look, &seen, &err);
		assert(rc == RC_OK || rc == RC_INVALID || rc == RC_LIMIT);
	}
	str marker;
	if (sheet_marker(b, a, &marker, &err) == RC_OK)
		assert(marker.n == 0 || str_starts(marker, STR("qinghe:")));
	sheet_close(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	struct arena a = {0};
	str rest = {(const char *)data + 1, size - 1};
	char kind = (char)data[0];
	if (kind == 'z') {
		read_book(&a, rest);
		fill_book(&a, rest);
		arena_done(&a);
		return 0;
	}
	struct buf b;
	struct zipper z;
	buf_init(&b, 0);
	zipper_init(&z, &a, &b);
	zipper_add(&z, STR("xl/workbook.xml"),
		kind == 'w' ? rest
			    : STR("<workbook><sheets><sheet name='S' r:id='r1'/><sheet name='H' r:id='r2' "
				  "state='hidden'/></sheets></workbook>"));
	zipper_add(&z, STR("xl/worksheets/sheet1.xml"),
		kind == 's' ? rest
			    : STR("<worksheet><sheetData><row><c t='s'><v>0</v></c><c "
				  "s='1'><v>45000.5</v></c><c t='s'>"
				  "<v>1</v></c></row></sheetData></worksheet>"));
	zipper_add(&z, STR("xl/worksheets/sheet2.xml"),
		STR("<worksheet><sheetData><row><c "
		    "t='inlineStr'><is><t>qinghe:</t></is></c></row></sheetData></worksheet>"));
	zipper_add(&z, STR("xl/sharedStrings.xml"),
		kind == 't' ? rest : STR("<sst><si><t>a</t></si><si><r><t>b</t></r></si></sst>"));
	zipper_add(&z, STR("xl/styles.xml"),
		kind == 'f' ? rest
			    : STR("<styleSheet><cellXfs><xf/><xf numFmtId='22'/></cellXfs></styleSheet>"));
	zipper_add(&z, STR("xl/_rels/workbook.xml.rels"),
		STR("<Relationships><Relationship Id='r1' Type='t/worksheet' Target='worksheets/sheet1.xml'/>"
		    "<Relationship Id='r2' Type='t/worksheet' "
		    "Target='worksheets/sheet2.xml'/></Relationships>"));
	if (zipper_end(&z, NULL) == RC_OK) {
		read_book(&a, buf_str(&b));
		fill_book(&a, buf_str(&b));
	}
	buf_done(&b);
	arena_done(&a);
	return 0;
}
