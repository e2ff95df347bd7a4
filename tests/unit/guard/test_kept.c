/* What a person keeps at the desk: sealed, one's own, and gone when it is dropped or old. */
#include "base/clock.h"
#include "guard/kept.h"
#include "guard_city.h"

static struct town town;
static struct seal *seal;
static char key_path[80];

static void forget_keys(void)
{
	static const char *const tails[] = {"", "s", "s-wal", "s-shm"};
	char name[100];
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof name, "%s%s", key_path, tails[i]);
		unlink(name);
	}
}

static int open_town(void **state)
{
	struct err err;
	(void)state;
	town_open(&town, "kept");
	snprintf(key_path, sizeof key_path, "/tmp/qinghe-kept-%d.key", (int)getpid());
	forget_keys();
	assert_ok(seal_create(key_path, CRYPTO_INTERNATIONAL, 7, &err), &err);
	assert_ok(seal_open(key_path, true, &seal, &err), &err);
	assert_ok(seal_make_store(seal, 1, &err), &err);
	return 0;
}

static int close_town(void **state)
{
	(void)state;
	seal_close(seal);
	forget_keys();
	town_close(&town);
	return 0;
}

struct put {
	int64_t owner;
	const char *name, *body; /* body NULL: dropped */
};

static enum rc put_run(struct job_ctx *c, void *arg, struct err *err)
{
	const struct put *p = arg;
	return p->body ? kept_put(c, seal, p->owner, "draft", str_of(p->name), str_of(p->body), err)
		       : kept_drop(c, p->owner, "draft", str_of(p->name), err);
}

static void put(int64_t owner, const char *name, const char *body)
{
	struct err err;
	struct put p = {owner, name, body};
	assert_ok(town_run(&town, actor_operator(), put_run, &p, &err), &err);
}

static str get(int64_t owner, const char *name)
{
	struct err err;
	struct kept k = {0};
	bool there;
	assert_ok(kept_get(writer_db(town.w), &town.a, seal, owner, "draft", str_of(name), &k, &there, &err),
		&err);
	return there ? k.body : (str){NULL, 0};
}

static void what_is_kept_comes_back_to_its_owner_alone(void **state)
{
	(void)state;
	put(5, "visit", "一份草稿");
	put(5, "visit:12", "另一份");
	assert_true(str_is(get(5, "visit"), "一份草稿"));
	assert_int_equal(get(6, "visit").n, 0);
	put(5, "visit", "改过的草稿");
	assert_true(str_is(get(5, "visit"), "改过的草稿"));
	assert_int_equal(town_count(&town, "SELECT COUNT(*) FROM kept"), 2);
}

static void it_lies_sealed_and_does_not_open_under_another_name(void **state)
{
	struct err err;
	struct kept k;
	struct stmt *s;
	bool there;
	(void)state;
	assert_ok(db_prepare(writer_db(town.w), "SELECT body FROM kept", &s, &err), &err);
	for (;;) {
		assert_ok(stmt_step(s, &there, &err), &err);
		if (!there)
			break;
		assert_true(stmt_blob(s, 0).n > 0);
		assert_false(str_find(stmt_blob(s, 0), STR("草稿")) != SIZE_MAX);
	}
	assert_ok(
		db_exec(writer_db(town.w), "UPDATE kept SET owner = 9 WHERE name = 'visit:12'", &err), &err);
	assert_int_equal(
		kept_get(writer_db(town.w), &town.a, seal, 9, "draft", STR("visit:12"), &k, &there, &err),
		RC_IO);
	assert_ok(
		db_exec(writer_db(town.w), "UPDATE kept SET owner = 5 WHERE name = 'visit:12'", &err), &err);
}

static void all_of_a_kind_come_by_the_head_of_their_names(void **state)
{
	struct err err;
	struct kept *list;
	size_t n;
	(void)state;
	put(5, "vise", "x");
	put(5, "visitor", "x");
	assert_ok(
		kept_list(writer_db(town.w), &town.a, seal, 5, "draft", STR("visit"), &list, &n, &err), &err);
	assert_int_equal(n, 3);
	assert_true(str_is(list[0].name, "visit") && str_is(list[1].body, "另一份") &&
		    str_is(list[2].name, "visitor"));
}

static void dropped_is_gone_and_old_drafts_go_by_themselves(void **state)
{
	(void)state;
	put(5, "visit", NULL);
	assert_int_equal(get(5, "visit").n, 0);
	put(5, "nothing", NULL);
	clock_set(clock_now_ms() + (int64_t)(KEPT_DRAFT_DAYS + 1) * 86400000, false);
	put(6, "new", "x");
	clock_unset();
	assert_int_equal(town_count(&town, "SELECT COUNT(*) FROM kept"), 1);
}

static void too_long_is_refused(void **state)
{
	struct err err;
	(void)state;
	char *long_text = arena_alloc(&town.a, KEPT_MAX_BYTES + 2);
	memset(long_text, 'x', KEPT_MAX_BYTES + 1);
	struct put p = {5, "long", long_text};
	assert_int_equal(town_run(&town, actor_operator(), put_run, &p, &err), RC_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_kept_comes_back_to_its_owner_alone),
		cmocka_unit_test(it_lies_sealed_and_does_not_open_under_another_name),
		cmocka_unit_test(all_of_a_kind_come_by_the_head_of_their_names),
		cmocka_unit_test(dropped_is_gone_and_old_drafts_go_by_themselves),
		cmocka_unit_test(too_long_is_refused),
	};
	return cmocka_run_group_tests(tests, open_town, close_town);
}
