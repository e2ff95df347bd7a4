/* Who may read and write what, over the built-in model: through conditions, labels, moves, new rows and sealed values. */
#include "base/date.h"
#include "database.h"
#include "register/permit.h"
#include "tests.h"

struct town {
	struct arena a;
	char path[TEST_URL_BYTES];
	struct city *city;
	int64_t west, east, person, other, event, service;
};

static void must(enum rc rc, const struct err *err)
{
	if (rc != RC_OK)
		fail_msg("rc %d: %s", (int)rc, err->text);
}

static struct entry num(const struct reg *reg, const char *field, int64_t v)
{
	return (struct entry){reg_field(reg, str_of(field)), {.kind = V_INT, .i = v}};
}

static struct entry txt(const struct reg *reg, const char *field, const char *v)
{
	return (struct entry){reg_field(reg, str_of(field)), {.kind = V_TEXT, .t = str_of(v)}};
}

static const struct reg *reg_of(const struct town *t, const char *id)
{
	return model_reg(t->city->model, str_of(id));
}

static int64_t add(struct job_ctx *c, const struct reg *reg, int64_t org, struct entry *e, size_t n)
{
	struct err err = {0};
	int64_t id;
	struct record_input in = {
		.reg = reg, .org = org, .entries = e, .entries_n = n, .state = reg->import_state};
	must(record_add(c, &in, &id, &err), &err);
	return id;
}

static enum rc settle(struct job_ctx *c, void *arg, struct err *err)
{
	struct town *t = arg;
	const struct reg *org = reg_of(t, "org"), *person = reg_of(t, "person"),
			 *event = reg_of(t, "volunteer_event"), *service = reg_of(t, "service_record");
	struct entry west[] = {
		txt(org, "code", "W"), txt(org, "name", "西岸团委"), txt(org, "kind", "county")};
	struct entry east[] = {
		txt(org, "code", "E"), txt(org, "name", "东岸团委"), txt(org, "kind", "county")};
	TRY(org_add(c, 1, DATE_NONE, west, 3, &t->west, err));
	TRY(org_add(c, 1, DATE_NONE, east, 3, &t->east, err));
	struct entry who[] = {txt(person, "name", "欧阳晓梅"), txt(person, "phone", "19912345678")};
	t->person = add(c, person, t->west, who, 2);
	who[0] = txt(person, "name", "慕容小白");
	t->other = add(c, person, t->east, who, 1);
	struct entry what[] = {
		txt(event, "title", "净滩"), txt(event, "held_on", "2025-04-01"), num(event, "hours", 120)};
	t->event = add(c, event, t->west, what, 3);
	struct entry row[] = {num(service, "event", t->event), num(service, "volunteer", t->other),
		txt(service, "served_on", "2025-04-01"), num(service, "hours", 60)};
	t->service = add(c, service, t->west, row, 4);
	return RC_OK;
}

static int setup(void **state)
{
	struct err err = {0};
	struct town *t = test_malloc(sizeof *t);
	*t = (struct town){0};
	test_db_url(t->path, "permit");
	struct city_new n = {.name = STR("临澜市"), .region = STR("3799"), .demo_seed = 7};
	must(city_init(t->path, &n, &err), &err);
	must(city_open(t->path, true, &t->city, &err), &err);
	struct actor op = actor_operator();
	must(city_run(t->city, &op, &t->a, (str){NULL, 0}, settle, t, &err), &err);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct town *t = *state;
	city_close(t->city);
	test_db_forget(t->path);
	arena_done(&t->a);
	test_free(t);
	return 0;
}

static struct actor as(int64_t person, int64_t org, const char *role)
{
	struct actor a = {.person = person, .org = org, .name = STR("x")};
	if (role)
		a.roles[a.roles_n++] = str_of(role);
	return a;
}

/* May read persons (and with `purpose` other registers) of a unit and those under it. */
static struct actor authorised(struct actor a, const struct grant *g)
{
	a.grants = g;
	a.grants_n = 1;
	return a;
}

static const struct grant *identity(struct town *t, int64_t org, const char *role)
{
	struct grant *g = NEW(&t->a, struct grant);
	*g = (struct grant){.kind = GRANT_STANDING,
		.id = 3,
		.org = org,
		.role = str_of(role),
		.purpose = STR("identity")};
	return g;
}

static struct reader reader(struct town *t, struct actor actor)
{
	struct reader r;
	struct err err = {0};
	must(reader_open(t->city, &t->a, &actor, &r, &err), &err);
	return r;
}

static enum rc list(struct town *t, struct actor actor, const char *reg, const char *where, size_t *n)
{
	struct reader r = reader(t, actor);
	struct record_query q = {.reg = reg_of(t, reg), .where = str_of(where), .limit = 10};
	struct record **rows;
	struct err err = {0};
	*n = 0;
	enum rc rc = record_list(&r, &q, &rows, n, &err);
	reader_close(&r);
	return rc;
}

static void a_condition_asks_only_registers_that_its_writer_may_read(void **state)
{
	struct town *t = *state;
	size_t n;
	struct actor secretary = as(90, t->west, "branch_secretary");
	/* The role alone opens no rows of minors; nor does another's authorisation, role or purpose. */
	assert_int_equal(list(t, secretary, "person", "", &n), RC_OK);
	assert_int_equal(n, 0);
	assert_int_equal(
		list(t, authorised(secretary, identity(t, t->east, "branch_secretary")), "person", "", &n),
		RC_OK);
	assert_int_equal(n, 0);
	assert_int_equal(
		list(t, authorised(secretary, identity(t, t->west, "county_staff")), "person", "", &n),
		RC_OK);
	assert_int_equal(n, 0);
	secretary = authorised(secretary, identity(t, 1, "branch_secretary"));
	assert_int_equal(list(t, secretary, "person", "state is not null", &n), RC_OK);
	assert_int_equal(n, 1); /* of the whole city, and the own unit */
	/* Whether somebody has a rights case is no question for a branch. */
	assert_int_equal(list(t, secretary, "person", "exists(rights_case by applicant)", &n), RC_DENIED);
	assert_int_equal(
		list(t, secretary, "person", "exists(visit by child where way = 'home')", &n), RC_DENIED);
	assert_int_equal(
		list(t, secretary, "service_record", "volunteer.sex = 'male' or org.kind = 'county'", &n),
		RC_OK);
	assert_int_equal(n, 1);
	/* Who does not read people learns nothing of them by another register. */
	assert_int_equal(
		list(t, as(91, t->west, "city_staff"), "service_record", "volunteer.sex = 'male'", &n),
		RC_DENIED);
	assert_int_equal(list(t, actor_operator(), "person", "exists(rights_case by applicant)", &n), RC_OK);
}

static void names_stand_open_only_to_who_may_read_the_person(void **state)
{
	struct town *t = *state;
	const struct reg *person = reg_of(t, "person");
	struct actor secretary = as(90, t->west, "branch_secretary");
	struct reader r = reader(t, secretary);
	assert_true(str_is(record_label(&r, person, t->person), "欧**"));
	reader_close(&r);
	r = reader(t, authorised(secretary, identity(t, t->west, "branch_secretary")));
	assert_true(str_is(record_label(&r, person, t->person), "欧阳晓梅"));
	assert_true(str_is(record_label(&r, person, t->other), "慕**")); /* of another unit */
	assert_true(str_is(record_label(&r, reg_of(t, "org"), t->east), "东岸团委"));
	reader_close(&r);
	r = reader(t, as(t->other, t->west, NULL));
	assert_true(str_is(record_label(&r, person, t->other), "慕容小白")); /* himself */
	assert_true(str_is(record_label(&r, person, t->person), "欧**"));
	reader_close(&r);
}

static void a_person_reads_his_own_rows_where_the_declaration_names_others_too(void **state)
{
	struct town *t = *state;
	struct record *rec;
	struct err err = {0};
	struct reader r = reader(t, as(t->person, 0, NULL));
	assert_ok(record_get(&r, reg_of(t, "person"), t->person, &rec, &err), &err);
	assert_int_equal(record_get(&r, reg_of(t, "person"), t->other, &rec, &err), RC_DENIED);
	reader_close(&r);
	assert_false(permit_rows(reg_of(t, "person"), &r.actor));
}

struct change {
	struct town *t;
	const char *move, *state;
	int64_t hours;
};

static enum rc do_move(struct job_ctx *c, void *arg, struct err *err)
{
	const struct change *x = arg;
	const struct reg *reg = reg_of(x->t, "service_record");
	struct entry e = num(reg, "hours", x->hours);
	return record_do(c, reg, x->t->service, 0, reg_move(reg, str_of(x->move)), &e, x->hours ? 1 : 0,
		STR("x"), err);
}

static enum rc add_event(struct job_ctx *c, void *arg, struct err *err)
{
	const struct change *x = arg;
	const struct reg *reg = reg_of(x->t, "volunteer_event");
	struct entry e[] = {
		txt(reg, "title", "植树"), txt(reg, "held_on", "2025-04-02"), num(reg, "hours", 60)};
	struct record_input in = {
		.reg = reg, .org = x->t->west, .entries = e, .entries_n = 3, .state = str_of(x->state)};
	int64_t id;
	return record_add(c, &in, &id, err);
}

static enum rc run(struct town *t, struct actor actor, enum rc (*job)(struct job_ctx *, void *, struct err *),
	struct change x)
{
	struct err err = {0};
	x.t = t;
	return city_run(t->city, &actor, &t->a, (str){NULL, 0}, job, &x, &err);
}

static void a_move_fills_in_nothing_but_what_it_needs(void **state)
{
	struct town *t = *state;
	struct actor self = as(t->other, 0, NULL);
	assert_int_equal(run(t, self, do_move, (struct change){.move = "dispute", .hours = 1}), RC_DENIED);
	assert_int_equal(run(t, self, do_move, (struct change){.move = "dispute"}), RC_OK);
}

static void a_new_row_begins_at_its_beginning(void **state)
{
	struct town *t = *state;
	const struct reg *reg = reg_of(t, "volunteer_event");
	struct actor secretary = as(90, t->west, "branch_secretary");
	const char *late = NULL;
	for (size_t i = 1; i < reg->states_n; i++)
		if (!str_eq(reg->states[i].id, reg->import_state))
			late = arena_printf(&t->a, "%.*s", STR_ARG(reg->states[i].id));
	assert_non_null(late);
	assert_int_equal(run(t, secretary, add_event, (struct change){.state = late}), RC_DENIED);
	assert_int_equal(run(t, secretary, add_event, (struct change){.state = ""}), RC_OK);
}

static bool sees(struct actor actor, const struct reg *reg, const char *field)
{
	uint64_t set[2];
	permit_columns(reg, &actor, true, set);
	return field_in(set, reg_field(reg, str_of(field)));
}

static void sealed_values_show_to_few(void **state)
{
	struct town *t = *state;
	const struct reg *person = reg_of(t, "person"), *visit = reg_of(t, "visit");
	struct actor op = actor_operator(), worker = as(90, t->west, "child_worker");
	assert_true(sees(op, person, "citizen_id"));
	assert_false(sees(op, visit, "note"));
	worker = authorised(worker, identity(t, t->west, "child_worker"));
	assert_false(sees(worker, person, "citizen_id"));
	assert_true(sees(worker, person, "name"));
	struct grant care = {
		.kind = GRANT_STANDING, .org = t->west, .role = STR("child_worker"), .purpose = STR("aid")};
	worker = authorised(worker, &care);
	assert_true(sees(worker, visit, "way"));
	struct reader r =
		reader(t, authorised(as(90, t->west, "county_staff"), identity(t, t->west, "county_staff")));
	struct record *rec;
	struct err err = {0};
	assert_ok(record_get(&r, person, t->person, &rec, &err), &err);
	assert_true(rec->values[reg_field(person, STR("name"))->at].kind == V_TEXT);
	assert_true(rec->values[reg_field(person, STR("phone"))->at].kind == V_NULL);
	assert_true(record_hides(rec, reg_field(person, STR("phone"))));
	reader_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_condition_asks_only_registers_that_its_writer_may_read, setup, teardown),
		cmocka_unit_test_setup_teardown(
			names_stand_open_only_to_who_may_read_the_person, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_person_reads_his_own_rows_where_the_declaration_names_others_too, setup, teardown),
		cmocka_unit_test_setup_teardown(a_move_fills_in_nothing_but_what_it_needs, setup, teardown),
		cmocka_unit_test_setup_teardown(a_new_row_begins_at_its_beginning, setup, teardown),
		cmocka_unit_test_setup_teardown(sealed_values_show_to_few, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
