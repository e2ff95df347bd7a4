/* Eras against the tree itself, on every organisation and many days, before and after moves. */
#include "base/date.h"
#include "base/rand.h"
#include "database.h"
#include "figure/eras.h"
#include "store/migrate.h"
#include "tests.h"

enum { ORGS = 40, DAYS = 400 };

struct fixture {
	struct db *db;
	char path[TEST_URL_BYTES];
};

static int setup(void **state)
{
	struct err err = {0};
	struct fixture *f = test_malloc(sizeof *f);
	test_db_url(f->path, "eras");
	assert_ok(db_open(f->path, DB_CREATE, &f->db, &err), &err);
	assert_ok(migrate_up(f->db, &err), &err);
	for (int org = 1; org <= ORGS; org++)
		assert_ok(tree_attach(f->db, org,
				  org == 1  ? 0
				  : org < 6 ? 1
					    : 2 + org % 4,
				  DATE_NONE, &err),
			&err);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	db_close(f->db);
	test_db_forget(f->path);
	test_free(f);
	return 0;
}

static struct tree *load(struct fixture *f)
{
	struct err err = {0};
	struct tree *t = NULL;
	assert_ok(tree_load(f->db, &t, &err), &err);
	return t;
}

static void same_as_tree(struct eras *e, const struct tree *t)
{
	int32_t first = date_of(2025, 1, 1);
	for (int64_t org = 1; org <= ORGS; org++)
		for (int32_t day = first; day < first + DAYS; day += 3) {
			const struct era *era = eras_at(e, t, org, day);
			assert_non_null(era);
			assert_true(era->from <= day && day < era->to);
			uint32_t k = 0;
			for (int64_t anc = 1; anc <= ORGS; anc++) {
				bool in = k < era->anc_n && era->anc[k] == anc;
				assert_int_equal(in, tree_under(t, org, anc, day));
				k += in;
			}
			assert_int_equal(k, era->anc_n);
		}
}

static void eras_say_what_the_tree_says(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct rng r;
	struct eras e = {0};
	rng_init(&r, 7);
	for (int round = 0; round < 12; round++) {
		struct tree *t = load(f);
		eras_forget(&e);
		same_as_tree(&e, t);
		tree_free(t);
		bool moved;
		int64_t org = 6 + (int64_t)rng_below(&r, ORGS - 5), to = 1 + (int64_t)rng_below(&r, 5);
		assert_ok(tree_move(f->db, org, to, date_of(2025, 1, 1) + (int32_t)rng_below(&r, DAYS),
				  &moved, &err),
			&err);
	}
	eras_done(&e);
}

static void numbers_of_before_a_move_keep_their_ancestors(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct eras e = {0};
	bool moved;
	int32_t day = date_of(2025, 6, 1);
	assert_ok(tree_move(f->db, 40, 2, day - 1, &moved, &err), &err);
	struct tree *t = load(f);
	uint32_t was = eras_at(&e, t, 40, day)->number;
	tree_free(t);
	assert_ok(tree_move(f->db, 40, 3, day, &moved, &err), &err);
	assert_true(moved);
	t = load(f);
	eras_forget(&e);
	const struct era *now = eras_at(&e, t, 40, day), *old = eras_get(&e, was);
	assert_int_not_equal(now->number, was);
	assert_int_equal(old->anc[1], 2);
	assert_int_equal(now->anc[1], 3);
	tree_free(t);
	eras_done(&e);
}

static void a_union_has_each_ancestor_once(void **state)
{
	struct fixture *f = *state;
	struct eras e = {0};
	struct tree *t = load(f);
	int64_t orgs[3] = {2, 3, 2}, out[ROW_ANCESTORS_MAX];
	size_t n = eras_union(&e, t, orgs, 3, date_of(2025, 1, 5), out);
	assert_int_equal(n, 3);
	assert_int_equal(out[0], 1);
	assert_int_equal(out[1], 2);
	assert_int_equal(out[2], 3);
	assert_null(eras_at(&e, t, 999, date_of(2025, 1, 5)));
	tree_free(t);
	eras_done(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(eras_say_what_the_tree_says, setup, teardown),
		cmocka_unit_test_setup_teardown(
			numbers_of_before_a_move_keep_their_ancestors, setup, teardown),
		cmocka_unit_test_setup_teardown(a_union_has_each_ancestor_once, setup, teardown)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
