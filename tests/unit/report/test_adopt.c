/* Last year's text becomes this year's template. */
#include "fake_source.h"
#include "format/docx_box.h"
#include "format/docx_write.h"
#include "format/foreign.h"
#include "report/adopt.h"
#include "report/adopt_match.h"
#include "report/outline.h"
#include "report/refresh.h"

#define FIGURE(ID, LABEL, UNIT, VALUE, FULL, USUAL) \
	{ \
		.id = {ID, sizeof ID - 1}, .label = {LABEL, sizeof LABEL - 1}, \
		.unit = {UNIT, sizeof UNIT - 1}, .value = (VALUE)*100, .untold = (VALUE) == 0, .full = FULL, \
		.usual = USUAL \
	}

static const struct lint_figure figures[] = {FIGURE("vol.events", "公益服务次数", "次", 87, false, true),
	FIGURE("vol.attend", "公益服务参与人次", "人次", 4387, false, true),
	FIGURE("vol.events.elderly", "济老助困公益服务次数", "次", 12, false, false),
	FIGURE("lecture.people", "宣讲覆盖人数", "人", 23456, false, true),
	FIGURE("league_day.branches", "开展主题团日的学校团支部数", "个", 386, true, true),
	FIGURE("aid.goods", "捐赠物资价值", "元", 126000, false, true),
	FIGURE("mind.lectures", "心理健康讲座场次", "场", 0, false, true)};

static struct adopt adopted(struct arena *a, const char *text)
{
	struct adopt ad = {
		.a = a, .figures = figures, .figures_n = sizeof figures / sizeof *figures, .year = 2026};
	adopt_paragraph(&ad, STR("p"), 1, str_of(text), NULL, 0);
	return ad;
}

static void becomes(const char *text, const char *want)
{
	struct arena a = {0};
	struct adopt ad = adopted(&a, text);
	str got = adopt_braced(&ad, str_of(text), 0);
	if (!str_is(got, want))
		fail_msg("%s\n gave %.*s\n want %s", text, STR_ARG(got), want);
	arena_done(&a);
}

static void a_number_becomes_the_figure_whose_value_unit_and_words_it_has(void **state)
{
	(void)state;
	becomes("开展公益服务80余次，4300余人次参与。",
		"开展公益服务{{vol.events|十余}}次，{{vol.attend|百余}}人次参与。");
	becomes("宣讲覆盖2.35万人。", "宣讲覆盖{{lecture.people|万}}人。");
	becomes("接收捐赠物资价值12.6万元。", "接收捐赠物资价值{{aid.goods|万元}}。");
	becomes("举办心理健康讲座31场。", "举办心理健康讲座{{mind.lectures}}场。");
}

static void years_move_on_and_a_plan_is_a_text(void **state)
{
	(void)state;
	becomes("2025年工作开展情况", "{{year}}年工作开展情况");
	becomes("将在2026年采取措施", "将在{{year+1}}年采取措施");
	becomes("1949年以来", "1949年以来");
	becomes("实现“十四五”规划目标", "实现“{{plan.name}}”规划目标");
}

static void what_no_figure_is_near_is_open_and_never_stays(void **state)
{
	(void)state;
	becomes("足迹遍及20余个乡镇。", "足迹遍及{{open.1}}个乡镇。");
	struct arena a = {0};
	struct adopt ad = adopted(&a, "足迹遍及20余个乡镇，种下三百余棵树。");
	assert_int_equal(ad.open_n, 2);
	assert_int_equal(ad.items[0].kind, ADOPT_OPEN);
	arena_done(&a);
}

static void dates_numbers_of_documents_and_help_lines_stay(void **state)
{
	(void)state;
	becomes("3月5日，依据〔2026〕12号文，拨打12355热线，一是开展“一对一”帮扶。",
		"3月5日，依据〔2026〕12号文，拨打12355热线，一是开展“一对一”帮扶。");
	becomes("覆盖数百名青少年。", "覆盖数百名青少年。");
}

static void blanks_of_an_outline_are_filled_by_unit_and_words(void **state)
{
	(void)state;
	becomes("202x年,开展公益服务x0余次,xx00余人次参与公益服务。",
		"{{year}}年,开展公益服务{{vol.events|十余}}次,{{vol.attend|百余}}人次参与公益服务。");
	becomes("xx市红领巾讲解员", "{{name.city}}市红领巾讲解员");
	becomes("价值xx万元的捐赠物资", "价值{{aid.goods|万元}}的捐赠物资");
}

static void full_coverage_is_asked_of_the_figure_before_it(void **state)
{
	(void)state;
	becomes("主题团日全市386个学校团支部活动全覆盖。",
		"主题团日全市{{league_day.branches}}个学校团支部活动{{full league_day.branches}}。");
	becomes("实现全覆盖。", "实现全覆盖。");
}

static void a_value_that_agrees_is_worth_more_than_words_alone(void **state)
{
	(void)state;
	struct arena a = {0};
	struct adopt told = adopted(&a, "公益服务87次。"), other = adopted(&a, "公益服务91次。");
	assert_true(told.items[0].near[0].agrees);
	assert_false(other.items[0].near[0].agrees);
	assert_true(told.items[0].confidence > other.items[0].confidence + 20);
	arena_done(&a);
}

/* A document of ours with last year's numbers typed in. */
static str document(struct arena *a, const char *text)
{
	struct prose p;
	struct buf b = {0};
	struct err err = {0};
	outline_parse(a, str_of(text), &p);
	if (docx_write(a, &p, NULL, &b, &err) != RC_OK)
		fail_msg("%s", err.text);
	str s = arena_str(a, buf_str(&b));
	buf_done(&b);
	return s;
}

static bool read_paragraph(void *user, const struct docx_plain *d)
{
	struct buf *b = user;
	if (str_ends(str_of(d->part), STR("document.xml")))
		buf_add(b, d->text);
	for (size_t i = 0; i < d->pieces_n; i++)
		buf_printf(b, "<%.*s>", STR_ARG(d->pieces[i].controls[0].tag));
	return true;
}

static void a_document_is_adopted_filled_edited_and_refreshed(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	str template, filled, again;
	struct adopt ad = {
		.a = &a, .figures = figures, .figures_n = sizeof figures / sizeof *figures, .year = 2026};
	if (adopt_docx(&ad, document(&a, "开展公益服务80余次，4300余人次参与。"), &template, &err) != RC_OK)
		fail_msg("%s", err.text);
	struct buf text = {0};
	assert_int_equal(docx_plain(&a, template, read_paragraph, &text, &err), RC_OK);
	assert_string_equal(arena_cstr(&a, buf_str(&text)),
		"开展公益服务{{vol.events|十余}}次，{{vol.attend|百余}}"
		"人次参与。<vol.events|十余><vol.attend|百余>");
	buf_done(&text);
	/* The template's own controls hold the values: none stands in another. */
	struct refresh first = {.a = &a, .source = &fake_source}, second = first;
	assert_int_equal(refresh_docx(&first, template, &filled, &err), RC_OK);
	assert_int_equal(first.controls_n, 2);
	text = (struct buf){0};
	assert_int_equal(docx_plain(&a, filled, read_paragraph, &text, &err), RC_OK);
	assert_string_equal(arena_cstr(&a, buf_str(&text)),
		"开展公益服务80余次，4300余人次参与。<vol.events|十余><vol.attend|百余>");
	buf_done(&text);
	assert_int_equal(refresh_docx(&second, filled, &again, &err), RC_OK);
	assert_int_equal(second.n, 0);
	assert_true(str_eq(filled, again));
	arena_done(&a);
}

int main(void)
{
	if (foreign_start(NULL) != RC_OK)
		return 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_becomes_the_figure_whose_value_unit_and_words_it_has),
		cmocka_unit_test(years_move_on_and_a_plan_is_a_text),
		cmocka_unit_test(what_no_figure_is_near_is_open_and_never_stays),
		cmocka_unit_test(dates_numbers_of_documents_and_help_lines_stay),
		cmocka_unit_test(blanks_of_an_outline_are_filled_by_unit_and_words),
		cmocka_unit_test(full_coverage_is_asked_of_the_figure_before_it),
		cmocka_unit_test(a_value_that_agrees_is_worth_more_than_words_alone),
		cmocka_unit_test(a_document_is_adopted_filled_edited_and_refreshed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
