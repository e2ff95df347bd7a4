/* The YAML subset: what a clerk writes, rightly and wrongly (the ten mistakes), and where each fault is shown. */
#include "base/tr.h"
#include "format/yaml.h"
#include "tests.h"

static const char *const GOOD[] = {
	"register: visit",                                      /* 1 */
	"label: {zh: 走访记录, en: Visit}",                     /* 2 */
	"fields:",                                              /* 3 */
	"  child: {type: ref, to: care_child, required: true}", /* 4 */
	"  way:",                                               /* 5 */
	"    type: choice",                                     /* 6 */
	"    values: {home: 入户, phone: 电话, school: 到校}",  /* 7 */
	"  money: {type: money, min: 0, max: 5000}",            /* 8 */
	"checks:",                                              /* 9 */
	"  - when: money > 1000 and receipt is null",           /* 10 */
	"    say: 慰问金超过1000元，请上传收据：不可空缺",      /* 11 */
	"list: [child, way]",                                   /* 12 */
	"note: \"a: b\"",                                       /* 13 */
	"unit: no",                                             /* 14 */
};
enum { LINES = sizeof GOOD / sizeof *GOOD };

/* The good file with one line replaced. */
static str with(struct arena *a, int line, const char *text, const char *end)
{
	const char *out = "";
	for (int i = 0; i < LINES; i++)
		out = arena_printf(a, "%s%s%s", out, i + 1 == line ? text : GOOD[i], end);
	return str_of(out);
}

struct fixture {
	struct arena a;
	struct err err;
	struct yaml root;
	struct yaml_fault *faults;
	size_t n;
};

static enum rc read_it(struct fixture *f, str text)
{
	tr_set(LANG_EN);
	f->n = 0;
	return yaml_read(&f->a, text, &f->root, &f->faults, &f->n, &f->err);
}

static void expect(int line, const char *text, int at_line, int at_column, const char *words)
{
	struct fixture f = {0};
	assert_int_equal(read_it(&f, with(&f.a, line, text, "\n")), RC_INVALID);
	assert_true(f.n >= 1);
	if (f.faults[0].line != at_line || f.faults[0].column != at_column ||
		!strstr(f.faults[0].message, words))
		fail_msg("“%s”: %d:%d %s; wanted %d:%d %s", text, f.faults[0].line, f.faults[0].column,
			f.faults[0].message, at_line, at_column, words);
	arena_done(&f.a);
}

static void a_good_file_is_read_with_positions(void **state)
{
	(void)state;
	struct fixture f = {0};
	assert_ok(read_it(&f, with(&f.a, 0, "", "\n")), &f.err);
	assert_true(str_is(yaml_get(&f.root, "register")->text, "visit"));
	const struct yaml *child = yaml_get(yaml_get(&f.root, "fields"), "child");
	assert_int_equal(child->kind, YAML_MAP);
	const struct yaml_pair *to = yaml_pair_of(child, "to");
	assert_int_equal(to->line, 4);
	assert_int_equal(to->column, 22);
	assert_int_equal(to->value.column, 26);
	const struct yaml *say = yaml_get(&yaml_get(&f.root, "checks")->items[0], "say");
	assert_true(str_is(say->text, "慰问金超过1000元，请上传收据：不可空缺"));
	assert_true(str_is(yaml_get(&f.root, "unit")->text, "no"));
	assert_true(yaml_get(&f.root, "note")->quoted);
	arena_done(&f.a);
}

static void bom_and_crlf_are_read(void **state)
{
	(void)state;
	struct fixture f = {0};
	str text = with(&f.a, 0, "", "\r\n");
	assert_ok(read_it(&f, arena_fmt(&f.a, "\xEF\xBB\xBF%.*s", STR_ARG(text))), &f.err);
	assert_true(str_is(yaml_get(&f.root, "unit")->text, "no"));
	assert_int_equal(yaml_get(&f.root, "unit")->line, 14);
	assert_int_equal(yaml_get(&f.root, "register")->column, 11);
	arena_done(&f.a);
}

static void a_tab_that_indents_is_told(void **state)
{
	(void)state;
	expect(10, "\t- when: money > 1000", 10, 1, "a tab may not indent");
}

static void a_full_width_colon_is_told_where_it_stands(void **state)
{
	(void)state;
	expect(6, "    type：choice", 6, 9, "full-width colon");
	expect(8, "  money: {type: money, min： 0}", 8, 27, "full-width colon");
}

static void a_full_width_comma_in_braces_is_told(void **state)
{
	(void)state;
	expect(7, "    values: {home: 入户，phone: 电话}", 7, 22, "full-width comma");
	expect(12, "list: [child，way]", 12, 13, "full-width comma");
}

static void full_width_braces_and_quotes_are_told(void **state)
{
	(void)state;
	expect(2, "label: ｛zh: 走访记录, en: Visit}", 2, 8, "full-width brace");
	expect(2, "label: {zh: 走访记录, en: Visit｝", 2, 28, "full-width brace");
	expect(13, "note: “a: b”", 13, 7, "full-width quotes");
}

static void a_missing_blank_after_a_colon_is_told(void **state)
{
	(void)state;
	expect(14, "sort:-date", 14, 5, "blank after “:” is missing");
	expect(2, "label: {zh:走访记录, en: Visit}", 2, 11, "blank after “:” is missing");
}

static void an_unclosed_quote_is_told(void **state)
{
	(void)state;
	struct fixture f = {0};
	assert_int_equal(read_it(&f, with(&f.a, 13, "note: \"a: b", "\n")), RC_INVALID);
	assert_in_range(f.faults[0].line, 13, 15);
	arena_done(&f.a);
}

static void a_key_that_stands_twice_is_told_with_the_first(void **state)
{
	(void)state;
	expect(8, "  way: {type: text}", 8, 3, "stands twice; first in line 5");
}

static void an_extra_blank_before_a_dash_is_told(void **state)
{
	(void)state;
	struct fixture f = {0};
	assert_int_equal(read_it(&f, STR("checks:\n  - a: b\n    c: d\n   - e: f\n")), RC_INVALID);
	assert_int_equal(f.faults[0].line, 4);
	arena_done(&f.a);
}

static void another_encoding_is_told_as_such(void **state)
{
	(void)state;
	struct fixture f = {0};
	assert_int_equal(read_it(&f, STR("a: b\nlabel: \xD7\xDF\xB7\xC3\n")), RC_INVALID);
	assert_string_equal(f.faults[0].message, "the file is not UTF-8");
	assert_int_equal(f.faults[0].line, 2);
	assert_int_equal(f.faults[0].column, 8);
	tr_set(LANG_ZH);
	assert_int_equal(yaml_read(&f.a, STR("\xD7\xDF"), &f.root, &f.faults, &f.n, &f.err), RC_INVALID);
	assert_non_null(strstr(f.faults[0].hint, "另存为 UTF-8"));
	tr_set(LANG_EN);
	arena_done(&f.a);
}

static void what_the_subset_leaves_out_is_refused(void **state)
{
	(void)state;
	struct fixture f = {0};
	static const char *const bad[] = {"a: &x 1\nb: *x\n", "a: !int 3\n", "a: {x: 1}\nb:\n  <<: {y: 2}\n",
		"a: 1\n---\nb: 2\n", "? [a, b]\n: c\n", "%YAML 1.1\n---\na: &q {b: c}\n"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (read_it(&f, str_of(bad[i])) != RC_INVALID)
			fail_msg("read: %s", bad[i]);
	arena_done(&f.a);
}

static void chinese_texts_are_left_alone(void **state)
{
	(void)state;
	struct fixture f = {0};
	static const char *const good[] = {"label: {zh: “返家乡”实习（志愿），含净滩, en: 'x'}\n",
		"a: “青年大学习”：网上主题团课，{每期}一次\n", "a: |\n  type：x\n  “a: b”\n  \tb\nc: d\n",
		"# type：x，｛\na: b # ，：\n", "a: 'x：y，｛z｝'\nb: \"“a: b”\"\n",
		"url: https://example.org/a\n", "a: [\"x，y\", z]\n",
		"say:\n  zh: 志愿服务：含净滩\n  en: service\n", "a:\n  - b\n  - c\n", "", "# nothing\n"};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		if (read_it(&f, str_of(good[i])) != RC_OK)
			fail_msg("%s: %s", good[i], f.err.text);
	arena_done(&f.a);
}

static void depth_and_size_have_an_end(void **state)
{
	(void)state;
	struct fixture f = {0};
	char deep[200];
	memset(deep, '[', sizeof deep);
	assert_int_equal(read_it(&f, (str){deep, sizeof deep}), RC_INVALID);
	size_t n = YAML_MAX_BYTES + 1;
	char *big = arena_alloc(&f.a, n);
	memset(big, '#', n);
	assert_int_equal(read_it(&f, (str){big, n}), RC_INVALID);
	arena_done(&f.a);
}

static void a_caret_stands_under_its_character(void **state)
{
	(void)state;
	struct arena a = {0};
	str caret = yaml_caret(&a, STR("  say: 慰问x：y"), 10);
	assert_int_equal(caret.n, 12); /* 7 narrow and 2 wide before it */
	assert_int_equal(caret.p[11], '^');
	assert_int_equal(yaml_caret(&a, STR(""), 5).n, 1);
	assert_true(str_is(yaml_line(STR("a\r\nb\r\nc"), 2), "b"));
	assert_int_equal(yaml_line(STR("a"), 9).n, 0);
	arena_done(&a);
}

static void an_offset_in_a_folded_text_finds_its_place(void **state)
{
	(void)state;
	struct fixture f = {0};
	str text = STR("x: a = 1\n   and b = 2\ny: 'it''s c'\nz: |\n  one\n  two\n");
	int line, column;
	assert_ok(read_it(&f, text), &f.err);
	const struct yaml *x = yaml_get(&f.root, "x");
	assert_true(str_is(x->text, "a = 1 and b = 2"));
	yaml_place(text, x, 10, &line, &column); /* b */
	assert_int_equal(line, 2);
	assert_int_equal(column, 8);
	yaml_place(text, yaml_get(&f.root, "y"), 5, &line, &column); /* c */
	assert_int_equal(line, 3);
	assert_int_equal(column, 11);
	yaml_place(text, yaml_get(&f.root, "z"), 4, &line, &column); /* two */
	assert_int_equal(line, 6);
	assert_int_equal(column, 3);
	arena_done(&f.a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_file_is_read_with_positions),
		cmocka_unit_test(bom_and_crlf_are_read),
		cmocka_unit_test(a_tab_that_indents_is_told),
		cmocka_unit_test(a_full_width_colon_is_told_where_it_stands),
		cmocka_unit_test(a_full_width_comma_in_braces_is_told),
		cmocka_unit_test(full_width_braces_and_quotes_are_told),
		cmocka_unit_test(a_missing_blank_after_a_colon_is_told),
		cmocka_unit_test(an_unclosed_quote_is_told),
		cmocka_unit_test(a_key_that_stands_twice_is_told_with_the_first),
		cmocka_unit_test(an_extra_blank_before_a_dash_is_told),
		cmocka_unit_test(another_encoding_is_told_as_such),
		cmocka_unit_test(what_the_subset_leaves_out_is_refused),
		cmocka_unit_test(chinese_texts_are_left_alone),
		cmocka_unit_test(depth_and_size_have_an_end),
		cmocka_unit_test(a_caret_stands_under_its_character),
		cmocka_unit_test(an_offset_in_a_folded_text_finds_its_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
