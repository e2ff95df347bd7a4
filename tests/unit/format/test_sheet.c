/* Addresses, numbers as text, and workbooks made part by part: merged ranges wherever the stream is cut, dates of both
 * bases, cells that lie. */
#include "base/date.h"
#include "format/sheet.h"
#include "format/xlsx_read.h"
#include "format/zip.h"
#include "tests.h"

static void addresses_are_those_of_spreadsheets(void **state)
{
	(void)state;
	static const struct {
		uint32_t row, column;
		const char *text;
	} cases[] = {{1, 1, "A1"}, {7, 26, "Z7"}, {9, 27, "AA9"}, {1, 702, "ZZ1"}, {1, 703, "AAA1"},
		{1048576, 16384, "XFD1048576"}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[SHEET_ADDRESS_BYTES];
		uint32_t row, column;
		sheet_address(cases[i].row, cases[i].column, text);
		assert_string_equal(text, cases[i].text);
		assert_true(xlsx_reference(str_of(text), &row, &column));
		assert_int_equal(row, cases[i].row);
		assert_int_equal(column, cases[i].column);
	}
	uint32_t row, column;
	assert_false(xlsx_reference(STR("A1B"), &row, &column));
	assert_false(xlsx_reference(STR(""), &row, &column));
	assert_false(xlsx_reference(STR("AAAAAAAAAAAAAAA1"), &row, &column));
	assert_false(xlsx_reference(STR("A99999999999999999999"), &row, &column));
}

static void numbers_are_the_shortest_text_that_reads_back(void **state)
{
	(void)state;
	struct arena a = {0};
	static const struct {
		double v;
		const char *text;
	} cases[] = {{0, "0"}, {-5, "-5"}, {20220101, "20220101"}, {0.1, "0.1"}, {37.24, "37.24"},
		{1e15, "1000000000000000"}, {213.23239999999998, "213.23239999999998"}, {1.5e30, "1.5e+30"},
		{0.1 + 0.2, "0.30000000000000004"}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_true(str_is(sheet_number(&a, cases[i].v), cases[i].text));
	arena_done(&a);
}

static str book_of(struct arena *a, struct buf *b, const char *workbook, const char *styles, str sheet)
{
	struct zipper z;
	struct err err = {0};
	buf_init(b, 0);
	zipper_init(&z, a, b);
	zipper_add(&z, STR("xl/workbook.xml"), str_of(workbook));
	if (styles)
		zipper_add(&z, STR("xl/styles.xml"), str_of(styles));
	zipper_add(&z, STR("xl/worksheets/sheet1.xml"), sheet);
	assert_ok(zipper_end(&z, &err), &err);
	return buf_str(b);
}

#define PLAIN_BOOK "<workbook><sheets><sheet name='S' sheetId='1'/></sheets></workbook>"

static void merged_ranges_are_found_wherever_the_stream_is_cut(void **state)
{
	(void)state;
	for (size_t pad = 65536 - 60; pad <= 65536 + 10; pad++) {
		struct arena a = {0};
		struct err err = {0};
		struct buf b, xml;
		buf_init(&xml, 0);
		buf_puts(&xml, "<worksheet><sheetData><row><c t='inlineStr'><is><t>mergeCell ref=\"Z9:Z9\" ");
		while (xml.n < pad - 38)
			buf_putc(&xml, 'x');
		buf_puts(&xml,
			"</t></is></c></row></sheetData><mergeCells><mergeCell ref=\"A1:C2\"/><y:mergeCell "
			"xref='no' ref = 'x' ref='D4:D5'></y:mergeCell><mergeCellx "
			"ref='no'/></mergeCells></worksheet>");
		struct sheet_book *book;
		assert_ok(sheet_open_bytes(&a, book_of(&a, &b, PLAIN_BOOK, NULL, buf_str(&xml)), &book, &err),
			&err);
		const struct sheet_range *r;
		size_t n;
		assert_ok(sheet_merged(book, 0, &a, &r, &n, &err), &err);
		assert_int_equal(n, 2);
		assert_int_equal(r[0].row2, 2);
		assert_int_equal(r[0].column2, 3);
		assert_int_equal(r[1].row1, 4);
		assert_int_equal(r[1].column1, 4);
		sheet_close(book);
		buf_done(&b);
		buf_done(&xml);
		arena_done(&a);
	}
}

static enum rc dates(void *ctx, const struct sheet_row *row, struct err *err)
{
	(void)err;
	struct buf *b = ctx;
	for (size_t i = 0; i < row->n; i++) {
		const struct cell *c = &row->cells[i];
		char day[DATE_TEXT_BYTES] = "none";
		if (c->kind == CELL_DATE && c->day != DATE_NONE)
			date_text(c->day, day);
		if (c->kind == CELL_DATE)
			buf_printf(b, "%s/%lld ", day, (long long)c->ms);
		else
			buf_printf(b, "%d:%.*s ", (int)c->kind, STR_ARG(c->text));
	}
	return RC_OK;
}

static void assert_dates(const char *workbook, const char *want)
{
	struct arena a = {0};
	struct err err = {0};
	struct buf b, log;
	buf_init(&log, 0);
	/* formats: 0 General, 1 date, 2 time, 3 elapsed */
	const char *styles =
		"<styleSheet><numFmts><numFmt numFmtId='164' formatCode='[h]:mm'/></numFmts><cellStyleXfs>"
		"<xf numFmtId='14'/></cellStyleXfs><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/>"
		"<xf numFmtId='20'/><xf numFmtId='164'/></cellXfs></styleSheet>";
	str sheet = STR(
		"<worksheet><sheetData><row><c s='1'><v>1</v></c><c s='1'><v>59</v></c><c s='1'><v>61</v></c>"
		"<c s='1'><v>45721.5</v></c><c s='2'><v>0.25</v></c><c s='3'><v>1.5</v></c><c "
		"s='1'><v>-1</v></c>"
		"<c s='1'><v>99999999</v></c><c s='0'><v>45721</v></c><c s='9'><v>45721</v></c>"
		"<c s='1'><v>45720.999999999</v></c><c s='1'><v>1e999</v></c><c t='d'><v>2025-02-30</v></c>"
		"</row></sheetData></worksheet>");
	struct sheet_book *book;
	assert_ok(sheet_open_bytes(&a, book_of(&a, &b, workbook, styles, sheet), &book, &err), &err);
	assert_ok(sheet_rows(book, 0, dates, &log, &err), &err);
	assert_string_equal(log.p, want);
	sheet_close(book);
	buf_done(&b);
	buf_done(&log);
	arena_done(&a);
}

static void dates_count_from_both_bases(void **state)
{
	(void)state;
	assert_dates(PLAIN_BOOK,
		"1900-01-01/-1 1900-02-28/-1 1900-03-01/-1 2025-03-05/43200000 none/21600000 "
		"none/129600000 1:-1 1:99999999 1:45721 1:45721 2025-03-05/-1 4:1e999 4:2025-02-30 ");
	assert_dates("<workbook><workbookPr date1904='true'/><sheets><sheet name='S'/></sheets>"
		     "<extLst><ext><workbookPr/></ext></extLst></workbook>",
		"1904-01-02/-1 1904-02-29/-1 1904-03-02/-1 2029-03-06/43200000 none/21600000 "
		"none/129600000 1:-1 1:99999999 1:45721 1:45721 2029-03-06/-1 4:1e999 4:2025-02-30 ");
}

static void escapes_of_controls_go_and_others_stay(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out;
	} cases[] = {{"a_x000D_\nb", "a\nb"}, {"_x000A_", "\n"}, {"_x0009_", "\t"},
		{"_x005F_x000D_", "_x005F_x000D_"}, {"_x000D", "_x000D"}, {"__x000D_", "_"},
		{"_x00G0_", "_x00G0_"}, {"plain", "plain"}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf b;
		buf_init(&b, 0);
		buf_puts(&b, "keep_x000D_");
		size_t from = b.n;
		buf_puts(&b, cases[i].in);
		xlsx_unescape(&b, from);
		assert_string_equal(b.p + from, cases[i].out);
		assert_int_equal(b.n, from + strlen(cases[i].out));
		buf_done(&b);
	}
}

static enum rc count(void *ctx, const struct sheet_row *row, struct err *err)
{
	(void)err, (void)row;
	return ++*(int *)ctx == 2 ? RC_FOUND : RC_OK;
}

static void reading_stops_when_enough_was_seen_and_may_begin_again(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	struct sheet_book *book;
	struct buf b;
	str sheet = STR("<worksheet><sheetData><row><c><v>1</v></c></row><row><c><v>2</v></c></row>"
			"<row><c><v>3</v></c></row></sheetData></worksheet>");
	assert_ok(sheet_open_bytes(&a, book_of(&a, &b, PLAIN_BOOK, NULL, sheet), &book, &err), &err);
	for (int i = 0; i < 3; i++) {
		int seen = 0;
		assert_int_equal(sheet_rows(book, 0, count, &seen, &err), RC_FOUND);
		assert_int_equal(seen, 2);
	}
	sheet_close(book);
	buf_done(&b);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_those_of_spreadsheets),
		cmocka_unit_test(numbers_are_the_shortest_text_that_reads_back),
		cmocka_unit_test(merged_ranges_are_found_wherever_the_stream_is_cut),
		cmocka_unit_test(dates_count_from_both_bases),
		cmocka_unit_test(escapes_of_controls_go_and_others_stay),
		cmocka_unit_test(reading_stops_when_enough_was_seen_and_may_begin_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
