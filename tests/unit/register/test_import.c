/* Rows of sheets into a city: one row (import_row), a slice of them (import_slice), the people among them (import_people), and
 * all of it taken back (import_undo). Cells come as texts, as a reader of files gives them. */
#include "database.h"
#include "register/change.h"
#include "register/import.h"
#include "register/import_people.h"
#include "register/import_undo.h"
#include "register/person.h"
#include "tests.h"

enum { COLUMNS = 6 };
static const char *const head[COLUMNS] = {"活动名称", "服务日期", "姓名", "电话", "时长", "性别"};

struct fixture {
	struct arena a;
	char path[TEST_URL_BYTES];
	struct city *city;
	struct import_map map;
	struct import_state state;
	const struct import_row *rows;
	size_t n;
	bool fails;
};

static void must(enum rc rc, const struct err *err)
{
	if (rc != RC_OK)
		fail_msg("rc %d: %s", (int)rc, err->text);
}

static struct entry txt(const struct reg *reg, const char *field, const char *v)
{
	return (struct entry){reg_field(reg, str_of(field)), {.kind = V_TEXT, .t = str_of(v)}};
}

static enum rc found(struct job_ctx *c, void *arg, struct err *err)
{
	struct fixture *f = arg;
	const struct reg *drive = model_reg(f->city->model, STR("programme")),
			 *event = model_reg(f->city->model, STR("volunteer_event"));
	int64_t id;
	struct entry p[2] = {txt(drive, "name", "净滩行动"), txt(drive, "kind", "drive")};
	TRY(record_add(c, &(struct record_input){.reg = drive, .entries = p, .entries_n = 2}, &id, err));
	struct entry e[3] = {txt(event, "title", "海滩一"), txt(event, "held_on", "2025-03-05"),
		{reg_field(event, STR("drive")), {.kind = V_INT, .i = id}}};
	struct record_input in = {.reg = event, .entries = e, .entries_n = 3, .state = STR("completed")};
	TRY(record_add(c, &in, &id, err));
	e[0] = txt(event, "title", "海滩二");
	return record_add(c, &in, &id, err);
}

static void run(struct fixture *f, enum rc (*job)(struct job_ctx *c, void *arg, struct err *err))
{
	struct err err = {0};
	struct actor op = actor_operator();
	must(city_run(f->city, &op, &f->a, (str){NULL, 0}, job, f, &err), &err);
}

static int setup(void **state)
{
	struct err err = {0};
	struct fixture *f = test_malloc(sizeof *f);
	str names[COLUMNS];
	*f = (struct fixture){0};
	test_db_url(f->path, "import");
	struct city_new n = {.name = STR("临澜市"), .region = STR("3399"), .demo_seed = 7};
	must(city_init(f->path, &n, &err), &err);
	must(city_open(f->path, true, &f->city, &err), &err);
	run(f, found);
	for (int i = 0; i < COLUMNS; i++)
		names[i] = str_of(head[i]);
	import_map_make(
		&f->a, model_reg(f->city->model, STR("service_record")), names, COLUMNS, NULL, 0, &f->map);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	city_close(f->city);
	test_db_forget(f->path);
	arena_done(&f->a);
	test_free(f);
	return 0;
}

/* ---- slices ---- */

static enum rc begin(struct job_ctx *c, void *arg, struct err *err)
{
	struct fixture *f = arg;
	return import_begin(c, f->map.reg, STR("t.xlsx"), STR("0"), 0, &f->state.import_id, err);
}

static enum rc slice(struct job_ctx *c, void *arg, struct err *err)
{
	struct fixture *f = arg;
	TRY(import_slice(c, &f->state, f->rows, f->n, err));
	return f->fails ? FAIL(err, RC_INVALID, "taken back (test)") : RC_OK;
}

static void begin_import(struct fixture *f)
{
	f->state = (struct import_state){.a = &f->a, .map = &f->map};
	run(f, begin);
}

/* Lines like "海滩一|2025-03-05|张三||2"; *state.all afterwards. */
static void bring(struct fixture *f, const char *const *lines, size_t n)
{
	struct import_row *rows = NEWS(&f->a, n, struct import_row);
	for (size_t i = 0; i < n; i++) {
		str *cells = NEWS(&f->a, COLUMNS, str), rest = str_of(lines[i]);
		for (int k = 0; k < COLUMNS; k++)
			cells[k] = str_cut(rest, '|', &rest);
		rows[i] = (struct import_row){.row = (int64_t)i + 2, .cells = cells, .n = COLUMNS};
	}
	f->rows = rows;
	f->n = n;
	run(f, slice);
	import_slice_done(&f->state);
}

static void whole(struct fixture *f, const char *const *lines, size_t n)
{
	begin_import(f);
	bring(f, lines, n);
	import_state_done(&f->state);
}

static void counted(
	const struct fixture *f, int64_t inserted, int64_t updated, int64_t unchanged, int64_t rejected)
{
	const struct import_counts *c = &f->state.all.counts;
	int64_t got[] = {c->inserted, c->updated, c->unchanged, c->rejected},
		want[] = {inserted, updated, unchanged, rejected};
	for (int i = 0; i < 4; i++)
		if (got[i] != want[i])
			fail_msg("count %d: %lld, wanted %lld; first message: %s", i, (long long)got[i],
				(long long)want[i],
				f->state.all.errors_n ? arena_cstr(&((struct fixture *)(uintptr_t)f)->a,
								f->state.all.errors[0].message)
						      : "none");
}

static int64_t rows_of(struct fixture *f, const char *reg)
{
	struct err err = {0};
	struct stmt *s;
	bool row;
	str sql = arena_fmt(&f->a, "SELECT COUNT(*) FROM \"%s\" WHERE \"state\" <> 'void'", reg);
	must(db_prepare(writer_db(f->city->writer), sql.p, &s, &err), &err);
	must(stmt_step(s, &row, &err), &err);
	int64_t n = stmt_i64(s, 0);
	stmt_reset(s);
	return n;
}

static bool says(const struct fixture *f, size_t at, const char *word)
{
	return at < f->state.all.errors_n &&
	       str_find(f->state.all.errors[at].message, str_of(word)) != SIZE_MAX;
}

/* ---- one row ---- */

static void a_fault_of_the_reader_names_its_column_and_leaves_no_person(void **state)
{
	struct fixture *f = *state;
	int64_t people = rows_of(f, "person");
	begin_import(f);
	str cells[COLUMNS] = {STR("海滩一"), STR("2025-03-05"), STR("贾一"), STR(""), STR("2"), STR("")};
	struct import_row row = {.row = 9,
		.cells = cells,
		.n = COLUMNS,
		.fault = "the cell holds an error",
		.fault_column = 4};
	f->rows = &row;
	f->n = 1;
	run(f, slice);
	import_slice_done(&f->state);
	counted(f, 0, 0, 0, 1);
	assert_int_equal(f->state.all.errors[0].row, 9);
	assert_string_equal(arena_cstr(&f->a, f->state.all.errors[0].column), "时长");
	assert_string_equal(arena_cstr(&f->a, f->state.all.errors[0].field), "hours");
	assert_int_equal(rows_of(f, "person"), people);
	import_state_done(&f->state);
}

static void all_faults_of_a_row_are_told_at_once(void **state)
{
	struct fixture *f = *state;
	whole(f, (const char *const[]){"没有的活动|去年|贾二||很久|"}, 1);
	counted(f, 0, 0, 0, 1);
	assert_int_equal(f->state.all.errors_n, 3);
	assert_true(says(f, 0, "没有的活动") && says(f, 2, "很久"));
}

static void ditto_is_refused_where_the_column_does_not_declare_it(void **state)
{
	struct fixture *f = *state;
	whole(f, (const char *const[]){"海滩一|2025-03-05|贾三||1|", "海滩一|同上|贾四||1|"}, 2);
	counted(f, 1, 0, 0, 1);
	assert_int_equal(f->state.all.errors[0].row, 3);
	assert_string_equal(arena_cstr(&f->a, f->state.all.errors[0].column), "服务日期");
}

static void sealed_values_are_masked_in_messages(void **state)
{
	struct fixture *f = *state;
	whole(f, (const char *const[]){"海滩一|2025-03-05|贾五|1234567|1|"}, 1);
	counted(f, 0, 0, 0, 1);
	assert_string_equal(arena_cstr(&f->a, f->state.all.errors[0].value), "***");
	assert_false(says(f, 0, "1234567"));
}

/* ---- a slice ---- */

static void of_one_key_the_first_row_stands(void **state)
{
	struct fixture *f = *state;
	whole(f,
		(const char *const[]){"海滩一|2025-03-05|乙一|13900000001|1|",
			"海滩一|2025-03-05|乙一|13900000001|1|", "海滩一|2025-03-05|乙一|13900000001|2|"},
		3);
	counted(f, 1, 0, 1, 1);
	assert_true(says(f, 0, "2"));
}

static void a_slice_that_runs_again_counts_once(void **state)
{
	struct fixture *f = *state;
	int64_t before = rows_of(f, "service_record"), people = rows_of(f, "person");
	const char *const lines[] = {
		"海滩一|2025-03-05|乙二|13900000002|1|", "海滩一|2025-03-05|乙三|13900000003|1|"};
	struct err err = {0};
	struct actor op = actor_operator();
	begin_import(f);
	bring(f, lines, 1);
	f->fails = true;
	assert_int_equal(city_run(f->city, &op, &f->a, (str){NULL, 0}, slice, f, &err), RC_INVALID);
	f->fails = false;
	bring(f, lines + 1, 1);
	counted(f, 2, 0, 0, 0);
	import_state_done(&f->state);
	assert_int_equal(rows_of(f, "service_record"), before + 2);
	assert_int_equal(rows_of(f, "person"), people + 2);
}

static void the_same_form_again_is_unchanged_another_is_an_edit(void **state)
{
	struct fixture *f = *state;
	const char *const first[] = {"海滩一|2025-03-05|乙四|13900000004|1|"},
			  *const second[] = {"海滩一|2025-03-05|乙四|13900000004|3|"};
	whole(f, first, 1);
	counted(f, 1, 0, 0, 0);
	whole(f, first, 1);
	counted(f, 0, 0, 1, 0);
	whole(f, second, 1);
	counted(f, 0, 1, 0, 0);
}

static void a_check_that_fires_takes_the_row_and_its_new_person_back(void **state)
{
	struct fixture *f = *state;
	int64_t before = rows_of(f, "service_record"), people = rows_of(f, "person");
	whole(f, (const char *const[]){"海滩一|2025-03-05|乙五||23|", "海滩一|2099-03-05|乙六||1|"}, 2);
	assert_int_equal(rows_of(f, "person") - people, rows_of(f, "service_record") - before);
	assert_true(f->state.all.counts.rejected >= 1);
}

/* ---- people ---- */

static enum rc two_times(struct job_ctx *c, void *arg, struct err *err)
{
	int64_t one, other, third;
	bool is_new, changed;
	struct import_people *p = import_people_new();
	struct person_input in = {.name = STR("丙一"), .phone = STR("13900000011"), .unit = 1};
	(void)arg;
	TRY(import_people_resolve(c, p, &in, &one, &is_new, &changed, err));
	assert_true(is_new);
	TRY(import_people_resolve(c, p, &in, &other, &is_new, &changed, err));
	assert_true(one == other && !is_new && !changed);
	/* Somebody edits him: what is remembered ends, he is matched anew and found all the same. */
	const struct reg *person = model_reg(job_city(c)->model, STR("person"));
	struct entry e = txt(person, "birth_month", "2001-02");
	TRY(record_set(c, person, one, 0, &e, 1, err));
	TRY(import_people_resolve(c, p, &in, &third, &is_new, &changed, err));
	assert_true(third == one && !is_new);
	/* A slice was taken back with its ids: forgotten, and matched by what stands. */
	import_people_forget(p);
	TRY(import_people_resolve(c, p, &in, &third, &is_new, &changed, err));
	assert_true(third == one && !is_new);
	import_people_free(p);
	return RC_OK;
}

static void somebody_in_many_rows_is_matched_once_while_he_stands_as_left(void **state)
{
	run(*state, two_times);
}

/* ---- taken back ---- */

static enum rc undo(struct job_ctx *c, void *arg, struct err *err)
{
	struct fixture *f = arg;
	struct import_undone out;
	TRY(import_undo(c, f->state.import_id, &out, err));
	assert_int_equal(out.removed, 2);
	assert_int_equal(out.people, 1);
	return RC_OK;
}

static void an_import_goes_with_the_people_that_only_it_names(void **state)
{
	struct fixture *f = *state;
	whole(f, (const char *const[]){"海滩一|2025-03-05|丁一|13900000021|1|"}, 1);
	int64_t before = rows_of(f, "service_record"), people = rows_of(f, "person");
	whole(f,
		(const char *const[]){
			"海滩二|2025-03-05|丁一|13900000021|1|", "海滩二|2025-03-05|丁二|13900000022|1|"},
		2);
	counted(f, 2, 0, 0, 0);
	run(f, undo);
	assert_int_equal(rows_of(f, "service_record"), before);
	assert_int_equal(rows_of(f, "person"), people);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fault_of_the_reader_names_its_column_and_leaves_no_person),
		cmocka_unit_test(all_faults_of_a_row_are_told_at_once),
		cmocka_unit_test(ditto_is_refused_where_the_column_does_not_declare_it),
		cmocka_unit_test(sealed_values_are_masked_in_messages),
		cmocka_unit_test(of_one_key_the_first_row_stands),
		cmocka_unit_test(a_slice_that_runs_again_counts_once),
		cmocka_unit_test(the_same_form_again_is_unchanged_another_is_an_edit),
		cmocka_unit_test(a_check_that_fires_takes_the_row_and_its_new_person_back),
		cmocka_unit_test(somebody_in_many_rows_is_matched_once_while_he_stands_as_left),
		cmocka_unit_test(an_import_goes_with_the_people_that_only_it_names),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
