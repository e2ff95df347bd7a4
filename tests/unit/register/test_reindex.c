/* The indexes get a new key: whoever searches finds the same before, meanwhile and after, also when it was broken off. */
#include "base/date.h"
#include "database.h"
#include "guard/seal.h"
#include "register/city.h"
#include "register/person.h"
#include "register/reindex.h"
#include "tests.h"
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PEOPLE = 1100 }; /* three slices */

struct town {
	struct arena a;
	char path[TEST_URL_BYTES];
	struct city *city, *other; /* other: another process's view, where a test has one */
	int64_t ids[PEOPLE], late;
	int slices;
};

static void must(enum rc rc, const struct err *err)
{
	if (rc != RC_OK)
		fail_msg("rc %d: %s", (int)rc, err->text);
}

static char *name_of(struct arena *a, int i)
{
	return arena_printf(a, "Zhao %c%c%c", 'a' + i / 676 % 26, 'a' + i / 26 % 26, 'a' + i % 26);
}

/* Invented numbers: of the first person and of the last. */
static const char *const numbers[] = {"330100201205010011", "330100201205020025"};

static enum rc add_with(
	struct job_ctx *c, const char *name, const char *number, int64_t *out, struct err *err)
{
	const struct reg *person = model_reg(job_city(c)->model, STR("person"));
	struct entry e[] = {{reg_field(person, STR("name")), {.kind = V_TEXT, .t = str_of(name)}},
		{reg_field(person, STR("citizen_id")), {.kind = V_TEXT, .t = str_of(number ? number : "")}}};
	struct record_input in = {.reg = person,
		.org = 1,
		.entries = e,
		.entries_n = number ? 2 : 1,
		.state = person->import_state};
	return record_add(c, &in, out, err);
}

static enum rc add(struct job_ctx *c, const char *name, int64_t *out, struct err *err)
{
	return add_with(c, name, NULL, out, err);
}

static enum rc settle(struct job_ctx *c, void *arg, struct err *err)
{
	struct town *t = arg;
	for (int i = 0; i < PEOPLE; i++)
		TRY(add_with(c, name_of(c->a, i),
			i == 1            ? numbers[0]
			: i == PEOPLE - 2 ? numbers[1]
					  : NULL,
			&t->ids[i], err));
	return RC_OK;
}

static void run(struct town *t, struct city *c, enum rc (*fn)(struct job_ctx *, void *, struct err *))
{
	struct actor op = actor_operator();
	struct arena a = {0};
	struct err err = {0};
	must(city_run(c, &op, &a, (str){NULL, 0}, fn, t, &err), &err);
	arena_done(&a);
}

static int setup(void **state)
{
	struct err err = {0};
	struct town *t = test_malloc(sizeof *t);
	*t = (struct town){0};
	test_db_url(t->path, "reindex");
	struct city_new n = {.name = STR("临澜市"), .region = STR("3799"), .demo_seed = 7};
	must(city_init(t->path, &n, &err), &err);
	must(city_open(t->path, true, &t->city, &err), &err);
	run(t, t->city, settle);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct town *t = *state;
	city_close(t->other);
	city_close(t->city);
	test_db_forget(t->path);
	arena_done(&t->a);
	test_free(t);
	return 0;
}

static int64_t found(struct town *t, struct city *c, const char *name)
{
	struct actor op = actor_operator();
	struct reader r;
	struct err err = {0};
	struct person_input in = {.name = str_of(name), .unit = 1};
	int64_t id;
	must(reader_open(c, &t->a, &op, &r, &err), &err);
	must(person_find(r.db, c, &t->a, &in, &id, &err), &err);
	reader_close(&r);
	return id;
}

static int64_t count(struct town *t, const char *sql)
{
	struct err err = {0};
	struct db *db;
	struct stmt *s;
	bool row;
	must(db_open(t->path, DB_READ, &db, &err), &err);
	must(db_prepare(db, sql, &s, &err), &err);
	must(stmt_step(s, &row, &err), &err);
	int64_t n = row ? stmt_i64(s, 0) : 0;
	stmt_reset(s);
	db_close(db);
	return n;
}

static void all_are_found(struct town *t, struct city *c)
{
	for (int i = 1; i < PEOPLE; i += 73)
		assert_int_equal(found(t, c, name_of(&t->a, i)), t->ids[i]);
}

static enum rc one_comes(struct job_ctx *c, void *arg, struct err *err)
{
	return add(c, "Late Comer", &((struct town *)arg)->late, err);
}

static enum rc two_go(struct job_ctx *c, void *arg, struct err *err)
{
	struct town *t = arg;
	TRY(person_forget(c, t->ids[0], err));            /* entered under both keys by now */
	return person_forget(c, t->ids[PEOPLE - 1], err); /* not yet */
}

static enum rc twin(struct job_ctx *c, void *arg, struct err *err)
{
	int64_t id;
	return add_with(c, "Somebody Else", arg, &id, err);
}

/* Both numbers are known, whichever key their rows stand under: asked for, and as what stands once. */
static void numbers_are_known(struct town *t, struct city *c)
{
	struct actor op = actor_operator();
	struct err err = {0};
	for (int k = 0; k < 2; k++) {
		struct reader r;
		struct record **rows;
		size_t n;
		struct record_query q = {.reg = model_reg(c->model, STR("person")),
			.where = arena_fmt(&t->a, "citizen_id = '%s'", numbers[k]),
			.limit = 10};
		must(reader_open(c, &t->a, &op, &r, &err), &err);
		must(record_list(&r, &q, &rows, &n, &err), &err);
		reader_close(&r);
		assert_int_equal(n, 1);
		assert_int_equal(rows[0]->id, t->ids[k ? PEOPLE - 2 : 1]);
		struct arena a = {0};
		char number[32];
		snprintf(number, sizeof number, "%s", numbers[k]);
		assert_int_equal(city_run(c, &op, &a, (str){NULL, 0}, twin, number, &err), RC_CONFLICT);
		arena_done(&a);
	}
}

static void rotated(struct town *t, int64_t generation)
{
	struct err err = {0};
	struct actor op = actor_operator();
	char sql[120];
	assert_int_equal(seal_index_generation(t->city->seal), generation);
	assert_int_equal(seal_index_next(t->city->seal), 0);
	assert_int_equal(count(t, "SELECT COUNT(*) FROM setting WHERE name = 'blind_next'"), 0);
	must(reindex_sweep(t->city, &op, &err), &err);
	snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM find WHERE generation <> %d", (int)generation);
	assert_int_equal(count(t, sql), 0);
	all_are_found(t, t->city);
	numbers_are_known(t, t->city);
}

/* ---- broken off ---- */

static void dies_when_some_are_done(void *user, int64_t rows)
{
	(void)user;
	if (rows > 0)
		raise(SIGKILL);
}

static void a_change_of_key_killed_in_the_middle_goes_on_where_it_ended(void **state)
{
	struct town *t = *state;
	struct err err = {0};
	struct actor op = actor_operator();
	int64_t rows, entries = count(t, "SELECT COUNT(*) FROM find");
	int status = 0;
	city_close(t->city);
	pid_t child = fork();
	if (child == 0) {
		struct city *c;
		if (city_open(t->path, true, &c, &err) == RC_OK)
			(void)!reindex_all(c, &op, dies_when_some_are_done, NULL, &rows, &err);
		_exit(1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);

	must(city_open(t->path, true, &t->city, &err), &err);
	int64_t half = count(t, "SELECT COUNT(*) FROM find WHERE generation = 1");
	assert_true(half > 0 && half < entries);
	struct reader r;
	struct reindex_left left;
	must(reader_open(t->city, &t->a, &op, &r, &err), &err);
	must(reindex_left(&r, &left, &err), &err);
	reader_close(&r);
	assert_true(left.next > 0); /* it is told that one was broken off */
	all_are_found(t, t->city);
	numbers_are_known(t, t->city);
	run(t, t->city, one_comes);
	assert_int_equal(found(t, t->city, "Late Comer"), t->late);
	run(t, t->city, two_go);
	assert_int_equal(found(t, t->city, name_of(&t->a, 0)), 0);

	must(reindex_all(t->city, &op, NULL, NULL, &rows, &err), &err);
	if (rows <= 0 || rows >= PEOPLE) /* not all again */
		fail_msg("%lld rows gone through", (long long)rows);
	rotated(t, 1);
	assert_int_equal(found(t, t->city, "Late Comer"), t->late);
	assert_int_equal(found(t, t->city, name_of(&t->a, 0)), 0);
	assert_int_equal(found(t, t->city, name_of(&t->a, PEOPLE - 1)), 0);
}

/* ---- others at work ---- */

static enum rc one_is_renamed(struct job_ctx *c, void *arg, struct err *err)
{
	struct town *t = arg;
	const struct reg *person = model_reg(job_city(c)->model, STR("person"));
	/* One of those done, then one of those to come. */
	int i = t->slices == 1 ? 2 : PEOPLE - 3;
	struct entry e[] = {{reg_field(person, STR("name")),
		{.kind = V_TEXT, .t = arena_fmt(c->a, "Renamed %c", 'a' + t->slices)}}};
	return record_set(c, person, t->ids[i], 0, e, 1, err);
}

/* Between two slices: all are found by both, two are renamed and one comes. */
static void others_go_on(struct town *t)
{
	t->slices++;
	all_are_found(t, t->city);
	all_are_found(t, t->other);
	numbers_are_known(t, t->other);
	if (t->slices <= 2)
		run(t, t->other, one_is_renamed);
	if (t->slices == 2)
		run(t, t->other, one_comes);
}

static void another_writes(void *user, int64_t rows)
{
	(void)rows;
	struct town *t = user;
	numbers_are_known(t, t->city);
	others_go_on(t);
}

static void what_others_write_meanwhile_is_found_before_and_after(void **state)
{
	struct town *t = *state;
	struct err err = {0};
	struct actor op = actor_operator();
	int64_t rows;
	must(city_open(t->path, true, &t->other, &err), &err);
	must(reindex_all(t->city, &op, another_writes, t, &rows, &err), &err);
	assert_true(t->slices >= 3);
	/* Who has not heard that the new key is in use still finds, by both. */
	assert_int_equal(seal_index_generation(t->other->seal), 0);
	assert_int_equal(seal_index_next(t->other->seal), 1);
	all_are_found(t, t->other);
	numbers_are_known(t, t->other);
	for (int k = 0; k < 2; k++) {
		struct city *c = k ? t->other : t->city;
		assert_int_equal(found(t, c, "Renamed b"), t->ids[2]);
		assert_int_equal(found(t, c, "Renamed c"), t->ids[PEOPLE - 3]);
		assert_int_equal(found(t, c, name_of(&t->a, 2)), 0);
		assert_int_equal(found(t, c, name_of(&t->a, PEOPLE - 3)), 0);
		assert_int_equal(found(t, c, "Late Comer"), t->late);
	}
	rotated(t, 1);
	must(reindex_all(t->city, &op, NULL, NULL, &rows, &err), &err);
	rotated(t, 2);
	assert_int_equal(found(t, t->city, "Renamed c"), t->ids[PEOPLE - 3]);
}

/* ---- under the key that stands ---- */

static enum rc is_damaged(struct job_ctx *c, void *arg, struct err *err)
{
	struct town *t = arg;
	struct stmt *s;
	TRY(person_forget(c, t->ids[5], err)); /* found no more, though the row stands */
	/* Entries of nobody: below the first, above the last. */
	TRY(db_prepare(c->db,
		"INSERT INTO find(kind, h, person, generation) SELECT kind, h, 900000, generation FROM find "
		"WHERE person = ?1",
		&s, err));
	stmt_bind_i64(s, 1, t->ids[9]);
	return stmt_run(s, err);
}

static void while_it_is_made_anew(void *user, int64_t rows)
{
	(void)rows;
	others_go_on(user);
}

static void the_index_is_made_anew_in_slices_between_which_others_search_and_write(void **state)
{
	struct town *t = *state;
	struct err err = {0};
	struct actor op = actor_operator(), clerk = {.person = t->ids[0], .org = 1};
	int64_t entries = count(t, "SELECT COUNT(*) FROM find");
	must(city_open(t->path, true, &t->other, &err), &err);
	run(t, t->city, is_damaged);
	assert_int_equal(found(t, t->city, name_of(&t->a, 5)), 0);
	assert_int_equal(reindex_rebuild(t->city, &clerk, NULL, NULL, &err), RC_DENIED);
	must(reindex_rebuild(t->city, &op, while_it_is_made_anew, t, &err), &err);
	assert_true(t->slices >= 3);
	assert_int_equal(found(t, t->city, name_of(&t->a, 5)), t->ids[5]);
	assert_int_equal(found(t, t->city, "Renamed b"), t->ids[2]);
	assert_int_equal(found(t, t->city, "Renamed c"), t->ids[PEOPLE - 3]);
	assert_int_equal(found(t, t->city, name_of(&t->a, PEOPLE - 3)), 0);
	assert_int_equal(found(t, t->city, "Late Comer"), t->late);
	assert_int_equal(count(t, "SELECT COUNT(*) FROM find WHERE person >= 900000"), 0);
	all_are_found(t, t->city);
	numbers_are_known(t, t->city);
	/* Once more changes nothing; the new one and the renamed have as many entries as they need. */
	int64_t now = count(t, "SELECT COUNT(*) FROM find");
	assert_true(now > entries);
	must(reindex_rebuild(t->city, &op, NULL, NULL, &err), &err);
	assert_int_equal(count(t, "SELECT COUNT(*) FROM find"), now);
}

/* Broken off between two slices of a change of key: both keys are entered, and the change goes on afterwards. */
static void made_anew_in_the_middle_of_a_change_of_key_all_stand_under_both(void **state)
{
	struct town *t = *state;
	struct err err = {0};
	struct actor op = actor_operator();
	int64_t rows;
	int status = 0;
	city_close(t->city);
	pid_t child = fork();
	if (child == 0) {
		struct city *c;
		if (city_open(t->path, true, &c, &err) == RC_OK)
			(void)!reindex_all(c, &op, dies_when_some_are_done, NULL, &rows, &err);
		_exit(1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	must(city_open(t->path, true, &t->city, &err), &err);
	must(reindex_rebuild(t->city, &op, NULL, NULL, &err), &err);
	assert_int_equal(count(t, "SELECT COUNT(*) FROM find WHERE generation = 0"),
		count(t, "SELECT COUNT(*) FROM find WHERE generation = 1"));
	all_are_found(t, t->city);
	must(reindex_all(t->city, &op, NULL, NULL, &rows, &err), &err);
	rotated(t, 1);
}

static void only_the_operator_changes_it(void **state)
{
	struct town *t = *state;
	struct err err = {0};
	struct actor clerk = {.person = t->ids[0], .org = 1};
	int64_t rows;
	assert_int_equal(reindex_all(t->city, &clerk, NULL, NULL, &rows, &err), RC_DENIED);
	assert_int_equal(reindex_sweep(t->city, &clerk, &err), RC_DENIED);
	assert_int_equal(seal_index_next(t->city->seal), 0);
	assert_int_equal(count(t, "SELECT COUNT(*) FROM setting WHERE name LIKE 'blind%'"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_change_of_key_killed_in_the_middle_goes_on_where_it_ended, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_others_write_meanwhile_is_found_before_and_after, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_index_is_made_anew_in_slices_between_which_others_search_and_write, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			made_anew_in_the_middle_of_a_change_of_key_all_stand_under_both, setup, teardown),
		cmocka_unit_test_setup_teardown(only_the_operator_changes_it, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
