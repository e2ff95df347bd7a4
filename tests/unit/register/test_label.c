/* Labels form a lattice, and no permission of the built-in model leads past one. */
#include "register/label.h"
#include "register/permit.h"
#include "tests.h"

enum { LABELS_MAX = 400 };

static struct arena arena;
static struct model *model;
static struct label_mac labels[LABELS_MAX];
static size_t labels_n;

static int load(void **state)
{
	struct err err;
	(void)state;
	assert_ok(model_load(&arena, NULL, false, &model, NULL, NULL, &err), &err);
	for (size_t i = 0; i < model->roles.n; i++)
		labels[labels_n++] = label_of_role(&model->roles.list[i]);
	for (size_t i = 0; i < model->regs_n && labels_n < LABELS_MAX; i++)
		labels[labels_n++] = label_of_reg(&model->regs[i]);
	return 0;
}

static int unload(void **state)
{
	(void)state;
	model_done(model);
	arena_done(&arena);
	return 0;
}

static bool holds(const struct label_mac *a, str c)
{
	for (size_t i = 0; i < a->n; i++)
		if (str_eq(a->compartments[i], c))
			return true;
	return a->all;
}

/* The least label above both: the higher level, the union. */
static struct label_mac join(const struct label_mac *a, const struct label_mac *b)
{
	struct label_mac j = {.level = a->level > b->level ? a->level : b->level, .all = a->all || b->all};
	str *set = NEWS(&arena, a->n + b->n + 1, str);
	for (size_t i = 0; i < a->n; i++)
		set[j.n++] = a->compartments[i];
	for (size_t i = 0; i < b->n; i++)
		set[j.n++] = b->compartments[i];
	j.compartments = set;
	return j;
}

/* The greatest below both: the lower level, the intersection. */
static struct label_mac meet(const struct label_mac *a, const struct label_mac *b)
{
	struct label_mac m = {.level = a->level < b->level ? a->level : b->level, .all = a->all && b->all};
	str *set = NEWS(&arena, a->n + b->n + 1, str);
	for (size_t i = 0; i < a->n; i++)
		if (holds(b, a->compartments[i]))
			set[m.n++] = a->compartments[i];
	for (size_t i = 0; a->all && i < b->n; i++)
		set[m.n++] = b->compartments[i];
	m.compartments = set;
	return m;
}

static bool same(const struct label_mac *a, const struct label_mac *b)
{
	return label_dominates(a, b) && label_dominates(b, a);
}

static void dominance_is_an_order(void **state)
{
	(void)state;
	assert_true(labels_n > 150);
	for (size_t i = 0; i < labels_n; i++) {
		assert_true(label_dominates(&labels[i], &labels[i]));
		for (size_t k = 0; k < labels_n; k++) {
			if (same(&labels[i], &labels[k]))
				assert_int_equal(labels[i].level, labels[k].level);
			for (size_t n = 0; label_dominates(&labels[i], &labels[k]) && n < labels_n; n++)
				if (label_dominates(&labels[k], &labels[n]))
					assert_true(label_dominates(&labels[i], &labels[n]));
		}
	}
}

static void any_two_have_a_least_above_and_a_greatest_below(void **state)
{
	(void)state;
	/* One of each kind is enough: registers of one level and purpose have one label. */
	for (size_t i = 0; i < labels_n; i += 3)
		for (size_t k = 0; k < labels_n; k += 5) {
			struct label_mac up = join(&labels[i], &labels[k]),
					 down = meet(&labels[i], &labels[k]);
			assert_true(label_dominates(&up, &labels[i]) && label_dominates(&up, &labels[k]));
			assert_true(label_dominates(&labels[i], &down) && label_dominates(&labels[k], &down));
			for (size_t n = 0; n < labels_n; n++) {
				const struct label_mac *x = &labels[n];
				if (label_dominates(x, &labels[i]) && label_dominates(x, &labels[k]))
					assert_true(label_dominates(x, &up));
				if (label_dominates(&labels[i], x) && label_dominates(&labels[k], x))
					assert_true(label_dominates(&down, x));
			}
		}
}

static void no_permission_leads_past_a_label(void **state)
{
	(void)state;
	size_t seen = 0;
	for (size_t i = 0; i < model->regs_n; i++) {
		struct permit_line *list;
		size_t n;
		permit_lines(&arena, &model->regs[i], &list, &n);
		for (size_t k = 0; k < n; k++) {
			bool rows = str_is(list[k].relation, "subtree") || str_is(list[k].relation, "case");
			if (!rows || (!str_is(list[k].act, "read") && !str_is(list[k].act, "write")))
				continue;
			seen++;
			if (!label_role_dominates(model_role(model, list[k].role), &model->regs[i]))
				fail_msg("%.*s reaches %.*s", STR_ARG(list[k].role),
					STR_ARG(model->regs[i].id));
		}
	}
	assert_true(seen > 300);
}

static void a_counsellor_is_not_cleared_for_aid_nor_the_leader_for_minors(void **state)
{
	(void)state;
	const struct role_kind *counsellor = model_role(model, STR("counsellor")),
			       *leader = model_role(model, STR("leader")),
			       *partner = model_role(model, STR("partner_contact"));
	assert_true(label_role_dominates(counsellor, model_reg(model, STR("mind_file"))));
	assert_false(label_role_dominates(counsellor, model_reg(model, STR("disbursement"))));
	assert_false(label_role_dominates(leader, model_reg(model, STR("person"))));
	assert_false(label_role_dominates(partner, model_reg(model, STR("mind_file"))));
	assert_true(label_role_dominates(leader, model_reg(model, STR("volunteer_event"))));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dominance_is_an_order),
		cmocka_unit_test(any_two_have_a_least_above_and_a_greatest_below),
		cmocka_unit_test(no_permission_leads_past_a_label),
		cmocka_unit_test(a_counsellor_is_not_cleared_for_aid_nor_the_leader_for_minors),
	};
	return cmocka_run_group_tests(tests, load, unload);
}
