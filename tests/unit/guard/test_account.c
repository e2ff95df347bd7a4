/* Accounts are claimed by one-time codes; sessions end when they should. */
#include "base/clock.h"
#include "guard/account.h"
#include "guard/role.h"
#include "guard/session.h"
#include "guard_city.h"

struct order {
	int64_t person;
	str code, handle, token, hash;
	char text[ACCOUNT_CODE_BYTES], session[SESSION_TOKEN_BYTES];
	bool flag;
	enum factor proven;
	enum session_level level;
};

static enum rc make_code(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return account_code(c, o->person, o->text, err);
}

static enum rc claim(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return account_claim(c, o->code, o->handle, o->hash, &o->person, err);
}

static enum rc start(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	struct session_new n = {
		.person = o->person, .place = STR("Chrome"), .proven = o->proven, .level = o->level};
	return session_start(c, &n, o->session, err);
}

static enum rc touch(struct job_ctx *c, void *arg, struct err *err)
{
	return session_touch(c, str_of(((struct order *)arg)->session), err);
}

static enum rc end(struct job_ctx *c, void *arg, struct err *err)
{
	return session_end(c, str_of(((struct order *)arg)->session), err);
}

static enum rc disable(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return account_disable(c, o->person, o->flag, err);
}

static enum rc change(struct job_ctx *c, void *arg, struct err *err)
{
	return account_password(c, ((struct order *)arg)->hash, err);
}

static enum rc refuse(struct job_ctx *c, void *arg, struct err *err)
{
	return account_refused(c, "sign_in", ((struct order *)arg)->person, STR("192.0.2.7"), err);
}

static const int64_t DAY = 86400000, MINUTE = 60000;

static void a_code_is_good_once_and_for_a_while(void **state)
{
	(void)state;
	struct town t;
	struct err err;
	struct order o = {.person = 7}, p;
	int64_t whose;
	town_open(&t, "account");
	clock_set(100 * DAY, false);
	assert_ok(town_run(&t, actor_operator(), make_code, &o, &err), &err);
	assert_int_equal(strlen(o.text), ACCOUNT_CODE_BYTES - 1);
	/* Read forgivingly: small letters, no hyphens, O for 0. */
	char typed[64];
	size_t n = 0;
	for (const char *c = o.text; *c; c++)
		if (*c != '-')
			typed[n++] = *c == '0' ? 'o' : (char)(*c >= 'A' ? *c + 32 : *c);
	typed[n] = 0;
	assert_ok(account_of_code(writer_db(t.w), str_of(typed), 100 * DAY, &whose, &err), &err);
	assert_int_equal(whose, 7);
	assert_int_equal(account_of_code(writer_db(t.w), str_of(typed), 114 * DAY, &whose, &err), RC_DENIED);
	assert_int_equal(account_of_code(writer_db(t.w), STR(""), 0, &whose, &err), RC_DENIED);
	/* The clear text stands nowhere. */
	assert_int_equal(town_count(&t, "SELECT count(*) FROM claim WHERE length(code) = 32"), 1);
	p = (struct order){.code = str_of(typed), .handle = STR("Liu Yang"), .hash = STR("$h")};
	assert_int_equal(town_run(&t, actor_nobody(), claim, &p, &err), RC_INVALID);
	p.handle = STR("liu.yang");
	assert_ok(town_run(&t, actor_nobody(), claim, &p, &err), &err);
	assert_int_equal(p.person, 7);
	assert_int_equal(town_run(&t, actor_nobody(), claim, &p, &err), RC_DENIED);
	/* Another's name is taken; a new code replaces the older one. */
	o.person = 8;
	assert_ok(town_run(&t, actor_operator(), make_code, &o, &err), &err);
	char older[ACCOUNT_CODE_BYTES];
	memcpy(older, o.text, sizeof older);
	assert_ok(town_run(&t, actor_operator(), make_code, &o, &err), &err);
	p = (struct order){.code = str_of(older), .handle = STR("wang"), .hash = STR("$h")};
	assert_int_equal(town_run(&t, actor_nobody(), claim, &p, &err), RC_DENIED);
	p.code = str_of(o.text);
	p.handle = STR("liu.yang");
	assert_int_equal(town_run(&t, actor_nobody(), claim, &p, &err), RC_CONFLICT);
	assert_int_equal(town_count(&t, "SELECT count(*) FROM account"), 1);
	assert_int_equal(
		town_count(&t, "SELECT count(*) FROM audit WHERE actor = 'nobody' AND subject = 'account:7'"
			       " AND action = 'account_claim' AND result = 'ok'"),
		1);
	clock_unset();
	town_close(&t);
}

static void only_the_security_administrator_hands_out_codes(void **state)
{
	(void)state;
	struct town t;
	struct err err;
	struct order o = {.person = 7};
	town_open(&t, "account");
	struct actor a = {.person = 3, .roles = {STR("sysadmin")}, .roles_n = 1};
	assert_int_equal(town_run(&t, a, make_code, &o, &err), RC_DENIED);
	assert_int_equal(town_run(&t, actor_nobody(), make_code, &o, &err), RC_DENIED);
	assert_int_equal(o.text[0], 0);
	a.roles[0] = STR("secadmin");
	assert_ok(town_run(&t, a, make_code, &o, &err), &err);
	town_close(&t);
}

/* An account of person 7 with an open session. */
static void sign_in(struct town *t, struct order *o)
{
	struct err err;
	*o = (struct order){.person = 7};
	assert_ok(town_run(t, actor_operator(), make_code, o, &err), &err);
	struct order p = {.code = str_of(o->text), .handle = STR("liu"), .hash = STR("$h")};
	assert_ok(town_run(t, actor_nobody(), claim, &p, &err), &err);
	assert_ok(town_run(t, (struct actor){.person = 7}, start, o, &err), &err);
}

static bool in(struct town *t, const struct order *o, int64_t now_ms, bool *touch_due)
{
	struct err err;
	struct session s = {0};
	enum rc rc = session_find(writer_db(t->w), &t->a, str_of(o->session), now_ms, &s, &err);
	if (touch_due)
		*touch_due = s.touch;
	return rc == RC_OK && s.person == 7;
}

static void a_session_ends_when_idle_and_when_old(void **state)
{
	(void)state;
	struct town t;
	struct err err;
	struct order o;
	bool due;
	town_open(&t, "account");
	int64_t now = 1000 * DAY;
	clock_set(now, false);
	sign_in(&t, &o);
	assert_int_equal(strlen(o.session), SESSION_TOKEN_BYTES - 1);
	assert_true(in(&t, &o, now + MINUTE, &due));
	assert_false(due);
	assert_true(in(&t, &o, now + 30 * MINUTE, &due));
	assert_true(due);
	assert_false(in(&t, &o, now + 30 * MINUTE + 1, NULL));
	int64_t rows = town_count(&t, "SELECT count(*) FROM audit");
	for (int i = 1; i < 29; i++) { /* somebody works all day */
		clock_set(now + i * 25 * MINUTE, false);
		struct job job = {.actor = {.person = 7}, .quiet = true, .run = touch, .arg = &o, .a = &t.a};
		assert_true(in(&t, &o, now + i * 25 * MINUTE, NULL));
		assert_ok(writer_run(t.w, &job, &err), &err);
	}
	assert_int_equal(town_count(&t, "SELECT count(*) FROM audit"), rows);
	assert_true(in(&t, &o, now + 12 * 60 * MINUTE - 1, NULL));
	assert_false(in(&t, &o, now + 12 * 60 * MINUTE, NULL));
	/* The next sign-in sweeps it out. */
	clock_set(now + DAY, false);
	assert_ok(town_run(&t, (struct actor){.person = 7}, start, &o, &err), &err);
	assert_int_equal(town_count(&t, "SELECT count(*) FROM session"), 1);
	/* One that waits for a code waits five minutes. */
	o.level = SESSION_CODE;
	assert_ok(town_run(&t, (struct actor){.person = 7}, start, &o, &err), &err);
	assert_true(in(&t, &o, now + DAY + 5 * MINUTE - 1, NULL));
	assert_false(in(&t, &o, now + DAY + 5 * MINUTE, NULL));
	clock_unset();
	town_close(&t);
}

static void leaving_changing_and_disabling_end_sessions(void **state)
{
	(void)state;
	struct town t;
	struct err err;
	struct order o, second;
	town_open(&t, "account");
	int64_t now = clock_now_ms();
	sign_in(&t, &o);
	second = o;
	assert_ok(town_run(&t, (struct actor){.person = 7}, start, &second, &err), &err);
	assert_string_not_equal(o.session, second.session);
	assert_ok(town_run(&t, (struct actor){.person = 7}, end, &o, &err), &err);
	assert_false(in(&t, &o, now, NULL));
	assert_true(in(&t, &second, now, NULL));
	struct session *list;
	size_t n;
	assert_ok(session_list(writer_db(t.w), &t.a, 7, now, &list, &n, &err), &err);
	assert_int_equal(n, 1);
	o.hash = STR("$new");
	assert_ok(town_run(&t, (struct actor){.person = 7}, change, &o, &err), &err);
	assert_false(in(&t, &second, now, NULL));
	assert_ok(town_run(&t, (struct actor){.person = 7}, start, &o, &err), &err);
	o.flag = true;
	assert_ok(town_run(&t, actor_operator(), disable, &o, &err), &err);
	assert_false(in(&t, &o, now, NULL));
	/* Even a session row that came back is no way in. */
	assert_ok(town_run(&t, (struct actor){.person = 7}, start, &o, &err), &err);
	assert_false(in(&t, &o, now, NULL));
	/* The token itself is not in the file. */
	assert_int_equal(town_count(&t, "SELECT count(*) FROM session WHERE length(token) <> 32"), 0);
	struct actor actor;
	assert_int_equal(role_actor_named(writer_db(t.w), &t.a, STR("liu"), 20000, &actor, &err), RC_DENIED);
	assert_int_equal(role_actor_named(writer_db(t.w), &t.a, STR("#7"), 20000, &actor, &err), RC_DENIED);
	town_close(&t);
}

static enum rc end_named(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return session_end_named(c, 7, o->token, err);
}

static void a_session_is_ended_by_its_name_by_its_person_or_an_administrator(void **state)
{
	(void)state;
	struct town t;
	struct err err;
	struct order o, second;
	struct session *list;
	size_t n;
	town_open(&t, "account");
	int64_t now = clock_now_ms();
	sign_in(&t, &o);
	second = o;
	assert_ok(town_run(&t, (struct actor){.person = 7}, start, &second, &err), &err);
	assert_ok(session_list(writer_db(t.w), &t.a, 7, now, &list, &n, &err), &err);
	assert_int_equal(n, 2);
	assert_int_equal(strlen(list[0].id), SESSION_ID_BYTES - 1);
	assert_string_not_equal(list[0].id, list[1].id);
	assert_true(str_is(list[0].place, "Chrome"));
	struct session found;
	assert_ok(session_find(writer_db(t.w), &t.a, str_of(o.session), now, &found, &err), &err);
	struct order x = {.token = str_of(found.id)};
	assert_int_equal(town_run(&t, (struct actor){.person = 8}, end_named, &x, &err), RC_DENIED);
	assert_true(in(&t, &o, now, NULL));
	assert_ok(town_run(&t, (struct actor){.person = 7}, end_named, &x, &err), &err);
	assert_false(in(&t, &o, now, NULL));
	assert_true(in(&t, &second, now, NULL));
	assert_int_equal(town_run(&t, (struct actor){.person = 7}, end_named, &x, &err), RC_NOT_FOUND);
	assert_ok(session_find(writer_db(t.w), &t.a, str_of(second.session), now, &found, &err), &err);
	x.token = str_of(found.id);
	struct actor sec = {.person = 3, .roles = {STR("secadmin")}, .roles_n = 1};
	assert_ok(town_run(&t, sec, end_named, &x, &err), &err);
	assert_false(in(&t, &second, now, NULL));
	town_close(&t);
}

enum { TOKENS = 1000000 };

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, 16);
}

/* What session_start draws, a million times: none twice, and no bit that stands still. */
static void a_million_tokens_are_all_different(void **state)
{
	(void)state;
	unsigned char(*tokens)[16] = malloc(TOKENS * sizeof *tokens), one[32];
	size_t ones[256] = {0};
	assert_non_null(tokens);
	for (size_t i = 0; i < TOKENS; i++) {
		session_random(one);
		memcpy(tokens[i], one, 16);
		for (size_t b = 0; i < 20000 && b < 256; b++)
			ones[b] += one[b / 8] >> b % 8 & 1;
	}
	qsort(tokens, TOKENS, sizeof *tokens, by_bytes);
	for (size_t i = 1; i < TOKENS; i++)
		assert_true(memcmp(tokens[i - 1], tokens[i], 16) != 0);
	for (size_t b = 0; b < 256; b++) /* 10,000 expected, deviation 71: six of them */
		assert_in_range(ones[b], 9575, 10425);
	free(tokens);
}

static void a_refused_sign_in_is_on_record(void **state)
{
	(void)state;
	struct town t;
	struct err err;
	struct order o = {.person = 7};
	town_open(&t, "account");
	assert_int_equal(town_run(&t, actor_nobody(), refuse, &o, &err), RC_DENIED);
	assert_int_equal(
		town_count(&t,
			"SELECT count(*) FROM audit WHERE action = 'sign_in' AND result = 'denied'"
			" AND subject = 'account:7' AND actor = 'nobody' AND detail = 'from:192.0.2.7'"),
		1);
	town_close(&t);
}

static void form_tokens_hold_for_their_session_only(void **state)
{
	(void)state;
	struct err err;
	struct arena a = {0};
	struct seal *seal;
	const char *key = "/tmp/qinghe-csrf.key";
	unlink(key);
	assert_ok(seal_create(key, CRYPTO_INTERNATIONAL, 5, &err), &err);
	assert_ok(seal_open(key, false, &seal, &err), &err);
	str x = csrf_token(&a, seal, STR("session-a")), y = csrf_token(&a, seal, STR("session-a"));
	assert_false(str_eq(x, y)); /* masked */
	assert_true(csrf_check(seal, STR("session-a"), x));
	assert_true(csrf_check(seal, STR("session-a"), y));
	assert_false(csrf_check(seal, STR("session-b"), x));
	assert_false(csrf_check(seal, STR(""), csrf_token(&a, seal, STR(""))));
	assert_false(csrf_check(seal, STR("session-a"), STR("")));
	char *bad = arena_cstr(&a, x);
	bad[x.n - 1] = bad[x.n - 1] == '0' ? '1' : '0';
	assert_false(csrf_check(seal, STR("session-a"), str_of(bad)));
	seal_close(seal);
	unlink(key);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_code_is_good_once_and_for_a_while),
		cmocka_unit_test(only_the_security_administrator_hands_out_codes),
		cmocka_unit_test(a_session_ends_when_idle_and_when_old),
		cmocka_unit_test(leaving_changing_and_disabling_end_sessions),
		cmocka_unit_test(a_session_is_ended_by_its_name_by_its_person_or_an_administrator),
		cmocka_unit_test(a_million_tokens_are_all_different),
		cmocka_unit_test(a_refused_sign_in_is_on_record),
		cmocka_unit_test(form_tokens_hold_for_their_session_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
