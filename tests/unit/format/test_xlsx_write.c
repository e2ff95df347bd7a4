/* What is written is read back by our own reader; the form's checks are looked for in its parts. */
#include "base/clock.h"
#include "base/date.h"
#include "base/hash.h"
#include "format/xlsx_write.h"
#include "format/zip.h"
#include "tests.h"

#define S(literal) \
	{ \
		(literal), sizeof(literal) - 1 \
	} /* STR is no constant */

/* libxlsxwriter 1.1.4 never frees the formula of a drop-down. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:lxw_strdup";
}

static char folder[] = "/tmp/qinghe-test-XXXXXX";

static const char *path_of(struct arena *a, const char *name)
{
	return arena_printf(a, "%s/%s", folder, name);
}

static struct cell text(uint32_t column, const char *t)
{
	return (struct cell){
		.kind = CELL_TEXT, .column = column, .text = str_of(t), .day = DATE_NONE, .ms = -1};
}

static enum rc note(void *ctx, const struct sheet_row *row, struct err *err)
{
	(void)err;
	struct buf *b = ctx;
	static const char *const kinds[] = {"t", "n", "b", "d", "e", "-"};
	buf_printf(b, "%u:", row->number);
	for (size_t i = 0; i < row->n; i++) {
		const struct cell *c = &row->cells[i];
		buf_printf(b, " %u%s", c->column, kinds[c->kind]);
		if (c->kind == CELL_DATE) {
			char day[DATE_TEXT_BYTES] = "none";
			if (c->day != DATE_NONE)
				date_text(c->day, day);
			buf_printf(b, "%s/%lld", day, (long long)c->ms);
		} else {
			buf_add(b, c->text);
		}
	}
	buf_puts(b, "\n");
	return RC_OK;
}

static const struct xlsx_column COLUMNS[] = {
	{.title = S("姓名"), .kind = XLSX_TEXT},
	{.title = S("身份证号"), .kind = XLSX_DIGITS},
	{.title = S("人数"), .kind = XLSX_INTEGER},
	{.title = S("日期"), .kind = XLSX_DATE},
	{.title = S("起止"), .kind = XLSX_DATETIME},
};

static void a_table_comes_back_as_it_went(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	struct xlsx_writer *w;
	const char *path = path_of(&a, "table.xlsx");
	assert_ok(xlsx_write_open(&a, path, &w, &err), &err);
	xlsx_write_sheet(w, STR("走访"), COLUMNS, 5);
	int32_t day = date_of(2025, 3, 5);
	struct cell cells[] = {text(1, "=1+1"), text(2, "110101201001011234"),
		{.kind = CELL_NUMBER, .column = 3, .number = 12},
		{.kind = CELL_DATE, .column = 4, .day = day, .ms = -1},
		{.kind = CELL_DATE, .column = 5, .day = day, .ms = (9 * 60 + 30) * 60000}};
	xlsx_write_row(w, cells, 5);
	struct cell odd[] = {text(1, "+86\n<&>\"\x01\xff"), text(2, "007"),
		{.kind = CELL_NUMBER,
			.column = 3,
			.number = 1.101012010010112e17,
			.text = STR("110101201001011234")},
		{.kind = CELL_DATE, .column = 4, .day = date_of(1900, 1, 2), .ms = -1},
		{.kind = CELL_BOOL, .column = 5, .truth = true}};
	xlsx_write_row(w, odd, 5);
	xlsx_write_row(w, NULL, 0);
	struct cell far[] = {{.kind = CELL_DATE, .column = 7, .day = DATE_NONE, .ms = 26 * 3600000LL}};
	xlsx_write_row(w, far, 1);
	assert_ok(xlsx_write_close(w, &err), &err);

	struct sheet_book *b;
	struct buf log;
	buf_init(&log, 0);
	assert_ok(sheet_open_file(&a, path, &b, &err), &err);
	assert_int_equal(b->n, 1);
	assert_true(str_is(b->sheets[0].name, "走访"));
	assert_ok(sheet_rows(b, 0, note, &log, &err), &err);
	assert_string_equal(log.p,
		"1: 1t姓名 2t身份证号 3t人数 4t日期 5t起止\n"
		"2: 1t=1+1 2t110101201001011234 3n12 4d2025-03-05/-1 5d2025-03-05/34200000\n"
		"3: 1t+86\n<&>\" 2t007 3t110101201001011234 4t1900-01-02 5b1\n"
		"5: 7dnone/93600000\n");
	sheet_close(b);
	buf_done(&log);
	arena_done(&a);
}

static struct hash digest_of(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	char *p = arena_alloc(a, 1 << 20);
	size_t n = fread(p, 1, 1 << 20, f);
	fclose(f);
	return hash_sha256((str){p, n});
}

static void the_same_rows_under_the_same_clock_give_the_same_bytes(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	struct hash first = {0};
	clock_set(1760000000000, false);
	for (int i = 0; i < 2; i++) {
		struct xlsx_writer *w;
		const char *path = path_of(&a, i ? "one.xlsx" : "two.xlsx");
		assert_ok(xlsx_write_open(&a, path, &w, &err), &err);
		xlsx_write_sheet(w, STR("a"), COLUMNS, 5);
		struct cell c = text(1, "x");
		xlsx_write_row(w, &c, 1);
		assert_ok(xlsx_write_close(w, &err), &err);
		struct hash h = digest_of(&a, path);
		if (i == 0)
			first = h;
		else
			assert_true(hash_eq(&first, &h));
	}
	clock_unset();
	arena_done(&a);
}

static void a_text_too_long_for_a_cell_is_told_with_its_address(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	struct xlsx_writer *w;
	const char *path = path_of(&a, "long.xlsx");
	char *long_text = arena_alloc(&a, XLSX_TEXT_MAX + 2);
	memset(long_text, 'x', XLSX_TEXT_MAX + 1);
	assert_ok(xlsx_write_open(&a, path, &w, &err), &err);
	xlsx_write_sheet(w, STR("a"), COLUMNS, 5);
	struct cell c = text(2, long_text);
	xlsx_write_row(w, &c, 1);
	assert_int_equal(xlsx_write_close(w, &err), RC_LIMIT);
	assert_non_null(strstr(err.text, "B2"));
	assert_int_not_equal(access(path, F_OK), 0);
	arena_done(&a);
}

static str part(struct arena *a, const char *path, const char *name)
{
	struct unzip *z;
	struct err err = {0};
	str s;
	assert_ok(unzip_open_file(a, path, NULL, &z, &err), &err);
	const struct unzip_entry *e = unzip_find(z, name);
	assert_non_null(e);
	assert_ok(unzip_read(z, e, a, &s, &err), &err);
	unzip_close(z);
	return s;
}

#define assert_holds(s, what) assert_true(str_find((s), STR(what)) != SIZE_MAX)

static void a_form_has_its_lists_checks_notes_and_marker(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	static const str kinds[] = {S("心理辅导"), S("学业辅导"), S("资金")};
	static const struct xlsx_column columns[] = {
		{.title = S("姓名"), .kind = XLSX_TEXT, .required = true, .note = S("与身份证一致")},
		{.title = S("身份证号"), .kind = XLSX_DIGITS, .length = 18},
		{.title = S("帮扶事项"), .kind = XLSX_CHOICE, .choices = kinds, .choices_n = 3},
		{.title = S("日期"), .kind = XLSX_DATE},
		{.title = S("人数"), .kind = XLSX_INTEGER},
	};
	struct cell cells[] = {text(1, "张三"), text(2, "007")};
	struct sheet_row row = {.cells = cells, .n = 2};
	struct xlsx_form form = {.sheet_name = STR("走访"),
		.codes_name = STR("代码"),
		.title = STR("走访登记表"),
		.instructions = STR("一行一次走访。"),
		.unit_line = STR("填报单位：青河一中"),
		.marker = STR("qinghe:register=visit;v=3;org=QH01"),
		.columns = columns,
		.n = 5,
		.rows = &row,
		.rows_n = 1};
	const char *path = path_of(&a, "form.xlsx");
	assert_ok(xlsx_write_form(&a, path, &form, &err), &err);

	struct sheet_book *b;
	struct buf log;
	str marker;
	buf_init(&log, 0);
	assert_ok(sheet_open_file(&a, path, &b, &err), &err);
	assert_int_equal(b->n, 2);
	assert_false(b->sheets[0].hidden);
	assert_true(b->sheets[1].hidden);
	assert_ok(sheet_marker(b, &a, &marker, &err), &err);
	assert_true(str_is(marker, "qinghe:register=visit;v=3;org=QH01"));
	assert_ok(sheet_rows(b, 0, note, &log, &err), &err);
	assert_string_equal(log.p, "1: 1t走访登记表\n2: 1t一行一次走访。\n3: 1t填报单位：青河一中\n"
				   "4: 1t姓名 2t身份证号 3t帮扶事项 4t日期 5t人数\n5: 1t张三 2t007\n");
	sheet_close(b);
	buf_done(&log);

	str sheet = part(&a, path, "xl/worksheets/sheet1.xml"), book = part(&a, path, "xl/workbook.xml");
	assert_holds(book, "<definedName name=\"choices_3\">'代码'!$C$2:$C$4</definedName>");
	assert_holds(book, "state=\"hidden\"");
	assert_holds(sheet, "<formula1>choices_3</formula1>");
	assert_holds(sheet, "sqref=\"C5:C2004\"");
	assert_holds(sheet, "type=\"date\"");
	assert_holds(sheet, "type=\"whole\"");
	assert_holds(sheet, "type=\"textLength\"");
	assert_holds(sheet, "state=\"frozen\"");
	assert_holds(part(&a, path, "xl/comments1.xml"), "与身份证一致");
	assert_holds(part(&a, path, "xl/styles.xml"), "numFmtId=\"49\"");
	arena_done(&a);
}

static void an_unfinished_table_can_be_dropped(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	struct xlsx_writer *w;
	assert_ok(xlsx_write_open(&a, path_of(&a, "dropped.xlsx"), &w, &err), &err);
	xlsx_write_sheet(w, STR("a"), COLUMNS, 5);
	xlsx_write_cancel(w);
	assert_int_not_equal(access(path_of(&a, "dropped.xlsx"), F_OK), 0);
	assert_int_equal(xlsx_write_open(&a, "/no/such/folder/x.xlsx", &w, &err), RC_IO);
	arena_done(&a);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int drop_folder(void **state)
{
	(void)state;
	static const char *const names[] = {"table.xlsx", "one.xlsx", "two.xlsx", "form.xlsx"};
	struct arena a = {0};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unlink(path_of(&a, names[i]));
	arena_done(&a);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_comes_back_as_it_went),
		cmocka_unit_test(the_same_rows_under_the_same_clock_give_the_same_bytes),
		cmocka_unit_test(a_text_too_long_for_a_cell_is_told_with_its_address),
		cmocka_unit_test(a_form_has_its_lists_checks_notes_and_marker),
		cmocka_unit_test(an_unfinished_table_can_be_dropped),
	};
	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
