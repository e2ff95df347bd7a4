/* Problems and results as JSON, and the reasons: every unmatched student's reason agrees with the verifier's view. */
#include "base/rand.h"
#include "format/json.h"
#include "service/placement/match_json.h"
#include "service/placement/verify.h"
#include "tests.h"

static ssize_t from_str(void *ctx, char *to, size_t cap)
{
	str *s = ctx;
	size_t n = s->n < cap ? s->n : cap;
	if (n > 0)
		memcpy(to, s->p, n);
	*s = str_from(*s, n);
	return (ssize_t)n;
}

static enum rc read_text(struct arena *a, const char *text, struct match_input *out, struct err *err)
{
	str s = str_of(text);
	return match_read(a, from_str, &s, "in.json", out, err);
}

static const char *const plain =
	"{\"posts\":[{\"id\":\"A\",\"capacity\":1,\"priority\":[\"1\",\"2\",\"3\"]},"
	"{\"id\":\"B\",\"capacity\":2,\"priority\":[\"3\",\"2\",\"1\",\"9\"],\"reserves\":[{\"class\":"
	"\"rural\",\"places\":1}]}],"
	"\"extra\":[1,{\"x\":null}],"
	"\"students\":[{\"id\":\"1\",\"preferences\":[\"B\",\"A\"]},{\"id\":2,\"preferences\":[\"A\"],"
	"\"classes\":[\"rural\"]},"
	"{\"id\":\"3\",\"preferences\":[\"B\"]},{\"id\":\"4\",\"preferences\":[\"A\"]},{\"id\":\"5\"},"
	"{\"id\":\"6\",\"preferences\":[]}]}";

static void a_small_problem_is_read_solved_written_and_read_back(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	struct match_input in;
	tr_set(LANG_EN);
	assert_ok(read_text(&a, plain, &in, &err), &err);
	assert_int_equal(in.problem.students_n, 6);
	assert_int_equal(in.problem.posts_n, 2);
	uint32_t post_of[6], *back;
	match_solve(&a, &in.problem, post_of);
	assert_int_equal(post_of[0], 1);
	assert_int_equal(post_of[1], 0);
	assert_int_equal(post_of[2], 1);
	struct buf b = {0};
	match_write(&b, &in, post_of);
	struct json_v *v;
	assert_ok(json_read(&a, buf_str(&b), 0, &v, &err), &err);
	assert_int_equal(json_get(v, "matches")->n, 3);
	assert_int_equal(json_get(v, "unmatched")->n, 3);
	str s = json_get_str(&json_get(v, "unmatched")->items[0], "reason");
	assert_true(str_find(s, STR("leave you out")) != SIZE_MAX);
	s = json_get_str(&json_get(v, "unmatched")->items[1], "reason");
	assert_true(str_is(s, "no wish was handed in"));
	s = buf_str(&b);
	assert_ok(match_read_result(&a, &in, from_str, &s, "out.json", &back, &err), &err);
	assert_memory_equal(back, post_of, sizeof post_of);
	buf_clear(&b);
	struct match_holders h;
	match_holders(&a, &in.problem, post_of, &h);
	match_explain(&b, &h, &in.names, post_of, 0);
	assert_string_equal(b.p, "admitted to B, wish 1");
	tr_set(LANG_ZH);
	buf_clear(&b);
	match_explain(&b, &h, &in.names, post_of, 0);
	assert_non_null(strstr(b.p, "录用"));
	buf_done(&b);
	arena_done(&a);
}

static void bad_problems_are_refused_with_their_place(void **state)
{
	(void)state;
	static const char *const cases[] = {"", "[]", "{\"posts\":{}}", "{\"posts\":[1]}", "{\"posts\":[{}]}",
		"{\"posts\":[{\"id\":\"A\",\"capacity\":1}]}", "{\"posts\":[{\"id\":\"A\",\"priority\":[]}]}",
		"{\"posts\":[{\"id\":\"A\",\"capacity\":-1,\"priority\":[]}]}",
		"{\"posts\":[{\"id\":\"A\",\"capacity\":1.5,\"priority\":[]}]}",
		"{\"posts\":[{\"id\":\"A\",\"capacity\":\"1\",\"priority\":[]}]}",
		"{\"posts\":[{\"id\":\"A\",\"capacity\":1,\"priority\":[],\"reserves\":[{\"class\":\"x\","
		"\"places\":2}]}]}",
		"{\"posts\":[{\"id\":\"A\",\"capacity\":1,\"priority\":[]},{\"id\":\"A\",\"capacity\":1,"
		"\"priority\":[]}]}",
		"{\"posts\":[{\"id\":[],\"capacity\":1,\"priority\":[]}]}",
		"{\"posts\":[{\"id\":\"A\",\"capacity\":1,\"priority\":[{}]}]}",
		"{\"posts\":[{\"id\":\"A\",\"capacity\":1,\"priority\":7}]}",
		"{\"posts\":[{\"id\":\"A\",\"capacity\":1,\"priority\":[],\"reserves\":[2]}]}",
		"{\"posts\":[{\"id\":\"A\",\"capacity\":1,\"priority\":[],\"reserves\":[{\"class\":{}}]}]}",
		"{\"posts\":[{\"id\":\"A\",\"capacity\":1,\"priority\":[],\"reserves\":[{\"only\":",
		"{\"students\":[{\"preferences\":[]}]}",
		"{\"students\":[{\"id\":\"1\",\"preferences\":[\"Z\"]}]}",
		"{\"students\":[{\"id\":\"1\"},{\"id\":1}]}",
		"{\"students\":[{\"id\":\"1\",\"classes\":[[]]}]}", "{\"students\":[3]}",
		"{\"regions\":[{\"id\":\"R\",\"posts\":[]}]}", "{\"regions\":[4]}",
		"{\"regions\":[{\"id\":\"R\",\"cap\":1,\"posts\":[\"Z\"]}]}",
		"{\"regions\":[{\"id\":\"R\",\"cap\":1,\"posts\":[],\"targets\":[1]}]}",
		"{\"regions\":[{\"id\":\"R\",\"cap\":1,\"posts\":[],\"targets\":[\"1\"]}]}",
		"{\"regions\":[{\"cap\":1,\"posts\":[]}]}",
		"{\"posts\":[{\"id\":\"A\",\"capacity\":1,\"priority\":[]}],\"regions\":[{\"id\":\"R\","
		"\"cap\":1,\"posts\":[\"A\"]},"
		"{\"id\":\"Q\",\"cap\":1,\"posts\":[\"A\"]}]}",
		"{\"posts\":[{\"id\":\"A\",\"capacity\":1,\"priority\":[]}],\"regions\":[{\"id\":\"R\","
		"\"cap\":1,\"posts\":[\"A\"],"
		"\"targets\":[2]}]}",
		"{\"posts\":[{\"id\":\"A\",\"capacity\":1,\"priority\":[1,1]}],\"students\":[{\"id\":1,"
		"\"preferences\":[\"A\"]}]}",
		"{\"posts\":[{\"id\":\"A\",\"capacity\":1,\"priority\":[1]}],\"students\":[{\"id\":1,"
		"\"preferences\":[\"A\",\"A\"]}]}",
		"{} 7", "{\"x\":[1,}", "{\"posts\":[", "{\"posts\":[{\"id\":\"A\",",
		"{\"posts\":[{\"capacity\":01}]}", "{\"posts\":[{\"capacity\":2147483647}]}",
		"{\"students\":[{\"id\":\"1\",\"x\":]}]}",
		"{\"posts\":[{\"reserves\":[{\"note\":1,\"places\":-1}]}]}",
		"{\"regions\":[{\"id\":\"R\",\"cap\":1,\"posts\":[],\"targets\":[-1]}]}",
		"{\"regions\":[{\"id\":\"R\",\"cap\":1,\"x\":1,\"posts\":[],\"targets\":[1.5]}]}",
		"{\"regions\":[{\"id\":\"R\",\"cap\":1,\"posts\":[],\"targets\":[2147483647]}]}",
		"{\"posts\":[{\"id\":\"A\",\"capacity\":1,\"priority\":[],\"unit\":\"x\",\"reserves\":[{"
		"\"class\":\"\",\"places\":9}]}]}"};
	struct arena a = {0};
	struct err err = {0};
	struct match_input in;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		err = (struct err){0};
		if (read_text(&a, cases[i], &in, &err) != RC_INVALID || strstr(err.text, "in.json") == NULL)
			fail_msg("%s: %s", cases[i], err.text);
	}
	struct buf b = {0};
	buf_puts(&b, "{\"students\":[{\"id\":\"1\",\"classes\":[");
	for (int i = 0; i < 65; i++)
		buf_printf(&b, "%s\"c%d\"", i ? "," : "", i);
	buf_puts(&b, "]}]}");
	assert_int_equal(read_text(&a, b.p, &in, &err), RC_INVALID);
	buf_clear(&b);
	buf_puts(&b, "{\"posts\":[{\"id\":\"A\",\"capacity\":0,\"priority\":[],\"reserves\":[");
	for (int i = 0; i < 65; i++)
		buf_printf(&b, "%s{\"class\":\"c%d\",\"places\":0}", i ? "," : "", i);
	buf_puts(&b, "]}]}");
	assert_int_equal(read_text(&a, b.p, &in, &err), RC_INVALID);
	buf_done(&b);
	arena_done(&a);
}

static void results_that_do_not_fit_are_refused(void **state)
{
	(void)state;
	static const char *const cases[] = {"[]", "{\"matches\":[{\"student\":\"1\"}]}",
		"{\"matches\":[{\"student\":\"x\",\"post\":\"A\"}]}",
		"{\"matches\":[{\"student\":\"1\",\"post\":\"x\"}]}",
		"{\"matches\":[{\"student\":1,\"post\":\"A\"},{\"student\":1,\"post\":\"B\"}]}",
		"{\"matches\":[7]}", "{\"matches\":[{\"student\":{},\"post\":\"A\"}]}",
		"{\"matches\":[{\"post\":\"A\"}]}"};
	struct arena a = {0};
	struct err err = {0};
	struct match_input in;
	uint32_t *post_of;
	assert_ok(read_text(&a, plain, &in, &err), &err);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		str s = str_of(cases[i]);
		if (match_read_result(&a, &in, from_str, &s, "out.json", &post_of, &err) != RC_INVALID)
			fail_msg("%s", cases[i]);
	}
	str s = STR("{\"note\":1,\"matches\":[{\"student\":1,\"post\":\"A\",\"since\":2}]}");
	assert_ok(match_read_result(&a, &in, from_str, &s, "out.json", &post_of, &err), &err);
	assert_int_equal(post_of[0], 0);
	assert_int_equal(post_of[1], MATCH_NONE);
	arena_done(&a);
}

/* A random problem as JSON: groups, classes, ceilings. */
static void write_problem(struct buf *b, struct rng *r)
{
	uint32_t students = 1 + (uint32_t)rng_below(r, 9), posts = 1 + (uint32_t)rng_below(r, 4), all = 0;
	buf_puts(b, "{\"posts\":[");
	for (uint32_t i = 0; i < posts; i++) {
		uint32_t capacity = (uint32_t)rng_below(r, 4), k = (uint32_t)rng_below(r, capacity + 1);
		buf_printf(b,
			"%s{\"id\":\"p%u\",\"capacity\":%u,\"reserves\":[{\"class\":\"c%u\",\"places\":%u,"
			"\"only\":%s},"
			"{\"class\":null,\"places\":%u}],\"priority\":[",
			i ? "," : "", i, capacity, (unsigned)rng_below(r, 3), k,
			rng_below(r, 2) ? "true" : "false", (unsigned)rng_below(r, capacity - k + 1));
		all += capacity;
		uint32_t perm[9], n = 0;
		for (uint32_t s = 0; s < students; s++)
			if (rng_below(r, 6))
				perm[n++] = s;
		for (uint32_t s = n; s > 1; s--) {
			uint32_t x = (uint32_t)rng_below(r, s), y = perm[x];
			perm[x] = perm[s - 1];
			perm[s - 1] = y;
		}
		for (uint32_t s = 0; s < n; s++)
			buf_printf(b, "%s\"s%u\"", s ? "," : "", perm[s]);
		buf_puts(b, "]}");
	}
	buf_printf(b, "],\"regions\":[{\"id\":\"r\",\"cap\":%u,\"posts\":[\"p0\"%s]}],\"students\":[",
		(unsigned)rng_below(r, all + 1), posts > 1 ? ",\"p1\"" : "");
	for (uint32_t s = 0; s < students; s++) {
		buf_printf(b, "%s{\"id\":\"s%u\",\"classes\":[\"c%u\"],\"preferences\":[", s ? "," : "", s,
			(unsigned)rng_below(r, 3));
		uint32_t from = (uint32_t)rng_below(r, posts), n = (uint32_t)rng_below(r, posts + 1);
		for (uint32_t k = 0; k < n; k++)
			buf_printf(b, "%s\"p%u\"", k ? "," : "", (from + k) % posts);
		buf_puts(b, "]}");
	}
	buf_puts(b, "]}");
}

static void every_reason_agrees_with_the_facts(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	struct rng r;
	struct buf b = {0};
	int seen[4] = {0};
	rng_init(&r, 3);
	for (int k = 0; k < 20000; k++) {
		struct match_input in;
		struct match_holders h;
		uint32_t post_of[16];
		buf_clear(&b);
		arena_reset(&a);
		write_problem(&b, &r);
		assert_ok(read_text(&a, b.p, &in, &err), &err);
		match_solve(&a, &in.problem, post_of);
		assert_int_equal(match_verify(&a, &in.problem, post_of, NULL, 0), 0);
		match_holders(&a, &in.problem, post_of, &h);
		for (uint32_t s = 0; s < in.problem.students_n; s++)
			for (uint32_t w = in.problem.wish_at[s];
				w < in.problem.wish_at[s + 1] && in.problem.wish[w] != post_of[s]; w++) {
				struct match_reason why = match_why_not(&h, s, w);
				const struct match_post *post = &in.problem.post[in.problem.wish[w]];
				uint32_t held = h.at[in.problem.wish[w] + 1] - h.at[in.problem.wish[w]];
				seen[why.why]++;
				assert_int_equal(why.why == MATCH_WHY_NOT_ELIGIBLE,
					in.problem.rank[w] == MATCH_NOT_ELIGIBLE);
				if (why.why == MATCH_WHY_NOT_ELIGIBLE)
					continue;
				assert_int_equal(why.place, in.problem.rank[w] + 1);
				assert_true(why.last < why.place); /* else the student would block */
				if (why.why == MATCH_WHY_FILLED)
					assert_true(why.last > 0);
				if (why.why == MATCH_WHY_CEILING)
					assert_true(held < post->capacity &&
						    h.in_region[post->region] ==
							    in.problem.region[post->region].cap);
			}
		buf_clear(&b);
		match_write(&b, &in, post_of);
	}
	for (int i = 0; i < 4; i++)
		assert_true(seen[i] > 100);
	buf_done(&b);
	arena_done(&a);
}

static void reasons_hold_in_a_second_round_too(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	struct rng r;
	struct buf b = {0};
	rng_init(&r, 5);
	for (int k = 0; k < 3000; k++) {
		struct match_input in;
		struct match_holders h;
		uint32_t first[16], second[16];
		uint8_t state_of[16];
		buf_clear(&b);
		arena_reset(&a);
		write_problem(&b, &r);
		assert_ok(read_text(&a, b.p, &in, &err), &err);
		match_solve(&a, &in.problem, first);
		for (uint32_t s = 0; s < in.problem.students_n; s++)
			state_of[s] = first[s] == MATCH_NONE ? MATCH_SEEKS
				      : rng_below(&r, 2)     ? MATCH_CONFIRMED
							     : MATCH_OUT;
		in.problem.state = state_of;
		in.problem.confirmed = first;
		match_solve(&a, &in.problem, second);
		match_holders(&a, &in.problem, second, &h);
		for (uint32_t s = 0; s < in.problem.students_n; s++)
			for (uint32_t w = in.problem.wish_at[s];
				w < in.problem.wish_at[s + 1] && in.problem.wish[w] != second[s]; w++) {
				struct match_reason why = match_why_not(&h, s, w);
				if (state_of[s] == MATCH_SEEKS && why.why != MATCH_WHY_NOT_ELIGIBLE)
					assert_true(why.last < why.place);
			}
		for (uint32_t s = 0; s < in.problem.students_n; s++) {
			buf_clear(&b);
			match_explain(&b, &h, &in.names, second, s);
			assert_true(buf_ok(&b));
		}
	}
	buf_done(&b);
	arena_done(&a);
}

/* The instance of a peer's bug report, turned into our form. */
static void the_peers_bug_report_has_the_student_optimal_answer_in_any_order(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	const char *path = shared_data(&a, "matching/issue-159.json");
	if (path == NULL) {
		arena_done(&a);
		skip();
	}
	static char text[1 << 16];
	FILE *f = fopen(path, "r");
	size_t n = fread(text, 1, sizeof text, f);
	fclose(f);
	struct json_v *v;
	assert_ok(json_read(&a, (str){text, n}, 0, &v, &err), &err);
	const struct json_v *one = &v->items[0], *instance = json_get(one, "instance");
	const struct json_v *students = json_get(instance, "students"), *posts = json_get(instance, "posts");
	const struct json_v *want = json_get(one, "student_optimal");
	struct rng r;
	rng_init(&r, 9);
	for (int turn = 0; turn < 50; turn++) {
		struct buf b = {0};
		struct json j;
		size_t at[2] = {rng_below(&r, students->n), rng_below(&r, posts->n)};
		json_init(&j, &b);
		json_object(&j);
		json_key(&j, "posts");
		json_array(&j);
		for (size_t i = 0; i < posts->n; i++) {
			const struct json_member *m = &posts->members[(i + at[1]) % posts->n];
			const struct json_v *pref = json_get(&m->value, "pref");
			int64_t cap = 0;
			assert_true(json_get_i64(&m->value, "cap", &cap));
			json_object(&j);
			json_put_str(&j, "id", m->key);
			json_put_i64(&j, "capacity", cap);
			json_key(&j, "priority");
			json_array(&j);
			for (size_t k = 0; k < pref->n; k++)
				json_str(&j, pref->items[k].text);
			json_array_end(&j);
			json_object_end(&j);
		}
		json_array_end(&j);
		json_key(&j, "students");
		json_array(&j);
		for (size_t i = 0; i < students->n; i++) {
			const struct json_member *m = &students->members[(i + at[0]) % students->n];
			json_object(&j);
			json_put_str(&j, "id", m->key);
			json_key(&j, "preferences");
			json_array(&j);
			for (size_t k = 0; k < m->value.n; k++)
				json_str(&j, m->value.items[k].text);
			json_array_end(&j);
			json_object_end(&j);
		}
		json_array_end(&j);
		json_object_end(&j);
		struct match_input in;
		uint32_t post_of[128];
		size_t placed = 0;
		assert_ok(read_text(&a, b.p, &in, &err), &err);
		match_solve(&a, &in.problem, post_of);
		assert_int_equal(match_verify(&a, &in.problem, post_of, NULL, 0), 0);
		for (uint32_t s = 0; s < in.problem.students_n; s++) {
			str expected = json_get_str(want, arena_cstr(&a, in.names.student[s]));
			if (post_of[s] == MATCH_NONE)
				assert_int_equal(expected.n, 0);
			else
				assert_true(str_eq(expected, in.names.post[post_of[s]]));
			placed += post_of[s] != MATCH_NONE;
		}
		assert_int_equal(placed, want->n);
		buf_done(&b);
	}
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_problem_is_read_solved_written_and_read_back),
		cmocka_unit_test(bad_problems_are_refused_with_their_place),
		cmocka_unit_test(results_that_do_not_fit_are_refused),
		cmocka_unit_test(every_reason_agrees_with_the_facts),
		cmocka_unit_test(reasons_hold_in_a_second_round_too),
		cmocka_unit_test(the_peers_bug_report_has_the_student_optimal_answer_in_any_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
