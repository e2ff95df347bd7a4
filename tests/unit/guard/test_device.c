/* Phones bound to a unit: the link dies on use, ten wrong PINs wipe, the duty's end is the phone's end. */
#include "base/clock.h"
#include "guard/device.h"
#include "guard/session.h"
#include "guard_roles.h"

struct order {
	struct seal *seal;
	struct device_link link;
	str pin, code;
	int64_t person, id, role;
	int left;
	char text[LINK_TEXT_BYTES], token[DEVICE_TOKEN_BYTES], session[SESSION_TOKEN_BYTES];
};

static enum rc grant(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return role_grant(
		c, &all, o->person, STR("branch_secretary"), o->link.org, 100, ROLE_OPEN, &o->role, err);
}

static enum rc end_role(struct job_ctx *c, void *arg, struct err *err)
{
	return role_end(c, ((struct order *)arg)->role, 1005, err);
}

static enum rc make(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return device_link_make(c, o->seal, &all, &o->link, o->text, err);
}

static enum rc bind(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return device_bind(c, o->seal, o->code, o->person, o->pin, STR("Android"), o->token, &o->id, err);
}

static enum rc try_pin(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return device_pin(c, o->seal, o->id, o->pin, &o->left, err);
}

static enum rc new_pin(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return device_new_pin(c, o->seal, o->id, o->pin, err);
}

static enum rc end(struct job_ctx *c, void *arg, struct err *err)
{
	return device_end(c, ((struct order *)arg)->id, "signed_off", err);
}

static enum rc start(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	struct session_new n = {
		.person = o->person, .proven = FACTOR_DEVICE, .device = o->id, .org = o->link.org};
	return session_start(c, &n, o->session, err);
}

static const int64_t DAY = 86400000;

static bool known(struct town *t, struct order *o, int64_t now_ms, int32_t day)
{
	struct device d;
	struct err err;
	return device_find(writer_db(t->w), &t->a, o->seal, str_of(o->token), now_ms, day, &d, &err) ==
		       RC_OK &&
	       d.id == o->id && d.org == o->link.org;
}

static void set_up(struct town *t, struct order *o)
{
	struct err err;
	clock_set(1000 * DAY, false);
	*o = (struct order){.seal = town_keys(t),
		.link = {.org = 21, .role = STR("branch_secretary")},
		.person = 7,
		.pin = STR("204857")};
	assert_ok(town_run(t, actor_operator(), grant, o, &err), &err);
	assert_ok(town_run(t, actor_operator(), make, o, &err), &err);
	o->code = str_of(o->text);
	assert_ok(town_run(t, actor_nobody(), bind, o, &err), &err);
}

static void done(struct town *t, struct order *o)
{
	seal_close(o->seal);
	clock_unset();
	town_close(t);
}

static void a_link_binds_one_phone_and_is_dead(void **state)
{
	(void)state;
	struct town t;
	struct err err;
	struct order o;
	town_open(&t, "device");
	set_up(&t, &o);
	assert_true(known(&t, &o, 1000 * DAY, 1000));
	char first[DEVICE_TOKEN_BYTES];
	memcpy(first, o.token, sizeof first);
	assert_int_equal(town_run(&t, actor_nobody(), bind, &o, &err), RC_DENIED);
	assert_string_equal(first, o.token);
	/* Only keyed hashes stand on disk; an account came along that can be disabled. */
	assert_int_equal(
		town_count(&t, "SELECT count(*) FROM device WHERE length(token) = 32 AND length(pin) = 32"),
		1);
	assert_int_equal(
		town_count(&t, "SELECT count(*) FROM account WHERE person = 7 AND password IS NULL"), 1);
	done(&t, &o);
}

static void a_link_is_for_its_role_its_person_and_thirty_days(void **state)
{
	(void)state;
	struct town t;
	struct err err;
	struct order o;
	struct device_link found;
	town_open(&t, "device");
	set_up(&t, &o);
	o.link.role = STR("county_staff");
	assert_int_equal(town_run(&t, actor_operator(), make, &o, &err), RC_INVALID);
	o.link.role = STR("branch_secretary");
	struct actor sys = {.person = 3, .roles = {STR("sysadmin")}, .roles_n = 1};
	assert_int_equal(town_run(&t, sys, make, &o, &err), RC_DENIED);
	sys.roles[0] = STR("secadmin");
	o.link.person = 9;
	assert_ok(town_run(&t, sys, make, &o, &err), &err);
	o.code = str_of(o.text);
	assert_int_equal(town_run(&t, actor_nobody(), bind, &o, &err), RC_DENIED); /* person 7 */
	struct db *db = writer_db(t.w);
	assert_ok(device_link_find(db, &t.a, o.seal, o.code, 1030 * DAY - 1, &found, &err), &err);
	assert_true(found.person == 9 && found.org == 21 && found.made_by == 3);
	assert_int_equal(device_link_find(db, &t.a, o.seal, o.code, 1030 * DAY, &found, &err), RC_DENIED);
	assert_int_equal(
		device_link_find(db, &t.a, o.seal, STR("ABCD"), 1000 * DAY, &found, &err), RC_DENIED);
	/* A new link for the same duty replaces the old. */
	char old[LINK_TEXT_BYTES];
	memcpy(old, o.text, sizeof old);
	assert_ok(town_run(&t, sys, make, &o, &err), &err);
	assert_int_equal(
		device_link_find(db, &t.a, o.seal, str_of(old), 1000 * DAY, &found, &err), RC_DENIED);
	done(&t, &o);
}

static void easy_pins_are_refused(void **state)
{
	(void)state;
	struct err err;
	static const char *const bad[] = {"", "12345", "1234567", "123456", "654321", "111111", "121212",
		"123123", "12345a", "１２３４５７"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(pin_rules(str_of(bad[i]), &err), RC_INVALID);
	assert_ok(pin_rules(STR("204857"), &err), &err);
	assert_ok(pin_rules(STR("123457"), &err), &err);
}

static void ten_wrong_pins_wipe_the_phone_and_a_right_one_counts_anew(void **state)
{
	(void)state;
	struct town t;
	struct err err;
	struct order o;
	town_open(&t, "device");
	set_up(&t, &o);
	assert_ok(town_run(&t, actor_nobody(), start, &o, &err), &err);
	o.pin = STR("204858");
	for (int i = 1; i < PIN_TRIES; i++) {
		assert_int_equal(town_run(&t, actor_nobody(), try_pin, &o, &err), RC_FOUND);
		assert_int_equal(o.left, PIN_TRIES - i);
	}
	o.pin = STR("204857");
	assert_ok(town_run(&t, actor_nobody(), try_pin, &o, &err), &err);
	o.pin = STR("000000");
	for (int i = 0; i < PIN_TRIES; i++) {
		assert_true(known(&t, &o, 1000 * DAY, 1000));
		assert_int_equal(town_run(&t, actor_nobody(), try_pin, &o, &err), RC_FOUND);
	}
	assert_int_equal(o.left, 0);
	assert_false(known(&t, &o, 1000 * DAY, 1000));
	assert_int_equal(town_count(&t, "SELECT count(*) FROM session"), 0);
	o.pin = STR("204857");
	assert_int_equal(town_run(&t, actor_nobody(), try_pin, &o, &err), RC_DENIED);
	assert_int_equal(town_count(&t, "SELECT count(*) FROM audit WHERE action = 'device_wiped'"), 1);
	assert_int_equal(town_count(&t, "SELECT count(*) FROM device WHERE length(pin) = 0"), 1);
	done(&t, &o);
}

static void a_phone_ends_with_its_duty_its_account_its_time_or_by_hand(void **state)
{
	(void)state;
	struct town t;
	struct err err;
	struct order o;
	struct device *list;
	size_t n;
	town_open(&t, "device");
	set_up(&t, &o);
	assert_true(known(&t, &o, 1000 * DAY + DEVICE_DAYS * DAY - 1, 1000));
	assert_false(known(&t, &o, 1000 * DAY + DEVICE_DAYS * DAY, 1000));
	assert_ok(town_run(&t, actor_operator(), end_role, &o, &err), &err);
	assert_true(known(&t, &o, 1000 * DAY, 1004));
	assert_false(known(&t, &o, 1000 * DAY, 1005));
	assert_int_equal(town_run(&t, (struct actor){.person = 8}, new_pin, &o, &err), RC_NOT_FOUND);
	o.pin = STR("918273");
	assert_ok(town_run(&t, (struct actor){.person = 7}, new_pin, &o, &err), &err);
	assert_ok(town_run(&t, actor_nobody(), try_pin, &o, &err), &err);
	assert_int_equal(town_run(&t, (struct actor){.person = 8}, end, &o, &err), RC_DENIED);
	assert_ok(town_run(&t, (struct actor){.person = 7}, end, &o, &err), &err);
	assert_false(known(&t, &o, 1000 * DAY, 1000));
	assert_ok(device_list(writer_db(t.w), &t.a, 7, 1000 * DAY, &list, &n, &err), &err);
	assert_true(n == 1 && str_is(list[0].ended_why, "signed_off") && list[0].ended_at_ms == 1000 * DAY);
	done(&t, &o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_binds_one_phone_and_is_dead),
		cmocka_unit_test(a_link_is_for_its_role_its_person_and_thirty_days),
		cmocka_unit_test(easy_pins_are_refused),
		cmocka_unit_test(ten_wrong_pins_wipe_the_phone_and_a_right_one_counts_anew),
		cmocka_unit_test(a_phone_ends_with_its_duty_its_account_its_time_or_by_hand),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
