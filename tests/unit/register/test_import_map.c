/* The pure half of the import: headers, rows that are no data, profiles of other systems. */
#include "register/profile.h"
#include "small_model.h"
#include "tests.h"

static struct arena a;
static struct model *m;

static int load(void **state)
{
	(void)state;
	m = small_model_load(&a);
	return m == NULL;
}

static int done(void **state)
{
	(void)state;
	model_done(m);
	arena_done(&a);
	return 0;
}

static const struct reg *record(void)
{
	return model_reg(m, STR("record"));
}

static enum column_kind kind(const char *header)
{
	return import_column(&a, record(), str_of(header), NULL, 0).kind;
}

static void headers_are_known_by_id_label_and_common_words(void **state)
{
	(void)state;
	const struct field *hours = reg_field(record(), STR("hours"));
	assert_int_equal(kind("姓名"), COL_PERSON_NAME);
	assert_int_equal(kind("身份证号"), COL_PERSON_ID);
	assert_int_equal(kind(" 所在团支部 "), COL_ORG);
	assert_int_equal(kind("状态"), COL_STATE);
	assert_int_equal(kind("序号"), COL_NUMBER);
	assert_int_equal(kind("hours"), COL_FIELD);
	assert_int_equal(kind("*hours"), COL_FIELD);
	assert_int_equal(kind("备注甲"), COL_NONE);
	struct column c = import_column(&a, record(), STR("hours（分钟）"), NULL, 0);
	assert_ptr_equal(c.field, hours);
	assert_string_equal(arena_cstr(&a, c.unit), "分钟");
	struct map_wish wish = {STR("用时"), STR("hours")};
	assert_ptr_equal(import_column(&a, record(), STR("用时"), &wish, 1).field, hours);
}

static void a_title_scores_nothing_and_the_first_of_two_equal_columns_holds(void **state)
{
	(void)state;
	str title[] = {STR("2025年服务记录"), {0}, {0}},
	    head[] = {STR("姓名"), STR("hours"), STR("hours"), STR("别的")};
	struct import_map map;
	assert_int_equal(import_header_score(&a, record(), title, 3, NULL, 0), 0);
	assert_int_equal(import_header_score(&a, record(), head, 4, NULL, 0), 3);
	import_map_make(&a, record(), head, 4, NULL, 0, &map);
	assert_int_equal(map.columns[1].kind, COL_FIELD);
	assert_int_equal(map.columns[2].kind, COL_NONE);
}

static enum row_kind row(const char *first, const char *second, str *unit)
{
	str cells[] = {str_of(first), str_of(second)};
	return import_row_kind(&a, cells, 2, unit);
}

static void sums_notes_and_the_senders_line_are_no_data(void **state)
{
	(void)state;
	str unit = {0};
	assert_int_equal(row("", " ", &unit), ROW_BLANK);
	assert_int_equal(row("合计", "12", &unit), ROW_SUM);
	assert_int_equal(row("", "总计", &unit), ROW_SUM);
	assert_int_equal(row("注：以上为初步统计", "", &unit), ROW_NOTE);
	assert_int_equal(row("张一", "3", &unit), ROW_DATA);
	assert_int_equal(row("合计成", "3", &unit), ROW_DATA); /* a name */
	assert_int_equal(row("填报单位：东山区委", "", &unit), ROW_UNIT);
	assert_string_equal(arena_cstr(&a, unit), "东山区委");
	assert_int_equal(row("填报单位：", "西川县委", &unit), ROW_UNIT);
	assert_string_equal(arena_cstr(&a, unit), "西川县委");
}

static struct profile profile(const char *text)
{
	struct profile p;
	struct err err;
	if (profile_read(&a, m, STR("imports/p.yaml"), str_of(text), &p, &err) != RC_OK)
		fail_msg("%s", err.text);
	return p;
}

#define HEAD "profile: p\nlabel: {zh: 甲, en: a}\nregister: record\n"

static void a_profile_renames_skips_strips_and_sets_states(void **state)
{
	(void)state;
	struct profile p =
		profile(HEAD "source: platform\ncolumns:\n  志愿者: volunteer\n  证件: volunteer.citizen_id\n"
			     "  团体: org\n  用时: hours\nskip_columns: [积分]\nskip_rows: [平均]\n"
			     "units: {also: {市直: 团市委}}\n"
			     "states:\n  - {when_empty: hours, state: valid}\n");
	str head[] = {STR("志愿者"), STR("证件"), STR("团体"), STR("用时"), STR("积分")};
	assert_true(profile_fits(&a, &p, head, 5));
	str other[] = {STR("志愿者"), STR("证件"), STR("团体"), STR("学历")};
	assert_false(profile_fits(&a, &p, other, 4)); /* a header that the profile does not have */
	assert_false(profile_fits(&a, &p, head, 2));  /* too few */
	struct import_map map;
	import_map_make(&a, record(), head, 5, p.columns, p.columns_n, &map);
	profile_skip(&a, &p, &map);
	assert_int_equal(map.columns[0].kind, COL_PERSON_NAME);
	assert_int_equal(map.columns[1].kind, COL_PERSON_ID);
	assert_int_equal(map.columns[2].kind, COL_ORG);
	assert_int_equal(map.columns[4].kind, COL_NUMBER);
	str cells[] = {STR("张一"), STR(""), STR("市直"), STR(" "), STR("30")};
	struct import_row r = {.cells = cells, .n = 5};
	assert_true(profile_row(&a, &p, &map, &r));
	assert_string_equal(arena_cstr(&a, cells[2]), "团市委");
	assert_string_equal(arena_cstr(&a, r.state), "valid");
	str average[] = {STR("平均"), STR("3")};
	struct import_row no = {.cells = average, .n = 2};
	assert_false(profile_row(&a, &p, &map, &no));
}

static void a_profile_that_names_what_is_not_there_is_refused_with_its_line(void **state)
{
	(void)state;
	static const struct {
		const char *text, *words;
	} bad[] = {{HEAD "columns:\n  用时: hoursn\n", "line 5: “用时”"}, {HEAD, "“columns”"},
		{"profile: p\nlabel: {zh: 甲, en: a}\nregister: recrod\ncolumns: {甲: hours}\n",
			"“register”"},
		{"label: {zh: 甲, en: a}\nregister: record\n", "“profile”"},
		{HEAD "columns: {用时: hours}\nstates:\n  - {when_empty: hours, state: nowhere}\n",
			"“states”"},
		{HEAD "columns: {用时: hours}\nvalues: {hours: {cut: x}}\n", "“values”"},
		{HEAD "columns: {用时: hours.minutes}\n", "“用时”"},
		{HEAD "columns: [hours]\n", "“columns”"}};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct profile p;
		struct err err;
		assert_int_equal(profile_read(&a, m, STR("imports/p.yaml"), str_of(bad[i].text), &p, &err),
			RC_INVALID);
		if (strstr(err.text, bad[i].words) == NULL)
			fail_msg("%s: %s", bad[i].words, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_known_by_id_label_and_common_words),
		cmocka_unit_test(a_title_scores_nothing_and_the_first_of_two_equal_columns_holds),
		cmocka_unit_test(sums_notes_and_the_senders_line_are_no_data),
		cmocka_unit_test(a_profile_renames_skips_strips_and_sets_states),
		cmocka_unit_test(a_profile_that_names_what_is_not_there_is_refused_with_its_line),
	};
	return cmocka_run_group_tests(tests, load, done);
}
