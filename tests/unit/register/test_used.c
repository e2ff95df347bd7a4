/* Where a field, a register or a figure is used, over a small model. */
#include "register/used.h"
#include "small_model.h"

static struct arena A;

static const struct used *find(const struct used *list, size_t n, enum used_kind kind, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].kind == kind && str_is(list[i].id, id))
			return &list[i];
	return NULL;
}

static void what_a_field_touches_is_found_through_paths_and_lists(void **state)
{
	struct model *m = *state;
	const struct reg *event = model_reg(m, STR("event")), *record = model_reg(m, STR("record"));
	struct used *u;
	size_t n;
	/* event.hours is read by record's check; event.state is a system column, event.cost nobody reads. */
	used_reg(&A, m, event, reg_field(event, STR("hours")), &u, &n);
	assert_non_null(find(u, n, USED_CHECK, "record"));
	assert_null(find(u, n, USED_FIGURE, "vol.attend"));
	used_reg(&A, m, event, reg_field(event, STR("cost")), &u, &n);
	assert_int_equal(n, 0);
	used_reg(&A, m, record, reg_field(record, STR("volunteer")), &u, &n);
	assert_non_null(find(u, n, USED_FIGURE, "vol.attend.people"));
	assert_non_null(find(u, n, USED_FORM, "record"));
	used_reg(&A, m, record, reg_field(record, STR("hours")), &u, &n);
	assert_non_null(find(u, n, USED_MOVE, "record"));
}

static void a_register_is_used_by_who_counts_it_and_who_refers_to_it(void **state)
{
	struct model *m = *state;
	struct used *u;
	size_t n;
	used_reg(&A, m, model_reg(m, STR("event")), NULL, &u, &n);
	assert_non_null(find(u, n, USED_FIGURE, "vol.attend")); /* its condition follows the reference */
	assert_non_null(find(u, n, USED_REGISTER, "record"));
	used_reg(&A, m, model_reg(m, STR("note")), NULL, &u, &n);
	assert_int_equal(n, 0);
}

static void a_figure_is_used_by_its_rates_and_companions(void **state)
{
	struct model *m = *state;
	struct used *u;
	size_t n;
	used_figure(&A, m, model_figure(m, STR("vol.attend")), &u, &n);
	assert_non_null(find(u, n, USED_FIGURE, "vol.share"));
	assert_non_null(find(u, n, USED_FIGURE, "vol.attend.hours"));
}

static void a_name_in_a_text_is_a_whole_word(void **state)
{
	(void)state;
	assert_true(used_named(STR("of: visit\n"), STR("visit")));
	assert_true(used_named(STR("{{vol.attend|print}}"), STR("vol.attend")));
	assert_false(used_named(STR("{{vol.attend.people}}"), STR("vol.attend")));
	assert_false(used_named(STR("revisit visitor"), STR("visit")));
	assert_true(used_named(STR("revisit visit"), STR("visit")));
}

static int setup(void **state)
{
	*state = small_model_load(&A);
	return *state == NULL;
}

static int teardown(void **state)
{
	model_done(*state);
	arena_done(&A);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_field_touches_is_found_through_paths_and_lists),
		cmocka_unit_test(a_register_is_used_by_who_counts_it_and_who_refers_to_it),
		cmocka_unit_test(a_figure_is_used_by_its_rates_and_companions),
		cmocka_unit_test(a_name_in_a_text_is_a_whole_word),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
