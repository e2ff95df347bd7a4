/* Scale files: what is shipped can be read and says where it comes from; every fault is named with its place. */
#include "service/screening/instrument.h"
#include "tests.h"

static const char good[] =
	"instrument: x\nversion: v\ntitle: {zh: a, en: a}\nperiod: {zh: a, en: a}\nask: {zh: a, en: "
	"a}\nsource: s\n"
	"licence: free\ncolumns: [xx]\noptions: [{value: 0, zh: a, en: a}, {value: 1, zh: a, en: a}]\n"
	"items: [{id: q1, zh: a, en: a}, {id: q2, zh: a, en: a, reverse: yes}]\n"
	"subscales: [{id: s, zh: a, en: a, items: [q1]}]\n"
	"bands: [{id: b, zh: a, en: a, from: 0, to: 1}, {id: c, zh: a, en: a, from: 2, to: 2, level: 1}]\n"
	"alarms: [{id: t, zh: a, en: a, total: yes, at_least: 2}]\nprorate_up_to: 1\nmultiply: 2\n";

static void what_is_shipped_is_whole_and_says_its_licence(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	static const char *const ids[] = {"phq9", "gad7", "who5", "cesdc"};
	static const size_t items[] = {9, 7, 5, 20};
	struct instrument in;
	for (size_t i = 0; i < 4; i++) {
		assert_ok(instrument_shipped(&a, ids[i], &in, &err), &err);
		assert_true(str_is(in.id, ids[i]) && in.items_n == items[i] && in.licence.n > 20 &&
			    in.source.n > 20);
	}
	assert_true(str_is(instrument_list(&a), "cesdc, gad7, phq9, who5"));
	assert_int_equal(instrument_shipped(&a, "scl90", &in, &err), RC_NOT_FOUND);
	assert_non_null(strstr(err.text, "phq9"));
	arena_done(&a);
}

/* Replaces one piece of the good file by another. */
static str with(struct arena *a, const char *old, const char *new)
{
	const char *at = strstr(good, old);
	assert_non_null(at);
	return arena_fmt(a, "%.*s%s%s", (int)(at - good), good, new, at + strlen(old));
}

static void every_fault_is_named_with_its_line(void **state)
{
	(void)state;
	static const char *const cases[][2] = {{"licence: free\n", ""}, {"licence: free", "licence:"},
		{"version: v\n", ""}, {"instrument: x\n", "instrument: x\nlicense: y\n"},
		{"{zh: a, en: a}", "{zh: a}"}, {"{zh: a, en: a}", "[]"}, {"value: 1", "value: 0"},
		{"value: 1", "value: x"}, {"value: 1", "value: 101"}, {"id: q2", "id: q1"},
		{"reverse: yes", "reverse: maybe"}, {"reverse: yes", "reverse: []"},
		{"reverse: yes", "revers: yes"}, {"items: [q1]", "items: [q9]"},
		{"items: [q1]", "items: [q1, q1]"}, {"items: [q1]", "items: []"},
		{"items: [q1]", "items: [[q1]]"}, {"from: 2", "from: 3"}, {"from: 2", "from: 1"},
		{"to: 2", "to: 3"}, {"from: 2, to: 2, ", ""},
		{", {id: c, zh: a, en: a, from: 2, to: 2, level: 1}", ""}, {"level: 1", "level: 5"},
		{"total: yes, ", ""}, {"total: yes", "total: yes, items: [q1]"},
		{"total: yes", "subscale: z"}, {"total: yes", "items: [q1], count: 2"},
		{"total: yes", "total: perhaps"}, {", at_least: 2", ""},
		{"prorate_up_to: 1", "prorate_up_to: 2"}, {"multiply: 2", "multiply: 0"},
		{"columns: [xx]", "columns: []"}, {"columns: [xx]", "columns: xx"},
		{"options: [", "options: [1, "}, {"items: [{id: q1", "items: [7, {id: q1"},
		{"prorate_up_to: 1", "prorate_up_to: 1\nprorate_up_to: 1"}};
	struct arena a = {0};
	struct instrument in;
	struct err err = {0};
	assert_ok(instrument_read(&a, STR(good), "x.yaml", &in, &err), &err);
	assert_true(in.items_n == 2 && in.multiply == 2 && in.alarms_n == 1 && !in.licence_checked);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		err = (struct err){0};
		enum rc rc = instrument_read(&a, with(&a, cases[i][0], cases[i][1]), "x.yaml", &in, &err);
		if (rc != RC_INVALID || strncmp(err.text, "x.yaml:", 7) != 0)
			fail_msg("%s -> %s: %d %s", cases[i][0], cases[i][1], (int)rc, err.text);
	}
	assert_ok(instrument_read(&a, with(&a, "total: yes", "subscale: s, void: yes"), "x.yaml", &in, &err),
		&err);
	assert_true(in.alarms[0].voids);
	assert_int_equal(instrument_read(&a, STR("a: [b"), "x.yaml", &in, &err), RC_INVALID);
	arena_done(&a);
}

/* A file that uses everything; taking out any one pair, or any one item of a list, or bending any scalar, never harms. */
static void every_part_taken_out_or_bent_is_refused_or_read(void **state)
{
	(void)state;
	static const char full[] =
		"instrument: x\nversion: v\ntitle: {zh: a, en: a}\nperiod: {zh: a, en: a}\nask: {zh: a, en: "
		"a}\nsource: s\n"
		"licence: free\nlicence_checked: yes\ncolumns: [xx, yy]\n"
		"options: [{value: 0, zh: a, en: a}, {value: 1, zh: a, en: a}]\n"
		"items: [{id: q1, zh: a, en: a, risk: yes}, {id: q2, zh: a, en: a, reverse: yes}]\n"
		"subscales: [{id: s, zh: a, en: a, items: [q1]}, {id: r, zh: a, en: a, items: [q1, q2]}]\n"
		"bands: [{id: b, zh: a, en: a, from: 0, to: 1}, {id: c, zh: a, en: a, from: 2, to: 2, level: "
		"1}]\n"
		"alarms: [{id: t, zh: a, en: a, total: yes, at_least: 2}, {id: i, zh: a, en: a, items: [q1], "
		"count: 1, at_most: 1, "
		"level: 2}, {id: u, zh: a, en: a, subscale: s, at_least: 1, void: yes}]\nprorate_up_to: "
		"1\nmultiply: 2\n";
	struct arena a = {0};
	struct err err = {0};
	struct instrument in;
	int refused = 0, read = 0;
	assert_ok(instrument_read(&a, STR(full), "x.yaml", &in, &err), &err);
	for (size_t i = 0; i < sizeof full - 1; i++) {
		static const char *const instead[] = {"[]", "{}", "", "zz", "99999"};
		size_t n = strcspn(full + i, " ,:[]{}\n"), rest = i + n;
		if (n == 0 || (i > 0 && strchr(" ,:[]{}\n", full[i - 1]) == NULL))
			continue;
		for (size_t k = 0; k < 5; k++) {
			str text = arena_fmt(&a, "%.*s%s%s", (int)i, full, instead[k], full + rest);
			enum rc rc = instrument_read(&a, text, "x.yaml", &in, &err);
			assert_true(
				rc == RC_OK || (rc == RC_INVALID && strncmp(err.text, "x.yaml:", 7) == 0));
			refused += rc != RC_OK;
			read += rc == RC_OK;
		}
		/* and the whole pair "key: value" taken out */
		if (full[rest] == ':') {
			size_t end = rest + 1, depth = 0;
			for (; full[end] && (depth > 0 || !strchr(",}\n", full[end])); end++)
				depth += (size_t)(full[end] == '[' || full[end] == '{') -
					 (size_t)(full[end] == ']' || full[end] == '}');
			str text = arena_fmt(
				&a, "%.*s%s", (int)i, full, full + end + (full[end] == ',' ? 1 : 0));
			enum rc rc = instrument_read(&a, text, "x.yaml", &in, &err);
			assert_true(rc == RC_OK || rc == RC_INVALID);
		}
	}
	print_message("# %d refused, %d read\n", refused, read);
	assert_true(refused > 400 && read > 50);
	arena_done(&a);
}

static bool columns(const char *const *names, size_t n, size_t first, size_t second)
{
	struct arena a = {0};
	struct instrument in;
	struct err err = {0};
	str headers[8];
	size_t at[2];
	assert_ok(instrument_read(&a, STR(good), "x.yaml", &in, &err), &err);
	for (size_t i = 0; i < n; i++)
		headers[i] = str_of(names[i]);
	bool ok = instrument_columns(&in, headers, n, at, &err) == RC_OK;
	if (ok)
		assert_true(at[0] == first && at[1] == second);
	arena_done(&a);
	return ok;
}

static void columns_are_found_by_id_number_or_prefix(void **state)
{
	(void)state;
	assert_true(columns((const char *[]){"name", "Q2", "q_1"}, 3, 2, 1));
	assert_true(columns((const char *[]){"1", "2"}, 2, 0, 1));
	assert_true(columns((const char *[]){"xx01", "yy1", "XX-2", "yy2"}, 4, 0, 2));
	assert_true(columns((const char *[]){"T1", "sum", "T2"}, 3, 0, 2));
	assert_false(columns((const char *[]){"T1", "T2", "U1", "U2"}, 4, 0, 0));
	assert_false(columns((const char *[]){"T1", "T2", "T3"}, 3, 0, 0));
	assert_false(columns((const char *[]){"q1", "sum"}, 2, 0, 0));
	assert_true(columns((const char *[]){"U1", "U2", "T1", "T2", "T3"}, 5, 0, 1));
	assert_false(columns((const char *[]){""}, 1, 0, 0));
	assert_false(columns((const char *[]){"T0001", "T0002"}, 2, 0, 0));
	assert_true(columns((const char *[]){"x.x_1", " X X-2 "}, 2, 0, 1));
	assert_true(columns((const char *[]){"题1", "题2"}, 2, 0, 1));
	assert_false(columns((const char *[]){"x[1", "x{2"}, 2, 0, 0));
}

static void cells_are_numbers_or_missing(void **state)
{
	(void)state;
	int8_t v = 7;
	assert_true(instrument_answer(STR(" 3 "), &v) && v == 3);
	assert_true(instrument_answer(STR("-2"), &v) && v == -2);
	assert_true(instrument_answer(STR(""), &v) && v == SCORE_MISSING);
	assert_true(instrument_answer(STR("缺失"), &v) && v == SCORE_MISSING);
	assert_true(instrument_answer(STR("NA"), &v) && v == SCORE_MISSING);
	assert_false(instrument_answer(STR("1.5"), &v));
	assert_false(instrument_answer(STR("yes"), &v));
	assert_false(instrument_answer(STR("-128"), &v));
	assert_false(instrument_answer(STR("128"), &v));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_shipped_is_whole_and_says_its_licence),
		cmocka_unit_test(every_fault_is_named_with_its_line),
		cmocka_unit_test(every_part_taken_out_or_bent_is_refused_or_read),
		cmocka_unit_test(columns_are_found_by_id_number_or_prefix),
		cmocka_unit_test(cells_are_numbers_or_missing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
