/* A report text of ours: parsed, filled, written as Word, HTML and markdown. */
#include "fake_source.h"
#include "format/docx_fill.h"
#include "format/docx_write.h"
#include "format/zip.h"
#include "report/outline.h"

static const char TEXT[] =
	"# {{name.city}}市{{year}}年工作情况汇报\n"
	"<!-- 说明：本行不印\n仍不印 -->\n"
	"{{year}}年，现将有关工作\n汇报如下：\n\n"
	"## 一、{{year}}年工作开展情况\n"
	"### （一）聚焦根本使命\n\n"
	"组织参学“青年大学习”{{study.issues}}期，累计参学{{study.attend|print}}人次。\n\n"
	"{{#if contest.entrants}}举办大赛，{{contest.entrants}}名参赛。{{/if}}\n\n"
	"#### 1.各单位\n"
	"| 单位 | 公益服务 |\n|---|---|\n| {{#each units}}{{name}} | {{vol.events}}{{/each}} |\n\n"
	"开展“学雷锋”等公益服务{{vol.events|print}}次，见“{{hostile}}”。\n";

static void fill(struct arena *a, const char *text, struct prose *p)
{
	struct template_run t;
	struct err err = {0};
	template_init(&t, a, &fake_source, false);
	assert_ok(outline_fill(a, str_of(text), &t, p, &err), &err);
}

static void forms_are_told_apart(void **state)
{
	(void)state;
	struct arena a = {0};
	struct prose p;
	fill(&a, TEXT, &p);
	static const enum prose_kind kinds[] = {PROSE_TITLE, PROSE_PARAGRAPH, PROSE_HEADING_1,
		PROSE_HEADING_2, PROSE_PARAGRAPH, PROSE_HEADING_3, PROSE_TABLE, PROSE_PARAGRAPH};
	assert_int_equal(p.n, sizeof kinds / sizeof *kinds);
	for (size_t i = 0; i < p.n; i++)
		assert_int_equal(p.blocks[i].kind, kinds[i]);
	assert_true(str_is(p.blocks[1].text.spans[0].text, "2025年，现将有关工作汇报如下："));
	assert_int_equal(p.blocks[4].text.n, 5);
	assert_true(str_is(p.blocks[4].text.spans[3].tag, "study.attend|print"));
	assert_true(str_is(p.blocks[4].text.spans[3].text, "123.46万"));
	assert_int_equal(p.blocks[6].rows_n, 3);
	assert_int_equal(p.blocks[6].columns, 2);
	assert_true(p.blocks[6].rows[0].header);
	assert_true(str_is(p.blocks[6].rows[2].cells[1].spans[0].text, "57"));
	arena_done(&a);
}

static void markdown_comes_back_as_it_was_meant(void **state)
{
	(void)state;
	struct arena a = {0};
	struct prose p, q;
	struct buf b, c;
	fill(&a, TEXT, &p);
	buf_init(&b, 1 << 20);
	buf_init(&c, 1 << 20);
	outline_markdown(&b, &p);
	assert_non_null(strstr(b.p, "| 东城区 | 30 |\n"));
	outline_parse(&a, buf_str(&b), &q);
	outline_markdown(&c, &q);
	assert_string_equal(b.p, c.p);
	buf_done(&b);
	buf_done(&c);
	arena_done(&a);
}

static void figures_are_links_and_texts_are_escaped_in_html(void **state)
{
	(void)state;
	struct arena a = {0};
	struct prose p;
	struct buf b;
	fill(&a, TEXT, &p);
	buf_init(&b, 1 << 20);
	outline_html_page(&b, &a, &p, &fake_source, STR("草稿"));
	assert_non_null(strstr(b.p,
		"<a href=\"/figures/study.attend/trace?period=2025\" title=\"累计参学人次\">123.46万</a>"));
	assert_non_null(strstr(
		b.p, "<a href=\"/figures/vol.events/trace?period=2025&amp;org=C02\" title=\"X\">57</a>"));
	assert_non_null(strstr(b.p, "&lt;w:p&gt;&amp;&quot;"));
	assert_non_null(strstr(b.p, "<title>清河市2025年工作情况汇报</title>"));
	assert_non_null(strstr(b.p, "<h1>清河市<wbr>2025年<wbr>工作情况汇报</h1>"));
	assert_null(strstr(b.p, "<w:p>"));
	assert_null(strchr(b.p, SLOT_MARK));
	buf_done(&b);
	arena_done(&a);
}

static void a_value_makes_no_cell_and_no_line(void **state)
{
	(void)state;
	struct arena a = {0};
	struct prose p;
	outline_parse(&a, STR("| a | b\\|c |\n|---|---|\n| x |\n\nq\\|r"), &p);
	assert_int_equal(p.n, 2);
	assert_true(str_is(p.blocks[0].rows[0].cells[1].spans[0].text, "b|c"));
	assert_int_equal(p.blocks[0].rows[1].n, 1);
	assert_true(str_is(p.blocks[1].text.spans[0].text, "q|r"));
	arena_done(&a);
}

static str unzipped(struct arena *a, str docx, const char *name)
{
	struct unzip *z;
	struct err err = {0};
	str bytes = {0};
	assert_ok(unzip_open_bytes(a, docx, NULL, &z, &err), &err);
	const struct unzip_entry *e = unzip_find(z, name);
	assert_non_null(e);
	assert_ok(unzip_read(z, e, a, &bytes, &err), &err);
	unzip_close(z);
	return bytes;
}

struct seen {
	struct arena *a;
	struct buf all;
};

static bool see(void *user, const char *part, const struct docx_tree *t, const struct docx_paragraph *p)
{
	struct seen *s = user;
	(void)part;
	(void)t;
	buf_add(&s->all, p->text);
	buf_putc(&s->all, '\n');
	return true;
}

static void word_files_are_the_same_bytes_and_read_back(void **state)
{
	(void)state;
	struct arena a = {0};
	struct prose p;
	struct buf b, c;
	struct err err = {0};
	struct docx_write_options draft = {.note = STR("草稿")};
	fill(&a, TEXT, &p);
	buf_init(&b, 1 << 24);
	buf_init(&c, 1 << 24);
	assert_ok(docx_write(&a, &p, &draft, &b, &err), &err);
	fill(&a, TEXT, &p);
	assert_ok(docx_write(&a, &p, &draft, &c, &err), &err);
	assert_true(str_eq(buf_str(&b), buf_str(&c)));
	struct seen s = {.a = &a};
	buf_init(&s.all, 1 << 20);
	assert_ok(docx_paragraphs(&a, buf_str(&b), see, &s, &err), &err);
	assert_non_null(strstr(s.all.p, "组织参学“青年大学习”38期，累计参学123.46万人次。\n"));
	assert_non_null(strstr(s.all.p, "草稿\n"));
	assert_non_null(strstr(s.all.p, "西城区\n57\n"));
	str document = unzipped(&a, buf_str(&b), "word/document.xml");
	assert_true(str_find(document, STR("<w:tag w:val=\"vol.events|print\"/>")) != SIZE_MAX);
	/* a quotation mark after a digit stands in a run of its own */
	outline_parse(&a, STR("达1286”主题"), &p);
	buf_clear(&b);
	assert_ok(docx_write(&a, &p, NULL, &b, &err), &err);
	document = unzipped(&a, buf_str(&b), "word/document.xml");
	assert_true(str_find(document, STR(">达1286</w:t></w:r><w:r>")) != SIZE_MAX);
	const char *save = getenv("QINGHE_TEST_OUT");
	if (save) {
		FILE *f = fopen(arena_printf(&a, "%s/outline.docx", save), "wb");
		assert_non_null(f);
		fwrite(c.p, 1, c.n, f);
		fclose(f);
	}
	buf_done(&s.all);
	buf_done(&b);
	buf_done(&c);
	arena_done(&a);
}

/* GB/T 9704-2012, 10.1: no number on the first page, 抄送 without rules and printer. */
static void a_letter_has_its_first_page_and_an_imprint_at_the_foot_of_the_last(void **state)
{
	(void)state;
	struct arena a = {0};
	struct prose p;
	struct buf b;
	struct err err = {0};
	struct docx_write_options o = {.head = {.kind = LETTERHEAD_LETTER,
					       .organ = STR("临澜团市委"),
					       .copies = STR("市关工委"),
					       .printed_by = STR("临澜团市委"),
					       .date = STR("2026年1月8日")}};
	outline_parse(&a, STR("# 函\n\n正文。\n"), &p);
	buf_init(&b, 1 << 24);
	assert_ok(docx_write(&a, &p, &o, &b, &err), &err);
	str letter = unzipped(&a, buf_str(&b), "word/document.xml");
	assert_true(str_find(letter, STR("<w:titlePg/>")) != SIZE_MAX);
	assert_true(str_find(letter, STR("w:yAlign=\"bottom\"/><w:ind")) != SIZE_MAX);
	assert_true(str_find(letter, STR("印发")) == SIZE_MAX);
	o.head.kind = LETTERHEAD_DOCUMENT;
	buf_clear(&b);
	assert_ok(docx_write(&a, &p, &o, &b, &err), &err);
	str document = unzipped(&a, buf_str(&b), "word/document.xml");
	assert_true(str_find(document, STR("<w:titlePg/>")) == SIZE_MAX);
	assert_true(str_find(document, STR("w:yAlign=\"bottom\"/><w:pBdr>")) != SIZE_MAX);
	assert_true(str_find(document, STR("2026年1月8日印发")) != SIZE_MAX);
	buf_done(&b);
	arena_done(&a);
}

/* The model's table by unit, and one of the author's own. */
static void annexes_begin_pages_are_numbered_and_stand_behind_the_signature(void **state)
{
	(void)state;
	struct arena a = {0};
	struct prose p, q;
	struct buf b, c;
	struct err err = {0};
	struct docx_write_options o = {.head = {.kind = LETTERHEAD_DOCUMENT,
					       .organ = STR("临澜团市委"),
					       .printed_by = STR("临澜团市委"),
					       .date = STR("2026年1月8日")}};
	fill(&a, "# 报告\n\n正文。\n\n{{annex volunteers}}\n\n##### 名词解释\n\n略。\n", &p);
	assert_int_equal(p.n, 6);
	assert_int_equal(p.blocks[2].kind, PROSE_ANNEX);
	assert_int_equal(p.blocks[3].kind, PROSE_TABLE);
	assert_int_equal(p.blocks[3].rows_n, 4);
	assert_string_equal(arena_cstr(&a, p.blocks[3].rows[1].cells[1].spans[0].text), "87");
	assert_true(str_is(p.blocks[3].rows[3].cells[1].spans[0].tag, "vol.events@org:C02|cell"));
	assert_true(str_is(p.blocks[3].rows[1].cells[2].spans[0].text, "—"));
	buf_init(&b, 1 << 20);
	buf_init(&c, 1 << 24);
	outline_html(&b, &a, &p, &fake_source);
	assert_non_null(strstr(b.p, "<p class=\"annex\">附件2</p>\n<h2 class=\"annex\">名词解释</h2>"));
	buf_clear(&b);
	outline_markdown(&b, &p);
	outline_parse(&a, buf_str(&b), &q);
	assert_int_equal(q.n, p.n);
	assert_int_equal(q.blocks[4].kind, PROSE_ANNEX);
	assert_ok(docx_write(&a, &p, &o, &c, &err), &err);
	str document = unzipped(&a, buf_str(&c), "word/document.xml");
	static const char *const in_order[] = {"正文。", "附件：1．志愿服务（按单位）", "　　　2．名词解释",
		">2026年1月8日<", "<w:pageBreakBefore/>", ">附件1<", "名词解释", "2026年1月8日印发"};
	for (size_t i = 0, at = 0; i < sizeof in_order / sizeof *in_order; i++) {
		size_t found = str_find(str_from(document, at), str_of(in_order[i]));
		if (found == SIZE_MAX)
			fail_msg("%s", in_order[i]);
		at += found;
	}
	struct template_run t;
	template_init(&t, &a, &fake_source, true);
	assert_int_equal(outline_fill(&a, STR("{{annex none}}\n"), &t, &p, &err), RC_INVALID);
	buf_done(&b);
	buf_done(&c);
	arena_done(&a);
}

int main(void)
{
	tr_set(LANG_EN);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_are_told_apart),
		cmocka_unit_test(markdown_comes_back_as_it_was_meant),
		cmocka_unit_test(figures_are_links_and_texts_are_escaped_in_html),
		cmocka_unit_test(a_letter_has_its_first_page_and_an_imprint_at_the_foot_of_the_last),
		cmocka_unit_test(a_value_makes_no_cell_and_no_line),
		cmocka_unit_test(word_files_are_the_same_bytes_and_read_back),
		cmocka_unit_test(annexes_begin_pages_are_numbered_and_stand_behind_the_signature),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
