/* fake_source.h -- a city of a few figures, for the tests of the report: what a slot asks, out of a table. */
#pragma once
#include "report/slot.h"
#include "tests.h"

struct fake_figure {
	const char *id;
	enum slot_when when;
	const char *org;
	struct slot_answer answer;
};

#define FAKE(ID, VALUE, UNIT, PRINT, LABEL) \
	{ \
		ID, SLOT_THIS, "", \
		{ \
			.known = true, .told = true, .value = VALUE, .unit = {UNIT, sizeof UNIT - 1}, \
			.print = PRINT, .label = {LABEL, sizeof LABEL - 1}, .grades = {VALUE}, .digest = { \
				"d1", \
				2 \
			} \
		} \
	}

static const struct fake_figure fake_figures[] = {
	FAKE("study.issues", 38, "期", ROUND_EXACT, "主题团课期数"),
	FAKE("study.attend", 1234567, "人次", ROUND_WAN, "累计参学人次"),
	FAKE("vol.events", 87, "次", ROUND_SHI_YU, "公益服务次数"),
	FAKE("vol.attend", 4387, "人次", ROUND_BAI_YU, "公益服务参与人次"),
	FAKE("contest.entrants", 0, "名", ROUND_EXACT, "参赛人数"),
	FAKE("small", 812, "人", ROUND_WAN_YU, "小数"),
	{"lecture.people", SLOT_THIS, "",
		{.known = true,
			.kind = ROUND_COUNT,
			.unit = {"人", 3},
			.print = ROUND_WAN_YU,
			.label = {"宣讲覆盖人数", 18},
			.why = {"head-counts are in it", 21},
			.has_instead = true,
			.instead = 23456,
			.instead_unit = {"人次", 6}}},
	{"aid.goods", SLOT_THIS, "",
		{.known = true,
			.told = true,
			.value = 12600000,
			.kind = ROUND_FEN,
			.unit = {"元", 3},
			.print = ROUND_WAN_YUAN,
			.label = {"捐赠物资价值", 18},
			.grades = {1}}},
	{"league_day.coverage", SLOT_THIS, "",
		{.known = true, .has_rate = true, .of = 39, .over = 40, .label = {"团日活动覆盖率", 21}}},
	{"league_day.branches", SLOT_THIS, "",
		{.known = true,
			.told = true,
			.value = 40,
			.has_rate = true,
			.of = 40,
			.over = 40,
			.unit = {"个", 3},
			.label = {"学校团支部", 15},
			.grades = {40}}},
	{"gap", SLOT_THIS, "", {.known = true, .label = {"测评率", 9}, .why = {"no record yet", 13}}},
	{"vol.events", SLOT_PREV, "",
		{.known = true,
			.told = true,
			.value = 58,
			.unit = {"次", 3},
			.digest = {"d1", 2},
			.grades = {58}}},
	{"vol.attend", SLOT_PREV, "",
		{.known = true,
			.told = true,
			.value = 3900,
			.unit = {"人次", 6},
			.digest = {"d0", 2},
			.grades = {3900}}},
	{"vol.events", SLOT_YEAR, "",
		{.known = true, .told = true, .value = 24, .unit = {"次", 3}, .label = {"X", 1}}},
	{"vol.events", SLOT_THIS, "C01",
		{.known = true, .told = true, .value = 30, .unit = {"次", 3}, .label = {"X", 1}}},
	{"vol.events", SLOT_THIS, "C02",
		{.known = true, .told = true, .value = 57, .unit = {"次", 3}, .label = {"X", 1}}},
};

static inline enum rc fake_figure(
	void *user, struct arena *a, const struct slot_ref *ref, struct slot_answer *out, struct err *err)
{
	(void)user;
	(void)a;
	(void)err;
	for (size_t i = 0; i < sizeof fake_figures / sizeof *fake_figures; i++)
		if (str_is(ref->id, fake_figures[i].id) && ref->when == fake_figures[i].when &&
			str_is(ref->org, fake_figures[i].org))
			*out = fake_figures[i].answer;
	return RC_OK;
}

static inline bool fake_text(void *user, struct arena *a, str name, str *out)
{
	static const char *const texts[][2] = {{"year", "2025"}, {"name.city", "清河"},
		{"name.theme", "二十大"}, {"plan.name", ""}, {"name.whole", "清河市"},
		{"hostile", "<w:p>&\"\x01"
			    "x"}};
	(void)user;
	(void)a;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (str_is(name, texts[i][0])) {
			*out = str_of(texts[i][1]);
			return true;
		}
	return false;
}

#define FIELD(n, t) \
	{ \
		{n, sizeof n - 1}, \
		{ \
			t, sizeof t - 1 \
		} \
	}

static inline enum rc fake_list(void *user, struct arena *a, str name, struct slot_list *out, struct err *err)
{
	static const struct slot_field one[] = {FIELD("name", "东城区"), FIELD("code", "C01")};
	static const struct slot_field two[] = {FIELD("name", "西城区"), FIELD("code", "C02")};
	static const struct slot_row units[] = {{one, 2, {"C01", 3}}, {two, 2, {"C02", 3}}};
	(void)user;
	(void)a;
	(void)err;
	if (str_is(name, "units"))
		*out = (struct slot_list){true, units, 2};
	else if (str_is(name, "honours"))
		*out = (struct slot_list){.known = true};
	return RC_OK;
}

static inline enum rc fake_annex(void *user, struct arena *a, str id, str *out, struct err *err)
{
	(void)user;
	(void)a;
	if (!str_is(id, "volunteers"))
		return FAIL(err, RC_INVALID, "no annex “%.*s”", STR_ARG(id));
	*out = STR("##### 志愿服务（按单位）\n\n| 单位 | 次 | 测评 |\n|---|---|---|\n| 合计 | "
		   "{{vol.events|cell}} | {{gap|cell}} |\n"
		   "| {{#each units}}{{name}} | {{vol.events|cell}} | {{code}}{{/each}} |\n");
	return RC_OK;
}

static const struct slot_source fake_source = {
	NULL, fake_figure, fake_text, fake_list, fake_annex, {"2025", 4}, {"2024", 4}};
