/* The second factor: set up by a code of it, good once, ten codes on paper, taken off by the security administrator. */
#include "base/clock.h"
#include "guard/account.h"
#include "guard/factor.h"
#include "guard/session.h"
#include "guard_roles.h"

struct order {
	struct seal *seal;
	struct totp_secret secret;
	str code;
	int64_t person;
	struct recovery paper;
	char text[ACCOUNT_CODE_BYTES], session[SESSION_TOKEN_BYTES];
};

static enum rc make_code(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return account_code(c, o->person, o->text, err);
}

static enum rc claim(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	int64_t person;
	return account_claim(c, str_of(o->text), STR("liu"), STR("$h"), &person, err);
}

static enum rc start(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	struct session_new n = {.person = o->person, .proven = FACTOR_CODE};
	return session_start(c, &n, o->session, err);
}

static enum rc set(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return factor_set(c, o->seal, &o->secret, o->code, &o->paper, err);
}

static enum rc prove(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return factor_prove(c, o->seal, o->person, o->code, err);
}

static enum rc fresh(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return factor_new_codes(c, o->seal, &o->paper, err);
}

static enum rc reset(struct job_ctx *c, void *arg, struct err *err)
{
	return factor_reset(c, ((struct order *)arg)->person, err);
}

static const struct actor liu = {.person = 7};
static char digits[TOTP_DIGITS_MAX + 1];

static str code_at(const struct order *o, int64_t at_ms)
{
	assert_true(totp_at(&o->secret, at_ms, TOTP_DIGITS, digits));
	return str_of(digits);
}

/* Person 7 with an account and a second factor set up at `now`, the code of that step used. */
static void set_up(struct town *t, struct order *o, int64_t now)
{
	struct err err;
	clock_set(now, false);
	*o = (struct order){.seal = town_keys(t), .person = 7};
	assert_ok(town_run(t, actor_operator(), make_code, o, &err), &err);
	assert_ok(town_run(t, actor_nobody(), claim, o, &err), &err);
	assert_ok(town_run(t, liu, start, o, &err), &err);
	o->secret = factor_offer(o->seal, str_of(o->session));
	o->code = code_at(o, now);
	assert_ok(town_run(t, liu, set, o, &err), &err);
}

static void an_offer_belongs_to_its_session_and_costs_no_write(void **state)
{
	(void)state;
	struct town t;
	town_open(&t, "factor");
	struct seal *seal = town_keys(&t);
	struct totp_secret a = factor_offer(seal, STR("a")), again = factor_offer(seal, STR("a")),
			   b = factor_offer(seal, STR("b"));
	assert_memory_equal(a.b, again.b, sizeof a.b);
	assert_memory_not_equal(a.b, b.b, sizeof a.b);
	seal_close(seal);
	town_close(&t);
}

static void it_stands_only_after_a_code_of_it_and_ends_all_sessions(void **state)
{
	(void)state;
	struct town t;
	struct err err;
	struct order o;
	bool is_set;
	int left;
	town_open(&t, "factor");
	int64_t now = 1000LL * 86400000;
	clock_set(now, false);
	o = (struct order){.seal = town_keys(&t), .person = 7};
	assert_ok(town_run(&t, actor_operator(), make_code, &o, &err), &err);
	assert_ok(town_run(&t, actor_nobody(), claim, &o, &err), &err);
	assert_ok(town_run(&t, liu, start, &o, &err), &err);
	o.secret = factor_offer(o.seal, str_of(o.session));
	o.code = STR("000000");
	assert_int_equal(town_run(&t, liu, set, &o, &err), RC_DENIED);
	assert_ok(factor_state(writer_db(t.w), 7, &is_set, &left, &err), &err);
	assert_false(is_set);
	assert_int_equal(town_count(&t, "SELECT count(*) FROM session"), 1);
	o.code = code_at(&o, now);
	assert_ok(town_run(&t, liu, set, &o, &err), &err);
	assert_ok(factor_state(writer_db(t.w), 7, &is_set, &left, &err), &err);
	assert_true(is_set);
	assert_int_equal(left, RECOVERY_CODES);
	assert_int_equal(town_count(&t, "SELECT count(*) FROM session"), 0);
	/* Sealed: the secret stands nowhere in the clear. */
	assert_int_equal(town_count(&t, "SELECT count(*) FROM account WHERE length(totp) > 40"), 1);
	seal_close(o.seal);
	clock_unset();
	town_close(&t);
}

static void a_code_is_good_once_and_an_older_one_never_again(void **state)
{
	(void)state;
	struct town t;
	struct err err;
	struct order o;
	town_open(&t, "factor");
	int64_t now = 1000LL * 86400000;
	set_up(&t, &o, now);
	assert_int_equal(town_run(&t, actor_nobody(), prove, &o, &err), RC_DENIED); /* used at setting up */
	clock_set(now + 60000, false);
	o.code = code_at(&o, now + 60000);
	assert_ok(town_run(&t, actor_nobody(), prove, &o, &err), &err);
	assert_int_equal(town_run(&t, actor_nobody(), prove, &o, &err), RC_DENIED);
	o.code = code_at(&o, now + 30000); /* in the window, but before the one that was used */
	assert_int_equal(town_run(&t, actor_nobody(), prove, &o, &err), RC_DENIED);
	o.code = code_at(&o, now + 90000);
	assert_ok(town_run(&t, actor_nobody(), prove, &o, &err), &err);
	o.person = 8;
	o.code = code_at(&o, now + 60000);
	assert_int_equal(town_run(&t, actor_nobody(), prove, &o, &err), RC_DENIED);
	assert_int_equal(
		town_count(
			&t, "SELECT count(*) FROM audit WHERE action = 'factor_prove' AND result = 'denied'"),
		4);
	seal_close(o.seal);
	clock_unset();
	town_close(&t);
}

static void codes_on_paper_are_good_once_and_kept_as_hashes(void **state)
{
	(void)state;
	struct town t;
	struct err err;
	struct order o;
	bool is_set;
	int left;
	town_open(&t, "factor");
	set_up(&t, &o, 1000LL * 86400000);
	struct recovery first = o.paper;
	for (int i = 1; i < RECOVERY_CODES; i++)
		for (int k = 0; k < i; k++)
			assert_string_not_equal(first.code[i], first.code[k]);
	o.code = str_of(first.code[3]);
	assert_ok(town_run(&t, actor_nobody(), prove, &o, &err), &err);
	assert_int_equal(town_run(&t, actor_nobody(), prove, &o, &err), RC_DENIED);
	assert_ok(factor_state(writer_db(t.w), 7, &is_set, &left, &err), &err);
	assert_int_equal(left, RECOVERY_CODES - 1);
	assert_ok(town_run(&t, liu, fresh, &o, &err), &err);
	struct recovery second = o.paper;
	o.code = str_of(first.code[4]);
	assert_int_equal(town_run(&t, actor_nobody(), prove, &o, &err), RC_DENIED);
	o.code = str_of(second.code[4]);
	assert_ok(town_run(&t, actor_nobody(), prove, &o, &err), &err);
	assert_int_equal(town_count(&t, "SELECT count(*) FROM recovery WHERE length(code) <> 32"), 0);
	seal_close(o.seal);
	clock_unset();
	town_close(&t);
}

static void the_security_administrator_takes_it_off(void **state)
{
	(void)state;
	struct town t;
	struct err err;
	struct order o;
	bool is_set;
	int left;
	town_open(&t, "factor");
	set_up(&t, &o, 1000LL * 86400000);
	assert_ok(town_run(&t, liu, start, &o, &err), &err);
	assert_int_equal(town_run(&t, liu, reset, &o, &err), RC_DENIED);
	struct actor sec = {.person = 3, .roles = {STR("secadmin")}, .roles_n = 1};
	assert_ok(town_run(&t, sec, reset, &o, &err), &err);
	assert_ok(factor_state(writer_db(t.w), 7, &is_set, &left, &err), &err);
	assert_false(is_set);
	assert_int_equal(left, 0);
	assert_int_equal(town_count(&t, "SELECT count(*) FROM session"), 0);
	assert_int_equal(town_run(&t, sec, reset, &o, &err), RC_NOT_FOUND);
	seal_close(o.seal);
	clock_unset();
	town_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_offer_belongs_to_its_session_and_costs_no_write),
		cmocka_unit_test(it_stands_only_after_a_code_of_it_and_ends_all_sessions),
		cmocka_unit_test(a_code_is_good_once_and_an_older_one_never_again),
		cmocka_unit_test(codes_on_paper_are_good_once_and_kept_as_hashes),
		cmocka_unit_test(the_security_administrator_takes_it_off),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
