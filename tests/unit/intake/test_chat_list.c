/* Lists out of a chat group as rows. */
#include "intake/chat_list.h"
#include "register/model.h"
#include "tests.h"

static struct arena a;
static struct model *m;

static int load(void **state)
{
	struct err err = {0};
	(void)state;
	return model_load(&a, NULL, false, &m, NULL, NULL, &err) == RC_OK ? 0 : -1;
}

static int unload(void **state)
{
	(void)state;
	model_done(m);
	arena_done(&a);
	return 0;
}

/* What a list gives: "column=value" of each row's filled cells, rows parted by a line. */
static const char *read_list(const char *reg, const char *text)
{
	struct chat_list c = {.a = &a, .reg = model_reg(m, str_of(reg))};
	str cells[CHAT_COLUMNS_MAX], out = STR("");
	for (str rest = str_of(text); rest.n;)
		chat_list_learn(&c, str_cut(rest, '\n', &rest));
	chat_list_begin(&c);
	for (str rest = str_of(text); rest.n;) {
		if (!chat_list_row(&a, &c, str_cut(rest, '\n', &rest), cells))
			continue;
		for (size_t i = 0; i < c.n; i++)
			if (cells[i].n)
				out = arena_fmt(&a, "%.*s%.*s=%.*s ", STR_ARG(out), STR_ARG(c.headers[i]),
					STR_ARG(cells[i]));
		out = arena_fmt(&a, "%.*s\n", STR_ARG(out));
	}
	return arena_cstr(&a, out);
}

static void words_are_known_by_their_looks(void **state)
{
	(void)state;
	assert_string_equal(read_list("service_record", "1. 张三 13800000000 2小时\n"),
		"姓名=张三 电话=13800000000 时长=2小时 \n");
	assert_string_equal(read_list("service_record", "2、王五13900000002（女） 90分钟 会晚到\n"),
		"姓名=王五 电话=13900000002 性别=女 时长=90分钟 余下的字=会晚到 \n");
	assert_string_equal(read_list("service_record", "⑤ 买买提·艾力，138-0000-0001，南镇一村团支部\n"),
		"姓名=买买提·艾力 电话=13800000001 单位=南镇一村团支部 \n");
	assert_string_equal(read_list("service_record", "3) 30人 2025年3月5日 1小时30分\n"),
		"人数=30 服务日期=2025年3月5日 时长=1小时30分 \n");
	assert_string_equal(read_list("programme", "1.净滩行动 志愿服务系列行动 2025-03-05\n"),
		"名称=净滩行动 类别=志愿服务系列行动 启动日期=2025-03-05 \n");
}

static void what_stands_above_holds_for_the_rows_below_until_said_anew(void **state)
{
	(void)state;
	assert_string_equal(read_list("service_record",
				    "#接龙\n请大家报名\n活动：海滩3号 日期：2025-03-05\n例 某某 几小时\n"
				    "1. 张三\n2. 李四 日期：2025-03-06\n活动：东 海滩\n3. 王五\n"),
		"活动=海滩3号 服务日期=2025-03-05 姓名=张三 \n活动=海滩3号 服务日期=2025-03-06 姓名=李四 \n"
		"活动=东 海滩 服务日期=2025-03-05 姓名=王五 \n");
}

static void numbers_that_are_no_list_are_none(void **state)
{
	(void)state;
	assert_string_equal(
		read_list("service_record", "1.5小时\n9:30集合\n2025.3.5\n张三 李四\n12345. 张三\n"), "");
	str list[] = {STR("#接龙"), STR(""), STR("1. 张三"), STR("2. 李四")},
	    prose[] = {STR("1. 张三"), STR("大家好"), STR("明天见"), STR("再说")},
	    none[] = {STR("姓名,电话")};
	assert_true(chat_list_looks(&a, list, 4));
	assert_false(chat_list_looks(&a, prose, 4));
	assert_false(chat_list_looks(&a, none, 1));
}

static void a_second_word_of_a_kind_is_kept_apart(void **state)
{
	(void)state;
	assert_string_equal(read_list("service_record", "1. 张三 李四 13800000000 13800000001\n"),
		"姓名=张三 余下的字=李四 13800000001 电话=13800000000 \n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_known_by_their_looks),
		cmocka_unit_test(what_stands_above_holds_for_the_rows_below_until_said_anew),
		cmocka_unit_test(numbers_that_are_no_list_are_none),
		cmocka_unit_test(a_second_word_of_a_kind_is_kept_apart),
	};
	return cmocka_run_group_tests(tests, load, unload);
}
