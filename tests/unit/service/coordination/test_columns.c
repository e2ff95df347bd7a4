/* A collection's own columns: how they are declared, what an answer to them is, how it is kept. */
#include "base/buf.h"
#include "service/coordination/columns.h"
#include "tests.h"

static struct arena A;
static struct field *C;
static size_t N;

static enum rc declare(const char *text, struct err *err)
{
	*err = (struct err){0};
	return columns_read(&A, str_of(text), &C, &N, err);
}

static void a_column_a_line_with_its_type_and_whether_it_is_required(void **state)
{
	struct err err;
	(void)state;
	assert_ok(
		declare("参加人数 | 数字 | 必填\n经费｜金额；备注\n\n开始|date\n有无困难 | 是否\n方式 | 选项 "
			"线上、线下,都有",
			&err),
		&err);
	assert_int_equal(N, 6);
	assert_true(str_is(C[0].label.zh, "参加人数") && C[0].type == T_INTEGER && C[0].required);
	assert_true(C[1].type == T_MONEY && !C[1].required && C[2].type == T_TEXT && C[3].type == T_DATE);
	assert_true(C[4].type == T_BOOL && C[5].choices_n == 3 && str_is(C[5].choices[2].id, "都有"));
	assert_true(str_is(C[0].id, "c1") && str_is(C[5].id, "c6") && C[5].at == 5);
	assert_true(column_sums(&C[0]) && column_sums(&C[1]) && !column_sums(&C[2]));
	assert_ok(declare("", &err), &err);
	assert_int_equal(N, 0);
}

static void what_is_no_column_is_refused_with_its_name(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {{"人数|数目", "数目"}, {"人数|数字\n人数", "人数"}, {"方式|选项 甲", "方式"},
		{"| 数字", "1"}, {"a=b|数字", "="}};
	struct err err;
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(declare(bad[i].text, &err), RC_INVALID);
		assert_non_null(strstr(err.text, bad[i].says));
	}
	struct buf b = {0};
	for (int i = 0; i <= COLUMNS_MAX; i++)
		buf_printf(&b, "c%d\n", i);
	buf_putc(&b, 0);
	assert_int_equal(declare(b.p, &err), RC_LIMIT);
	buf_done(&b);
}

static void an_answer_is_read_as_people_write_and_kept_so_that_it_comes_back(void **state)
{
	struct err err = {0};
	struct value *v, *back;
	size_t at;
	(void)state;
	assert_ok(
		declare("人数|数字|必填\n经费|金额\n日期|日期\n困难|是否\n方式|选项 线上、线下\n说明", &err),
		&err);
	str texts[] = {STR("２３人"), STR("1,280.5"), STR("2026.3.5"), STR("是"), STR("线下"),
		STR("“引号”\n第二行")};
	assert_ok(columns_answer(&A, C, N, texts, &v, &at, &err), &err);
	assert_int_equal(v[0].i, 23);
	assert_int_equal(v[1].i, 128050);
	assert_true(str_is(v[2].t, "2026-03-05") && v[3].i == 1 && str_is(v[4].t, "线下"));
	back = columns_unpack(&A, C, N, columns_pack(&A, C, N, v));
	for (size_t i = 0; i < N; i++)
		assert_true(back[i].kind == v[i].kind && back[i].i == v[i].i && str_eq(back[i].t, v[i].t));
	/* Required, and what does not fit: which column it is. */
	texts[0] = STR("");
	assert_int_equal(columns_answer(&A, C, N, texts, &v, &at, &err), RC_INVALID);
	assert_int_equal(at, 0);
	texts[0] = STR("1");
	texts[4] = STR("电话");
	assert_int_equal(columns_answer(&A, C, N, texts, &v, &at, &err), RC_INVALID);
	assert_int_equal(at, 4);
}

static void a_column_put_in_between_moves_nobodys_answer(void **state)
{
	struct err err = {0};
	struct value *v;
	size_t at;
	(void)state;
	assert_ok(declare("人数|数字\n说明", &err), &err);
	str texts[] = {STR("7"), STR("无")};
	assert_ok(columns_answer(&A, C, N, texts, &v, &at, &err), &err);
	str kept = columns_pack(&A, C, N, v);
	assert_ok(declare("地点\n人数|数字", &err), &err);
	v = columns_unpack(&A, C, N, kept);
	assert_true(v[0].kind == V_NULL && v[1].i == 7);
	v = columns_unpack(&A, C, N, STR("{\"人数\":")); /* cut off: nothing, and no fault */
	assert_true(v[0].kind == V_NULL && v[1].kind == V_NULL);
}

static void a_column_is_found_by_its_name_as_sheets_write_it(void **state)
{
	struct err err = {0};
	(void)state;
	assert_ok(declare("人数|数字|必填\n说明", &err), &err);
	assert_ptr_equal(column_called(C, N, STR(" 人数 * ")), &C[0]);
	assert_null(column_called(C, N, STR("人数多少")));
}

static void what_a_figure_counts_already_is_not_asked_again(void **state)
{
	struct err err = {0};
	struct model *m;
	(void)state;
	assert_ok(model_load(&A, NULL, false, &m, NULL, NULL, &err), &err);
	const struct figure *f = model_figure(m, STR("vol.events"));
	assert_ok(declare("地点", &err), &err);
	assert_ok(columns_asked_elsewhere(m, C, N, &err), &err);
	assert_ok(declare(arena_printf(&A, "地点\n%.*s|数字", STR_ARG(f->label.zh)), &err), &err);
	assert_int_equal(columns_asked_elsewhere(m, C, N, &err), RC_CONFLICT);
	assert_non_null(strstr(err.text, "vol.events"));
	model_done(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_column_a_line_with_its_type_and_whether_it_is_required),
		cmocka_unit_test(what_is_no_column_is_refused_with_its_name),
		cmocka_unit_test(an_answer_is_read_as_people_write_and_kept_so_that_it_comes_back),
		cmocka_unit_test(a_column_put_in_between_moves_nobodys_answer),
		cmocka_unit_test(a_column_is_found_by_its_name_as_sheets_write_it),
		cmocka_unit_test(what_a_figure_counts_already_is_not_asked_again),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_done(&A);
	return failed;
}
