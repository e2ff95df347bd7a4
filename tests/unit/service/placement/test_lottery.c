/* The lottery: recomputed by sha256sum as the page of documentation says, fair, bound to seed and list. */
#include "base/rand.h"
#include "service/placement/lottery.h"
#include "tests.h"
#include <sys/wait.h>

static const str names[] = {{"S003", 4}, {"S001", 4}, {"张三", 6}, {"S002", 4}};

static void the_order_does_not_depend_on_the_order_of_the_list(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	struct lottery x, y;
	str turned[4] = {names[2], names[0], names[3], names[1]};
	assert_ok(lottery_draw(&a, STR("0123456789abcdef"), STR("385"), names, 4, &x, &err), &err);
	assert_ok(lottery_draw(&a, STR("0123456789abcdef"), STR("385"), turned, 4, &y, &err), &err);
	assert_true(hash_eq(&x.list, &y.list) && hash_eq(&x.commitment, &y.commitment));
	for (size_t i = 0; i < 4; i++)
		assert_true(str_eq(x.order[i].entry, y.order[i].entry));
	assert_ok(lottery_draw(&a, STR("0123456789abcdef"), STR("386"), turned, 4, &y, &err), &err);
	assert_true(hash_eq(&x.commitment, &y.commitment)); /* bound before the public number is known */
	assert_false(hash_eq(&x.key, &y.key));
	assert_ok(lottery_draw(&a, STR("0123456789abcdeg"), STR("385"), turned, 4, &y, &err), &err);
	assert_false(hash_eq(&x.commitment, &y.commitment));
	assert_ok(lottery_draw(&a, STR("0123456789abcdef"), STR("385"), turned, 3, &y, &err), &err);
	assert_false(hash_eq(&x.commitment, &y.commitment));
	arena_done(&a);
}

/* The shell commands of docs/lottery.md, word for word, against the program. */
static void the_page_of_documentation_gives_the_same_order(void **state)
{
	(void)state;
	FILE *page = fopen("docs/lottery.md", "r");
	assert_non_null(page);
	char script[4096] = "cd \"$1\" || exit 1\n", line[512];
	bool in = false;
	while (fgets(line, sizeof line, page)) {
		if (strncmp(line, "```", 3) == 0) {
			in = !in && strncmp(line, "```sh", 5) == 0;
			continue;
		}
		if (in)
			strncat(script, line, sizeof script - strlen(script) - 1);
	}
	fclose(page);
	strncat(script, "echo C $C\n", sizeof script - strlen(script) - 1);
	char folder[] = "/tmp/qinghe-lottery-XXXXXX", path[128], out_path[128];
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/list.txt", folder);
	snprintf(out_path, sizeof out_path, "%s/out.txt", folder);
	FILE *list = fopen(path, "w");
	for (int i = 0; i < 4; i++)
		fprintf(list, "%.*s\n", STR_ARG(names[i]));
	fclose(list);
	pid_t pid = fork();
	if (pid == 0) {
		if (freopen(out_path, "w", stdout) == NULL)
			_exit(1);
		execlp("sh", "sh", "-c", script, "sh", folder, (char *)NULL);
		_exit(127);
	}
	int status;
	waitpid(pid, &status, 0);
	struct arena a = {0};
	struct err err = {0};
	struct lottery l;
	char seed[16];
	assert_true(hex_parse(STR("00112233445566778899aabbccddeeff"), seed, sizeof seed));
	assert_ok(lottery_draw(&a, (str){seed, sizeof seed}, STR("385"), names, 4, &l, &err), &err);
	FILE *out = fopen(out_path, "r");
	for (size_t i = 0; i < l.n; i++) {
		assert_non_null(fgets(line, sizeof line, out));
		const char *want = arena_printf(&a, "%zu\t%.*s\n", i + 1, STR_ARG(l.order[i].entry));
		assert_string_equal(line + strspn(line, " "), want);
	}
	assert_non_null(fgets(line, sizeof line, out));
	assert_string_equal(
		line, arena_printf(&a, "C %.*s\n", STR_ARG(hex_str(&a, l.commitment.b, HASH_BYTES))));
	fclose(out);
	unlink(path);
	unlink(out_path);
	rmdir(folder);
	arena_done(&a);
}

static void every_entry_gets_every_number_about_equally_often(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	struct rng r;
	int count[4][4] = {{0}};
	rng_init(&r, 1);
	enum { N = 8000 };
	for (int k = 0; k < N; k++) {
		struct lottery l;
		uint64_t seed[2] = {rng_next(&r), rng_next(&r)};
		arena_reset(&a);
		assert_ok(lottery_draw(&a, (str){(char *)seed, 16}, STR(""), names, 4, &l, &err), &err);
		for (size_t i = 0; i < 4; i++)
			for (size_t e = 0; e < 4; e++)
				count[i][e] += str_eq(l.order[i].entry, names[e]);
	}
	for (int i = 0; i < 4; i++)
		for (int e = 0; e < 4; e++)
			assert_in_range(count[i][e], N / 4 - 200, N / 4 + 200);
	arena_done(&a);
}

static void bad_seeds_and_lists_are_refused(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	struct lottery l;
	static const char long_seed[65] = "x";
	str twice[2] = {names[0], names[0]}, empty[1] = {{NULL, 0}}, lined[1] = {STR("a\nb")};
	assert_int_equal(lottery_draw(&a, STR("short"), STR(""), names, 4, &l, &err), RC_INVALID);
	assert_int_equal(lottery_draw(&a, (str){long_seed, 65}, STR(""), names, 4, &l, &err), RC_INVALID);
	assert_int_equal(
		lottery_draw(&a, STR("0123456789abcdef"), STR("1\n2"), names, 4, &l, &err), RC_INVALID);
	assert_int_equal(lottery_draw(&a, STR("0123456789abcdef"), STR(""), twice, 2, &l, &err), RC_INVALID);
	assert_int_equal(lottery_draw(&a, STR("0123456789abcdef"), STR(""), empty, 1, &l, &err), RC_INVALID);
	assert_int_equal(lottery_draw(&a, STR("0123456789abcdef"), STR(""), lined, 1, &l, &err), RC_INVALID);
	assert_int_equal(
		lottery_draw(&a, STR("0123456789abcdef"), STR(""), names, LOTTERY_ENTRIES_MAX + 1, &l, &err),
		RC_LIMIT);
	assert_ok(lottery_draw(&a, STR("0123456789abcdef"), STR(""), NULL, 0, &l, &err), &err);
	assert_int_equal(l.n, 0);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_order_does_not_depend_on_the_order_of_the_list),
		cmocka_unit_test(the_page_of_documentation_gives_the_same_order),
		cmocka_unit_test(every_entry_gets_every_number_about_equally_often),
		cmocka_unit_test(bad_seeds_and_lists_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
