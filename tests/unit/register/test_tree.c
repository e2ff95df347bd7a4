/* The organisation tree against a slow model: the parent of every organisation on every day of a year. */
#include "base/date.h"
#include "base/rand.h"
#include "database.h"
#include "register/tree.h"
#include "store/migrate.h"
#include "tests.h"

enum { ORGS = 60, DAYS = 365 };

struct fixture {
	struct db *db;
	char path[TEST_URL_BYTES];
	int parent[ORGS + 1][DAYS]; /* by day; 0 none */
	int32_t first;
};

static int setup(void **state)
{
	struct err err = {0};
	struct fixture *f = test_malloc(sizeof *f);
	*f = (struct fixture){.first = date_of(2025, 1, 1)};
	test_db_url(f->path, "tree");
	assert_ok(db_open(f->path, DB_CREATE, &f->db, &err), &err);
	assert_ok(migrate_up(f->db, &err), &err);
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

static bool under(const struct fixture *f, int org, int anc, int day)
{
	for (; org; org = f->parent[org][day])
		if (org == anc)
			return true;
	return false;
}

static void compare(const struct fixture *f, const struct tree *t)
{
	for (int day = 0; day < DAYS; day += 13)
		for (int org = 1; org <= ORGS; org++)
			for (int anc = 1; anc <= ORGS; anc++)
				if (tree_under(t, org, anc, f->first + day) != under(f, org, anc, day))
					fail_msg("org %d under %d on day %d", org, anc, day);
}

static void build(struct fixture *f, struct rng *r)
{
	struct err err = {0};
	for (int org = 1; org <= ORGS; org++) {
		int up = org == 1 ? 0 : 1 + (int)rng_below(r, (uint64_t)(org - 1 < 20 ? org - 1 : 20));
		assert_ok(tree_attach(f->db, org, up, DATE_NONE, &err), &err);
		for (int d = 0; d < DAYS; d++)
			f->parent[org][d] = up;
	}
}

static void random_moves_agree_with_a_day_by_day_model(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct rng r;
	rng_init(&r, 7);
	build(f, &r);
	for (int i = 0; i < 120; i++) {
		int org = 2 + (int)rng_below(&r, ORGS - 1), to = 1 + (int)rng_below(&r, ORGS);
		int day = (int)rng_below(&r, DAYS);
		bool moved = false, loop = false;
		for (int d = day; d < DAYS; d++)
			loop |= under(f, to, org, d);
		enum rc rc = tree_move(f->db, org, to, f->first + day, &moved, &err);
		if (loop) {
			assert_int_equal(rc, RC_INVALID);
			continue;
		}
		assert_int_equal(rc, RC_OK);
		for (int d = day; d < DAYS; d++)
			f->parent[org][d] = to;
		if (i % 20 == 19) {
			struct tree *t;
			assert_ok(tree_load(f->db, &t, &err), &err);
			compare(f, t);
			tree_free(t);
		}
	}
}

static void intervals_of_one_ancestor_are_never_adjacent(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct tree *t;
	bool moved;
	for (int org = 1; org <= 4; org++)
		assert_ok(tree_attach(f->db, org, org == 1 ? 0 : org == 4 ? 2 : 1, DATE_NONE, &err), &err);
	/* 4 goes from 2 to 3, both under 1: the root sees one interval. */
	assert_ok(tree_move(f->db, 4, 3, f->first + 59, &moved, &err), &err);
	assert_true(moved);
	assert_ok(tree_load(f->db, &t, &err), &err);
	size_t n, roots = 0;
	const struct anc *list = tree_ancestors(t, 4, &n);
	for (size_t i = 0; i < n; i++)
		roots += list[i].org == 1;
	assert_int_equal(roots, 1);
	assert_int_equal(tree_parent(t, 4, f->first + 58), 2);
	assert_int_equal(tree_parent(t, 4, f->first + 59), 3);
	tree_free(t);
}

static void a_move_to_the_same_parent_is_nothing(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	bool moved = true;
	assert_ok(tree_attach(f->db, 1, 0, DATE_NONE, &err), &err);
	assert_ok(tree_attach(f->db, 2, 1, DATE_NONE, &err), &err);
	assert_ok(tree_move(f->db, 2, 1, f->first, &moved, &err), &err);
	assert_false(moved);
	assert_int_equal(tree_move(f->db, 1, 2, f->first, &moved, &err), RC_INVALID);
	assert_int_equal(tree_move(f->db, 2, 99, f->first, &moved, &err), RC_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(random_moves_agree_with_a_day_by_day_model, setup, teardown),
		cmocka_unit_test_setup_teardown(
			intervals_of_one_ancestor_are_never_adjacent, setup, teardown),
		cmocka_unit_test_setup_teardown(a_move_to_the_same_parent_is_nothing, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
