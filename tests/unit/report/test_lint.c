/* What a text says that nothing backs. */
#include "fake_source.h"
#include "format/docx_fill.h"
#include "format/docx_write.h"
#include "format/foreign.h"
#include "report/lint.h"
#include "report/outline.h"

static const struct lint_figure figures[] = {
	{{"vol.attend", 10}, {"公益服务参与人次", 24}, {"人次", 6}, {"4300余", 7}, 438700, false, false,
		false, false},
	{{"vol.events", 10}, {"公益服务次数", 18}, {"次", 3}, {"80余", 5}, 8700, false, false, false, false},
	{{"lecture.sessions", 16}, {"宣讲场次", 12}, {"场", 3}, {"123", 3}, 12300, false, false, false,
		false},
	{{"league_day.coverage", 19}, {"主题团日覆盖率", 21}, {"%", 1}, {"97.5%", 5}, 9750, true, false,
		false, false},
};

static struct lint lint_of(struct arena *a, const char *text)
{
	struct lint l = {.a = a, .figures = figures, .figures_n = sizeof figures / sizeof *figures};
	lint_markdown(&l, str_of(text));
	return l;
}

/* Findings of one text, as "kind:what" joined by blanks. */
static void finds(const char *text, const char *want)
{
	struct arena a = {0};
	struct lint l = lint_of(&a, text);
	char got[1024] = "";
	for (size_t i = 0; i < l.n; i++) {
		size_t n = strlen(got);
		snprintf(got + n, sizeof got - n, "%s%s:%.*s", i ? " " : "",
			lint_kind_name(l.findings[i].kind), STR_ARG(l.findings[i].what));
		assert_true(lint_text(&a, &l.findings[i]).n > 0);
	}
	if (strcmp(got, want) != 0)
		fail_msg("%s\n gave %s\n want %s", text, got, want);
	arena_done(&a);
}

static void quantities_without_a_slot_are_listed(void **state)
{
	(void)state;
	finds("开展公益服务{{vol.events|十余}}次，另有12场、一百二十三名、十余所。",
		"unbacked:12 unbacked:一百二十三 unbacked:十余");
	finds("2025年3月5日，依据〔2026〕12号文，一是开展“一对一”活动，拨打12355热线。", "");
	finds("## 一、2025年工作开展情况\n### （一）聚焦根本使命\n1.抓好落实", "");
	finds("覆盖数百名青少年，三成学员占总数。", "unbacked:数百 unbacked:三成");
}

static void claims_get_notes(void **state)
{
	(void)state;
	finds("学校团支部活动全覆盖，有效缓解了压力。", "universal:全覆盖 universal:有效缓解");
	finds("学校团支部活动{{full league_day.branches}}。", "");
	finds("通过这些活动，不仅提升了素养，还增强了责任感。", "outcome:不仅");
	finds("激发了创业热情。", "outcome:激发了");
}

static void hedges_are_held_against_the_nearest_figure(void **state)
{
	(void)state;
	finds("公益服务参与4300余人次。", "unbacked:4300余");
	finds("公益服务参与4400余人次。", "hedge:4400余");
	finds("服务近20余所学校。", "hedge:近20余");
	struct arena a = {0};
	struct lint l = lint_of(&a, "公益服务参与4300余人次。");
	assert_int_equal(l.findings[0].paragraph, 1);
	assert_true(l.findings[0].near_n > 0);
	assert_true(str_is(l.findings[0].near[0].figure->id, "vol.attend"));
	assert_true(l.findings[0].near[0].agrees);
	assert_true(str_is(l.findings[0].sentence, "公益服务参与4300余人次"));
	arena_done(&a);
}

static void a_share_names_its_base(void **state)
{
	(void)state;
	finds("覆盖率{{league_day.coverage}}。满意度98.6%。", "rate:98.6% unbacked:98.6%");
	finds("40个支部中39个，即97.5%。", "unbacked:40 unbacked:39 unbacked:97.5%");
	finds("女生占52%。", "unbacked:52%");
}

static void controls_back_their_numbers_and_tell_when_they_were_changed(void **state)
{
	(void)state;
	struct arena a = {0};
	struct template_run t;
	struct prose p;
	struct buf b;
	struct err err = {0};
	template_init(&t, &a, &fake_source, false);
	assert_ok(outline_fill(&a,
			  STR("# 汇报\n\n开展{{vol.events|十余}}次，共{{study.issues}}期，另有7场。\n"), &t,
			  &p, &err),
		&err);
	buf_init(&b, 1 << 24);
	assert_ok(docx_write(&a, &p, NULL, &b, &err), &err);
	struct lint l = {.a = &a, .source = &fake_source};
	assert_ok(lint_docx(&l, buf_str(&b), &err), &err);
	assert_int_equal(l.n, 1);
	assert_int_equal(l.findings[0].kind, LINT_UNBACKED);
	assert_true(str_is(l.findings[0].what, "7"));
	/* somebody typed another number into the control */
	p.blocks[1].text.spans[1].text = STR("90余");
	buf_clear(&b);
	assert_ok(docx_write(&a, &p, NULL, &b, &err), &err);
	struct lint m = {.a = &a, .source = &fake_source};
	assert_ok(lint_docx(&m, buf_str(&b), &err), &err);
	assert_int_equal(m.n, 2);
	assert_int_equal(m.findings[0].kind, LINT_CHANGED);
	assert_true(str_is(m.findings[0].prints, "80余"));
	buf_done(&b);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantities_without_a_slot_are_listed),
		cmocka_unit_test(claims_get_notes),
		cmocka_unit_test(hedges_are_held_against_the_nearest_figure),
		cmocka_unit_test(a_share_names_its_base),
		cmocka_unit_test(controls_back_their_numbers_and_tell_when_they_were_changed),
	};
	if (foreign_start(NULL) != RC_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
