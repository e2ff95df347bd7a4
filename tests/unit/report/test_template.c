/* The language inside the braces, over plain text and a table of figures. */
#include "fake_source.h"
#include "report/template.h"

static enum rc run(
	struct arena *a, const char *text, bool draft, struct template_run *t, str *out, struct err *err)
{
	struct buf b;
	buf_init(&b, 1 << 20);
	template_init(t, a, &fake_source, draft);
	struct slot_host host = template_host(t);
	enum rc rc = slots_fill_text(a, str_of(text), &host, false, &b, err);
	*out = arena_str(a, buf_str(&b));
	buf_done(&b);
	return rc;
}

static void gives(const char *text, const char *want, size_t notes)
{
	struct arena a = {0};
	struct template_run t;
	struct err err = {0};
	str out;
	enum rc rc = run(&a, text, false, &t, &out, &err);
	if (rc != RC_OK || !str_is(out, want) || t.notes_n != notes)
		fail_msg("%s\n gave %.*s (%zu notes) %s\n want %s", text, STR_ARG(out), t.notes_n, err.text,
			want);
	arena_done(&a);
}

static void refuses(const char *text, const char *said)
{
	struct arena a = {0};
	struct template_run t;
	struct err err = {0};
	str out;
	assert_int_equal(run(&a, text, false, &t, &out, &err), RC_INVALID);
	if (!strstr(err.text, said))
		fail_msg("%s: “%s” does not say %s", text, err.text, said);
	arena_done(&a);
}

static void figures_print_by_the_rule_asked(void **state)
{
	(void)state;
	gives("主题团课{{study.issues}}期，累计参学{{study.attend|万}}人次",
		"主题团课38期，累计参学123.46万人次", 0);
	gives("{{vol.events|十余}}次，{{vol.attend|print}}人次", "80余次，4300余人次", 0);
	gives("价值{{aid.goods|print}}，{{aid.goods|万}}元", "价值12.6万元，12.6万元", 0);
	gives("｛｛vol.attend｜百余｝｝人次", "4300余人次", 0);
	gives("{{vol.events@prev}} {{vol.events@2024}} {{vol.events@org:C01}}", "58 24 30", 0);
	gives("{{league_day.coverage}}", "97.5%", 0);
}

static void texts_and_years_are_filled(void **state)
{
	(void)state;
	gives("{{year}}年，{{year+1}}年，{{year - 1}}年，{{name.city}}市", "2025年，2026年，2024年，清河市",
		0);
	gives("喜迎{{name.theme}}", "喜迎二十大", 0);
	gives("{{name.whole}}市红领巾讲解员大赛", "清河市红领巾讲解员大赛", 0);
}

static void full_coverage_is_printed_only_of_all(void **state)
{
	(void)state;
	gives("支部活动{{full league_day.branches}}", "支部活动全覆盖", 0);
	gives("支部活动{{full league_day.coverage}}", "支部活动覆盖率97.5%", 0);
	refuses("{{full vol.events}}", "no rate");
}

static void what_can_be_told_instead_takes_its_own_unit(void **state)
{
	(void)state;
	gives("覆盖{{lecture.people|万余}}人。", "覆盖2万余人次。", 1);
	gives("覆盖{{lecture.people|万余}}名青年", "覆盖2万余人次青年", 1);
	gives("覆盖{{lecture.people|万余}}人次", "覆盖2万余人次", 1);
	gives("覆盖{{lecture.people}}", "覆盖23456人次", 1);
}

static void zero_and_too_small_leave_a_note(void **state)
{
	(void)state;
	gives("{{contest.entrants}}名", "0名", 1);
	gives("{{small|万余}}人", "812人", 1);
	gives("{{small|万余}}人{{small|万余}}人", "812人812人", 1);
	gives("{{#each units}}{{no}}{{/each}}", "12", 0);
}

static void conditions_and_lists_choose_what_stands(void **state)
{
	(void)state;
	gives("{{#if vol.events}}a{{/if}}{{#if contest.entrants}}b{{/if}}{{#if not "
	      "contest.entrants}}c{{/if}}",
		"ac", 0);
	gives("{{#if plan.name}}a{{/if}}{{#if units}}b{{/if}}{{#if honours}}c{{/if}}{{#if "
	      "lecture.people}}d{{/if}}",
		"bd", 0);
	gives("{{#each units}}{{no}}.{{name}}{{vol.events}}次；{{/each}}", "1.东城区30次；2.西城区57次；", 0);
	gives("{{#each units}}{{nth}}是{{name}}。{{/each}}", "一是东城区。二是西城区。", 0);
	gives("{{#each honours}}x{{/each}}", "", 0);
	gives("|单位|次|\n|---|---|\n|{{#each units}}{{name}}|{{vol.events}}{{/each}}|\n",
		"|单位|次|\n|---|---|\n|东城区|30|\n|西城区|57|\n", 0);
}

static void years_are_compared_only_where_they_are_alike(void **state)
{
	(void)state;
	gives("次数{{vol.events|同比}}", "次数同比增长50%", 0);
	gives("次数同比{{vol.events|同比}}", "次数同比增长50%", 0);
	gives("人次{{vol.attend|同比}}", "人次本年4387人次、上年3900人次", 1);
	gives("期数{{study.issues|同比}}", "期数本年38期、上年无可比数", 1);
}

static void faults_name_the_slot_and_its_paragraph(void **state)
{
	(void)state;
	refuses("第一段\n\n共有{{vol.evnts}}次", "paragraph 2 (“共有{{vol.evnts}}次”)");
	refuses("{{gap}}", "no record yet");
	refuses("“{{plan.name}}”", "not recorded yet");
	refuses("{{#if vol.events}}x", "has no end");
	refuses("{{#if vol.events}}x{{/each}}", "cannot close");
	refuses("{{#each nothing}}x{{/each}}", "there is no list");
	refuses("{{#if nothing}}x{{/if}}", "no figure, text or list");
	refuses("{{vol.events|约}}", "no way of writing");
	refuses("{{vol.events|万元}}", "万元 is for money");
	refuses("{{vol.events", "not closed");
	refuses("{{}}", "not a slot");
	refuses("{{vol.events@next}}", "not a slot");
	refuses("{{year|万}}", "is a text");
}

static void a_draft_marks_its_gaps_and_lists_them(void **state)
{
	(void)state;
	struct arena a = {0};
	struct template_run t;
	struct err err = {0};
	str out;
	assert_ok(run(&a, "测评率{{gap}}，{{nothing}}，{{vol.events}}次", true, &t, &out, &err), &err);
	assert_true(str_is(out, "测评率【待补：测评率】，【待补：nothing】，87次"));
	assert_int_equal(t.notes_n, 2);
	assert_int_equal(t.notes[0].kind, NOTE_GAP);
	assert_int_equal(run(&a, "{{#if gap}}", true, &t, &out, &err), RC_INVALID);
	arena_done(&a);
}

static void used_figures_are_kept_for_the_edition(void **state)
{
	(void)state;
	struct arena a = {0};
	struct template_run t;
	struct err err = {0};
	str out;
	assert_ok(
		run(&a, "{{vol.events|十余}} {{vol.events@org:C01}} {{year}}", false, &t, &out, &err), &err);
	assert_int_equal(t.used_n, 2);
	assert_true(str_is(t.used[0].printed, "80余"));
	assert_int_equal(t.used[0].answer.value, 87);
	assert_true(str_is(t.used[1].ref.org, "C01"));
	struct slot_tag_parts p;
	assert_true(template_parse(&a, STR(" vol.attend @prev@org:C01 | 百余 "), &p));
	assert_true(str_is(template_tag(&a, &p), "vol.attend@prev@org:C01|百余"));
	arena_done(&a);
}

int main(void)
{
	tr_set(LANG_EN);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_print_by_the_rule_asked),
		cmocka_unit_test(texts_and_years_are_filled),
		cmocka_unit_test(full_coverage_is_printed_only_of_all),
		cmocka_unit_test(what_can_be_told_instead_takes_its_own_unit),
		cmocka_unit_test(zero_and_too_small_leave_a_note),
		cmocka_unit_test(conditions_and_lists_choose_what_stands),
		cmocka_unit_test(years_are_compared_only_where_they_are_alike),
		cmocka_unit_test(faults_name_the_slot_and_its_paragraph),
		cmocka_unit_test(a_draft_marks_its_gaps_and_lists_them),
		cmocka_unit_test(used_figures_are_kept_for_the_edition),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
