/* What the answers to a survey say together, and what they must not say. */
#include "service/coordination/columns.h"
#include "service/coordination/survey.h"
#include "tests.h"

static struct arena arena;
static struct field *columns;
static size_t columns_n;

/* One person's answers, as written; NULL ends them. */
static struct value *person(const char *const *texts)
{
	struct value *out;
	size_t at;
	str list[COLUMNS_MAX];
	for (size_t i = 0; i < columns_n; i++)
		list[i] = str_of(texts[i]);
	struct err err;
	assert_ok(columns_answer(&arena, columns, columns_n, list, &out, &at, &err), &err);
	return out;
}

static struct survey_question *sum(const char *const (*rows)[3], size_t n, enum survey_as as)
{
	struct survey_question *out;
	struct value **answers = NEWS(&arena, n + 1, struct value *);
	for (size_t i = 0; i < n; i++)
		answers[i] = person(rows[i]);
	struct err err;
	assert_ok(survey_sum(&arena, columns, columns_n, answers, n, as, &out, &err), &err);
	return out;
}

static const char *const TEN[10][3] = {{"好", "5", "多办"}, {"好", "5", ""}, {"好", "4", "早一点"},
	{"好", "4", ""}, {"好", "3", "谢谢"}, {"好", "5", ""}, {"好", "4", "近一点"}, {"差", "1", "太远"},
	{"好", "2", ""}, {"好", "5", "不错"}};

static void bars_numbers_and_texts_for_the_office(void **state)
{
	(void)state;
	struct survey_question *q = sum(TEN, 10, SURVEY_OFFICE);
	assert_int_equal(q[0].bars_n, 3);
	assert_int_equal(q[0].bars[0].n, 9);
	assert_int_equal(q[0].bars[1].n, 0);
	assert_int_equal(q[0].bars[2].n, 1);
	assert_false(q[0].bars[2].hidden);
	assert_int_equal(q[1].bars_n, 5);
	assert_true(str_is(q[1].bars[4].label, "5"));
	assert_int_equal(q[1].bars[4].n, 4);
	assert_int_equal(q[1].mean, 38);
	assert_int_equal(q[1].median, 4);
	assert_int_equal(q[2].answered, 6);
	assert_int_equal(q[2].texts_n, 6);
	for (size_t i = 1; i < q[2].texts_n; i++)
		assert_true(str_cmp(q[2].texts[i - 1], q[2].texts[i]) <= 0);
}

static void who_answered_sees_no_text_and_no_small_number(void **state)
{
	(void)state;
	struct survey_question *q = sum(TEN, 10, SURVEY_ANSWERED);
	assert_int_equal(q[2].texts_n, 0);
	assert_true(q[0].bars[2].hidden);
	int64_t shown = 0;
	for (size_t i = 0; i < q[0].bars_n; i++)
		shown += q[0].bars[i].hidden ? 0 : q[0].bars[i].n;
	assert_int_equal(shown + q[0].hidden, 10);
	assert_true(q[0].hidden >= SURVEY_LEAST); /* a partner hides with it: 1 cannot be worked out */
}

static void a_question_of_few_tells_nothing_to_anybody(void **state)
{
	(void)state;
	for (int as = SURVEY_OFFICE; as <= SURVEY_ANSWERED; as++) {
		struct survey_question *q = sum(TEN, 4, (enum survey_as)as);
		for (size_t i = 0; i < columns_n; i++) {
			assert_true(q[i].few);
			assert_int_equal(q[i].bars_n + q[i].texts_n, 0);
			assert_false(q[i].middled);
		}
		q = sum(TEN + 1, 8, (enum survey_as)as); /* three wrote something... */
		assert_false(q[0].few);
		assert_true(q[2].few);
		assert_int_equal(q[2].texts_n, 0);
	}
}

static void numbers_of_many_values_have_no_bars(void **state)
{
	(void)state;
	static const char *const MANY[14][3] = {{"好", "1", ""}, {"好", "2", ""}, {"好", "3", ""},
		{"好", "4", ""}, {"好", "5", ""}, {"好", "6", ""}, {"好", "7", ""}, {"好", "8", ""},
		{"好", "9", ""}, {"好", "10", ""}, {"好", "11", ""}, {"好", "12", ""}, {"好", "13", ""},
		{"好", "14", ""}};
	struct survey_question *q = sum(MANY, 14, SURVEY_OFFICE);
	assert_int_equal(q[1].bars_n, 0);
	assert_int_equal(q[1].mean, 75);
	assert_int_equal(q[1].median, 7);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bars_numbers_and_texts_for_the_office),
		cmocka_unit_test(who_answered_sees_no_text_and_no_small_number),
		cmocka_unit_test(a_question_of_few_tells_nothing_to_anybody),
		cmocka_unit_test(numbers_of_many_values_have_no_bars),
	};
	arena_init(&arena);
	if (columns_read(&arena, STR("满意 | 选项 好、一般、差；几分 | 数字；建议"), &columns, &columns_n,
		    &(struct err){0}) != RC_OK)
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_done(&arena);
	return failed;
}
