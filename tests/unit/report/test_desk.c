/* A report's text beside what stands against it, and its changes. */
#include "fake_source.h"
#include "report/desk.h"
#include "report/difference.h"
#include "report/punctuate.h"

static const struct lint_figure figures[] = {{.id = {"vol.events", 10},
	.label = {"公益服务次数", 18},
	.unit = {"次", 3},
	.printed = {"80余", 5},
	.value = 8700}};

static struct desk looked(struct arena *a, const char *body)
{
	struct desk d = {.a = a, .source = &fake_source, .figures = figures, .figures_n = 1};
	struct err err = {0};
	if (desk_look(&d, str_of(body), &err) != RC_OK)
		fail_msg("%s", err.text);
	return d;
}

/* Findings as "kind:what" joined by blanks. */
static void finds(const char *body, const char *want)
{
	struct arena a = {0};
	struct desk d = looked(&a, body);
	char got[1024] = "";
	for (size_t i = 0; i < d.findings_n; i++) {
		size_t n = strlen(got);
		snprintf(got + n, sizeof got - n, "%s%s:%.*s", i ? " " : "",
			desk_kind_name(d.findings[i].kind), STR_ARG(d.findings[i].what));
	}
	if (strcmp(got, want) != 0)
		fail_msg("%s\n gave %s\n want %s", body, got, want);
	arena_done(&a);
}

static void becomes(str got, const char *want)
{
	if (!str_is(got, want))
		fail_msg("gave %.*s\nwant %s", STR_ARG(got), want);
}

static void numbers_claims_zeros_and_gaps_are_found_in_their_paragraph(void **state)
{
	(void)state;
	finds("公益服务{{vol.events|十余}}次。\n\n另有{{contest.entrants}}名参赛，种树30棵，实现全覆盖。",
		"unbacked:30 claim:全覆盖 zero:参赛人数");
	finds("{{gap}}", "gap:测评率");
	finds("不仅提升了素养。", "outcome:不仅");
	finds("{{#if vol.events}}没有结束", "fault:{{#if vol.events}}没有结束");
	finds("<!-- 共30处 -->", "");
}

static void what_fell_away_is_told_and_says_nothing_else(void **state)
{
	(void)state;
	finds("举办大赛{{#if contest.entrants}}，{{contest.entrants}}名参赛，种树30棵{{/if}}。",
		"dropped:参赛人数");
	finds("{{#if vol.events}}服务{{vol.events}}次，另30次。{{/if}}", "unbacked:30");
}

static void blocks_over_paragraphs_stay_together(void **state)
{
	(void)state;
	struct arena a = {0};
	struct desk d = looked(
		&a, "# 标题\n\n{{#each units}}\n\n{{name}}\n\n{{/each}}\n\n末段\n第二行\n## 一、节\n文");
	assert_int_equal(d.n, 4);
	assert_int_equal(d.paragraphs[1].n, 2); /* two units */
	becomes(d.paragraphs[2].source, "末段\n第二行\n## 一、节");
	arena_done(&a);
}

static void a_literal_finding_is_a_span_of_the_filled_text(void **state)
{
	(void)state;
	struct arena a = {0};
	struct desk d = looked(&a, "公益服务{{vol.events|十余}}次，另有30棵树。");
	const struct desk_block *b = &d.paragraphs[0].blocks[0];
	assert_int_equal(b->n, 5);
	becomes(b->spans[1].text, "80余");
	becomes(b->spans[3].text, "30");
	assert_int_equal(b->spans[3].finding, 1);
	assert_int_equal(d.must, 1);
	d.findings[0].kept = STR("x");
	desk_count(&d);
	assert_int_equal(d.must, 0);
	arena_done(&a);
}

static void a_sentence_falls_out_without_its_block(void **state)
{
	(void)state;
	struct arena a = {0};
	const char *body =
		"前段\n\n一句。{{#if vol.events}}服务{{vol.events}}次，另30次。再一句。{{/if}}末句。";
	struct desk d = looked(&a, body);
	becomes(desk_drop_sentence(&a, str_of(body), &d.paragraphs[1], d.findings[0].at),
		"前段\n\n一句。{{#if vol.events}}再一句。{{/if}}末句。");
	becomes(desk_replace(&a, str_of(body), &d.paragraphs[1], d.findings[0].at, d.findings[0].n,
			STR("{{vol.attend}}")),
		"前段\n\n一句。{{#if "
		"vol.events}}服务{{vol.events}}次，另{{vol.attend}}次。再一句。{{/if}}末句。");
	arena_done(&a);
}

static void a_zero_is_guarded_or_stated_and_a_slot_written_otherwise(void **state)
{
	(void)state;
	struct arena a = {0};
	const char *body = "一句。{{contest.entrants}}名参赛。";
	struct desk d = looked(&a, body);
	becomes(desk_guard(&a, str_of(body), &d.paragraphs[0], STR("contest.entrants")),
		"一句。{{#if contest.entrants}}{{contest.entrants}}名参赛。{{/if}}");
	becomes(desk_state_zero(&a, str_of(body), &d.paragraphs[0], STR("contest.entrants"), STR("参赛人数")),
		"一句。{{contest.entrants}}名参赛。{{#if not contest.entrants}}参赛人数为零。{{/if}}");
	becomes(desk_rewrite(&a, str_of(body), &d.paragraphs[0], STR("contest.entrants"), STR("百余")),
		"一句。{{contest.entrants|百余}}名参赛。");
	arena_done(&a);
}

static void punctuation_between_han_characters_is_put_right(void **state)
{
	(void)state;
	struct arena a = {0};
	size_t n;
	becomes(punctuate(&a,
			STR("在市委的领导下,团市委(青少年部)开展工作:一是\"净滩\",共{{x.y}},1,286次;A, B."),
			&n),
		"在市委的领导下，团市委（青少年部）开展工作：一是“净滩”，共{{x.y}}，1,286次；A, B.");
	assert_int_equal(n, 9);
	becomes(punctuate(&a, STR("时间8:30,地点青年之家. 网址https://a.b/c?d"), &n),
		"时间8:30，地点青年之家. 网址https://a.b/c?d");
	becomes(punctuate(&a, STR("| 一,二 | {{#if a}},{{/if}} |"), &n), "| 一，二 | {{#if a}}，{{/if}} |");
	arena_done(&a);
}

static void two_texts_differ_by_sentences(void **state)
{
	(void)state;
	struct arena a = {0};
	size_t n;
	struct difference *d = difference_of(&a, STR("甲。乙。丙。"), STR("甲。乙二。丙。丁。"), &n);
	const enum difference_kind want[] = {DIFF_SAME, DIFF_GONE, DIFF_NEW, DIFF_SAME, DIFF_NEW};
	assert_int_equal(n, 5);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(d[i].kind, want[i]);
	becomes(d[2].text, "乙二。");
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_claims_zeros_and_gaps_are_found_in_their_paragraph),
		cmocka_unit_test(what_fell_away_is_told_and_says_nothing_else),
		cmocka_unit_test(blocks_over_paragraphs_stay_together),
		cmocka_unit_test(a_literal_finding_is_a_span_of_the_filled_text),
		cmocka_unit_test(a_sentence_falls_out_without_its_block),
		cmocka_unit_test(a_zero_is_guarded_or_stated_and_a_slot_written_otherwise),
		cmocka_unit_test(punctuation_between_han_characters_is_put_right),
		cmocka_unit_test(two_texts_differ_by_sentences),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
