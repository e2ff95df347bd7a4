/* Frozen reports: values out of a run, differences, canonical JSON there and back. */
#include "fake_source.h"
#include "report/edition.h"

static struct edition frozen(struct arena *a, const char *text)
{
	struct template_run t;
	struct buf b;
	struct err err = {0};
	buf_init(&b, 1 << 20);
	template_init(&t, a, &fake_source, false);
	struct slot_host host = template_host(&t);
	assert_ok(slots_fill_text(a, str_of(text), &host, false, &b, &err), &err);
	struct edition e = {.city = STR("清河市"),
		.org = STR("01"),
		.period = STR("2025"),
		.revision = 1,
		.at_ms = 1767225600000};
	e.text = arena_str(a, buf_str(&b));
	edition_values(a, &t, &e);
	buf_done(&b);
	return e;
}

static void values_stand_once_and_in_order(void **state)
{
	(void)state;
	struct arena a = {0};
	struct edition e =
		frozen(&a, "{{vol.events|十余}}{{study.issues}}{{vol.events}}{{lecture.people}}人");
	assert_int_equal(e.n, 3);
	assert_true(str_is(e.values[0].slot, "lecture.people"));
	assert_int_equal(e.values[0].value, 23456);
	assert_false(e.values[0].told);
	assert_true(str_is(e.values[0].unit, "人次"));
	assert_true(str_is(e.values[1].slot, "study.issues"));
	assert_int_equal(e.values[2].value, 87);
	arena_done(&a);
}

static void json_comes_back_to_the_same_bytes(void **state)
{
	(void)state;
	struct arena a = {0};
	struct edition e = frozen(&a, "{{vol.events}}次“{{name.theme}}”"), back;
	struct err err = {0};
	str json = edition_json(&a, &e);
	assert_ok(edition_read(&a, json, &back, &err), &err);
	assert_true(str_eq(edition_json(&a, &back), json));
	assert_int_equal(back.at_ms, 1767225600000);
	assert_int_equal(edition_read(&a, STR("[]"), &back, &err), RC_INVALID);
	arena_done(&a);
}

static void a_revision_lists_what_differs(void **state)
{
	(void)state;
	struct arena a = {0};
	struct edition p = frozen(&a, "{{vol.events|十余}}{{study.issues}}"),
		       q = frozen(&a, "{{vol.events|十余}}{{small}}");
	assert_false(edition_compare(&a, &p, &p));
	q.values[1].value = 89; /* 80余 either way */
	assert_true(edition_compare(&a, &p, &q));
	assert_int_equal(q.changes_n, 3);
	assert_true(str_is(q.changes[0].slot, "small"));
	assert_true(str_is(q.changes[0].after, "812"));
	assert_true(str_is(q.changes[1].slot, "study.issues"));
	assert_int_equal(q.changes[1].after.n, 0);
	assert_true(str_is(q.changes[2].before, "80余 (87)"));
	assert_true(str_is(q.changes[2].after, "80余 (89)"));
	struct edition r = p;
	r.text = STR("another");
	assert_true(edition_compare(&a, &p, &r));
	assert_int_equal(r.changes_n, 0);
	arena_done(&a);
}

int main(void)
{
	tr_set(LANG_EN);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_stand_once_and_in_order),
		cmocka_unit_test(json_comes_back_to_the_same_bytes),
		cmocka_unit_test(a_revision_lists_what_differs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
