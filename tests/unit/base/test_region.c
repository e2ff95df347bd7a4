/* Divisions: all of the shared data under their codes, names back to codes, and codes that nobody has. */
#include "base/lines.h"
#include "base/region.h"
#include "tests.h"
#include <unistd.h>

static struct arena a;

static int done(void **state)
{
	(void)state;
	arena_done(&a);
	return 0;
}

static void needs_table(void)
{
	if (!region_table())
		skip(); /* built without npm */
}

static const char *label(const char *code)
{
	return arena_cstr(&a, region_label(&a, str_of(code)));
}

static size_t same_as(const char *path)
{
	struct lines in;
	struct err err;
	str line;
	size_t n = 0;
	assert_int_equal(lines_open(&in, path, &err), RC_OK);
	assert_int_equal(lines_next(&in, &line, &err), RC_OK); /* the head */
	while (lines_next(&in, &line, &err) == RC_OK) {
		struct region r;
		str rest, code = str_cut(line, ',', &rest), name = str_cut(rest, ',', &rest);
		if (str_starts(name, STR("\"")))
			name = str_head(str_from(name, 1), name.n - 2);
		if (!region_find(code, &r) || !str_eq(r.name, name))
			fail_msg("%.*s %.*s", STR_ARG(code), STR_ARG(name));
		n++;
	}
	lines_close(&in);
	return n;
}

static void the_shared_divisions_stand_in_the_table_one_and_all(void **state)
{
	(void)state;
	const char *const home = "../shared/data/identifiers/divisions/areas.csv";
	needs_table();
	if (access(home, R_OK) != 0)
		skip();
	assert_int_equal(same_as("../shared/data/identifiers/divisions/provinces.csv"), 31);
	assert_int_equal(same_as("../shared/data/identifiers/divisions/cities.csv"), 342);
	assert_int_equal(same_as(home), 2978);
}

static void a_code_is_told_as_a_name_with_what_it_lies_in(void **state)
{
	(void)state;
	needs_table();
	assert_string_equal(label("330106"), "浙江省杭州市西湖区");
	assert_string_equal(label("110101"), "北京市东城区"); /* 市辖区 is no name */
	assert_string_equal(label("110101001"), "北京市东城区东华门街道");
	assert_string_equal(label("330100"), "浙江省杭州市");
	assert_string_equal(label("330000"), "浙江省");
	assert_string_equal(label("330199"), "浙江省杭州市 330199");
	assert_string_equal(label("379901"), "山东省临澜市东河县");
	assert_string_equal(label("990000"), "990000");
	assert_string_equal(label("abc"), "abc");
}

static void zones_of_the_statistics_and_abolished_counties_say_so(void **state)
{
	(void)state;
	struct region r;
	assert_true(region_find(STR("110103"), &r));
	assert_int_equal(r.to, date_of(2010, 7, 1));
	assert_int_equal(r.from, DATE_NONE);
	needs_table();
	assert_true(region_find(STR("130171"), &r));
	assert_true(r.statistical);
	assert_true(region_find(STR("330106"), &r));
	assert_false(r.statistical);
}

static void a_county_may_be_older_or_newer_than_the_table_a_prefecture_not(void **state)
{
	(void)state;
	needs_table();
	assert_int_equal(region_standing(STR("330106")), REGION_KNOWN);
	assert_int_equal(region_standing(STR("330106000000")), REGION_KNOWN);
	assert_int_equal(
		region_standing(STR("110101001001")), REGION_KNOWN); /* a village of a known township */
	assert_int_equal(region_standing(STR("330199")), REGION_PLAUSIBLE);
	assert_int_equal(region_standing(STR("339901")), REGION_UNKNOWN);
	assert_int_equal(region_standing(STR("990101")), REGION_UNKNOWN);
	assert_int_equal(region_standing(STR("33010")), REGION_UNKNOWN);
	assert_int_equal(region_standing(STR("")), REGION_UNKNOWN);
}

static size_t named(const char *name, const char *code)
{
	struct region found[8];
	size_t n = region_named(str_of(name), found, 8);
	if (n == 1 && code)
		assert_string_equal(arena_cstr(&a, found[0].code), code);
	return n;
}

static void a_name_finds_its_division_alone_or_behind_what_it_lies_in(void **state)
{
	(void)state;
	needs_table();
	assert_int_equal(named("浙江省杭州市西湖区", "330106"), 1);
	assert_int_equal(named("杭州西湖区", "330106"), 1);
	assert_int_equal(named("浙江西湖区", "330106"), 1);
	assert_int_equal(named("杭州", "3301"), 1);
	assert_int_equal(named("北京东城区", "110101"), 1);
	assert_true(named("西湖区", NULL) > 1); /* Hangzhou's and Nanchang's */
	assert_int_equal(named("上海西湖区", NULL), 0);
	assert_int_equal(named("市辖区", NULL), 0);
	assert_int_equal(named("", NULL), 0);
}

static void the_invented_city_gives_way_to_a_real_name(void **state)
{
	(void)state;
	assert_int_equal(named("临澜市", "3799"), 1);
	assert_int_equal(named("临澜白鹭区", "379911"), 1);
	needs_table();
	struct region found[8];
	size_t n = region_named(STR("石门县"), found, 8); /* a real one of Hunan as well */
	for (size_t i = 0; i < n; i++)
		assert_false(str_starts(found[i].code, STR("3799")));
	assert_true(n > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shared_divisions_stand_in_the_table_one_and_all),
		cmocka_unit_test(a_code_is_told_as_a_name_with_what_it_lies_in),
		cmocka_unit_test(zones_of_the_statistics_and_abolished_counties_say_so),
		cmocka_unit_test(a_county_may_be_older_or_newer_than_the_table_a_prefecture_not),
		cmocka_unit_test(a_name_finds_its_division_alone_or_behind_what_it_lies_in),
		cmocka_unit_test(the_invented_city_gives_way_to_a_real_name),
	};
	return cmocka_run_group_tests(tests, NULL, done);
}
