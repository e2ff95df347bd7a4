/* The search box: whose rows it looks into, what it finds in them, and that it gives up in time. */
#include "base/date.h"
#include "database.h"
#include "register/city.h"
#include "register/search.h"
#include "tests.h"

enum { EVENTS = 600, CAP = 60, EACH = 5 };

struct town {
	struct arena a;
	char path[TEST_URL_BYTES];
	struct city *city;
	int64_t west, east, clerk;
};

static struct town town;

static void must(enum rc rc, const struct err *err)
{
	if (rc != RC_OK)
		fail_msg("rc %d: %s", (int)rc, err->text);
}

static struct entry text(const struct reg *reg, const char *field, const char *v)
{
	return (struct entry){reg_field(reg, str_of(field)), {.kind = V_TEXT, .t = str_of(v)}};
}

static enum rc add(struct job_ctx *c, const char *id, int64_t org, struct entry *e, size_t n, int64_t *out,
	struct err *err)
{
	const struct reg *reg = model_reg(town.city->model, str_of(id));
	struct record_input in = {
		.reg = reg, .org = org, .entries = e, .entries_n = n, .state = reg->import_state};
	return record_add(c, &in, out, err);
}

static enum rc event(struct job_ctx *c, int64_t org, const char *title, struct err *err)
{
	const struct reg *reg = model_reg(town.city->model, STR("volunteer_event"));
	int64_t id;
	struct entry e[] = {text(reg, "title", title), text(reg, "held_on", "2025-04-01"),
		{reg_field(reg, STR("hours")), {.kind = V_INT, .i = 60}}};
	return add(c, "volunteer_event", org, e, 3, &id, err);
}

/* The oldest rows of the west have a title of their own: who gives up early has not seen them. */
static enum rc settle(struct job_ctx *c, void *arg, struct err *err)
{
	(void)arg;
	const struct reg *org = model_reg(town.city->model, STR("org")),
			 *person = model_reg(town.city->model, STR("person"));
	struct entry west[] = {
		text(org, "code", "W"), text(org, "name", "西岸团委"), text(org, "kind", "county")};
	struct entry east[] = {
		text(org, "code", "E"), text(org, "name", "东岸团委"), text(org, "kind", "county")};
	TRY(org_add(c, 1, DATE_NONE, west, 3, &town.west, err));
	TRY(org_add(c, 1, DATE_NONE, east, 3, &town.east, err));
	struct entry who[] = {text(person, "name", "何静")};
	TRY(add(c, "person", town.west, who, 1, &town.clerk, err));
	TRY(event(c, town.west, "最早的净滩", err));
	for (int i = 0; i < EVENTS; i++)
		TRY(event(c, town.west, arena_printf(c->a, "巡河%d", i), err));
	return event(c, town.east, "东岸的净滩", err);
}

static int begin(void **state)
{
	(void)state;
	struct err err = {0};
	test_db_url(town.path, "search");
	struct city_new n = {.name = STR("临澜市"), .region = STR("3799"), .demo_seed = 7};
	must(city_init(town.path, &n, &err), &err);
	must(city_open(town.path, true, &town.city, &err), &err);
	struct actor op = actor_operator();
	must(city_run(town.city, &op, &town.a, (str){NULL, 0}, settle, NULL, &err), &err);
	return 0;
}

static int end(void **state)
{
	(void)state;
	city_close(town.city);
	test_db_forget(town.path);
	arena_done(&town.a);
	return 0;
}

static size_t found(int64_t org, const char *asked, int64_t ms_max, struct search_hit hits[CAP], bool *more)
{
	struct actor a = {.person = town.clerk,
		.org = org,
		.name = STR("x"),
		.roles = {STR("county_staff")},
		.roles_n = 1};
	struct reader r;
	struct err err = {0};
	size_t n;
	must(reader_open(town.city, &town.a, &a, &r, &err), &err);
	must(search_rows(&r, str_of(asked), ms_max, EACH, hits, CAP, &n, more, &err), &err);
	reader_close(&r);
	return n;
}

static void whoever_searches_finds_the_rows_of_the_own_branch_alone(void **state)
{
	(void)state;
	struct search_hit hits[CAP];
	bool more;
	assert_int_equal(found(town.west, "净滩", SEARCH_MS_MAX * 100, hits, &more), 1);
	assert_true(str_is(hits[0].label, "最早的净滩"));
	assert_false(more);
	assert_int_equal(found(town.east, "净滩", SEARCH_MS_MAX * 100, hits, &more), 1);
	assert_true(str_is(hits[0].label, "东岸的净滩"));
	assert_int_equal(found(1, "净滩", SEARCH_MS_MAX * 100, hits, &more), 2);
	assert_int_equal(found(town.east, "巡河", SEARCH_MS_MAX * 100, hits, &more), 0);
	assert_false(more);
}

static void a_search_past_its_time_ends_and_says_that_there_may_be_more(void **state)
{
	(void)state;
	struct search_hit hits[CAP];
	bool more;
	assert_int_equal(found(town.west, "最早的净滩", SEARCH_MS_MAX * 100, hits, &more), 1);
	assert_false(more);
	/* Its time was over before it began: it looks at 256 rows, the newest, and stops. */
	assert_int_equal(found(town.west, "最早的净滩", -1, hits, &more), 0);
	assert_true(more);
	/* What it met until then is given. */
	assert_int_equal(found(town.west, "巡河599", -1, hits, &more), 1);
	assert_true(str_is(hits[0].label, "巡河599"));
	assert_true(more);
}

static void no_register_gives_more_than_its_share(void **state)
{
	(void)state;
	struct search_hit hits[CAP];
	bool more;
	assert_int_equal(found(town.west, "巡河", SEARCH_MS_MAX * 100, hits, &more), EACH);
	assert_true(more);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_searches_finds_the_rows_of_the_own_branch_alone),
		cmocka_unit_test(a_search_past_its_time_ends_and_says_that_there_may_be_more),
		cmocka_unit_test(no_register_gives_more_than_its_share),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
