/* A duty passes whole from one person to the next, once both have confirmed it. */
#include "base/clock.h"
#include "guard/device.h"
#include "guard/handover.h"
#include "guard_roles.h"

struct order {
	struct seal *seal;
	struct handover want;
	int64_t id, role, person;
	str name;
	bool giver, complete;
	struct handover_item rows[1];
};

static enum rc grant(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return role_grant(c, &all, o->person, o->name, o->want.org, 100, ROLE_OPEN, &o->role, err);
}

static enum rc make(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return handover_make(c, o->seal, &o->want, o->rows, 1, &o->id, err);
}

static enum rc sign(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	struct handover h;
	TRY(handover_sign(c, o->id, o->giver, &o->complete, err));
	if (!o->complete)
		return RC_OK;
	TRY(handover_get(c->db, c->a, o->seal, o->id, &h, err));
	return handover_carry_out(c, &all, &h, 1000, err);
}

static enum rc call_off(struct job_ctx *c, void *arg, struct err *err)
{
	return handover_call_off(c, ((struct order *)arg)->id, err);
}

static const int64_t DAY = 86400000;
static const struct actor old = {.person = 7}, new = {.person = 8}, stranger = {.person = 9};

static void set_up(struct town *t, struct order *o)
{
	struct err err;
	clock_set(1000 * DAY, false);
	*o = (struct order){.seal = town_keys(t),
		.person = 7,
		.name = STR("branch_secretary"),
		.want = {.org = 21, .giver = 7, .taker = 8, .remark = STR("印章一枚")},
		.rows = {{STR("row"), STR("venue"), STR("keeper"), 12}}};
	assert_ok(town_run(t, actor_operator(), grant, o, &err), &err);
}

static void done(struct town *t, struct order *o)
{
	seal_close(o->seal);
	clock_unset();
	town_close(t);
}

static void both_sides_confirm_and_the_role_goes_over(void **state)
{
	(void)state;
	struct town t;
	struct err err;
	struct order o;
	struct handover_item *items;
	struct handover h;
	struct role *roles;
	size_t n;
	town_open(&t, "handover");
	set_up(&t, &o);
	assert_ok(town_run(&t, old, make, &o, &err), &err);
	assert_int_equal(town_run(&t, old, make, &o, &err), RC_CONFLICT);
	assert_ok(handover_items(writer_db(t.w), &t.a, o.id, &items, &n, &err), &err);
	assert_int_equal(n, 2);
	assert_true(str_is(items[0].kind, "role") && str_is(items[0].what, "branch_secretary"));
	assert_true(str_is(items[1].kind, "row") && items[1].row == 12);
	assert_ok(handover_get(writer_db(t.w), &t.a, o.seal, o.id, &h, &err), &err);
	assert_true(str_is(h.remark, "印章一枚"));
	o.giver = true;
	assert_int_equal(town_run(&t, new, sign, &o, &err), RC_DENIED);
	assert_int_equal(town_run(&t, stranger, sign, &o, &err), RC_DENIED);
	assert_ok(town_run(&t, old, sign, &o, &err), &err);
	assert_false(o.complete);
	assert_ok(role_list(writer_db(t.w), &t.a, 7, 1000, &roles, &n, &err), &err);
	assert_int_equal(n, 1); /* half signed changes nothing */
	assert_int_equal(town_run(&t, old, sign, &o, &err), RC_CONFLICT);
	o.giver = false;
	assert_int_equal(town_run(&t, old, sign, &o, &err), RC_DENIED);
	assert_ok(town_run(&t, new, sign, &o, &err), &err);
	assert_true(o.complete);
	assert_ok(role_list(writer_db(t.w), &t.a, 7, 1000, &roles, &n, &err), &err);
	assert_int_equal(n, 0);
	assert_ok(role_list(writer_db(t.w), &t.a, 7, 999, &roles, &n, &err), &err);
	assert_int_equal(n, 1);
	assert_ok(role_list(writer_db(t.w), &t.a, 8, 1000, &roles, &n, &err), &err);
	assert_true(n == 1 && roles[0].org == 21);
	assert_int_equal(town_run(&t, old, call_off, &o, &err), RC_CONFLICT);
	assert_int_equal(
		town_count(&t,
			"SELECT count(*) FROM audit WHERE action = 'handover' AND subject = 'handover:1'"
			" AND actor = 'person:8' AND result = 'ok'"),
		1);
	done(&t, &o);
}

static void what_excludes_the_taker_refuses_the_whole(void **state)
{
	(void)state;
	struct town t;
	struct err err;
	struct order o;
	struct role *roles;
	size_t n;
	town_open(&t, "handover");
	set_up(&t, &o);
	o.name = STR("sysadmin");
	assert_ok(town_run(&t, actor_operator(), grant, &o, &err), &err);
	struct order other = o;
	other.person = 8;
	other.name = STR("auditadmin");
	assert_ok(town_run(&t, actor_operator(), grant, &other, &err), &err);
	assert_ok(town_run(&t, old, make, &o, &err), &err);
	o.giver = true;
	assert_ok(town_run(&t, old, sign, &o, &err), &err);
	o.giver = false;
	assert_int_equal(town_run(&t, new, sign, &o, &err), RC_INVALID);
	assert_ok(role_list(writer_db(t.w), &t.a, 7, 1000, &roles, &n, &err), &err);
	assert_int_equal(n, 2);
	assert_int_equal(town_count(&t, "SELECT count(*) FROM handover WHERE done_at IS NOT NULL"), 0);
	done(&t, &o);
}

static void it_can_be_called_off_until_then_and_makes_sense(void **state)
{
	(void)state;
	struct town t;
	struct err err;
	struct order o;
	town_open(&t, "handover");
	set_up(&t, &o);
	assert_int_equal(town_run(&t, stranger, make, &o, &err), RC_DENIED);
	struct order bad = o;
	bad.want.taker = 7;
	assert_int_equal(town_run(&t, old, make, &bad, &err), RC_INVALID);
	bad = o;
	bad.want.org = 99;
	assert_int_equal(town_run(&t, old, make, &bad, &err), RC_INVALID); /* nothing is held there */
	struct actor sec = {.person = 3, .roles = {STR("secadmin")}, .roles_n = 1};
	assert_ok(town_run(&t, sec, make, &o, &err), &err);
	assert_int_equal(town_run(&t, stranger, call_off, &o, &err), RC_DENIED);
	assert_ok(town_run(&t, new, call_off, &o, &err), &err);
	o.giver = true;
	assert_int_equal(town_run(&t, old, sign, &o, &err), RC_CONFLICT);
	assert_ok(town_run(&t, old, make, &o, &err), &err); /* and another one can be made */
	/* Signatures on paper are noted by the operator. */
	assert_ok(town_run(&t, actor_operator(), sign, &o, &err), &err);
	o.giver = false;
	assert_ok(town_run(&t, actor_operator(), sign, &o, &err), &err);
	assert_true(o.complete);
	done(&t, &o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_sides_confirm_and_the_role_goes_over),
		cmocka_unit_test(what_excludes_the_taker_refuses_the_whole),
		cmocka_unit_test(it_can_be_called_off_until_then_and_makes_sense),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
