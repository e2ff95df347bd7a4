/* Tokens of programs: scope, end, revoking. */
#include "base/clock.h"
#include "guard/account.h"
#include "guard/device.h"
#include "guard/token.h"
#include "guard_roles.h"

struct order {
	struct token want;
	int64_t id;
	bool off;
	char text[TOKEN_TEXT_BYTES];
};

static enum rc account(struct job_ctx *c, void *arg, struct err *err)
{
	char code[ACCOUNT_CODE_BYTES];
	int64_t person;
	(void)arg;
	TRY(account_code(c, 7, code, err));
	return account_claim(c, str_of(code), STR("liu"), STR("$h"), &person, err);
}

static enum rc disable(struct job_ctx *c, void *arg, struct err *err)
{
	return account_disable(c, 7, ((struct order *)arg)->off, err);
}

static enum rc make(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return token_make(c, &o->want, o->text, &o->id, err);
}

static enum rc end(struct job_ctx *c, void *arg, struct err *err)
{
	return token_end(c, ((struct order *)arg)->id, err);
}

static enum rc touch(struct job_ctx *c, void *arg, struct err *err)
{
	return token_touch(c, ((struct order *)arg)->id, err);
}

static const int64_t DAY = 86400000;
static const struct actor liu = {.person = 7};

static void scopes_are_words_and_writing_includes_reading(void **state)
{
	(void)state;
	int scope;
	char text[TOKEN_SCOPE_TEXT_BYTES];
	assert_true(token_scope_parse(STR("registers:write, figures:read"), &scope));
	assert_int_equal(scope, TOKEN_REGISTERS_READ | TOKEN_REGISTERS_WRITE | TOKEN_FIGURES_READ);
	token_scope_text(scope, text);
	assert_string_equal(text, "registers:write,figures:read");
	token_scope_text(15, text);
	assert_string_equal(text, "registers:write,figures:write");
	assert_false(token_scope_parse(STR(""), &scope));
	assert_false(token_scope_parse(STR("registers"), &scope));
	assert_false(token_scope_parse(STR("registers:read,accounts:write"), &scope));
}

static void a_token_opens_until_its_day_or_its_revoking(void **state)
{
	(void)state;
	struct town t;
	struct err err;
	struct token found;
	town_open(&t, "token");
	int64_t now = 1000 * DAY;
	clock_set(now, false);
	struct db *db = writer_db(t.w);
	assert_ok(town_run(&t, actor_operator(), account, NULL, &err), &err);
	struct order o = {.want = {.name = STR("台账同步"),
				  .scope = TOKEN_REGISTERS_READ,
				  .duty = 20,
				  .org = 21,
				  .proven = FACTOR_CODE,
				  .expires_at_ms = now + 30 * DAY}};
	assert_ok(town_run(&t, liu, make, &o, &err), &err);
	assert_true(str_starts(str_of(o.text), STR("qh_")) && strlen(o.text) == TOKEN_TEXT_BYTES - 1);
	assert_ok(token_find(db, &t.a, str_of(o.text), now, &found, &err), &err);
	assert_true(found.person == 7 && found.org == 21 && found.duty == 20 && found.proven == FACTOR_CODE &&
		    found.touch);
	struct job job = {.actor = liu, .quiet = true, .run = touch, .arg = &o, .a = &t.a};
	assert_ok(writer_run(t.w, &job, &err), &err);
	assert_ok(token_find(db, &t.a, str_of(o.text), now, &found, &err), &err);
	assert_false(found.touch);
	assert_ok(token_find(db, &t.a, str_of(o.text), now + 30 * DAY - 1, &found, &err), &err);
	assert_int_equal(token_find(db, &t.a, str_of(o.text), now + 30 * DAY, &found, &err), RC_DENIED);
	o.text[10] = o.text[10] == 'a' ? 'b' : 'a';
	assert_int_equal(token_find(db, &t.a, str_of(o.text), now, &found, &err), RC_DENIED);
	assert_ok(town_run(&t, liu, make, &o, &err), &err);
	o.off = true;
	assert_ok(town_run(&t, actor_operator(), disable, &o, &err), &err);
	assert_int_equal(token_find(db, &t.a, str_of(o.text), now, &found, &err), RC_DENIED);
	o.off = false;
	assert_ok(town_run(&t, actor_operator(), disable, &o, &err), &err);
	assert_int_equal(town_run(&t, (struct actor){.person = 8}, end, &o, &err), RC_DENIED);
	assert_ok(town_run(&t, liu, end, &o, &err), &err);
	assert_int_equal(town_run(&t, actor_operator(), end, &o, &err), RC_NOT_FOUND);
	assert_int_equal(token_find(db, &t.a, str_of(o.text), now, &found, &err), RC_DENIED);
	struct token *list;
	size_t n;
	assert_ok(token_list(db, &t.a, 7, now, &list, &n, &err), &err);
	assert_int_equal(n, 1);
	assert_int_equal(town_count(&t, "SELECT count(*) FROM token WHERE length(hash) <> 32"), 0);
	clock_unset();
	town_close(&t);
}

static void a_token_needs_a_name_a_scope_an_end_and_a_person(void **state)
{
	(void)state;
	struct town t;
	struct err err;
	town_open(&t, "token");
	clock_set(1000 * DAY, false);
	struct token good = {.name = STR("x"), .scope = TOKEN_FIGURES_READ, .expires_at_ms = 1001 * DAY};
	struct order o = {.want = good};
	assert_int_equal(town_run(&t, actor_operator(), make, &o, &err), RC_DENIED);
	o.want.name = STR("");
	assert_int_equal(town_run(&t, liu, make, &o, &err), RC_INVALID);
	o.want = good;
	o.want.scope = 0;
	assert_int_equal(town_run(&t, liu, make, &o, &err), RC_INVALID);
	o.want = good;
	o.want.expires_at_ms = 1000 * DAY;
	assert_int_equal(town_run(&t, liu, make, &o, &err), RC_INVALID);
	o.want.expires_at_ms = (1001 + TOKEN_DAYS_MAX) * DAY;
	assert_int_equal(town_run(&t, liu, make, &o, &err), RC_INVALID);
	o.want = good;
	for (int i = 0; i < TOKENS_MAX; i++)
		assert_ok(town_run(&t, liu, make, &o, &err), &err);
	assert_int_equal(town_run(&t, liu, make, &o, &err), RC_LIMIT);
	clock_unset();
	town_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scopes_are_words_and_writing_includes_reading),
		cmocka_unit_test(a_token_opens_until_its_day_or_its_revoking),
		cmocka_unit_test(a_token_needs_a_name_a_scope_an_end_and_a_person),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
