/* The JSON reader against JSONTestSuite: y_ files are read, n_ files are refused, i_ files do no harm. */
#include "base/rand.h"
#include "format/jpull.h"
#include "format/json.h"
#include "tests.h"
#include <dirent.h>
#include <fcntl.h>
#include <sys/wait.h>

static bool reads(str bytes)
{
	struct jpull p;
	jpull_init_str(&p, &bytes);
	enum jpull_kind k;
	while ((k = jpull_next(&p)) > JPULL_END)
		;
	bool ok = k == JPULL_END;
	assert_int_equal(ok, p.fault == NULL);
	jpull_done(&p);
	return ok;
}

static void small_texts_are_read_or_refused(void **state)
{
	(void)state;
	static const char *const good[] = {"[]", "{}", " [1, -2.5e+3 ,\"a\\u00e9\\n\"] ", "true", "null", "0",
		"-0", "{\"a\":{\"b\":[{}]},\"c\":\"\\ud83d\\ude00\"}", "\"\""};
	static const char *const not_good[] = {"", "[", "[1,]", "{\"a\":1,}", "{a:1}", "01", "1.", "-", "+1",
		"1e", "[1 2]", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\x\"", "\"a", "tru",
		"nul", "[]]", "{\"a\" 1}", "\"\x01\"", "\"\xff\"", "[1}", "{\"a\":1]", "\"\\u12g4\"",
		"\"\\ud800\\n\"", "{1:2}"};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		if (!reads(str_of(good[i])))
			fail_msg("refused: %s", good[i]);
	for (size_t i = 0; i < sizeof not_good / sizeof *not_good; i++)
		if (reads(str_of(not_good[i])))
			fail_msg("read: %s", not_good[i]);
}

static ssize_t one_by_one(void *ctx, char *to, size_t cap)
{
	str *s = ctx;
	if (s->n == 0 || cap == 0)
		return 0;
	*to = s->p[0];
	*s = str_from(*s, 1);
	return 1;
}

static void bytes_that_come_one_by_one_make_the_same_pieces(void **state)
{
	(void)state;
	const char *text = "{\"n\u00e4me\":[\"two\\\"\",-12.5e3,true,false,null,{\"k\":\"\\u4e2d\u6587\"}],"
			   "\n \"z\":\"\"}";
	str a = str_of(text), b = a;
	struct jpull p, q;
	jpull_init_str(&p, &a);
	jpull_init(&q, one_by_one, &b);
	for (;;) {
		enum jpull_kind k = jpull_next(&p);
		assert_int_equal(k, jpull_next(&q));
		assert_true(str_eq(p.text, q.text));
		assert_int_equal(p.line, q.line);
		assert_int_equal(jpull_column(&p), jpull_column(&q));
		if (k <= JPULL_END)
			break;
	}
	assert_int_equal(p.line, 2);
	jpull_done(&p);
	jpull_done(&q);
}

static void a_skipped_value_leaves_the_next_key(void **state)
{
	(void)state;
	str s = STR("{\"a\":[1,{\"x\":[2]}],\"b\":3}");
	struct jpull p;
	jpull_init_str(&p, &s);
	assert_int_equal(jpull_next(&p), JPULL_OBJECT);
	assert_int_equal(jpull_next(&p), JPULL_KEY);
	assert_true(jpull_skip(&p, jpull_next(&p)));
	assert_int_equal(jpull_next(&p), JPULL_KEY);
	assert_true(str_is(p.text, "b"));
	assert_true(jpull_skip(&p, jpull_next(&p)));
	assert_int_equal(jpull_next(&p), JPULL_OBJECT_END);
	assert_int_equal(jpull_next(&p), JPULL_END);
	jpull_done(&p);
	s = STR("[[1,}");
	jpull_init_str(&p, &s);
	assert_false(jpull_skip(&p, jpull_next(&p)));
	assert_false(jpull_skip(&p, JPULL_BAD));
	struct err err = {0};
	assert_int_equal(jpull_fail(&p, "in.json", &err), RC_INVALID);
	assert_non_null(strstr(err.text, "in.json"));
	jpull_done(&p);
}

static ssize_t broken(void *ctx, char *to, size_t cap)
{
	(void)ctx, (void)to, (void)cap;
	return -1;
}

static void a_reader_that_fails_is_told(void **state)
{
	(void)state;
	struct jpull p;
	jpull_init(&p, broken, NULL);
	assert_int_equal(jpull_next(&p), JPULL_BAD);
	assert_int_equal(jpull_next(&p), JPULL_BAD);
	assert_non_null(p.fault);
	jpull_done(&p);
}

static void quoted_text_reads_back(void **state)
{
	(void)state;
	struct rng r;
	rng_init(&r, 5);
	struct buf b = {0};
	for (int i = 0; i < 20000; i++) {
		char text[16];
		size_t n = rng_below(&r, sizeof text);
		for (size_t j = 0; j < n; j++)
			text[j] = (char)rng_below(&r, 128);
		buf_clear(&b);
		json_quote(&b, (str){text, n});
		str s = buf_str(&b);
		struct jpull p;
		jpull_init_str(&p, &s);
		assert_int_equal(jpull_next(&p), JPULL_STRING);
		assert_true(str_eq(p.text, (str){text, n}));
		jpull_done(&p);
	}
	buf_done(&b);
}

static void json_test_suite_keeps_its_verdicts(void **state)
{
	(void)state;
	struct arena a = {0};
	const char *tar = shared_data(&a, "suites/jsontestsuite.tar.gz");
	char folder[] = "/tmp/qinghe-json-XXXXXX";
	if (tar == NULL) {
		arena_done(&a);
		skip();
	}
	assert_non_null(mkdtemp(folder));
	const char *script = arena_printf(&a,
		"cd %s && tar xzf \"$OLDPWD/%s\" 2>/dev/null || tar xzf %s; "
		"find . -name '*.json' | while read -r f; do mv \"$f\" .; done 2>/dev/null",
		folder, tar, tar);
	pid_t pid = fork();
	if (pid == 0) {
		execlp("sh", "sh", "-c", script, (char *)NULL);
		_exit(127);
	}
	int status, yes = 0, no = 0, either = 0;
	waitpid(pid, &status, 0);
	DIR *dir = opendir(folder);
	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir));) {
		static char bytes[1 << 20];
		int fd = open(arena_printf(&a, "%s/%s", folder, e->d_name), O_RDONLY);
		ssize_t n = read(fd, bytes, sizeof bytes);
		close(fd);
		if (n < 0 || e->d_name[1] != '_')
			continue;
		bool ok = reads((str){bytes, (size_t)n});
		if ((e->d_name[0] == 'y' && !ok) || (e->d_name[0] == 'n' && ok))
			fail_msg("%s: %s", e->d_name, ok ? "read" : "refused");
		yes += e->d_name[0] == 'y';
		no += e->d_name[0] == 'n';
		either += e->d_name[0] == 'i';
	}
	closedir(dir);
	print_message("# %d read, %d refused, %d either\n", yes, no, either);
	assert_true(yes > 90 && no > 180);
	pid = fork();
	if (pid == 0) {
		execlp("rm", "rm", "-rf", folder, (char *)NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_texts_are_read_or_refused),
		cmocka_unit_test(bytes_that_come_one_by_one_make_the_same_pieces),
		cmocka_unit_test(a_skipped_value_leaves_the_next_key),
		cmocka_unit_test(a_reader_that_fails_is_told),
		cmocka_unit_test(quoted_text_reads_back),
		cmocka_unit_test(json_test_suite_keeps_its_verdicts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
