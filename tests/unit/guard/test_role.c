/* Roles and authorisations by day. */
#include "base/date.h"
#include "guard/account.h"
#include "guard/authorise.h"
#include "guard/session.h"
#include "guard_roles.h"

struct order {
	int64_t person, org, id;
	str role;
	int32_t from, to;
	struct authorisation may;
};
static struct seal *seal; /* of the town at hand */

static enum rc grant(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return role_grant(c, &all, o->person, o->role, o->org, o->from, o->to, &o->id, err);
}

static enum rc end(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return role_end(c, o->id, o->to, err);
}

static enum rc authorise(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return authorisation_grant(c, NULL, &o->may, &o->id, err);
}

static enum rc take_back(struct job_ctx *c, void *arg, struct err *err)
{
	return authorisation_revoke(c, ((struct order *)arg)->id, err);
}

static void roles_hold_from_their_first_day_to_the_day_before_the_last(void **state)
{
	(void)state;
	struct town t;
	struct err err;
	struct actor a;
	town_open(&t, "role");
	int32_t day = date_of(2025, 3, 1);
	struct order o = {7, 20, 0, STR("county_staff"), day, day + 10, {0}};
	assert_ok(town_run(&t, actor_operator(), grant, &o, &err), &err);
	struct order p = {7, 21, 0, STR("branch_secretary"), day + 5, ROLE_OPEN, {0}};
	assert_ok(town_run(&t, actor_operator(), grant, &p, &err), &err);
	struct db *db = writer_db(t.w);
	assert_ok(role_actor(db, &t.a, 7, 0, day - 1, &a, &err), &err);
	assert_int_equal(a.roles_n, 0);
	assert_ok(role_actor(db, &t.a, 7, 0, day, &a, &err), &err);
	assert_int_equal(a.org, 20);
	assert_true(actor_has_role(&a, STR("county_staff")));
	assert_ok(role_actor(db, &t.a, 7, 0, day + 9, &a, &err), &err);
	assert_int_equal(a.roles_n, 1); /* roles of another organisation do not come along */
	assert_false(actor_has_role(&a, STR("branch_secretary")));
	assert_ok(role_actor(db, &t.a, 7, 21, day + 9, &a, &err), &err);
	assert_true(actor_has_role(&a, STR("branch_secretary")));
	assert_int_equal(role_actor(db, &t.a, 7, 99, day + 9, &a, &err), RC_DENIED);
	assert_ok(role_actor(db, &t.a, 7, 0, day + 10, &a, &err), &err);
	assert_int_equal(a.org, 21);
	p.to = day + 20;
	assert_ok(town_run(&t, actor_operator(), end, &p, &err), &err);
	assert_ok(role_actor_named(writer_db(t.w), &t.a, STR("#7"), day + 20, &a, &err), &err);
	assert_int_equal(a.roles_n, 0);
	assert_int_equal(role_actor_named(writer_db(t.w), &t.a, STR("who"), day, &a, &err), RC_NOT_FOUND);
	assert_int_equal(role_actor_named(writer_db(t.w), &t.a, STR("#-1"), day, &a, &err), RC_NOT_FOUND);
	town_close(&t);
}

static void nobody_grants_to_himself_and_three_administrators_are_three(void **state)
{
	(void)state;
	struct town t;
	struct err err;
	town_open(&t, "role");
	struct actor sec = {.person = 5, .roles = {STR("secadmin")}, .roles_n = 1};
	struct actor sys = {.person = 6, .roles = {STR("sysadmin")}, .roles_n = 1};
	struct order o = {5, 1, 0, STR("leader"), 100, ROLE_OPEN, {0}};
	assert_int_equal(town_run(&t, sec, grant, &o, &err), RC_DENIED);
	o.person = 8;
	assert_int_equal(town_run(&t, sys, grant, &o, &err), RC_DENIED);
	assert_ok(town_run(&t, sec, grant, &o, &err), &err);
	o.role = STR("auditadmin");
	o.to = 200;
	assert_ok(town_run(&t, sec, grant, &o, &err), &err);
	o.role = STR("sysadmin");
	o.from = 199;
	assert_int_equal(town_run(&t, sec, grant, &o, &err), RC_INVALID);
	o.from = 200;
	o.to = ROLE_OPEN;
	assert_ok(town_run(&t, sec, grant, &o, &err), &err);
	o.role = STR("a role'; --");
	assert_int_equal(town_run(&t, sec, grant, &o, &err), RC_INVALID);
	assert_int_equal(
		town_count(&t, "SELECT count(*) FROM audit WHERE action = 'role_grant' AND result <> 'ok'"),
		4);
	town_close(&t);
}

static void a_session_carries_only_the_roles_that_it_has_proven_enough_for(void **state)
{
	(void)state;
	struct town t;
	struct err err;
	struct actor a;
	enum factor needs;
	town_open(&t, "role");
	struct order o = {7, 20, 0, STR("county_staff"), 100, ROLE_OPEN, {0}};
	assert_ok(town_run(&t, actor_operator(), grant, &o, &err), &err);
	o.role = STR("branch_secretary");
	assert_ok(town_run(&t, actor_operator(), grant, &o, &err), &err);
	o.role = STR("employer");
	assert_ok(town_run(&t, actor_operator(), grant, &o, &err), &err);
	int64_t id = o.id;
	o.id = 0;
	assert_ok(town_run(&t, actor_operator(), grant, &o, &err), &err);
	assert_int_equal(o.id, id); /* a second time it is the same one */
	o.role = STR("self");
	assert_int_equal(town_run(&t, actor_operator(), grant, &o, &err), RC_INVALID);
	struct db *db = writer_db(t.w);
	assert_ok(role_needs(db, &t.a, &all, 7, 100, &needs, &err), &err);
	assert_int_equal(needs, FACTOR_CODE);
	assert_ok(role_needs(db, &t.a, &all, 8, 100, &needs, &err), &err);
	assert_int_equal(needs, FACTOR_NONE);
	assert_ok(role_actor(db, &t.a, 7, 20, 100, &a, &err), &err);
	assert_int_equal(a.roles_n, 3);
	role_narrow(&a, &all, FACTOR_CODE);
	assert_int_equal(a.roles_n, 3);
	role_narrow(&a, &all, FACTOR_DEVICE);
	assert_int_equal(a.roles_n, 2);
	role_narrow(&a, &all, FACTOR_NONE);
	assert_int_equal(a.roles_n, 1);
	assert_true(actor_has_role(&a, STR("employer")));
	assert_false(a.citizen);
	assert_true(actor_has_office(&a));
	struct actor resident = {.person = 9, .org = 20, .roles = {STR("self")}, .roles_n = 1};
	role_narrow(&resident, &all, FACTOR_CODE);
	assert_true(resident.citizen);
	assert_false(actor_has_office(&resident)); /* a citizen's role opens no figures of units */
	struct actor strange = {.roles = {STR("forgotten")}, .roles_n = 1};
	role_narrow(&strange, &all, FACTOR_DEVICE);
	assert_int_equal(strange.roles_n, 0); /* what the model has dropped asks for the most */
	town_close(&t);
}

static enum rc decide(struct job_ctx *c, void *arg, struct err *err)
{
	return authorisation_decide(c, ((struct order *)arg)->id, true, err);
}

static void nobody_gives_or_takes_a_right_outside_his_own_subtree(void **state)
{
	(void)state;
	struct town t;
	struct err err;
	town_open(&t, "role");
	struct db *db = writer_db(t.w);
	assert_ok(db_exec(db,
			  "INSERT INTO org_anc(org, anc, from_date, to_date) VALUES (20, 20, '0001-01-01', "
			  "'9999-12-31'), (20, 2, '0001-01-01', '9999-12-31'), (30, 30, '0001-01-01', "
			  "'9999-12-31'), (31, 2, '0001-01-01', '1970-01-02')",
			  &err),
		&err);
	struct actor lead = {.person = 4, .org = 2, .roles = {STR("leader")}, .roles_n = 1};
	struct order o = {.may = {.person = 7,
				  .org = 20,
				  .approved_by = 4,
				  .role = STR("helper"),
				  .purpose = STR("visit"),
				  .from = 1000,
				  .to = 1366}};
	struct order far = o;
	far.may.org = 30;
	assert_ok(town_run(&t, lead, authorise, &o, &err), &err);
	assert_int_equal(town_run(&t, lead, authorise, &far, &err), RC_DENIED);
	far.may.org = 31; /* stood below once */
	assert_int_equal(town_run(&t, lead, authorise, &far, &err), RC_DENIED);
	assert_ok(town_run(&t, actor_operator(), authorise, &far, &err), &err);
	assert_int_equal(town_run(&t, lead, take_back, &far, &err), RC_DENIED);
	assert_ok(town_run(&t, lead, take_back, &o, &err), &err);
	assert_ok(db_exec(db,
			  "INSERT INTO authorisation(id, person, role, org, purpose, from_date, to_date, "
			  "approved_by, at, state, asked_by) VALUES "
			  "(88, 7, 'helper', 30, 'visit', '2025-01-01', '2025-12-31', 0, 1, 'asked', 7), "
			  "(89, 7, 'helper', 20, 'visit', '2025-01-01', '2025-12-31', 0, 1, 'asked', 7)",
			  &err),
		&err);
	far.id = 88;
	o.id = 89;
	assert_int_equal(town_run(&t, lead, decide, &far, &err), RC_DENIED);
	assert_ok(town_run(&t, lead, decide, &o, &err), &err);
	struct actor keeper = {.person = 5, .org = 2, .roles = {STR("secadmin")}, .roles_n = 1};
	struct order role = {7, 20, 0, STR("county_staff"), 100, ROLE_OPEN, {0}};
	assert_ok(town_run(&t, keeper, grant, &role, &err), &err);
	struct order beyond = {7, 30, 0, STR("county_staff"), 100, ROLE_OPEN, {0}};
	assert_int_equal(town_run(&t, keeper, grant, &beyond, &err), RC_DENIED);
	assert_ok(town_run(&t, actor_operator(), grant, &beyond, &err), &err);
	beyond.to = role.to = 200;
	assert_int_equal(town_run(&t, keeper, end, &beyond, &err), RC_DENIED);
	assert_ok(town_run(&t, keeper, end, &role, &err), &err);
	town_close(&t);
}

static enum rc code(struct job_ctx *c, void *arg, struct err *err)
{
	char text[ACCOUNT_CODE_BYTES];
	return account_code(c, ((struct order *)arg)->person, text, err);
}

static enum rc sign_out(struct job_ctx *c, void *arg, struct err *err)
{
	return session_end_by(c, ((struct order *)arg)->person, err);
}

static enum rc break_in(struct job_ctx *c, void *arg, struct err *err)
{
	return glass_open(c, seal, STR("care_child"), 1, STR("x"), &((struct order *)arg)->id, err);
}

static enum rc review(struct job_ctx *c, void *arg, struct err *err)
{
	return glass_review(c, seal, ((struct order *)arg)->id, true, STR("x"), err);
}

static void an_administrator_touches_nobody_who_stands_outside_the_own_subtree(void **state)
{
	(void)state;
	struct town t;
	struct err err;
	struct glass *list;
	size_t n;
	town_open(&t, "role");
	seal = town_keys(&t);
	assert_ok(db_exec(writer_db(t.w),
			  "INSERT INTO org_anc(org, anc, from_date, to_date) VALUES"
			  " (20, 2, '2000-01-01', '9999-12-31'), (30, 1, '2000-01-01', '9999-12-31');"
			  "INSERT INTO role(id, person, role, org, from_date, to_date, at, actor) VALUES"
			  " (1, 7, 'county_staff', 20, '2000-01-01', '9999-12-31', 1, 0),"
			  " (2, 8, 'county_staff', 20, '2000-01-01', '9999-12-31', 1, 0),"
			  " (3, 8, 'county_staff', 30, '2000-01-01', '9999-12-31', 1, 0),"
			  " (4, 5, 'secadmin', 2, '2000-01-01', '9999-12-31', 1, 0),"
			  " (5, 6, 'secadmin', 1, '2000-01-01', '9999-12-31', 1, 0)",
			  &err),
		&err);
	struct actor keeper = {.person = 5, .org = 2, .roles = {STR("secadmin")}, .roles_n = 1};
	struct order in = {.person = 7}, both = {.person = 8};
	assert_ok(town_run(&t, keeper, code, &in, &err), &err);
	assert_ok(town_run(&t, keeper, sign_out, &in, &err), &err);
	assert_int_equal(town_run(&t, keeper, code, &both, &err), RC_DENIED); /* one role stands elsewhere */
	assert_int_equal(town_run(&t, keeper, sign_out, &both, &err), RC_DENIED);
	struct actor near = {.person = 7, .org = 20, .roles = {STR("county_staff")}, .roles_n = 1};
	struct actor far = {.person = 8, .org = 30, .roles = {STR("county_staff")}, .roles_n = 1};
	assert_ok(town_run(&t, near, break_in, &in, &err), &err);
	assert_int_equal(
		town_count(&t, "SELECT COUNT(*) FROM outbox"), 1); /* the one above, not the other county's */
	assert_ok(town_run(&t, far, break_in, &both, &err), &err);
	assert_ok(glass_all(writer_db(t.w), &t.a, seal, &keeper, true, 9, &list, &n, &err), &err);
	assert_int_equal(n, 1);
	assert_int_equal(list[0].person, 7);
	assert_int_equal(town_run(&t, keeper, review, &both, &err), RC_DENIED);
	assert_ok(town_run(&t, keeper, review, &in, &err), &err);
	seal_close(seal);
	town_close(&t);
}

static void an_authorisation_is_anothers_word_for_one_purpose_and_a_year_at_most(void **state)
{
	(void)state;
	struct town t;
	struct err err;
	struct authorisation *list;
	size_t n;
	town_open(&t, "role");
	struct actor lead = {.person = 4, .roles = {STR("leader")}, .roles_n = 1};
	struct order o = {.may = {.person = 7,
				  .org = 20,
				  .approved_by = 4,
				  .role = STR("helper"),
				  .purpose = STR("visit"),
				  .from = 1000,
				  .to = 1366}};
	assert_ok(town_run(&t, lead, authorise, &o, &err), &err);
	struct order bad = o;
	bad.may.person = 4;
	assert_int_equal(town_run(&t, lead, authorise, &bad, &err), RC_DENIED);
	bad = o;
	bad.may.approved_by = 5; /* in another's name */
	assert_int_equal(town_run(&t, lead, authorise, &bad, &err), RC_DENIED);
	bad = o;
	bad.may.approved_by = 0;
	assert_int_equal(town_run(&t, actor_operator(), authorise, &bad, &err), RC_DENIED);
	bad = o;
	bad.may.to = 1000 + AUTHORISATION_DAYS_MAX + 1;
	assert_int_equal(town_run(&t, lead, authorise, &bad, &err), RC_INVALID);
	struct actor helper = {.person = 7, .roles = {STR("helper")}, .roles_n = 1};
	assert_int_equal(town_run(&t, helper, authorise, &o, &err), RC_DENIED);
	struct db *db = writer_db(t.w);
	assert_ok(authorisation_list(db, &t.a, 7, STR("visit"), 1365, &list, &n, &err), &err);
	assert_int_equal(n, 1);
	assert_int_equal(list[0].org, 20);
	assert_int_equal(list[0].approved_by, 4);
	assert_ok(authorisation_list(db, &t.a, 7, STR(""), 1000, &list, &n, &err), &err);
	assert_int_equal(n, 1);
	assert_ok(authorisation_list(db, &t.a, 7, STR("screening"), 1000, &list, &n, &err), &err);
	assert_int_equal(n, 0);
	assert_ok(authorisation_list(db, &t.a, 7, STR("visit"), 1366, &list, &n, &err), &err);
	assert_int_equal(n, 0);
	assert_ok(town_run(&t, lead, take_back, &o, &err), &err);
	assert_int_equal(town_run(&t, lead, take_back, &o, &err), RC_NOT_FOUND);
	assert_ok(authorisation_list(writer_db(t.w), &t.a, 7, STR("visit"), 1200, &list, &n, &err), &err);
	assert_int_equal(n, 0);
	town_close(&t);
}

static void a_role_is_asked_for_by_name(void **state)
{
	(void)state;
	struct err err;
	const str roles[] = {STR("leader"), STR("city_staff")};
	struct actor a = {.person = 3, .roles = {STR("city_staff")}, .roles_n = 1};
	assert_ok(role_check(&a, roles, 2, &err), &err);
	assert_int_equal(role_check(&a, roles, 1, &err), RC_DENIED);
	assert_non_null(strstr(err.text, "leader"));
	a = actor_operator();
	assert_ok(role_check(&a, roles, 0, &err), &err);
	a = actor_nobody();
	assert_int_equal(role_check(&a, roles, 2, &err), RC_DENIED);
	a = (struct actor){.person = 3};
	assert_int_equal(role_check(&a, roles, 0, &err), RC_DENIED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roles_hold_from_their_first_day_to_the_day_before_the_last),
		cmocka_unit_test(nobody_grants_to_himself_and_three_administrators_are_three),
		cmocka_unit_test(a_session_carries_only_the_roles_that_it_has_proven_enough_for),
		cmocka_unit_test(nobody_gives_or_takes_a_right_outside_his_own_subtree),
		cmocka_unit_test(an_administrator_touches_nobody_who_stands_outside_the_own_subtree),
		cmocka_unit_test(an_authorisation_is_anothers_word_for_one_purpose_and_a_year_at_most),
		cmocka_unit_test(a_role_is_asked_for_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
